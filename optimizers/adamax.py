"""Adamax: Adam with the largest gradient in place of the root mean square."""

from typing import Any, Unpack

import numpy as np

from .adam import check_betas
from .base import Optimizer, OptimizerOptions, registry


class Adamax(Optimizer):
    """m ← m + (1 - β₁)·(g - m);  u ← max(β₂·u, |g|);  w ← w - lr / (1 - β₁ᵗ)·m / (u + ε).

    Source: Kingma & Ba, *Adam* (2014), section 7.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **options: Unpack[OptimizerOptions],
    ):
        super().__init__(learning_rate, **options)
        self.beta_1, self.beta_2, self.epsilon = check_betas("Adamax", beta_1, beta_2, epsilon)

    def slots(self):
        return {"m": 0.0, "u": 0.0}

    def prepare(self, lr, t):
        return (lr / (1 - self.beta_1**t),)

    def update(self, w, g, m, u, room, alpha):
        np.subtract(g, m, out=room)
        room *= 1 - self.beta_1
        m += room
        u *= self.beta_2
        np.maximum(u, np.abs(g, out=room), out=u)
        np.add(u, self.epsilon, out=room)
        np.divide(m, room, out=room)
        room *= alpha
        w -= room


registry.add(Adamax, "adamax")
