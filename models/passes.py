"""Passes: a batch forward and backward through a model, whole or split over threads."""

import math
from collections.abc import Callable
from contextlib import ExitStack
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import config
from ..layers.base import Layer
from ..layers.recurrent import RNN
from ..utils.threads import Crew, blas_threads, shares
from .replicas import Replica

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
    """The batch cut into parts, each taken through a replica of the model by a thread of its own.

    Forward:   y = the parts' y, one after another
    Backward:  dW = the sum of the parts' dW

    The first part goes through the model itself. Results are the same each time for the same number of threads.
    """

    def __init__(self, model: "Model", replicas: list[Replica], crew: Crew):
        self.crew, self.replicas = crew, replicas
        self.models = [model, *(replica.model for replica in replicas)]
        self.weights = model.weights

    @cached_property
    def to_weights(self) -> list[Callable[[Any], Any]]:
        """What hands dy back, for each part."""
        return [each.to_weights() for each in self.models]

    def forward(self, x, training: bool) -> tuple[Any, Any]:
        """y and its mask."""
        self.parts = shares(len(x), self.crew.size)
        for number, replica in enumerate(self.replicas, start=1) if training else ():
            replica.draw_apart(number)
        ran = self.crew.run(
            [
                partial(each.run, x[part], training, keep=training)
                for each, part in zip(self.models, self.parts, strict=True)
            ]
        )
        y, masks = zip(*ran, strict=True)
        return np.concatenate(y), None if masks[0] is None else np.concatenate(masks)

    def backward(self, dy) -> None:
        """Add to the gradients of the weights."""
        self.crew.run(
            [partial(each, dy[part]) for each, part in zip(self.to_weights, self.parts, strict=True)],
        )
        self.gather()

    def parts_of(self, count: int) -> list[tuple["Model", slice]]:
        """The models that take the parts of the batch, ready to do the last training pass again one by one."""
        for number, replica in enumerate(self.replicas, start=1):
            replica.draw_apart(number)
        return list(zip(self.models, self.parts, strict=True))

    def gather(self) -> None:
        """Add the replicas' gradients to the weights'."""
        for replica in self.replicas:
            for weight, shadow in zip(self.weights, replica.shadows, strict=True):
                weight.take(shadow)


class Passes:
    """The passes of a model during one call of `fit`, `evaluate` or `predict`, and the threads that it has for them.

    Batches of a shape go through whole or split: `pays` says which. The threads are lamina's own crew, for split
    batches, large products and large optimizer steps; those of the BLAS rest, for they would stand in its way.
    """

    def __init__(self, model: "Model", threads: int | None = None):
        self.model, self.threads = model, threads
        self.crew: Crew | None = None  # called in by the first batch that is large enough
        self._until = ExitStack()
        self._replicas: list[Replica] = []
        self.begin()

    def begin(self) -> None:
        """Look at the model anew, before an epoch: a layer may have been frozen, or changed otherwise."""
        self._ways: dict[tuple, Whole | Split] = {}
        for replica in self._replicas:
            replica.refresh()

    def __enter__(self) -> "Passes":
        return self

    def __exit__(self, *error: object) -> None:
        self._until.close()

    def forward(self, x, training: bool) -> tuple[Any, Any]:
        """y and its mask."""
        key = x.shape, training
        if key not in self._ways:
            self._ways[key] = self._way(x.shape, training)
        self._last = self._ways[key]
        return self._last.forward(x, training)

    def backward(self, dy) -> None:
        """Add to the gradients of the weights."""
        self._last.backward(dy)

    def parts_of(self, count: int) -> list[tuple["Model", slice]]:
        """The models that took the parts of the last batch, ready to take them again one by one."""
        return self._last.parts_of(count)

    def gather(self) -> None:
        """Add what the parts have gathered to the gradients of the weights."""
        self._last.gather()

    def _way(self, shape: tuple, training: bool) -> Whole | Split:
        # training always limits the BLAS, whose sums depend on its threads: else the limit of another's run would show
        if self.threads == 1 or (shape[0] < FEW and not training):
            return Whole(self.model)
        crew = self.call_in()
        if crew.size < 2 or not pays(self.model, shape, crew.size, training):
            return Whole(self.model)
        if not self._replicas:
            self._replicas = [Replica(self.model) for _ in range(crew.size - 1)]
        return Split(self.model, self._replicas, crew)

    def call_in(self) -> Crew:
        """The crew, which comes with the first call: from there on the BLAS has one thread."""
        if self.crew is None:
            self._until.enter_context(blas_threads(1))
            self.crew = self._until.enter_context(Crew(config.threads()))
        return self.crew


def pays(model: "Model", shape: tuple, parts: int, training: bool) -> bool:
    """Whether to split batches of this shape.

    Each sample must go its own way, and what the layers give must be much, and more than there are weights, for each
    thread takes all of those in hand: otherwise only large products are shared.
    """
    if len(shape) < 2 or shape[0] < FEW // 2 * parts:
        return False
    inner = within(model)
    if any(layer.couples_batch(training) or (training and layer.activity_regularizer is not None) for layer in inner):
        return False
    if any(isinstance(layer, RNN) for layer in inner):  # many small products: threads would wait for Python
        return False
    made = 0
    for layer in model.layers:
        shape = layer.compute_output_shape(shape)
        made += math.prod(shape)  # type: ignore[arg-type]  # all lengths are known here
    return made >= ENOUGH and made >= model.count_params()


FEW = 8  # samples that are not worth a thread
ENOUGH = 2**19  # numbers that the layers give for a batch


def within(layer: Layer) -> list[Layer]:
    """A layer and all layers within it."""
    return [layer] + [found for inner in layer.sublayers() for found in within(inner)]
