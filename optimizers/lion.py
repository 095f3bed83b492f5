"""Lion: steps of one size, in the direction of the sign of a mean of the gradients."""

from typing import Any, Unpack

import numpy as np

from .arguments import OptimizerOptions, decay_rate, positive
from .base import Optimizer, registry
from .layout import Slot


class Lion(Optimizer):
    """w ← w - lr·sign(β₁·m + (1 - β₁)·g);  m ← β₂·m + (1 - β₂)·g.

    Raises OptionError for a `beta_1` of 0, which would leave the momentum without effect.

    Source: Chen et al., Symbolic Discovery of Optimization Algorithms (2023).

    >>> from lamina import Variable
    >>> w = Variable(np.array([1.0, 2.0]))
    >>> _ = Lion(0.1).apply_gradients([([4.0, -4.0], w)])
    >>> w.value.round(4)
    array([0.9, 2.1])
    """

    elementwise = True

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
        **options: Unpack[OptimizerOptions],
    ):
        super().__init__(learning_rate, **options)
        self.beta_1 = decay_rate(type(self).__name__, "beta_1", positive(type(self).__name__, "beta_1", beta_1))
        self.beta_2 = decay_rate(type(self).__name__, "beta_2", beta_2)

    def slots(self):
        return [Slot("m", "momentum")]

    def update_step(self, g, w, rate, room, m):
        np.multiply(m, self.beta_1, out=room)
        g *= 1 - self.beta_1
        room += g
        np.sign(room, out=room)
        room *= rate
        w -= room
        g *= (1 - self.beta_2) / (1 - self.beta_1)  # (1 - β₂)·g
        m *= self.beta_2
        m += g


registry.add(Lion)
