"""RMSprop: gradients over the root of their mean square."""

from typing import Any, Unpack

import numpy as np

from ..utils.checks import number
from .arguments import OptimizerOptions, decay_rate, positive
from .base import Optimizer, registry
from .layout import Slot
from .vectors import average


class RMSprop(Optimizer):
    """v ← ρ·v + (1 - ρ)·g²;  u = lr·g / √(v + ε);  w ← w - u.

    With `centered` the variance stands in v's place: a ← ρ·a + (1 - ρ)·g,  u = lr·g / √(v - a² + ε).
    With momentum μ:  p ← μ·p + u,  w ← w - p.

    Source: Tieleman & Hinton, Lecture 6.5 of Neural Networks for Machine Learning (2012); centered and with momentum:
    Graves, Generating Sequences With Recurrent Neural Networks (2013).

    >>> from lamina import Variable
    >>> w = Variable(np.array([1.0, 2.0]))
    >>> _ = RMSprop(0.1).apply_gradients([([4.0, -4.0], w)])
    >>> w.value.round(4)
    array([0.6838, 2.3162])
    """

    elementwise = True

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **options: Unpack[OptimizerOptions],
    ):
        super().__init__(learning_rate, **options)
        where = type(self).__name__
        self.rho = decay_rate(where, "rho", rho)
        self.momentum = number(where, "momentum", momentum, 0, 1)
        self.epsilon = positive(where, "epsilon", epsilon)
        self.centered = bool(centered)

    def slots(self):
        found = [Slot("v", "velocity")]
        if self.momentum:
            found.append(Slot("p", "momentum"))
        if self.centered:
            found.append(Slot("a", "average_gradient"))
        return found

    def update_step(self, g, w, rate, room, v, p=None, a=None):
        np.multiply(g, g, out=room)
        average(v, room, self.rho, room)
        if a is None:
            np.add(v, self.epsilon, out=room)
        else:
            average(a, g, self.rho, room)
            np.multiply(a, a, out=room)
            np.subtract(v, room, out=room)
            np.maximum(room, 0, out=room)  # a variance; rounding can take it below, and its root would be NaN
            room += self.epsilon
        np.sqrt(room, out=room)
        g /= room
        g *= rate  # u
        if p is not None:
            p *= self.momentum
            p += g
            g = p
        w -= g


registry.add(RMSprop)
