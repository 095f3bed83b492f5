"""Input: where a model's data come in, and the shape that they must have."""

from typing import Any

from ..errors import ArgumentError
from ..utils.checks import one_of
from ..utils.numbers import standardize_dtype
from .base import registry
from .identity import Identity
from .spec import InputSpec, KerasTensor, Shape, as_shape


class InputLayer(Identity):
    """The entrance of a model: y = x;  dx = dy.

    Arguments: `shape`, the shape of one sample, with None for a length that may vary; or `batch_shape`, with the size
    of the batch before it; `batch_size`, where every batch must have the same; `dtype`, what the data become (None:
    left to the layer that takes them); `input_shape`, the older name of `shape`, counts where it is given. `sparse`,
    `ragged` and `optional` can only be false: all data are arrays here, and none may be left out.

    Shapes: x and y `batch_shape`.

    Raises ArgumentError unless the shape is given once, ShapeError for lengths that are no whole numbers of 1 or more,
    OptionError for what can only be false.

    >>> InputLayer((4,)).batch_shape
    (None, 4)
    """

    def __init__(
        self,
        shape=None,
        batch_size: int | None = None,
        dtype=None,
        sparse: bool | None = None,
        ragged: bool | None = None,
        batch_shape=None,
        optional: bool = False,
        name: str | None = None,
        *,
        input_shape=None,
    ):
        super().__init__(name=name)
        one_of("Input", "sparse", sparse, (None, False), "give arrays: x.toarray()")
        one_of("Input", "ragged", ragged, (None, False), "make the rows equally long: utils.pad_sequences(x)")
        one_of("Input", "optional", optional, (False,), "give the model its x in every call")
        shape = shape if input_shape is None else input_shape
        if (shape is None) == (batch_shape is None) or (batch_shape is not None and batch_size is not None):
            given = {"shape": shape, "batch_shape": batch_shape, "batch_size": batch_size}
            names = [name for name, value in given.items() if value is not None]
            received = " and ".join(names) or "neither"
            raise ArgumentError("Input", expected="shape=..., or batch_shape=...", received=received)
        if batch_shape is None:
            batch_shape = (batch_size, *as_shape("Input", shape))
        self.batch_shape: Shape = as_shape("Input", batch_shape)
        self.casts_input = dtype not in (None, "string")  # text stays what it is
        if dtype is not None:
            self.dtype = "string" if dtype == "string" else standardize_dtype(dtype)
        self.input_spec = InputSpec(
            ndim=len(self.batch_shape), axes={a: n for a, n in enumerate(self.batch_shape) if n}
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal one."""
        dtype = self.dtype if self.casts_input or self.dtype == "string" else None
        return {"batch_shape": list(self.batch_shape), "dtype": dtype, "name": self.name}


def Input(
    shape=None,
    batch_size: int | None = None,
    dtype=None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape=None,
    name: str | None = None,
    *,
    optional: bool = False,
) -> KerasTensor:
    """The entrance of a model, as the first entry of a `Sequential`. Arguments as for `InputLayer`.

    >>> Input((28, 28), batch_size=32)
    <KerasTensor shape=(32, 28, 28), dtype=float32, name=input_layer>
    >>> lamina.Sequential([Input((3,)), lamina.layers.Dense(2)]).output_shape
    (None, 2)
    """
    layer = InputLayer(shape, batch_size, dtype, sparse, ragged, batch_shape, optional, name)
    tensor = KerasTensor(layer.batch_shape, layer.dtype, layer.name)
    tensor.layer = layer
    return tensor


__all__ = ["Input", "InputLayer", "KerasTensor"]

registry.add(InputLayer)
