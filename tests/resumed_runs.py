"""Runs to be stopped and gone on with: models, data and callbacks of every kind; as a script, killed for good.

``python resumed_runs.py CASE FOLDER SAVE_FREQ [HOW AT]`` runs a case in a folder, and writes what came out into
``outcome.json`` there; the case "train" is ``lamina train`` of ``run.yaml`` there. HOW is "step" or "write": where the process kills itself, at the AT-th time.
"""

import json
import os
import random
import signal
import sys
from pathlib import Path

import numpy as np

import lamina
from lamina import Sequential, callbacks, layers, losses, metrics, optimizers
from lamina.__main__ import main as command
from lamina.models import worth
from lamina.utils import PyDataset
from lamina.utils.state import pack

rng = np.random.default_rng(1)
X = rng.normal(size=(22, 5)).astype("float32")
Y = (X @ [1.0, -2.0, 0.5, 1.0, 0.0] > 0).astype("int64")
STEPS = rng.normal(size=(22, 4, 3)).astype("float32")
EPOCHS = 4


class Killed(BaseException):
    """What stands for the kill: nothing in the library catches it."""


class Kill(callbacks.Callback):
    """Ends the process, so to speak, after some steps, or at the end of an epoch, before the other callbacks."""

    def __init__(self, at):
        self.at, self.seen = at, 0

    def get_state(self):
        return {}

    def _count(self):
        self.seen += 1
        if self.seen == self.at:
            raise Killed

    def on_train_batch_end(self, batch, logs=None):
        self._count()

    def on_test_batch_begin(self, batch, logs=None):
        self._count()

    def on_epoch_end(self, epoch, logs=None):
        self._count()

    def on_train_end(self, logs=None):
        self._count()


class Slices(PyDataset):
    """Batches in an order of the dataset's own, new at each epoch."""

    def __init__(self, **options):
        super().__init__(**options)
        self.rng = np.random.default_rng(5)
        self.order = np.arange(20)

    def __len__(self):
        return 4

    def __getitem__(self, index):
        rows = self.order[5 * index : 5 * index + 5]
        return X[rows], Y[rows]

    def on_epoch_end(self):
        self.order = self.rng.permutation(20)

    def get_state(self):
        return {"order": self.order, "rng": self.rng}

    def set_state(self, state):
        self.order, self.rng = state["order"], state["rng"]


def generated(seed=3):
    draws = np.random.default_rng(seed)
    while True:
        rows = draws.integers(0, 22, 6)
        yield X[rows], Y[rows], draws.uniform(size=6)


class Loader:
    """Batches that can be had again and again, each time in a new order."""

    def __init__(self, seed):
        self.draws = np.random.default_rng(seed)

    def __iter__(self):
        order = self.draws.permutation(20)
        return ((X[rows], Y[rows]) for rows in order.reshape(5, 4))


class Tally(callbacks.Callback):
    """A callback of a user's own, which knows nothing of backups."""

    def __init__(self, top=10):
        self.top, self.values, self.rng = top, [], np.random.default_rng(1)

    def on_train_batch_end(self, batch, logs=None):
        draws = self.rng.random(), np.random.random(), random.random()  # noqa: NPY002
        self.values.append((logs["loss"], *draws))
        self.top = max(self.top, logs["loss"])


def dense(*more, **options):
    entries = [
        layers.Dense(8, activation="relu", kernel_regularizer="l2"),
        layers.BatchNormalization(),
        layers.Dropout(0.4),
        *more,
        layers.Dense(2, activation="softmax"),
    ]
    model = Sequential(entries)
    options = {"optimizer": "adam", "metrics": ["accuracy", metrics.F1Score()]} | options
    model.compile(loss="categorical_crossentropy", **options)
    return model


def monitors(folder):
    return [
        callbacks.ReduceLROnPlateau("val_loss", patience=1, factor=0.5, min_delta=0.05),
        callbacks.EarlyStopping("val_loss", patience=2, restore_best_weights=True),
        callbacks.ModelCheckpoint(folder / "best.lamina", save_best_only=True),
        callbacks.CSVLogger(folder / "log.csv"),
        Tally(),
    ]


def plain(folder):
    """Dropout, batch statistics, shuffles, class weights, a part held out, every callback that decides."""
    y = np.eye(2)[Y]
    return dense(), monitors(folder), {"x": X, "y": y, "class_weight": {0: 1.0, 1: 2.5}, "validation_split": 0.2}


def sequences(folder):
    model = Sequential([layers.LSTM(4, dropout=0.2, recurrent_dropout=0.2), layers.GaussianNoise(0.1), layers.Dense(1)])
    rate = optimizers.schedules.ExponentialDecay(0.05, 3, 0.9)
    model.compile(optimizers.RMSprop(rate, momentum=0.9), "mse", metrics=["mae", metrics.R2Score()])
    return model, [], {"x": STEPS, "y": STEPS.sum((1, 2)), "sample_weight": np.arange(22.0)}


def stateful(folder):
    model = Sequential([layers.SimpleRNN(3, stateful=True), layers.Dense(1)])
    model.compile(optimizers.SGD(0.05, momentum=0.5, gradient_accumulation_steps=3, use_ema=True), "mse")
    data = {"x": STEPS[:20], "y": STEPS[:20].sum((1, 2)), "batch_size": 5, "shuffle": False}
    return model, [], data | {"validation_data": (STEPS[:10], STEPS[:10].sum((1, 2)))}


def odd_steps(folder):
    """Epochs that begin and end within the data, a look at validation data every second one, in steps too."""
    options = {"steps_per_epoch": 3, "validation_freq": 2, "validation_data": (X[:9], Y[:9]), "validation_steps": 2}
    model = Sequential([layers.Dense(4), layers.PReLU(), layers.AlphaDropout(0.1), layers.Dense(2, "softmax")])
    model.compile("nadam", losses.SparseCategoricalCrossentropy(), weighted_metrics=["accuracy"])
    halve = callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    return model, [halve, callbacks.CSVLogger(folder / "log.csv", append=True)], {"x": X, "y": Y} | options


def dataset(folder, workers=1):
    model = dense(optimizer="adagrad", metrics=[metrics.AUC(num_thresholds=20, multi_label=True)])
    model.compile("ftrl", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, [Tally()], {"x": Slices(workers=workers), "validation_data": Slices(), "validation_steps": 3}


def dataset_with_workers(folder):
    return dataset(folder, workers=3)


def series(folder):
    """Windows of a series, drawn anew for each epoch; those that are looked at stay in their order."""
    model = Sequential([layers.SimpleRNN(3), layers.Dense(1)])
    model.compile("adam", "mse")
    windows = lamina.utils.timeseries_dataset_from_array
    data = windows(X, X[5:, 0], 5, batch_size=4, shuffle=True)
    return model, [], {"x": data, "validation_data": windows(X, X[5:, 0], 5, batch_size=6)}


def generator(folder):
    model = dense()
    model.compile("adamax", "sparse_categorical_crossentropy", metrics=["accuracy"])
    data = {"x": generated(), "steps_per_epoch": 4, "class_weight": {1: 2.0}}
    return model, [], data | {"validation_data": generated(4), "validation_steps": 2}


def loader(folder):
    """Of the one, batches are left at an epoch's end; the other is left in the middle, and begun anew."""
    model = dense()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, [], {"x": Loader(1), "steps_per_epoch": 3, "validation_data": Loader(2), "validation_steps": 2}


def unfreezing(folder):
    """Layers that a callback begins to train in the second and the third epoch, once and for all."""
    model = dense(layers.Dense(4), metrics=[metrics.AUC(num_thresholds=20, multi_label=True)])
    for layer in model.layers[:2]:
        layer.trainable = False

    class Unfreeze(callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.layers[epoch % 2].trainable = True

    return model, [Unfreeze()], {"x": X, "y": np.eye(2)[Y]}


def threads(folder):
    """Batches that are split over processes, each with draws of its own, and a last one that is too small for that."""
    lamina.config.set_threads(2)
    model = Sequential([layers.Conv2D(16, 3, padding="same"), layers.Dropout(0.5), layers.Flatten(), layers.Dense(1)])
    model.compile("adam", "mse")
    images = np.random.default_rng(4).normal(size=(68, 32, 32, 1)).astype("float32")
    return model, [], {"x": images, "y": images.mean((1, 2, 3)), "batch_size": 32}


def stopping(folder):
    """A callback that ends the run within an epoch."""

    class Stop(callbacks.Callback):
        def __init__(self):
            self.count = 0

        def on_train_batch_end(self, batch, logs=None):
            self.count += 1
            self.model.stop_training = self.count == 7

    return dense(), [Stop(), callbacks.TerminateOnNaN()], {"x": X, "y": np.eye(2)[Y], "validation_split": 0.2}


CASES = [
    plain,
    sequences,
    stateful,
    odd_steps,
    dataset,
    dataset_with_workers,
    series,
    generator,
    loader,
    unfreezing,
    stopping,
    threads,
]


def start(case, folder, more=(), seed=1):
    """What a script does each time that it is started."""
    lamina.utils.set_random_seed(seed)
    model, listeners, data = case(folder)
    if isinstance(data["x"], np.ndarray):
        data.setdefault("batch_size", 6)
    history = model.fit(epochs=EPOCHS, verbose=0, callbacks=[*more, *listeners], **data)
    return outcome(model, history, listeners, folder)


def outcome(model, history, listeners, folder):
    """All that can be told of a run that is over, to the bit."""
    facts = {
        "weights": [weight.tobytes().hex() for weight in model.get_weights()],
        "optimizer": {name: value.tobytes().hex() for name, value in model.optimizer.get_state().items()},
        "history": {name: np.array(values).tobytes().hex() for name, values in history.history.items()},
        "epochs": history.epoch,
        "listeners": [
            repr(pack(callback.get_state())) for callback in listeners if not isinstance(callback, callbacks.CSVLogger)
        ],
        "draws": [model._generator.random(), lamina.utils.seeds.next_generator().random(), np.random.random()],  # noqa: NPY002
    }
    log, best = folder / "log.csv", folder / "best.lamina"
    facts["best"] = best.read_bytes().hex() if best.exists() else None
    return facts | {"log": log.read_text() if log.exists() else ""}


def fresh(folder, name):
    folder = folder / name
    folder.mkdir()
    (folder / "log.csv").write_text("epoch,loss\n9,0.5\n")  # what one that appends goes on with
    return folder


class Murder(Kill):
    """Kills the process for good."""

    def _count(self):
        self.seen += 1
        if self.seen == self.at:
            die()


def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)


def main(case, folder, save_freq, how="never", at="0"):
    """One start of the script."""
    folder, fsync, counted = Path(folder), os.fsync, [0]

    def synced(handle):
        """The disk has it; twice a backup: before its file gets its name, and after."""
        counted[0] += 1
        if how == "write" and counted[0] == int(at):
            die()
        fsync(handle)

    os.fsync = synced
    if case == "train":
        murder = Murder(int(at) if how == "step" else 0)
        callbacks.CSVLogger.on_train_batch_end = lambda self, batch, logs=None: murder.on_train_batch_end(batch)
        sys.exit(command(["train", str(folder / "run.yaml"), "--out", str(folder), "--backup", save_freq]))
    keep = callbacks.BackupAndRestore(folder / "backup", save_freq if save_freq == "epoch" else int(save_freq))
    found = start(globals()[case], folder, [Murder(int(at) if how == "step" else 0), keep])
    (folder / "outcome.json").write_text(json.dumps(found))


if __name__ == "__main__":
    worth.CALL = 1  # as in the tests
    main(*sys.argv[1:])
