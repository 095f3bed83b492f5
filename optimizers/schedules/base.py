"""What a schedule is: the learning rate as a function of the step."""

from typing import Any

from ...utils.component import Component, Registry


class LearningRateSchedule(Component):
    """The learning rate of each step. A schedule of your own writes `__call__(step)`; the first step is 0.

    >>> class Halving(LearningRateSchedule):
    ...     def __call__(self, step):
    ...         return 0.5 ** step
    >>> Halving()(3)
    0.125
    """

    def __call__(self, step: Any) -> Any:
        """The rate of a step (a whole number, or an array of them)."""
        raise NotImplementedError(f"{type(self).__name__} has no __call__")


registry: Registry[LearningRateSchedule] = Registry("schedule", LearningRateSchedule)
