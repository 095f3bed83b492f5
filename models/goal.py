"""The goal of a part of a batch: what it needs of the loss to go backward without waiting for the other parts."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import activations
from ..layers.base import Layer
from ..layers.calls import within
from ..layers.chain import head_of
from ..losses import Loss
from ..losses.by_sample import is_by_sample

if TYPE_CHECKING:
    from .model import Model

JOINED = {"softmax": activations.Softmax, "sigmoid": activations.Sigmoid}


@dataclass(frozen=True)
class Goal:
    """A loss, and whether it is differentiated together with the activation that ends the model."""

    loss: Loss
    joined: bool

    def train(
        self, model: "Model", to_weights: Callable[[Any], Any], x: np.ndarray, y: np.ndarray, rows: int
    ) -> tuple[np.ndarray, float]:
        """Both passes of a part of a batch of so many rows: y_pred, and its share of the loss.

        `to_weights` is the model's, looked up.
        """
        y_pred, _ = model.run(x, training=True, keep=True)
        share = self.loss.forward(y, y_pred, rows=rows)
        to_weights(self.loss.backward(self.joined))
        return y_pred, share

    def copy(self) -> "Goal":
        """One for another thread."""
        return Goal(copy.copy(self.loss), self.joined)


def goal_of(model: "Model", loss: Loss, rank: int) -> Goal | None:
    """The goal of a model's parts, whose output has so many axes; None if the loss must see the batch as a whole."""
    masks = any(layer.makes_mask for layer in within(model))
    return Goal(loss, is_joined(model, loss)) if is_by_sample(loss, rank) and not masks else None


def is_joined(model: Layer, loss: Any) -> bool:
    """Whether the activation that ends the model and the loss are differentiated together.

    >>> from lamina import layers, losses
    >>> is_joined(layers.Dense(1, activation="sigmoid"), losses.BinaryCrossentropy())
    True
    """
    kind = JOINED.get(loss.joins)
    head = head_of(model)
    return kind is not None and isinstance(head, kind) and getattr(head, "axis", -1) == -1
