"""Nadam: Adam that looks one step ahead, as Nesterov's momentum does."""

import math
from typing import Any, Unpack

import numpy as np

from .adam import check_betas, moments
from .base import Optimizer, OptimizerOptions, registry


class Nadam(Optimizer):
    """Adam's moments m and v; w ← w - lr·m̂ / (√(v / (1 - β₂ᵗ)) + ε).

    m̂ = μₜ₊₁·m / (1 - Πμ to t+1) + (1 - μₜ)·g / (1 - Πμ to t),  μₜ = β₁·(1 - 0.96ᵗ / 2).

    Source: Dozat, *Incorporating Nesterov Momentum into Adam* (2016).
    """

    scratch = 2

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **options: Unpack[OptimizerOptions],
    ):
        super().__init__(learning_rate, **options)
        self.beta_1, self.beta_2, self.epsilon = check_betas("Nadam", beta_1, beta_2, epsilon)
        self.product, self.product_at = 1.0, 0  # Πμ, and up to which step

    def slots(self):
        return {"m": 0.0, "v": 0.0}

    def prepare(self, lr, t):
        while self.product_at < t:
            self.product_at += 1
            self.product *= self._mu(self.product_at)
        ahead = self._mu(t + 1)
        of_m = lr * ahead / (1 - self.product * ahead)
        of_g = lr * (1 - self._mu(t)) / (1 - self.product)
        return of_m, of_g, 1 / math.sqrt(1 - self.beta_2**t)

    def _mu(self, t: int) -> float:
        return self.beta_1 * (1 - 0.5 * 0.96**t)

    def update(self, w, g, m, v, first, second, of_m, of_g, of_root):
        moments(g, m, v, first, self.beta_1, self.beta_2)
        np.multiply(m, of_m, out=first)
        first += np.multiply(g, of_g, out=second)
        np.sqrt(v, out=second)
        second *= of_root
        second += self.epsilon
        first /= second
        w -= first


registry.add(Nadam, "nadam")
