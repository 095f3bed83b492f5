"""MultiHeadAttention: several attentions side by side, each in a space of its own."""

import functools
import math
from typing import Any, Unpack

import numpy as np

from .. import regularizers
from ..errors import ArgumentError, OptionError, ShapeError
from ..ops.attention import beyond_window, causal, swap
from ..utils.checks import one_of, positive_int
from ..utils.component import serialize
from .attends import Attends, gradients_of, query_value_key, shapes_of
from .base import CommonOptions, registry
from .chain import backward_chain, forward_chain
from .einsum_dense import EinsumDense
from .normalizer import axis_option
from .spec import Shape, show_shape


class MultiHeadAttention(Attends):
    r"""Multi-head attention.

    Forward:   Q = q·W_q + b_q,  K = k·W_k + b_k,  V = v·W_v + b_v, each for every head;  S = Q·Kᵀ / √key_dim,
               P = softmax(S) along the keys,  C = P·V,  y = Σ over heads of C·W_o + b_o;
               with `use_gate`, C ⊙ sigmoid(q·W_g + b_g) in place of C
    Backward:  dC = dy·W_oᵀ,  dV = Pᵀ·dC,  dP = dC·Vᵀ,  dS = P ⊙ (dP - Σ dP ⊙ P),  dQ = dS·K / √key_dim,
               dK = dSᵀ·Q / √key_dim;  then each projection as in `EinsumDense`

    Shapes: x one array ``(batch, steps, features)``, which is query, value and key, or a list [query, value] or
    [query, value, key], which may differ in steps and features; y ``(batch, queries, features of the query)``, or
    `output_shape` in place of the features. The kernels of `query_dense`, `key_dense`, `value_dense` (and
    `gate_dense`) are ``(features, num_heads, key_dim or value_dim)``, that of `output_dense` is ``(num_heads,
    value_dim, features of y)``. Inputs of higher rank, ``(batch, ..., features)``, attend along `attention_axes`: all
    axes between batch and features, if None. `dropout` is the share of P left out in training; with `sliding_window`
    a query sees only keys less than so many steps away. `flash_attention` has no effect on the numbers, and can only be
    None or False: there is one way.

    A mask hides its steps as queries and as keys; it is the mask of y, too. In the call, `attention_mask`, True where
    a query may see a key, ``(batch, queries, keys)``, with 1 in place of any of them for all alike, and
    `use_causal_mask`, by which a query sees only keys up to its own step, hide more. Axes that are not attended to,
    and then the heads, may stand after the batch. A Sequential passes no such argument; there, say it in a class:

    >>> class CausalSelfAttention(MultiHeadAttention):
    ...     def forward(self, x, training=False, mask=None):
    ...         return super().forward(x, training, mask, use_causal_mask=True)
    >>> CausalSelfAttention(num_heads=2, key_dim=4)(np.ones((1, 3, 8))).shape
    (1, 3, 8)

    Raises OptionError for counts below 1, or axes that are none of those; ShapeError for inputs or masks that do not
    fit.

    Source: Vaswani et al., *Attention Is All You Need* (2017), section 3.2.2.
    """

    # as attributes the first two mean others
    not_in_config = Attends.not_in_config | {"output_shape", "activity_regularizer", "flash_attention"}

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: Any = None,
        attention_axes: Any = None,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer=None,
        bias_regularizer=None,
        activity_regularizer=None,
        kernel_constraint=None,
        bias_constraint=None,
        use_gate: bool = False,
        seed=None,
        **options: Unpack[CommonOptions],
    ):
        super().__init__(dropout, seed, **options)
        check = functools.partial(positive_int, "MultiHeadAttention")
        self.num_heads, self.key_dim = check("num_heads", num_heads), check("key_dim", key_dim)
        self.value_dim = self.key_dim if value_dim is None else check("value_dim", value_dim)
        self.use_bias, self.use_gate = bool(use_bias), bool(use_gate)
        sizes = output_shape if isinstance(output_shape, list | tuple) else [output_shape]
        self.sizes = None if output_shape is None else [check("output_shape", size) for size in sizes]
        if attention_axes is not None:
            attention_axes = axis_option("MultiHeadAttention", attention_axes, "attention_axes")
        self.attention_axes = [attention_axes] if isinstance(attention_axes, int) else attention_axes
        one_of("MultiHeadAttention", "flash_attention", flash_attention, (None, False), "leave it out")
        self.sliding_window = None if sliding_window is None else check("sliding_window", sliding_window)
        self.activity_penalty = regularizers.get(activity_regularizer)  # on the projections, as in Keras
        self.weight_rules("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        self.weight_rules("bias", bias_initializer, bias_regularizer, bias_constraint)

    def build(self, input_shape):
        query, value, key = shapes_of(input_shape)
        self._arrange(query)
        heads = "...e,enh->...nh"
        self.query_dense = self._projection("query", heads, [self.num_heads, self.key_dim], query)
        self.key_dense = self._projection("key", heads, [self.num_heads, self.key_dim], key)
        if self.use_gate:
            self.gate_dense = self._projection("gate", heads, [self.num_heads, self.value_dim], query, "sigmoid")
        self.value_dense = self._projection("value", heads, [self.num_heads, self.value_dim], value)
        sizes: Any = [query[-1]] if self.sizes is None else self.sizes
        last = "opqrstuvwxyz"[: len(sizes)]
        context = (*query[:-1], self.num_heads, self.value_dim)
        self.output_dense = self._projection("attention_output", f"...nh,nh{last}->...{last}", sizes, context)

    def forward(
        self,
        x,
        training=False,
        mask=None,
        attention_mask=None,
        use_causal_mask=False,
        return_attention_scores=False,
    ):
        query, value, key = query_value_key(x)
        q = self._parted(self._project(self.query_dense, query, training)) * self.key_dim**-0.5
        k = self._parted(self._project(self.key_dense, key, training))
        v = self._parted(self._project(self.value_dense, value, training))
        scores = q @ swap(k)  # (batch, ..., heads, queries, keys)
        given = None if attention_mask is None else self._given_mask(attention_mask, query, key)
        hidden = self._hidden(scores.shape, self.masks(x, mask), given, use_causal_mask)
        # Keras's fused path gives the mean of all values to a query that sees no key; its other path gives it nothing.
        empty_to_zero = self.dropout > 0 or return_attention_scores
        c, of_weights = self.weigh(scores, v, hidden, training, empty_to_zero)
        c = self._joined(c, query)
        gate = self._project(self.gate_dense, query, training) if self.use_gate else None
        y = self._project(self.output_dense, c if gate is None else c * gate, training)
        self.saved = x, q, k, c, gate, of_weights
        return (y, self._spread(of_weights[0], query, key)) if return_attention_scores else y

    def backward(self, dy):
        x, q, k, c, gate, of_weights = self.saved
        query, value, key = query_value_key(x)
        dc = backward_chain([self.output_dense], dy)
        d_scores, dv = self.weigh_gradient(self._parted(dc if gate is None else dc * gate), of_weights)
        dq, dk = d_scores @ k, swap(d_scores) @ q
        dq *= self.key_dim**-0.5
        d_query = backward_chain([self.query_dense], self._joined(dq, query))
        if gate is not None:
            d_query += backward_chain([self.gate_dense], dc * c)
        d_key = backward_chain([self.key_dense], self._joined(dk, key))
        d_value = backward_chain([self.value_dense], self._joined(dv, value))
        return gradients_of(x, d_query, d_value, d_key)

    def _projection(self, name: str, equation: str, sizes: list[int], shape: Shape, activation=None) -> EinsumDense:
        dense = EinsumDense(
            equation,
            output_shape=sizes,
            activation=activation,
            bias_axes=equation.rsplit("...", maxsplit=1)[-1] if self.use_bias else None,
            activity_regularizer=self.activity_penalty,
            trainable=self.trainable,
            dtype=self.dtype,
            name=name,
            **{f"{weight}_{rule}": value for weight, rules in self._rules.items() for rule, value in rules.items()},
        )
        dense.ensure_built(shape)
        return dense

    def _project(self, dense: EinsumDense, x: np.ndarray, training: bool) -> np.ndarray:
        return forward_chain([dense], x, training)[0]

    # -- the axes attended to
    def _arrange(self, query: Shape) -> None:
        """Find the order of a projection's axes in which heads come before the steps attended to."""
        rank = len(query)
        chosen = range(1, rank - 1) if self.attention_axes is None else self.attention_axes
        axes = [axis if axis >= 0 else rank + axis for axis in chosen]
        if len(set(axes)) < len(axes) or not set(axes) <= set(range(1, rank - 1)):
            raise OptionError(
                f"{self.where}: attention_axes",
                expected=f"axes between batch and features of {show_shape(query)}",
                received=repr(self.attention_axes),
            )
        others = [axis for axis in range(rank - 1) if axis not in axes]
        self.steps, self.order = axes, [*others, rank - 1, *axes, rank]

    def _parted(self, x: np.ndarray) -> np.ndarray:
        x = x.transpose(self.order)  # (batch, ..., heads, steps..., size)
        *lead, size = x.shape
        split = len(lead) - len(self.steps)
        return x.reshape(*lead[:split], math.prod(lead[split:]), size)  # (batch, ..., heads, steps, size)

    def _joined(self, x: np.ndarray, like: np.ndarray) -> np.ndarray:
        """What `_parted` took apart, with the steps of `like`."""
        x = x.reshape(*x.shape[:-2], *(like.shape[axis] for axis in self.steps), x.shape[-1])
        return np.ascontiguousarray(x.transpose(np.argsort(self.order)))  # (batch, ..., heads, size)

    def _spread(self, weights: np.ndarray, query: np.ndarray, key: np.ndarray) -> np.ndarray:
        """The weights ``(batch, ..., heads, queries..., keys...)``, with an axis for each one attended to."""
        return weights.reshape(*weights.shape[:-2], *(x.shape[axis] for x in (query, key) for axis in self.steps))

    def _hidden(self, shape: tuple[int, ...], masks, given, use_causal_mask: bool) -> np.ndarray | None:
        """True where a query must not see a key, for scores of `shape` ``(batch, ..., heads, queries, keys)``."""
        queries, keys = shape[-2:]
        query_mask, *key_masks = masks
        hidden = [] if query_mask is None else [~query_mask[:, :, None]]
        hidden += [~mask[:, None, :] for mask in key_masks if mask is not None]
        if use_causal_mask:
            hidden.append(causal(queries, keys)[None])
        if self.sliding_window is not None:
            hidden.append(beyond_window(queries, keys, self.sliding_window)[None])
        if given is not None:
            hidden.append(given)
        if not hidden:
            return None
        try:
            wide = [
                part.reshape(*part.shape[:-2], *[1] * (len(shape) - part.ndim), *part.shape[-2:]) for part in hidden
            ]
            fits = np.broadcast_shapes(shape, *(part.shape for part in wide)) == shape
        except ValueError:
            fits = False
        if not fits:
            raise ShapeError(
                f"{self.where}: masks",
                expected=f"what fits scores of shape {shape}, (batch, ..., heads, queries, keys)",
                received=", ".join(str(part.shape) for part in hidden),
            )
        return functools.reduce(np.logical_or, wide)

    def _given_mask(self, mask, query: np.ndarray, key: np.ndarray) -> np.ndarray:
        """True where `attention_mask` hides, ``(batch, ..., queries, keys)``: a length of 1 in it goes for all."""
        mask = np.asarray(mask, bool)
        queries, keys = ([x.shape[axis] for axis in self.steps] for x in (query, key))
        lead = mask.shape[: max(0, mask.ndim - 2 * len(self.steps))]
        wide = (*lead, *queries, *keys)
        if mask.ndim != len(wide) or any(n not in (1, size) for n, size in zip(mask.shape, wide, strict=True)):
            raise ShapeError(
                f"{self.where}: attention_mask",
                expected=f"{show_shape((None, *queries, *keys))}, True where a query may see a key",
                received=str(mask.shape),
            )
        return ~np.broadcast_to(mask, wide).reshape(*(lead or [1]), math.prod(queries), math.prod(keys))

    # -- as a layer
    def __call__(  # type: ignore[override]
        self,
        query,
        value=None,
        key=None,
        query_mask=None,
        value_mask=None,
        key_mask=None,
        attention_mask=None,
        return_attention_scores=False,
        training=False,
        use_causal_mask=False,
        mask=None,
    ):
        """Build the layer if need be, check the inputs, and run `forward`.

        The inputs are ``query``, ``value`` and ``key`` as in Keras, or one array or list of them in the place of
        `query`; their masks `query_mask`, `value_mask` and `key_mask`, or `mask`, one or a list of them.
        """
        if value is None and key is not None:
            mend = "give the value too, layer(query, value, key); one array that is both needs no key"
            raise ArgumentError(f"{self.where}: key", expected="a value beside it", received="none", mend=mend)
        x = query if value is None else [np.asarray(part) for part in (query, value, key) if part is not None]
        if mask is None and not (query_mask is None and value_mask is None and key_mask is None):
            mask = [query_mask, value_mask, key_mask]
        return self.run(
            x,
            training,
            mask,
            attention_mask=attention_mask,
            use_causal_mask=use_causal_mask,
            return_attention_scores=return_attention_scores,
        )

    def compute_output_shape(self, input_shape):
        query, *_ = shapes_of(input_shape)
        return query if self.sizes is None else (*query[:-1], *self.sizes)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        return super().get_config() | {
            "output_shape": self.sizes,
            "activity_regularizer": serialize(self.activity_penalty),
        }


registry.add(MultiHeadAttention)
