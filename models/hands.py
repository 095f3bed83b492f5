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
AHEAD = 2  # so many forward passes may be begun at inference before `ran` is asked for the first


class Hands(ABC):
    """The other parts of a batch: `forward` and `backward` begin, `ran` and `gather` wait for what comes of it.

    At inference a second `forward` may come before `ran`, which gives what was begun first.

    With a `goal`, `train` begins both at once, and `trained` waits.
    """

    count: int
    goal: Any  # a Goal, or None

    @property
    @abstractmethod
    def replicas(self) -> list[Replica]:
        """For whoever does the parts again, one by one."""

    @abstractmethod
    def forward(self, xs: Sequence[np.ndarray], training: bool) -> None:
        """Begin the forward passes of the parts, or of as many whole batches, or fewer."""

    @abstractmethod
    def ran(self) -> list[Ran]:
        """What the forward passes gave: y and its mask, for each."""

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
        """Say that no part will come any more, and wait for nothing."""

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
        self._pool = ThreadPoolExecutor(count, "lamina", keep_subnormals)
        self._begun: deque[list[Future[Any]]] = deque()

    @property
    def replicas(self):
        return self._replicas

    @cached_property
    def _backwards(self) -> list[Callable[[Any], Any]]:
        return [without_subnormals(replica.model.to_weights()) for replica in self.replicas]

    def forward(self, xs, training):
        if training:
            self.draw_apart()
        runs = [replica.model.run for replica in self.replicas]
        runs = list(map(without_subnormals if training else _kept, runs))
        self._begin([partial(run, x, training, keep=training) for run, x in zip(runs, xs, strict=False)])

    def ran(self):
        return [future.result() for future in self._begun.popleft()]

    def backward(self, dys):
        self._begin([partial(each, dy) for each, dy in zip(self._backwards, dys, strict=True)])

    def gather(self):
        self.ran()
        gather_replicas(self.model.weights, self.replicas)

    def train(self, parts, rows):
        self.draw_apart()
        self._begin([partial(each, x, y, rows) for each, (x, y) in zip(self._both, parts, strict=True)])

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
        self._pool.shutdown()

    def _begin(self, parts: list[Callable[[], Any]]) -> None:
        # each sees the caller's context, `numpy.errstate` say
        self._begun.append([self._pool.submit(copy_context().run, part) for part in parts])


def _kept(run: Callable[..., Ran]) -> Callable[..., Ran]:
    """What comes out stands while another pass is begun."""

    def kept(*args: Any, **options: Any) -> Ran:
        y, mask = run(*args, **options)
        return y.copy(), None if mask is None else np.array(mask, bool)

    return kept
