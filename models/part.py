"""What a process does for its part of the batches, and the places where arrays go to it and come back."""

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..activations import JoinedGradient
from ..utils.subnormals import without_subnormals

if TYPE_CHECKING:
    from .forks import Processes

Sent = tuple[Sequence[int], str]  # what is said of an array in its place: its shape and type
X, Y, TARGET = range(3)  # the places: of x, of y_pred and dy, and of y


class Ends:
    """Places of these sizes in memory that `empty` makes, which both sides see.

    >>> ends = Ends([16], np.empty)
    >>> ends.get(X, ends.put(X, np.array([1.0, 2.0])))
    array([1., 2.])
    """

    def __init__(self, sizes: Sequence[int], empty: Callable[..., np.ndarray]):
        self._places = [empty(size, np.uint8) for size in sizes]

    def put(self, place: int, array: np.ndarray) -> Sent:
        """Have an array there."""
        sent = array.shape, array.dtype.str
        self.get(place, sent)[...] = array
        return sent

    def get(self, place: int, sent: Sent) -> np.ndarray:
        """What lies there."""
        shape, dtype = sent
        return self._places[place][: math.prod(shape) * np.dtype(dtype).itemsize].view(dtype).reshape(shape)


class Part:
    """What a process does for one part of the batches, in its own copy of the model."""

    def __init__(self, hands: "Processes", number: int):
        self.hands, self.ends, self.homes = hands, hands.ends[number], hands.homes[number]
        self.variables = [variable for home in self.homes for variable in home.flat.variables]
        self.begun = self.done = False
        self.states: list[Any] = []  # where its generators stand before a pass

    def serve(self, call: str, *arguments: Any) -> Any:
        """Do what is asked."""
        if not self.begun:
            self.begun = True
            for home in self.homes:
                home.gather_in()
        try:
            return getattr(self, call)(*arguments)
        except BaseException:  # what it had gathered until then is done again elsewhere
            for variable in self.variables:
                variable.reset_grad()
            self.hands.model.forget()
            raise

    def forward(self, turn: int, x: Sent, training: bool, states: list[Any] | None) -> Any:
        """y in its place; its shape and type, and its mask, are the answer."""
        self._draw(states)
        run = without_subnormals(self.hands.model.run) if training else self.hands.model.run
        y, mask = run(self.ends[turn].get(X, x), training, keep=training)
        return self.ends[turn].put(Y, y), mask

    @without_subnormals
    def backward(self, dy: Sent, joined: bool) -> bool:
        """The gradients, all of them, zeros included."""
        found = self.ends[0].get(Y, dy)
        self._to_weights(found.view(JoinedGradient) if joined else found)
        self._put()
        return True

    @without_subnormals
    def train(self, x: Sent, y: Sent, rows: int, states: list[Any] | None) -> Any:
        """y_pred and the gradients in their places; its shape and type, and the share of the loss, are the answer."""
        self._draw(states)
        given = self.ends[0].get(X, x), self.ends[0].get(TARGET, y)
        y_pred, share = self.hands.goal.train(self.hands.model, self._to_weights, *given, rows)
        self._put()
        return self.ends[0].put(Y, y_pred), share

    def rest(self) -> None:
        """Drop what the passes kept, once nobody waits for them."""
        if self.done:
            self.done = False
            self.hands.model.forget()

    @cached_property
    def _to_weights(self) -> Callable[[Any], Any]:
        return self.hands.model.to_weights()

    def _draw(self, states: list[Any] | None) -> None:
        """Let the generators stand there; None is where they stood before the last pass."""
        if states is not None:
            self.states = states
        for generator, state in zip(self.hands.draws.generators, self.states, strict=False):
            generator.bit_generator.state = state

    def _put(self) -> None:
        for home in self.homes:
            home.put()
        self.done = True

    @without_subnormals
    def add_up(self, numbers: list[int], start: int, stop: int) -> float:
        """A share of `Processes.add_up`."""
        return self.hands.add_up(numbers, slice(start, stop))

    @without_subnormals
    def sweep(self, flat: int, factors: Any, decay: float, by_rows: bool, start: int, stop: int) -> bool:
        """A share of an optimizer's sweep over its pieces."""
        variable = self.hands.flats[flat].variables[0]
        variable.rows = self.hands.tables(flat) if by_rows else []
        self.hands.model.optimizer.sweep(flat, factors, decay, by_rows, slice(start, stop))
        variable.reset_grad()
        return True
