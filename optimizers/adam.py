"""Adam, and AdamW, which lets weights shrink apart from the gradient."""

import math
from typing import Any, Unpack

import numpy as np

from ..utils.checks import number
from .base import CommonOptions, Optimizer, OptimizerOptions, registry


class Adam(Optimizer):
    """Steps by the gradient's mean over the root of its mean square.

    m ← m + (1 - β₁)·(g - m);  v ← v + (1 - β₂)·(g² - v);  w ← w - α·m / (√v + ε),  α = lr·√(1 - β₂ᵗ) / (1 - β₁ᵗ).
    With `amsgrad` the largest v so far takes v's place in the last.

    Source: Kingma & Ba, *Adam* (2014), the form before section 2.1; Reddi, Kale & Kumar (2018) for amsgrad.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **options: Unpack[OptimizerOptions],
    ):
        super().__init__(learning_rate, **options)
        self.beta_1, self.beta_2, self.epsilon = check_betas(type(self).__name__, beta_1, beta_2, epsilon)
        self.amsgrad = amsgrad

    def slots(self):
        return {"m": 0.0, "v": 0.0} | ({"v_largest": 0.0} if self.amsgrad else {})

    def prepare(self, lr, t):
        return (lr * math.sqrt(1 - self.beta_2**t) / (1 - self.beta_1**t),)

    def update(self, w, g, m, v, *rest):
        *largest, room, alpha = rest
        moments(g, m, v, room, self.beta_1, self.beta_2)
        if self.amsgrad:
            v = np.maximum(largest[0], v, out=largest[0])
        np.sqrt(v, out=room)
        room += self.epsilon
        np.divide(m, room, out=room)
        room *= alpha
        w -= room


class AdamW(Adam):
    """Adam, with weights that shrink by lr·`weight_decay` before each update.

    Source: Loshchilov & Hutter, *Decoupled Weight Decay Regularization* (2019).
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **options: Unpack[CommonOptions],
    ):
        super().__init__(learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay=weight_decay, **options)


def moments(g: np.ndarray, m: np.ndarray, v: np.ndarray, room: np.ndarray, beta_1: float, beta_2: float) -> None:
    """m ← m + (1 - β₁)·(g - m) and v ← v + (1 - β₂)·(g² - v), in place."""
    np.subtract(g, m, out=room)
    room *= 1 - beta_1
    m += room
    np.multiply(g, g, out=room)
    room -= v
    room *= 1 - beta_2
    v += room


def check_betas(who: str, beta_1: float, beta_2: float, epsilon: float) -> tuple[float, float, float]:
    """The three numbers that rules of two moments share, checked."""
    return (
        number(who, "beta_1", beta_1, 0, 1, open_high=True),
        number(who, "beta_2", beta_2, 0, 1, open_high=True),
        number(who, "epsilon", epsilon, 0),
    )


registry.add(Adam, "adam")
registry.add(AdamW, "adamw")
