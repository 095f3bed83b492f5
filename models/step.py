"""One step: forward, loss, backward, update."""

from typing import TYPE_CHECKING, Any

import numpy as np

from ..layers.calls import within
from ..utils.subnormals import without_subnormals
from .batches import Batch
from .goal import is_joined
from .objective import Objective
from .passes import Passes
from .suspicions import SETTLED

if TYPE_CHECKING:
    from .model import Model


class Step:
    """A model's steps over one run of `fit` or `evaluate`; what stays the same from step to step is looked up once."""

    def __init__(self, model: "Model", objective: Objective, passes: Passes):
        self.model, self.objective, self.passes = model, objective, passes
        self.variables = model.trainable_variables
        self.penalised: list[Any] = [variable for variable in self.variables if variable.regularizer is not None]
        self.layers = layers = within(model)
        self.watched: list[Any] = [layer for layer in layers if layer.activity_regularizer is not None]
        self.loss: Any = objective.loss
        self.joined = is_joined(model, self.loss)
        self.health = objective.health
        self.health.watch(layers)
        self.before = self.health.before
        self.settled = False  # whether nothing was left to be learnt from the last batch, penalties aside

    @without_subnormals
    def train(self, batch: Batch, place: tuple[int, int] | None = None) -> float:
        """One update of the model's weights; gives the loss before it. `place`: epoch and step, for messages."""
        x, y, sample_weight = batch
        if self.before.any:
            self.before.remember()

        if sample_weight is None and (found := self.passes.train(x, y)) is not None:
            (y_pred, value), mask = found, None
        else:
            y_pred, mask = self.passes.forward(x, training=True)
            value = self.loss.forward(y, y_pred, sample_weight, mask)
            dy, weight = self.loss.backward(self.joined), self.objective.loss_weight
            self.passes.backward(dy if weight == 1 else dy * y_pred.dtype.type(weight))
        self.settled = value <= SETTLED and self._is_flat(batch, y_pred, mask)
        value = value * self.objective.loss_weight + self.penalties(gradients=True)
        self.health.update(self, batch, y_pred, value, place)

        self.model.forget()  # the next step gets that memory, while it is in the cache
        self.objective.update(y, y_pred, sample_weight, mask, value)
        return value

    def _is_flat(self, batch: Batch, y_pred, mask) -> bool:
        """Whether the loss has no slope where the outputs are."""
        self.loss.forward(batch.y, y_pred, batch.sample_weight, mask)
        return not self.loss.backward(self.joined).any()

    def test(self, batch: Batch, y_pred, mask) -> float:
        """The loss of a batch for which these came out, nothing changed."""
        _, y, sample_weight = batch
        value = self.loss.forward(y, y_pred, sample_weight, mask) * self.objective.loss_weight
        value += self.penalties()
        self.health.end_evaluation_step(self, batch, value)
        self.objective.update(y, y_pred, sample_weight, mask, value)
        return value

    def penalties(self, gradients: bool = False) -> float:
        """What regularizers add to the loss; their gradients with respect to the weights on request."""
        total = 0.0
        for variable in self.penalised:
            total += variable.regularizer(variable.value)
            if gradients:
                variable.regularizer.add_gradient(variable.value, variable.grad)
        for layer in self.watched:
            if layer.activity is not None:
                total += layer.activity_regularizer(layer.activity) / len(layer.activity)
        return total


def as_float(value) -> float | np.ndarray:
    """A result as a plain number, or an array of several."""
    return value if isinstance(value, np.ndarray) and value.ndim else float(value)
