"""Adagrad: gradients over the root of the sum of all their squares."""

from typing import Any, Unpack

import numpy as np

from ..utils.checks import number
from .arguments import OptimizerOptions, positive
from .base import Optimizer, registry
from .layout import Slot


class Adagrad(Optimizer):
    """a ← a + g²;  w ← w - lr·g / √(a + ε).  a begins as `initial_accumulator_value`.

    Source: Duchi, Hazan & Singer, Adaptive Subgradient Methods for Online Learning and Stochastic Optimization (2011).

    >>> from lamina import Variable
    >>> w = Variable(np.array([1.0, 2.0]))
    >>> _ = Adagrad(0.1).apply_gradients([([4.0, -4.0], w)])
    >>> w.value.round(4)
    array([0.9003, 2.0997])
    """

    elementwise = takes_rows = True

    def __init__(
        self,
        learning_rate: Any = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **options: Unpack[OptimizerOptions],
    ):
        super().__init__(learning_rate, **options)
        where = type(self).__name__
        self.initial_accumulator_value = number(where, "initial_accumulator_value", initial_accumulator_value, 0)
        self.epsilon = positive(where, "epsilon", epsilon)

    def slots(self):
        return [Slot("a", "accumulator", self.initial_accumulator_value)]

    def update_step(self, g, w, rate, room, a):
        a += np.multiply(g, g, out=room)
        np.add(a, self.epsilon, out=room)
        np.sqrt(room, out=room)
        g /= room
        g *= rate
        w -= g


registry.add(Adagrad)
