"""Layers that bring images to a size: a window of each is taken and resized where it is not of that size yet."""

from abc import abstractmethod
from typing import Any, NamedTuple, Unpack

import numpy as np

from ..errors import OptionError
from ..ops.interpolation import KERNELS, along, nearest, stretch
from ..ops.windows import inside, pad
from ..utils.checks import number, one_of, positive_int
from ..utils.seeds import generator
from .base import LayerOptions, registry
from .images import Images, named
from .spec import Shape
from .states import trains

Sizes = tuple[int, int]


class Window(NamedTuple):
    """A part of an image. One that begins beyond it, at places below 0, reaches as far beyond the other end."""

    top: int
    left: int
    height: int
    width: int

    @property
    def margins(self) -> list[tuple[int, int]]:
        """How many places lie beyond the image, before and after it, on each axis."""
        return [(max(-start, 0), max(-start, 0)) for start in (self.top, self.left)]

    @property
    def within(self) -> tuple[slice, ...]:
        """Where it lies in a batch of images, those margins added."""
        top, left = max(self.top, 0), max(self.left, 0)
        return slice(None), slice(top, top + self.height), slice(left, left + self.width)


def largest_window(space: Sizes, size: Sizes) -> Window:
    """The largest window, in the middle, that is as high for its width as `size`.

    >>> largest_window((6, 10), (2, 2))
    Window(top=0, left=2, height=6, width=6)
    """
    (rows, columns), (height, width) = space, size
    high = max(min(rows, int(columns * height / width)), 1)
    wide = max(min(columns, int(rows * width / height)), 1)
    return Window((rows - high) // 2, (columns - wide) // 2, high, wide)


def smallest_around(space: Sizes, size: Sizes) -> Window:
    """The smallest window around the image that is as high for its width as `size`, up to a place.

    >>> smallest_around((6, 10), (2, 2))
    Window(top=-2, left=0, height=10, width=10)
    """
    (rows, columns), (height, width) = space, size
    above = (max(rows, int(columns * height / width)) - rows) // 2
    before = 0 if above else (max(columns, int(rows * width / height)) - columns) // 2
    return Window(-above, -before, rows + 2 * above, columns + 2 * before)


class Fitted(Images):
    """The parent of layers that take a `window` of each image, and resize it to `height` and `width`.

    Forward:   y = A·w·Bᵀ for each channel of the window w, with a matrix A ``(height, rows of w)`` and a matrix B
               ``(width, columns of w)`` of weights;  y = w where it has that size
    Backward:  dw = Aᵀ·dy·B;  dx = dw in the window, 0 elsewhere
    """

    interpolation = "bilinear"
    antialias = False
    fill_value = 0.0

    def __init__(self, height: int, width: int, data_format: str | None, **options: Unpack[LayerOptions]):
        super().__init__(data_format, **options)
        self.height = positive_int(type(self).__name__, "height", height)
        self.width = positive_int(type(self).__name__, "width", width)

    @abstractmethod
    def window(self, space: Sizes, training: bool) -> Window:
        """The part of images of this space that y shows."""

    def forward(self, x, training=False):
        x4 = self.batch_of(x)
        space = x4.shape[1:3]
        window = self.window(space, training)
        self.saved = window, space
        y = pad(x4, window.margins, self.fill_value)[window.within]
        for axis, size in enumerate((self.height, self.width), start=1):
            if self.interpolation == "nearest":
                y = y.take(nearest(y.shape[axis], size), axis)
            elif y.shape[axis] != size:
                y = along(self._matrix(y.shape[axis], size, y.dtype), y, axis)
        return self.as_given(y, x)

    def backward(self, dy):
        window, space = self.saved
        dw = self.batch_of(dy)
        for axis, (n, size) in enumerate(zip(window[2:], (self.height, self.width), strict=True), start=1):
            if n != size:
                dw = along(self._matrix(n, size, dw.dtype).T, dw, axis)
        padded = [n + before + after for n, (before, after) in zip(space, window.margins, strict=True)]
        dx = np.zeros((len(dw), *padded, dw.shape[-1]), dw.dtype)
        dx[window.within] = dw
        return self.as_given(dx[inside(window.margins, (0, *space, 0))], dy)

    def _matrix(self, n: int, size: int, dtype) -> np.ndarray:
        return stretch(n, size, self.interpolation, dtype, antialias=self.antialias)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return self.with_space(input_shape, (self.height, self.width))


class Resizing(Fitted):
    r"""Images made `height` places high and `width` wide, in training as at inference.

    Forward:   y = A·x·Bᵀ for each channel, with a matrix A ``(height, rows of x)`` and a matrix B
               ``(width, columns of x)``
    Backward:  dx = Aᵀ·dy·B

    `interpolation` "nearest" takes the place of x that the middle of one of y lies in; "bilinear" mixes the nearest two
    of each axis by their distance, "bicubic" the nearest four, "lanczos3" six and "lanczos5" ten; with `antialias` as
    many more as x is larger. `crop_to_aspect_ratio` takes the largest window in the middle of x that is as high for its
    width as y; `pad_to_aspect_ratio` the smallest around x, with `fill_value` beyond it. `fill_mode` can only be
    "constant".

    Shapes: x ``(batch, rows, columns, channels)``, or one image ``(rows, columns, channels)``;
    y ``(batch, height, width, channels)``, or one. Called by itself, the layer leaves whole numbers whole, rounded.

    Raises OptionError for sizes that are no whole numbers of 1 or more, another interpolation, or both ways to keep the
    ratio; ShapeError for what are no images.

    >>> Resizing(1, 4)([[[[0.0], [4.0]]]]).ravel()
    array([0., 1., 3., 4.], dtype=float32)
    """

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **options: Unpack[LayerOptions],
    ):
        super().__init__(height, width, data_format, **options)
        self.interpolation = named("Resizing", "interpolation", interpolation, ("nearest", *KERNELS))
        self.crop_to_aspect_ratio, self.pad_to_aspect_ratio = crop_to_aspect_ratio, pad_to_aspect_ratio
        if crop_to_aspect_ratio and pad_to_aspect_ratio:
            raise OptionError(
                "Resizing(crop_to_aspect_ratio=..., pad_to_aspect_ratio=...)",
                expected="one of them True",
                received="both",
            )
        self.fill_mode = one_of("Resizing", "fill_mode", fill_mode, ("constant",))
        self.fill_value = number("Resizing", "fill_value", fill_value)
        self.antialias = antialias

    def as_input(self, x):
        x = np.asarray(x)
        return x if x.dtype.kind in "iu" else super().as_input(x)

    def window(self, space, training):
        if self.crop_to_aspect_ratio:
            return largest_window(space, (self.height, self.width))
        if self.pad_to_aspect_ratio:
            return smallest_around(space, (self.height, self.width))
        return Window(0, 0, *space)

    def forward(self, x, training=False):
        if x.dtype.kind == "f":
            return super().forward(x, training)
        y, info = super().forward(x.astype(self.dtype), training), np.iinfo(x.dtype)
        return np.rint(y).clip(info.min, info.max).astype(x.dtype)


class CenterCrop(Fitted):
    """The middle of images, `height` places high and `width` wide, in training as at inference.

    Forward:   y = x[(rows - height) // 2 + v, (columns - width) // 2 + u];  of images that are smaller the largest
               window in the middle that is as high for its width as y, resized: see `Resizing`
    Backward:  dx = dy in that window, 0 elsewhere;  or as `Resizing` has it

    Shapes: x ``(batch, rows, columns, channels)``, or one image ``(rows, columns, channels)``;
    y ``(batch, height, width, channels)``, or one. Whole numbers become floats.

    Raises OptionError for sizes that are no whole numbers of 1 or more, ShapeError for what are no images.

    >>> CenterCrop(1, 2)([[[[1.0], [2.0], [3.0], [4.0]]]]).ravel()
    array([2., 3.], dtype=float32)
    """

    def __init__(self, height: int, width: int, data_format: str | None = None, **options: Unpack[LayerOptions]):
        super().__init__(height, width, data_format, **options)

    def window(self, space, training):
        size = self.height, self.width
        top, left = ((n - m) // 2 for n, m in zip(space, size, strict=True))
        return Window(top, left, *size) if min(top, left) >= 0 else largest_window(space, size)


class RandomCrop(Fitted):
    """A part of the images, `height` places high and `width` wide, that is drawn anew at each step of training.

    Forward:   y = x[top + v, left + u], with top from 0 to rows - height and left from 0 to columns - width, drawn once
               for all images of a batch, as in Keras; at inference the largest window in the middle that is as high for
               its width as y, resized: see `Resizing`
    Backward:  dx = dy in that window, 0 elsewhere;  or as `Resizing` has it

    Where x is not larger on both axes nothing is drawn: what there is from the middle is resized, in training as at
    inference. (At inference Keras 3.15 gives larger images as they are, though by its documentation they are resized.)

    Shapes: x ``(batch, rows, columns, channels)``, or one image ``(rows, columns, channels)``;
    y ``(batch, height, width, channels)``, or one. Whole numbers become floats.

    Raises OptionError for sizes that are no whole numbers of 1 or more, ShapeError for what are no images.

    >>> RandomCrop(1, 2, seed=1)([[[[1.0], [2.0], [3.0], [4.0]], [[5.0], [6.0], [7.0], [8.0]]]]).ravel()
    array([2., 3.], dtype=float32)
    """

    def __init__(
        self,
        height: int,
        width: int,
        seed: Any = None,
        data_format: str | None = None,
        **options: Unpack[LayerOptions],
    ):
        super().__init__(height, width, data_format, **options)
        self.seed = seed
        self.generator = generator(seed)

    def window(self, space, training):
        size = self.height, self.width
        whole = largest_window(space, size)
        if any(n <= m for n, m in zip(space, size, strict=True)):
            rows, columns = (min(m, n) for n, m in zip(space, size, strict=True))
            return Window(whole.top, whole.left, min(rows, space[0] - whole.top), min(columns, space[1] - whole.left))
        if not trains(training):
            return whole
        top, left = (int(self.generator.integers(n - m + 1)) for n, m in zip(space, size, strict=True))
        return Window(top, left, *size)

    def couples_batch(self, training):
        return training or super().couples_batch(training)


for cls in (Resizing, CenterCrop, RandomCrop):
    registry.add(cls)
