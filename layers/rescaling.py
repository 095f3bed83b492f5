"""Rescaling: numbers in another range."""

from typing import Any, Unpack

import numpy as np

from .. import config
from ..utils.checks import numbers
from ..utils.shapes import broadcasts
from .base import Layer, LayerOptions, registry
from .spec import Shape


class Rescaling(Layer):
    """Scale and shift the numbers, in training as at inference.

    Forward:   y = x·`scale` + `offset`
    Backward:  dx = dy·`scale`

    Shapes: any; y has x's. `scale` and `offset` are numbers, or lists with one for each channel.

    >>> Rescaling(1 / 127.5, offset=-1)([[0.0, 127.5, 255.0]])
    array([[-1.,  0.,  1.]], dtype=float32)
    """

    supports_masking = True

    def __init__(self, scale: Any, offset: Any = 0.0, **options: Unpack[LayerOptions]):
        super().__init__(**options)
        numbers("Rescaling", "scale", scale)
        numbers("Rescaling", "offset", offset)
        self.scale, self.offset = scale, offset

    def forward(self, x, training=False):
        self.saved = self._by_channel("scale", x.shape)
        y = x * self.saved
        y += self._by_channel("offset", x.shape)
        return y

    def backward(self, dy):
        dy *= self.saved
        return dy

    def _by_channel(self, name: str, shape: Shape) -> np.ndarray:
        """A number as it is, or a list in the shape that goes with x; Keras forgets that of the offset."""
        found = np.asarray(getattr(self, name), self.dtype)
        if found.ndim and config.image_data_format() == "channels_first":
            found = found.reshape(*found.shape, *[1] * (3 - found.ndim))  # (channels, 1, 1)
        broadcasts(f"{self.where}: {name}", found, shape)
        return found

    def compute_output_shape(self, input_shape):
        return input_shape


registry.add(Rescaling)
