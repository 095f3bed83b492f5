"""Adagrad and Adadelta: rates that each number finds for itself."""

from typing import Any, Unpack

import numpy as np

from ..utils.checks import number
from .base import Optimizer, OptimizerOptions, registry
from .rmsprop import decay


class Adagrad(Optimizer):
    """s ← s + g²;  w ← w - lr·g / √(s + ε). s begins as `initial_accumulator_value`.

    Source: Duchi, Hazan & Singer, *Adaptive Subgradient Methods* (2011).
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **options: Unpack[OptimizerOptions],
    ):
        super().__init__(learning_rate, **options)
        self.initial_accumulator_value = number("Adagrad", "initial_accumulator_value", initial_accumulator_value, 0)
        self.epsilon = number("Adagrad", "epsilon", epsilon, 0)

    def slots(self):
        return {"s": self.initial_accumulator_value}

    def update(self, w, g, s, room, lr):
        s += np.multiply(g, g, out=room)
        np.add(s, self.epsilon, out=room)
        np.sqrt(room, out=room)
        np.divide(g, room, out=room)
        room *= lr
        w -= room


class Adadelta(Optimizer):
    """s ← ρ·s + (1 - ρ)·g²;  d = g·√(q + ε) / √(s + ε);  q ← ρ·q + (1 - ρ)·d²;  w ← w - lr·d.

    Source: Zeiler, *ADADELTA* (2012).
    """

    scratch = 2

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-7,
        **options: Unpack[OptimizerOptions],
    ):
        super().__init__(learning_rate, **options)
        self.rho = number("Adadelta", "rho", rho, 0, 1)
        self.epsilon = number("Adadelta", "epsilon", epsilon, 0)

    def slots(self):
        return {"s": 0.0, "q": 0.0}

    def update(self, w, g, s, q, first, second, lr):
        decay(s, np.multiply(g, g, out=first), self.rho)
        d = np.add(q, self.epsilon, out=first)
        d /= np.add(s, self.epsilon, out=second)
        np.sqrt(d, out=d)
        d *= g
        decay(q, np.multiply(d, d, out=second), self.rho)
        d *= lr
        w -= d


registry.add(Adagrad, "adagrad")
registry.add(Adadelta, "adadelta")
