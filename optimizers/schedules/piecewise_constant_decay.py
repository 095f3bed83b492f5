"""A learning rate that changes at given steps."""

from collections.abc import Sequence

import numpy as np

from ...errors import OptionError
from ...utils.checks import number
from .base import LearningRateSchedule, registry


class PiecewiseConstantDecay(LearningRateSchedule):
    """rate(t) = `values[i]` for `boundaries[i - 1]` < t ≤ `boundaries[i]`.

    Raises OptionError unless the boundaries rise and there is one value more than these.

    >>> drop = PiecewiseConstantDecay([10, 20], [1.0, 0.5, 0.1])
    >>> drop(10), drop(11), drop(21)
    (1.0, 0.5, 0.1)
    """

    def __init__(self, boundaries: Sequence[float], values: Sequence[float], name: str = "PiecewiseConstant"):
        where = type(self).__name__
        if len(values) != len(boundaries) + 1:
            raise OptionError(
                f"{where}(values=...)",
                expected=f"{len(boundaries) + 1} values, one more than boundaries",
                received=str(len(values)),
            )
        edges = [number(where, "boundaries", boundary) for boundary in boundaries]
        if edges != sorted(set(edges)):
            raise OptionError(f"{where}(boundaries=...)", expected="numbers that rise", received=repr(boundaries))
        self.boundaries = list(boundaries)
        self.values = [number(where, "values", value, 0) for value in values]
        self.name = name

    def rate(self, t):
        return np.array(self.values)[np.searchsorted(self.boundaries, t)]


registry.add(PiecewiseConstantDecay)
