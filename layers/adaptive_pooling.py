"""Adaptive pooling: a space of any size becomes one of a size that is given."""

from typing import Any, Unpack

from ..ops.interpolation import along
from ..ops.regions import largest, largest_gradient, means
from ..utils.checks import whole_numbers
from .base import LayerOptions, registry
from .spatial import Spatial
from .spec import Shape


class AdaptivePooling(Spatial):
    """The parent of the adaptive pooling layers.

    Each axis of the space is cut into `output_size` regions, one number, or one for each axis: of n places, region i of
    m is from ⌊i·n / m⌋ to before ⌈(i + 1)·n / m⌉. Regions share places where m does not divide n.

    `data_format` is "channels_last" or "channels_first", which has the channels after the batch.

    Raises OptionError for sizes that are no whole numbers of 1 or more; ShapeError for a space without a place.
    """

    def __init__(self, output_size: Any, data_format: str | None = None, **options: Unpack[LayerOptions]):
        super().__init__(data_format, **options)
        self.output_size = whole_numbers(type(self).__name__, "output_size", output_size, self.rank)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        self.sizes_after(input_shape, lambda axis, size: size)
        return self.join_shape(input_shape[0], self.output_size, self.split_shape(input_shape)[1])


class AdaptiveAveragePooling(AdaptivePooling):
    """The parent of AdaptiveAveragePooling1D, 2D and 3D.

    Forward:   y = A·x along each axis of the space, where A ``(output_size, size)`` has 1 / (places of the region) in
               the columns of each row's region
    Backward:  dx = Aᵀ·dy along each axis

    Arguments and regions: see `layers.adaptive_pooling.AdaptivePooling`.
    """

    def forward(self, x, training=False):
        x = self.channels_last(x)
        self.saved = x.shape
        for axis, count in enumerate(self.output_size, start=1):
            x = along(means(x.shape[axis], count, x.dtype), x, axis)
        return self.as_data(x)

    def backward(self, dy):
        shape = self.saved
        dx = self.channels_last(dy)
        for axis, count in enumerate(self.output_size, start=1):
            dx = along(means(shape[axis], count, dx.dtype).T, dx, axis)
        return self.as_data(dx)


class AdaptiveMaxPooling(AdaptivePooling):
    """The parent of AdaptiveMaxPooling1D, 2D and 3D.

    Forward:   y[b, i, c] = the largest of x[b, j, c] over the places j of region i
    Backward:  dx[b, j, c] = Σ of dy[b, i, c] over the regions i whose largest number lies at j; of several that are
               equal along an axis, at the first, as with Keras on TensorFlow

    One axis is done after another. Arguments and regions: see `layers.adaptive_pooling.AdaptivePooling`.
    """

    def forward(self, x, training=False):
        x, given = self.channels_last(x), []
        for axis, count in enumerate(self.output_size, start=1):
            given.append(x)
            x = largest(x, count, axis)
        self.saved = given
        return self.as_data(x)

    def backward(self, dy):
        given, dx = self.saved, self.channels_last(dy)
        for axis, x in reversed(list(enumerate(given, start=1))):
            dx = largest_gradient(dx, x, axis)
        return self.as_data(dx)


class AdaptiveAveragePooling1D(AdaptiveAveragePooling):
    """The mean of each region of steps: see `layers.adaptive_pooling.AdaptiveAveragePooling`.

    Shapes: x ``(batch, steps, channels)``; y ``(batch, *output_size, channels)``.

    >>> AdaptiveAveragePooling1D(1)(np.arange(4.0).reshape(1, 4, 1)).ravel()
    array([1.5], dtype=float32)
    """

    rank = 1


class AdaptiveAveragePooling2D(AdaptiveAveragePooling):
    """The mean of each region of images: see `layers.adaptive_pooling.AdaptiveAveragePooling`.

    Shapes: x ``(batch, height, width, channels)``; y ``(batch, *output_size, channels)``.

    >>> AdaptiveAveragePooling2D(1)(np.arange(4.0).reshape(1, 2, 2, 1)).ravel()
    array([1.5], dtype=float32)
    """

    rank = 2


class AdaptiveAveragePooling3D(AdaptiveAveragePooling):
    """The mean of each region of volumes: see `layers.adaptive_pooling.AdaptiveAveragePooling`.

    Shapes: x ``(batch, depth, height, width, channels)``; y ``(batch, *output_size, channels)``.

    >>> AdaptiveAveragePooling3D(1)(np.arange(4.0).reshape(1, 1, 2, 2, 1)).ravel()
    array([1.5], dtype=float32)
    """

    rank = 3


class AdaptiveMaxPooling1D(AdaptiveMaxPooling):
    """The largest number of each region of steps: see `layers.adaptive_pooling.AdaptiveMaxPooling`.

    Shapes: x ``(batch, steps, channels)``; y ``(batch, *output_size, channels)``.

    >>> AdaptiveMaxPooling1D(1)(np.arange(4.0).reshape(1, 4, 1)).ravel()
    array([3.], dtype=float32)
    """

    rank = 1


class AdaptiveMaxPooling2D(AdaptiveMaxPooling):
    """The largest number of each region of images: see `layers.adaptive_pooling.AdaptiveMaxPooling`.

    Shapes: x ``(batch, height, width, channels)``; y ``(batch, *output_size, channels)``.

    >>> AdaptiveMaxPooling2D(1)(np.arange(4.0).reshape(1, 2, 2, 1)).ravel()
    array([3.], dtype=float32)
    """

    rank = 2


class AdaptiveMaxPooling3D(AdaptiveMaxPooling):
    """The largest number of each region of volumes: see `layers.adaptive_pooling.AdaptiveMaxPooling`.

    Shapes: x ``(batch, depth, height, width, channels)``; y ``(batch, *output_size, channels)``.

    >>> AdaptiveMaxPooling3D(1)(np.arange(4.0).reshape(1, 1, 2, 2, 1)).ravel()
    array([3.], dtype=float32)
    """

    rank = 3


for cls in (
    AdaptiveAveragePooling1D,
    AdaptiveAveragePooling2D,
    AdaptiveAveragePooling3D,
    AdaptiveMaxPooling1D,
    AdaptiveMaxPooling2D,
    AdaptiveMaxPooling3D,
):
    registry.add(cls)
