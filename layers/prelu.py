"""PReLU: a leaky rectifier that learns its slopes."""

from typing import Any, Unpack

import numpy as np

from ..errors import ShapeError
from ..utils.checks import whole_numbers
from .base import Layer, LayerOptions, registry
from .spec import InputSpec, show_shape


class PReLU(Layer):
    r"""A rectifier with a slope of its own for each feature.

    Forward:   y = max(x, 0) + α·min(x, 0)
    Backward:  dx = dy where x > 0, else α·dy;  dα = Σ dy·min(x, 0) over the batch and the shared axes

    Shapes: x and y ``(batch, ...)``; α (`alpha`) has x's shape without the batch, with length 1 on each of
    `shared_axes`, which count from 1.

    Raises OptionError for axes that are no whole numbers of 1 or more, ShapeError for one that x does not have.

    Source: He, Zhang, Ren & Sun, *Delving Deep into Rectifiers* (2015).

    >>> PReLU(alpha_initializer="ones")([[-2.0, 3.0]])
    array([[-2.,  3.]], dtype=float32)
    """

    supports_masking = True

    def __init__(
        self,
        alpha_initializer: Any = "Zeros",
        alpha_regularizer=None,
        alpha_constraint=None,
        shared_axes=None,
        **options: Unpack[LayerOptions],
    ):
        super().__init__(**options)
        self.weight_rules("alpha", alpha_initializer, alpha_regularizer, alpha_constraint)
        if shared_axes is not None:
            shared_axes = whole_numbers("PReLU", "shared_axes", shared_axes, np.size(shared_axes))
        self.shared_axes = shared_axes

    def build(self, input_shape):
        shape, highest = list(input_shape[1:]), max(self.shared_axes or (), default=0)
        if highest > len(shape):
            expected = f"an input of rank {highest + 1} or more, for shared_axes={list(self.shared_axes)}"
            raise ShapeError(self.where, expected=expected, received=show_shape(input_shape))
        for axis in self.shared_axes or ():
            shape[axis - 1] = 1
        self.alpha = self.add_weight("alpha", tuple(shape))
        self.input_spec = InputSpec(ndim=len(input_shape), axes={a: n for a, n in enumerate(shape, 1) if n != 1})

    def forward(self, x, training=False):
        below = np.minimum(x, 0)
        self.saved = below
        return np.maximum(x, 0) + self.alpha.value * below

    def backward(self, dy):
        below = self.saved
        summed = tuple(a for a in range(below.ndim) if a == 0 or a in (self.shared_axes or ()))
        self.alpha.grad += (dy * below).sum(axis=summed, keepdims=True)[0]
        return np.where(below < 0, self.alpha.value * dy, dy)

    def compute_output_shape(self, input_shape):
        return input_shape


registry.add(PReLU)
