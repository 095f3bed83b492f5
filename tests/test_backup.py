"""BackupAndRestore: what it keeps, what it refuses, and what is left where a run or a write breaks off."""

import contextlib
import json
import os
import random
import warnings
from collections import deque
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from resumed_runs import Kill, Killed, X, Y, dense, fresh, generated, plain, start

import lamina
from lamina import Sequential, callbacks, layers, metrics
from lamina.__main__ import main
from lamina.callbacks import BackupAndRestore, Callback
from lamina.errors import DataError, FileError, LaminaError, OptionError, ShapeError, StateError
from lamina.models.run import Run
from lamina.utils import PyDataset, seeds, timeseries_dataset_from_array
from lamina.utils.state import pack, recall, unpack

ONES = np.eye(2)[Y]


def equal(model, other):
    """Whether two runs have the same weights and the same history, bit for bit."""
    histories = [pack(each.history.history) for each in (model, other)]
    return repr(histories[0]) == repr(histories[1]) and all(
        np.array_equal(a, b) for a, b in zip(model.get_weights(), other.get_weights(), strict=True)
    )


def fitted(keep, model=None, x=X, y=ONES, more=(), **options):
    """A run that is kept and never deleted."""
    model = model or dense()
    options = {"epochs": 2, "verbose": 0, "batch_size": 6} | options
    model.fit(x, y, callbacks=[*more, keep], **options)
    return model


@pytest.fixture(autouse=True)
def hasty_disk(monkeypatch):
    """Files are not waited for: no test in this process pulls the plug."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)


@pytest.fixture
def keep(tmp_path):
    return BackupAndRestore(tmp_path / "backup", delete_checkpoint=False)


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.sampled_from(["a", "PCG64"])
MARKS = st.sampled_from(
    [f"~{kind}" for kind in ["array", "scalar", "float", "floats", "tuple", "set", "deque", "generator", "dict", "odd"]]
)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.builds(lambda key, value: {key: value}, MARKS, inner)
        | st.dictionaries(st.sampled_from(["bit_generator", "state", "inc", "progress", "step", "epoch"]), inner)
    ),
    max_leaves=12,
)
DOCUMENTS = TREES | st.fixed_dictionaries({"format": st.just(1), "settings": TREES, "versions": TREES, "state": TREES})


class TestRefused:
    @pytest.mark.parametrize(
        ("options", "said"),
        [
            ({"batch_size": 5}, r"data.batch_size: expected 6, as in the run that was stopped, received 5"),
            ({"x": X[:20], "y": ONES[:20]}, r"data.x: expected float32 \(22, 5\), as .* received float32 \(20, 5\)"),
            ({"x": X + 1}, r"data.checksum of some rows: expected \d+"),
            ({"shuffle": False}, r"data.shuffle: expected True, as .* received False"),
            ({"steps_per_epoch": 2}, r"data.steps: expected None, as .* received 2"),
            ({"validation_split": 0.5}, r"data.x: expected float32 \(22, 5\)"),
            ({"validation_data": (X, ONES)}, r"validation: expected None, as in the run"),
            ({"validation_freq": 2}, r"validation_freq: expected 1, as .* received 2"),
            ({"class_weight": {0: 2.0}}, r"class_weight: expected None, as .* received {'0': 2.0}"),
            ({"initial_epoch": 1}, r"initial_epoch: expected 0, as .* received 1"),
            ({"more": [callbacks.EarlyStopping()]}, r"callbacks\[0\]: expected History/0, as .* received Early"),
        ],
    )
    def test_other_arguments(self, keep, options, said):
        fitted(keep)
        with pytest.raises(StateError, match=rf"backup .*backup.lamina is of another run: {said}[^$]*delete the file"):
            fitted(keep, **options)

    @pytest.mark.parametrize(
        ("model", "said"),
        [
            (lambda: dense(layers.Dense(3)), r"model.layers\[3\].config.units: expected 2, as"),
            (lambda: dense(optimizer="sgd"), r"optimizer.class_name: expected Adam, as .* received SGD"),
            (lambda: dense(optimizer=lamina.optimizers.Adam(0.1)), r"optimizer.learning_rate: expected 0.001, as"),
            (lambda: dense(metrics=["accuracy"]), r"metrics\[1\]"),
            (
                lambda: lamina.config.set_threads(7) or dense(),
                r"threads: expected \d, as .* 7.\nLikely mend: call lamina.config.set_threads\(\d\)",
            ),
            (lambda: dense(loss_weights=0.5), r"loss_weights: expected 1.0, as .* received 0.5"),
        ],
    )
    def test_another_model(self, keep, model, said):
        fitted(keep)
        before = keep.file.read_bytes()
        with pytest.raises(StateError, match=f"is of another run: {said}"):
            fitted(keep, model())
        assert keep.file.read_bytes() == before

    def test_a_refused_run_changes_no_file(self, keep, tmp_path):
        log = callbacks.CSVLogger(tmp_path / "log.csv")
        fitted(keep, more=[log])
        before = (tmp_path / "log.csv").read_text()
        with pytest.raises(StateError, match="another run"):
            fitted(keep, batch_size=5, more=[log])
        assert (tmp_path / "log.csv").read_text() == before

    def test_what_may_differ(self, keep, capsys):
        fitted(keep)

        class Silent(Callback):
            pass

        model = fitted(keep, epochs=3, verbose=2, more=[Silent()])
        assert model.history.epoch == [0, 1, 2]
        assert "Going on after 2 epochs, from " in capsys.readouterr().out

    def test_another_version_warns(self, keep, monkeypatch):
        fitted(keep)
        monkeypatch.setattr("lamina.config.VERSION", "0.0.0")
        with pytest.warns(UserWarning, match=r"stopped under lamina .* and goes on under 0.0.0: the last bits may"):
            fitted(keep)

    def test_arguments(self, tmp_path):
        for wrong in (0, "step", True, 1.5):
            with pytest.raises(
                OptionError, match=r'save_freq=...\): expected "epoch", or a number of steps, 1 or more'
            ):
                BackupAndRestore(tmp_path, wrong)

    def test_a_dataset_that_changes(self, keep):
        class Changes(PyDataset):
            def __len__(self):
                return 2

            def __getitem__(self, index):
                return X[:3], ONES[:3]

            def on_epoch_end(self):
                pass

        with pytest.raises(StateError, match=r"a run on Changes can't be resumed: its on_epoch_end may change it"):
            fitted(keep, x=Changes(), y=None, batch_size=None)
        dense().fit(Changes(), verbose=0)

    @pytest.mark.parametrize(
        ("then", "now"),
        [
            ({"shuffle": True}, {}),
            ({}, {"shuffle": True}),
            ({"shuffle": True}, {"shuffle": True, "sequence_stride": 2}),
        ],
    )
    def test_other_windows(self, keep, then, now):
        def windows(batches, **options):
            count = -(-(len(X) - 3) // options.get("sequence_stride", 1))
            size = -(-count // batches)
            return timeseries_dataset_from_array(X, Y[4:], 4, batch_size=size, seed=1, **options)

        model = Sequential([layers.Flatten(), layers.Dense(1)])
        model.compile("sgd", "mse")
        fitted(keep, model, windows(3, **then), None, batch_size=None)
        with pytest.raises(StateError, match="the state kept is of other samples"):
            fitted(keep, model, windows(3, **now), None, batch_size=None)

    def test_a_generator_that_gives_others(self, keep):
        def model():
            model = dense()
            model.compile("adam", "sparse_categorical_crossentropy")
            return model

        options = {"y": None, "batch_size": None, "steps_per_epoch": 3}
        fitted(keep, model(), x=generated(), **options)
        with pytest.raises(
            DataError, match="does not give the batches that it gave before .* the same 6 batches again"
        ):
            fitted(keep, model(), x=generated(8), **options)
        with pytest.raises(DataError, match="received 2 batches, not all of them the same"):
            fitted(keep, model(), x=(batch for _, batch in zip(range(2), generated(), strict=False)), **options)


class TestDamage:
    def test_named(self, keep):
        fitted(keep)
        data = bytearray(keep.file.read_bytes())
        data[len(data) // 2] ^= 1
        keep.file.write_bytes(data)
        with pytest.raises(FileError, match=r"backup.lamina: .* damaged"):
            fitted(keep)

    def test_no_backup(self, keep):
        from lamina.models import archive

        keep.file.parent.mkdir()
        archive.write(keep.file, {}, {})
        with pytest.raises(StateError, match=r"backup.lamina is no backup of a run"):
            fitted(keep)
        training = {"format": 1, "versions": {}, "settings": {}, "state": {"~odd": 1}}
        archive.write(keep.file, {"training": training}, {"training": {}})
        with pytest.raises(StateError, match=r"backup.lamina is no backup of a run"):
            fitted(keep)
        archive.write(keep.file, {"training": training | {"format": 2}}, {"training": {}})
        with pytest.raises(
            StateError, match=r"format: expected 2, as .*received 1.\nLikely mend: go on with the lamina"
        ):
            fitted(keep)

    @settings(max_examples=80, derandomize=True, deadline=None)
    @example({"format": 1, "settings": {}, "versions": {}, "state": {"~deque": [2**70, 1]}})
    @example({"format": 1, "settings": {}, "versions": {}, "state": {"~generator": {"bit_generator": "PCG64"}}})
    @example({"format": 1, "settings": {}, "versions": {}, "state": {"~set": [[1]]}})
    @given(DOCUMENTS)
    def test_any_document(self, document):
        """Whatever stands in a file, lamina's own errors come out."""

        def read(path, documents, arrays):
            return SimpleNamespace(documents={"training": document}, arrays={"training": {"a": np.zeros(2)}})

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("lamina.models.archive.read", read)
            with contextlib.suppress(LaminaError), warnings.catch_warnings(action="ignore"):
                Run.read(SimpleNamespace(settings={}), Path("backup.lamina"))

    def test_a_state_that_does_not_fit(self, keep, monkeypatch):
        """Whatever a file holds, lamina's own errors come out."""
        states = [{"progress": {"epoch": 0, "step": 0}, "shapes": None}, {"progress": {"step": 0, "who": 1}}]
        monkeypatch.setattr("lamina.models.run.Run.read", lambda self, path: states.pop())
        keep.file.parent.mkdir()
        keep.file.touch()
        while states:
            with pytest.raises(StateError, match="the state kept does not fit this run: received (Type|Key)Error: "):
                fitted(keep)

    def test_the_one_before_steps_in(self, tmp_path):
        keep = BackupAndRestore(tmp_path, double_checkpoint=True, delete_checkpoint=False)
        whole = fitted(keep, epochs=3)
        keep.file.write_bytes(b"torn")
        with pytest.warns(UserWarning, match=r"The run goes on from the state before that, .*backup.earlier.lamina"):
            again = fitted(keep, epochs=3)
        assert equal(again, whole)
        keep.file.unlink()  # killed between the two names
        assert equal(fitted(keep, epochs=3), whole)
        keep.delete_checkpoint = True
        fitted(keep, epochs=3)
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize("broken", ["fsync", "replace"])
    def test_a_write_that_fails(self, keep, monkeypatch, broken):
        """The error is clear; the file before stands; the model in memory goes on."""
        fitted(keep)
        before, model = keep.file.read_bytes(), dense()

        def full(*_):
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr(os, broken, full)
            with pytest.raises(FileError, match=r"backup.lamina can't be written: received No space left on device"):
                fitted(keep, model, epochs=5)
        assert keep.file.read_bytes() == before and len(list(keep.file.parent.iterdir())) == 1
        assert model.history.epoch == [0, 1, 2]
        fitted(keep, model, epochs=5)
        assert model.history.epoch == [0, 1, 2, 3, 4]

    def test_a_folder_that_can_not_be(self, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(FileError, match=r"file can't be written"):
            fitted(BackupAndRestore(tmp_path / "file"))


class TestInterrupt:
    class Interrupt(Callback):
        def on_train_batch_begin(self, batch, logs=None):
            if self.model.optimizer.iterations == 6:
                raise KeyboardInterrupt

    def test_the_model_can_go_on(self):
        """Its history is that of the epochs that are done; nothing of the step broken off is left."""
        model = dense()
        with pytest.raises(KeyboardInterrupt):
            model.fit(X, ONES, batch_size=6, epochs=9, verbose=0, callbacks=[self.Interrupt()])
        assert model.history.epoch == [0] and len(model.history.history["loss"]) == 1
        with pytest.raises(StateError, match="backward before forward"):
            model.backward(ONES)
        assert len(model.fit(X, ONES, verbose=0).epoch) == 1

    def test_within_backward(self):
        """The gradients of a step that was broken off are no part of the next."""
        model = Sequential([layers.Dense(3), layers.Dense(1)])
        model.compile("sgd", "mse")
        model.build((None, 5))
        weights, first = model.get_weights(), model.layers[0]
        first.backward_weights, backward = None, first.backward_weights
        with pytest.raises(TypeError):
            model.fit(X, Y, shuffle=False, verbose=0)
        assert not any(weight.grad.any() for weight in model.weights)
        first.backward_weights = backward
        np.testing.assert_array_equal(model.get_weights()[0], weights[0])

    def test_the_bar_is_closed(self, monkeypatch):
        monkeypatch.setattr("sys.stdout.isatty", lambda: True)
        bar = callbacks.ProgbarLogger()
        with pytest.raises(KeyboardInterrupt):
            dense().fit(X, ONES, batch_size=6, epochs=3, verbose=1, callbacks=[bar, self.Interrupt()])
        assert bar.bar is None

    def test_a_bar_goes_on_within_the_epoch(self, monkeypatch, capsys, tmp_path):
        monkeypatch.setattr("sys.stdout.isatty", lambda: True)
        keep = BackupAndRestore(tmp_path, 1)
        with pytest.raises(KeyboardInterrupt):
            fitted(keep, more=[self.Interrupt()], verbose=1)
        capsys.readouterr()
        fitted(keep, verbose=1)
        out = capsys.readouterr().out
        assert "Going on after 1 epochs and 2 steps, from " in out and "Epoch 2/2: 100%" in out and "4/4" in out

    def test_in_the_same_process(self, tmp_path):
        """The same model goes on where it was interrupted, as a notebook's cell that is run again."""
        lamina.utils.set_random_seed(4)
        whole = fitted(BackupAndRestore(tmp_path / "whole"), epochs=4)
        lamina.utils.set_random_seed(4)
        keep, model = BackupAndRestore(tmp_path / "kept", 1), dense()
        with pytest.raises(KeyboardInterrupt):
            fitted(keep, model, epochs=4, more=[self.Interrupt()])
        fitted(keep, model, epochs=4)
        assert equal(model, whole)


class TestState:
    def test_trees(self):
        tree = {
            "a/b": np.arange(3), "a": {"b": np.ones((2, 0)), "": [None, True, -(2**130), "ü", 0.1, -0.0]},
            "odd": [float("nan"), float("inf"), (1, (2,)), {3, 4}, deque([1, 2], 5), {1: 2}, {"~array": 1}],
            "many": [0.1, -0.0, float("nan"), float("inf")] * 20,
            "numbers": [np.float32(0.1), np.float64(0.1), np.int8(3), np.bool_(True), np.float64("nan")],
        }  # fmt: skip
        document, arrays = pack(tree)
        found = unpack(json.loads(json.dumps(document, allow_nan=False)), arrays)
        assert repr(found) == repr(tree) and len(arrays) == 8
        assert found["odd"][4].maxlen == 5 and type(found["numbers"][0]) is np.float32

    @pytest.mark.parametrize("kind", ["MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64"])
    def test_generators(self, kind):
        rng = np.random.Generator(getattr(np.random, kind)(3))
        rng.random(5, dtype=np.float32)  # half of a draw is left
        document, arrays = pack(rng)
        again = unpack(json.loads(json.dumps(document)), arrays)
        assert again.random(dtype=np.float32) == rng.random(dtype=np.float32) and again.normal() == rng.normal()

    def test_what_can_not_be_kept(self):
        with pytest.raises(StateError, match=r"state/a/0 can't be kept: expected .*, received a object"):
            pack({"a": [object()]})
        with pytest.raises(StateError, match="a kept generator: expected one of"):
            unpack({"~generator": {"bit_generator": "os"}}, {})
        with pytest.raises(StateError, match="the state of a Callback: expected its attributes, received '__class__'"):
            recall(Callback(), {"__class__": 1})
        with pytest.raises(StateError, match="received 'on_epoch_end'"):
            recall(Callback(), {"on_epoch_end": 1})
        dropout = lamina.layers.Dropout(0.5)
        (name,) = dropout.get_state()
        for thing, state in ((dropout, {name: 1}), (Callback(), {"wait": np.random.default_rng(0)})):
            with pytest.raises(StateError, match="a generator as its"):
                recall(thing, state)

    def test_seeds(self):
        state = seeds.get_state()

        def draws():
            return seeds.next_generator().random(), random.gauss(), np.random.normal()  # noqa: NPY002

        expected = draws()
        draws()
        seeds.set_state(unpack(*pack(state)))
        assert draws() == expected

    def test_callbacks_of_one_s_own(self):
        class Mine(Callback):
            def __init__(self, data, best=0.0, path="x"):
                self.data, self.best, self.path, self.count = data, best, str(path), 0

        mine = Mine(X, path=Path("x"))
        assert mine.get_state() == {"count": 0}
        mine.best = 0.5
        assert mine.get_state() == {"count": 0, "best": 0.5}
        mine.file = iter(())
        with pytest.warns(
            UserWarning, match=r"Mine.file, a tuple_iterator, is not kept in the backup: write get_state"
        ):
            assert mine.get_state() == {"count": 0, "best": 0.5}

    def test_metrics(self):
        for metric in (metrics.F1Score(), metrics.R2Score(), metrics.AUC(multi_label=True), metrics.MeanIoU(2)):
            y, y_pred = ONES[:4], np.eye(2)[[0, 1, 1, 0]] * 0.7
            metric.update_state(y, y_pred)
            again = type(metric).from_config(metric.get_config())
            again.set_state(metric.get_state())
            np.testing.assert_array_equal(again.result(), metric.result())
            again.update_state(y, y_pred)
            metric.update_state(y, y_pred)
            np.testing.assert_array_equal(again.result(), metric.result())
        with pytest.raises(StateError, match="metric 'mean': set_state: expected 0/total, 1/count, received x"):
            metrics.Mean().set_state({"x": np.zeros(())})
        with pytest.raises(ShapeError, match="total"):
            metrics.Mean().set_state({"0/total": np.zeros(2), "1/count": np.zeros(())})

    def test_a_look_at_dead_layers_leaves_states_alone(self):
        """What a stateful layer carries depends on the steps alone, not on what was looked at between them."""
        dead = layers.Dense(3, "relu", bias_initializer=lamina.initializers.Constant(-1e3))
        model = Sequential([layers.SimpleRNN(2, stateful=True), dead, layers.Dense(1)])
        model.compile("sgd", "mse")
        seen = []

        class Watch(Callback):
            def on_train_batch_end(self, batch, logs=None):
                seen.append(self.model.layers[0].states[0].copy())

        x = np.random.default_rng(0).normal(size=(20, 3, 2)).astype("float32")
        with pytest.warns(UserWarning, match="gave nothing but 0 in the whole of epoch 1|no gradient reaches"):
            model.fit(x, np.ones(20), batch_size=4, verbose=0, callbacks=[Watch()])
        np.testing.assert_array_equal(model.layers[0].states[0], seen[-1])

    def test_frozen_layers_keep_no_gradients(self):
        """A layer that is trained again begins with the gradient of that step, not of all steps before."""
        found = []
        for frozen_epochs in (0, 3):
            lamina.utils.set_random_seed(0)
            model = Sequential([layers.Dense(3), layers.Dense(2), layers.Dense(1)])
            model.compile(lamina.optimizers.SGD(0.0), "mse")
            model.build((None, 5))
            model.layers[1].trainable = False
            model.fit(X, Y, epochs=frozen_epochs, verbose=0)
            model.layers[1].trainable = True
            model.optimizer.learning_rate = 0.1
            model.fit(X, Y, batch_size=22, shuffle=False, verbose=0)
            found.append(model.get_weights()[2])
        np.testing.assert_array_equal(*found)


class TestFiles:
    def test_deleted_at_the_end(self, tmp_path):
        fitted(BackupAndRestore(tmp_path / "backup"))
        assert not list((tmp_path / "backup").iterdir())

    def test_how_often(self, tmp_path, monkeypatch):
        written = []
        monkeypatch.setattr("lamina.models.archive.write", lambda path, documents, arrays: written.append(documents))
        fitted(BackupAndRestore(tmp_path, 3), epochs=2)
        places = [document["training"]["state"]["progress"] for document in written]
        assert [(place["epoch"], place["step"], place["total"]) for place in places] == [(0, 3, 3), (1, 2, 6)]
        written.clear()
        fitted(BackupAndRestore(tmp_path), epochs=2)
        assert [document["training"]["state"]["progress"]["epoch"] for document in written] == [1, 2]

    def test_csv_lines_are_those_of_the_run(self, tmp_path):
        """Lines of epochs that are trained anew are cut off; a file that was deleted comes back; the text before stays."""
        whole = start(plain, fresh(tmp_path, "whole"))["log"]
        for spoil in ("more\n", None):
            folder = fresh(tmp_path, f"killed{spoil}")
            keep, log = BackupAndRestore(folder / "backup"), folder / "log.csv"
            with pytest.raises(Killed):
                start(plain, folder, [Kill(13), keep])
            log.unlink() if spoil is None else log.write_text(log.read_text() + spoil)
            assert start(plain, folder, [keep])["log"] == whole


class TestCommand:
    TEXT = """\
data: {dataset: {iris: {test_split: 0.2}}}
model: [Input: {shape: [4]}, Dense: {units: 3, activation: softmax}]
compile: {loss: sparse_categorical_crossentropy}
fit: {epochs: 3, verbose: 0}
"""

    @pytest.fixture
    def arguments(self, tmp_path):
        (tmp_path / "run.yaml").write_text(self.TEXT)
        return ["train", str(tmp_path / "run.yaml"), "--out", str(tmp_path / "out")]

    def test_stopped_and_gone_on_with(self, arguments, tmp_path, capsys, monkeypatch):
        assert main(arguments) == 0
        whole = (tmp_path / "out" / "history.csv").read_text()

        def stop(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(callbacks.CSVLogger, "on_epoch_begin", stop)
            assert main([*arguments, "--backup"]) == 130
            assert "lamina: stopped, and goes on where it was with the same command" in capsys.readouterr().err
            assert (tmp_path / "out" / "backup.lamina").exists()
            assert main(arguments) == 130
            assert capsys.readouterr().err == "lamina: stopped\n"
        assert main([*arguments, "--backup"]) == 0
        assert (tmp_path / "out" / "history.csv").read_text() == whole
        assert not (tmp_path / "out" / "backup.lamina").exists()

    def test_refused(self, arguments, capsys):
        assert main([*arguments[:2], "--backup"]) == 2
        assert "lamina train --backup: expected --out FOLDER beside it" in capsys.readouterr().err
        assert main([*arguments, "--backup", "often"]) == 2
        assert 'expected "epoch", or a number of steps' in capsys.readouterr().err
        with pytest.raises(OptionError, match=r"run\(backup=...\): expected out"):
            lamina.experiments.load(arguments[1]).run(backup="epoch")


def test_a_long_vocabulary_is_told_by_its_checksum(keep):
    words = [f"w{number}" for number in range(1200)]

    def model(words):
        model = Sequential([layers.StringLookup(vocabulary=words, output_mode="multi_hot"), layers.Dense(2, "softmax")])
        model.compile("adam", "categorical_crossentropy")
        return model

    texts = np.array([["w1", "w2"], ["w3", "w4"]])
    fitted(keep, model(words), x=texts, y=np.eye(2))
    assert b"w700" not in keep.file.read_bytes()
    with pytest.raises(StateError, match=r"layers\[0\].config.vocabulary: expected 1200 entries of checksum \d+, as"):
        fitted(keep, model([*words[1:], "new"]), x=texts, y=np.eye(2))
    fitted(keep, model(words), x=texts, y=np.eye(2), epochs=3)
