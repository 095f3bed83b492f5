"""Adamax: Adam with the largest gradient in place of the root of the mean square."""

import numpy as np

from .base import registry
from .layout import Slot
from .moments import MomentOptimizer
from .vectors import average


class Adamax(MomentOptimizer):
    """Adamax, in the t-th update:

    m ← β₁·m + (1 - β₁)·g
    u ← max(β₂·u, |g|)
    w ← w - lr / (1 - β₁ᵗ)·m / (u + ε)

    Source: Kingma & Ba, Adam: A Method for Stochastic Optimization (2014), section 7.1.

    >>> from lamina import Variable
    >>> w = Variable(np.array([1.0, 2.0]))
    >>> _ = Adamax(0.1).apply_gradients([([4.0, -4.0], w)])
    >>> w.value.round(4)
    array([0.9, 2.1])
    """

    elementwise = True

    def slots(self):
        return [Slot("m", "momentum"), Slot("u", "norm", beside=True)]

    def factors(self, rate, t):
        return rate / (1 - self.beta_1**t)

    def update_step(self, g, w, rate, room, m, u):
        average(m, g, self.beta_1, room)
        u *= self.beta_2
        np.maximum(u, np.abs(g, out=g), out=u)
        np.add(u, self.epsilon, out=g)
        np.divide(m, g, out=g)
        g *= rate
        w -= g


registry.add(Adamax)
