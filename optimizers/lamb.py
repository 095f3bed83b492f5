"""LAMB: Adam with steps as long, for each variable, as its weights are large."""

from typing import Any, Unpack

import numpy as np

from .adam import check_betas, moments
from .base import Optimizer, OptimizerOptions, registry


class Lamb(Optimizer):
    r"""Adam's moments; u = (m / (1 - β₁ᵗ)) / (√(v / (1 - β₂ᵗ)) + ε);  w ← w - lr·r·u,  r = \|w\| / \|u\|.

    The lengths are those of the whole variable; r = 1 where one of them is 0.

    Source: You et al., *Large Batch Optimization for Deep Learning* (2020).
    """

    whole_variables = True

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **options: Unpack[OptimizerOptions],
    ):
        super().__init__(learning_rate, **options)
        self.beta_1, self.beta_2, self.epsilon = check_betas("Lamb", beta_1, beta_2, epsilon)

    def slots(self):
        return {"m": 0.0, "v": 0.0}

    def prepare(self, lr, t):
        return lr, 1 - self.beta_1**t, 1 - self.beta_2**t

    def update(self, w, g, m, v, lr, of_m, of_v):
        u = np.empty_like(w)
        moments(g, m, v, u, self.beta_1, self.beta_2)
        root = np.sqrt(v / of_v)
        root += self.epsilon
        np.divide(m, root, out=u)
        u /= of_m
        length, step = float(np.linalg.norm(w)), float(np.linalg.norm(u))
        u *= lr * (length / step if length and step else 1.0)
        w -= u


registry.add(Lamb, "lamb")
