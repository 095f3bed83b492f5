"""Callbacks: each on hand-made logs, and in a run."""

import math
import re
import resource
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, callbacks, layers, metrics
from lamina.errors import ArgumentError, DataError, FileError, LaminaError, OptionError

X = np.random.default_rng(0).normal(size=(20, 3)).astype("float32")
Y = X.sum(axis=1)


class Toy:
    """As much of a model as a callback looks at."""

    def __init__(self, rate=1.0):
        self.stop_training, self.weights = False, 0
        self.optimizer = lamina.optimizers.SGD(rate)

    def get_weights(self):
        return self.weights

    def set_weights(self, weights):
        self.weights = weights


def run(callback, losses, name="val_loss", rate=1.0):
    """The epochs that a callback lets pass, and the learning rate of each."""
    model, rates = Toy(rate), []
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, loss in enumerate(losses):
        model.weights = epoch
        callback.on_epoch_begin(epoch)
        rates.append(float(model.optimizer.learning_rate))
        callback.on_epoch_end(epoch, {name: loss})
        if model.stop_training:
            break
    callback.on_train_end()
    return model, len(rates), rates


def fitted(listeners, epochs=2, **options):
    model = Sequential([Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    return model, model.fit(
        X, Y, epochs=epochs, batch_size=10, callbacks=listeners, verbose=options.pop("verbose", 0), **options
    )


class TestEarlyStopping:
    def test_patience(self):
        assert run(callbacks.EarlyStopping(patience=2), [5, 4, 4.5, 4.2, 4.1, 1])[1] == 4
        assert run(callbacks.EarlyStopping(), [5, 4, 4, 1])[1] == 3

    @pytest.mark.parametrize(
        ("losses", "delta", "mode", "epochs"),
        [([0.9, 0.91, 0.5, 0.5], 0.01, "max", 2), ([-0.3, -0.8, 0.5, 0.5], 0.5, "min", 3)],
    )
    def test_better_by_just_the_least_that_counts(self, losses, delta, mode, epochs):
        """Recorded of Keras: rounding decides, and its own is value - min_delta > best."""
        assert run(callbacks.EarlyStopping(patience=1, min_delta=delta, mode=mode), losses)[1] == epochs

    def test_best_weights(self):
        model, epochs, _ = run(callbacks.EarlyStopping(patience=2, restore_best_weights=True), [5, 3, 4, 4, 4])
        assert model.weights == 1 and epochs == 4
        model, _, _ = run(callbacks.EarlyStopping(patience=9, restore_best_weights=True), [5, 3, 4])
        assert model.weights == 1

    def test_modes(self):
        assert (
            run(callbacks.EarlyStopping("val_accuracy", patience=1), [0.5, 0.6, 0.7, 0.6, 0.9], "val_accuracy")[1] == 4
        )
        assert run(callbacks.EarlyStopping("mine", mode="max", patience=1), [1, 2, 1, 9], "mine")[1] == 3
        with pytest.raises(OptionError, match="mode='min' or mode='max'"):
            fitted(callbacks.EarlyStopping("mine"))
        with pytest.raises(OptionError, match="expected one of 'auto', 'min', 'max'"):
            callbacks.EarlyStopping(mode="least")

    def test_the_mode_is_that_of_the_metric_of_the_name(self):
        def worst_error(y_true, y_pred):
            return abs(y_true - y_pred).max(axis=-1)

        asked = [
            metrics.Precision(name="p"),
            metrics.F1Score(name="f", average="micro"),
            metrics.R2Score(name="r"),
            metrics.MeanAbsoluteError(name="custom"),
            metrics.MeanMetricWrapper(worst_error, name="w"),
        ]
        model = Sequential([Input((3,)), layers.Dense(1, activation="sigmoid")])
        model.compile("sgd", "mse", metrics=asked)
        found = {}
        for name in ("p", "val_p", "f", "r", "custom", "val_w"):
            watching = callbacks.ReduceLROnPlateau(name)
            watching.set_model(model)
            found[name] = watching.sign
        assert found == {"p": 1, "val_p": 1, "f": 1, "r": 1, "custom": -1, "val_w": -1}

    def test_a_value_for_each_of_one_class_is_one_number(self):
        model = Sequential([Input((3,)), layers.Dense(1, activation="sigmoid")])
        model.compile("sgd", "binary_crossentropy", metrics=[metrics.F1Score(name="f")])
        watching = callbacks.EarlyStopping("f", patience=9)
        model.fit(X, (Y > 0).reshape(len(X), 1), epochs=2, verbose=0, callbacks=[watching])
        assert isinstance(watching.best, float)

    def test_min_delta_baseline_and_start(self):
        assert run(callbacks.EarlyStopping(min_delta=0.5, patience=1), [5, 4.8, 1])[1] == 2
        assert run(callbacks.EarlyStopping(baseline=3.0, patience=2), [5, 4, 3.5, 1, 1, 1, 1])[1] == 6
        assert run(callbacks.EarlyStopping(baseline=3.0, patience=2), [5, 6, 3.5, 1])[1] == 2
        assert run(callbacks.EarlyStopping(start_from_epoch=3, patience=1), [1, 2, 3, 4, 5, 6])[1] == 5

    def test_a_value_that_is_not_there_warns(self):
        with pytest.warns(
            UserWarning, match=r"EarlyStopping watches 'val_los', which the logs .* did you mean 'val_loss'"
        ):
            run(callbacks.EarlyStopping("val_los", mode="min"), [1, 2])

    def test_says_so(self, capsys):
        run(callbacks.EarlyStopping(patience=1, verbose=1, restore_best_weights=True), [1, 2])
        assert capsys.readouterr().out == (
            "Epoch 2: stopped, val_loss did not improve for 1 epochs\nWeights are those of the best epoch, 1\n"
        )


class TestReduceLROnPlateau:
    def test_steps(self):
        callback = callbacks.ReduceLROnPlateau(factor=0.5, patience=2, min_lr=0.2)
        assert run(callback, [5, 5, 5, 5, 5, 5, 5, 5])[2] == pytest.approx([1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.2])

    def test_cooldown_and_min_delta(self):
        callback = callbacks.ReduceLROnPlateau(factor=0.5, patience=1, cooldown=2, min_delta=1)
        assert run(callback, [5, 4.5, 4.5, 4.5, 4.5, 4.5])[2] == pytest.approx([1, 1, 0.5, 0.5, 0.25, 0.25])

    def test_in_the_history(self, capsys):
        _, history = fitted(callbacks.ReduceLROnPlateau("loss", patience=1, min_delta=100, factor=0.1, verbose=1), 3)
        assert history.history["learning_rate"] == pytest.approx([0.01, 0.01, 0.001])
        assert "learning rate is now 0.001" in capsys.readouterr().out

    def test_factor(self):
        with pytest.raises(OptionError, match=r"factor=...\): expected a number from 0 to below 1"):
            callbacks.ReduceLROnPlateau(factor=1.0)


class TestNaN:
    def test_the_first_value_is_no_best_one(self):
        callback = callbacks.EarlyStopping(patience=2, restore_best_weights=True)
        model, epochs, _ = run(callback, [math.nan, 1, 0.5, 0.4, 0.6, 0.7])
        assert (epochs, callback.best, callback.best_epoch, model.weights) == (6, 0.4, 3, 3)

    def test_nothing_but_nan(self):
        callback = callbacks.EarlyStopping(patience=2)
        assert run(callback, [math.nan] * 5)[1] == 2 and callback.best is None

    def test_the_rate(self):
        assert run(callbacks.ReduceLROnPlateau(patience=2), [math.nan, 1, math.nan, 0.9, 0.8])[2] == [1] * 5


@pytest.mark.parametrize(
    "callback",
    [
        callbacks.EarlyStopping("f1_score"),
        callbacks.ReduceLROnPlateau("f1_score"),
        callbacks.ModelCheckpoint("m.lamina", "f1_score", save_best_only=True),
    ],
)
def test_a_value_that_is_an_array(callback, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = Sequential([Input((3,)), layers.Dense(3, activation="softmax")])
    model.compile("sgd", "categorical_crossentropy", metrics=[lamina.metrics.F1Score(average=None)])
    message = r"\(monitor='f1_score'\): expected a value that is one number, received an array of shape \(3,\)"
    with pytest.raises(OptionError, match=type(callback).__name__ + message):
        model.fit(X, np.eye(3)[np.arange(20) % 3], callbacks=[callback], verbose=0)


ARGUMENTS = [
    (callbacks.EarlyStopping, {"patience": "x"}, "a whole number of 0 or more"),
    (callbacks.EarlyStopping, {"patience": -3}, "a whole number of 0 or more"),
    (callbacks.EarlyStopping, {"patience": 2.5}, "a whole number of 0 or more"),
    (callbacks.EarlyStopping, {"start_from_epoch": -1}, "a whole number of 0 or more"),
    (callbacks.EarlyStopping, {"baseline": "x"}, "a number"),
    (callbacks.EarlyStopping, {"monitor": 5}, "a string"),
    (callbacks.EarlyStopping, {"verbose": "x"}, "one of 0, 1, 2"),
    (callbacks.ReduceLROnPlateau, {"patience": -3}, "a whole number of 0 or more"),
    (callbacks.ReduceLROnPlateau, {"cooldown": 1.5}, "a whole number of 0 or more"),
    (callbacks.ReduceLROnPlateau, {"min_lr": "x"}, "a number from 0"),
    (callbacks.ReduceLROnPlateau, {"monitor": None}, "a string"),
    (callbacks.ModelCheckpoint, {"filepath": 5}, "a path"),
    (callbacks.ModelCheckpoint, {"filepath": "m.lamina", "initial_value_threshold": "x"}, "a number"),
    (callbacks.ModelCheckpoint, {"filepath": "m.lamina", "save_freq": "batch"}, '"epoch", or a number of steps'),
    (callbacks.BackupAndRestore, {"backup_dir": 5}, "a path"),
    (callbacks.CSVLogger, {"filename": 5}, "a path"),
    (callbacks.CSVLogger, {"filename": "log.csv", "separator": 5}, "a string"),
    (callbacks.CSVLogger, {"filename": "log.csv", "separator": ", "}, "one character"),
    (callbacks.LearningRateScheduler, {"schedule": 3}, "a function of epoch and rate"),
    (callbacks.LearningRateScheduler, {"schedule": lambda epoch: 1.0, "verbose": 7}, "one of 0, 1, 2"),
]


@pytest.mark.parametrize(("kind", "arguments", "expected"), ARGUMENTS, ids=lambda part: getattr(part, "__name__", None))
def test_arguments(kind, arguments, expected):
    name, value = list(arguments.items())[-1]
    message = f"{kind.__name__}({name}=...): expected {expected}"
    with pytest.raises(LaminaError, match=re.escape(message)) as error:
        kind(**arguments)
    assert f"received {value!r}" in str(error.value)


class TestLearningRateScheduler:
    def test_both_forms(self):
        _, history = fitted(callbacks.LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1)))
        assert history.history["learning_rate"] == pytest.approx([0.1, 0.05])
        _, history = fitted(callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2, verbose=0))
        assert history.history["learning_rate"] == pytest.approx([0.005, 0.0025])

    def test_not_a_number(self):
        with pytest.raises(ArgumentError, match="expected a number from the schedule, received 'fast'"):
            fitted(callbacks.LearningRateScheduler(lambda epoch: "fast"))


class TestCSVLogger:
    def test_lines(self, tmp_path):
        path = tmp_path / "log.csv"
        _, history = fitted(callbacks.CSVLogger(path, separator=";"), validation_split=0.5)
        lines = path.read_text().splitlines()
        assert lines[0] == "epoch;loss;mae;val_loss;val_mae" and len(lines) == 3
        assert [float(cell) for cell in lines[2].split(";")[1:]] == [values[1] for values in history.history.values()]

    def test_validation_that_comes_later(self, tmp_path):
        """As in Keras: the headline has its columns before the first look."""
        path = tmp_path / "log.csv"
        _, history = fitted(callbacks.CSVLogger(path), validation_split=0.5, validation_freq=2)
        head, first, second = path.read_text().splitlines()
        assert head == "epoch,loss,mae,val_loss,val_mae"
        assert first.endswith(",NA,NA")
        assert [float(cell) for cell in second.split(",")[3:]] == [
            history.history[f"val_{n}"][0] for n in ("loss", "mae")
        ]

    def test_append(self, tmp_path):
        path = tmp_path / "log.csv"
        for _ in range(2):
            fitted(callbacks.CSVLogger(str(path), append=True), 1)
        assert len(path.read_text().splitlines()) == 3

    @pytest.mark.parametrize("name", ["", "none/log.csv"])
    @pytest.mark.parametrize("append", [False, True])
    def test_a_file_that_can_not_be(self, tmp_path, name, append):
        with pytest.raises(
            FileError, match=f"{re.escape(str(tmp_path / name))} can't be written: received (Is a|No such)"
        ):
            fitted(callbacks.CSVLogger(tmp_path / name, append=append))

    def test_a_full_disk_ends_the_run_and_nothing_else(self, tmp_path):
        log, before = callbacks.CSVLogger(tmp_path / "log.csv"), resource.getrlimit(resource.RLIMIT_FSIZE)
        model = Sequential([layers.Dense(1)])
        model.compile("sgd", "mse")
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (60, before[1]))
            with pytest.raises(FileError, match=r"log\.csv can't be written: received File too large"):
                model.fit(X, Y, epochs=9, verbose=0, callbacks=[log])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert 0 < len(model.history.epoch) < 9
        assert len(model.fit(X, Y, epochs=9, verbose=0, callbacks=[log]).epoch) == 9


class TestOthers:
    def test_terminate_on_nan(self, capsys):
        callback = callbacks.TerminateOnNaN()
        callback.set_model(Toy())
        callback.on_train_batch_end(3, {"loss": math.inf})
        assert callback.model.stop_training and "Batch 3: the loss is inf" in capsys.readouterr().out
        with pytest.raises(DataError, match="batch 3: expected a finite loss, received nan"):
            callbacks.TerminateOnNaN(raise_error=True).on_train_batch_end(3, {"loss": math.nan})

    def test_lambda(self):
        said = []
        fitted(
            callbacks.LambdaCallback(
                on_train_begin=lambda logs: said.append("begin"),
                on_epoch_end=lambda epoch, logs: said.append((epoch, sorted(logs))),
                on_train_batch_end=lambda batch, logs: said.append(batch),
            ),
            1,
        )
        assert said == ["begin", 0, 1, (0, ["loss", "mae"])]
        with pytest.raises(ArgumentError, match="has no argument 'on_epoch_ends'"):
            callbacks.LambdaCallback(on_epoch_ends=print)
        with pytest.raises(ArgumentError, match="expected a function"):
            callbacks.LambdaCallback(on_epoch_end=3)

    def test_lambda_has_every_hook(self):
        """Keras takes those of evaluate and predict, and the short names, as keywords."""
        said = []

        def hook(name):
            return lambda *given: said.append(name)

        names = [name for name in vars(callbacks.Callback) if name.startswith("on_")]
        assert len(names) == 16
        listeners = [callbacks.LambdaCallback(**{name: hook(name)}) for name in names]
        model, _ = fitted(listeners, 1, validation_split=0.5)
        model.predict(X, verbose=0, callbacks=listeners)
        assert set(said) == set(names)

    def test_order_of_the_hooks(self):
        said = []

        class Ear(callbacks.Callback):
            def __getattribute__(self, name):
                if name.startswith("on_"):
                    said.append(name)
                return super().__getattribute__(name)

            def hears_batches(self, kind):
                return True

        fitted([Ear()], 1, validation_split=0.5)
        assert [name for name in said if name not in ("on_batch_begin", "on_batch_end")] == [
            "on_train_begin", "on_epoch_begin", "on_train_batch_begin", "on_train_batch_end", "on_test_begin",
            "on_test_batch_begin", "on_test_batch_end", "on_test_end", "on_epoch_end", "on_train_end",
        ]  # fmt: skip

    def test_stop_within_an_epoch(self):
        class Stop(callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                self.model.stop_training = True

        model, history = fitted(Stop(), 5)
        assert len(history.epoch) == 1 and int(model.optimizer.iterations) == 1

    def test_what_is_no_callback(self):
        with pytest.raises(ArgumentError, match="make an instance"):
            fitted([callbacks.EarlyStopping])


class TestProgress:
    def test_plain_lines_where_nobody_watches(self, capsys):
        for verbose in (1, 2, "auto"):
            _, history = fitted(None, 2, verbose=verbose)
            out = capsys.readouterr().out.splitlines()
            assert len(out) == 2 and out[0].startswith("Epoch 1/2 - ") and out[1].startswith("Epoch 2/2 - ")
            assert f"loss: {history.history['loss'][1]:.4f} - mae: {history.history['mae'][1]:.4f}" in out[1]

    def test_silence(self, capsys):
        fitted(None, 2, verbose=0)
        assert capsys.readouterr().out == ""

    def test_a_bar_on_a_terminal(self, capsys, monkeypatch):
        monkeypatch.setattr("sys.stdout.isatty", lambda: True)
        model, _ = fitted(None, 2, verbose=1)
        out = capsys.readouterr().out
        assert "Epoch 2/2: 100%" in out and "loss: " in out and "2/2" in out
        model.evaluate(X, Y)
        model.predict(X)
        out = capsys.readouterr().out
        assert "Evaluate: 100%" in out and "Predict: 100%" in out
        lamina.config.disable_interactive_logging()
        fitted(None, 1, verbose="auto")
        assert "%" not in capsys.readouterr().out

    def test_a_bar_in_a_notebook_is_an_output_that_is_replaced(self, capsys, monkeypatch):
        outputs = []  # of the cell: what each was shown as, one after another

        class ZMQInteractiveShell:
            pass

        class Shell(ZMQInteractiveShell):
            pass

        class Shown:
            def __init__(self, data, raw, display_id):
                outputs.append([data["text/plain"]])
                self.lines = outputs[-1]

            def update(self, data, raw):
                self.lines.append(data["text/plain"])

        monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=Shell))
        monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=Shown))
        model, history = fitted(None, 2, verbose="auto")
        assert len(outputs) == 2 and capsys.readouterr() == ("", "")
        assert re.fullmatch(r"Epoch 1/2: 100% █{10} 2/2 \[\d\d:\d\d\], loss: \S+ - mae: \S+", outputs[0][-1])
        assert f"loss: {history.history['loss'][1]:.4f}" in outputs[1][-1]
        model.predict(X)
        assert outputs[2][-1].startswith("Predict: 100%") and capsys.readouterr() == ("", "")

    def test_an_output_of_one_s_own_needs_no_more_than_to_be_written_to(self, monkeypatch):
        written = []
        monkeypatch.setattr(sys, "stdout", SimpleNamespace(write=written.append, flush=lambda: None))
        model, _ = fitted(None, 1, verbose=1)
        model.evaluate(X, Y)
        model.predict(X)
        model.summary()
        said = "".join(written)
        assert said.startswith("Epoch 1/1 - ") and "\nEvaluate - loss: " in said and "│" in said

    @pytest.mark.parametrize("call", ["fit", "evaluate", "predict"])
    def test_a_bar_ends_where_its_call_is_interrupted(self, capsys, monkeypatch, call):
        class Stop(callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                raise KeyboardInterrupt

            on_test_batch_end = on_predict_batch_end = on_train_batch_end

        model, _ = fitted(None, 1, verbose=0)
        monkeypatch.setattr("sys.stdout.isatty", lambda: True)
        given = (X,) if call == "predict" else (X, Y)
        with pytest.raises(KeyboardInterrupt) as kept:  # and with it the call's frames, as a notebook keeps them
            getattr(model, call)(*given, verbose=1, callbacks=[Stop()])
        out = capsys.readouterr().out
        assert kept.tb is not None and "0%" in out and out.endswith("\n")

    def test_evaluate_says_its_values(self, capsys):
        model, _ = fitted(None, 1)
        model.evaluate(X, Y)
        assert capsys.readouterr().out.startswith("Evaluate - loss: ")


def test_every_hook_gets_logs():
    """As in Keras: empty ones where there is nothing to say, so that ``logs.keys()`` works anywhere."""
    heard = {}

    class Ear(callbacks.Callback):
        pass

    for hook in [name for name in vars(callbacks.Callback) if name.startswith("on_")]:
        setattr(Ear, hook, lambda self, *given, hook=hook: heard.setdefault(hook, given[-1]))
    model, _ = fitted(Ear(), validation_split=0.5)
    model.predict(X, verbose=0, callbacks=[Ear()])
    assert len(heard) > 12 and all(isinstance(logs, dict) for logs in heard.values())
