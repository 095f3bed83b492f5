"""Masking: steps that are nothing but padding are marked, and skipped from here on."""

from typing import Unpack

import numpy as np

from ..utils.checks import numbers
from ..utils.shapes import broadcasts
from .base import Layer, LayerOptions, registry


class Masking(Layer):
    """Mark the steps in which every feature is `mask_value`; they become 0.

    Forward:   m[b, t] = 1 where some feature of x[b, t] is not `mask_value`, else 0;  y = x ⊙ m
    Backward:  dx = dy ⊙ m

    `mask_value` is a number, or a list with one for each feature.

    Shapes: x and y ``(batch, steps, ..., features)``; the mask m ``(batch, steps, ...)`` goes to the layers after this
    one, which skip the marked steps.

    >>> layer = Masking()
    >>> x = np.array([[[1.0], [0.0]]], "float32")
    >>> layer(x).ravel(), layer.compute_mask(x, None)
    (array([1., 0.], dtype=float32), array([[ True, False]]))
    """

    supports_masking = True
    makes_mask = True

    def __init__(self, mask_value: float = 0.0, **options: Unpack[LayerOptions]):
        super().__init__(**options)
        numbers("Masking", "mask_value", mask_value)
        self.mask_value = mask_value

    def build(self, input_shape):
        broadcasts(f"{self.where}: mask_value", np.asarray(self.mask_value), input_shape[-1:])

    def forward(self, x, training=False):
        m = self.compute_mask(x, None)[..., None]
        self.saved = m
        return x * m

    def backward(self, dy):
        m = self.saved
        return np.multiply(dy, m, out=dy)

    def compute_output_shape(self, input_shape):
        return input_shape

    def compute_mask(self, x, mask=None):
        return (self.cast(x) != np.asarray(self.mask_value, self.dtype)).any(axis=-1)


registry.add(Masking)
