"""Global pooling: the whole space of a sample becomes one number a channel."""

from typing import Unpack

import numpy as np

from ..errors import ShapeError
from ..ops.moments import count, largest, total
from .base import LayerOptions, registry
from .spatial import Spatial
from .spec import Shape


class GlobalPooling(Spatial):
    """The parent of the global pooling layers; `keepdims` leaves axes of length 1 in place of the space."""

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **options: Unpack[LayerOptions]):
        super().__init__(data_format, **options)
        self.keepdims = keepdims
        self.axes = tuple(range(2, self.rank + 2)) if self.channels_first else tuple(range(1, self.rank + 1))

    def squeezed(self, y: np.ndarray) -> np.ndarray:
        """y without its axes of length 1, unless they are wanted."""
        return y if self.keepdims else y.squeeze(self.axes)

    def widened(self, dy: np.ndarray) -> np.ndarray:
        """dy with axes of length 1 in place of the space."""
        return dy if self.keepdims else np.expand_dims(dy, self.axes)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        space, channels = self.split_shape(input_shape)
        return self.join_shape(input_shape[0], [1] * len(space) if self.keepdims else [], channels)


class GlobalMaxPooling(GlobalPooling):
    """The parent of GlobalMaxPooling1D, 2D and 3D.

    Forward:   y[b, c] = the largest of x[b, ..., c]
    Backward:  dy goes to the place it came from; several that are equal share it, as with Keras on TensorFlow
    """

    def forward(self, x, training=False):
        y = largest(x, self.axes)
        self.saved = x, y
        return self.squeezed(y)

    def backward(self, dy):
        x, y = self.saved
        hits = (x == y).astype(dy.dtype)
        hits *= self.widened(dy) / total(hits, self.axes)
        return hits


class GlobalAveragePooling(GlobalPooling):
    """The parent of GlobalAveragePooling1D, 2D and 3D.

    Forward:   y[b, c] = the mean of x[b, ..., c]
    Backward:  dx[b, ..., c] = dy[b, c] / how many places there are
    """

    def forward(self, x, training=False):
        self.saved = x.shape
        return self.squeezed(total(x, self.axes) / count(x.shape, self.axes))

    def backward(self, dy):
        shape = self.saved
        return np.broadcast_to(self.widened(dy) / count(shape, self.axes), shape).copy()


class GlobalMaxPooling1D(GlobalMaxPooling):
    """The largest number of each channel over the steps: x ``(batch, steps, channels)``, y ``(batch, channels)``.

    >>> GlobalMaxPooling1D()([[[1.0], [5.0]]])
    array([[5.]], dtype=float32)
    """

    rank = 1


class GlobalMaxPooling2D(GlobalMaxPooling):
    """The largest number of each channel of an image: x ``(batch, height, width, channels)``, y ``(batch, channels)``.

    >>> GlobalMaxPooling2D()(np.arange(4.0).reshape(1, 2, 2, 1))
    array([[3.]], dtype=float32)
    """

    rank = 2


class GlobalMaxPooling3D(GlobalMaxPooling):
    """The largest number of each channel of a volume.

    Shapes: x ``(batch, depth, height, width, channels)``; y ``(batch, channels)``.

    >>> GlobalMaxPooling3D(keepdims=True)(np.ones((2, 3, 4, 5, 6))).shape
    (2, 1, 1, 1, 6)
    """

    rank = 3


class GlobalAveragePooling1D(GlobalAveragePooling):
    """The mean of each channel over the steps: x ``(batch, steps, channels)``, y ``(batch, channels)``.

    With a mask m ``(batch, steps)``: y = Σ m·x / Σ m over the steps, and dx = m·dy / Σ m; where all is masked, 0.

    Raises ShapeError for a mask of another shape.

    >>> GlobalAveragePooling1D()([[[1.0], [5.0]]])
    array([[3.]], dtype=float32)
    """

    rank = 1
    uses_mask = True

    def forward(self, x, training=False, mask=None):
        if mask is None:
            self.saved = x.shape, None
            return self.squeezed(total(x, self.axes) / count(x.shape, self.axes))
        mask = np.asarray(mask, x.dtype)
        steps = len(x), x.shape[self.axes[0]]
        if mask.shape != steps:
            raise ShapeError(f"{self.where}: mask", expected=str(steps), received=str(mask.shape))
        m = mask[:, None, :] if self.channels_first else mask[:, :, None]
        share = m / np.maximum(m.sum(axis=self.axes, keepdims=True), 1)  # of no steps at all the mean is 0
        self.saved = x.shape, share
        return self.squeezed(total(x, self.axes, share))

    def backward(self, dy):
        shape, share = self.saved
        if share is None:
            share = dy.dtype.type(1 / shape[self.axes[0]])
        return np.broadcast_to(self.widened(dy) * share, shape).copy()


class GlobalAveragePooling2D(GlobalAveragePooling):
    """The mean of each channel of an image: x ``(batch, height, width, channels)``, y ``(batch, channels)``.

    >>> GlobalAveragePooling2D()(np.arange(4.0).reshape(1, 2, 2, 1))
    array([[1.5]], dtype=float32)
    """

    rank = 2


class GlobalAveragePooling3D(GlobalAveragePooling):
    """The mean of each channel of a volume: x ``(batch, depth, height, width, channels)``, y ``(batch, channels)``.

    >>> GlobalAveragePooling3D(keepdims=True)(np.ones((2, 3, 4, 5, 6))).shape
    (2, 1, 1, 1, 6)
    """

    rank = 3


GlobalMaxPool1D, GlobalMaxPool2D, GlobalMaxPool3D = GlobalMaxPooling1D, GlobalMaxPooling2D, GlobalMaxPooling3D
GlobalAvgPool1D, GlobalAvgPool2D = GlobalAveragePooling1D, GlobalAveragePooling2D
GlobalAvgPool3D = GlobalAveragePooling3D
for cls in (
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GlobalMaxPooling3D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAveragePooling3D,
):
    registry.add(cls, cls.__name__, cls.__name__.replace("Average", "Avg").replace("Pooling", "Pool"))
