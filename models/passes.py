"""Passes: a batch forward and backward through a model, whole or split."""

import math
from collections.abc import Callable
from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import config
from ..layers.base import Layer
from ..layers.embedding import Embedding
from ..layers.recurrent import RNN
from ..utils import processes
from ..utils.processes import shared
from ..utils.threads import blas_threads, shares
from .advice import advise
from .forks import Processes
from .hands import Hands, Threads, gather_replicas
from .replicas import OF_A_PASS

if TYPE_CHECKING:
    from .model import Model


class Whole:
    """The batch as one, in the caller's thread."""

    def __init__(self, model: "Model"):
        self.model = model

    @cached_property
    def to_weights(self) -> Callable[[Any], Any]:
        """What hands dy back."""
        return self.model.to_weights()

    def forward(self, x, training: bool) -> tuple[Any, Any]:
        """y and its mask."""
        return self.model.run(x, training, keep=training)

    def backward(self, dy) -> None:
        """Add to the gradients of the weights."""
        self.to_weights(dy)

    def parts_of(self, count: int) -> list[tuple["Model", slice]]:
        """The models that take the parts of the batch, ready to do the last training pass again one by one."""
        return [(self.model, slice(0, count))]

    def gather(self) -> None:
        """All gradients are where they belong."""


class Split:
    """The batch cut into parts: the model itself takes the first one, `hands` take the others at the same time.

    Forward:   y = the parts' y, one after another
    Backward:  dW = the sum of the parts' dW

    Results are the same each time for the same number of parts.
    """

    def __init__(self, model: "Model", hands: Hands):
        self.model, self.hands = model, hands

    @cached_property
    def to_weights(self) -> Callable[[Any], Any]:
        """What hands dy back."""
        return self.model.to_weights()

    def forward(self, x, training: bool) -> tuple[Any, Any]:
        """y and its mask."""
        first, *others = self.parts = shares(len(x), self.hands.count + 1)
        self.hands.forward([x[part] for part in others], training)
        try:
            mine = self.model.run(x[first], training, keep=training)
        finally:
            theirs = self.hands.ran()
        y, masks = zip(mine, *theirs, strict=True)
        return np.concatenate(y), None if masks[0] is None else np.concatenate(masks)

    def backward(self, dy) -> None:
        """Add to the gradients of the weights."""
        first, *others = self.parts
        self.hands.backward([dy[part] for part in others])
        try:
            self.to_weights(dy[first])
        finally:
            self.hands.gather()

    def parts_of(self, count: int) -> list[tuple["Model", slice]]:
        """The models that take the parts of the batch, ready to do the last training pass again one by one."""
        self.hands.draw_apart()
        models = [self.model, *(replica.model for replica in self.hands.replicas)]
        return list(zip(models, self.parts, strict=True))

    def gather(self) -> None:
        """Add the replicas' gradients to the weights'."""
        gather_replicas(self.model.weights, self.hands.replicas)


class Passes:
    """The passes of a model during one call of `fit`, `evaluate` or `predict`, and what it has for them.

    Batches of a shape go through whole or split: `pays` says which.

    trains : whether the call is one of `fit`, so that weights change between the passes
    steps  : how many the call takes, if that is known
    """

    def __init__(self, model: "Model", threads: int | None = None, trains: bool = False, steps: int | None = None):
        self.model, self.threads, self.trains, self.steps = model, threads, trains, steps
        self.hands: Hands | None = None  # called in by the first batch that is large enough
        self._for: Any = None  # what they were called in for
        self._shared = False  # whether the weights lie in memory that other processes see
        self._held, self._until = False, ExitStack()
        self._ways: dict[tuple, Whole | Split] = {}

    def begin(self) -> None:
        """Look at the model anew, before an epoch: a layer may have been frozen, or changed otherwise."""
        self._ways = {}
        if self.hands is not None and self._for[0] != looks(self.model):
            self._dismiss()

    def __enter__(self) -> "Passes":
        return self

    def __exit__(self, *error: object) -> None:
        self._until.close()
        self._dismiss()
        if self._shared:
            self._settle(np.zeros)

    def forward(self, x, training: bool) -> tuple[Any, Any]:
        """y and its mask."""
        key = x.shape, x.dtype, training
        if key not in self._ways:
            self._ways[key] = self._way(x, training)
        self._last = self._ways[key]
        return self._last.forward(x, training)

    def backward(self, dy) -> None:
        """Add to the gradients of the weights."""
        self._last.backward(dy)

    @property
    def share(self) -> Any:
        """What shares an optimizer's work among processes, if there are such."""
        return getattr(self.hands, "share", None)

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

    def _way(self, x: np.ndarray, training: bool) -> Whole | Split:
        """How batches of this shape go."""
        if self.threads == 1 or (len(x) < FEW and not training):
            return Whole(self.model)
        self._hold()
        threads = config.threads()
        if threads < 2 or x.dtype.hasobject or not pays(self.model, x.shape, threads, training, self.steps):
            return Whole(self.model)
        return Split(self.model, self._call_in(x, threads - 1))

    def _hold(self) -> None:
        """From here on the BLAS has one thread, in this process and in those that are forked.

        Its sums depend on that number, which another run at the same time may change; and its own threads stand in the
        way of all others, for they look out for work all the time.
        """
        if not self._held:
            self._held = True
            self._until.enter_context(blas_threads(1))

    def _call_in(self, x: np.ndarray, count: int) -> Hands:
        """Hands for parts as large as those of x."""
        part = -(-len(x) // (count + 1))
        y_shape = self.model.compute_output_shape((part, *x.shape[1:]))
        sizes = part * max(x[0].nbytes, 1), 16 * math.prod(y_shape)  # type: ignore[arg-type]
        if self.hands is not None:
            if all(size <= had for size, had in zip(sizes, self._for[1], strict=True)):
                return self.hands
            sizes = max(sizes[0], self._for[1][0]), max(sizes[1], self._for[1][1])
            self._dismiss()
        self._for = looks(self.model), sizes
        self.hands = self._fork(count, sizes) if processes.AVAILABLE else None
        self.hands = self.hands or Threads(self.model, count)
        return self.hands

    def _fork(self, count: int, sizes: tuple[int, int]) -> Hands | None:
        """Processes, unless the system gives none: the numbers are the same."""
        if self.trains:
            self._shared = True
            self._settle(shared)
        try:
            return Processes(self.model, count, sizes, self.trains)
        except OSError as error:
            advise(f"no process can be forked, threads take its place: {error}")
            return None

    def _dismiss(self) -> None:
        if self.hands is not None:
            self.hands.close()
        self.hands, self._ways = None, {}

    def _settle(self, zeros: Callable[..., np.ndarray]) -> None:
        """Have the weights, and what the optimizer remembers, in memory of this kind."""
        variables, optimizer = self.model.trainable_variables, self.model.optimizer
        optimizer.move(variables, zeros)
        known = {id(variable) for variable in variables}
        for weight in self.model.weights:
            if id(weight) not in known:
                weight.adopt(zeros(weight.value.size, weight.dtype).reshape(weight.shape))


def pays(model: "Model", shape: tuple, parts: int, training: bool, steps: int | None = None) -> bool:
    """Whether to split batches of this shape, so many of which there will be.

    Each sample must go its own way, and there must be enough to do in a step, and for processes in all steps together.
    """
    if len(shape) < 2 or shape[0] < FEW // 2 * parts:
        return False
    inner = within(model)
    if any(layer.couples_batch(training) or (training and layer.activity_regularizer is not None) for layer in inner):
        return False
    made, multiplied = work(model, shape)
    if not processes.AVAILABLE:  # threads: not for many small products, which would wait for Python
        return not any(isinstance(layer, RNN) for layer in inner) and made >= ENOUGH and made >= model.count_params()
    each = (made + multiplied) * (3 if training else 1)
    return each >= STEP and (steps is None or each * steps >= CALL)


def work(model: "Model", shape: tuple) -> tuple[int, int]:
    """How many numbers the layers give for a batch of this shape, and about how many multiplications that takes."""
    made = multiplied = 0
    for layer in model.layers:
        if not isinstance(layer, Embedding):  # which looks up
            recurs = any(isinstance(inner, RNN) for inner in within(layer))
            multiplied += math.prod(shape[:-1]) * layer.count_params() * (SMALL if recurs else 1)
        shape = layer.compute_output_shape(shape)
        shape = shape[0] if isinstance(shape[0], tuple) else shape  # beside it the states
        made += math.prod(shape)  # type: ignore[arg-type]  # all lengths are known here
    return made, multiplied


SMALL = 4  # times as long takes a multiplication in the small products of a recurrence
FEW = 8  # samples that are not worth a part
ENOUGH = 2**19  # numbers given for a batch that make up for what threads cost
STEP = 2**24  # multiplications in a step that make up for what processes cost each time
CALL = 2**32  # multiplications in all steps that make up for forking them


def looks(model: "Model") -> list[Any]:
    """The plain attributes of a model's layers and its optimizer: what somebody may change in the course of a run."""
    objects = [*within(model), *([model.optimizer] if model.optimizer is not None else [])]
    plain = bool | int | float | str | None
    return [
        (id(each), [(n, v) for n, v in vars(each).items() if isinstance(v, plain) and n not in OF_A_PASS])
        for each in objects
    ]


def within(layer: Layer) -> list[Layer]:
    """A layer and all layers within it."""
    return [layer] + [found for inner in layer.sublayers() for found in within(inner)]
