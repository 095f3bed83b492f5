"""Embedding: each id has a vector of its own."""

from typing import Any, Unpack

import numpy as np

from ..errors import DataError, ShapeError
from ..utils.checks import positive_int
from ..utils.rows import take_rows
from .base import Layer, LayerOptions, registry
from .spec import Shape


class Embedding(Layer):
    """A table of vectors, looked up by ids.

    Forward:   y[b, t] = E[x[b, t]]
    Backward:  dE[k] = Σ dy[b, t] over the places where x[b, t] = k; ids have no gradient, so dx is None

    Shapes: x ``(batch, steps)``, or of any rank, whole numbers from 0 to `input_dim` - 1, as integers or floats;
    y the same with an axis of `output_dim` at the end; E (`embeddings`) ``(input_dim, output_dim)``.

    With `mask_zero` the id 0 is padding: the layers that follow skip its steps. `weights` is a table to begin with, or
    a list of one. `input_length`, as in Keras 2, is the length of each row of ids, so that a model with this layer
    first is built at once.

    Raises OptionError for lengths that are no whole numbers of 1 or more, ShapeError for `weights` of another shape,
    DataError for ids that are no whole numbers or not within the table; it names the id and where it stands.

    Source: Bengio et al., *A Neural Probabilistic Language Model* (2003).

    >>> layer = Embedding(3, 2, weights=np.arange(6).reshape(3, 2))
    >>> layer([[2, 0]])
    array([[[4., 5.],
            [0., 1.]]], dtype=float32)
    """

    not_in_config = frozenset({"input_shape", "weights"})
    casts_input = False

    def __init__(  # type: ignore[misc]  # of the options, all but `input_dim`
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer="uniform",
        embeddings_regularizer=None,
        embeddings_constraint=None,
        mask_zero: bool = False,
        weights: Any = None,
        input_length: int | None = None,
        **options: Unpack[LayerOptions],
    ):
        if input_length is not None:
            options["input_shape"] = (positive_int("Embedding", "input_length", input_length),)
        super().__init__(**options)
        self.input_dim = positive_int("Embedding", "input_dim", input_dim)
        self.output_dim = positive_int("Embedding", "output_dim", output_dim)
        self.weight_rules("embeddings", embeddings_initializer, embeddings_regularizer, embeddings_constraint)
        self.mask_zero = bool(mask_zero)
        self.input_length = input_length
        self._first_table = self._as_table(weights)

    def build(self, input_shape):
        self.embeddings = self.add_weight("embeddings", (self.input_dim, self.output_dim))
        self.embeddings.by_rows = True
        if self._first_table is not None:
            self.embeddings.assign(self._first_table)

    def forward(self, x, training=False):
        ids = self._checked(x).reshape(-1)
        self.saved = ids
        return take_rows(self.embeddings.value, ids).reshape(*x.shape, self.output_dim)

    def backward(self, dy):
        ids = self.saved
        self.embeddings.add_rows(ids, dy.reshape(len(ids), self.output_dim))

    def _as_table(self, weights: Any) -> np.ndarray | None:
        if weights is None:
            return None
        table = np.asarray(weights[0] if isinstance(weights, list | tuple) and len(weights) == 1 else weights)
        if table.shape != (self.input_dim, self.output_dim):
            expected = f"(input_dim, output_dim) = ({self.input_dim}, {self.output_dim})"
            raise ShapeError("Embedding(weights=...)", expected=expected, received=str(table.shape))
        return table

    def _checked(self, x: np.ndarray) -> np.ndarray:
        """The ids as whole numbers; refuses those that are none, and those that the table does not have."""
        if x.dtype.kind not in "fiub":
            raise DataError(self.where, expected="ids", received=f"an array of {x.dtype}")
        if x.dtype.kind == "f":
            not_whole = ~(np.isfinite(x) & (x == np.floor(x)))
            self._refuse(x, not_whole, "whole numbers as ids", "look the ids up first, or round them")
        with np.errstate(invalid="ignore"):  # a float that no whole number holds becomes one that is refused below
            ids = x.astype(np.intp)
        if ids.size and (ids.min() < 0 or ids.max() >= self.input_dim):
            mend = f"give the layer input_dim={ids.max() + 1} or more" if ids.min() >= 0 else None
            self._refuse(x, (ids < 0) | (ids >= self.input_dim), f"ids from 0 to {self.input_dim - 1}", mend)
        return ids

    def _refuse(self, x: np.ndarray, wrong: np.ndarray, expected: str, mend: str | None = None) -> None:
        if wrong.any():
            place = tuple(np.argwhere(wrong)[0].tolist())
            names = ["row", "step", *("axis " + str(axis) for axis in range(2, x.ndim))]
            where = ", ".join(f"{name} {index}" for name, index in zip(names, place, strict=False))
            raise DataError(self.where, expected=expected, received=f"{x[place]} at {where}", mend=mend)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape, self.output_dim)

    @property
    def makes_mask(self) -> bool:  # type: ignore[override]
        """Whether the id 0 is padding."""
        return self.mask_zero

    supports_masking = makes_mask  # another mask is dropped

    def compute_mask(self, x, mask=None):
        """True where an id is not 0, with `mask_zero`; else none."""
        return x != 0 if self.mask_zero else None


registry.add(Embedding)
