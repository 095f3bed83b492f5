"""Constraints on the signs of weights."""

import numpy as np

from .base import Constraint, registry


class NonNeg(Constraint):
    """No number is below 0: max(w, 0).

    >>> NonNeg()(np.array([-1.0, 2.0]))
    array([0., 2.])
    """

    def __call__(self, w):
        return np.maximum(w, 0)


registry.add(NonNeg, "non_neg")
