"""UnitNormalization: every sample as a vector of length 1."""

from typing import Any, Unpack

import numpy as np

from ..ops.moments import tilt, total
from ..ops.room import Room
from .base import Layer, LayerOptions, registry
from .normalizer import axis_option, counted_axes

SHORTEST = 1e-12  # what is shorter is divided by this


class UnitNormalization(Layer):
    r"""Divide each sample by its Euclidean norm over `axis`.

    Forward:   y = x / r with r = max(‖x‖, 1e-12) along `axis`
    Backward:  dx = (dy - y·Σ(dy ⊙ y)) / r;  dx = dy / r for what is shorter than 1e-12

    Shapes: x and y ``(batch, ..., features)``, any rank; `axis` is an axis, or a list of several.

    Raises ShapeError for an axis that x does not have.

    >>> UnitNormalization()([[3.0, 4.0]])
    array([[0.6, 0.8]], dtype=float32)
    """

    supports_masking = True

    def __init__(self, axis: Any = -1, **options: Unpack[LayerOptions]):
        super().__init__(**options)
        self.axis = axis_option("UnitNormalization", axis)
        self._room = Room()

    def build(self, input_shape):
        self.compute_output_shape(input_shape)

    def forward(self, x, training=False):
        axes = counted_axes(self.where, self.axis, x.shape)  # for each x anew: without weights, any rank will do
        length = np.sqrt(total(x, axes, x))
        y = x / np.maximum(length, SHORTEST)
        self.saved = y, length, axes
        return y

    def backward(self, dy):
        y, length, axes = self.saved
        slope = np.where(length < SHORTEST, 0, total(dy, axes, y))
        return tilt(dy, y, slope, 1 / np.maximum(length, SHORTEST), self._room)

    def compute_output_shape(self, input_shape):
        counted_axes(self.where, self.axis, input_shape)
        return input_shape

    def couples_batch(self, training):
        return 0 in counted_axes(self.where, self.axis, self.input_shape) or super().couples_batch(training)


registry.add(UnitNormalization)
