"""utils, config, and the small ground floor: seeds, variables, components, checks."""

import copy
import pickle

import numpy as np
import pytest

import lamina
from lamina import Variable, config, utils
from lamina.errors import ArgumentError, ConfigError, LaminaError, OptionError, ShapeError, did_you_mean
from lamina.utils.component import Component, Registry, parameters, serialize
from lamina.utils.seeds import generator, next_generator


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
    def test_python_s_floats_have_the_default_type(self):
        for value in (1.5, [1.5, 2.0], [[1.5]], lambda shape, dtype: np.ones(shape, dtype)):
            assert Variable(value, shape=(1,)).dtype == "float32"
        assert Variable(np.array([1.5])).dtype == "float64" and Variable([1, 2]).dtype == "int64"
        with pytest.raises(ArgumentError, match="Variable: expected numbers, or a function"):
            Variable("zeros", (2,))

    def test_as_an_array(self):
        w = Variable([1.0, 2.0], dtype="float32", name="w")
        assert (w * 2).tolist() == [2.0, 4.0] and np.sum(w) == 3.0 and w[1] == 2.0 and len(w) == 2
        w += 1
        assert isinstance(w, Variable) and w.value.tolist() == [2.0, 3.0]
        assert float(Variable(3)) == 3.0 and repr(w) == "<Variable w, shape (2,), float32>"
        assert repr(Variable(0.5, name="rate")) == "<Variable rate, shape (), float32, value 0.5>"
        assert w.assign_add([1, 1]).assign_sub([2, 2]).numpy().tolist() == [1.0, 2.0]
        with pytest.raises(ShapeError, match=r"variable 'w': expected \(2,\), received \(3,\)"):
            w.assign([1, 2, 3])

    def test_it_lies_row_by_row_whatever_it_was_made_of(self):
        w = Variable(np.arange(6.0).reshape(2, 3).T)
        assert w.value.flags.c_contiguous and w.value.tolist() == [[0, 3], [1, 4], [2, 5]]

    def test_a_gradient_that_is_given_back_after_a_new_step_began(self):
        w = Variable(np.zeros(2))
        w.grad += 3.0
        kept = w.grad
        w.reset_grad()
        w.grad = kept
        assert w.grad.tolist() == [3.0, 3.0]

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

    @pytest.mark.parametrize(
        "config",
        [
            {"class_name": [], "config": {}},
            {"class_name": None, "config": {}},
            {"class_name": "Dense", "config": [1]},
            {"class_name": "Dense", "config": {1: 2}},
            {"class_name": "InputLayer", "config": "x"},
            {1: "Dense", "config": {}},
            [1],
        ],
        ids=str,
    )
    def test_what_is_no_config(self, config):
        with pytest.raises(
            ConfigError, match="not the config of a layer: expected {'class_name': ..., 'config'"
        ) as error:
            lamina.layers.deserialize(config)
        assert repr(config) in str(error.value)
        assert lamina.layers.deserialize({"class_name": "Flatten", "config": None}).get_config()

    def test_a_name_where_a_class_is_registered(self):
        with pytest.raises(ArgumentError, match="register: expected a class or a function, received 'mine'"):
            lamina.register("mine")

    def test_what_no_config_can_hold(self):
        with pytest.raises(ConfigError, match="an object can't stand in a configuration"):
            serialize(object())


class TestErrors:
    @pytest.mark.parametrize("stop", [".", "?", "!", "..."])
    def test_no_stop_after_a_stop(self, stop):
        for parts in ({}, {"received": f"b{stop}"}, {"mend": f"b{stop}"}):
            text = str(LaminaError("a" if "received" in parts else f"a{stop}", **parts))
            assert all(line.endswith(stop) and not line.endswith(f"{stop}.") for line in text.split("\n")), text

    def test_message(self):
        error = LaminaError("layer 'a'", expected="1", received="2", mend="do this")
        error.chain = "(batch, 3) -> a"
        assert (
            str(error) == "layer 'a': expected 1, received 2.\nShapes so far: (batch, 3) -> a.\nLikely mend: do this."
        )
        assert str(pickle.loads(pickle.dumps(error))) == str(error)

    def test_a_message_shows_the_beginning_of_what_was_received(self):
        error = ShapeError("x", received="y" * 10_000)
        assert len(str(error)) < 600 and len(error.received) == 10_000

    def test_suggestions(self):
        assert did_you_mean("adma", ["Adam", "Adamax"]) == "did you mean 'Adam'?"
        assert did_you_mean("rleu", ["ReLU", "relu"]) == "did you mean 'relu'?"
        assert did_you_mean("ReLu", ["ReLU", "relu"]) == "did you mean 'ReLU'?"
        assert did_you_mean("x", ["b", "a"], ["c"]) == "use one of a, b"
        assert did_you_mean("layers.Dense", ["Dense", "EinsumDense"]) == "did you mean 'Dense'?"
        assert did_you_mean("Dense(8, activation=relu)", ["Dense", "Flatten"]) == "did you mean 'Dense'?"
        assert did_you_mean("lr", ["learning_rate", "loss_scale_factor"]) == "did you mean 'learning_rate'?"
