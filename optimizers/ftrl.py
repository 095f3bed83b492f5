"""FTRL: weights that minimise the sum of all gradients so far, each number with a learning rate of its own."""

from typing import Any, Unpack

import numpy as np

from ..utils.checks import number
from .arguments import OptimizerOptions
from .base import Optimizer, registry
from .layout import Slot


class Ftrl(Optimizer):
    """Follow the regularized leader:

    n' = n + g²
    z ← z + g + 2·s·w - (n'ᵖ - nᵖ) / lr·w
    w ← (min(max(z, -λ₁), λ₁) - z) / ((n'ᵖ + β) / lr + 2·λ₂)
    n ← n'

    with p = -`learning_rate_power`, λ₁ = `l1_regularization_strength`, λ₂ = `l2_regularization_strength`,
    s = `l2_shrinkage_regularization_strength`, β = `beta`. n begins as `initial_accumulator_value`. Where the
    denominator is 0, for want of any gradient so far, it counts as 1. With lr = 0 nothing changes.

    Source: McMahan et al., Ad Click Prediction: a View from the Trenches (2013).

    >>> from lamina import Variable
    >>> w = Variable(np.array([1.0, 2.0]))
    >>> _ = Ftrl(0.1).apply_gradients([([4.0, -4.0], w)])
    >>> w.value.round(4)
    array([0.8215, 1.9421])
    """

    elementwise = True

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
        where = type(self).__name__
        self.learning_rate_power = number(where, "learning_rate_power", learning_rate_power, high=0)
        self.initial_accumulator_value = number(where, "initial_accumulator_value", initial_accumulator_value, 0)
        self.l1_regularization_strength = number(where, "l1_regularization_strength", l1_regularization_strength, 0)
        self.l2_regularization_strength = number(where, "l2_regularization_strength", l2_regularization_strength, 0)
        self.l2_shrinkage_regularization_strength = number(
            where, "l2_shrinkage_regularization_strength", l2_shrinkage_regularization_strength, 0
        )
        self.beta = number(where, "beta", beta, 0)

    def slots(self):
        return [Slot("n", "accumulator", self.initial_accumulator_value), Slot("z", "linear", beside=True)]

    def update_step(self, g, w, rate, room, n, z):
        if rate == 0:
            return
        p, l1 = -self.learning_rate_power, self.l1_regularization_strength
        z += g
        if self.l2_shrinkage_regularization_strength:
            z += np.multiply(w, 2 * self.l2_shrinkage_regularization_strength, out=room)
        np.power(n, p, out=room)
        g *= g
        n += g
        np.power(n, p, out=g)  # n'ᵖ
        room -= g
        room *= w
        room /= rate
        z += room  # less (n'ᵖ - nᵖ) / lr·w
        g += self.beta
        g /= rate
        g += 2 * self.l2_regularization_strength
        np.clip(z, -l1, l1, out=w)
        w -= z
        np.divide(w, g, out=w, where=g > 0)


registry.add(Ftrl)
