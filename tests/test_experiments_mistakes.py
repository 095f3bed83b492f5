"""Mistakes in an experiment: each is said with its place, all at once, and none as a trace."""

import os

import numpy as np
import pytest
from cases_experiments import CALLBACK, GOOD

import lamina
from lamina.errors import ConfigError, LaminaError
from lamina.experiments import load
from lamina.experiments.reader import read_text
from lamina.utils import seeds


def refused(write, *changes: tuple[str, str]) -> str:
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    with pytest.raises(ConfigError) as error:
        load(write(text))
    return str(error.value)


LAYER, OPTIMIZER = (
    "Dense: {units: 16, activation: relu, kernel_regularizer: {L2: {l2: 1e-4}}}",
    "{Adam: {learning_rate: 1e-2}}",
)


class TestArguments:
    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            (LAYER, "Dense", "exp.yaml:7:5: Dense needs 'units'"),
            (LAYER, "Dense: {activation: relu}", "exp.yaml:7:5: Dense needs 'units'"),
            (LAYER, "Conv2D: {filters: 3}", "exp.yaml:7:5: Conv2D needs 'kernel_size'"),
            (LAYER, "Conv2D", "exp.yaml:7:5: Conv2D needs 'filters' and 'kernel_size'"),
            (LAYER, "Bidirectional", "exp.yaml:7:5: Bidirectional needs 'layer'"),
            (LAYER, "Bidirectional: {layer: {lstm: {}}}", "exp.yaml:7:21: lstm needs 'units'"),
            (LAYER, "Dense: 8", "write `Dense: {units: 8}`"),
            (OPTIMIZER, "{Adam: {learning_rate: {CosineDecay: {decay_steps: 3}}}}", "exp.yaml:10:22: CosineDecay needs 'initial_learning_rate'"),
            ("[accuracy]", "[{PrecisionAtRecall: {}}]", "exp.yaml:12:13: PrecisionAtRecall needs 'recall'"),
            (CALLBACK, "ModelCheckpoint", "exp.yaml:16:7: ModelCheckpoint needs 'filepath'"),
            ("units: 16", "units: -8", "exp.yaml:7:13: Dense(units=...): expected a whole number of 1 or more, received -8"),
            ("1e-2", "x", "exp.yaml:10:22: Adam(learning_rate=...): expected a number from 0"),
            ("activation: relu", "activation: rleu", "exp.yaml:7:24: unknown activation 'rleu': did you mean 'relu'?"),
            ("activation: relu", "activation: {rleu: {}}", "exp.yaml:7:24: unknown activation 'rleu': did you mean 'relu'?"),
            ("[accuracy]", "[{SparseTopKCategoricalAccuracy: {k: x}}]", "exp.yaml:12:46: SparseTopKCategoricalAccuracy(k=...): expected"),
            ("{L2: {l2: 1e-4}}", "{L2: 0.1}", "exp.yaml:7:42: L2 takes its arguments by name: write `L2: {l2: 0.1}`"),
            ("{L2: {l2: 1e-4}}", "{l1: 1, l2: 2}", "exp.yaml:7:42: {'l1': 1, 'l2': 2} is no regularizer: write `Name`"),
            ("optimizer: {Adam: {learning_rate: 1e-2}}", "optimizer: 3", "exp.yaml:10:3: 3 is no optimizer: write `Name`"),
            (CALLBACK, "LearningRateScheduler: {schedule: 3}", "exp.yaml:16:31: LearningRateScheduler(schedule=...): expected a function of epoch and rate, received 3"),
            (CALLBACK, "ModelCheckpoint: {filepath: 5}", "exp.yaml:16:25: ModelCheckpoint(filepath=...): expected a path, received 5"),
            ("  loss: sparse_categorical_crossentropy\n", "", "exp.yaml:9:1: compile needs 'loss'"),
            ("epochs: 5", 'epochs: "3"', "exp.yaml:14:3: fit(epochs=...): expected a whole number of 0 or more, received '3'"),
            ("epochs: 5", "epochs:", "exp.yaml:14:3: fit(epochs=...): expected a whole number of 0 or more, received None"),
            ("epochs: 5", "epochs: -1", "fit(epochs=...): expected a whole number of 0 or more, received -1"),
            ("epochs: 5", "steps_per_epoch: x", "exp.yaml:14:3: fit(steps_per_epoch=...): expected a whole number of 1 or more, received 'x'"),
            ("epochs: 5", "validation_steps: x", "exp.yaml:14:3: fit(validation_steps=...): expected"),
            ("epochs: 5", "batch_size: 0", "exp.yaml:14:3: fit(batch_size=...): expected a whole number of 1 or more, received 0"),
            ("epochs: 5", "validation_split: 1", "exp.yaml:14:3: fit(validation_split=...): expected a number from 0 to below 1"),
            ("epochs: 5", "verbose: loud", "exp.yaml:14:3: fit(verbose=...): expected one of 0, 1, 2, 'auto', received 'loud'"),
            ("epochs: 5", "shuffle: batch", "exp.yaml:14:3: fit(shuffle=...): expected one of True, False"),
            ("{iris: {test_split: 0.2}}", "{iris: 0.2}", "exp.yaml:3:3: dataset iris takes its arguments by name: write `iris: {test_split: 0.2}`"),
            ("{iris: {test_split: 0.2}}", "[iris]", "exp.yaml:3:3: dataset must be a name, received ['iris']: use one of breast_cancer"),
            ("{iris: {test_split: 0.2}}", "", "exp.yaml:3:3: dataset must be a name, received None"),
            (f"- {LAYER}", "- Dense:\n    units: 16", "exp.yaml:7:5: {'Dense': None, 'units': 16} is no layer: indent units further than Dense"),
            (f"- {LAYER}", "- type: Dense\n    units: 16", "is no layer: write `Dense: {argument: value}`"),
            (LAYER, "Dense: [16, relu]", "write `Dense: {units: 16, activation: relu}`"),
            (LAYER, "Dense(16)", "unknown layer 'Dense(16)': did you mean 'Dense'?"),
            ("activation: relu", "activation: None", "exp.yaml:7:24: unknown activation 'None': write None (null in a file of YAML)"),
            ("[accuracy]", "{accuracy: true}", "exp.yaml:12:3: metrics must be a list: write [accuracy]"),
            ("seed: 3", "name: [a]", "exp.yaml:1:1: name must be a word, received ['a']"),
        ],
    )  # fmt: skip
    def test_a_mistake_is_said_with_its_place(self, write, old, new, said):
        assert said in refused(write, (old, new))

    def test_a_class_of_ones_own_that_fails(self, write):
        class Odd(lamina.callbacks.Callback):
            def __init__(self, n):
                raise TypeError("odd")

        with lamina.utils.custom_object_scope({"Odd": Odd}):
            said = refused(write, ("EarlyStopping: {monitor: loss, patience: 3}", "Odd: {n: 1}"))
        assert "exp.yaml:16:7: Odd can't be made so: TypeError: odd" in said

    def test_wrong_values_are_said_at_once(self, write):
        said = refused(
            write, ("units: 16", "units: -8"), ("units: 3", "units: 2.5"), ("1e-2", "x"), ("epochs: 5", "epochs: x")
        )
        assert [line.split(":")[1:3] for line in said.splitlines()[1:]] == [
            ["7", "13"],
            ["8", "13"],
            ["10", "22"],
            ["14", "3"],
        ]
        assert said.endswith("received 'x'.")

    def test_a_message_ends_once(self, write):
        assert refused(write, ("units: 16", "unit: 16")).endswith("Dense has no key 'unit': did you mean 'units'?")
        experiment = load(write(GOOD.replace("- Dense: {units: 3", "- Permute: {dims: [2, 1]}\n  - Dense: {units: 3")))
        with pytest.raises(ConfigError) as error:
            experiment.build()
        assert ".." not in str(error.value).replace("...", "") and "?." not in str(error.value)

    def test_looking_draws_no_random_numbers(self, write):
        path = write(GOOD.replace(LAYER, f"{LAYER}\n  - Dropout: {{rate: 0.5}}"))
        seeds.set_random_seed(1)
        load(path)
        drawn = seeds.next_generator().random()
        seeds.set_random_seed(1)
        assert drawn == seeds.next_generator().random()

    def test_short_forms_within_others(self, write):
        text = GOOD.replace("activation: relu", "activation: {leaky_relu: {negative_slope: 0.1}}")
        text = text.replace("{L2: {l2: 1e-4}}", "{l2: {l2: 1e-4}}")
        text = text.replace("1e-2}", "{cosine_decay: {initial_learning_rate: 1e-2, decay_steps: 9}}}")
        text = text.replace(
            "  - Dense",
            "  - Reshape: {target_shape: [4, 1]}\n  - Bidirectional: {layer: {lstm: {units: 2}}}\n  - Dense",
            1,
        )
        model = load(write(text)).build()
        assert model.layers[1].forward_layer.units == 2
        assert model.layers[2].activation.negative_slope == 0.1 and model.layers[2].kernel_regularizer.l2 == 1e-4
        assert isinstance(model.optimizer._given["learning_rate"], dict | lamina.optimizers.schedules.CosineDecay)


CSV = "a,b,label\n" + "\n".join(f"{row},{row % 7}.5,{row % 2}" for row in range(20)) + "\n"
TABLE = GOOD.replace("{iris: {test_split: 0.2}}", "{}").replace("[4]", "[2]").replace("epochs: 5", "epochs: 1")


def table(write, tmp_path, content, keys="", name="d.csv"):
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return load(write(TABLE.replace("dataset: {}", f"file: {name}{keys}")))


class TestTables:
    def test_what_is_no_mistake(self, write, tmp_path):
        plain = table(write, tmp_path, CSV).data()
        for content in (f"{CSV}\n\n", CSV.replace("\n3,", "\n\n3,"), f"\ufeff{CSV}"):
            data = table(write, tmp_path, content).data()
            assert all(np.array_equal(a, b) for a, b in zip(data, plain, strict=True))
        assert len(table(write, tmp_path, f"\ufeff{CSV}", "\n  target: a", "D.CSV").data().x) == 16

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("3,3.5,1", "3,,1", r"d.csv:5: column 'b': expected a number, received an empty cell"),
            ("3,3.5,1", "3,nan,1", r"d.csv:5: column 'b': expected a number, received 'nan'"),
            ("3,3.5,1", "3,3.5,1e400", r"d.csv:5: column 'label': expected a number, received '1e400'"),
            (CSV, CSV.replace(",", ";"), r"d.csv: expected a column besides the target.*\n.*by commas, not semicolons"),
            (CSV, "label\n1\n0\n", r"d.csv: expected a column besides the target, received one column, 'label'"),
            ("3,3.5,1", "3,3.5,yes", r"d.csv:5: column 'label': expected a number, received 'yes'"),
            ("3,3.5,1", "3,3.5", r"d.csv:5: expected 3 cells, as in the headline, received 2"),
            ("a,b,label", "a,a,label", r"d.csv has two columns 'a'"),
            ("a,b,label\n", "", r"d.csv: expected a headline, received numbers, 0,0.5,0"),
            ("3,3.5,1", "3" * 140_000, r"d.csv:5 can't be read: received field larger"),
        ],
    )  # fmt: skip
    def test_refused(self, write, tmp_path, old, new, said):
        with pytest.raises(LaminaError, match=said):
            table(write, tmp_path, CSV.replace(old, new, 1)).data()

    def test_spaces_around_the_names_and_numbers_that_no_class_number_holds(self, write, tmp_path):
        rows = "\n".join(f"{row}, {row * 1e30}" for row in range(9))
        data = table(write, tmp_path, f"a, label \n{rows}\n", "\n  target: label").data()
        assert data.y.dtype == np.float64 and set(data.y) | set(data.y_test) == {row * 1e30 for row in range(9)}

    def test_a_device_is_not_read(self, write, tmp_path):
        os.mkfifo(tmp_path / "pipe.csv")
        with pytest.raises(ConfigError, match=r"exp.yaml:3:3: 'pipe.csv': expected a file, received a folder or a dev"):
            load(write(TABLE.replace("dataset: {}", "file: pipe.csv"))).data()

    @pytest.mark.parametrize("share", ["-0.2", "-1", "2", "1.0", "true", "x"])
    def test_the_share_that_is_held_out(self, write, tmp_path, share):
        with pytest.raises(
            ConfigError, match=r"exp.yaml:4:3: data\(test_split=...\): expected a number from 0 to below 1"
        ):
            table(write, tmp_path, CSV, f"\n  test_split: {share}")

    def test_a_share_that_leaves_nothing(self, write, tmp_path):
        with pytest.raises(LaminaError, match=r"data: no row to train on.\nLikely mend: hold fewer out"):
            table(write, tmp_path, CSV, "\n  test_split: 0.99").data()

    @pytest.mark.parametrize(
        ("key", "value", "said"),
        [
            ("scale", "0", "scale must be a finite number other than 0, received 0"),
            ("scale_y", ".nan", "scale_y must be a finite number other than 0, received nan"),
            ("scale", "1/255", "received '1/255': write what it comes to, 0.00392157"),
        ],
    )
    def test_scales(self, write, tmp_path, key, value, said):
        with pytest.raises(ConfigError, match=f"exp.yaml:4:3: .*{said}"):
            table(write, tmp_path, CSV, f"\n  {key}: {value}")

    @pytest.mark.parametrize("seed", ["x", "-1"])
    def test_the_seed(self, write, tmp_path, seed):
        with pytest.raises(ConfigError, match=r"exp.yaml:4:3: data\(seed=...\): expected a whole number of 0 or more"):
            table(write, tmp_path, CSV, f"\n  seed: {seed}")

    def test_keys_of_a_table_with_arrays(self, write, tmp_path):
        with pytest.raises(ConfigError, match="exp.yaml:4:3: `test_split` belongs to a .csv file"):
            table(write, tmp_path, b"", "\n  test_split: 0.3", "d.npz")


class TestArrays:
    def data(self, write, tmp_path, keys="", **changes):
        arrays = {
            "x_train": np.zeros((4, 2)),
            "y_train": np.zeros(4),
            "x_test": np.zeros((1, 2)),
            "y_test": np.zeros(1),
        }
        np.savez(tmp_path / "d.npz", **(arrays | changes))
        return load(
            write(TABLE.replace("  standardize: true\n", "").replace("dataset: {}", f"file: d.npz{keys}"))
        ).data()

    def test_refused(self, write, tmp_path):
        with pytest.raises(
            LaminaError, match=r"d.npz: x_train: expected an array of samples, received array\(3\), a single"
        ):
            self.data(write, tmp_path, x_train=np.array(3))
        with pytest.raises(
            LaminaError, match=r"d.npz: y_train: expected numbers or texts, received Python's objects"
        ) as error:
            self.data(write, tmp_path, y_train=np.array([{}, {}], object))
        assert "unsafe" not in str(error.value)

    def test_a_shape_of_more_than_there_is(self, write, tmp_path):
        self.data(write, tmp_path)
        import io
        import zipfile

        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (1 << 50,)})
        with zipfile.ZipFile(tmp_path / "d.npz", "w") as members:
            for name in ("x_train", "y_train", "x_test", "y_test"):
                members.writestr(f"{name}.npy", header.getvalue())
        with pytest.raises(LaminaError, match=r"d.npz can't be read: received"):
            load(tmp_path / "exp.yaml").data()

    @pytest.mark.parametrize("key", ["scale: 2", "standardize: true"])
    def test_texts_have_no_scale(self, write, tmp_path, key):
        said = f"exp.yaml:4:3: {key.split(':')[0]} is for numbers, and x holds texts or lists"
        with pytest.raises(ConfigError, match=said):
            self.data(write, tmp_path, f"\n  {key}", x_train=np.array(["a", "b", "c", "d"]))


def test_what_was_written_runs_again(write, tmp_path):
    experiment = table(write, tmp_path, CSV)
    experiment.settings["name"] = "12e03"
    first = experiment.run(tmp_path / "deep" / "out", verbose=0)
    again = load(tmp_path / "deep" / "out" / "experiment.yaml")
    assert again.name == "12e03" and again.run(verbose=0).validation == first.validation


class TestResuming:
    def stopped(self, write, tmp_path, callbacks=("Stop",)):
        class Stop(lamina.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                if epoch == 2:
                    raise KeyboardInterrupt

        experiment = load(write(GOOD.replace("    - EarlyStopping: {monitor: loss, patience: 3}\n", "    []\n")))
        lamina.callbacks.registry.add(Stop)
        experiment.settings["fit"]["callbacks"] = list(callbacks)
        with pytest.raises(KeyboardInterrupt):
            experiment.run(tmp_path / "out", backup="epoch", verbose=0)
        experiment.settings["fit"]["callbacks"] = []
        return experiment

    def test_another_seed_is_refused(self, write, tmp_path):
        experiment = self.stopped(write, tmp_path)
        experiment.settings["seed"] = 9
        with pytest.raises(LaminaError, match="the backup is of a run of another seed: expected 3, .*, received 9"):
            experiment.run(tmp_path / "out", backup="epoch", verbose=0)
        experiment.settings["seed"] = 3
        assert experiment.run(tmp_path / "out", backup="epoch", verbose=0).history.epoch == [0, 1, 2, 3, 4]

    def test_the_seconds_add_up(self, write, tmp_path, monkeypatch):
        now = [0.0]

        class Sleep(lamina.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                now[0] += 100

        monkeypatch.setattr(lamina.experiments.record.time, "perf_counter", lambda: now[0])
        lamina.callbacks.registry.add(Sleep)
        experiment = self.stopped(write, tmp_path, ["Sleep", "Stop"])  # in the third epoch, two are in the backup
        experiment.settings["fit"]["callbacks"] = ["Sleep"]
        assert experiment.run(tmp_path / "out", backup="epoch", verbose=0).seconds == 500


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a:\n\t- 1", r"x:2:1: not YAML: .*\n.*indent by spaces, not by a tab"),
        ("a: @b", r"x:1:4: not YAML: .*\n.*put the text in quotes"),
        ("a: 1\n  b: 2", r"x:2:4: not YAML: .*\n.*indent the keys of one mapping alike"),
        ("a:1\nb: 2", r"x:2:2: not YAML: .*\n.*write `key: value`, with a blank"),
        ("a: [1, {b: 2}\nc: 3", r"not YAML: .*\n.*close the bracket that is opened at 1:4"),
        ("a: 'b\nc: 3", r"not YAML: .*\n.*close the quotes that are opened at 1:4"),
        ("a: 1\nb\nc: 2", r"not YAML: .*\n.*has no colon"),
        ("a:\n  - 1\n - 2", r"not YAML: .*\n.*the dashes of one list, alike"),
        ("a: 1\n---\nb: 1", r"x:2:1: not YAML: .*\n.*take out the line `---`"),
        ("a: *b", r"x:1:4: not YAML: .*\n.*put the text in quotes"),
    ],
)
def test_what_is_no_yaml_is_mended(text, said):
    with pytest.raises(ConfigError, match=said):
        read_text(text, "x")


@pytest.mark.parametrize(("text", "received"), [("", "an empty file"), ("- a", "a list"), ("hello", "'hello'")])
def test_what_is_no_experiment(write, text, received):
    with pytest.raises(ConfigError, match=f"received {received}: begin with `data:`"):
        load(write(text))
