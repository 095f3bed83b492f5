"""The workloads: model, data and batch of each, declared once in Keras's vocabulary, for whoever builds them.

`make("mlp")` is a workload as it is; `make("mlp:width=256,batch=32")` is one with other sizes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Workload:
    """A model to train: Adam, its usual loss, accuracy, shuffled."""

    name: str
    build: Callable[[Any], list]  # the layers, from `lamina.layers` or `keras.layers`
    shape: tuple[int, ...]  # of one sample
    batch: int
    steps: int  # of an epoch: so many that what an epoch costs besides them hardly counts
    classes: int = 10  # 1: yes or no
    each_step: bool = False  # whether every time step has a label
    vocabulary: int = 0  # samples are word numbers below this
    options: dict[str, int] = field(default_factory=dict)  # the sizes, for PyTorch's twin

    @property
    def loss(self) -> str:
        """The usual loss for such labels."""
        return "binary_crossentropy" if self.classes == 1 else "sparse_categorical_crossentropy"

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """An epoch of samples and labels, drawn; speed does not depend on what they mean."""
        rng = np.random.default_rng(0)
        count = self.batch * self.steps
        if self.vocabulary:
            x: np.ndarray = rng.integers(0, self.vocabulary, (count, *self.shape), np.int32)
        else:
            x = rng.standard_normal((count, *self.shape), np.float32)
        labels = (count, self.shape[0]) if self.each_step else (count,)
        return x, rng.integers(0, max(self.classes, 2), labels, np.int32)


def _steps(work: float) -> int:
    """How many steps make an epoch, from the multiplications (in millions) of a forward step."""
    return max(20, min(500, round(8000 / work)))


def tiny(batch: int = 32) -> Workload:
    """Dense 4-16-3."""
    return Workload(
        "tiny", lambda layers: _dense(layers, [16], 3), (4,), batch, 500, classes=3, options={"width": 16, "depth": 1}
    )


def mlp(batch: int = 128, width: int = 512, depth: int = 2) -> Workload:
    """Dense 784-512-512-10."""
    return Workload(
        "mlp",
        lambda layers: _dense(layers, [width] * depth, 10),
        (784,),
        batch,
        _steps(batch * (784 * width + (depth - 1) * width**2 + width * 10) / 1e6),
        options={"width": width, "depth": depth},
    )


def _dense(layers, widths: list[int], classes: int) -> list:
    return [*(layers.Dense(width, activation="relu") for width in widths), layers.Dense(classes, activation="softmax")]


def cnn(batch: int = 128, size: int = 28) -> Workload:
    """Conv 32, pool, Conv 64, pool, Dense 64, 10 on grey images."""
    return Workload(
        "cnn",
        lambda layers: [
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ],
        (size, size, 1),
        batch,
        _steps(batch * size**2 * 4700 / 1e6),
        options={"size": size},
    )


def cnn_same(batch: int = 64, size: int = 32) -> Workload:
    """Conv 32 twice, pool, Conv 64, pool, Dense 128, 10 on colour images; padding keeps their size."""
    return Workload(
        "cnn_same",
        lambda layers: [
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ],
        (size, size, 3),
        batch,
        _steps(batch * size**2 * 15000 / 1e6),
        options={"size": size},
    )


def wide(batch: int = 32, size: int = 32) -> Workload:
    """Conv 64, then Conv 64 of stride 2, and Dense 10, on 16 channels."""
    return Workload(
        "wide",
        lambda layers: [
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.Conv2D(64, 3, strides=2, padding="same", activation="relu"),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ],
        (size, size, 16),
        batch,
        _steps(batch * size**2 * 18000 / 1e6),
        options={"size": size},
    )


def _recurrent(kind: str, batch: int, steps: int, units: int) -> Workload:
    gates = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1}[kind]
    return Workload(
        {"LSTM": "lstm", "GRU": "gru", "SimpleRNN": "rnn"}[kind],
        lambda layers: [
            getattr(layers, kind)(units, return_sequences=True),
            layers.Dense(10, activation="softmax"),
        ],
        (steps, 32),
        batch,
        min(100, _steps(batch * steps * gates * units * (32 + units) / 1e6 + 80)),
        each_step=True,
        options={"units": units},
    )


def lstm(batch: int = 64, steps: int = 50, units: int = 64) -> Workload:
    """LSTM 64 over 50 steps of 32, Dense 10 at each."""
    return _recurrent("LSTM", batch, steps, units)


def gru(batch: int = 64, steps: int = 50, units: int = 64) -> Workload:
    """GRU 64 over 50 steps of 32, Dense 10 at each."""
    return _recurrent("GRU", batch, steps, units)


def rnn(batch: int = 64, steps: int = 50, units: int = 64) -> Workload:
    """SimpleRNN 64 over 50 steps of 32, Dense 10 at each."""
    return _recurrent("SimpleRNN", batch, steps, units)


def imdb(batch: int = 32, steps: int = 80, units: int = 128) -> Workload:
    """Embedding 20000x128, LSTM 128 over 80 words, Dense 1."""
    return Workload(
        "imdb",
        lambda layers: [
            layers.Embedding(20000, 128),
            layers.LSTM(units),
            layers.Dense(1, activation="sigmoid"),
        ],
        (steps,),
        batch,
        _steps(batch * steps * 4 * units * (128 + units) / 1e6),
        classes=1,
        vocabulary=20000,
        options={"units": units},
    )


WORKLOADS = {factory.__name__: factory for factory in (tiny, mlp, cnn, cnn_same, wide, lstm, gru, rnn, imdb)}


def make(spec: str) -> Workload:
    """The workload of a name, or of `name:option=number,...`."""
    name, _, options = spec.partition(":")
    pairs = (option.split("=") for option in options.split(",") if option)
    return WORKLOADS[name](**{key: int(value) for key, value in pairs})
