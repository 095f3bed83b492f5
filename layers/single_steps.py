"""Single steps: the way of a cell of the user's own through a sequence."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import ShapeError
from ..ops.room import Room
from .calls import Calls
from .stacked_cells import output_size


class SingleSteps:
    """One `forward` of the cell after another, and one `backward`, for x ``(steps, batch, features)``, as `Scan` asks.

    The output counts as one more state, so that a mask holds it back as it does the states.
    """

    def __init__(self, cell: Any, x: np.ndarray, training: bool, room: Room, keep: bool = True):
        self.cell, self.x, self.training, self.room, self.keep = cell, x, training, room, keep
        self.count = len(x)
        self.calls = Calls(cell)

    def begin(self, states: Sequence[np.ndarray]) -> list[np.ndarray]:
        """The states, an output of zeros before them."""
        return [np.zeros((self.x.shape[1], output_size(self.cell)), self.x.dtype), *states]

    def step(self, t: int, old: Sequence[np.ndarray], new: Sequence[np.ndarray]) -> None:
        """One `forward`."""
        y, states = self.cell.forward(self.x[t], list(old[1:]), self.training)
        found, wanted = [np.shape(state) for state in (y, *states)], [state.shape for state in new]
        if found != wanted:
            raise ShapeError(
                f"{self.cell.where}: forward", expected=f"y and states of shapes {wanted}", received=str(found)
            )
        for into, state in zip(new, (y, *states), strict=True):
            into[...] = state
        if self.keep:
            self.calls.keep()

    def start_backward(self, before: list[np.ndarray], wants_dx: bool) -> None:
        """Make room for dx."""
        self.dx = np.empty(self.x.shape, self.x.dtype)

    def step_backward(self, t: int, d_new: list[np.ndarray]) -> list[np.ndarray]:
        """One `backward`."""
        self.calls.recall(t)
        dx, d_states = self.cell.backward(d_new[0], d_new[1:])
        self.dx[t] = dx
        return [np.zeros_like(d_new[0]), *(np.array(state) for state in d_states)]

    def finish(self) -> np.ndarray:
        """dx; the cell has added to the gradients of its weights at each step."""
        return self.dx
