"""RMSprop: gradients over their root mean square."""

from typing import Any, Unpack

import numpy as np

from ..utils.checks import number
from .base import Optimizer, OptimizerOptions, registry


class RMSprop(Optimizer):
    """s ← ρ·s + (1 - ρ)·g²;  u = lr·g / √(s + ε);  w ← w - u.

    `centered` takes the mean's square off: a ← ρ·a + (1 - ρ)·g, u = lr·g / √(s - a² + ε). With momentum μ:
    p ← μ·p + u, w ← w - p.

    Source: Tieleman & Hinton, *Lecture 6.5: RMSProp* (2012).
    """

    scratch = 2

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
        self.rho = number("RMSprop", "rho", rho, 0, 1)
        self.momentum = number("RMSprop", "momentum", momentum, 0, 1)
        self.epsilon = number("RMSprop", "epsilon", epsilon, 0)
        self.centered = centered

    def slots(self):
        return {"s": 0.0} | ({"p": 0.0} if self.momentum else {}) | ({"a": 0.0} if self.centered else {})

    def update(self, w, g, s, *rest):
        *others, first, second, lr = rest
        decay(s, np.multiply(g, g, out=first), self.rho)
        if self.centered:
            a = others[-1]
            np.copyto(first, g)
            decay(a, first, self.rho)
            np.subtract(s, np.multiply(a, a, out=second), out=second)
            second += self.epsilon
        else:
            np.add(s, self.epsilon, out=second)
        np.sqrt(second, out=second)
        u = np.divide(g, second, out=second)
        u *= lr
        if self.momentum:
            p = others[0]
            p *= self.momentum
            p += u
            u = p
        w -= u


def decay(average: np.ndarray, new: np.ndarray, rho: float) -> None:
    """average ← ρ·average + (1 - ρ)·new, in place; `new` is used up."""
    average *= rho
    new *= 1 - rho
    average += new


registry.add(RMSprop, "rmsprop")
