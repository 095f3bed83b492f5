"""Constraints on the lengths of a weight's vectors: for a Dense kernel, `axis` 0 takes the weights into each unit."""

from collections.abc import Sequence

import numpy as np

from ..config import epsilon
from ..errors import OptionError
from ..utils.checks import number
from .base import Constraint, registry


class NormConstraint(Constraint):
    """What the constraints on lengths share: the vectors lie along `axis`, or along several, and keep their direction.

    Raises OptionError if `axis` is no whole number nor a list of them.
    """

    def __init__(self, axis: int | Sequence[int] = 0):
        axes = axis if isinstance(axis, list | tuple) else [axis]
        if not all(isinstance(one, int | np.integer) and not isinstance(one, bool) for one in axes):
            where = f"{type(self).__name__}(axis=...)"
            raise OptionError(where, expected="a whole number, or a list of them", received=repr(axis))
        self.axis = axis

    def __call__(self, w):
        axis = tuple(self.axis) if isinstance(self.axis, list) else self.axis
        norm = np.sqrt(np.square(w).sum(axis=axis, keepdims=True))
        return w * (self.wanted(norm) / (epsilon() + norm))

    def wanted(self, norm: np.ndarray) -> np.ndarray:
        """The lengths that vectors of these lengths shall have."""
        raise NotImplementedError(f"{type(self).__name__} has no wanted")


class MaxNorm(NormConstraint):
    """No vector is longer than `max_value`: w·min(‖w‖, max_value) / (ε + ‖w‖).

    Raises OptionError if `max_value` is no number of 0 or more, or `axis` no whole number nor a list of them.

    Source: Srivastava, Hinton, Krizhevsky, Sutskever & Salakhutdinov, *Dropout* (2014), section 5.1.

    >>> MaxNorm(1.0)(np.array([[3.0, 0.3], [4.0, 0.4]])).round(4)
    array([[0.6, 0.3],
           [0.8, 0.4]])
    """

    def __init__(self, max_value: float = 2, axis: int | Sequence[int] = 0):
        self.max_value = number("MaxNorm", "max_value", max_value, 0)
        super().__init__(axis)

    def wanted(self, norm):
        return np.minimum(norm, self.max_value)


class UnitNorm(NormConstraint):
    """Every vector is one long: w / (ε + ‖w‖).

    Raises OptionError if `axis` is no whole number nor a list of them.

    >>> UnitNorm()(np.array([[3.0, 0.0], [4.0, 0.5]])).round(4)
    array([[0.6, 0. ],
           [0.8, 1. ]])
    """

    def wanted(self, norm):
        return np.ones_like(norm)


class MinMaxNorm(NormConstraint):
    """The length of every vector moves towards the range from `min_value` to `max_value`, and at `rate` 1 into it.

    w·(rate·min(max(‖w‖, min_value), max_value) + (1 - rate)·‖w‖) / (ε + ‖w‖)

    Raises OptionError if `min_value` or `max_value` is no number of 0 or more, `max_value` lies below `min_value`,
    `rate` is no number from 0 to 1, or `axis` no whole number nor a list of them.

    >>> MinMaxNorm(1.0, 2.0)(np.array([[3.0, 0.3], [4.0, 0.4]])).round(4)
    array([[1.2, 0.6],
           [1.6, 0.8]])
    """

    def __init__(
        self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: int | Sequence[int] = 0
    ):
        self.min_value = number("MinMaxNorm", "min_value", min_value, 0)
        self.max_value = number("MinMaxNorm", "max_value", max_value, self.min_value)
        self.rate = number("MinMaxNorm", "rate", rate, 0, 1)
        super().__init__(axis)

    def wanted(self, norm):
        return self.rate * np.clip(norm, self.min_value, self.max_value) + (1 - self.rate) * norm


registry.add(MaxNorm, "max_norm")
registry.add(UnitNorm, "unit_norm")
registry.add(MinMaxNorm, "min_max_norm")
