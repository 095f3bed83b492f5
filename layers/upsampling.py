"""Upsampling: a space made larger."""

import functools
import math
from typing import Any, Unpack

import numpy as np

from ..ops.interpolation import KERNELS, along, stretch
from ..utils.checks import whole_numbers, word
from .base import LayerOptions, registry
from .spatial import Spatial
from .spec import Shape


class UpSampling(Spatial):
    """The parent of UpSampling1D, 2D and 3D.

    Forward:   y = A·x along each axis of the space, with a matrix A ``(size·n, n)`` for each
    Backward:  dx = Aᵀ·dy along each axis

    "nearest" repeats every place. "bilinear" mixes the two that are nearest by their distance, "bicubic" the nearest
    four, "lanczos3" six and "lanczos5" ten, fewer at the edges. (For "bicubic" Keras's TensorFlow backend looks up
    rounded weights, which are off by up to 4e-4 unless `size` is a power of two.)

    Raises OptionError for sizes that are no whole numbers of 1 or more, or another interpolation.
    """

    def __init__(self, size: Any, data_format: str | None, interpolation: str, **options: Unpack[LayerOptions]):
        super().__init__(data_format, **options)
        who = type(self).__name__
        self.size = whole_numbers(who, "size", size, self.rank)
        self.interpolation = word(who, "interpolation", interpolation, ("nearest", *KERNELS))

    def forward(self, x, training=False):
        x = self.channels_last(x)
        self.saved = x.shape
        for axis, (times, n) in enumerate(zip(self.size, x.shape[1:-1], strict=True), start=1):
            if self.interpolation == "nearest":
                x = np.repeat(x, times, axis=axis)
            else:
                x = along(stretch(n, n * times, self.interpolation, x.dtype), x, axis)
        return self.as_data(x)

    def backward(self, dy):
        shape = self.saved
        dx = self.channels_last(dy)
        for axis, (times, n) in enumerate(zip(self.size, shape[1:-1], strict=True), start=1):
            if self.interpolation == "nearest":
                parts = dx.reshape(math.prod(dx.shape[:axis]), n, times, math.prod(dx.shape[axis + 1 :]))
                total = functools.reduce(np.add, (parts[:, :, k] for k in range(times)))
                dx = total.reshape(*dx.shape[:axis], n, *dx.shape[axis + 1 :])
            else:
                dx = along(stretch(n, n * times, self.interpolation, dx.dtype).T, dx, axis)
        return self.as_data(dx)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        space, channels = self.split_shape(input_shape)
        sizes = [None if n is None else n * times for n, times in zip(space, self.size, strict=True)]
        return self.join_shape(input_shape[0], sizes, channels)


class UpSampling1D(UpSampling):
    """Every step `size` times: x ``(batch, steps, channels)``, y ``(batch, steps·size, channels)``.

    >>> UpSampling1D(2)([[[1.0], [2.0]]]).ravel()
    array([1., 1., 2., 2.], dtype=float32)
    """

    rank = 1

    def __init__(self, size: Any = 2, **options: Unpack[LayerOptions]):
        super().__init__(size, "channels_last", "nearest", **options)


class UpSampling2D(UpSampling):
    """Images made larger: x ``(batch, height, width, channels)``, y ``(batch, size·height, size·width, channels)``.

    `interpolation` is "nearest", "bilinear", "bicubic", "lanczos3" or "lanczos5"; see `layers.upsampling.UpSampling`.

    >>> UpSampling2D((1, 2), interpolation="bilinear")([[[[0.0], [4.0]]]]).ravel()
    array([0., 1., 3., 4.], dtype=float32)
    """

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
    """Volumes made larger: x ``(batch, depth, height, width, channels)``, every place repeated.

    >>> UpSampling3D((1, 2, 3))(np.ones((1, 2, 2, 2, 1))).shape
    (1, 2, 4, 6, 1)
    """

    rank = 3

    def __init__(self, size: Any = (2, 2, 2), data_format: str | None = None, **options: Unpack[LayerOptions]):
        super().__init__(size, data_format, "nearest", **options)


for cls in (UpSampling1D, UpSampling2D, UpSampling3D):
    registry.add(cls)
