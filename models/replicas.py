"""Replicas of a model: the same weights, but gradients, draws and memory of their own, so that each has its thread."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..layers.weighted import Weighted
from ..ops.room import Room
from ..utils.variable import Variable

OF_A_PASS = {"_saved", "activity", "_mask"}  # what a forward pass leaves in a layer


class Shadow(Variable):
    """A variable's value, which stays the one array, beside a gradient of its own.

    >>> w = Variable(np.ones(2))
    >>> shadow = Shadow(w)
    >>> shadow.grad += 3.0
    >>> w.assign([5.0, 5.0]) is w, shadow.value.tolist(), w.grad.tolist()
    (True, [5.0, 5.0], [0.0, 0.0])
    """

    original: Variable

    def __init__(self, original: Variable):
        own = {name: value for name, value in vars(original).items() if name != "_value"}
        vars(self).update(own | {"original": original, "_grad": None, "_fresh": True, "rows": []})

    @property
    def _value(self) -> np.ndarray:  # type: ignore[override]
        return self.original.value


class Replica:
    """A copy of a model for one thread.

    model   : it shares the arrays of all weights, and whatever else does not change in a pass
    shadows : the weights in it, in the order of the model's
    """

    def __init__(self, model: Any):
        self._made: dict[int, tuple[Any, Any]] = {}  # by its id: what stands in the model, and in the replica
        self.model = self._copy(model)
        self.model.forget()
        self.shadows = [self._copy(weight) for weight in model.weights]

    def draw(self, generators: Sequence[np.random.Generator], states: Sequence[Any]) -> None:
        """Let what stands in it for these generators of the model draw from these states on."""
        for generator, state in zip(generators, states, strict=True):
            self._made[id(generator)][1].bit_generator.state = state

    def _copy(self, value: Any) -> Any:
        """What stands in the replica for a value."""
        if isinstance(value, list | tuple):
            return type(value)(self._copy(item) for item in value)
        if isinstance(value, dict):
            return {key: self._copy(item) for key, item in value.items()}
        if not isinstance(value, Variable | Weighted | Room | np.random.Generator):
            return value
        if id(value) not in self._made:
            self._make(value)
        return self._made[id(value)][1]

    def _make(self, value: Any) -> None:
        if isinstance(value, Variable):
            copy: Any = Shadow(value)
        elif isinstance(value, Room):
            copy = Room()
        elif isinstance(value, np.random.Generator):
            copy = np.random.Generator(type(value.bit_generator)())
        else:
            copy = object.__new__(type(value))
        self._made[id(value)] = value, copy
        if isinstance(value, Weighted):
            self._fill(copy, value)

    def _fill(self, copy: Any, layer: Any) -> None:
        vars(copy).update({name: self._copy(value) for name, value in vars(layer).items() if name not in OF_A_PASS})
