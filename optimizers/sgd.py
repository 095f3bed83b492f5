"""Stochastic gradient descent."""

from typing import Any, Unpack

import numpy as np

from ..utils.checks import number
from .base import Optimizer, OptimizerOptions, registry


class SGD(Optimizer):
    """w ← w - lr·g; with momentum μ: v ← μ·v - lr·g, w ← w + v, or by Nesterov w ← w + μ·v - lr·g.

    Source: Sutskever, Martens, Dahl & Hinton, *On the importance of initialization and momentum* (2013).

    >>> from lamina import Variable
    >>> w = Variable([1.0])
    >>> SGD(0.1).apply_gradients([([2.0], w)])
    >>> w.value
    array([0.8])
    """

    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        **options: Unpack[OptimizerOptions],
    ):
        super().__init__(learning_rate, **options)
        self.momentum = number("SGD", "momentum", momentum, 0, 1)
        self.nesterov = nesterov

    def slots(self):
        return {"v": 0.0} if self.momentum else {}

    def update(self, w, g, *rest):
        if not self.momentum:
            room, lr = rest
            w -= np.multiply(g, lr, out=room)
            return
        v, room, lr = rest
        np.multiply(g, lr, out=room)  # lr·g
        v *= self.momentum
        v -= room
        if self.nesterov:
            w -= room
            w += np.multiply(v, self.momentum, out=room)
        else:
            w += v


registry.add(SGD, "sgd")
