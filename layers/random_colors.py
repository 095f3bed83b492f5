"""Layers that change the colours of images while training, and leave their places alone."""

from typing import Any, Unpack

import numpy as np

from ..errors import OptionError
from ..ops.moments import count, total
from ..utils.checks import number
from .base import LayerOptions, registry
from .images import RandomImages, span, trains

MOST = 255  # times the contrast may be raised


def value_range_of(who: str, value: Any) -> list[float]:
    """The least and the largest value of an image, from a pair of numbers in any order.

    >>> value_range_of("RandomBrightness", (255, 0))
    [0, 255]
    """
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise OptionError(f"{who}(value_range=...)", expected="two numbers", received=repr(value))
    for end in value:
        number(who, "value_range", end)
    return sorted(value)


class RandomBrightness(RandomImages):
    r"""Make each image brighter or darker, by a shift that is drawn anew at each step of training.

    Forward:   z = x + b·(high - low), b drawn from `factor`: from (-p, p) for a number p, or between two numbers, all
               from -1 to 1;  y = z, cut off at (low, high), the `value_range` of the images;  at inference y = x
    Backward:  dx = dy where z is within it, 0 elsewhere

    Shapes: x ``(batch, height, width, channels)``, or one image ``(height, width, channels)``; y has x's. Whole numbers
    become floats (in Keras, where no model has made them such, the shift is cut to a whole one, and may overflow).

    Raises OptionError for a `factor` or a `value_range` that is no such, ShapeError for what are no images.

    >>> RandomBrightness((0.5, 0.5), value_range=(0, 1))([[[[0.25], [0.75]]]]).ravel()
    array([0.75, 1.  ], dtype=float32)
    """

    def __init__(
        self,
        factor: Any,
        value_range: Any = (0, 255),
        seed: Any = None,
        data_format: str | None = None,
        **options: Unpack[LayerOptions],
    ):
        super().__init__(seed, data_format, **options)
        self.factor = span("RandomBrightness", "factor", factor, -1, 1)
        self.value_range = value_range_of("RandomBrightness", value_range)

    def forward(self, x, training=False):
        if not trains(training):
            self.saved = None
            return x
        low, high = self.value_range
        x4 = self.batch_of(x)
        b = self.draw(x4, self.factor).astype(x.dtype)[:, None, None, None]
        z = self.as_given(x4 + b * x.dtype.type(high - low), x)
        self.saved = z
        return z.clip(low, high)

    def backward(self, dy):
        z = self.saved
        return dy if z is None else np.multiply(dy, _within(z, self.value_range), out=dy)


class RandomContrast(RandomImages):
    r"""Stretch or shrink the contrast of each image, by a factor that is drawn anew at each step of training.

    Forward:   z = μ + f·(x - μ), with the mean μ over the height and width of each channel, f drawn from 1 - l to
               1 + h, where `factor` is (l, h); a number h stands for (0, h), as in Keras;
               y = z, cut off at (low, high), the `value_range` of the images;  at inference y = x
    Backward:  dz = dy where z is within it, 0 elsewhere;  dx = f·dz + (1 - f)·(mean of dz over height and width)

    Shapes: x ``(batch, height, width, channels)``, or one image ``(height, width, channels)``; y has x's.

    Raises OptionError for a `factor` or a `value_range` that is no such, ShapeError for what are no images.

    >>> RandomContrast((0.5, 0.5), seed=0)([[[[100.0], [200.0]]]]).ravel().round(1)
    array([ 93.2, 206.8], dtype=float32)
    """

    def __init__(
        self,
        factor: Any,
        value_range: Any = (0, 255),
        seed: Any = None,
        data_format: str | None = None,
        **options: Unpack[LayerOptions],
    ):
        super().__init__(seed, data_format, **options)
        high = MOST if isinstance(factor, list | tuple) else 1  # of a pair only the lower one is held to 1
        self.factor = span("RandomContrast", "factor", factor, 0, high)
        span("RandomContrast", "factor", self.factor[0], 0, 1)
        self.value_range = value_range_of("RandomContrast", value_range)

    def forward(self, x, training=False):
        if not trains(training):
            self.saved = None
            return x
        less, more = self.factor
        x4 = self.batch_of(x)
        f = self.draw(x4, (1 - less, 1 + more)).astype(x.dtype)[:, None, None, None]
        means = _means(x4)
        z = x4 - means
        z *= f
        z += means
        z = self.as_given(z, x)
        self.saved = f, z
        low, high = self.value_range
        return z.clip(low, high)

    def backward(self, dy):
        if self.saved is None:
            return dy
        f, z = self.saved
        dz = self.batch_of(np.multiply(dy, _within(z, self.value_range), out=dy))
        return self.as_given(f * dz + (1 - f) * _means(dz), dy)


def _within(z: np.ndarray, value_range: list[float]) -> np.ndarray:
    low, high = value_range
    return (z >= low) & (z <= high)


def _means(x: np.ndarray) -> np.ndarray:
    return total(x, (1, 2)) / x.dtype.type(count(x.shape, (1, 2)))


for cls in (RandomBrightness, RandomContrast):
    registry.add(cls)
