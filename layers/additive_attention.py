"""AdditiveAttention: attention whose scores come from a small network."""

from typing import Any, Unpack

import numpy as np

from ..ops.attention import sum_gradient, tanh_of_sums
from .attends import shapes_of
from .attention import Attention
from .base import LayerOptions, registry


class AdditiveAttention(Attention):
    r"""Additive attention (Bahdanau).

    Forward:   s_ij = Σ g ⊙ tanh(q_i + k_j);  w = softmax(s) along the keys,  y = w·v
    Backward:  dv, dw and ds as for `Attention`;  with t = tanh(q_i + k_j) and du = ds·g ⊙ (1 - t²):
               dg = Σ ds·t,  dq = Σ_j du,  dk = Σ_i du

    Shapes, masks and the call as for `Attention`; g (`scale`) ``(features,)``, all 1 without `use_scale`.

    Source: Bahdanau, Cho & Bengio, *Neural Machine Translation by Jointly Learning to Align and Translate* (2015).

    >>> AdditiveAttention(use_scale=False)(np.array([[[0.0], [0.0]]]))
    array([[[0.],
            [0.]]], dtype=float32)
    """

    def __init__(self, use_scale: bool = True, dropout: float = 0.0, seed=None, **options: Unpack[LayerOptions]):
        super().__init__(use_scale=use_scale, dropout=dropout, seed=seed, **options)

    def build(self, input_shape):
        features: Any = shapes_of(input_shape)[0][-1]
        if self.use_scale:
            self.scale = self.add_weight("scale", (features,), initializer="glorot_uniform")

    def score(self, q, k) -> tuple[np.ndarray, Any]:
        t = tanh_of_sums(q, k)
        return (t @ self.scale.value if self.use_scale else t.sum(axis=-1)), t

    def score_gradient(self, ds, saved) -> tuple[np.ndarray, np.ndarray]:
        t = saved
        if self.use_scale:
            self.scale.grad += np.einsum("bij,bijf->f", ds, t)
        dq, dk = sum_gradient(ds, t)
        if self.use_scale:
            dq *= self.scale.value
            dk *= self.scale.value
        return dq, dk


registry.add(AdditiveAttention)
