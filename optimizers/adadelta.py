"""Adadelta: gradients scaled by the size of the steps so far over the size of the gradients so far."""

from typing import Any, Unpack

import numpy as np

from .arguments import OptimizerOptions, decay_rate, positive
from .base import Optimizer, registry
from .layout import Slot
from .vectors import average


class Adadelta(Optimizer):
    """a ← ρ·a + (1 - ρ)·g²;  u = g·√(d + ε) / √(a + ε);  d ← ρ·d + (1 - ρ)·u²;  w ← w - lr·u.

    The paper has no lr: 1.0 is its form.

    Source: Zeiler, ADADELTA: An Adaptive Learning Rate Method (2012).

    >>> from lamina import Variable
    >>> w = Variable(np.array([1.0, 2.0]))
    >>> _ = Adadelta(1.0).apply_gradients([([4.0, -4.0], w)])
    >>> w.value.round(4)
    array([0.9986, 2.0014])
    """

    elementwise = True

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-7,
        **options: Unpack[OptimizerOptions],
    ):
        super().__init__(learning_rate, **options)
        self.rho = decay_rate(type(self).__name__, "rho", rho)
        self.epsilon = positive(type(self).__name__, "epsilon", epsilon)

    def slots(self):
        return [Slot("a", "accumulated_grad"), Slot("d", "accumulated_delta_var", beside=True)]

    def update_step(self, g, w, rate, room, a, d):
        np.multiply(g, g, out=room)
        average(a, room, self.rho, room)
        np.add(d, self.epsilon, out=room)
        g *= np.sqrt(room, out=room)
        np.add(a, self.epsilon, out=room)
        g /= np.sqrt(room, out=room)  # u
        np.multiply(g, g, out=room)
        average(d, room, self.rho, room)
        g *= rate
        w -= g


registry.add(Adadelta)
