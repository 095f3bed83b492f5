"""Schedules that follow a cosine.

Source: Loshchilov & Hutter, *SGDR: Stochastic Gradient Descent with Warm Restarts* (2017).
"""

import numpy as np

from ...utils.checks import number
from .base import LearningRateSchedule, registry
from .decays import _plain, _steps


class CosineDecay(LearningRateSchedule):
    """r·((1 - α)·(1 + cos(π·t / T)) / 2 + α), T being `decay_steps`.

    With `warmup_target`, the rate first rises to it in a straight line over `warmup_steps`, and falls from there.

    >>> CosineDecay(1.0, 10)(5)
    0.5
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        alpha: float = 0.0,
        name: str | None = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: int = 0,
    ):
        self.initial_learning_rate = number("CosineDecay", "initial_learning_rate", initial_learning_rate, 0)
        self.decay_steps = _steps("CosineDecay", decay_steps)
        self.alpha, self.name, self.warmup_target, self.warmup_steps = alpha, name, warmup_target, warmup_steps

    def __call__(self, step):
        t = np.asarray(step, np.float64)
        if self.warmup_target is None:
            return _plain(self.initial_learning_rate * self._factor(t))
        rise = self.warmup_target - self.initial_learning_rate
        rising = self.initial_learning_rate + rise * t / max(self.warmup_steps, 1)
        return _plain(np.where(t < self.warmup_steps, rising, self.warmup_target * self._factor(t - self.warmup_steps)))

    def _factor(self, t):
        share = np.clip(t / self.decay_steps, 0, 1)
        return (1 - self.alpha) * (1 + np.cos(np.pi * share)) / 2 + self.alpha


class CosineDecayRestarts(LearningRateSchedule):
    """A cosine that begins anew: period i is T·a^i long and begins at r·m^i, a being `t_mul`, m `m_mul`.

    Within a period, at the share s of it: r·((1 - α)·m^i·(1 + cos(π·s)) / 2 + α).

    >>> CosineDecayRestarts(1.0, 10)(10)
    1.0
    """

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: float,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str | None = "SGDRDecay",
    ):
        self.initial_learning_rate = number("CosineDecayRestarts", "initial_learning_rate", initial_learning_rate, 0)
        self.first_decay_steps = _steps("CosineDecayRestarts", first_decay_steps)
        self.t_mul, self.m_mul, self.alpha, self.name = t_mul, m_mul, alpha, name

    def __call__(self, step):
        done = np.asarray(step, np.float64) / self.first_decay_steps
        if self.t_mul == 1:
            period = np.floor(done)
            share = done - period
        else:
            period = np.floor(np.log1p(-done * (1 - self.t_mul)) / np.log(self.t_mul))
            before = (1 - self.t_mul**period) / (1 - self.t_mul)  # the periods so far, in lengths of the first
            share = (done - before) / self.t_mul**period
        wave = (1 - self.alpha) * self.m_mul**period * (1 + np.cos(np.pi * share)) / 2
        return _plain(self.initial_learning_rate * (wave + self.alpha))


registry.add(CosineDecay)
registry.add(CosineDecayRestarts)
