"""utils, config, and the small ground floor: seeds, variables, components, checks."""

import copy
import pickle
from pathlib import Path

import numpy as np
import pytest

import lamina
from lamina import Variable, config, utils
from lamina.errors import ArgumentError, ConfigError, DataError, LaminaError, OptionError, ShapeError, did_you_mean
from lamina.utils.component import Component, Registry, parameters, serialize
from lamina.utils.seeds import generator, next_generator

RECORDED = np.load(Path(__file__).parent / "references" / "utils.npz")
RAGGED = [[1], [2, 3, 4], [], [5, 6]]


class TestPadSequences:
    @pytest.mark.parametrize("padding", ["pre", "post"])
    @pytest.mark.parametrize("truncating", ["pre", "post"])
    @pytest.mark.parametrize("maxlen", [None, 2, 5])
    def test_equals_keras(self, padding, truncating, maxlen):
        found = utils.pad_sequences(RAGGED, maxlen, padding=padding, truncating=truncating, value=9)
        np.testing.assert_array_equal(found, RECORDED[f"pad/{padding}/{truncating}/{maxlen}"])
        assert found.dtype == np.int32

    def test_steps_of_several_numbers(self):
        found = utils.pad_sequences([[[1, 2]], [[3, 4], [5, 6]]], dtype="float32", value=-1)
        assert found.tolist() == [[[-1, -1], [1, 2]], [[3, 4], [5, 6]]]
        assert utils.pad_sequences([["a"], ["b", "c"]], dtype=object, value="").tolist() == [["", "a"], ["b", "c"]]

    def test_refused(self):
        with pytest.raises(OptionError, match="expected one of 'pre', 'post', received 'left'"):
            utils.pad_sequences(RAGGED, padding="left")
        with pytest.raises(DataError, match="expected a list of sequences"):
            utils.pad_sequences([1, 2])
        with pytest.raises(DataError, match=r"sequence 1: expected steps of shape \(2,\), received \(3,\)"):
            utils.pad_sequences([[[1, 2]], [[1, 2, 3]]])
        with pytest.raises(OptionError, match="dtype=object"):
            utils.pad_sequences(RAGGED, value="x")


class TestNumbers:
    def test_to_categorical(self):
        np.testing.assert_array_equal(utils.to_categorical([0, 2, 1]), RECORDED["categorical"])
        np.testing.assert_array_equal(utils.to_categorical([[[0], [1]]], 3), RECORDED["categorical_deep"])
        with pytest.raises(DataError, match=r"to_categorical: x\[1\]: expected a whole number from 0 to 2, received 3"):
            utils.to_categorical([0, 3], 3)
        with pytest.raises(DataError, match=r"x\[0\].*received -1"):
            utils.to_categorical([-1, 1])
        with pytest.raises(DataError, match="at least one class number"):
            utils.to_categorical([])

    @pytest.mark.parametrize(("axis", "order"), [(-1, 2), (-1, 1), (-1, 3)])
    def test_normalize(self, axis, order):
        np.testing.assert_allclose(
            utils.normalize(RECORDED["normalize/x"], axis, order), RECORDED[f"normalize/{axis}/{order}"], rtol=1e-6
        )

    def test_images_and_types(self):
        assert utils.img_to_array(np.zeros((2, 3, 3), "uint8")).dtype == np.float32
        assert utils.img_to_array(np.zeros((2, 3)), "channels_first").shape == (1, 2, 3)
        with pytest.raises(ShapeError, match=r"\(height, width\)"):
            utils.img_to_array(np.zeros(3))
        assert utils.standardize_dtype("float64") == "float64"
        with pytest.raises(OptionError, match="unknown dtype"):
            utils.standardize_dtype("floaty")

    def test_packing(self):
        assert utils.pack_x_y_sample_weight(1) == 1 and utils.pack_x_y_sample_weight((1, 2)) == ((1, 2),)
        assert utils.pack_x_y_sample_weight(1, 2, 3) == (1, 2, 3)
        assert utils.unpack_x_y_sample_weight([1, 2]) == (1, 2, None) and utils.unpack_x_y_sample_weight(1) == (
            1,
            None,
            None,
        )
        with pytest.raises(DataError, match="4 parts"):
            utils.unpack_x_y_sample_weight((1, 2, 3, 4))


class TestSplits:
    def test_shares_and_counts(self):
        x, y = np.arange(10), np.arange(10) * 2
        left, right = utils.split_dataset((x, y), left_size=0.7)
        assert left[0].tolist() == list(range(7)) and right[1].tolist() == [14, 16, 18] and isinstance(left, tuple)
        assert len(utils.split_dataset(x, right_size=3)[0]) == 7
        left, right = utils.split_dataset(x, left_size=2, right_size=3)
        assert left.tolist() == [0, 1] and right.tolist() == [2, 3, 4]

    def test_shuffled(self):
        first, second = (utils.split_dataset(np.arange(50), 0.5, shuffle=True, seed=4) for _ in range(2))
        np.testing.assert_array_equal(first[0], second[0])
        assert sorted(np.concatenate(first)) == list(range(50)) and first[0].tolist() != list(range(25))

    @pytest.mark.parametrize(
        ("sizes", "said"),
        [
            ((None, None), "left_size or right_size"),
            ((1.5, None), "a share below 1"),
            ((0, None), "1 to 10 rows"),
            ((8, 8), "two parts"),
            ((0.999, None), "two parts"),
        ],
    )
    def test_refused(self, sizes, said):
        with pytest.raises(OptionError, match=said):
            utils.split_dataset(np.arange(10), *sizes)

    def test_lengths_that_differ(self):
        with pytest.raises(DataError, match="arrays of equal length"):
            utils.split_dataset((np.arange(3), np.arange(4)), 0.5)


class TestWindows:
    OPTIONS = [
        {"sequence_length": 3},
        {"sequence_length": 3, "sequence_stride": 2, "batch_size": 2},
        {"sequence_length": 2, "sampling_rate": 3, "batch_size": 4},
        {"sequence_length": 3, "start_index": 2, "end_index": 11},
    ]

    @pytest.mark.parametrize("number", range(len(OPTIONS)))
    @pytest.mark.parametrize("targets", [False, True])
    def test_equals_keras(self, number, targets):
        data = np.arange(14.0)
        found = utils.timeseries_dataset_from_array(data, data * 10 if targets else None, **self.OPTIONS[number])
        key = f"windows/{number}/{'targets' if targets else 'bare'}"
        assert len(found) == RECORDED[f"{key}/count"]
        for place, batch in enumerate(found):
            x, y = batch if targets else (batch, None)
            np.testing.assert_array_equal(x, RECORDED[f"{key}/{place}/x"])
            if targets:
                np.testing.assert_array_equal(y, RECORDED[f"{key}/{place}/y"])

    def test_in_a_random_order(self):
        data = np.arange(100)
        found = utils.timeseries_dataset_from_array(data, None, 2, shuffle=True, seed=1, batch_size=None)
        starts = [window[0] for window in found]
        assert sorted(starts) == list(range(99)) and starts != sorted(starts)

    def test_refused(self):
        with pytest.raises(OptionError, match=r"sequence_length=...\): expected a whole number of 1 or more"):
            utils.timeseries_dataset_from_array(np.arange(4), None, 0)
        with pytest.raises(DataError, match="expected more than 9 steps, received 4"):
            utils.timeseries_dataset_from_array(np.arange(4), None, 10)
        with pytest.raises(OptionError, match="expected steps of 0 to 4"):
            utils.timeseries_dataset_from_array(np.arange(4), None, 2, end_index=9)


class TestDatasets:
    def test_bad_arguments(self):
        with pytest.raises(OptionError, match="use workers=4"):
            utils.PyDataset(use_multiprocessing=True)
        with pytest.raises(OptionError, match=r"PyDataset\(workers=...\)"):
            utils.PyDataset(workers=0)


class TestFiles:
    def test_fetched_once_and_checked(self, tmp_path):
        source = tmp_path / "source.txt"
        source.write_text("hello")
        md5 = "5d41402abc4b2a76b9719d911017c592"
        path = Path(utils.get_file("a.txt", source.as_uri(), file_hash=md5, cache_dir=tmp_path / "cache"))
        assert path.read_text() == "hello" and path.parent == tmp_path / "cache" / "datasets"
        source.write_text("changed")
        assert (
            Path(utils.get_file("a.txt", source.as_uri(), file_hash=md5, cache_dir=tmp_path / "cache")).read_text()
            == "hello"
        )
        with pytest.raises(utils.DownloadError, match=f"a.txt is not what it should be: expected the hash {md5}"):
            utils.get_file("a.txt", source.as_uri(), file_hash=md5, cache_dir=tmp_path / "cache", force_download=True)
        assert path.read_text() == "hello", "what was there stays"
        assert [file.name for file in path.parent.iterdir()] == ["a.txt"], "nothing half-written is left"

    def test_without_a_network(self, tmp_path):
        missing = (tmp_path / "none.bin").as_uri()
        with pytest.raises(OSError, match=r"can't fetch none.bin.*\n.*put it at .*none.bin"):
            utils.get_file(origin=missing, cache_dir=tmp_path)
        with pytest.raises(OptionError, match="an address"):
            utils.get_file("x")


class TestNames:
    def test_registration(self):
        @utils.register_keras_serializable("mine")
        class Thing:
            pass

        assert utils.get_registered_name(Thing) == "mine>Thing" and utils.get_registered_object("mine>Thing") is Thing
        assert utils.get_custom_objects()["mine>Thing"] is Thing
        with utils.CustomObjectScope({"Other": Thing}):
            assert utils.get_registered_object("Other") is Thing
        assert utils.get_registered_object("Other") is None
        utils.clear_session()


class TestConfig:
    def test_settings(self):
        config.set_epsilon(1e-3)
        config.set_image_data_format("channels_first")
        assert (
            config.epsilon() == 1e-3 and config.image_data_format() == "channels_first" and config.backend() == "numpy"
        )
        assert config.standardize_data_format(None) == "channels_first"
        with pytest.raises(OptionError, match="expected one of float16, float32, float64, received 'int8'"):
            config.set_floatx("int8")
        with pytest.raises(OptionError, match="unknown data_format"):
            config.set_image_data_format("channels_middle")

    def test_interactive_logging(self):
        utils.disable_interactive_logging()
        assert not utils.is_interactive_logging_enabled()
        utils.enable_interactive_logging()
        assert config.is_interactive_logging_enabled()


class TestSeeds:
    def test_one_seed_one_tree(self):
        lamina.utils.set_random_seed(7)
        first = [next_generator().random() for _ in range(3)]
        lamina.utils.set_random_seed(7)
        assert first == [next_generator().random() for _ in range(3)] and len(set(first)) == 3

    def test_seed_arguments(self):
        rng = np.random.default_rng(3)
        assert generator(rng) is rng and generator(3).random() == np.random.default_rng(3).random()
        for seed in (-1, 1.5, "x", True):
            with pytest.raises(OptionError, match="a whole number of 0 or more"):
                generator(seed)
        with pytest.raises(OptionError, match="set_random_seed"):
            lamina.utils.set_random_seed(-1)

    def test_numpy_and_python_follow(self):
        import random

        drawn = []
        for _ in range(2):
            lamina.utils.set_random_seed(5)
            drawn.append((random.random(), np.random.rand()))  # noqa: NPY002
        assert drawn[0] == drawn[1]


class TestVariable:
    def test_as_an_array(self):
        w = Variable([1.0, 2.0], dtype="float32", name="w")
        assert (w * 2).tolist() == [2.0, 4.0] and np.sum(w) == 3.0 and w[1] == 2.0 and len(w) == 2
        w += 1
        assert isinstance(w, Variable) and w.value.tolist() == [2.0, 3.0]
        assert float(Variable(3)) == 3.0 and repr(w) == "<Variable w, shape (2,), float32>"
        assert w.assign_add([1, 1]).assign_sub([2, 2]).numpy().tolist() == [1.0, 2.0]
        with pytest.raises(ShapeError, match=r"variable 'w': expected \(2,\), received \(3,\)"):
            w.assign([1, 2, 3])

    def test_gradients_accumulate(self):
        w = Variable(np.zeros((2, 2)))
        x = np.arange(4.0).reshape(2, 2)
        w.accumulate(np.matmul, x, x)
        w.accumulate(np.matmul, x, x)
        np.testing.assert_array_equal(w.grad, 2 * x @ x)
        w.reset_grad()
        w.accumulate(np.sum, np.ones((3, 2, 2)), axis=0)
        np.testing.assert_array_equal(w.grad, np.full((2, 2), 3.0))


class TestComponent:
    class Thing(Component):
        def __init__(self, size, scale=1.0, part=None):
            self.size, self.scale, self.part = size, scale, part

    def test_config(self):
        inner = self.Thing(1)
        thing = self.Thing(np.int64(3), part=inner)
        assert thing.get_config() == {
            "size": 3,
            "scale": 1.0,
            "part": {"class_name": "Thing", "config": {"size": 1, "scale": 1.0, "part": None}},
        }
        assert repr(self.Thing(2, scale=3)) == "Thing(size=2, scale=3)"
        assert copy.deepcopy(thing).size == 3 and pickle.loads(pickle.dumps(inner)).get_config() == inner.get_config()

    def test_arguments_handed_on(self):
        class Child(self.Thing):
            def __init__(self, extra, **rest):
                super().__init__(**rest)
                self.extra = extra

        assert list(parameters(Child)) == ["extra", "size", "scale", "part"]
        with pytest.raises(ArgumentError, match="Child has no argument 'sclae'.\nLikely mend: did you mean 'scale'?"):
            Child(1, size=2, sclae=3)

    def test_registry(self):
        registry = Registry("thing", self.Thing)
        registry.add(self.Thing, "t")
        assert registry.get({"class_name": "t", "config": {"size": 1}}).size == 1
        with pytest.raises(
            ArgumentError,
            match="can't read this as a thing: expected a name, an instance of Thing or a config, received 3",
        ):
            registry.get(3)
        with pytest.raises(ConfigError, match="not the config of a thing"):
            registry.get({"size": 3})
        with pytest.raises(OptionError, match="unknown thing 'tt'"):
            registry.get("tt")

    def test_what_no_config_can_hold(self):
        with pytest.raises(ConfigError, match="an object can't stand in a configuration"):
            serialize(object())


class TestErrors:
    def test_message(self):
        error = LaminaError("layer 'a'", expected="1", received="2", mend="do this")
        error.chain = "(batch, 3) -> a"
        assert (
            str(error) == "layer 'a': expected 1, received 2.\nShapes so far: (batch, 3) -> a.\nLikely mend: do this."
        )
        assert str(pickle.loads(pickle.dumps(error))) == str(error)

    def test_suggestions(self):
        assert did_you_mean("adma", ["Adam", "Adamax"]) == "did you mean 'Adam'?"
        assert did_you_mean("rleu", ["ReLU", "relu"]) == "did you mean 'relu'?"
        assert did_you_mean("ReLu", ["ReLU", "relu"]) == "did you mean 'ReLU'?"
        assert did_you_mean("x", ["b", "a"], ["c"]) == "use one of a, b"
