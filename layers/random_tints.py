"""Layers that change hue or saturation of images while training."""

from typing import Any, Unpack

import numpy as np

from .. import config
from ..errors import ShapeError
from ..ops.hsv import to_hsv, to_hsv_gradient, to_rgb, to_rgb_gradient
from .base import LayerOptions, registry
from .images import RandomImages, span
from .random_colors import value_range_of
from .spec import Shape, show_shape
from .states import trains


class Tinting(RandomImages):
    """The parent of layers that see the colours of images by hue, saturation and value (see `lamina.ops.hsv`).

    Raises OptionError for a `factor` or a `value_range` that is no such, ShapeError for what are no images of three
    channels.
    """

    def __init__(
        self,
        factor: Any,
        value_range: Any = (0, 255),
        data_format: str | None = None,
        seed: Any = None,
        **options: Unpack[LayerOptions],
    ):
        super().__init__(seed, data_format, **options)
        least = -1 if isinstance(factor, list | tuple) else 0  # Keras's config of a saturation of 0.5 says (-0.5, 0.5)
        self.factor = span(type(self).__name__, "factor", factor, least, 1)
        self.value_range = value_range_of(type(self).__name__, value_range)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        if self.split_shape(input_shape)[1] != 3:
            received = show_shape(input_shape)
            raise ShapeError(self.where, expected="images of 3 channels: red, green, blue", received=received)
        return input_shape


class RandomHue(Tinting):
    r"""Turn the hues of each image around their circle, by an angle that is drawn anew at each step of training.

    Forward:   (h, s, v) = HSV((x - low) / (high - low)), where `value_range` is (low, high);  z = RGB(h + t/2, s, v),
               t drawn from (-p, p) for a `factor` p, or with either sign between two numbers, all from 0 to 1;
               y = low + (high - low)·z, with z cut off at 0 and 1;  at inference y = x
    Backward:  dz = dy where z is from 0 to 1, 0 elsewhere;  dx = HSV'ᵀ·RGB'ᵀ·dz, with the derivatives of both

    Shapes: x ``(batch, height, width, 3)``, or one image ``(height, width, 3)``; y has x's.

    >>> RandomHue((1, 1))([[[[255.0, 0.0, 0.0]]]]).ravel()
    array([  0., 255., 255.], dtype=float32)
    """

    def forward(self, x, training=False):
        if not trains(training):
            self.saved = None
            return x
        low, high = self.value_range
        x4 = (self.batch_of(x) - low) / (high - low)
        hsv = to_hsv(x4)
        sign = np.where(self.draw(x4) > 0.5, -1, 1)
        hsv[..., 0] += (sign * self.draw(x4, self.factor) / 2).astype(x.dtype)[:, None, None]
        z = to_rgb(hsv)
        self.saved = x4, hsv, z
        return self.as_given(low + (high - low) * z.clip(0, 1), x)

    def backward(self, dy):
        if self.saved is None:
            return dy
        x4, hsv, z = self.saved
        dz = self.batch_of(dy) * ((z >= 0) & (z <= 1))
        return self.as_given(to_hsv_gradient(to_rgb_gradient(dz, hsv), x4), dy)


class RandomSaturation(Tinting):
    r"""Make the colours of each image fuller or paler, by a factor that is drawn anew at each step of training.

    Forward:   (h, s, v) = HSV(x);  y = RGB(h, s', v) with s' = f·s, cut off at both ends of the `value_range`, and
               f = t / (1 - t + ε), t drawn from (0, p) for a `factor` p, or between two numbers, all from 0 to 1: of
               1/2 y is x, below it is paler;  at inference y = x
    Backward:  with (dh, ds', dv) = RGB'ᵀ·dy, the derivatives of RGB, ds = f·ds' where s' was not cut off, 0 elsewhere;
               dx = HSV'ᵀ·(dh, ds, dv)

    Shapes: x ``(batch, height, width, 3)``, or one image ``(height, width, 3)``; y has x's.

    >>> RandomSaturation((0, 0))([[[[255.0, 0.0, 51.0]]]]).ravel()
    array([255., 255., 255.], dtype=float32)
    """

    def forward(self, x, training=False):
        if not trains(training):
            self.saved = None
            return x
        low, high = self.value_range
        x4 = self.batch_of(x)
        hsv = to_hsv(x4)
        t = self.draw(x4, self.factor)
        f = (t / (1 - t + config.epsilon())).astype(x.dtype)[:, None, None]
        full = hsv[..., 1] * f
        hsv[..., 1] = full.clip(low, high)
        self.saved = x4, hsv, f * ((full >= low) & (full <= high))
        return self.as_given(to_rgb(hsv), x)

    def backward(self, dy):
        if self.saved is None:
            return dy
        x4, hsv, f = self.saved
        d = to_rgb_gradient(self.batch_of(dy), hsv)
        d[..., 1] *= f
        return self.as_given(to_hsv_gradient(d, x4), dy)


for cls in (RandomHue, RandomSaturation):
    registry.add(cls)
