"""The likely mend of a shape that a layer of a model refuses, where it follows from what comes before the layer."""

from ..layers.base import Layer
from ..layers.input import InputLayer
from ..layers.reshaping import Flatten
from ..layers.spatial import Spatial
from ..layers.spec import InputSpec
from ..utils.shapes import Shape, show_shape

COLOURS = (1, 3)  # channels of an image, as it is read from a file


def mend_for(layer: Layer, before: Layer | None, shape: Shape) -> str | None:
    """What is likely to be done, for the layer before (None: there is none) and the shape that comes from it.

    None where the layer itself knows as much.

    >>> from lamina import layers
    >>> mend_for(layers.LSTM(4), layers.LSTM(4, name="first"), (None, 4))
    "give layer 'first' return_sequences=True, so that it hands on all steps"
    """
    spec = layer.input_spec
    if isinstance(layer, InputLayer):
        return _of_input(layer.batch_shape, shape)
    if isinstance(layer, Spatial) and not layer.channels_first and _has_channels_first(shape):
        moved = show_shape((*shape[2:], shape[1]))
        return f"put the channels last: shape={moved} for the Input, np.moveaxis(x, 1, -1) for x"
    if before is None or spec is None:
        return None
    if isinstance(before, InputLayer) and spec.ndim == len(shape) - 1 and shape[1] is not None:
        one, first = show_shape(shape[2:]), shape[1]
        return (
            f"give the Input shape={one}, without the count of samples, if {first} is that; else wrap the layer in "
            "TimeDistributed"
        )
    if spec.least_ndim <= len(shape):
        return None
    if getattr(before, "return_sequences", True) is False:
        return f"give layer '{before.name}' return_sequences=True, so that it hands on all steps"
    if isinstance(before, Flatten):
        return f"take layer '{before.name}' out, or put it after this one"
    if isinstance(before, InputLayer) and spec.least_ndim == len(shape) + 1:
        longer = show_shape((*shape[1:], 1))
        return f"give the Input an axis of length 1 at the end, shape={longer}, and x too: x[..., None]"
    return "put a Reshape layer before it"


def _of_input(expected: Shape, shape: Shape) -> str | None:
    """What is likely to be done where data don't fit the Input."""
    one = f"shape={show_shape(shape[1:])}" if len(shape) > 1 else "shape=(1,)"
    if len(shape) == len(expected) > 3 and shape[1] in COLOURS and expected[1:] == (*shape[2:], shape[1]):
        return "put the channels last: np.moveaxis(x, 1, -1)"
    if 0 in shape[1:] or len(shape) > len(expected):
        return None
    if expected[0] is not None and InputSpec(shape=expected).allows(shape):
        return f"let batch_size be {expected[0]}, and divide the count of samples, or declare the Input with {one}"
    if len(shape) == len(expected):
        return f"declare the Input with {one}, the shape of one sample, or give x of the shape that it has"
    if len(shape) + 1 == len(expected):
        return (
            f"add the batch axis, x[None], if this is one sample; else declare the Input with {one}, as one sample is"
        )
    return None


def _has_channels_first(shape: Shape) -> bool:
    """Whether a shape looks like that of images whose colours stand before their rows."""
    return len(shape) == 4 and shape[1] in COLOURS and None not in shape[2:] and min(shape[2:]) > max(COLOURS)  # type: ignore[type-var, operator]
