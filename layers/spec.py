"""What a layer may be given."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError, DataError, ShapeError
from ..utils.shapes import Shape, as_shape, show_shape

__all__ = ["InputSpec", "KerasTensor", "Shape", "as_shape", "shape_given", "show_shape"]


# where a script goes on to build a graph of calls
FUNCTIONAL = (
    "there is no functional API: put the layers into a Sequential, in their order; "
    "Sequential(model.layers[:n]) gives what comes out of the n-th"
)


def shape_given(where: str, y: Any) -> Shape:
    """The shape of what a layer's `forward` gave; anything but an array is refused."""
    if not isinstance(y, np.ndarray):
        mend = "let it return y" if y is None else "np.asarray makes one"
        received = "None" if y is None else f"{type(y).__name__}"
        raise DataError(f"{where}: what forward gives", expected="an array", received=received, mend=mend)
    return y.shape


class KerasTensor:
    """A tensor that is not computed yet: a shape, a dtype and a name. `Input` gives one, and `layer.output`.

    >>> KerasTensor((None, 28, 28)).shape
    (None, 28, 28)
    """

    def __init__(self, shape, dtype: str = "float32", name: str | None = None):
        self.shape: Shape = tuple(shape)
        self.dtype, self.name = dtype, name or "keras_tensor"
        self.layer: Any = None  # of an `Input`: the layer that it comes out of

    def __array__(self, dtype=None, copy=None):
        raise ArgumentError(f"{self!r} is a shape, and holds no numbers", mend=FUNCTIONAL)

    def __repr__(self) -> str:
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}, name={self.name}>"


class InputSpec:
    """What a layer may be given: a rank, bounds of it, and lengths of axes.

    >>> InputSpec(min_ndim=2, axes={-1: 8})
    InputSpec(min_ndim=2, axes={-1: 8})
    >>> InputSpec(min_ndim=2, axes={-1: 8}).describe(ndim=2)
    '(batch, 8)'
    """

    def __init__(
        self,
        dtype: str | None = None,
        shape: Sequence[int | None] | None = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: dict[int, int] | None = None,
        allow_last_axis_squeeze: bool = False,
        name: str | None = None,
    ):
        self.dtype, self.name, self.allow_last_axis_squeeze = dtype, name, allow_last_axis_squeeze
        self.shape = None if shape is None else tuple(shape)
        self.ndim = len(self.shape) if self.shape is not None else ndim
        self.max_ndim, self.min_ndim = max_ndim, min_ndim
        of_shape = dict(enumerate(self.shape or ()))
        of_shape.pop(0, None)  # the batch may be of any size
        self.axes = {axis: size for axis, size in ((axes or {}) | of_shape).items() if size is not None}

    def __repr__(self) -> str:
        known = ("dtype", "shape", "ndim", "max_ndim", "min_ndim", "axes")
        said = {name: getattr(self, name) for name in known}
        return f"InputSpec({', '.join(f'{name}={value!r}' for name, value in said.items() if value)})"

    def with_steps(self) -> "InputSpec":
        """The spec of the same inputs with an axis of steps after the batch's.

        >>> InputSpec(ndim=2, axes={-1: 8}).with_steps().describe(ndim=3)
        '(batch, any, 8)'
        """
        ndims = (None if ndim is None else ndim + 1 for ndim in (self.ndim, self.max_ndim, self.min_ndim or 2))
        ndim, max_ndim, min_ndim = ndims
        axes = {axis if axis < 0 else axis + 1: size for axis, size in self.axes.items()}
        return InputSpec(self.dtype, None, ndim, max_ndim, min_ndim, axes, self.allow_last_axis_squeeze, self.name)

    def allows(self, shape: Shape) -> bool:
        """Whether an input of this shape (None: a length not known yet) fits."""
        ndim = len(shape)
        if 0 in shape[1:]:
            return False
        if self.allow_last_axis_squeeze and self.ndim is not None and abs(ndim - self.ndim) == 1:
            longer = shape if ndim > self.ndim else self.shape
            return longer is None or longer[-1] in (1, None)
        if (self.ndim or ndim) != ndim or not (self.min_ndim or 0) <= ndim <= (self.max_ndim or ndim):
            return False
        return all(-ndim <= axis < ndim and shape[axis] in (size, None) for axis, size in self.axes.items())

    def describe(self, ndim: int) -> str:
        """The shapes allowed, in symbols, for an input of this rank or the nearest rank allowed."""
        ndim = max(self.least_ndim, min(ndim, self.ndim or self.max_ndim or ndim))
        shape: list[int | None] = [None] * ndim
        for axis, size in self.axes.items():
            shape[axis] = size
        text = show_shape(shape)
        return f"{text} or of higher rank" if self.min_ndim == ndim and self.ndim is None and not self.axes else text

    @property
    def least_ndim(self) -> int:
        """The lowest rank of an input that has the axes named."""
        return max([self.ndim or self.min_ndim or 0, *(axis + 1 if axis >= 0 else -axis for axis in self.axes)])

    def check(self, shape: Shape, where: str) -> None:
        """Refuse a shape that does not fit, naming the layer and the likely mend."""
        if not self.allows(shape):
            expected = self.describe(len(shape))
            raise ShapeError(where, expected=expected, received=show_shape(shape), mend=self._mend(shape))

    def _mend(self, shape: Shape) -> str:
        ndim = len(shape)
        if 0 in shape[1:]:
            return "an axis of length 0 holds nothing: look how the data were made"
        if ndim < self.least_ndim:
            if ndim == self.least_ndim - 1:
                return "add the batch axis, x[None], if this is one sample, or an axis of length 1, x[..., None]"
            return f"reshape the input to rank {self.least_ndim}"
        if ndim > (self.ndim or self.max_ndim or ndim):
            return "put a Flatten or Reshape layer before it"
        wanted = {axis: size for axis, size in self.axes.items() if shape[axis] != size}
        axis, size = next(iter(wanted.items()))
        return f"the layer was built for {size} on axis {axis}: give it that, or make a new layer for {shape[axis]}"
