"""Adafactor: mean squares kept by row and by column, steps in proportion to the size of the weights."""

import math
from typing import Any, Unpack

import numpy as np

from ..utils.checks import number
from .arguments import OptimizerOptions, positive
from .base import Optimizer, registry
from .layout import Shape, Slot
from .vectors import average, mean_root


class Adafactor(Optimizer):
    """Adafactor, in the t-th update, for each variable as a whole; s = g² + ε₁ and β = 1 - tᵇ, b = `beta_2_decay`:

    a matrix (..., rows, columns):  r ← β·r + (1 - β)·mean of s over the columns, (..., rows)
                                    c ← β·c + (1 - β)·mean of s over the rows, (..., columns)
                                    v = r·c / mean of r, (..., rows, columns)
    a vector:                       v ← β·v + (1 - β)·s
    u = g / √v
    w ← w - max(ε₂, rms(w))·ρ·u / max(1, rms(u) / d),  d = `clip_threshold`, rms(x) = √(mean of x²)

    with ρ = min(lr, 1 / √t), or ρ = lr without `relative_step`. (Keras 3.15 says so too, but takes the minimum anyway.)

    Source: Shazeer & Stern, Adafactor: Adaptive Learning Rates with Sublinear Memory Cost (2018).

    >>> from lamina import Variable
    >>> w = Variable(np.array([1.0, 2.0]))
    >>> _ = Adafactor(0.1).apply_gradients([([4.0, -4.0], w)])
    >>> w.value.round(4)
    array([0.8419, 2.1581])
    """

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
        where = type(self).__name__
        self.beta_2_decay = number(where, "beta_2_decay", beta_2_decay, high=0)
        self.epsilon_1 = positive(where, "epsilon_1", epsilon_1)
        self.epsilon_2 = number(where, "epsilon_2", epsilon_2, 0)
        self.clip_threshold = positive(where, "clip_threshold", clip_threshold)
        self.relative_step = bool(relative_step)

    def slots(self):
        return [
            Slot("r", "row", shape=row_means, place=one_number),
            Slot("c", "column", shape=column_means, beside=True, place=one_number),
            Slot("v", "velocity", shape=vector, beside=True),
        ]

    def factors(self, rate, t):
        return min(rate, 1 / math.sqrt(t)) if self.relative_step else rate, 1 - t**self.beta_2_decay

    def update_step(self, g, w, rate, room, r=None, c=None, v=None):
        rate, beta = rate
        rate *= max(self.epsilon_2, mean_root(w))
        np.multiply(g, g, out=room)
        room += self.epsilon_1
        if v is not None:
            average(v, room, beta, room)
            np.sqrt(v, out=room)
        else:
            for kept, axis in ((r, -1), (c, -2)):
                mean = room.mean(axis=axis)
                average(kept, mean, beta, mean)
            root = np.sqrt(r) / np.sqrt(r.mean(axis=-1, keepdims=True))  # ε₁·ε₁ would be 0 in float32
            np.multiply(root[..., None], np.sqrt(c)[..., None, :], out=room)  # √v, (..., rows, columns)
        g /= room  # u
        g *= rate / max(1.0, mean_root(g) / self.clip_threshold)
        w -= g


def row_means(shape: Shape) -> Shape | None:
    """The shape of the means over the columns of a matrix."""
    return shape[:-1] if len(shape) > 1 else None


def column_means(shape: Shape) -> Shape | None:
    """The shape of the means over the rows of a matrix."""
    return (*shape[:-2], shape[-1]) if len(shape) > 1 else None


def vector(shape: Shape) -> Shape | None:
    """The shape of a vector, or of a single number; none for a matrix."""
    return shape if len(shape) < 2 else None


def one_number(shape: Shape) -> Shape:
    """The shape of what Keras keeps where there are no such means."""
    return ()


registry.add(Adafactor)
