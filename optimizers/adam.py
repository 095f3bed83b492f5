"""Adam: the mean of the gradients over the root of their mean square. And AdamW."""

import math
from typing import Any, Unpack

import numpy as np

from ..ops.twins import twins
from ..utils.checks import number
from .arguments import CommonOptions, OptimizerOptions
from .base import registry
from .layout import Slot
from .moments import MomentOptimizer
from .vectors import average


class Adam(MomentOptimizer):
    """Adam, in the t-th update:

    m ← β₁·m + (1 - β₁)·g
    v ← β₂·v + (1 - β₂)·g²
    w ← w - α·m / (√v + ε),  α = lr·√(1 - β₂ᵗ) / (1 - β₁ᵗ)

    With `amsgrad` the largest v so far takes the place of v in the last line. lr is `learning_rate`, β₁ `beta_1`, β₂
    `beta_2`, ε `epsilon`; decay, clipping and averages, as every optimizer has them, are told by `Optimizer`.

    Source: Kingma & Ba, Adam: A Method for Stochastic Optimization (2014), in the form at the end of section 2, whose
    ε stands outside of the bias correction; Reddi, Kale & Kumar, On the Convergence of Adam and Beyond (2018).

    >>> from lamina import Variable
    >>> w = Variable(np.array([1.0, 2.0]))
    >>> _ = Adam(0.1).apply_gradients([([4.0, -4.0], w)])
    >>> w.value.round(6)
    array([0.9, 2.1])
    """

    elementwise = takes_rows = True

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **options: Unpack[OptimizerOptions],
    ):
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **options)
        self.amsgrad = bool(amsgrad)

    def slots(self):
        return super().slots() + ([Slot("largest", "velocity_hat")] if self.amsgrad else [])

    def factors(self, rate, t):
        return rate * math.sqrt(1 - self.beta_2**t) / (1 - self.beta_1**t)  # α

    def update_step(self, g, w, rate, room, m, v, largest=None):
        if largest is None and (compiled := twins(w.dtype)):
            compiled.adam(*(a.reshape(-1) for a in (g, w, m, v)), *self._numbers(rate))
            return
        average(m, g, self.beta_1, room)
        g *= g
        average(v, g, self.beta_2, g)
        self._move(w, rate, room, m, v, largest)

    def update_rows(self, ids, g, w, rate, room, m, v, largest=None):
        if largest is None and (compiled := twins(w.dtype)):
            compiled.adam_rows(ids.astype(np.int64, copy=False), g, w, m, v, *self._numbers(rate))
            return
        m *= self.beta_1
        m[ids] += g * (1 - self.beta_1)
        g *= g
        v *= self.beta_2
        v[ids] += g * (1 - self.beta_2)
        self._move(w, rate, room, m, v, largest)

    def _numbers(self, rate):
        return rate, self.beta_1, 1 - self.beta_1, self.beta_2, 1 - self.beta_2, self.epsilon

    def _move(self, w, rate, room, m, v, largest):
        if largest is not None:
            v = np.maximum(largest, v, out=largest)
        np.sqrt(v, out=room)
        room += self.epsilon
        np.divide(m, room, out=room)
        room *= rate
        w -= room


class AdamW(Adam):
    """Adam, after each weight has shrunk by lr·`weight_decay` of itself.

    Source: Loshchilov & Hutter, Decoupled Weight Decay Regularization (2019).

    >>> from lamina import Variable
    >>> w = Variable(np.array([1.0, 2.0]))
    >>> _ = AdamW(0.1, weight_decay=0.1).apply_gradients([([4.0, -4.0], w)])
    >>> w.value.round(4)
    array([0.89, 2.08])
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **options: Unpack[CommonOptions],
    ):
        weight_decay = number(type(self).__name__, "weight_decay", weight_decay, 0)
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay=weight_decay, **options)


registry.add(Adam)
registry.add(AdamW)
