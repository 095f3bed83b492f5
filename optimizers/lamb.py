"""LAMB: Adam whose step for each variable is in proportion to the length of its weights."""

import math

import numpy as np

from .base import registry
from .moments import MomentOptimizer
from .vectors import average, length


class Lamb(MomentOptimizer):
    """LAMB, in the t-th update, for each variable as a whole:

    m ← β₁·m + (1 - β₁)·g
    v ← β₂·v + (1 - β₂)·g²
    u = m / (1 - β₁ᵗ) / (√(v / (1 - β₂ᵗ)) + ε)
    w ← w - lr·r·u,  r = ‖w‖ / ‖u‖, or 1 where one of the two is 0

    Source: You et al., Large Batch Optimization for Deep Learning: Training BERT in 76 minutes (2020).

    >>> from lamina import Variable
    >>> w = Variable(np.array([1.0, 2.0]))
    >>> _ = Lamb(0.1).apply_gradients([([4.0, -4.0], w)])
    >>> w.value.round(4)
    array([0.8419, 2.1581])
    """

    def factors(self, rate, t):
        root = math.sqrt(1 - self.beta_2**t)  # numerator and denominator of u, times this
        return rate, root / (1 - self.beta_1**t), root * self.epsilon

    def update_step(self, g, w, rate, room, m, v):
        rate, scale, epsilon = rate
        average(m, g, self.beta_1, room)
        g *= g
        average(v, g, self.beta_2, g)
        np.sqrt(v, out=g)
        g += epsilon
        np.divide(m, g, out=g)
        g *= scale  # u
        weights, step = length(w), length(g)
        g *= rate * (weights / step if weights and step else 1.0)
        w -= g


registry.add(Lamb)
