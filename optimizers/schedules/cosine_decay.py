"""Learning rates that fall along a cosine: once, or over and over."""

import numpy as np

from ...errors import OptionError
from ...utils.checks import number, unless_none
from ..arguments import positive
from .base import LearningRateSchedule, registry


class CosineDecay(LearningRateSchedule):
    """rate(t) = r·((1 - α)·(1 + cos(π·s)) / 2 + α), s = min(t / T, 1).

    With `warmup_target` the rate first rises from r to the target, in a straight line of `warmup_steps`, and falls from
    there. r = `initial_learning_rate`, T = `decay_steps`, counted after the rise, α = `alpha`.

    Raises OptionError for `warmup_steps` without a `warmup_target`.

    Source: Loshchilov & Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts (2017).

    >>> CosineDecay(1.0, decay_steps=10)(5)
    0.5
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: float = 0,
    ):
        where = type(self).__name__
        self.initial_learning_rate = number(where, "initial_learning_rate", initial_learning_rate, 0)
        self.decay_steps = positive(where, "decay_steps", decay_steps)
        self.alpha = number(where, "alpha", alpha, 0)
        self.name = name
        self.warmup_target = unless_none(number, where, "warmup_target", warmup_target, 0)
        self.warmup_steps = number(where, "warmup_steps", warmup_steps, 0)
        if warmup_steps and warmup_target is None:
            raise OptionError(f"{where}: warmup_steps without a rate to rise to", mend="add warmup_target")

    def rate(self, t):
        start, top, rise = self.initial_learning_rate, self.warmup_target, self.warmup_steps
        if top is None:
            return start * cosine(t / self.decay_steps, self.alpha)
        falling = top * cosine(np.maximum(t - rise, 0) / self.decay_steps, self.alpha)
        return np.where(t < rise, start + (top - start) * t / max(rise, 1), falling)


class CosineDecayRestarts(LearningRateSchedule):
    """rate(t) = r·((1 - α)·mⁱ·(1 + cos(π·s)) / 2 + α) at the share s of the i-th period, which is T·aⁱ steps long.

    r = `initial_learning_rate`, T = `first_decay_steps`, a = `t_mul`, m = `m_mul`, α = `alpha`.

    Source: Loshchilov & Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts (2017).

    >>> restarts = CosineDecayRestarts(1.0, first_decay_steps=10)
    >>> restarts(5), restarts(10), restarts(20)
    (0.5, 1.0, 0.5)
    """

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: float,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ):
        where = type(self).__name__
        self.initial_learning_rate = number(where, "initial_learning_rate", initial_learning_rate, 0)
        self.first_decay_steps = positive(where, "first_decay_steps", first_decay_steps)
        self.t_mul = number(where, "t_mul", t_mul, 1)
        self.m_mul = number(where, "m_mul", m_mul, 0)
        self.alpha = number(where, "alpha", alpha, 0)
        self.name = name

    def rate(self, t):
        a, time = self.t_mul, t / self.first_decay_steps  # in lengths of the first period
        if a == 1:
            period = np.floor(time)
            share = time - period
        else:
            # the period i with (aⁱ - 1) / (a - 1) <= time; a hair more, for logarithms are rounded
            period = np.floor(np.log1p(time * (a - 1)) / np.log(a) + 1e-9)
            share = (time - (a**period - 1) / (a - 1)) / a**period
        wave = cosine(share, 0.0) * self.m_mul**period
        return self.initial_learning_rate * ((1 - self.alpha) * wave + self.alpha)


def cosine(share: np.ndarray, low: float) -> np.ndarray:
    """From 1 at share 0 down to `low` at share 1 and after, along half a wave.

    >>> float(cosine(0.5, 0.5))
    0.75
    """
    return (1 - low) * (1 + np.cos(np.pi * np.clip(share, 0, 1))) / 2 + low


registry.add(CosineDecay)
registry.add(CosineDecayRestarts)
