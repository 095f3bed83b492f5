"""What layers that look at the space of images, sequences and volumes share: the layout of the data, and sizes."""

import itertools
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from .. import config
from ..errors import ShapeError
from .base import Layer
from .spec import InputSpec, Shape, show_shape


class Spatial(Layer):
    """The parent of layers that look at the space of an input, `rank` axes beside the batch and the channels.

    Inside, channels are last; with `data_format` "channels_first" the layer moves them from axis 1 and back.
    """

    rank: int
    no_place: ClassVar[tuple[str, str]] = (  # what is wrong with a space too small, and the likely mend
        "no window fits",
        'take a smaller window or padding="same", or fewer layers that shrink the space before it',
    )

    def __init__(self, data_format: str | None, **options: Any):
        super().__init__(**options)
        self.data_format = config.standardize_data_format(data_format)
        self.input_spec: InputSpec = InputSpec(ndim=self.rank + 2)

    @property
    def channels_first(self) -> bool:
        """Whether the data have their channels on axis 1."""
        return self.data_format == "channels_first"

    def channels_last(self, x: np.ndarray) -> np.ndarray:
        """x with its channels last."""
        return np.moveaxis(x, 1, -1) if self.channels_first else x

    def as_data(self, y: np.ndarray) -> np.ndarray:
        """What has its channels last in the layout of the data."""
        return np.moveaxis(y, -1, 1) if self.channels_first else y

    def split_shape(self, shape: Shape) -> tuple[Shape, int | None]:
        """The space and the channels of a shape."""
        return (shape[2:], shape[1]) if self.channels_first else (shape[1:-1], shape[-1])

    def take_channels(self, shape: Shape) -> int:
        """How many channels there are; from now on the layer takes no other count of them."""
        _, channels = self.split_shape(shape)
        if channels is None:
            raise ShapeError(f"{self.where}: channels", expected="a count that is known", received=show_shape(shape))
        self.input_spec = InputSpec(ndim=self.rank + 2, axes={1 if self.channels_first else -1: channels})
        return channels

    def join_shape(self, batch: int | None, space: Any, channels: int | None) -> Shape:
        """The shape of data with this space and these channels."""
        return (batch, channels, *space) if self.channels_first else (batch, *space, channels)

    def ensure_built(self, input_shape) -> None:
        """Build the layer if need be; refuse a shape that does not fit, and a space that is too small."""
        super().ensure_built(input_shape)
        self.input_spec.check(input_shape, self.where)
        self.compute_output_shape(tuple(input_shape))

    def sizes_after(self, shape: Shape, count: Callable[[int, int], int]) -> tuple[int | None, ...]:
        """`count(axis, size)`, the size of y, for each axis of the space; refuses a space that leaves nothing."""
        space, channels = self.split_shape(shape)
        sizes = tuple(None if size is None else count(axis, size) for axis, size in enumerate(space))
        if any(size is not None and size < 1 for size in sizes):
            least = [next(n for n in itertools.count(1) if count(axis, n) >= 1) for axis in range(self.rank)]
            problem, mend = self.no_place
            raise ShapeError(
                f"{self.where}: {problem}",
                expected=f"an input of at least {show_shape(self.join_shape(None, least, channels))}",
                received=show_shape(shape),
                mend=mend,
            )
        return sizes
