"""What layers that look at the space of images, sequences and volumes share: the layout of the data, and sizes."""

from typing import Any

import numpy as np

from .. import config
from ..errors import OptionError, ShapeError
from .base import Layer
from .spec import InputSpec, Shape, show_shape


class Spatial(Layer):
    """The parent of layers that look at the space of an input, `rank` axes beside the batch and the channels.

    Inside, channels are last; with `data_format` "channels_first" the layer moves them from axis 1 and back.
    """

    rank: int

    def __init__(self, data_format: str | None, **options: Any):
        super().__init__(**options)
        self.data_format = config.standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

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

    def sizes_after(self, shape: Shape, count, least: tuple[int, ...]) -> tuple[int | None, ...]:
        """`count(axis, size)` for each axis of the space; refuses a space in which no window fits."""
        space, _ = self.split_shape(shape)
        sizes = tuple(None if size is None else count(axis, size) for axis, size in enumerate(space))
        if any(size is not None and size < 1 for size in sizes):
            smallest = show_shape(self.join_shape(None, least, self.split_shape(shape)[1]))
            raise ShapeError(
                f"{self.where}: no window fits",
                expected=f"an input of at least {smallest}",
                received=show_shape(shape),
                mend='take a smaller window or padding="same", or fewer layers that shrink the space before it',
            )
        return sizes


def refuse_both(who: str, strides: tuple[int, ...], dilation: tuple[int, ...]) -> None:
    """Refuse strides and dilation that are both above 1, as Keras does."""
    if max(strides) > 1 and max(dilation) > 1:
        raise OptionError(
            f"{who}(strides={strides}, dilation_rate={dilation})", expected="one of them 1", received="both above 1"
        )
