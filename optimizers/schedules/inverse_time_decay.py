"""A learning rate that falls as one over the time."""

import numpy as np

from ...utils.checks import number
from ..arguments import positive
from .base import LearningRateSchedule, registry


class InverseTimeDecay(LearningRateSchedule):
    """rate(t) = r / (1 + d·s), s = t / T, or with `staircase` s = ⌊t / T⌋.

    r = `initial_learning_rate`, d = `decay_rate`, T = `decay_steps`.

    >>> InverseTimeDecay(1.0, decay_steps=10, decay_rate=0.5)(20)
    0.5
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ):
        where = type(self).__name__
        self.initial_learning_rate = number(where, "initial_learning_rate", initial_learning_rate, 0)
        self.decay_steps = positive(where, "decay_steps", decay_steps)
        self.decay_rate = number(where, "decay_rate", decay_rate, 0)
        self.staircase = bool(staircase)
        self.name = name

    def rate(self, t):
        s = t / self.decay_steps
        return self.initial_learning_rate / (1 + self.decay_rate * (np.floor(s) if self.staircase else s))


registry.add(InverseTimeDecay)
