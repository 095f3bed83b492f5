"""Ways of a batch forward and backward through a model: as one, or in parts at the same time."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..utils.threads import shares
from .goal import Goal
from .hands import Hands, Ran, gather_replicas

if TYPE_CHECKING:
    from .model import Model


class Whole:
    """The batch as one, in the caller's thread."""

    def __init__(self, model: "Model", goal: Goal | None = None):
        self.model, self.goal = model, goal

    @cached_property
    def to_weights(self) -> Callable[[Any], Any]:
        """What hands dy back."""
        return self.model.to_weights()

    def train(self, x, y) -> tuple[Any, float] | None:
        """Both passes, and what lies between them: y_pred and the loss; None if there is no goal."""
        return None if self.goal is None else self.goal.train(self.model, self.to_weights, x, y, len(x))

    def forward(self, x, training: bool) -> Ran:
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

    def train(self, x, y) -> tuple[Any, float] | None:
        """Both passes of each part, and what lies between them: y_pred and the loss; None if there is no goal."""
        goal = self.hands.goal
        if goal is None:
            return None
        self.parts = shares(len(x), self.hands.count + 1)
        first, *others = self.parts
        self.hands.train([(x[part], y[part]) for part in others], len(x))
        try:
            mine = goal.train(self.model, self.to_weights, x[first], y[first], len(x))
        finally:
            theirs = self.hands.trained()
        y_pred, loss = zip(mine, *theirs, strict=True)
        return np.concatenate(y_pred), sum(loss)

    def forward(self, x, training: bool) -> Ran:
        """y and its mask."""
        self.parts = shares(len(x), self.hands.count + 1)
        first, *others = self.parts
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
