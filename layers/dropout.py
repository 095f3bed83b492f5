"""Dropout: some activations, drawn anew at each step, are left out of training."""

from typing import Unpack

import numpy as np

from ..errors import OptionError, ShapeError
from ..utils.checks import number
from ..utils.seeds import generator
from .base import Layer, LayerOptions, registry
from .spec import as_shape


class Dropout(Layer):
    r"""Leave out a share of the activations while training, and make up for it with the others.

    Forward:   y = x ⊙ m, with m = 0 at a share `rate` of the places, 1 / (1 - rate) at the others; at inference y = x
    Backward:  dx = dy ⊙ m

    Shapes: any; y has x's. `noise_shape`, where given, is the shape that m is drawn in, with 1 (or x's length, as None)
    where places share a draw. `seed`, a whole number or a `numpy.random.Generator`, fixes the draws.

    Raises OptionError for a `rate` that is no share, or a `noise_shape` that is no list; ShapeError for one that holds
    other than lengths, or does not go with x.

    Source: Srivastava et al., *Dropout* (2014).

    >>> Dropout(0.5, seed=1)(np.ones((1, 4)), training=True)
    array([[0., 2., 2., 2.]], dtype=float32)
    """

    supports_masking = True

    def __init__(self, rate: float, noise_shape=None, seed=None, **options: Unpack[LayerOptions]):
        super().__init__(**options)
        self.rate = number("Dropout", "rate", rate, 0, 1)
        where = f"{type(self).__name__}(noise_shape=...)"
        if not isinstance(noise_shape, list | tuple | None):
            raise OptionError(where, expected="a list of lengths, or None", received=repr(noise_shape))
        self.noise_shape = None if noise_shape is None else as_shape(where, noise_shape)
        self.seed = seed
        self.generator = generator(seed)

    def forward(self, x, training=False):
        m = self._draw(x) if training and self.rate > 0 else None
        self.saved = m
        return x if m is None else x * m

    def backward(self, dy):
        m = self.saved
        return dy if m is None else np.multiply(dy, m, out=dy)

    def _draw(self, x) -> np.ndarray:
        return self._kept(x) * x.dtype.type(0 if self.rate == 1 else 1 / (1 - self.rate))

    def _kept(self, x) -> np.ndarray:
        """True at the places that stay, drawn."""
        drawn = self.generator.random(self._shape_for(x), dtype=np.float64 if x.dtype == np.float64 else np.float32)
        return np.greater_equal(drawn, self.rate)

    def _shape_for(self, x) -> tuple[int, ...]:
        noise_shape = self.noise_shape
        if noise_shape is None:
            return x.shape
        shape = tuple(n if size is None else size for size, n in zip(noise_shape, x.shape, strict=False))
        fits = all(size in (1, n) for size, n in zip(shape[::-1], x.shape[::-1], strict=False))
        if len(noise_shape) > x.ndim or not fits:
            expected = f"1 or x's length on each axis of {x.shape}"
            raise ShapeError(f"{self.where}: noise_shape", expected=expected, received=str(noise_shape))
        return shape

    def couples_batch(self, training):
        shared = self.noise_shape is not None and self.noise_shape[:1] != (None,)  # a draw for several samples
        return (training and shared) or super().couples_batch(training)

    def compute_output_shape(self, input_shape):
        return input_shape


registry.add(Dropout)
