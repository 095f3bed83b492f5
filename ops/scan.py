"""The scan: one loop over time for all recurrent cells, forward and backward."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from .room import Room


class Steps(Protocol):
    """What a scan asks of a cell. All states are arrays ``(batch, size)``; the first one is the output, too."""

    count: int

    def begin(self, states: Sequence[np.ndarray]) -> list[np.ndarray]:
        """The states before the first step, for those of the cell."""

    def step(self, t: int, old: Sequence[np.ndarray], new: Sequence[np.ndarray]) -> None:
        """Write the states after step t into `new`."""

    def start_backward(self, before: list[np.ndarray], wants_dx: bool) -> None:
        """Before the last step backward: `before` are the states before each step, ``(steps, batch, size)``."""

    def step_backward(self, t: int, d_new: list[np.ndarray]) -> list[np.ndarray]:
        """Give the gradients of `old` for those of `new`, over which it may write."""

    def finish(self) -> np.ndarray | None:
        """After the first step backward: add to the gradients of the weights; give dx ``(steps, batch, features)``."""


class Scan:
    """Steps of a cell one after another, each given the states that the one before it left.

    Forward:   states[t + 1] = step(t, states[t]);  where `hidden[t]`, states[t + 1] = states[t]
    Backward:  d states[t] = step_backward(t, d states[t + 1]);  where `hidden[t]`, d states[t] = d states[t + 1]

    Backward is full backpropagation through time: nothing is cut off or clipped.

    initial : the states before the first step
    hidden  : ``(steps, batch, 1)`` or None: True at the steps that a mask leaves out
    keep    : whether `backward` will come; else of all states only the last two stand
    every   : whether the outputs of all steps are wanted, if `keep` is False

    Each of `states` has the shape ``(steps + 1, batch, size)``.

    Source: Werbos, *Backpropagation Through Time: What It Does and How to Do It* (1990).
    """

    def __init__(
        self,
        steps: Steps,
        initial: Sequence[np.ndarray],
        hidden: np.ndarray | None,
        room: Room,
        keep: bool = True,
        every: bool = True,
    ):
        self.steps = steps
        self.states: list[Any] = []
        for number, state in enumerate(steps.begin(initial)):
            all_stand = keep or (every and number == 0)
            places = room.empty((steps.count + 1 if all_stand else 2, *state.shape), state.dtype)
            self.states.append(places if all_stand else [places[t % 2] for t in range(steps.count + 1)])
            places[0] = state
        self.hidden = [None if hidden is None or not hidden[t].any() else hidden[t] for t in range(steps.count)]

    def forward(self) -> None:
        """Fill `states`."""
        old, *later = zip(*self.states, strict=True)  # the states of each step: views, all made at once
        for t, (new, hidden) in enumerate(zip(later, self.hidden, strict=True)):
            self.steps.step(t, old, new)
            if hidden is not None:
                for before, after in zip(old, new, strict=True):
                    np.copyto(after, before, where=hidden)
            old = new

    def backward(
        self, dy: np.ndarray | None, d_last: list[np.ndarray], wants_dx: bool = True
    ) -> tuple[np.ndarray | None, list[np.ndarray]]:
        """dx, if wanted, and the gradients of the initial states.

        `dy`, ``(steps, batch, size)`` or None, is the gradient of the first state after each step; `d_last` are those
        of all states after the last step, which are written over.
        """
        self.steps.start_backward([states[:-1] for states in self.states], wants_dx)
        d = [np.ascontiguousarray(part) for part in d_last]
        for t in reversed(range(self.steps.count)):
            if dy is not None:
                d[0] += dy[t]
            hidden = self.hidden[t]
            d = self.steps.step_backward(t, d) if hidden is None else self._past_hidden(t, d, hidden)
        return self.steps.finish(), d

    def _past_hidden(self, t: int, d: list[np.ndarray], hidden: np.ndarray) -> list[np.ndarray]:
        past = [np.where(hidden, part, 0) for part in d]  # the states went past the step, and so do their gradients
        for part in d:
            np.copyto(part, 0, where=hidden)
        d = self.steps.step_backward(t, d)
        for part, more in zip(d, past, strict=True):
            part += more
        return d

    @property
    def outputs(self) -> Any:
        """The outputs of all steps ``(steps, batch, size)``; where they do not stand, the last one does."""
        return self.states[0][1:]
