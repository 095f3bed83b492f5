"""What the layers that prepare images share: batches and single images, draws, and arguments that are a range."""

from typing import Any, Unpack

import numpy as np

from ..errors import OptionError, ShapeError, nearest
from ..utils.checks import one_of
from ..utils.seeds import generator
from .base import LayerOptions
from .spatial import Spatial
from .spec import InputSpec, Shape, show_shape

_MENDS = {  # by the rank of x
    2: "add the axis of channels, x[..., None]",
    3: "add the axis of channels, by Reshape((28, 28, 1)) before it, say; or that of the batch, x[None], to one image",
}


class Images(Spatial):
    """The parent of layers that take images ``(batch, height, width, channels)``, or one ``(height, width, channels)``.

    Called by itself such a layer takes it that it trains, as in Keras; so it does in a Sequential that is so called.
    Within another layer or a model that is told, in `fit`, `evaluate` and `predict` too, it does what that one does.
    """

    rank = 2
    not_taken = Spatial.not_taken | {"bounding_box_format": "leave it out: these layers take images alone"}

    def __init__(self, data_format: str | None, **options: Any):
        super().__init__(data_format, **options)
        self.input_spec = InputSpec(min_ndim=3, max_ndim=4)

    def __call__(self, x, training: bool | None = None, mask=None):
        """Build the layer if need be, check x, and run `forward`."""
        return super().__call__(x, training, mask)  # type: ignore[arg-type]

    def ensure_built(self, input_shape) -> None:
        """Build the layer if need be; refuse what are no images. In a model rank 3 is a batch without channels."""
        shape = tuple(input_shape)
        if len(shape) not in (3, 4) or (len(shape) == 3 and shape[0] is None):
            names = ["height", "width"]
            names.insert(0 if self.channels_first else 2, "channels")
            text = ", ".join(names)
            raise ShapeError(
                self.where,
                expected=f"images (batch, {text}), or one ({text})",
                received=show_shape(shape),
                mend=_MENDS.get(len(shape)),
            )
        super().ensure_built(shape)

    def split_shape(self, shape: Shape) -> tuple[Shape, int | None]:
        """The space and the channels of a shape, of several images or one."""
        return super().split_shape(shape if len(shape) == 4 else (None, *shape))

    def with_space(self, shape: Shape, space: tuple[int, int]) -> Shape:
        """The same shape with another height and width."""
        found = self.join_shape(shape[0], space, self.split_shape(shape)[1])
        return found if len(shape) == 4 else found[1:]

    def batch_of(self, x: np.ndarray) -> np.ndarray:
        """x, several images or one, as ``(batch, height, width, channels)``."""
        return self.channels_last(x if x.ndim == 4 else x[None])

    def as_given(self, y: np.ndarray, x: np.ndarray) -> np.ndarray:
        """What `batch_of` made, in the layout of x again."""
        y = self.as_data(y)
        return y if x.ndim == 4 else y[0]

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape


class RandomImages(Images):
    """The parent of layers that change each image by a draw of its own while training; at inference y = x."""

    def __init__(self, seed: Any, data_format: str | None, **options: Unpack[LayerOptions]):
        super().__init__(data_format, **options)
        self.seed = seed
        self.generator = generator(seed)

    def draw(self, x: np.ndarray, span: tuple[float, float] = (0, 1)) -> np.ndarray:
        """A number from the span for each image of x: ``(batch,)``."""
        return self.generator.uniform(*span, len(x))


def span(who: str, name: str, value: Any, low: float, high: float, *, open_low: bool = False) -> tuple[float, float]:
    """A range from a pair of numbers, in any order, or from one: as far below 0, as `low` lets it, as above.

    With `open_low` no number that is given may be `low` itself.

    >>> span("RandomRotation", "factor", 0.2, -1, 1), span("RandomErasing", "factor", 0.2, 0, 1)
    ((-0.2, 0.2), (0.0, 0.2))
    >>> span("RandomZoom", "height_factor", (0.3, -0.2), -1, 1)
    (-0.2, 0.3)
    """
    pair = isinstance(value, list | tuple)
    ends = list(value) if pair else [value]
    if len(ends) != (2 if pair else 1) or not all(_within(end, low, high, open_low) for end in ends):
        expected = f"a number from {'above ' if open_low else ''}{low:g} to {high:g}, or two of them"
        raise OptionError(f"{who}({name}=...)", expected=expected, received=repr(value))
    reach = abs(float(ends[0]))
    return (float(min(ends)), float(max(ends))) if pair else (max(-reach, float(low)), reach)


def _within(value: Any, low: float, high: float, open_low: bool) -> bool:
    real = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    return real and low <= value <= high and not (open_low and value == low)


def named(who: str, name: str, value: Any, allowed: tuple[str, ...]) -> Any:
    """The value, if it is among the words allowed; else the nearest of them is named.

    >>> named("RandomFlip", "mode", "vertical", ("horizontal", "vertical"))
    'vertical'
    """
    likely = nearest(value, allowed)
    return one_of(who, name, value, allowed, f"did you mean '{likely}'?" if likely else None)
