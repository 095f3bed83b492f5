"""What a schedule is: the learning rate as a function of the step."""

from typing import Any

import numpy as np

from ...errors import StateError
from ...utils.component import Component, Registry


class LearningRateSchedule(Component):
    """The learning rate of each step. One of your own writes `__call__(step)`; the first step is 0.

    >>> class Halving(LearningRateSchedule):
    ...     def __call__(self, step):
    ...         return 0.5**step
    >>> Halving()(3)
    0.125
    """

    def __call__(self, step: Any) -> Any:
        """The rate of a step as a float, or of an array of steps as an array."""
        rate = self.rate(np.asarray(step, np.float64))
        return rate if np.ndim(rate) else float(rate)

    def rate(self, t: np.ndarray) -> np.ndarray:
        """The formula, for one step t or many: what lamina's own schedules write."""
        raise StateError(f"{type(self).__name__} has no __call__", mend="a schedule of your own writes __call__(step)")


registry: Registry[LearningRateSchedule] = Registry("schedule", LearningRateSchedule)
