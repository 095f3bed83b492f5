"""Where an optimizer's numbers lie: variables end to end in flat buffers, cut into the pieces that a rule works on."""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from ..errors import ArgumentError, StateError
from ..utils.rows import Rows, sum_of_squares
from ..utils.threads import shares
from ..utils.variable import Variable

Shape = tuple[int, ...]
Maker = Callable[[int, Any], np.ndarray]  # of a flat array, as np.empty
Memory = list[tuple[Variable, dict[str, np.ndarray]]]
BLOCK = 2**18  # bytes of each array that are worked on at once: gradient, values, slots and room stay in the caches


def every(variable: Variable) -> bool:
    """True: no variable is left out."""
    return True


@dataclass(frozen=True)
class Slot:
    """What a rule remembers of each variable: `symbol` in its formula, `name` in Keras, `start` its first value.

    A `start` of None means the variable's own values. `shape` gives the slot's shape for that of a variable, or None
    where there is no slot; `of` says which variables may have one. Keras lists the slots one after another, each for
    all variables; one that is `beside` the slot before it is listed together with that, variable by variable; `place`
    gives the shape of what Keras lists where there is no slot.
    """

    symbol: str
    name: str
    start: float | None = 0.0
    beside: bool = False
    shape: Callable[[Shape], Shape | None] = tuple
    of: Callable[[Variable], bool] = every
    place: Callable[[Shape], Shape] = tuple


class Share(Protocol):
    """Has a work on so many things done, by several processes if there are `large` many or more of them.

    A process of its own does its share by the `request`, a call of that name with these arguments and a span.
    """

    def __call__(self, size: int, large: int, work: Callable[[slice], Any], *request: Any) -> None: ...


class Piece(NamedTuple):
    """What one call of a rule works on: gradient, values, and slots by symbol, all views of the flat buffers.

    start : where it begins in them; of a table, with which row
    """

    g: np.ndarray
    w: np.ndarray
    slots: dict[str, np.ndarray]
    start: int = 0


class Flat:
    """Variables of one type that decay alike, end to end: one array of values, one of gradients, one for each slot.

    decay       : the optimizer's argument that says how much they shrink, or None
    value, grad : (numbers,) of all variables, which are moved here
    slots       : by symbol, (numbers,) of all variables
    parts       : for each variable, the same slots by symbol, in the slot's shape
    pieces      : what a rule works on, one after another: blocks that fit into the cache, or whole variables
    room        : an array as large as the largest piece, to work in
    by_rows     : whether it is one table, whose gradient may come by rows; its pieces are rows then, ``(rows, width)``
    """

    def __init__(
        self, variables: list[Variable], slots: Sequence[Slot], decay: str | None, by_rows: bool, empty: Maker
    ):
        dtype = variables[0].dtype
        self.variables, self.decay, self.by_rows = variables, decay, by_rows
        self.value, values = end_to_end([variable.shape for variable in variables], dtype, empty)
        self.grad, grads = end_to_end([variable.shape for variable in variables], dtype, empty)
        for variable, value, grad in zip(variables, values, grads, strict=True):
            variable.adopt(value, grad)
        self.slots: dict[str, np.ndarray] = {}
        self.parts: list[dict[str, np.ndarray]] = [{} for _ in variables]
        for slot in slots:
            shapes = [slot.shape(variable.shape) if slot.of(variable) else None for variable in variables]
            flat, views = end_to_end([shape for shape in shapes if shape is not None], dtype, empty)
            self.slots[slot.symbol] = flat
            having = (part for part, shape in zip(self.parts, shapes, strict=True) if shape is not None)
            for part, view in zip(having, views, strict=True):
                part[slot.symbol] = view

    def cut(self, symbols: Sequence[str], elementwise: bool) -> None:
        """Make the pieces, with these slots."""
        self.pieces = self.blocks(symbols) if elementwise else self.wholes(symbols)
        self.room = np.empty(max(piece.g.size for piece in self.pieces), self.value.dtype)

    def blocks(self, symbols: Sequence[str]) -> list[Piece]:
        """Stretches that fit into the cache, whatever variables they belong to."""
        arrays = {symbol: self.slots[symbol] for symbol in symbols}
        if any(array.size != self.value.size for array in arrays.values()):
            raise StateError(
                "an elementwise rule with a slot of another shape than the variable",
                mend="let `elementwise` be False: the rule is then handed one variable at a time",
            )
        shape = self.variables[0].shape if self.by_rows else self.value.shape
        block = 2 * BLOCK if self.by_rows else BLOCK  # finding a block's rows costs, too
        count = math.ceil(self.value.nbytes / block)
        count += count % 2 if count > 1 else 0  # so that two processes have as much to do
        g, w = self.grad.reshape(shape), self.value.reshape(shape)
        return [
            Piece(g[span], w[span], {symbol: a.reshape(shape)[span] for symbol, a in arrays.items()}, span.start)
            for span in shares(len(w), max(count, 1))
        ]

    def wholes(self, symbols: Sequence[str]) -> list[Piece]:
        """One variable after another, in its shape."""
        return [
            Piece(variable.grad, variable.value, {s: part[s] for s in symbols if s in part})
            for variable, part in zip(self.variables, self.parts, strict=True)
        ]

    # -- the gradient
    @property
    def rows(self) -> list[Rows]:
        """The gradient of this step as tables whose sum it is, if it came by rows."""
        return self.variables[0].rows if self.by_rows else []

    def settle(self) -> None:
        """Let `grad` be the gradient: zero where nothing was added to in this step, whole where it came by rows."""
        for variable in self.variables:
            _ = variable.grad  # reading it does that

    def sum_of_squares(self) -> float:
        """The sum of the squares of the gradient."""
        if self.rows:
            return sum_of_squares(self.rows)
        return float(np.vdot(self.grad, self.grad))  # which, unlike np.dot, does not warn of an overflow


class Layout:
    """All variables of a step in flat buffers, and what the optimizer remembers of these and of earlier ones.

    empty   : what makes the buffers, as `np.empty` does
    decays  : for each variable, the optimizer's argument that says how much it shrinks, or None
    by_rows : whether the rule takes gradients by rows; then each table has a flat buffer of its own
    memory  : (variable, its slots by symbol), in the order in which the optimizer first met the variables. One that has
              left the step, because its layer was frozen, keeps its slots for when it comes back.
    """

    def __init__(
        self,
        variables: Sequence[Variable] = (),
        own: Sequence[Slot] = (),
        rule: Sequence[Slot] = (),
        elementwise: bool = True,
        by_rows: bool = False,
        decays: Sequence[str | None] = (),
        earlier: "Layout | None" = None,
        empty: Maker = np.empty,
    ):
        self.variables = list(variables)
        if len({id(variable) for variable in self.variables}) != len(self.variables):
            names = ", ".join(variable.path for variable in self.variables)
            raise ArgumentError("an optimizer's variables", expected="each variable once", received=names)
        groups: dict[tuple[str, str | None, int | None], list[Variable]] = {}
        for variable, decay in zip(self.variables, decays, strict=True):
            table = id(variable) if by_rows and variable.by_rows else None
            groups.setdefault((variable.dtype, decay, table), []).append(variable)
        self.flats = [
            Flat(group, [*own, *rule], decay, table is not None, empty) for (_, decay, table), group in groups.items()
        ]
        for flat in self.flats:
            flat.cut([slot.symbol for slot in rule], elementwise)

        self._homes = [variable.value.base for variable in self.variables]  # the memory of the flat buffers
        starts = {slot.symbol: slot.start for slot in (*own, *rule)}
        self.memory: Memory = self._remember(earlier.memory if earlier is not None else [], starts)

    def _remember(self, memory: Memory, starts: dict[str, float | None]) -> Memory:
        here = {id(v): parts for flat in self.flats for v, parts in zip(flat.variables, flat.parts, strict=True)}
        found: Memory = []
        for variable, kept in memory:
            parts = here.pop(id(variable), None)
            if parts is None:  # it rests: copies, lest views keep the old buffers alive
                parts = {symbol: values.copy() for symbol, values in kept.items()}
            else:
                _fill(parts, starts | kept, variable)
            found.append((variable, parts))
        for variable in self.variables:
            if id(variable) in here:
                found.append((variable, here[id(variable)]))
                _fill(here[id(variable)], starts, variable)
        return found

    def holds(self, variables: Sequence[Variable]) -> bool:
        """Whether these are its variables, and none was moved: by another optimizer, or because it was copied."""
        if len(variables) != len(self.variables):
            return False
        for mine, other, home in zip(self.variables, variables, self._homes):  # noqa: B905 - each step asks this
            if mine is not other or mine.value.base is not home:
                return False
        return True

    def settle(self, by_rows: bool = False) -> None:
        """Let the flat buffers have the gradients, but for those that came by rows, if rows are wanted."""
        for flat in self.flats:
            if not (by_rows and flat.rows):
                flat.settle()


def _fill(parts: dict[str, np.ndarray], values: dict[str, Any], variable: Variable) -> None:
    """Write values into the slots, by symbol: those that were kept, or the first ones."""
    for symbol, slot in parts.items():
        slot[...] = variable.value if values[symbol] is None else values[symbol]


def end_to_end(shapes: Sequence[Shape], dtype: Any, empty: Maker) -> tuple[np.ndarray, list[np.ndarray]]:
    """One flat array with room for all these shapes, made by `empty`, and a view of it for each.

    >>> flat, (a, b) = end_to_end([(2, 3), (3,)], "float32", np.empty)
    >>> flat.shape, a.shape, b.base is flat
    ((9,), (2, 3), True)
    """
    sizes = [math.prod(shape) for shape in shapes]
    ends = itertools.accumulate(sizes)
    flat = empty(sum(sizes), dtype)
    views = [flat[end - size : end].reshape(shape) for shape, size, end in zip(shapes, sizes, ends, strict=True)]
    return flat, views
