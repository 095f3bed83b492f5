"""Pooling: each window of a space becomes one number a channel."""

from typing import Any, Unpack

import numpy as np

from ..ops import pooling
from ..ops.room import Room
from ..ops.windows import Geometry
from ..utils.checks import whole_numbers, word
from .base import LayerOptions, registry
from .spatial import Spatial
from .spec import Shape


class Pooling(Spatial):
    """The parent of the pooling layers.

    `pool_size` is the window, `strides` how far apart windows begin (None: the window). "valid" `padding` keeps whole
    windows; "same" gives ⌈size / stride⌉ places, what is added counting for nothing.

    Raises OptionError for sizes that are no whole numbers of 1 or more; ShapeError for a space in which no window fits.
    """

    def __init__(
        self,
        pool_size: Any,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        **options: Unpack[LayerOptions],
    ):
        super().__init__(data_format, **options)
        who = type(self).__name__
        self.pool_size = whole_numbers(who, "pool_size", pool_size, self.rank)
        self.strides = whole_numbers(who, "strides", pool_size if strides is None else strides, self.rank)
        self.padding = word(who, "padding", padding, ("valid", "same"))
        self.geometry = Geometry(self.pool_size, self.strides, (1,) * self.rank, self.padding)
        self._room = Room()

    def build(self, input_shape):
        self.compute_output_shape(input_shape)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        sizes = self.sizes_after(input_shape, self.geometry.count)
        return self.join_shape(input_shape[0], sizes, self.split_shape(input_shape)[1])


class MaxPooling(Pooling):
    """The parent of MaxPooling1D, 2D and 3D.

    Forward:   y[b, i, c] = the largest of x[b, i·stride + j, c] over the places j of the window
    Backward:  dy[b, i, c] goes to the place it came from; of several that are equal, to the first, row by row, as with
               Keras on TensorFlow. So a `JoinedGradient` stays one

    Arguments: `pool_size`, the window, and `strides` (None: the window's), one number, or one for each axis; `padding`,
    "valid" for whole windows only, "same" for ⌈size / stride⌉ of them; `data_format` as for
    `layers.convolution.Convolution`.
    """

    def __init__(
        self,
        pool_size: Any = 2,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        **options: Unpack[LayerOptions],
    ):
        super().__init__(pool_size, strides, padding, data_format, **options)

    def forward(self, x, training=False):
        x = self.channels_last(x)
        y = pooling.largest(x, self.geometry, self._room)
        self.saved = x, y
        return self.as_data(y)

    def backward(self, dy):
        x, y = self.saved
        dx = pooling.largest_gradient(self.channels_last(dy), x, y, self.geometry, self._room)
        return self.as_data(dx).view(type(dy))

    @property
    def largest(self) -> np.ndarray:
        """y of the last forward pass."""
        return self.as_data(self.saved[1])


class AveragePooling(Pooling):
    """The parent of AveragePooling1D, 2D and 3D.

    Forward:   y[b, i, c] = the mean of x[b, i·stride + j, c] over the places j of the window that lie in x
    Backward:  dx[b, i·stride + j, c] += dy[b, i, c] / how many places the window has in x

    Arguments as for `layers.pooling.MaxPooling`.
    """

    def forward(self, x, training=False):
        x = self.channels_last(x)
        self.saved = x.shape
        return self.as_data(pooling.mean(x, self.geometry, self._room))

    def backward(self, dy):
        shape = self.saved
        return self.as_data(pooling.mean_gradient(self.channels_last(dy), shape, self.geometry, self._room))


class MaxPooling1D(MaxPooling):
    """The largest number of each window of steps: see `layers.pooling.MaxPooling`.

    Shapes: x ``(batch, steps, channels)``; y the same with as many steps as there are windows.

    >>> MaxPooling1D(2)(np.arange(2.0).reshape(1, 2, 1)).ravel()
    array([1.], dtype=float32)
    """

    rank = 1


class MaxPooling2D(MaxPooling):
    """The largest number of each window of images: see `layers.pooling.MaxPooling`.

    Shapes: x ``(batch, height, width, channels)``; y the same with as many places as there are windows.

    >>> MaxPooling2D(2)(np.arange(4.0).reshape(1, 2, 2, 1)).ravel()
    array([3.], dtype=float32)
    """

    rank = 2


class MaxPooling3D(MaxPooling):
    """The largest number of each window of volumes: see `layers.pooling.MaxPooling`.

    Shapes: x ``(batch, depth, height, width, channels)``; y the same with as many places as there are windows.

    >>> MaxPooling3D(2)(np.arange(8.0).reshape(1, 2, 2, 2, 1)).ravel()
    array([7.], dtype=float32)
    """

    rank = 3


class AveragePooling1D(AveragePooling):
    """The mean number of each window of steps: see `layers.pooling.AveragePooling`.

    Shapes: x ``(batch, steps, channels)``; y the same with as many steps as there are windows.

    >>> AveragePooling1D(2)(np.arange(2.0).reshape(1, 2, 1)).ravel()
    array([0.5], dtype=float32)
    """

    rank = 1


class AveragePooling2D(AveragePooling):
    """The mean number of each window of images: see `layers.pooling.AveragePooling`.

    Shapes: x ``(batch, height, width, channels)``; y the same with as many places as there are windows.

    >>> AveragePooling2D(2)(np.arange(4.0).reshape(1, 2, 2, 1)).ravel()
    array([1.5], dtype=float32)
    """

    rank = 2


class AveragePooling3D(AveragePooling):
    """The mean number of each window of volumes: see `layers.pooling.AveragePooling`.

    Shapes: x ``(batch, depth, height, width, channels)``; y the same with as many places as there are windows.

    >>> AveragePooling3D(2)(np.arange(8.0).reshape(1, 2, 2, 2, 1)).ravel()
    array([3.5], dtype=float32)
    """

    rank = 3


MaxPool1D, MaxPool2D, MaxPool3D = MaxPooling1D, MaxPooling2D, MaxPooling3D
AvgPool1D, AvgPool2D, AvgPool3D = AveragePooling1D, AveragePooling2D, AveragePooling3D
for cls, alias in (
    (MaxPooling1D, "MaxPool1D"),
    (MaxPooling2D, "MaxPool2D"),
    (MaxPooling3D, "MaxPool3D"),
    (AveragePooling1D, "AvgPool1D"),
    (AveragePooling2D, "AvgPool2D"),
    (AveragePooling3D, "AvgPool3D"),
):
    registry.add(cls, cls.__name__, alias)
