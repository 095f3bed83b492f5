"""A learning rate that falls along a power of the time that is left."""

import numpy as np

from ...utils.checks import number
from ..arguments import positive
from .base import LearningRateSchedule, registry


class PolynomialDecay(LearningRateSchedule):
    """rate(t) = (r - e)·(1 - t / T)ᵖ + e up to step T, and e from there on.

    With `cycle` T grows to its next multiple each time that t passes it, so that the rate rises again.
    r = `initial_learning_rate`, e = `end_learning_rate`, T = `decay_steps`, p = `power`.

    >>> PolynomialDecay(1.0, decay_steps=10, end_learning_rate=0.0)(5)
    0.5
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ):
        where = type(self).__name__
        self.initial_learning_rate = number(where, "initial_learning_rate", initial_learning_rate, 0)
        self.decay_steps = positive(where, "decay_steps", decay_steps)
        self.end_learning_rate = number(where, "end_learning_rate", end_learning_rate, 0)
        self.power = number(where, "power", power, 0)
        self.cycle = bool(cycle)
        self.name = name

    def rate(self, t):
        turns = np.maximum(1, np.ceil(t / self.decay_steps)) if self.cycle else 1
        share = np.minimum(t / (self.decay_steps * turns), 1)
        return (self.initial_learning_rate - self.end_learning_rate) * (
            1 - share
        ) ** self.power + self.end_learning_rate


registry.add(PolynomialDecay)
