"""Attention: queries take the mean of values, weighed by how well the keys match."""

from typing import Any, Unpack

import numpy as np

from ..errors import ShapeError
from ..ops.attention import causal, sum_gradient, swap, tanh_of_sums
from ..utils.checks import one_of
from .attends import Attends, gradients_of, query_value_key, shapes_of
from .base import LayerOptions, registry
from .spec import Shape, show_shape


class Attention(Attends):
    r"""Dot-product attention (Luong), or with `score_mode` "concat" the attention of a sum.

    Forward:   s = q·kᵀ, or with `use_scale` s = g·q·kᵀ;  "concat": s_ij = c·Σ tanh(g·(q_i + k_j));
               w = softmax(s) along the keys,  y = w·v
    Backward:  dv = wᵀ·dy,  dw = dy·vᵀ,  ds = w ⊙ (dw - Σ dw ⊙ w),
               dq = g·ds·k,  dk = g·dsᵀ·q,  dg = Σ ds ⊙ (q·kᵀ);
               "concat", with t = tanh(g·(q_i + k_j)) and du = c·ds·(1 - t²): dc = Σ ds ⊙ Σ t,  dq = g·Σ_j du,
               dk = g·Σ_i du,  dg = Σ du ⊙ (q_i + k_j)

    Shapes: x one array ``(batch, steps, features)``, which is query, value and key, or a list [query, value] or
    [query, value, key] of ``(batch, queries, features)``, ``(batch, keys, values)`` and ``(batch, keys, features)``;
    y ``(batch, queries, values)``; g (`scale`) and c (`concat_score_weight`) are single numbers. `dropout` is the
    share of weights left out in training.

    A mask hides its steps as keys, and makes their y zero as queries. With `use_causal_mask` in the call, a query sees
    only keys up to its own step. A Sequential passes no such argument; there, say it in a class:

    >>> class CausalAttention(Attention):
    ...     def forward(self, x, training=False, mask=None):
    ...         return super().forward(x, training, mask, use_causal_mask=True)
    >>> CausalAttention()(np.array([[[1.0], [2.0]]]))[0, 0]
    array([1.], dtype=float32)

    Raises OptionError for a `score_mode` that is neither, ShapeError for inputs that do not fit together.

    Source: Luong, Pham & Manning, *Effective Approaches to Attention-based Neural Machine Translation* (2015).
    """

    def __init__(
        self,
        use_scale: bool = False,
        score_mode: str = "dot",
        dropout: float = 0.0,
        seed=None,
        **options: Unpack[LayerOptions],
    ):
        super().__init__(dropout, seed, **options)
        self.use_scale = bool(use_scale)
        self.score_mode = one_of("Attention", "score_mode", score_mode, ("dot", "concat"))

    def build(self, input_shape):
        if self.use_scale:
            self.scale = self.add_weight("scale", (), initializer="ones")
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight("concat_score_weight", (), initializer="ones")

    def __call__(
        self, x, training: bool = False, mask=None, use_causal_mask: bool = False, return_attention_scores: bool = False
    ):
        """Build the layer if need be, check x, and run `forward`."""
        return self.run(
            x, training, mask, use_causal_mask=use_causal_mask, return_attention_scores=return_attention_scores
        )

    def forward(self, x, training=False, mask=None, use_causal_mask=False, return_attention_scores=False):
        query, value, key = query_value_key(x)
        query_mask, value_mask, _ = self.masks(x, mask)
        scores, of_scores = self.score(query, key)
        hidden = None if value_mask is None else ~value_mask[:, None, :]
        if use_causal_mask:
            later = causal(*scores.shape[1:])
            hidden = later if hidden is None else hidden | later
        y, of_weights = self.weigh(scores, value, hidden, training)
        if query_mask is not None:
            y *= query_mask[..., None]
        self.saved = x, query_mask, of_scores, of_weights
        return (y, of_weights[1]) if return_attention_scores else y

    def backward(self, dy):
        x, query_mask, of_scores, of_weights = self.saved
        if query_mask is not None:
            dy *= query_mask[..., None]
        d_scores, d_value = self.weigh_gradient(dy, of_weights)
        d_query, d_key = self.score_gradient(d_scores, of_scores)
        return gradients_of(x, d_query, d_value, d_key)

    def score(self, q, k) -> tuple[np.ndarray, Any]:
        """How well each key matches each query, ``(batch, queries, keys)``, and what the gradient needs."""
        if self.score_mode == "dot":
            s = q @ swap(k)
            if self.use_scale:
                s *= self.scale.value
            return s, (q, k)
        t = tanh_of_sums(q, k, self.scale.value if self.use_scale else None)
        return t.sum(axis=-1) * self.concat_score_weight.value, (q, k, t)

    def score_gradient(self, ds, saved) -> tuple[np.ndarray, np.ndarray]:
        """d query and d key; the gradients of g and c go to the weights."""
        if self.score_mode == "dot":
            q, k = saved
            dq, dk = ds @ k, swap(ds) @ q
            if self.use_scale:
                self.scale.grad += np.vdot(dq, q)
                dq *= self.scale.value
                dk *= self.scale.value
            return dq, dk
        q, k, t = saved
        self.concat_score_weight.grad += np.vdot(ds, t.sum(axis=-1))
        ds *= self.concat_score_weight.value
        dq, dk = sum_gradient(ds, t)
        if self.use_scale:
            self.scale.grad += np.vdot(dq, q) + np.vdot(dk, k)
            dq *= self.scale.value
            dk *= self.scale.value
        return dq, dk

    def check_shapes(self, query: Shape, value: Shape, key: Shape) -> None:
        """Refuse inputs that do not fit together."""
        super().check_shapes(query, value, key)
        if len(query) != 3 or query[2] != key[2]:
            raise ShapeError(
                self.where,
                expected="query (batch, queries, features) and key (batch, keys, features)",
                received=f"query {show_shape(query)}, key {show_shape(key)}",
            )

    def compute_output_shape(self, input_shape):
        query, value, _ = shapes_of(input_shape)
        return (*query[:-1], value[-1])


registry.add(Attention)
