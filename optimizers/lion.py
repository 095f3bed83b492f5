"""Lion: steps of one size, by the sign of a mean."""

from typing import Any, Unpack

import numpy as np

from ..utils.checks import number
from .base import Optimizer, OptimizerOptions, registry


class Lion(Optimizer):
    """w ← w - lr·sign(β₁·m + (1 - β₁)·g);  m ← β₂·m + (1 - β₂)·g.

    Source: Chen et al., *Symbolic Discovery of Optimization Algorithms* (2023).
    """

    scratch = 2

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
        **options: Unpack[OptimizerOptions],
    ):
        super().__init__(learning_rate, **options)
        self.beta_1 = number("Lion", "beta_1", beta_1, np.nextafter(0, 1), 1)
        self.beta_2 = number("Lion", "beta_2", beta_2, 0, 1)

    def slots(self):
        return {"m": 0.0}

    def update(self, w, g, m, first, second, lr):
        np.multiply(m, self.beta_1, out=first)
        first += np.multiply(g, 1 - self.beta_1, out=second)
        np.sign(first, out=first)
        first *= lr
        w -= first
        m *= self.beta_2
        m += np.multiply(g, 1 - self.beta_2, out=second)


registry.add(Lion, "lion")
