"""A learning rate that falls by the same factor in each stretch of steps."""

import numpy as np

from ...utils.checks import number
from ..arguments import positive
from .base import LearningRateSchedule, registry


class ExponentialDecay(LearningRateSchedule):
    """rate(t) = r·dˢ, s = t / T, or with `staircase` s = ⌊t / T⌋.

    r = `initial_learning_rate`, d = `decay_rate`, T = `decay_steps`.

    >>> ExponentialDecay(1.0, decay_steps=10, decay_rate=0.5)(20)
    0.25
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ):
        where = type(self).__name__
        self.initial_learning_rate = number(where, "initial_learning_rate", initial_learning_rate, 0)
        self.decay_steps = positive(where, "decay_steps", decay_steps)
        self.decay_rate = positive(where, "decay_rate", decay_rate)
        self.staircase = bool(staircase)
        self.name = name

    def rate(self, t):
        s = t / self.decay_steps
        return self.initial_learning_rate * self.decay_rate ** (np.floor(s) if self.staircase else s)


registry.add(ExponentialDecay)
