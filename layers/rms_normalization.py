"""RMSNormalization: every sample with a root mean square of 1."""

from typing import Any, Unpack

from ..ops.moments import normalize, normalize_gradient, total
from ..ops.room import Room
from ..utils.checks import number
from .base import Layer, LayerOptions, registry
from .normalizer import axis_option, counted_axes, lengths_along, spec_of


class RMSNormalization(Layer):
    r"""Divide each sample by its root mean square over `axis`; its mean stays.

    Forward:   x̂ = x / √(mean(x²) + ε) with the mean along `axis`,  y = g ⊙ x̂
    Backward:  dg = Σ dy ⊙ x̂ over the other axes;  dx̂ = g ⊙ dy,  dx = (dx̂ - x̂·mean(dx̂ ⊙ x̂)) / √(mean(x²) + ε)

    Shapes: x and y ``(batch, ..., features)``; g (`scale`) has the lengths of `axis`. As in Keras, a mask ends here.

    Raises ShapeError for an axis that x does not have, or one of no fixed length.

    Source: Zhang & Sennrich, *Root Mean Square Layer Normalization* (2019).

    >>> RMSNormalization(epsilon=0.0)([[3.0, -3.0]])
    array([[ 1., -1.]], dtype=float32)
    """

    def __init__(self, axis: Any = -1, epsilon: float = 1e-6, **options: Unpack[LayerOptions]):
        super().__init__(**options)
        self.axis = axis_option("RMSNormalization", axis)
        self.epsilon = number("RMSNormalization", "epsilon", epsilon, 0)
        self._room = Room()

    def build(self, input_shape):
        self.axes = counted_axes(self.where, self.axis, input_shape)
        self.input_spec = spec_of(self.axes, input_shape)
        self.scale = self.add_weight("scale", lengths_along(self.axis, input_shape), initializer="ones")
        self.wide = [size if a in self.axes else 1 for a, size in enumerate(input_shape)]
        self.summed = tuple(a for a in range(len(input_shape)) if a not in self.axes)

    def forward(self, x, training=False):
        scale = self.scale.value.reshape(self.wide)
        y, x_hat, inverse = normalize(x, self.axes, self.epsilon, scale, None, self._room, centred=False)
        self.saved = x_hat, inverse
        return y

    def backward(self, dy):
        x_hat, inverse = self.saved
        self.scale.grad += total(dy, self.summed, x_hat).reshape(self.scale.shape)
        scale = self.scale.value.reshape(self.wide)
        return normalize_gradient(dy, x_hat, inverse, self.axes, scale, self._room, centred=False)

    def compute_output_shape(self, input_shape):
        counted_axes(self.where, self.axis, input_shape)
        return input_shape


registry.add(RMSNormalization)
