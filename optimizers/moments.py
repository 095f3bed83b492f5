"""The family of Adam: rules that keep a mean of the gradients and a measure of their size."""

from typing import Any, Unpack

from .arguments import OptimizerOptions, decay_rate, positive
from .base import Optimizer
from .layout import Slot


class MomentOptimizer(Optimizer):
    """An optimizer with the arguments `beta_1`, `beta_2` and `epsilon` of Adam, and its slots m and v."""

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **options: Unpack[OptimizerOptions],
    ):
        super().__init__(learning_rate, **options)
        where = type(self).__name__
        self.beta_1 = decay_rate(where, "beta_1", beta_1)
        self.beta_2 = decay_rate(where, "beta_2", beta_2)
        self.epsilon = positive(where, "epsilon", epsilon)

    def slots(self):
        return [Slot("m", "momentum"), Slot("v", "velocity", beside=True)]
