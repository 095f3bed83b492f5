"""Nadam: Adam whose momentum looks one step ahead, as Nesterov's does."""

import math
from typing import Any, Unpack

import numpy as np

from .arguments import OptimizerOptions
from .base import registry
from .moments import MomentOptimizer
from .vectors import average


class Nadam(MomentOptimizer):
    """Nadam, in the t-th update:

    m ← β₁·m + (1 - β₁)·g
    v ← β₂·v + (1 - β₂)·g²
    w ← w - lr·m̂ / (√(v / (1 - β₂ᵗ)) + ε),  m̂ = μₜ₊₁·m / (1 - Pₜ₊₁) + (1 - μₜ)·g / (1 - Pₜ)

    with μₜ = β₁·(1 - 0.96ᵗ / 2) and Pₜ = μ₁·μ₂·...·μₜ.

    Source: Dozat, Incorporating Nesterov Momentum into Adam (2016).

    >>> from lamina import Variable
    >>> w = Variable(np.array([1.0, 2.0]))
    >>> _ = Nadam(0.1).apply_gradients([([4.0, -4.0], w)])
    >>> w.value.round(4)
    array([0.8937, 2.1063])
    """

    elementwise = True

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **options: Unpack[OptimizerOptions],
    ):
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **options)
        self._product = self.add_variable((), "ones", "float64", "u_product")  # P of the last update

    def factors(self, rate, t):
        now, ahead = (self.beta_1 * (1 - 0.5 * 0.96**s) for s in (t, t + 1))
        product = float(self._product) * now
        self._product.assign(product)
        root = math.sqrt(1 - self.beta_2**t)  # numerator and denominator of the step, times this
        return rate * root * ahead / (1 - product * ahead), rate * root * (1 - now) / (1 - product), root * self.epsilon

    def update_step(self, g, w, rate, room, m, v):
        of_m, of_g, epsilon = rate
        average(m, g, self.beta_1, room)
        np.multiply(g, g, out=room)
        average(v, room, self.beta_2, room)
        g *= of_g
        g += np.multiply(m, of_m, out=room)
        np.sqrt(v, out=room)
        room += epsilon
        g /= room
        w -= g


registry.add(Nadam)
