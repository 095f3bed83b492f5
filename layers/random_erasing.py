"""RandomErasing: a rectangle of an image is painted over, drawn anew at each step of training."""

from typing import Any, Unpack

import numpy as np

from ..errors import OptionError, ShapeError
from ..utils.checks import number
from .base import LayerOptions, registry
from .images import RandomImages, span
from .random_colors import value_range_of
from .spec import show_shape
from .states import trains


class RandomErasing(RandomImages):
    r"""Paint a rectangle of some of the images over while training, so that a model does not lean on one part.

    Forward:   y = x ⊙ (1 - m) + p ⊙ m, with m = 1 in a rectangle somewhere within each image, √s·height high and
               √t·width wide, s and t drawn from `scale`, and with m = 0 in images that stay. The probability of a
               rectangle is drawn from `factor` for each image: between two numbers, or from (0, p) for a number p, as
               in Keras;  at inference y = x
    Backward:  dx = dy ⊙ (1 - m)

    The paint p is `fill_value`, a number or one for each channel, or by default drawn from N(0, high²) at each place,
    where `value_range` is (low, high); it is cut off at both. `scale` (low, high), or (0, p) for a number p.

    Shapes: x ``(batch, height, width, channels)``, or one image ``(height, width, channels)``; y has x's.

    Raises OptionError for a `factor` or a `scale` out of 0 to 1, a `fill_value` or a `value_range` that is no such;
    ShapeError for what are no images.

    Source: Zhong et al., *Random Erasing Data Augmentation* (2017).

    >>> RandomErasing((1, 1), (0.25, 0.25), fill_value=7, seed=1)(np.zeros((1, 4, 4, 1)))[0, :, :, 0]
    array([[0., 0., 0., 0.],
           [0., 0., 0., 0.],
           [0., 0., 7., 7.],
           [0., 0., 7., 7.]], dtype=float32)
    """

    def __init__(
        self,
        factor: Any = 1.0,
        scale: Any = (0.02, 0.33),
        fill_value: Any = None,
        value_range: Any = (0, 255),
        seed: Any = None,
        data_format: str | None = None,
        **options: Unpack[LayerOptions],
    ):
        super().__init__(seed, data_format, **options)
        self.factor = span("RandomErasing", "factor", factor, 0, 1)
        self.scale = span("RandomErasing", "scale", scale, 0, 1)
        self.value_range = value_range_of("RandomErasing", value_range)
        self.fill_value = fill_value
        several = isinstance(fill_value, list | tuple)
        if several and len(fill_value) != 3:
            raise OptionError("RandomErasing(fill_value=...)", expected="three numbers", received=repr(fill_value))
        for value in fill_value if several else [] if fill_value is None else [fill_value]:
            number("RandomErasing", "fill_value", value)

    def forward(self, x, training=False):
        if not trains(training):
            self.saved = None
            return x
        x4 = self.batch_of(x)
        m = self._rectangles(x4)
        self.saved = m
        return self.as_given(np.where(m, self._paint(x4), x4), x)

    def backward(self, dy):
        m = self.saved
        return dy if m is None else self.as_given(self.batch_of(dy) * ~m, dy)

    def compute_output_shape(self, input_shape):
        if isinstance(self.fill_value, list | tuple) and self.split_shape(input_shape)[1] != 3:
            expected = "images of 3 channels, as fill_value has"
            raise ShapeError(self.where, expected=expected, received=show_shape(input_shape))
        return input_shape

    def _rectangles(self, x: np.ndarray) -> np.ndarray:
        """m, as True and False: ``(batch, height, width, 1)``."""
        rows, columns = (self._stretch(x, size) for size in x.shape[1:3])
        erased = self.draw(x) < self.draw(x, self.factor)
        return (erased[:, None, None] & rows[:, :, None] & columns[:, None])[..., None]

    def _stretch(self, x: np.ndarray, size: int) -> np.ndarray:
        """Which places of an axis the rectangle of each image covers: ``(batch, size)``."""
        length = size * np.sqrt(self.draw(x, self.scale))
        start = self.draw(x) * (size - length)
        places = np.arange(size)
        return (places >= start[:, None]) & (places < (start + length)[:, None])

    def _paint(self, x: np.ndarray) -> np.ndarray:
        """p: numbers that are broadcast to x, of its type."""
        low, high = self.value_range
        paint = self.generator.standard_normal(x.shape) * high if self.fill_value is None else self.fill_value
        return np.clip(paint, low, high).astype(x.dtype)


registry.add(RandomErasing)
