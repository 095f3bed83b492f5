"""StackedRNNCells: cells one upon another, as one cell."""

from typing import Any, Unpack

import numpy as np

from ..errors import ArgumentError
from .base import CommonOptions, Layer, registry
from .spec import Shape
from .weighted import unique_name


class StackedRNNCells(Layer):
    """Several cells as one: each takes the output of the one before it.

    Forward:   y₁, s₁' = cell₁(x, s₁);  y₂, s₂' = cell₂(y₁, s₂);  ...;  y is that of the last cell
    Backward:  (dyₙ₋₁, dsₙ) = backward of cellₙ for (dyₙ, dsₙ'), the last cell first;  dx = dy₀

    Shapes: x ``(batch, features)``; y ``(batch, units of the last cell)``. The states are one list: those of the first
    cell, then those of the second, ...

    Raises ArgumentError if `cells` is no list of cells (see `RNN` for what a cell is).

    >>> from lamina import layers
    >>> cell = StackedRNNCells([layers.LSTMCell(3), layers.GRUCell(4)])
    >>> cell.state_size, cell.output_size
    ([[3, 3], 4], 4)
    >>> layers.RNN(cell)(np.ones((2, 5, 1))).shape
    (2, 4)
    """

    def __init__(self, cells: list[Any], **options: Unpack[CommonOptions]):
        super().__init__(**options)
        if not isinstance(cells, list | tuple) or not cells:
            raise ArgumentError("StackedRNNCells(cells=...)", expected="a list of cells", received=repr(cells))
        self.cells = [as_cell(cell, "StackedRNNCells(cells=...)") for cell in cells]
        for number, cell in enumerate(self.cells):
            cell.name = unique_name(cell.name, {before.name for before in self.cells[:number]})

    @property
    def state_size(self) -> list[Any]:
        """What each cell says of its states."""
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self) -> int:
        """The length of y."""
        return output_size(self.cells[-1])

    def build(self, input_shape):
        features = input_shape[-1]
        for cell in self.cells:
            build_cell(cell, (None, features))
            features = output_size(cell)

    def forward(self, x, states, training=False):  # type: ignore[override]
        new: list[np.ndarray] = []
        rest = list(states)
        for cell in self.cells:
            count = len(state_shapes(cell, None))
            x, of_cell = cell.forward(x, rest[:count], training)
            new, rest = new + of_cell, rest[count:]
        self.saved = True
        return x, new

    def backward(self, dy, d_states):  # type: ignore[override]
        _ = self.saved
        d_old: list[np.ndarray] = []
        rest = list(d_states)
        for cell in reversed(self.cells):
            count = len(state_shapes(cell, None))
            dy, of_cell = cell.backward(dy, rest[-count:])
            d_old, rest = of_cell + d_old, rest[:-count]
        return dy, d_old


def as_cell(cell: Any, where: str) -> Any:
    """The cell that is given as such, by its config, or as a list of cells."""
    if isinstance(cell, list | tuple):
        return StackedRNNCells(list(cell))
    found = registry.get(cell) if isinstance(cell, dict) else cell
    if not isinstance(found, Layer) or not hasattr(found, "state_size"):
        raise ArgumentError(
            where,
            expected="a cell: a Layer with state_size, forward(x, states, training) and backward(dy, d_states)",
            received=repr(cell),
            mend="take a SimpleRNNCell, LSTMCell or GRUCell",
        )
    return found


def single_cells(cell: Any) -> list[Any]:
    """The cells that a stack is made of, stacks within it taken apart; else the cell itself."""
    return [one for part in cell.cells for one in single_cells(part)] if isinstance(cell, StackedRNNCells) else [cell]


def state_shapes(cell: Any, batch: int | None) -> list[Any]:
    """The shapes of all states of a cell: of each it says the length, or, as a tuple, the shape in one sample.

    >>> from lamina import layers
    >>> state_shapes(StackedRNNCells([layers.LSTMCell(3), layers.GRUCell(4)]), 2)
    [(2, 3), (2, 3), (2, 4)]
    """
    sizes: list[Any] = []
    for one in single_cells(cell):
        sizes += [one.state_size] if isinstance(one.state_size, int | np.integer) else one.state_size
    return [(batch, *size) if isinstance(size, tuple) else (batch, int(size)) for size in sizes]


def output_size(cell: Any) -> int:
    """The length of the output of a cell: that of its first state, if it says nothing else."""
    return getattr(cell, "output_size", state_shapes(cell, None)[0][-1])


def build_cell(cell: Any, input_shape: Shape) -> None:
    """Build a cell for inputs of this shape, and the layers within it."""
    if cell.built:
        return
    cell.build(input_shape)
    cell._built_shape = input_shape
    cell.freeze_within()
    if not all(layer.built for layer in cell.sublayers()):  # a trial step builds those that build() left out
        states = [cell.zeros(shape) for shape in state_shapes(cell, None)]
        cell.forward(cell.zeros(input_shape), states)
        cell.forget()


registry.add(StackedRNNCells)
