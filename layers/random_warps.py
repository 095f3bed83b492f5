"""Layers that move the places of images while training: flips, shifts, turns, zooms and shears."""

from abc import abstractmethod
from typing import Any, Unpack

import numpy as np

from ..ops.warp import FILLS, INTERPOLATIONS, unwarped, warped
from ..utils.checks import number
from .base import LayerOptions, registry
from .images import RandomImages, named, span
from .states import trains

Span = float | tuple[float, float] | list[float]
MODES = ("horizontal", "vertical", "horizontal_and_vertical")


class RandomFlip(RandomImages):
    """Flip half of the images, drawn anew at each step of training.

    Forward:   y[v, u] = x[v, width-1-u] ("horizontal"), x[height-1-v, u] ("vertical") or, as Keras flips for both,
               x[height-1-v, width-1-u] ("horizontal_and_vertical") in one half of the images, x in the other;
               at inference y = x
    Backward:  dx = dy, flipped where x was

    Shapes: x ``(batch, height, width, channels)``, or one image ``(height, width, channels)``; y has x's.

    Raises OptionError for another `mode`, ShapeError for what are no images.

    >>> RandomFlip("horizontal", seed=0)([[[[1.0], [2.0]]], [[[1.0], [2.0]]]], training=True)[:, 0, :, 0]
    array([[1., 2.],
           [2., 1.]], dtype=float32)
    """

    def __init__(
        self,
        mode: str = "horizontal_and_vertical",
        seed: Any = None,
        data_format: str | None = None,
        **options: Unpack[LayerOptions],
    ):
        super().__init__(seed, data_format, **options)
        self.mode = named("RandomFlip", "mode", mode, MODES)

    def forward(self, x, training=False):
        flipped = self.draw(self.batch_of(x)) <= 0.5 if trains(training) else None
        self.saved = flipped
        return x if flipped is None else self._flip(x, flipped)

    def backward(self, dy):
        flipped = self.saved
        return dy if flipped is None else self._flip(dy, flipped)

    def _flip(self, x, flipped):
        x4 = self.batch_of(x)
        rows = slice(None, None, -1 if "vertical" in self.mode else 1)
        columns = slice(None, None, -1 if "horizontal" in self.mode else 1)
        y = x4.copy()
        y[flipped] = x4[flipped][:, rows, columns]
        return self.as_given(y, x)


class Warping(RandomImages):
    """The parent of layers that look each image up at other places, by an affine map of its own drawn at each step.

    Forward:   y[v, u] = x[row, column], row = d·u + e·v + f, column = a·u + b·v + c;  between the places of x its four
               neighbours count by their distance ("bilinear"), or the nearest ("nearest"): y = A·x;  at inference y = x
    Backward:  dx = Aᵀ·dy

    Beyond its edges x goes on by `fill_mode`: "reflect" (d c b a | a b c d | d c b a), "wrap" (a b c d | a b c d),
    "nearest" (a a a | a b c d | d d d) or "constant", with `fill_value`. (For "wrap" Keras's TensorFlow backend does
    not mix the last place with the first.)

    Raises OptionError for a factor out of its range, a `fill_mode` or an `interpolation` that there is not, and
    ShapeError for what are no images.
    """

    def __init__(
        self,
        fill_mode: str,
        interpolation: str,
        seed: Any,
        fill_value: float,
        data_format: str | None,
        **options: Unpack[LayerOptions],
    ):
        super().__init__(seed, data_format, **options)
        who = type(self).__name__
        self.fill_mode = named(who, "fill_mode", fill_mode, FILLS)
        self.interpolation = named(who, "interpolation", interpolation, INTERPOLATIONS)
        self.fill_value = number(who, "fill_value", fill_value)

    def forward(self, x, training=False):
        if not trains(training):
            self.saved = None
            return x
        x4 = self.batch_of(x)
        maps = self.maps(x4, *x4.shape[1:3])
        self.saved = maps
        return self.as_given(warped(x4, maps, self.fill_mode, self.interpolation, self.fill_value), x)

    def backward(self, dy):
        maps = self.saved
        if maps is None:
            return dy
        return self.as_given(unwarped(self.batch_of(dy), maps, self.fill_mode, self.interpolation), dy)

    @abstractmethod
    def maps(self, x: np.ndarray, height: int, width: int) -> np.ndarray:
        """The numbers (a, b, c, d, e, f) for each image of x, drawn: ``(batch, 6)``."""


def _maps(a, b, c, d, e, f) -> np.ndarray:
    return np.stack(np.broadcast_arrays(a, b, c, d, e, f), axis=-1)


class RandomTranslation(Warping):
    """Shift each image, by shares of its height and width that are drawn anew at each step of training.

    Forward:   y[v, u] = x[v - h·height, u - w·width], h drawn from `height_factor` and w from `width_factor`:
               from (-p, p) for a number p, or between two numbers, all from -1 to 1; positive ones shift down and right
    Backward:  dx = Aᵀ·dy, where y = A·x; see `layers.random_warps.Warping`, also for the other arguments

    Shapes: x ``(batch, height, width, channels)``, or one image ``(height, width, channels)``; y has x's.

    >>> RandomTranslation(0, (0.5, 0.5), fill_mode="constant")([[[[1.0], [2.0], [3.0], [4.0]]]]).ravel()
    array([0., 0., 1., 2.], dtype=float32)
    """

    def __init__(
        self,
        height_factor: Span,
        width_factor: Span,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: Any = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **options: Unpack[LayerOptions],
    ):
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **options)
        self.height_factor, self.width_factor = height_factor, width_factor
        self.heights = span("RandomTranslation", "height_factor", height_factor, -1, 1)
        self.widths = span("RandomTranslation", "width_factor", width_factor, -1, 1)

    def maps(self, x, height, width):
        h, w = self.draw(x, self.heights), self.draw(x, self.widths)
        return _maps(1, 0, -w * width, 0, 1, -h * height)


class RandomRotation(Warping):
    """Turn each image about its middle, by an angle that is drawn anew at each step of training.

    Forward:   y[v, u] = x[m + sin θ·(u - n) + cos θ·(v - m), n + cos θ·(u - n) - sin θ·(v - m)], with the middle
               m = (height - 1) / 2, n = (width - 1) / 2, and θ = 2π·t, t drawn from `factor`: from (-p, p) for a number
               p, or between two numbers, all from -1 to 1; positive ones turn against the clock
    Backward:  dx = Aᵀ·dy, where y = A·x; see `layers.random_warps.Warping`, also for the other arguments

    Shapes: x ``(batch, height, width, channels)``, or one image ``(height, width, channels)``; y has x's.

    >>> RandomRotation((0.25, 0.25))([[[[1.0], [2.0]], [[3.0], [4.0]]]])[0, :, :, 0].round(4)
    array([[2., 4.],
           [1., 3.]], dtype=float32)
    """

    def __init__(
        self,
        factor: Span,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: Any = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **options: Unpack[LayerOptions],
    ):
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **options)
        self.factor = span("RandomRotation", "factor", factor, -1, 1)

    def maps(self, x, height, width):
        angle = 2 * np.pi * self.draw(x, self.factor)
        m, n, cos, sin = (height - 1) / 2, (width - 1) / 2, np.cos(angle), np.sin(angle)
        return _maps(cos, -sin, n - n * cos + m * sin, sin, cos, m - n * sin - m * cos)


class RandomZoom(Warping):
    """Zoom each image about its middle, by factors that are drawn anew at each step of training.

    Forward:   y[v, u] = x[m + (1 + h)·(v - m), n + (1 + w)·(u - n)], with the middle m = (height - 1) / 2,
               n = (width - 1) / 2, h drawn from `height_factor` and w from `width_factor` (None: w = h): from (-p, p)
               for a number p, or between two numbers, all above -1 and up to 1; positive ones zoom out
    Backward:  dx = Aᵀ·dy, where y = A·x; see `layers.random_warps.Warping`, also for the other arguments

    Shapes: x ``(batch, height, width, channels)``, or one image ``(height, width, channels)``; y has x's.

    >>> RandomZoom(0, (-0.5, -0.5))([[[[1.0], [2.0], [3.0], [4.0]]]]).ravel()
    array([1.75, 2.25, 2.75, 3.25], dtype=float32)
    """

    def __init__(
        self,
        height_factor: Span,
        width_factor: Span | None = None,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: Any = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **options: Unpack[LayerOptions],
    ):
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **options)
        self.height_factor, self.width_factor = height_factor, width_factor
        self.heights = span("RandomZoom", "height_factor", height_factor, -1, 1, open_low=True)
        self.widths = None
        if width_factor is not None:
            self.widths = span("RandomZoom", "width_factor", width_factor, -1, 1, open_low=True)

    def maps(self, x, height, width):
        h = 1 + self.draw(x, self.heights)
        w = h if self.widths is None else 1 + self.draw(x, self.widths)
        return _maps(w, 0, (width - 1) / 2 * (1 - w), 0, h, (height - 1) / 2 * (1 - h))


class RandomShear(Warping):
    """Shear each image, by slopes that are drawn anew at each step of training.

    Forward:   y[v, u] = x[v + t·u, u + s·v], s drawn from `x_factor` and t from `y_factor`: from (-p, p) for a
               number p, or between two, all from -1 to 1; in one half of the images, drawn, both have the other sign
    Backward:  dx = Aᵀ·dy, where y = A·x; see `layers.random_warps.Warping`, also for the other arguments

    Shapes: x ``(batch, height, width, channels)``, or one image ``(height, width, channels)``; y has x's.

    >>> x = [[[[1.0], [2.0], [3.0]], [[1.0], [2.0], [3.0]]]]
    >>> RandomShear((1, 1), fill_mode="constant", seed=0)(x)[0, :, :, 0]
    array([[1., 2., 3.],
           [0., 1., 2.]], dtype=float32)
    """

    def __init__(
        self,
        x_factor: Span = 0.0,
        y_factor: Span = 0.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        data_format: str | None = None,
        seed: Any = None,
        **options: Unpack[LayerOptions],
    ):
        super().__init__(fill_mode, interpolation, seed, fill_value, data_format, **options)
        self.x_factor, self.y_factor = x_factor, y_factor
        self.slopes = [span("RandomShear", name, getattr(self, name), -1, 1) for name in ("x_factor", "y_factor")]

    def maps(self, x, height, width):
        sign = np.where(self.draw(x) > 0.5, -1, 1)
        s, t = (sign * self.draw(x, slopes) for slopes in self.slopes)
        return _maps(1, s, 0, t, 1, 0)


for cls in (RandomFlip, RandomTranslation, RandomRotation, RandomZoom, RandomShear):
    registry.add(cls)
