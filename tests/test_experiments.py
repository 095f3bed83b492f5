"""Experiments: reading YAML with places, checking, overriding, running; and the command."""

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
from cases_experiments import GOOD

import lamina
from lamina.__main__ import main
from lamina.errors import ConfigError, FileError, LaminaError
from lamina.experiments import load
from lamina.experiments.baseline import baseline_of
from lamina.experiments.overrides import override
from lamina.experiments.reader import read_text
from lamina.models import load_model
from lamina.utils import atomic

MSE, SPARSE = lamina.losses.MeanSquaredError(), lamina.losses.SparseCategoricalCrossentropy()


class TestReader:
    def test_scalars_are_those_of_yaml_1_2(self):
        found = read_text(
            "[1e-3, 1.5, .5, 2., +3, -4, 0o17, 0x1F, 017, no, on, yes, true, False, null, ~, 12:30, 1_000, 'true', .inf, -.inf]"
        )
        assert found == [
            1e-3,
            1.5,
            0.5,
            2.0,
            3,
            -4,
            15,
            31,
            17,
            "no",
            "on",
            "yes",
            True,
            False,
            None,
            None,
            "12:30",
            "1_000",
            "true",
            math.inf,
            -math.inf,
        ]
        assert (
            math.isnan(read_text(".nan"))
            and isinstance(read_text("1e-3"), float)
            and read_text("2001-01-01") == "2001-01-01"
        )

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("a: 1\nb: 2\na: 3", r"x.yaml:3:1: the key 'a' stands twice.\nLikely mend: the first is at x.yaml:1:1"),
            ("a: !!python/object/apply:os.system [ls]", r"x.yaml:1:4: the tag tag:yaml.org,2002:python/object/apply:os.system"),
            ("!!set {a, b}", "the tag"),
            ("a: [1, 2", r"x.yaml:\d:\d+: not YAML"),
            ("? [1, 2]\n: 3", "x.yaml:1:3: a key"),
            ("[" * 60 + "]" * 60, "too deep or too large"),
            ("a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
             "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]", "too deep or too large"),
            ("[" * 5000, "not YAML|too deep"),
            ("a: &a [*a]", "too deep"),
        ],
    )  # fmt: skip
    def test_refused(self, text, said):
        with pytest.raises(ConfigError, match=said):
            read_text(text, "x.yaml")

    @pytest.mark.parametrize("text", ["1e999", "-1e999", "9" * 400, "12345678901234567890123", "0x" + "F" * 40])
    def test_a_number_that_would_become_another(self, text):
        with pytest.raises(ConfigError, match="x.yaml:1:4: a number: expected a (whole )?number .*, received"):
            read_text(f"a: {text}", "x.yaml")

    def test_files(self, tmp_path):
        with pytest.raises(ConfigError, match=r"can't read .*none.yaml: received No such file"):
            load(tmp_path / "none.yaml")
        (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
        with pytest.raises(ConfigError, match="UTF-8"):
            load(tmp_path / "bytes.yaml")

    def test_what_is_no_file(self):
        with pytest.raises(ConfigError) as error:
            load("/dev/null")
        assert str(error.value) == "can't read /dev/null: expected a file, received a pipe or a device."


class TestChecks:
    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("units: 16", "unit: 16", r"exp.yaml:7:13: Dense has no key 'unit': did you mean 'units'?"),
            ("epochs: 5", "epoch: 5", r"exp.yaml:14:3: fit has no key 'epoch': did you mean 'epochs'?"),
            ("  optimizer: {Adam: {learning_rate", "  optimizer: {Adam: {learn_rate", r"exp.yaml:10:22: Adam has no key 'learn_rate': did you mean 'learning_rate'?"),
            ("{Adam:", "{Adma:", r"exp.yaml:10:3: unknown optimizer 'Adma': did you mean 'Adam'"),
            ("seed: 3", "sede: 3", r"exp.yaml:1:1: an experiment has no key 'sede': did you mean 'seed'?"),
            ("seed: 3", "seed: 1e-3", "seed must be a whole number of 0 or more, received 0.001"),
            ("seed: 3", "threads: 0", "threads must be a whole number of 1 or more, received 0"),
            ("iris:", "irsi:", r"exp.yaml:3:3: unknown dataset 'irsi': did you mean 'iris'?"),
            ("test_split", "tset_split", r"exp.yaml:3:20: dataset iris has no key 'tset_split': did you mean 'test_split'?"),
            ("  - Dense: {units: 3", "  - Dens: {units: 3", r"exp.yaml:8:5: unknown layer 'Dens': did you mean 'Dense'"),
            ("{L2:", "{L3:", "exp.yaml:7:42: unknown regularizer 'L3': use one of l1, "),
            ("l2: 1e-4", "l3: 1e-4", r"exp.yaml:7:68: L2 has no key 'l3': use one of l2"),
            ("[accuracy]", "[acuracy]", r"exp.yaml:12:13: unknown metric 'acuracy': did you mean 'accuracy'?"),
            ("patience", "patiense", "EarlyStopping has no key 'patiense': did you mean 'patience'?"),
            ("loss: sparse_categorical_crossentropy", "loss: crossentopy", "unknown loss 'crossentopy'"),
            ("  standardize: true", "  standardise: true", "data has no key 'standardise': did you mean 'standardize'?"),
            ("  standardize: true", "  scale: much", "scale must be a finite number other than 0, received 'much'"),
            ("model:\n  - Input: {shape: [4]}", "model:\n  - Dense: 3", r"Dense takes its arguments by name: write `Dense: \{units: 3\}`"),
        ],
    )  # fmt: skip
    def test_a_mistake_is_said_with_its_place(self, write, old, new, said):
        assert old in GOOD
        with pytest.raises(ConfigError, match=said.replace("?", r"\?") if said.endswith("?") else said):
            load(write(GOOD.replace(old, new, 1)))

    def test_all_mistakes_are_said_at_once(self, write):
        text = GOOD.replace("units: 16", "unit: 16").replace("epochs", "epoch").replace("Adam", "Adma")
        with pytest.raises(ConfigError) as refused:
            load(write(text))
        assert str(refused.value).count("exp.yaml:") == 3

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("- 1", "expected a mapping with name, seed, threads, data, model, compile, fit"),
            ("data: {dataset: iris}", "the section 'model' is missing"),
            ("data: 3\nmodel: 4\ncompile: 5\nfit: 6", "data must be a mapping"),
            (
                "data: {dataset: iris, file: x.npz}\nmodel: [Flatten]\ncompile: {}",
                "data needs one of `dataset` and `file`",
            ),
            ("data: {dataset: iris, target: a}\nmodel: [Flatten]\ncompile: {}", "`target` belongs to a `file`"),
        ],
    )
    def test_sections(self, write, text, said):
        with pytest.raises(ConfigError, match=said):
            load(write(text))

    def test_a_value_that_a_layer_refuses_names_its_line(self, write):
        with pytest.raises(
            ConfigError, match=r"exp.yaml:7:13: Dense\(units=...\): expected a whole number of 1 or more, received 0"
        ):
            load(write(GOOD.replace("units: 16", "units: 0")))
        experiment = load(write(GOOD.replace("- Dense: {units: 3", "- Permute: {dims: [2, 1]}\n  - Dense: {units: 3")))
        with pytest.raises(
            ConfigError, match=r"(?s)exp.yaml:8:5: layer 'permute'.*Shapes so far: \(batch, 4\) -> dense"
        ):
            experiment.build()


class TestOverrides:
    def settings(self):
        return read_text(GOOD)

    @pytest.mark.parametrize(
        ("text", "get", "value"),
        [
            ("fit.epochs=3", lambda s: s["fit"]["epochs"], 3),
            ("fit.batch_size=8", lambda s: s["fit"]["batch_size"], 8),
            (
                "compile.optimizer.Adam.learning_rate=1e-4",
                lambda s: s["compile"]["optimizer"]["Adam"]["learning_rate"],
                1e-4,
            ),
            ("compile.optimizer=sgd", lambda s: s["compile"]["optimizer"], "sgd"),
            ("model[1].Dense.units=64", lambda s: s["model"][1]["Dense"]["units"], 64),
            (
                "compile.metrics[0]=sparse_categorical_accuracy",
                lambda s: s["compile"]["metrics"][0],
                "sparse_categorical_accuracy",
            ),
            ("fit.callbacks=[]", lambda s: s["fit"]["callbacks"], []),
        ],
    )
    def test_sets(self, text, get, value):
        settings = self.settings()
        override(settings, text)
        assert get(settings) == value

    def test_the_section_fit_may_be_missing(self):
        settings = read_text("data: {dataset: iris}")
        override(settings, "fit.epochs=3")
        assert settings["fit"] == {"epochs": 3} and str(settings["fit"].keys_at["epochs"]) == "--set fit.epochs=3"

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("fitt.epochs=3", r"--set fitt.epochs=3: nothing is called 'fitt'.\nLikely mend: did you mean 'fit'?"),
            ("model[9].Dense.units=3", r"expected an entry \[9\], received a list of 3"),
            ("fit.epochs", "expected path=value"),
            ("fit.epochs.x=3", "expected a mapping that has 'x'"),
            ("seed[0]=3", "no list"),
            ("dta.dataset=iris", "nothing is called 'dta'"),
        ],
    )
    def test_refused(self, text, said):
        with pytest.raises(ConfigError, match=said.replace("?", r"\?")):
            override(self.settings(), text)

    def test_a_wrong_key_is_said_by_the_override(self, write):
        with pytest.raises(ConfigError, match=r"--set fit.epoch=3: fit has no key 'epoch': did you mean 'epochs'"):
            load(write(GOOD), ["fit.epoch=3"])


class TestRuns:
    def test_a_folder_that_another_run_writes_to(self, write, tmp_path, monkeypatch):
        monkeypatch.setattr(atomic, "PATIENCE", 0.0)
        experiment, folder = load(write(GOOD)), tmp_path / "out"
        folder.mkdir()
        with atomic.claimed(folder), pytest.raises(FileError, match=r"out: another run is writing there"):
            experiment.run(folder, verbose=0)
        assert not list(folder.iterdir())
        experiment.run(folder, verbose=0)
        assert (folder / "results.json").exists()

    def test_run(self, write, tmp_path, capsys):
        result = load(write(GOOD)).run(tmp_path / "out")
        assert set(result.validation) == {"loss", "accuracy"} and result.model.name == "exp"
        assert len(result.history.epoch) == 5
        model = load_model(tmp_path / "out" / "model.lamina")
        assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), result.model.get_weights(), strict=True))
        facts = json.loads((tmp_path / "out" / "results.json").read_text())
        assert facts["validation"] == result.validation and facts["seed"] == 3 and facts["parameters"] == 131
        assert len((tmp_path / "out" / "history.csv").read_text().splitlines()) == 6
        assert 'Model: "exp"' in capsys.readouterr().out

    def test_the_written_experiment_runs_again_alike(self, write, tmp_path):
        first = load(write(GOOD), ["fit.epochs=2"]).run(tmp_path / "out", verbose=0)
        second = load(tmp_path / "out" / "experiment.yaml").run(verbose=0)
        assert first.validation == second.validation and second.folder is None

    def test_threads_of_the_file_hold_while_it_runs(self, write):
        seen = []

        class Watch(lamina.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                seen.append(lamina.config.threads())

        before = lamina.config.threads()
        experiment = load(write("threads: 3\n" + GOOD), ["fit.epochs=1"])
        lamina.callbacks.registry.add(Watch)
        experiment.settings["fit"]["callbacks"] = ["Watch"]
        experiment.run(verbose=0)
        assert seen == [3] and lamina.config.threads() == before

    def test_long_form_and_functions_of_python(self, write):
        text = GOOD.replace("{L2: {l2: 1e-4}}", "{class_name: L2, config: {l2: 1e-4}}")
        first, second = load(write(GOOD)).run(verbose=0), load(write(text)).run(verbose=0)
        assert first.validation == second.validation
        assert lamina.experiments.load is load

    def test_files_of_ones_own(self, write, tmp_path):
        rng = np.random.default_rng(0)
        x = rng.normal(size=(40, 2))
        y = (x[:, 0] > 0).astype(int)
        np.savez(tmp_path / "data.npz", x_train=x[:30], y_train=y[:30], x_test=x[30:], y_test=y[30:])
        rows = "\n".join(f"{a},{b},{c}" for (a, b), c in zip(x, y, strict=True))
        (tmp_path / "data.csv").write_text(f"a,b,label\n{rows}\n")
        text = GOOD.replace("{shape: [4]}", "{shape: [2]}").replace("units: 3", "units: 2")
        for data in ("{file: data.npz}", "{file: data.csv, target: label, test_split: 0.25}"):
            lines = text.replace("\n  dataset: {iris: {test_split: 0.2}}\n  standardize: true", f" {data}")
            result = load(write(lines), ["fit.epochs=30"]).run(verbose=0)
            assert result.validation["accuracy"] > 0.8
        with pytest.raises(ValueError, match="has no column 'lable'.\nLikely mend: did you mean 'label'"):
            load(write(lines.replace("target: label", "target: lable"))).run(verbose=0)
        with pytest.raises(ConfigError, match=r"exp.yaml:\d+:\d+: no file none.npz"):
            load(
                write(
                    text.replace("\n  dataset: {iris: {test_split: 0.2}}", " {file: none.npz}").replace(
                        "\n  standardize: true", ""
                    )
                )
            ).run(verbose=0)


class TestBaselines:
    def test_classes(self):
        data = lamina.experiments.data.Split(
            np.zeros((4, 2)), np.array([2, 2, 1, 2]), np.zeros((2, 2)), np.array([2, 0])
        )
        assert str(baseline_of(data, SPARSE)) == "accuracy 0.5, always class 2"
        floats = data._replace(y=data.y.astype(float), y_test=data.y_test.astype(float))
        assert str(baseline_of(floats, SPARSE)) == "accuracy 0.5, always class 2"
        assert baseline_of(data._replace(y=np.eye(3)[data.y], y_test=np.eye(3)[data.y_test]), SPARSE) is None

    def test_whole_numbers_of_a_regression_are_no_classes(self):
        x = np.zeros((3, 2))
        data = lamina.experiments.data.Split(x, np.array([10, 20, 30]), x[:1], np.array([23]))
        assert str(baseline_of(data, lamina.losses.MeanSquaredError())) == "mean squared error 9, always the mean"

    def test_series_and_numbers(self):
        x = np.arange(12.0).reshape(4, 3, 1)
        data = lamina.experiments.data.Split(x, x[:, -1] + 1, x, x[:, -1] + 1)
        assert str(baseline_of(data, MSE)) == "mean squared error 1, the last value again"
        data = lamina.experiments.data.Split(x[:, 0], np.array([0.0, 2.0]), x[:, 0], np.array([1.0, 3.0]))
        assert str(baseline_of(data, MSE)) == "mean squared error 2, always the mean"
        assert baseline_of(data._replace(x_test=x[:0]), MSE) is None

    def test_the_margin_is_printed(self, write, tmp_path, capsys):
        text = GOOD.replace(
            "{iris: {test_split: 0.2}}\n  standardize: true", "{sunspots: {window: 6}}\n  scale: 0.01\n  scale_y: 0.01"
        )
        text = text.replace("{shape: [4]}\n", "{shape: [6, 1]}\n  - Flatten\n").replace(
            "units: 3, activation: softmax", "units: 1"
        )
        text = text.replace("sparse_categorical_crossentropy\n  metrics: [accuracy]", "mse\n  metrics: [mse]").replace(
            "epochs: 5", "epochs: 60"
        )
        assert main(["train", str(write(text)), "--out", str(tmp_path / "out")]) == 0
        assert re.search(
            r"Baseline: mean squared error 0\.\d+, the last value again; the model's error is \d+% smaller",
            capsys.readouterr().out,
        )
        assert json.loads((tmp_path / "out" / "results.json").read_text())["baseline"]["how"] == "the last value again"


def test_layers_learn_from_what_reaches_them(write):
    text = GOOD.replace("  standardize: true\n", "").replace(
        "[4]}\n", "[4]}\n  - Rescaling: {scale: 2}\n  - Normalization\n"
    )
    experiment = load(write(text))
    result = experiment.run(verbose=0)
    layer = result.model.get_layer("normalization")
    np.testing.assert_allclose(layer.mean.value, 2 * experiment.data().x.mean(axis=0, keepdims=True), rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "d.npz",
            b"PK\x03\x04 and no more",
            r"d\.npz: expected an \.npz file of x_train, .*, or a \.csv, received neither",
        ),
        ("d.npz", b"", r"d\.npz: expected an \.npz file of x_train, .*, or a \.csv, received neither"),
        (
            "d.npz",
            b"\x80\x05no numbers",
            r"d\.npz: expected an \.npz file of x_train, .*, or a \.csv, received neither",
        ),
        ("d.csv", b"", r"d\.csv: expected a headline and a line for each sample, received 0 lines"),
        ("d.csv", b"a,b\n", r"d\.csv: expected a headline and a line for each sample, received 1 lines"),
        ("d.csv", b"a,\xff\n1,2\n", r"d\.csv: expected text in UTF-8, received other bytes.\nLikely mend: save it as"),
        (".", b"", r"exp.yaml:\d+:\d+: '.': expected a file, received a folder"),
    ],
)
def test_a_file_of_data_that_can_not_be_read(write, tmp_path, name, content, said):
    if name != ".":
        (tmp_path / name).write_bytes(content)
    experiment = load(write(GOOD.replace("dataset: {iris: {test_split: 0.2}}", f"file: {name}")))
    with pytest.raises(LaminaError, match=said):
        experiment.data()


def test_a_file_of_data_that_is_no_name(write):
    with pytest.raises(ConfigError, match=r"exp.yaml:3:3: file must be the name of a file, received 7"):
        load(write(GOOD.replace("dataset: {iris: {test_split: 0.2}}", "file: 7")))


class TestCommand:
    def test_train(self, write, tmp_path, capsys):
        assert main(["train", str(write(GOOD)), "--set", "fit.epochs=2", "--out", str(tmp_path / "runs" / "a")]) == 0
        out = capsys.readouterr().out
        assert "Epoch 2/2" in out and "Validation: accuracy: " in out and f"Results: {tmp_path / 'runs' / 'a'}" in out

    def test_refused_without_a_trace(self, write, capsys):
        assert main(["train", str(write(GOOD.replace("units: 16", "unit: 16")))]) == 2
        error = capsys.readouterr().err
        assert error.startswith("lamina: ") and error.endswith("did you mean 'units'?\n") and "Traceback" not in error

    @pytest.mark.parametrize("out", ["taken", "taken/out"])
    def test_a_folder_that_can_not_be(self, write, tmp_path, capsys, out):
        (tmp_path / "taken").write_text("")
        assert main(["train", str(write(GOOD)), "--out", str(tmp_path / out)]) == 2
        assert f"lamina: {tmp_path / out} can't be written: received " in capsys.readouterr().err

    def test_a_result_is_written_whole_or_not_at_all(self, write, tmp_path, capsys, monkeypatch):
        """A disk that fills up leaves the results of the run before."""
        arguments = ["train", str(write(GOOD)), "--set", "fit.epochs=1", "--out", str(tmp_path / "out")]
        assert main(arguments) == 0
        before = (tmp_path / "out" / "results.json").read_text()

        def full(self, path):
            monkeypatch.setattr(atomic.os, "fsync", refusing)

        def refusing(handle):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(lamina.Model, "save", full)
        assert main(arguments) == 2
        assert "results.json can't be written: received No space left on device" in capsys.readouterr().err
        assert (tmp_path / "out" / "results.json").read_text() == before

    def test_shipped_files_are_found_by_name(self, tmp_path, monkeypatch, capsys):
        monkeypatch.chdir(tmp_path)
        assert main(["train", "digits_mlp.yaml", "--set", "fit.epochs=1"]) == 0
        assert list(Path("runs").glob("digits_mlp-*/results.json"))
        assert "Results: runs" in capsys.readouterr().out

    @pytest.mark.parametrize(
        "path", sorted((Path(lamina.__file__).parent / "configs").glob("*.yaml")), ids=lambda path: path.name
    )
    def test_every_shipped_file_is_sound(self, path):
        assert load(path).build().layers


def test_digits_are_learnt():
    result = load(Path(lamina.__file__).parent / "configs" / "digits_mlp.yaml").run(verbose=0)
    assert result.validation["accuracy"] >= 0.97
