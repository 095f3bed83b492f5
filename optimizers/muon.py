"""Muon: the momentum of a matrix, made orthogonal."""

import math
import re
from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np

from ..errors import OptionError
from ..utils.checks import number, unless_none, whole_number
from ..utils.variable import Variable
from .adam import Adam
from .arguments import CommonOptions
from .base import Optimizer, registry
from .layout import Slot


class Muon(Optimizer):
    """Muon, for each matrix w; all other variables move by `Adam`, with lr·`adam_lr_ratio` as their learning rate:

    m ← μ·m + g
    u = g + μ·m with `nesterov`, else m
    x = u / (‖u‖ + 1e-7), on its side if it is higher than wide; then `ns_steps` times
    A = x·xᵀ,  x ← a·x + (b·A + c·A²)·x,  which moves the singular values of x towards 1
    w ← w - lr·r·√n·x,  n the longer side of w

    μ is `momentum`, a, b, c are `muon_a`, `muon_b`, `muon_c`, r is `rms_rate`; with None r·√n is 1. A matrix whose path
    has "embedding" in it moves by Adam, unless `exclude_embeddings` is False, and so does one whose path a word, or
    regular expression, of `exclude_layers` is found in: for the layer that ends the model, say. Adam's β₁, β₂ and ε are
    `adam_beta_1`, `adam_beta_2` and `epsilon`. `weight_decay` is that of matrices, `adam_weight_decay` of the others.

    Source: Jordan et al., Muon: An optimizer for hidden layers in neural networks (2024); r: Liu et al., Muon is
    Scalable for LLM Training (2025).

    >>> from lamina import Variable
    >>> w = Variable(np.zeros((2, 2)))
    >>> _ = Muon(0.1, rms_rate=None).apply_gradients([([[9.0, 0.0], [0.0, -1.0]], w)])
    >>> w.value.round(2)  # 9 and -1 go about as far
    array([[-0.07,  0.  ],
           [ 0.  ,  0.08]])
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        adam_beta_1: float = 0.9,
        adam_beta_2: float = 0.999,
        adam_weight_decay: float | None = 0.004,
        epsilon: float = 1e-7,
        weight_decay: float | None = 0.004,
        exclude_layers: Sequence[str] | None = None,
        exclude_embeddings: bool = True,
        muon_a: float = 3.4445,
        muon_b: float = -4.775,
        muon_c: float = 2.0315,
        adam_lr_ratio: float = 1,
        momentum: float = 0.95,
        ns_steps: int = 5,
        nesterov: bool = True,
        rms_rate: float | None = 0.2,
        **options: Unpack[CommonOptions],
    ):
        super().__init__(learning_rate, weight_decay, **options)
        self._adam = adam = Adam(beta_1=adam_beta_1, beta_2=adam_beta_2, epsilon=epsilon)
        self.adam_beta_1, self.adam_beta_2, self.epsilon = adam.beta_1, adam.beta_2, adam.epsilon
        self.adam_weight_decay = unless_none(number, "Muon", "adam_weight_decay", adam_weight_decay, 0)
        self.adam_lr_ratio = number("Muon", "adam_lr_ratio", adam_lr_ratio, 0)
        self.exclude_layers = _expressions(exclude_layers or [])
        self.exclude_embeddings = bool(exclude_embeddings)
        self.muon_a, self.muon_b, self.muon_c = (
            number("Muon", f"muon_{name}", value) for name, value in (("a", muon_a), ("b", muon_b), ("c", muon_c))
        )
        self.momentum = number("Muon", "momentum", momentum, 0, 1)
        self.ns_steps = whole_number("Muon", "ns_steps", ns_steps)
        self.nesterov = bool(nesterov)
        self.rms_rate = unless_none(number, "Muon", "rms_rate", rms_rate, 0)

    def moves_by_adam(self, variable: Variable) -> bool:
        """Whether the variable is no matrix, or one of those left out."""
        left_out = self.exclude_embeddings and "embedding" in variable.path.lower()
        return variable.ndim != 2 or left_out or any(re.search(word, variable.path) for word in self.exclude_layers)

    def slots(self):
        return [Slot("m", "momentum"), Slot("v", "velocity", beside=True, of=self.moves_by_adam)]

    def decay_of(self, variable):
        return "adam_weight_decay" if self.moves_by_adam(variable) else "weight_decay"

    def factors(self, rate, t):
        return rate, self._adam.factors(rate * self.adam_lr_ratio, t)

    def update_step(self, g, w, rate, room, m, v=None):
        rate, of_adam = rate
        if v is not None:
            self._adam.update_step(g, w, of_adam, room, m, v)
            return
        m *= self.momentum
        m += g
        if self.nesterov:
            np.multiply(m, self.momentum, out=room)
            g += room
        step = self._orthogonal(g if self.nesterov else m)
        w -= step * (rate if self.rms_rate is None else rate * self.rms_rate * math.sqrt(max(w.shape)))

    def _orthogonal(self, u: np.ndarray) -> np.ndarray:
        high = u.shape[0] > u.shape[1]
        x = (u.T if high else u) / (np.linalg.norm(u) + 1e-7)
        for _ in range(self.ns_steps):
            a = x @ x.T
            x = self.muon_a * x + (self.muon_b * a + self.muon_c * (a @ a)) @ x
        return x.T if high else x


def _expressions(words: Sequence[str]) -> list[str]:
    try:
        if not isinstance(words, str):
            return [re.compile(word).pattern for word in words]
    except (re.error, TypeError):
        pass
    raise OptionError(
        "Muon(exclude_layers=...)", expected="a list of words, or regular expressions", received=repr(words)
    )


registry.add(Muon)
