"""SGD: steps against the gradient, with or without momentum."""

from typing import Any, Unpack

import numpy as np

from ..utils.checks import number
from .arguments import OptimizerOptions
from .base import Optimizer, registry
from .layout import Slot


class SGD(Optimizer):
    """Gradient descent: w ← w - lr·g.

    With momentum μ:             m ← μ·m - lr·g,  w ← w + m
    With `nesterov`, instead:    m ← μ·m - lr·g,  w ← w + μ·m - lr·g

    lr is `learning_rate`, μ `momentum`; decay, clipping and averages, as every optimizer has them, are told by
    `Optimizer`.

    Source: Sutskever, Martens, Dahl & Hinton, On the importance of initialization and momentum in deep learning (2013).

    >>> from lamina import Variable
    >>> w = Variable(np.array([1.0, 2.0]))
    >>> _ = SGD(0.1).apply_gradients([([1.0, -1.0], w)])
    >>> w.value
    array([0.9, 2.1])
    """

    elementwise = takes_rows = True

    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        **options: Unpack[OptimizerOptions],
    ):
        super().__init__(learning_rate, **options)
        self.momentum = number(type(self).__name__, "momentum", momentum, 0, 1)
        self.takes_rows = not self.momentum
        self.nesterov = bool(nesterov)

    def slots(self):
        return [Slot("m", "momentum")] if self.momentum else []

    def update_step(self, g, w, rate, room, m=None):
        g *= rate
        if m is None:
            w -= g
            return
        m *= self.momentum
        m -= g
        if self.nesterov:
            w -= g
            w += np.multiply(m, self.momentum, out=room)
        else:
            w += m


registry.add(SGD)
