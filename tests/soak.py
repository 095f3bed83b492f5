"""A soak test, outside the usual suite: many steps of small models of all kinds, and many models built and dropped.

    python tests/soak.py                    100,000 steps, then 200 models built, trained and dropped
    python tests/soak.py --steps 5000 --cycles 50

It prints memory and open files as it goes on, and ends with an error if either grows: more than 2 MB over the steps (the
first fifth of them warms up), more than 1 MB for each 100 models (1 MB for fewer), or any file left open.
"""

import argparse
import gc
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

import lamina
from lamina import Input, Sequential, callbacks, layers

ROUND = 50  # steps that each model makes in turn
rng = np.random.default_rng(0)


def dense() -> Sequential:
    return Sequential(
        [
            Input((8,)),
            layers.Dense(16, activation="relu", kernel_regularizer="l2"),
            layers.Dropout(0.3),
            layers.BatchNormalization(),
            layers.Dense(3, activation="softmax"),
        ]
    )


def image() -> Sequential:
    return Sequential(
        [
            Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.SpatialDropout2D(0.2),
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ]
    )


def words() -> Sequential:
    return Sequential(
        [
            Input((6,)),
            layers.Embedding(20, 8, mask_zero=True),
            layers.Bidirectional(layers.LSTM(4, dropout=0.1, recurrent_dropout=0.1)),
            layers.Dense(3, activation="softmax"),
        ]
    )


def series() -> Sequential:
    return Sequential([Input((6, 4)), layers.GRU(5), layers.GaussianNoise(0.1), layers.Dense(3, activation="softmax")])


KINDS: list[tuple[Callable[[], Sequential], np.ndarray, str]] = [
    (dense, rng.normal(size=(96, 8)), "adam"),
    (image, rng.normal(size=(96, 8, 8, 1)), "sgd"),
    (words, rng.integers(0, 20, (96, 6)), "rmsprop"),
    (series, rng.normal(size=(96, 6, 4)), "adamw"),
]
Y = rng.integers(0, 3, 96)


def made(kind: Callable[[], Sequential], optimizer: str) -> Sequential:
    """A compiled model."""
    model = kind()
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def trained(model: Sequential, x: np.ndarray, steps: int, folder: Path) -> None:
    """Train, with all that a script has about it: shuffling, validation, callbacks that write files; then use it."""
    listeners = [
        callbacks.CSVLogger(folder / "log.csv"),
        callbacks.EarlyStopping(patience=1000, restore_best_weights=True),
        callbacks.ReduceLROnPlateau(patience=1000),
        callbacks.ModelCheckpoint(folder / "best.lamina", monitor="loss", save_best_only=True),
        callbacks.BackupAndRestore(folder / "backup"),
    ]
    epochs = -(-steps // 10)
    model.fit(
        x, Y, batch_size=8, epochs=epochs, steps_per_epoch=10, validation_data=(x, Y), verbose=0, callbacks=listeners
    )
    model.evaluate(x, Y, verbose=0)
    model.predict(x, verbose=0)
    model.save(folder / "m.lamina")
    lamina.models.load_model(folder / "m.lamina").load_weights(folder / "best.lamina")


def resident() -> float:
    """The process's memory in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def soak(steps: int, folder: Path) -> list[str]:
    """Many steps of the same models, in turn: what grew."""
    models = [(made(kind, optimizer), x) for kind, x, optimizer in KINDS]
    rounds = max(10, steps // (ROUND * len(models)))
    marks: list[tuple[float, int]] = []
    for number in range(rounds):
        for model, x in models:
            trained(model, x, ROUND, folder)
        if (number + 1) * 10 // rounds > number * 10 // rounds:
            gc.collect()
            marks.append((resident(), open_files()))
            done = (number + 1) * ROUND * len(models)
            print(f"{done:>8} steps  {marks[-1][0]:8.2f} MB  {marks[-1][1]} files open", flush=True)
    growth, files = marks[-1][0] - marks[1][0], marks[-1][1] - marks[0][1]
    print(f"after the first fifth: {growth:+.2f} MB, {files:+d} files")
    return ([f"memory grew by {growth:.2f} MB over the steps"] if growth > 2 else []) + (
        [f"{files} files were left open"] if files > 0 else []
    )


def build(cycles: int, folder: Path) -> list[str]:
    """Many models, each built, trained a little and dropped: what grew."""
    marks: list[float] = []
    for number in range(-20, cycles):  # the first twenty warm up
        for kind, x, optimizer in KINDS:
            trained(made(kind, optimizer), x, 10, folder)
        if number % 50 == 49 or number in (-1, cycles - 1):
            gc.collect()
            marks.append(resident())
            print(f"{number + 1:>8} models of each kind  {marks[-1]:8.2f} MB", flush=True)
    growth = marks[-1] - marks[0]
    print(f"{growth:+.2f} MB for {cycles} of each")
    return [f"memory grew by {growth:.2f} MB for {cycles} models of each kind"] if growth > max(1, cycles / 100) else []


def main() -> int:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--steps", type=int, default=100_000)
    reader.add_argument("--cycles", type=int, default=200)
    given = reader.parse_args()
    lamina.utils.set_random_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        found = soak(given.steps, Path(folder)) + build(given.cycles, Path(folder))
    for line in found:
        print(line, file=sys.stderr)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
