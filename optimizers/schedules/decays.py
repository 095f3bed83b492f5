"""Schedules that lower the learning rate step by step."""

from collections.abc import Sequence

import numpy as np

from ...errors import OptionError
from ...utils.checks import number
from .base import LearningRateSchedule, registry


class ExponentialDecay(LearningRateSchedule):
    """r·d^(t / T), with r `initial_learning_rate`, d `decay_rate`, T `decay_steps`; `staircase` rounds t / T down.

    >>> ExponentialDecay(1.0, 10, 0.5)(20)
    0.25
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str | None = "ExponentialDecay",
    ):
        self.initial_learning_rate = number("ExponentialDecay", "initial_learning_rate", initial_learning_rate, 0)
        self.decay_steps = _steps("ExponentialDecay", decay_steps)
        self.decay_rate, self.staircase, self.name = decay_rate, staircase, name

    def __call__(self, step):
        return _plain(self.initial_learning_rate * self.decay_rate ** _share(step, self.decay_steps, self.staircase))


class InverseTimeDecay(LearningRateSchedule):
    """r / (1 + d·t / T): r `initial_learning_rate`, d `decay_rate`, T `decay_steps`; `staircase` rounds t / T down.

    >>> InverseTimeDecay(1.0, 10, 0.5)(20)
    0.5
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str | None = "InverseTimeDecay",
    ):
        self.initial_learning_rate = number("InverseTimeDecay", "initial_learning_rate", initial_learning_rate, 0)
        self.decay_steps = _steps("InverseTimeDecay", decay_steps)
        self.decay_rate, self.staircase, self.name = decay_rate, staircase, name

    def __call__(self, step):
        return _plain(
            self.initial_learning_rate / (1 + self.decay_rate * _share(step, self.decay_steps, self.staircase))
        )


class PolynomialDecay(LearningRateSchedule):
    """(r - e)·(1 - t / T)^p + e up to step T, then e; with `cycle` T grows to the next multiple that t does not pass.

    r is `initial_learning_rate`, e `end_learning_rate`, p `power`, T `decay_steps`.

    >>> PolynomialDecay(1.0, 10, end_learning_rate=0.0)(5)
    0.5
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str | None = "PolynomialDecay",
    ):
        self.initial_learning_rate = number("PolynomialDecay", "initial_learning_rate", initial_learning_rate, 0)
        self.decay_steps = _steps("PolynomialDecay", decay_steps)
        self.end_learning_rate, self.power, self.cycle, self.name = end_learning_rate, power, cycle, name

    def __call__(self, step):
        t = np.asarray(step, np.float64)
        length = self.decay_steps * np.maximum(1, np.ceil(t / self.decay_steps)) if self.cycle else self.decay_steps
        share = np.minimum(t, length) / length
        above = self.initial_learning_rate - self.end_learning_rate
        return _plain(above * (1 - share) ** self.power + self.end_learning_rate)


class PiecewiseConstantDecay(LearningRateSchedule):
    """`values[i]` from the step after `boundaries[i - 1]` up to step `boundaries[i]`.

    >>> [PiecewiseConstantDecay([2, 4], [1.0, 0.5, 0.1])(step) for step in (2, 3, 5)]
    [1.0, 0.5, 0.1]
    """

    def __init__(self, boundaries: Sequence[float], values: Sequence[float], name: str | None = "PiecewiseConstant"):
        if len(boundaries) != len(values) - 1:
            raise OptionError(
                "PiecewiseConstantDecay",
                expected="one value more than boundaries",
                received=f"{len(values)} and {len(boundaries)}",
            )
        self.boundaries, self.values, self.name = list(boundaries), list(values), name

    def __call__(self, step):
        return _plain(np.asarray(self.values, np.float64)[np.searchsorted(self.boundaries, step)])


def _steps(who: str, steps: float) -> float:
    return number(who, "decay_steps", steps, np.nextafter(0, 1))


def _share(step, length: float, staircase: bool):
    share = np.asarray(step, np.float64) / length
    return np.floor(share) if staircase else share


def _plain(rate):
    """A rate as a float, rates as an array."""
    return float(rate) if np.ndim(rate) == 0 else rate


for cls in (ExponentialDecay, InverseTimeDecay, PolynomialDecay, PiecewiseConstantDecay):
    registry.add(cls)
