"""Layers that change the colours of images while training, and leave their places alone."""

from typing import Any, Unpack

import numpy as np

from ..errors import OptionError, ShapeError
from ..ops.moments import count, total
from ..utils.checks import number
from .base import LayerOptions, registry
from .images import RandomImages, span
from .spec import show_shape
from .states import trains

MOST = 255  # times the contrast may be raised
LUMINANCE = np.array([0.2989, 0.587, 0.114])  # of red, green and blue


def value_range_of(who: str, value: Any) -> list[float]:
    """The least and the largest value of an image, from a pair of numbers in any order.

    >>> value_range_of("RandomBrightness", (255, 0))
    [0.0, 255.0]
    """
    if not isinstance(value, list | tuple) or len(value) != 2 or value[0] == value[1]:
        raise OptionError(f"{who}(value_range=...)", expected="two numbers, one above the other", received=repr(value))
    return sorted(number(who, "value_range", end) for end in value)


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


class RandomGrayscale(RandomImages):
    r"""Take the colours from a share of the images, drawn anew at each step of training.

    Forward:   y = 0.2989·red + 0.587·green + 0.114·blue in all three channels of a share `factor` of the images, x in
               the others;  at inference y = x
    Backward:  dx = (0.2989, 0.587, 0.114)·Σ dy over the channels of those images, dy in the others

    Shapes: x ``(batch, height, width, 3)``, or one image ``(height, width, 3)``; y has x's. Of 1 channel, y = x.

    Raises OptionError for a `factor` that is no share, ShapeError for what are no images of 3 channels, or 1.

    >>> RandomGrayscale(1)([[[[100.0, 200.0, 0.0]]]]).ravel().round(2)
    array([147.29, 147.29, 147.29], dtype=float32)
    """

    def __init__(
        self,
        factor: float = 0.5,
        data_format: str | None = None,
        seed: Any = None,
        **options: Unpack[LayerOptions],
    ):
        super().__init__(seed, data_format, **options)
        self.factor = number("RandomGrayscale", "factor", factor, 0, 1)

    def forward(self, x, training=False):
        if not trains(training) or self.split_shape(x.shape)[1] == 1:
            self.saved = None
            return x
        y = self.batch_of(x).copy()
        gray = self.draw(y) < self.factor
        self.saved = gray
        y[gray] = (y[gray] @ LUMINANCE.astype(x.dtype))[..., None]
        return self.as_given(y, x)

    def backward(self, dy):
        gray = self.saved
        if gray is None:
            return dy
        dx = self.batch_of(dy).copy()
        dx[gray] = dx[gray].sum(axis=-1, keepdims=True) * LUMINANCE.astype(dy.dtype)
        return self.as_given(dx, dy)

    def compute_output_shape(self, input_shape):
        if self.split_shape(input_shape)[1] not in (1, 3):
            received = show_shape(input_shape)
            raise ShapeError(self.where, expected="images of 3 channels: red, green, blue; or of 1", received=received)
        return input_shape


class RandomInvert(RandomImages):
    r"""Make negatives of some of the images, drawn anew at each step of training.

    Forward:   y = high - x, where `value_range` is (low, high), with a probability that is drawn from `factor` for each
               image: between two numbers, or from (0, p) for a number p, as in Keras; else, and at inference, y = x
    Backward:  dx = -dy of those images, dy of the others

    Shapes: x ``(batch, height, width, channels)``, or one image ``(height, width, channels)``; y has x's.

    Raises OptionError for a `factor` or a `value_range` that is no such, ShapeError for what are no images.

    >>> RandomInvert((1, 1))([[[[0.0], [55.0]]]]).ravel()
    array([255., 200.], dtype=float32)
    """

    def __init__(
        self,
        factor: Any = 1.0,
        value_range: Any = (0, 255),
        seed: Any = None,
        data_format: str | None = None,
        **options: Unpack[LayerOptions],
    ):
        super().__init__(seed, data_format, **options)
        self.factor = span("RandomInvert", "factor", factor, 0, 1)
        self.value_range = value_range_of("RandomInvert", value_range)

    def forward(self, x, training=False):
        if not trains(training):
            self.saved = None
            return x
        y = self.batch_of(x).copy()
        inverted = self.draw(y) < self.draw(y, self.factor)
        self.saved = inverted
        y[inverted] = self.value_range[1] - y[inverted]
        return self.as_given(y, x)

    def backward(self, dy):
        inverted = self.saved
        if inverted is not None:
            dx = self.batch_of(dy)
            np.negative(dx, out=dx, where=inverted[:, None, None, None])
        return dy


def _within(z: np.ndarray, value_range: list[float]) -> np.ndarray:
    low, high = value_range
    return (z >= low) & (z <= high)


def _means(x: np.ndarray) -> np.ndarray:
    return total(x, (1, 2)) / x.dtype.type(count(x.shape, (1, 2)))


for cls in (RandomBrightness, RandomContrast, RandomGrayscale, RandomInvert):
    registry.add(cls)
