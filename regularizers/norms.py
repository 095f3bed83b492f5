"""Penalties on the size of each number."""

import numpy as np

from ..utils.checks import number
from .base import Regularizer, registry


class L1L2(Regularizer):
    """Both penalties: R(w) = l1·Σ|w| + l2·Σw²;  dR/dw = l1·sign(w) + 2·l2·w.

    Raises OptionError if a factor is no finite number of 0 or more (None: its default).

    >>> penalty = L1L2(l1=0.5, l2=0.25)
    >>> w = np.array([1.0, -2.0])
    >>> penalty(w), penalty.gradient(w)
    (2.75, array([ 1. , -1.5]))
    """

    def __init__(self, l1: float | None = 0.0, l2: float | None = 0.0):
        self.l1 = number(type(self).__name__, "l1", 0.0 if l1 is None else l1, 0, np.inf, open_high=True)
        self.l2 = number(type(self).__name__, "l2", 0.0 if l2 is None else l2, 0, np.inf, open_high=True)

    def __call__(self, w):
        penalty = 0.0
        if self.l1:
            penalty += self.l1 * float(np.abs(w).sum())
        if self.l2:
            penalty += self.l2 * float(np.vdot(w, w))
        return penalty

    def gradient(self, w):
        gradient = np.zeros_like(w)
        self.add_gradient(w, gradient)
        return gradient

    def add_gradient(self, w, grad):
        if self.l1:
            step = np.sign(w)
            step *= self.l1
            grad += step
        if self.l2:
            grad += 2 * self.l2 * w


class L1(L1L2):
    """A penalty that draws numbers to 0: R(w) = l1·Σ|w|;  dR/dw = l1·sign(w).

    Raises OptionError if `l1` is no finite number of 0 or more (None: 0.01).

    >>> L1(0.5)(np.array([1.0, -2.0]))
    1.5
    """

    def __init__(self, l1: float | None = 0.01):
        super().__init__(l1=0.01 if l1 is None else l1)


class L2(L1L2):
    """A penalty that keeps numbers small: R(w) = l2·Σw²;  dR/dw = 2·l2·w.

    Raises OptionError if `l2` is no finite number of 0 or more (None: 0.01).

    >>> L2(0.5)(np.array([1.0, -2.0]))
    2.5
    """

    def __init__(self, l2: float | None = 0.01):
        super().__init__(l2=0.01 if l2 is None else l2)


registry.add(L1L2, "l1_l2", "l1l2")
registry.add(L1, "l1")
registry.add(L2, "l2")
