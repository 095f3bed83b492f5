"""Zeros around a space, and cropping them off again: each is the other's backward pass."""

from typing import Any, Unpack

from ..errors import OptionError
from ..ops.windows import inside, pad
from ..utils.checks import whole_numbers
from .base import LayerOptions, registry
from .spatial import Spatial
from .spec import Shape


def margins(who: str, name: str, value: Any, rank: int) -> list[tuple[int, int]]:
    """A margin for each axis, before and after: from one number, one an axis, or a pair an axis.

    >>> margins("ZeroPadding2D", "padding", (1, (2, 3)), 2)
    [(1, 1), (2, 3)]
    """
    several = isinstance(value, list | tuple)
    if rank == 1:
        before, after = whole_numbers(who, name, value[0] if several and len(value) == 1 else value, 2, low=0)
        return [(before, after)]
    if several and len(value) != rank:
        raise OptionError(f"{who}({name}=...)", expected=f"a number, or {rank} numbers or pairs", received=repr(value))
    found = [whole_numbers(who, name, each, 2, low=0) for each in (value if several else [value] * rank)]
    return [(before, after) for before, after in found]


class ZeroPadding(Spatial):
    """The parent of ZeroPadding1D, 2D and 3D: y is x with zeros around its space;  dx = dy without these."""

    def __init__(self, padding: Any = 1, data_format: str | None = None, **options: Unpack[LayerOptions]):
        super().__init__(data_format, **options)
        self.padding = margins(type(self).__name__, "padding", padding, self.rank)

    def forward(self, x, training=False):
        x = self.channels_last(x)
        self.saved = x.shape
        return self.as_data(pad(x, self.padding))

    def backward(self, dy):
        shape = self.saved
        return self.as_data(self.channels_last(dy)[inside(self.padding, shape)])

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        space, channels = self.split_shape(input_shape)
        sizes = [None if n is None else n + a + b for n, (a, b) in zip(space, self.padding, strict=True)]
        return self.join_shape(input_shape[0], sizes, channels)


class Cropping(Spatial):
    """The parent of Cropping1D, 2D and 3D: y is x without the margins of its space;  dx = dy with zeros there.

    Raises ShapeError for a space of which nothing is left.
    """

    no_place = ("nothing is left", "crop less, or put fewer layers that shrink the space before it")

    def __init__(self, cropping: Any = 1, data_format: str | None = None, **options: Unpack[LayerOptions]):
        super().__init__(data_format, **options)
        self.cropping = margins(type(self).__name__, "cropping", cropping, self.rank)

    def build(self, input_shape):
        self.compute_output_shape(input_shape)

    def forward(self, x, training=False):
        x = self.channels_last(x)
        self.saved = True
        inner = [slice(a, n - b) for n, (a, b) in zip(x.shape[1:-1], self.cropping, strict=True)]
        return self.as_data(x[(slice(None), *inner)])

    def backward(self, dy):
        _ = self.saved
        return self.as_data(pad(self.channels_last(dy), self.cropping))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        sizes = self.sizes_after(input_shape, lambda axis, size: size - sum(self.cropping[axis]))
        return self.join_shape(input_shape[0], sizes, self.split_shape(input_shape)[1])


class ZeroPadding1D(ZeroPadding):
    """Steps of zeros before and after: x ``(batch, steps, channels)``; `padding` a number, or a pair.

    >>> ZeroPadding1D((1, 0))([[[1.0]]]).ravel()
    array([0., 1.], dtype=float32)
    """

    rank = 1


class ZeroPadding2D(ZeroPadding):
    """Zeros around images: x ``(batch, height, width, channels)``; `padding` a number, or one or a pair an axis.

    >>> ZeroPadding2D(((1, 0), (0, 2)))(np.ones((1, 2, 2, 1)))[0, :, :, 0]
    array([[0., 0., 0., 0.],
           [1., 1., 0., 0.],
           [1., 1., 0., 0.]], dtype=float32)
    """

    rank = 2

    def __init__(self, padding: Any = (1, 1), data_format: str | None = None, **options: Unpack[LayerOptions]):
        super().__init__(padding, data_format, **options)


class ZeroPadding3D(ZeroPadding):
    """Zeros around volumes: x ``(batch, depth, height, width, channels)``; `padding` as for ZeroPadding2D.

    >>> ZeroPadding3D(1)(np.ones((1, 2, 3, 4, 1))).shape
    (1, 4, 5, 6, 1)
    """

    rank = 3

    def __init__(
        self, padding: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, **options: Unpack[LayerOptions]
    ):
        super().__init__(padding, data_format, **options)


class Cropping1D(Cropping):
    """Steps off the beginning and the end: x ``(batch, steps, channels)``; `cropping` a number, or a pair.

    >>> Cropping1D((1, 0))([[[1.0], [2.0]]]).ravel()
    array([2.], dtype=float32)
    """

    rank = 1

    def __init__(self, cropping: Any = (1, 1), **options: Unpack[LayerOptions]):
        super().__init__(cropping, "channels_last", **options)


class Cropping2D(Cropping):
    """Margins off images: x ``(batch, height, width, channels)``; `cropping` a number, or one or a pair an axis.

    >>> Cropping2D(((1, 0), (0, 1)))(np.arange(4.0).reshape(1, 2, 2, 1)).ravel()
    array([2.], dtype=float32)
    """

    rank = 2

    def __init__(
        self, cropping: Any = ((0, 0), (0, 0)), data_format: str | None = None, **options: Unpack[LayerOptions]
    ):
        super().__init__(cropping, data_format, **options)


class Cropping3D(Cropping):
    """Margins off volumes: x ``(batch, depth, height, width, channels)``; `cropping` as for Cropping2D.

    >>> Cropping3D(1)(np.ones((1, 3, 4, 5, 1))).shape
    (1, 1, 2, 3, 1)
    """

    rank = 3

    def __init__(
        self, cropping: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None, **options: Unpack[LayerOptions]
    ):
        super().__init__(cropping, data_format, **options)


for cls in (ZeroPadding1D, ZeroPadding2D, ZeroPadding3D, Cropping1D, Cropping2D, Cropping3D):
    registry.add(cls)
