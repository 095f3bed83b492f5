"""Adafactor: Adam whose mean squares are kept as row and column sums."""

import math
from typing import Any, Unpack

import numpy as np

from ..utils.checks import number
from .base import Optimizer, OptimizerOptions, registry
from .flat import Flat


class Adafactor(Optimizer):
    """Steps by g / √v, held to a root mean square of `clip_threshold`, times the size of the weights.

    s = g² + ε₁;  β = 1 - tᶜ, c = `beta_2_decay`;  for a matrix r ← β·r + (1 - β)·mean of s over columns,
    c ← β·c + (1 - β)·mean of s over rows, v = r·c / mean(r); for a vector v ← β·v + (1 - β)·s.
    u = g / √v;  w ← w - max(ε₂, rms(w))·ρ·u / max(1, rms(u) / `clip_threshold`), ρ = min(lr, 1 / √t) with
    `relative_step`, else lr.

    Source: Shazeer & Stern, *Adafactor* (2018).
    """

    whole_variables = True

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
        **options: Unpack[OptimizerOptions],
    ):
        super().__init__(learning_rate, **options)
        self.beta_2_decay = number("Adafactor", "beta_2_decay", beta_2_decay)
        self.epsilon_1 = number("Adafactor", "epsilon_1", epsilon_1, 0)
        self.epsilon_2 = number("Adafactor", "epsilon_2", epsilon_2, 0)
        self.clip_threshold = number("Adafactor", "clip_threshold", clip_threshold, np.nextafter(0, 1))
        self.relative_step = relative_step

    def slots(self):
        # Each variable has room of its own size; a matrix keeps its rows' and columns' means at its beginning.
        return {"mean_squares": 0.0}

    def pieces(self, flat: Flat):
        room = flat.slots["mean_squares"]
        return [
            (value, flat.of(flat.grad, place), *_parts(room[span], value.shape))
            for place, (value, span) in enumerate(zip(flat.views, flat.spans, strict=True))
        ]

    def prepare(self, lr, t):
        rho = min(lr, 1 / math.sqrt(t)) if self.relative_step else lr
        return rho, 1 - t**self.beta_2_decay

    def update(self, w, g, rows, columns, rho, beta):
        size = max(self.epsilon_2, _rms(w))
        squares = np.square(g)
        squares += self.epsilon_1
        if columns is None:
            v = _decay(rows, squares, beta)
        else:
            r = _decay(rows, squares.mean(axis=-1), beta)
            c = _decay(columns, squares.mean(axis=-2), beta)
            v = (r / r.mean(axis=-1, keepdims=True))[..., None] * c[..., None, :]
        u = g / np.sqrt(v)
        u *= size * rho / max(1.0, _rms(u) / self.clip_threshold)
        w -= u


def _parts(room: np.ndarray, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray | None]:
    """Where the mean squares lie: of rows and of columns, or of each number where these would not fit into the room."""
    if len(shape) < 2:
        return room.reshape(shape), None
    rows, columns = shape[:-1], (*shape[:-2], shape[-1])
    if math.prod(rows) + math.prod(columns) > len(room):
        room = np.zeros(math.prod(rows) + math.prod(columns), room.dtype)
    return room[: math.prod(rows)].reshape(rows), room[math.prod(rows) :][: math.prod(columns)].reshape(columns)


def _decay(average: np.ndarray, new: np.ndarray, beta: float) -> np.ndarray:
    average *= beta
    average += (1 - beta) * new
    return average


def _rms(x: np.ndarray) -> float:
    return math.sqrt(float(np.mean(np.square(x))))


registry.add(Adafactor, "adafactor")
