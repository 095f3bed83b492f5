"""Upsampling: a space made larger."""

from typing import Any, Unpack

import numpy as np

from ..utils.checks import one_of, whole_numbers
from .base import LayerOptions, registry
from .spatial import Spatial
from .spec import Shape


class UpSampling(Spatial):
    """The parent of UpSampling1D, 2D and 3D.

    Each axis of the space is multiplied by a matrix A ``(size·n, n)``: y = A·x along it, and dx = Aᵀ·dy. "nearest"
    repeats every place; "bilinear" mixes the two that are nearest, by their distance from the middle of the new place.

    Raises OptionError for sizes that are no whole numbers of 1 or more, or another interpolation.
    """

    def __init__(self, size: Any, data_format: str | None, interpolation: str, **options: Unpack[LayerOptions]):
        super().__init__(data_format, **options)
        who = type(self).__name__
        self.size = whole_numbers(who, "size", size, self.rank)
        self.interpolation = one_of(who, "interpolation", interpolation, ("nearest", "bilinear"))

    def forward(self, x, training=False):
        x = self.channels_last(x)
        self.saved = x.shape
        for axis, (times, n) in enumerate(zip(self.size, x.shape[1:-1], strict=True), start=1):
            if self.interpolation == "nearest":
                x = np.repeat(x, times, axis=axis)
            else:
                x = along(bilinear(n, times, x.dtype), x, axis)
        return self.as_data(x)

    def backward(self, dy):
        shape = self.saved
        dx = self.channels_last(dy)
        for axis, (times, n) in enumerate(zip(self.size, shape[1:-1], strict=True), start=1):
            if self.interpolation == "nearest":
                dx = dx.reshape(*dx.shape[:axis], n, times, *dx.shape[axis + 1 :]).sum(axis=axis + 1)
            else:
                dx = along(bilinear(n, times, dx.dtype).T, dx, axis)
        return self.as_data(dx)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        space, channels = self.split_shape(input_shape)
        sizes = [None if n is None else n * times for n, times in zip(space, self.size, strict=True)]
        return self.join_shape(input_shape[0], sizes, channels)


def bilinear(n: int, times: int, dtype) -> np.ndarray:
    """The matrix ``(n·times, n)`` that mixes n places into n·times.

    >>> bilinear(2, 2, "float64")
    array([[1.  , 0.  ],
           [0.75, 0.25],
           [0.25, 0.75],
           [0.  , 1.  ]])
    """
    place = np.clip((np.arange(n * times) + 0.5) / times - 0.5, 0, n - 1)
    return np.maximum(0, 1 - np.abs(place[:, None] - np.arange(n))).astype(dtype)


def along(matrix: np.ndarray, x: np.ndarray, axis: int) -> np.ndarray:
    """matrix·x along one axis."""
    return np.moveaxis(np.tensordot(matrix, x, (1, axis)), 0, axis)


class UpSampling1D(UpSampling):
    """Every step `size` times: x ``(batch, steps, channels)``, y ``(batch, steps·size, channels)``.

    >>> UpSampling1D(2)([[[1.0], [2.0]]]).ravel()
    array([1., 1., 2., 2.], dtype=float32)
    """

    rank = 1

    def __init__(self, size: Any = 2, **options: Unpack[LayerOptions]):
        super().__init__(size, "channels_last", "nearest", **options)


class UpSampling2D(UpSampling):
    """Images made larger: x ``(batch, height, width, channels)``; `interpolation` "nearest" or "bilinear"."""

    rank = 2

    def __init__(
        self,
        size: Any = (2, 2),
        data_format: str | None = None,
        interpolation: str = "nearest",
        **options: Unpack[LayerOptions],
    ):
        super().__init__(size, data_format, interpolation, **options)


class UpSampling3D(UpSampling):
    """Volumes made larger: x ``(batch, depth, height, width, channels)``, every place repeated."""

    rank = 3

    def __init__(self, size: Any = (2, 2, 2), data_format: str | None = None, **options: Unpack[LayerOptions]):
        super().__init__(size, data_format, "nearest", **options)


for cls in (UpSampling1D, UpSampling2D, UpSampling3D):
    registry.add(cls)
