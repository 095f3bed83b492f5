"""Flat buffers: the variables of an optimizer side by side in memory, with the slots that its rule keeps for each."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..utils.variable import Variable

BLOCK = 1 << 14  # numbers updated together: with gradient, slots and scratch they stay in a core's cache


class Flat:
    """Variables of one float type, their values, gradients and slots each in one flat buffer.

    `value`, `grad` and each of `slots` have one number for each number of the variables; the variables' own arrays are
    slices of the first two.
    """

    def __init__(self, variables: Sequence[Variable], slots: dict[str, float]):
        self.variables = list(variables)
        self.type = np.dtype(variables[0].dtype).type
        ends = np.cumsum([variable.size for variable in variables]).tolist()
        self.spans = [slice(start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True)]
        self.value, self.grad = np.empty(ends[-1], self.type), np.empty(ends[-1], self.type)
        self.slots = {name: np.full(ends[-1], start, self.type) for name, start in slots.items()}
        self.views = []
        for variable, span in zip(self.variables, self.spans, strict=True):
            view = self.value[span].reshape(variable.shape)
            variable.adopt(view, self.grad[span].reshape(variable.shape))
            self.views.append(view)

    def in_place(self) -> bool:
        """Whether each variable still lies in this buffer: another optimizer may have moved it to its own."""
        return all(variable.value is view for variable, view in zip(self.variables, self.views, strict=True))

    def take_gradients(self) -> None:
        """Let a gradient that was not touched in this step be zero."""
        for variable in self.variables:
            variable.grad  # noqa: B018 - reading it is what sets it to zero

    def of(self, buffer: np.ndarray, number: int) -> np.ndarray:
        """The part of a buffer that belongs to the variable of that number, in its shape."""
        return buffer[self.spans[number]].reshape(self.variables[number].shape)

    def blocks(self, names: Sequence[str], scratch: int) -> list[tuple[np.ndarray, ...]]:
        """Value, gradient, the slots of these names and scratch room, a block at a time."""
        size = len(self.value)
        room = [np.empty(min(BLOCK, size), self.type) for _ in range(scratch)]
        buffers = [self.value, self.grad, *(self.slots[name] for name in names)]
        spans = [slice(start, min(start + BLOCK, size)) for start in range(0, size, BLOCK)]
        return [(*(b[span] for b in buffers), *(r[: span.stop - span.start] for r in room)) for span in spans]

    def wholes(self, names: Sequence[str]) -> list[tuple[np.ndarray, ...]]:
        """Value, gradient and the slots of these names, a variable at a time, in its shape."""
        buffers = [self.value, self.grad, *(self.slots[name] for name in names)]
        return [tuple(self.of(buffer, number) for buffer in buffers) for number in range(len(self.variables))]


def by_type(variables: Sequence[Variable]) -> Iterator[list[Variable]]:
    """The variables in groups of one float type, each in its order."""
    groups: dict[str, list[Any]] = {}
    for variable in variables:
        groups.setdefault(variable.dtype, []).append(variable)
    yield from groups.values()
