"""What the activations share whose y depends on all of x along an axis; the others work entry by entry."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from ..errors import OptionError, ShapeError
from .base import Activation


class AlongAxis(Activation):
    """An activation along `axis`, counted from the end if negative.

    Raises OptionError if `axis` is no whole number (nor, where `several` says so, a list of them), ShapeError if x has
    no such axis.
    """

    several: ClassVar[bool] = False  # whether `axis` may name several, which then count as one

    def __init__(self, axis: int | Sequence[int] = -1):
        many = self.several and isinstance(axis, list | tuple) and len(axis) > 0
        self.axes: tuple[int, ...] = tuple(axis) if many else (axis,)  # type: ignore[arg-type, assignment]
        if not all(isinstance(one, int | np.integer) and not isinstance(one, bool) for one in self.axes):
            expected = "a whole number" + (", or a list of them" if self.several else "")
            raise OptionError(f"{type(self).__name__}(axis=...)", expected=expected, received=repr(axis))
        self.axis = self.axes if many else self.axes[0]

    @property
    def may_take_samples(self) -> bool:
        """Whether an axis is the batch's, or may be it: of those counted from the end only the last never is."""
        return any(axis == 0 or axis < -1 for axis in self.axes)

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        for axis in self.axes:
            if not -len(input_shape) <= axis < len(input_shape):
                raise ShapeError(
                    f"{type(self).__name__} along axis {axis}",
                    expected=f"an input of rank {axis + 1 if axis >= 0 else -axis} or more",
                    received=str(input_shape),
                )
        if len(self.axes) > 1 and len({axis % len(input_shape) for axis in self.axes}) < len(self.axes):
            expected = f"axes that differ, of {input_shape}"
            raise ShapeError(f"{type(self).__name__}", expected=expected, received=f"axis={self.axis}")
        return input_shape
