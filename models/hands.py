"""Hands: what takes the other parts of a split batch, while the model itself takes the first one.

They are processes where such can be forked (`forks`), and else threads; the numbers are the same.
"""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from contextvars import copy_context
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..utils.subnormals import keep_subnormals, without_subnormals
from ..utils.variable import Variable
from .draws import Draws
from .goal import Goal
from .replicas import Replica

if TYPE_CHECKING:
    from concurrent.futures import Future

    from .model import Model

Ran = tuple[Any, Any]  # y and its mask
AHEAD = 2  # so many forward passes may each of the hands have begun at inference


class Hands(ABC):
    """The other parts of a batch: `forward` and `backward` begin, `ran` and `gather` wait for what comes of it.

    With a `goal`, `train` begins both at once, and `trained` waits. At inference each of the hands is given whole
    batches by `begin`, up to `AHEAD` of them before `finish` waits for the first.
    """

    count: int
    draws: Draws
    goal: Any  # a Goal, or None

    @property
    @abstractmethod
    def replicas(self) -> list[Replica]:
        """For whoever does the parts again, one by one."""

    def forward(self, xs: Sequence[np.ndarray], training: bool) -> None:
        """Begin the forward passes of the parts."""
        if training:
            self.draws.look()
        for number, x in enumerate(xs):
            self.begin(number, x, training)

    def ran(self) -> list[Ran]:
        """What the forward passes gave: y and its mask, for each."""
        return [self.finish(number) for number in range(self.count)]

    @abstractmethod
    def begin(self, number: int, x: np.ndarray, training: bool) -> None:
        """Have one of the hands begin the forward pass of x."""

    @abstractmethod
    def is_done(self, number: int) -> bool:
        """Whether one of the hands has finished what it was to begin first."""

    @abstractmethod
    def finish(self, number: int) -> Ran:
        """What that gave: y, which at inference stands from then on, and its mask."""

    @abstractmethod
    def backward(self, dys: Sequence[np.ndarray]) -> None:
        """Begin the backward passes of the parts."""

    @abstractmethod
    def gather(self) -> None:
        """Add the gradients of the parts to the weights' own."""

    @abstractmethod
    def train(self, parts: Sequence[tuple[np.ndarray, np.ndarray]], rows: int) -> None:
        """Begin both passes of these parts, x and y, of a batch of so many rows."""

    @abstractmethod
    def trained(self) -> list[tuple[np.ndarray, float]]:
        """What they gave, y and a share of the loss for each; their gradients are added to the weights' own."""

    @abstractmethod
    def draw_apart(self) -> None:
        """Let the replicas draw what the parts drew, or will."""

    def end(self) -> None:
        """Say that no more will be begun, and wait for nothing."""

    @abstractmethod
    def close(self) -> None:
        """Let go of all that takes the parts."""


def gather_replicas(weights: Sequence[Variable], replicas: Sequence[Replica]) -> None:
    """Add the gradients that the replicas gathered to those of the weights."""
    for replica in replicas:
        for weight, shadow in zip(weights, replica.shadows, strict=True):
            weight.take(shadow)


class Threads(Hands):
    """Threads, each with a replica of the model. NumPy lets them run at once, but for what Python does between."""

    def __init__(self, model: "Model", count: int, goal: Goal | None = None):
        from concurrent.futures import ThreadPoolExecutor

        self.model, self.count, self.goal, self.draws = model, count, goal, Draws(model, count)
        self._replicas = [Replica(model) for _ in range(count)]
        # a thread for each: what it has begun it does one after another
        self._threads = [ThreadPoolExecutor(1, "lamina", keep_subnormals) for _ in range(count)]
        self._begun: list[deque[Future[Any]]] = [deque() for _ in range(count)]

    @property
    def replicas(self):
        return self._replicas

    @cached_property
    def _backwards(self) -> list[Callable[[Any], Any]]:
        return [without_subnormals(replica.model.to_weights()) for replica in self.replicas]

    def begin(self, number, x, training):
        replica = self.replicas[number]
        if training:
            replica.draw(self.draws.generators, self.draws.states[number])
        run = without_subnormals(replica.model.run) if training else standing(replica.model.run)
        self._start(number, partial(run, x, training, keep=training))

    def is_done(self, number):
        return self._begun[number][0].done()

    def finish(self, number):
        return self._begun[number].popleft().result()

    def backward(self, dys):
        for number, (backward, dy) in enumerate(zip(self._backwards, dys, strict=True)):
            self._start(number, partial(backward, dy))

    def gather(self):
        self.ran()
        gather_replicas(self.model.weights, self.replicas)

    def train(self, parts, rows):
        self.draw_apart()
        for number, (both, part) in enumerate(zip(self._both, parts, strict=True)):
            self._start(number, partial(both, *part, rows))

    def trained(self):
        found = self.ran()
        gather_replicas(self.model.weights, self.replicas)
        return found

    @cached_property
    def _both(self) -> list[Callable[..., Any]]:
        models = [replica.model for replica in self.replicas]
        return [without_subnormals(partial(self.goal.copy().train, model, model.to_weights())) for model in models]

    def draw_apart(self):
        self.draws.look()
        for replica, states in zip(self.replicas, self.draws.states, strict=True):
            replica.draw(self.draws.generators, states)

    def close(self):
        for thread in self._threads:
            thread.shutdown()

    def _start(self, number: int, part: Callable[[], Any]) -> None:
        # it sees the caller's context, `numpy.errstate` say
        self._begun[number].append(self._threads[number].submit(copy_context().run, part))


def standing(run: Callable[..., Ran]) -> Callable[..., Ran]:
    """A pass whose y and mask stand while the same model does another one."""

    def ran(*args: Any, **options: Any) -> Ran:
        y, mask = run(*args, **options)
        return y.copy(), None if mask is None else np.array(mask, bool)

    return ran
