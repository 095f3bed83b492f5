"""Layers that only arrange the numbers anew: their backward undoes the arrangement."""

import math
from collections.abc import Iterable
from typing import Unpack

import numpy as np

from .. import config
from ..errors import ArgumentError, OptionError, ShapeError
from ..utils.checks import positive_int
from .base import Layer, LayerOptions, registry
from .spec import InputSpec, Shape, as_shape, show_shape


class Flatten(Layer):
    """Every sample as one vector: y = x as ``(batch, features)``;  dx = dy in x's shape.

    Shapes: x ``(batch, ...)``; y ``(batch, product of the other axes)``. With `data_format` "channels_first" the
    channels are moved last before, so that the order of features does not depend on the layout.

    >>> Flatten()(np.zeros((2, 3, 4))).shape
    (2, 12)
    """

    keeps_whole = True

    def __init__(self, data_format: str | None = None, **options: Unpack[LayerOptions]):
        super().__init__(**options)
        self.data_format = config.standardize_data_format(data_format)
        self.input_spec = InputSpec(min_ndim=1)

    def forward(self, x, training=False):
        if self.data_format == "channels_first" and x.ndim > 2:
            x = np.moveaxis(x, 1, -1)  # (batch, ..., channels)
        self.saved = x.shape
        return x.reshape(len(x), math.prod(x.shape[1:]))  # (batch, features)

    def backward(self, dy):
        dx = dy.reshape(self.saved)  # (batch, ..., channels)
        return np.moveaxis(dx, -1, 1) if self.data_format == "channels_first" and dx.ndim > 2 else dx

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        sizes = input_shape[1:]
        return (input_shape[0], None if None in sizes else math.prod(sizes))  # type: ignore[arg-type]


class Reshape(Layer):
    """Every sample in another shape: y = x as ``(batch, *target_shape)``;  dx = dy in x's shape.

    One length of `target_shape` may be -1, or None: it is found from the others.

    Raises ShapeError if the counts of numbers differ.

    >>> Reshape((3, -1))(np.zeros((2, 12))).shape
    (2, 3, 4)
    """

    keeps_whole = True

    def __init__(self, target_shape, **options: Unpack[LayerOptions]):
        super().__init__(**options)
        if target_shape is None:
            raise ArgumentError("Reshape(target_shape=...)", expected="a shape", received="None")
        sizes = tuple(target_shape) if isinstance(target_shape, Iterable) else (target_shape,)
        sizes = tuple(-1 if size is None else size for size in sizes)
        if sum(size == -1 for size in sizes) > 1:
            raise OptionError("Reshape(target_shape=...)", expected="at most one -1", received=repr(target_shape))
        as_shape("Reshape", [size for size in sizes if size != -1])
        self.target_shape = tuple(int(size) for size in sizes)

    def build(self, input_shape):
        self.compute_output_shape(input_shape)

    def forward(self, x, training=False):
        self.saved = x.shape
        return x.reshape(self.compute_output_shape(x.shape))  # (batch, *target_shape)

    def backward(self, dy):
        return dy.reshape(self.saved)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        sizes, known = input_shape[1:], math.prod(size for size in self.target_shape if size != -1)
        if None in sizes:
            return (input_shape[0], *(None if size == -1 else size for size in self.target_shape))
        count = math.prod(sizes)  # type: ignore[arg-type]
        if count % known if -1 in self.target_shape else count != known:
            raise ShapeError(
                self.where,
                expected=f"samples of {known} numbers" + (", or a multiple" if -1 in self.target_shape else ""),
                received=f"{show_shape(input_shape)}, {count} numbers each",
                mend="let the product of target_shape be the input's, or leave one length as -1",
            )
        return (input_shape[0], *(count // known if size == -1 else size for size in self.target_shape))


class Permute(Layer):
    """The axes of every sample in another order: y = xᵀ by `dims`, which counts from 1;  dx = dyᵀ by the inverse.

    Shapes: x ``(batch, ...)`` with as many axes after the batch as `dims` has entries; y the same axes, by `dims`.

    Raises OptionError if `dims` is no permutation of 1, 2, ...

    >>> Permute((2, 1))(np.zeros((5, 3, 4))).shape
    (5, 4, 3)
    """

    keeps_whole = True

    def __init__(self, dims, **options: Unpack[LayerOptions]):
        super().__init__(**options)
        several = isinstance(dims, list | tuple | np.ndarray)
        whole = several and all(isinstance(axis, int | np.integer) for axis in dims)
        if not whole or sorted(dims) != list(range(1, len(dims) + 1)):
            raise OptionError("Permute(dims=...)", expected="a permutation of 1, 2, ...", received=repr(dims))
        self.dims = tuple(dims)
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def forward(self, x, training=False):
        self.saved = True
        return x.transpose(0, *self.dims)

    def backward(self, dy):
        _ = self.saved
        return dy.transpose(np.argsort((0, *self.dims)))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], *(input_shape[axis] for axis in self.dims))


class RepeatVector(Layer):
    """Every vector n times: y[b, t] = x[b];  dx[b] = Σ_t dy[b, t].

    Shapes: x ``(batch, features)``; y ``(batch, n, features)``.

    Raises OptionError if `n` is no whole number of 1 or more.

    >>> RepeatVector(2)([[1.0, 2.0]])
    array([[[1., 2.],
            [1., 2.]]], dtype=float32)
    """

    keeps_whole = True

    def __init__(self, n: int, **options: Unpack[LayerOptions]):
        super().__init__(**options)
        self.n = positive_int("RepeatVector", "n", n)
        self.input_spec = InputSpec(ndim=2)

    def forward(self, x, training=False):
        self.saved = x.shape
        return np.repeat(x[:, None], self.n, axis=1)  # (batch, n, features)

    def backward(self, dy):
        shape = self.saved
        return dy.sum(axis=1).reshape(shape)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], self.n, input_shape[1])


for cls in (Flatten, Reshape, Permute, RepeatVector):
    registry.add(cls)
