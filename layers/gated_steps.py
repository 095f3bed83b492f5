"""Gated steps: the way of a gated cell through a sequence, and what is done for all steps at once."""

import copy
import math
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..ops import cells
from ..ops.gates import by_gate, from_gates, transposed
from ..ops.room import Room
from ..ops.tiles import Blocks, multiply
from ..ops.twins import twins
from ..utils.threads import shares
from .dropout import Dropout

if TYPE_CHECKING:
    from .cell import GatedCell

ALL = slice(None)
PARTS = 8  # of a sequence at most
WORTH = 3 * 2**20  # multiplications that are worth a part of their own
CACHED = 2**19  # bytes of sums that stay in a core's cache, where one place serves all parts


def draw_kept(cell: "GatedCell", rate: float, shape: tuple[int, ...], training: bool) -> np.ndarray | None:
    """What to multiply by, so that such a share is left out in training; None where nothing is."""
    if not training or rate == 0:
        return None
    return Dropout(rate, seed=cell.generator).forward(np.ones(shape, cell.dtype), training=True)


class GatedSteps:
    """The steps of a gated cell through one sequence x ``(steps, batch, features)``, as `Scan` asks for them.

    A step itself multiplies by the recurrent weights only. The other products are done for many steps at once: x·W + b,
    the gradients of all weights, and dx, each cut into parts of the sequence: a part's turn comes with its first step,
    so that what it gives is in the cache then.

    What a cell finds here, in its `step`:
    - `sums`, of each step ``(gates, batch, units)``, x·W + b, which it may write over, and `recur`, which gives h·R;
    - `kept`, a place for each step's arrays that `step_backward` needs, and `extra` ``(steps, batch, units)``, room for
      one of them;
    - `spare` ``(2 * gates, batch, units)``, to work in, and `cells`, which has the steps of the usual activations;

    and in its `step_backward` these and
    - `d` ``(batch, sums, units)``, into which it writes the gradients of its sums, and `recur_backward`.
    """

    def __init__(self, cell: "GatedCell", x: np.ndarray, training: bool, room: Room, keep: bool = True):
        self.cell, self.room, self.keep = cell, room, keep
        self.count, self.batch, self.features = x.shape
        gates, units, dtype = cell.gates, cell.units, np.dtype(cell.dtype)
        self.cells = twins(dtype) or cells
        self.x_kept = draw_kept(cell, cell.dropout, (self.batch, self.features), training)
        shape = (gates, self.batch, units)  # gates as in Keras
        self.h_kept = draw_kept(cell, cell.recurrent_dropout, shape, training)
        self.h_fed = None if self.h_kept is None else self.h_kept[list(cell.order)]

        size = math.prod(shape) * self.count  # of all sums
        parts = min(PARTS, size * self.features // WORTH + 1) if keep else -(-size * dtype.itemsize // CACHED)
        self.parts = shares(self.count, min(self.count, parts))
        # where nothing is kept, all parts share the place of the first, which is the longest
        places = [part if keep else slice(part.stop - part.start) for part in self.parts]
        length = self.count if keep else places[0].stop

        # x, beside it 1 for the bias, and a place for the h of each step
        self.rows = room.empty((length, self.batch, self.features + 1 + units), dtype)
        weights = Blocks(by_gate(cell.kernel.value, units, cell.order, cell.scales, cell.input_bias()))
        sums = room.empty((length, *shape), dtype)  # x·W + b
        self.sums = [step for place in places for step in sums[place]]  # a view for each step
        self._ready = {
            part.start: partial(self._make_ready, x[part], weights, self.rows[place], sums[place])
            for part, place in zip(self.parts, places, strict=True)
        }
        self.recurrent = by_gate(cell.recurrent_kernel.value, units, cell.order, cell.scales)  # (gates, units, units)
        blocks = Blocks(self.recurrent)
        self._recurrent_blocks = None if self.h_fed is not None or blocks.is_one_for(self.batch) else blocks

        self.kept: list[Any] = [None] * self.count
        extra = room.empty((length if cell.keeps_extra else 0, self.batch, units), dtype)
        self.extra = [step for place in places for step in extra[place]]
        self._product = room.empty((gates, self.batch, units), dtype)
        self.spare = room.empty((2 * gates, self.batch, units), dtype)

    def __deepcopy__(self, memo: dict[int, Any]) -> "GatedSteps":
        memo[id(self.cells)] = self.cells  # a module
        other = memo[id(self)] = object.__new__(type(self))
        vars(other).update(copy.deepcopy(vars(self), memo))
        return other

    def _make_ready(self, x: np.ndarray, weights: Blocks, rows: np.ndarray, sums: np.ndarray) -> None:
        """Write x and 1 into the rows of a part, and x·W + b into its sums."""
        with_1 = rows[..., : self.features + 1]
        with_1[..., :-1] = x if self.x_kept is None else x * self.x_kept
        with_1[..., -1] = 1
        weights.multiply(with_1, out=sums)

    def begin(self, states: Sequence[np.ndarray]) -> list[np.ndarray]:
        """The states of the cell: the first one is its output."""
        return list(states)

    def step(self, t: int, old: Sequence[np.ndarray], new: Sequence[np.ndarray]) -> None:
        """The cell's step."""
        if t in self._ready:
            self._ready.pop(t)()
        self.cell.step(self, t, old, new)
        if not self.keep:
            self.kept[t] = None

    def recur(self, h: np.ndarray, gates: slice = ALL) -> np.ndarray:
        """h·R for these gates ``(gates, batch, units)``; it stands until the next call."""
        if gates is ALL and self._recurrent_blocks is not None:
            return self._recurrent_blocks.multiply(h, out=self._product)
        fed = h if self.h_fed is None else h * self.h_fed[gates]
        return np.matmul(fed, self.recurrent[gates], out=self._product[gates])

    def start_backward(self, before: list[np.ndarray], wants_dx: bool) -> None:
        """Before the last step: room for the gradients of the sums, and the weights transposed."""
        cell, order = self.cell, list(self.cell.recurrent_order)
        back = transposed(cell.recurrent_kernel.value, cell.units, order)  # (gates * units, units)
        self.transposed, self._recurrent_back = back.reshape(-1, cell.units, cell.units), Blocks(back)
        self.h_passed = None if self.h_kept is None else self.h_kept[order]
        self._dh = self.room.empty((self.batch, cell.units), cell.dtype)

        self._h, self._dx = before[0], None
        self._fed = cell.fed(self, self._h)
        if wants_dx:
            self._dx = self.room.empty((self.count, self.batch, self.features), cell.dtype)
            self._kernel_back = Blocks(transposed(cell.kernel.value, cell.units, cell.order))
        self._ahead = list(self.parts)
        self._gradients: Any = None

    def step_backward(self, t: int, d_new: list[np.ndarray]) -> list[np.ndarray]:
        """The cell's step backward."""
        part, cell = self._ahead[-1], self.cell
        if t == part.stop - 1:
            self._d = self.room.empty((part.stop - part.start, self.batch, cell.sums, cell.units), cell.dtype)
            rows = self._d.reshape(*self._d.shape[:2], cell.sums * cell.units)
            self._d_of_h = rows[..., : cell.gates * cell.units]  # those that go back to h
        at = t - part.start
        self.d, self._of_h = self._d[at], self._d_of_h[at]
        d_old = cell.step_backward(self, t, d_new)
        if t == part.start:
            self._gather(self._ahead.pop(), self._d)
        return d_old

    def recur_backward(self, gates: slice = ALL) -> np.ndarray:
        """The gradient of h for those of h·R in `d`, of these gates; it stands until the next call."""
        if gates is ALL and self.h_passed is None:
            return self._recurrent_back.multiply(self._of_h, out=self._dh)
        d = self.d.swapaxes(0, 1)[: self.cell.gates][gates]
        product = np.matmul(d, self.transposed[gates], out=self._product[gates])
        if self.h_passed is not None:
            product *= self.h_passed[gates]
        return np.add.reduce(product, axis=0, out=self._dh)

    def _gather(self, part: slice, d: np.ndarray) -> None:
        """Add up the gradients of the weights by these steps, ``(rows, sums, units)``; write their dx, if wanted."""
        rows, fed, shape = self.rows[part], self._fed, d.shape[2:]
        rows, d = rows.reshape(-1, rows.shape[-1]), d.reshape(-1, math.prod(shape))  # (steps * batch, ...)
        if self._dx is not None:
            dx, width = self._dx[part], self.cell.gates * self.cell.units
            self._kernel_back.multiply(d[:, -width:], out=dx.reshape(-1, self.features))
            if self.x_kept is not None:
                dx *= self.x_kept
        gradients = self.room.empty((rows.shape[1], *shape), d.dtype)
        if fed is None:  # one product gives all gradients
            self.rows[part][..., self.features + 1 :] = self._h[part]
            multiply(rows.T, d, out=gradients.reshape(len(gradients), -1))
        else:
            of_x, of_h = gradients[: self.features + 1], gradients[self.features + 1 :]
            multiply(rows[:, : len(of_x)].T, d, out=of_x.reshape(len(of_x), -1))
            of_h[:, len(fed) :] = 0  # what goes to x only
            for gate, of_gate in enumerate(fed[:, part].reshape(len(fed), len(d), shape[1])):
                of_h[:, gate] = of_gate.T @ d.reshape(-1, *shape)[:, gate]
        if self._gradients is None:
            self._gradients = gradients
        else:
            self._gradients += gradients

    def finish(self) -> np.ndarray | None:
        """Add to the gradients of the weights; give dx, if wanted."""
        cell, gates = self.cell, self.cell.gates
        of_x, of_bias, of_h = np.split(self._gradients, [self.features, self.features + 1])
        cell.kernel.accumulate(from_gates, of_x[:, -gates:], cell.order)
        cell.recurrent_kernel.accumulate(from_gates, of_h[:, :gates], cell.recurrent_order)
        if cell.use_bias:
            beside_x = from_gates(of_bias[:, -gates:], cell.order)
            beside_h = from_gates(of_bias[:, :gates], cell.recurrent_order)
            cell.add_bias_gradient(beside_x[0], beside_h[0])
        return self._dx
