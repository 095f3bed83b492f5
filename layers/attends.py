"""What the attention layers share: one input or several, their masks, and the weighing of the values."""

from typing import Any, Unpack

import numpy as np

from ..errors import DataError, ShapeError
from ..ops.attention import softmax_over_keys, softmax_over_keys_gradient, swap
from ..utils.checks import number
from .base import Layer, LayerOptions
from .dropout import Dropout
from .spec import Shape, show_shape


def query_value_key(given: Any) -> tuple[Any, Any, Any]:
    """What is given for query, value and key: one for all, or a list of two (the value is the key too) or three.

    >>> query_value_key(["q", "v"])
    ('q', 'v', 'v')
    """
    if not isinstance(given, list):
        return given, given, given
    return given[0], given[1], given[-1]


def shapes_of(input_shape: Any) -> tuple[Shape, Shape, Shape]:
    """The shapes of query, value and key, of one shape or a list of two or three.

    >>> shapes_of([(2, 5, 3), (2, 4, 7)])
    ((2, 5, 3), (2, 4, 7), (2, 4, 7))
    """
    several = isinstance(input_shape[0], list | tuple)
    query, value, key = query_value_key(list(input_shape) if several else input_shape)
    return tuple(query), tuple(value), tuple(key)


class Attends(Layer):
    r"""The parent of the layers in which queries look at keys and take up the values of those that they match.

    x is one array, which is query, value and key (self-attention), or a list ``[query, value]`` or
    ``[query, value, key]``; then `mask` is a list too, and `backward` gives a list of gradients.
    """

    supports_masking = True
    uses_mask = True

    def __init__(self, dropout: float, seed, **options: Unpack[LayerOptions]):
        super().__init__(**options)
        self.dropout = number(type(self).__name__, "dropout", dropout, 0, 1)
        self.seed = seed
        self.dropping = Dropout(self.dropout, seed=seed, dtype=self.dtype)

    # -- the inputs
    def as_input(self, x):
        """x as an array, or as a list of arrays if it is a list of them."""
        if not (isinstance(x, list | tuple) and x and all(isinstance(part, np.ndarray) for part in x)):
            return super().as_input(x)
        if len(x) not in (2, 3):
            raise DataError(self.where, expected="[query, value] or [query, value, key]", received=f"{len(x)} arrays")
        if len({len(part) for part in x}) > 1:
            raise ShapeError(self.where, expected="one batch size", received=", ".join(str(part.shape) for part in x))
        return [super(Attends, self).as_input(part) for part in x]

    def ensure_built(self, input_shape) -> None:
        """Check the shapes, and build the layer for them unless that is done."""
        query, value, key = ((None, *shape[1:]) for shape in shapes_of(input_shape))
        self.check_shapes(query, value, key)
        features = [shape[-1] for shape in (query, value, key)]
        if not self.built:
            shapes: Any = [query, value, key]
            self.build(shapes)
            self._built_shape, self.features = query, features
            self.set_paths(set())
        elif self.weights and features != self.features:
            raise ShapeError(
                self.where,
                expected=f"{self.features} features of query, value and key",
                received=str(features),
                mend="the layer was built for those: make a new one for others",
            )

    def run(self, x, training: bool, mask, **more):
        """Build the layer if need be, check x, and run `forward` with those further arguments that say something."""
        x = self.as_input(x)
        self.ensure_built([part.shape for part in x] if isinstance(x, list) else x.shape)
        said = {name: value for name, value in more.items() if value is not None and value is not False}
        return self.forward(x, training, mask, **said)  # type: ignore[call-arg]

    def check_shapes(self, query: Shape, value: Shape, key: Shape) -> None:
        """Refuse inputs that do not fit together."""
        if not 3 <= len(query) == len(value) == len(key) or value[1:-1] != key[1:-1]:
            raise ShapeError(
                self.where,
                expected="inputs (batch, ..., features) of one rank, 3 or more; value and key of equal steps",
                received=f"query {show_shape(query)}, value {show_shape(value)}, key {show_shape(key)}",
            )

    def masks(self, x, mask: Any) -> tuple[Any, Any, Any]:
        """The masks of query, value and key, each of shape ``(batch, steps)`` or None."""
        if mask is None:
            return None, None, None
        if isinstance(x, list) != isinstance(mask, list) or (isinstance(mask, list) and len(mask) not in (2, 3)):
            raise DataError(
                f"{self.where}: mask", expected="a list of masks beside a list of inputs, one mask beside one input"
            )
        found = [None if part is None else np.asarray(part, bool) for part in query_value_key(mask)]
        for part, array in zip(found, query_value_key(x), strict=True):
            if part is not None and part.shape != array.shape[:2]:
                raise ShapeError(f"{self.where}: mask", expected=str(array.shape[:2]), received=str(part.shape))
        of_key = found[2] if isinstance(mask, list) and len(mask) == 3 else None  # else it is that of the value
        return found[0], found[1], of_key

    def compute_mask(self, x, mask=None):
        """The mask of y: that of the query."""
        return query_value_key(mask)[0]

    # -- the values, weighed
    def weigh(self, scores, values, hidden, training: bool, empty_to_zero: bool = False):
        """y = dropout(softmax(scores))·values, and what the gradient needs; scores of shape ``(..., queries, keys)``.

        `hidden` is True where a query must not see a key. A query that sees no key takes the mean of all values, or,
        with `empty_to_zero`, none.
        """
        weights = softmax_over_keys(scores, hidden)
        if empty_to_zero and hidden is not None:
            np.copyto(weights, 0, where=hidden)
        kept = self.dropping.forward(weights, training)
        return kept @ values, (weights, kept, values, hidden)

    def weigh_gradient(self, dy, saved) -> tuple[np.ndarray, np.ndarray]:
        """d scores and d values."""
        weights, kept, values, hidden = saved
        d_values = swap(kept) @ dy
        d_weights = self.dropping.backward(dy @ swap(values))
        return softmax_over_keys_gradient(d_weights, weights, hidden), d_values


def gradients_of(x, d_query, d_value, d_key):
    """The gradient of x: a sum where one array is query, value and key, or a list as x is one."""
    if not isinstance(x, list):
        d_query += d_value
        d_query += d_key
        return d_query
    if len(x) == 2:
        d_value += d_key
        return [d_query, d_value]
    return [d_query, d_value, d_key]
