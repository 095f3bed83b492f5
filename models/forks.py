"""Processes as hands for split batches: forked from this one, with the model in them, its weights in shared memory."""

import math
import warnings
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np

from ..activations import JoinedGradient
from ..errors import StateError
from ..layers.calls import within
from ..ops.room import Room
from ..utils.processes import Helper
from ..utils.rows import Rows, merge
from ..utils.threads import shares
from .draws import Draws
from .goal import Goal
from .hands import AHEAD, Hands, Ran, gather_replicas
from .homes import Home
from .part import TARGET, Ends, Part, X, Y
from .replicas import Replica

if TYPE_CHECKING:
    from .model import Model

LARGE = 2**17  # gradients of which each process adds up its share


class Processes(Hands):
    """Processes forked from this one, each with the model as it is then: only the arrays that are shared change in all.

    squares : of the last gradients that were gathered, their sum; None where that is not known

    x, y, dy and the gradients go to and fro in shared memory, and for a model in training the weights and what the
    optimizer remembers lie there, too. So each can add up a share of the gradients, and update a share of the weights.

    A process that can't do its part, because of an error, a warning, or because it is gone, is no loss: this process
    does it in its place, and meets the error itself.
    """

    def __init__(self, model: "Model", count: int, goal: Goal | None, sizes: Sequence[int], trains: bool):
        self.model, self.count, self.goal, empty = model, count, goal, model._shared.empty
        self.flats = model.optimizer.flats if trains else []
        self.draws = Draws(model, count)
        self._told = self.draws.states.copy()  # the same lists, as far as each has been told of them
        self.ends = [[Ends(sizes, empty) for _ in range(AHEAD)] for _ in range(count)]
        self._turns = [cycle(range(AHEAD)) for _ in range(count)]  # what one has begun has places of its own
        self._begun = [deque[tuple[int, np.ndarray, bool]]() for _ in range(count)]
        self.homes = [[Home(flat, empty) for flat in self.flats] for _ in range(count)]
        self.own = {index: Home(flat, empty) for index, flat in enumerate(self.flats) if flat.by_rows}
        self.squares: float | None = None
        self._take_up([])
        self._replicas: list[Replica] = []
        self.helpers: list[Helper | None] = []
        for room in (value for layer in within(model) for value in vars(layer).values() if isinstance(value, Room)):
            room.let_go()  # what both have after a fork is copied when either writes on it: fresh memory is cheaper
        try:
            for number in range(count):
                part = Part(self, number)
                self.helpers.append(Helper(part.serve, part.rest))
        except OSError:
            self.close()
            raise

    @property
    def replicas(self):
        if not self._replicas:  # made when something has to be done again here
            self._replicas = [Replica(self.model) for _ in range(self.count)]
        return self._replicas

    def forward(self, xs, training):
        self._take_up(xs)
        super().forward(xs, training)

    def begin(self, number, x, training):
        turn = next(self._turns[number])
        self._begun[number].append((turn, x, training))
        sent = self.ends[number][turn].put(X, x)
        self._ask(number, "forward", turn, sent, training, self._news_of_draws(number) if training else None)

    def is_done(self, number):
        helper = self.helpers[number]
        return helper is None or helper.has_answered()

    def finish(self, number):
        turn, x, training = self._begun[number].popleft()
        answer = self._answer(number)
        if answer is None:
            self._alone[number] = True
            return self._run_here(number, x, training)
        sent, mask = answer
        y = self.ends[number][turn].get(Y, sent)
        return y if training else y.copy(), None if mask is None else np.array(mask, bool)

    def _news_of_draws(self, number: int) -> list[Any] | None:
        states = self.draws.states[number]
        if states is self._told[number]:
            return None
        self._told[number] = states
        return states

    def _take_up(self, xs: Sequence[np.ndarray]) -> None:
        self.xs = xs
        self._alone = [False] * self.count  # whose part was done here

    def backward(self, dys):
        self.dys = dys
        for number, dy in enumerate(dys):
            if not self._alone[number]:
                self._ask(number, "backward", self.ends[number][0].put(Y, dy), isinstance(dy, JoinedGradient))

    def train(self, parts, rows):
        self.draws.look()
        self._take_up([x for x, _ in parts])
        self.ys = [y for _, y in parts], rows
        for number, (x, y) in enumerate(parts):
            sent = self.ends[number][0].put(X, x), self.ends[number][0].put(TARGET, y)
            self._ask(number, "train", *sent, rows, self._news_of_draws(number))

    def trained(self):
        found = []
        for number in range(self.count):
            answer = self._answer(number)
            if answer is None:
                self._alone[number] = True
                found.append(self._train_here(number))
            else:
                sent, share = answer
                found.append((self.ends[number][0].get(Y, sent), share))
        self._add_up_all()
        return found

    def gather(self):
        for number, dy in enumerate(self.dys):
            if self._alone[number] or self._answer(number) is None:
                if not self._alone[number]:  # its forward pass is lost, too
                    self._run_here(number, self.xs[number], training=True)
                self.replicas[number].model.to_weights()(dy)
                self._alone[number] = True
        self._add_up_all()

    def _add_up_all(self) -> None:
        """Add the gradients of all parts to the weights' own."""
        whole = [number for number in range(self.count) if not self._alone[number]]
        for flat in self.flats:
            if not flat.by_rows:
                flat.settle()
        self._gather_tables(whole)
        large = sum(flat.grad.size for flat in self.flats if not flat.rows) >= LARGE
        found = self.share(self.count + 1, 0 if large else math.inf, partial(self.add_up, whole), "add_up", whole)
        squares = sum(found) + sum(flat.sum_of_squares() for flat in self.flats if flat.by_rows)
        self.squares = squares if len(whole) == self.count else None
        if len(whole) < self.count:
            gather_replicas(self.model.weights, self.replicas)

    def _gather_tables(self, numbers: Sequence[int]) -> None:
        """Add these parts' gradients of tables to the weights' own: by rows, if they came so in all parts."""
        for index, own in self.own.items():
            (variable,), homes = self.flats[index].variables, [self.homes[number][index] for number in numbers]
            if variable.rows and len(homes) == self.count and all(home.rows for home in homes):
                own.put_rows(merge(variable.rows))
                variable.rows = self.tables(index)
            else:
                whole = variable.grad  # by now: what a process has of the rows may be those of a step before
                for home in homes:
                    home.add_to(whole)

    def tables(self, index: int) -> list[Rows]:
        """The gradients of a table in all parts, by rows."""
        return [home.rows for home in (self.own[index], *(homes[index] for homes in self.homes)) if home.rows]

    def add_up(self, numbers: Sequence[int], span: slice) -> float:
        """Add a span of the shares of these parts' gradients to the weights' own; gives the sum of their squares.

        Those of tables are left out.
        """
        squares = 0.0
        for index, flat in enumerate(self.flats):
            if not flat.by_rows:
                cut = shares(flat.grad.size, self.count + 1)[span]
                total = flat.grad[cut[0].start : cut[-1].stop]
                for number in numbers:
                    total += self.homes[number][index].grad[cut[0].start : cut[-1].stop]
                squares += float(np.vdot(total, total))
        return squares

    def share(self, size: int, large: float, work: Callable[[slice], Any], *request: Any) -> list[Any]:
        """Do a work on so many things, each process a share of them if they are many; gives what comes of the shares.

        Raises StateError if a process fails at that, for nobody knows how far it came.
        """
        mine, *others = shares(size, self.count + 1) if size >= large else [slice(0, size)]
        begun = [self._ask(number, *request, span.start, span.stop) for number, span in enumerate(others)]
        found = [work(mine)]
        for helper, span in zip(begun, others, strict=True):
            answer, told = (work(span), []) if helper is None else helper.answer()
            found.append(answer)
            for warning in told:
                warnings.warn(warning, RuntimeWarning, stacklevel=2)
        return found

    def draw_apart(self):
        for replica, states in zip(self.replicas, self.draws.states, strict=True):
            replica.draw(self.draws.generators, states)

    def end(self):
        for helper in filter(None, reversed(self.helpers)):
            helper.end()

    def close(self):
        for helper in filter(None, reversed(self.helpers)):
            helper.close()

    def _ask(self, number: int, *request: Any) -> Helper | None:
        """The process that was asked; None if it is gone."""
        helper = self.helpers[number]
        try:
            if helper is not None:
                helper.ask(*request)
        except BrokenPipeError:
            self._lose(number)
        return self.helpers[number]

    def _answer(self, number: int) -> Any:
        """The answer of a process; None if its part is to be done here."""
        helper = self.helpers[number]
        if helper is None:
            return None
        try:
            answer, told = helper.answer()
        except StateError:
            if helper.gone:
                self._lose(number)
            return None
        return None if told else answer

    def _lose(self, number: int) -> None:
        helper, self.helpers[number] = self.helpers[number], None
        if helper is not None:
            helper.close()

    def _run_here(self, number: int, x: np.ndarray, training: bool) -> Ran:
        return self._as_drawn(number, training).run(x, training, keep=training)

    def _train_here(self, number: int) -> tuple[np.ndarray, float]:
        (ys, rows), model = self.ys, self._as_drawn(number, training=True)
        return self.goal.train(model, model.to_weights(), self.xs[number], ys[number], rows)

    def _as_drawn(self, number: int, training: bool) -> "Model":
        """What stands in for a part's process, about to draw what that drew."""
        replica = self.replicas[number]
        if training:
            replica.draw(self.draws.generators, self.draws.states[number])
        return replica.model
