"""FTRL: follow the regularized leader."""

from typing import Any, Unpack

import numpy as np

from ..errors import OptionError
from ..utils.checks import number
from .base import Optimizer, OptimizerOptions, registry


class Ftrl(Optimizer):
    """n' = n + g²;  z ← z + g + 2·s·w - (n'ᵖ - nᵖ) / lr·w;  w = (clip(z, ±λ₁) - z) / (n'ᵖ / lr + 2·λ₂);  n ← n'.

    p = -`learning_rate_power`; λ₁ is `l1_regularization_strength`, λ₂ is `l2_regularization_strength` +
    `beta` / (2·lr); s is `l2_shrinkage_regularization_strength`; n begins as `initial_accumulator_value`.

    Source: McMahan et al., *Ad Click Prediction* (2013).
    """

    scratch = 2

    def __init__(
        self,
        learning_rate: Any = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
        **options: Unpack[OptimizerOptions],
    ):
        super().__init__(learning_rate, **options)
        if learning_rate_power > 0:
            raise OptionError(
                "Ftrl(learning_rate_power=...)", expected="a number of 0 or less", received=str(learning_rate_power)
            )
        self.learning_rate_power = number("Ftrl", "learning_rate_power", learning_rate_power)
        self.initial_accumulator_value = number("Ftrl", "initial_accumulator_value", initial_accumulator_value, 0)
        self.l1_regularization_strength = number("Ftrl", "l1_regularization_strength", l1_regularization_strength, 0)
        self.l2_regularization_strength = number("Ftrl", "l2_regularization_strength", l2_regularization_strength, 0)
        self.l2_shrinkage_regularization_strength = number(
            "Ftrl", "l2_shrinkage_regularization_strength", l2_shrinkage_regularization_strength, 0
        )
        self.beta = number("Ftrl", "beta", beta, 0)

    def slots(self):
        return {"n": self.initial_accumulator_value, "z": 0.0}

    def update(self, w, g, n, z, first, second, lr):
        power, l1 = -self.learning_rate_power, self.l1_regularization_strength
        l2 = self.l2_regularization_strength + self.beta / (2 * lr)
        before = np.power(n, power, out=first)
        n += np.multiply(g, g, out=second)
        after = np.power(n, power, out=second)
        np.subtract(after, before, out=before)
        before *= w
        before /= lr
        z -= before
        z += g
        if self.l2_shrinkage_regularization_strength:
            z += np.multiply(w, 2 * self.l2_shrinkage_regularization_strength, out=first)
        after /= lr
        after += 2 * l2
        np.clip(z, -l1, l1, out=w)
        w -= z
        w /= after


registry.add(Ftrl, "ftrl")
