"""Passes: a batch forward and backward through a model, whole or split."""

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, nullcontext
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import numpy as np

from .. import config
from ..activations.twins import twins as activation_twins
from ..losses import Loss
from ..ops.room import in_huge_pages
from ..ops.twins import twins
from ..utils import processes
from ..utils.advice import advise
from ..utils.signals import heard_later
from ..utils.threads import blas_threads
from .batches import Batch
from .forks import Processes
from .goal import Goal, goal_of
from .hands import Hands, Ran, Threads
from .looks import looks
from .side_by_side import SideBySide
from .ways import Split, Whole
from .worth import FEW, pays

if TYPE_CHECKING:
    from .model import Model


class Passes:
    """The passes of a model during one call of `fit`, `evaluate` or `predict`, and what it has for them.

    Batches of a shape go through whole or split: `pays` says which. At inference, where none waits for another, whole
    batches go through side by side, and only one that is alone is split.

    trains : whether the call is one of `fit`, so that weights change between the passes
    loss   : what it is trained for, if batches may be trained on in one go
    steps  : how many the call takes, if that is known
    """

    def __init__(
        self,
        model: "Model",
        threads: int | None = None,
        trains: bool = False,
        loss: Loss | None = None,
        steps: int | None = None,
    ):
        self.model, self.threads, self.trains, self.loss, self.steps = model, threads, trains, loss, steps
        self.hands: Hands | None = None  # called in by the first batch that is large enough
        self._for: Any = None  # what they were called in for
        self._homes: list[tuple[Any, np.ndarray]] = []  # the weights, and where these lay then
        self._flats: Any = None  # and the optimizer's buffers
        self._shared = False  # whether the weights lie in memory that other processes see
        self._held, self._until = False, ExitStack()
        self._ways: dict[tuple, Whole | Split] = {}

    def begin(self) -> None:
        """Look at the model anew, before an epoch: a layer may have been frozen, or changed otherwise."""
        self._ways = {}
        self.look()

    def look(self) -> None:
        """Let go of hands that have the model as it was: a callback may have changed it since they were called in."""
        if self.hands is not None and self._for[0] != looks(self.model, self.loss):
            self._dismiss()

    def __enter__(self) -> "Passes":
        return self

    def __exit__(self, *error: object) -> None:
        called_in = self.hands is not None or self._shared
        try:
            with heard_later() if called_in else nullcontext():  # Ctrl-C again and again: still all of it is undone
                self._let_go(failed=error[:1] != (None,))
        finally:
            self._let_go(failed=True)  # what is left, where it came just before that

    def _let_go(self, failed: bool) -> None:
        if self.hands is not None and not failed:
            self.hands.end()  # while the weights are moved
        else:
            self._dismiss()  # after an error they may be at work still
        if self._shared:
            self._settle(in_huge_pages)
            self._shared = False
        self._dismiss()
        _with_hands.discard(self)
        self._until.close()  # the BLAS's threads would stand in the way of all that

    def part(self) -> None:
        """Leave the hands to the process that this one was forked from, and have weights of its own."""
        self.hands = None
        self._dismiss()
        if self._shared:
            self._settle(in_huge_pages)

    def train(self, x, y) -> tuple[Any, float] | None:
        """Both passes of a batch whose samples count alike: y_pred and the loss.

        None, and nothing done, if the loss can't be found in parts: then it takes `forward` and `backward`.
        """
        self._last = self._way(x, True, y)
        return self._last.train(x, y)

    def forward(self, x, training: bool) -> Ran:
        """y and its mask."""
        self._last = self._way(x, training)
        return self._last.forward(x, training)

    def outputs(self, batches: Iterable[Batch], lasting: bool) -> Iterator[tuple[Batch, Any, Any]]:
        """Each batch with y and its mask, at inference.

        lasting : whether a batch's arrays stay as they are when the next one is asked for
        """
        self.begin()
        for run in _runs(batches):
            first = next(run)
            way, whole_run = self._way(first.x, training=False), chain([first], run)
            if isinstance(way, Split):
                yield from self._side_by_side(way.hands, (each if lasting else each.copy() for each in whole_run))
            else:
                self._last = way
                for batch in whole_run:
                    yield batch, *way.forward(batch.x, training=False)

    def _side_by_side(self, hands: Hands, batches: Iterator[Batch]) -> Iterator[tuple[Batch, Any, Any]]:
        side_by_side = SideBySide(self.model, hands, batches, None if self.trains else self.steps)
        for batch, (y, mask) in side_by_side:
            self._last = Whole(self.model)  # each of them goes through whole
            yield batch, y, mask
        for batch in side_by_side.coming:
            yield batch, *self.forward(batch.x, training=False)

    def backward(self, dy) -> None:
        """Add to the gradients of the weights."""
        self._last.backward(dy)

    @property
    def share(self) -> Any:
        """What shares an optimizer's work among the processes that did the last batch, if there are such."""
        return getattr(self.hands, "share", None) if isinstance(self._last, Split) else None

    @property
    def squares(self) -> float | None:
        """The sum of the squares of the gradients that the last `backward` gave, if it is known."""
        return getattr(self.hands, "squares", None) if isinstance(self._last, Split) else None

    def parts_of(self, count: int) -> list[tuple["Model", slice]]:
        """The models that took the parts of the last batch, ready to take them again one by one."""
        return self._last.parts_of(count)

    def gather(self) -> None:
        """Add what the parts have gathered to the gradients of the weights."""
        self._last.gather()

    def _way(self, x: np.ndarray, training: bool, y: np.ndarray | None = None) -> Whole | Split:
        """How batches of this shape go; with y beside them, if they may be trained on in one go."""
        if self._shared and self._is_moved():
            self._dismiss()
        key = x.shape, x.dtype, training, *(() if y is None else (y.shape, y.dtype))
        if key not in self._ways:
            self._ways[key] = self._new_way(x, training, y)
        return self._ways[key]

    def _new_way(self, x: np.ndarray, training: bool, y: np.ndarray | None) -> Whole | Split:
        goal = None
        if y is not None and self.loss is not None:
            goal = goal_of(self.model, self.loss, len(self.model.compute_output_shape(x.shape)))
        whole = Whole(self.model, goal)
        if self.threads == 1 or (len(x) < FEW and not training):
            return whole
        self._hold()
        threads = config.threads()
        if threads < 2 or any(each is not None and each.dtype.hasobject for each in (x, y)):
            return whole
        if not pays(self.model, x.shape, threads, training, self.steps):
            return whole
        output: Any = self.model.compute_output_shape(x.shape)
        sizes = [x.nbytes, 16 * len(x) * math.prod(output[1:]), 0 if y is None else y.nbytes]
        return Split(self.model, self._call_in(threads - 1, goal, sizes))

    def _hold(self) -> None:
        """From here on the BLAS has one thread, in this process and in those that are forked.

        Its sums depend on that number, which another run at the same time may change; and its own threads stand in the
        way of all others, for they look out for work all the time.
        """
        if not self._held:
            self._held = True
            self._until.enter_context(blas_threads(1))

    def _call_in(self, count: int, goal: Goal | None, sizes: list[int]) -> Hands:
        """Hands for batches whose x, y_pred and y take so much memory, or parts of such."""
        if self.hands is not None:
            if all(size <= had for size, had in zip(sizes, self._for[1], strict=True)):
                return self.hands
            sizes = [max(pair) for pair in zip(sizes, self._for[1], strict=True)]
            self._dismiss()
        self._for = looks(self.model, self.loss), sizes
        if processes.AVAILABLE:
            twins(np.float32), activation_twins()  # loaded once, before each process would do it
            _with_hands.add(self)
            with heard_later():  # no process is forked that is not among the hands
                self.hands = self._fork(count, goal, sizes)
        self.hands = self.hands or Threads(self.model, count, goal)
        self._homes = [(weight, weight.value) for weight in self.model.weights]
        self._flats = self.model.optimizer.flats if self._shared else None
        return self.hands

    def _is_moved(self) -> bool:
        """Whether weights have left the memory that the hands see: another model trains them, or another run does."""
        return self.hands is not None and (
            self._flats is not self.model.optimizer.flats
            or not all(weight.value is home for weight, home in self._homes)
        )

    def _fork(self, count: int, goal: Goal | None, sizes: list[int]) -> Hands | None:
        """Processes, unless the system gives none: the numbers are the same."""
        if self.trains:
            self._shared = True
            self._settle(self.model._shared.empty)
        try:
            return Processes(self.model, count, goal, sizes, self.trains)
        except OSError as error:
            advise(f"no process can be forked, threads take its place: {error}")
            return None

    def _dismiss(self) -> None:
        if self.hands is not None:
            self.hands.close()
        self.hands, self._ways, self._homes, self._flats = None, {}, [], None

    def _settle(self, empty: Callable[..., np.ndarray]) -> None:
        """Have the weights, and what the optimizer remembers, in memory of this kind."""
        variables, optimizer = self.model.trainable_variables, self.model.optimizer
        optimizer.move(variables, empty)
        known = {id(variable) for variable in variables}
        for weight in self.model.weights:
            if id(weight) not in known:
                weight.adopt(empty(weight.value.size, weight.dtype).reshape(weight.shape))


_with_hands: WeakSet[Passes] = WeakSet()  # those that run now, and have processes as hands
processes.have_parted(_with_hands)


def _runs(batches: Iterable[Batch]) -> Iterator[Iterator[Batch]]:
    """Batches one after another that may go side by side: each is like the first one, or like a part of it."""
    first: np.ndarray | None = None

    def leader(batch: Batch) -> int:
        nonlocal first
        x = batch.x
        if first is None or x.shape[1:] != first.shape[1:] or len(x) > len(first) or x.dtype != first.dtype:
            first = x
        return id(first)

    return (run for _, run in groupby(batches, leader))
