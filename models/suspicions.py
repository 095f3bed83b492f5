"""Suspicions: training that runs, but can't be what was meant, is said. Each looks at little, and warns once a run."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import activations, losses
from ..errors import StateError
from ..layers.base import Layer
from ..losses.class_numbers import ClassNumbers
from ..losses.probabilities import Binary, Categorical
from ..utils.advice import advise
from ..utils.variable import Variable
from .batches import Batch
from .entrance import class_labels, is_lazy
from .parts import each_layer
from .sources import Arrays, Source

if TYPE_CHECKING:
    from .objective import Objective
    from .step import Step

NEAR = 1e-3  # how far outside [0, 1] rounding may carry a probability
ENOUGH = 3  # steps without any gradient, before a layer is said to get none: weights may begin as zeros
SEEN = 20  # and samples in them: in small batches, no unit of a small layer may be active
SETTLED = 1e-6  # a loss that is as good as 0: of probabilities clipped at epsilon, it never is
FEW = 10  # samples: less may lie in order, or be of one class, by chance
REACHES = {  # between which numbers an activation's values lie
    activations.Sigmoid: (0, 1),
    activations.Softmax: (0, 1),
    activations.Tanh: (-1, 1),
}
DISTANCES = losses.MeanSquaredError | losses.MeanAbsoluteError | losses.Huber | losses.LogCosh


class Suspicions:
    """What is looked at while a model trains.

    Each epoch's first step is looked at; the ones after it only while some layer has had no gradient in all of them.
    """

    def __init__(self) -> None:
        self.looking = True  # whether the next step is to be looked at
        self.first = True  # whether it is the run's first
        self.told_output = False  # whether something was said about the output
        self.steps = self.samples = 0  # those without a gradient for `without`, one after another
        self.without: list[Layer] | None = None  # None: not looked yet
        self.told_gradient = False
        self.told_dead: set[int] = set()

    def begin_epoch(self) -> None:
        """An epoch begins: all layers are to be looked at."""
        self.looking = True
        if self.told_gradient or not self.without or self.enough:
            self.without, self.steps, self.samples = None, 0, 0

    @property
    def enough(self) -> bool:
        """Whether enough was seen to say that a layer gets no gradient."""
        return self.steps >= ENOUGH and self.samples >= SEEN

    def look(self, step: "Step", batch: Batch, y_pred: np.ndarray) -> None:
        """Look at a step, its gradients gathered and not yet used."""
        if self.first:
            look_at_probabilities(step.loss, batch.y, None if self.told_output else y_pred)
        self.first = False
        if step.settled:  # nothing is left to be learnt
            self.looking, self.without = False, []
            return
        found = step.layers if self.without is None else self.without
        self.without = [layer for layer in found if has_no_gradient(layer)]
        self.steps, self.samples = self.steps + 1, self.samples + len(batch.x)
        self.looking = bool(self.without)
        if self.without and self.enough and not self.told_gradient:
            self.told_gradient = True
            without = [path for path, layer in each_layer(step.model) if layer in self.without]
            advise(
                f"no gradient reaches {_listed(without)}: all were 0 in {self.steps} steps, so "
                "nothing there is learnt. Likely mend: look for what comes after: a dead ReLU, an output that is "
                "constant (a softmax over one unit, say), weights that are all 0, or a backward that drops dx"
            )

    def end_epoch(self, model: Any, batch: Batch | None, epoch: int) -> None:
        """Look for dead ReLU layers, if some layer had no gradient in the whole epoch."""
        if self.without and self.enough and batch is not None:
            dead = [(path, layer) for path, layer in dead_rectifiers(model, batch.x) if id(layer) not in self.told_dead]
            self.told_dead |= {id(layer) for _, layer in dead}
            if dead:
                advise(
                    f"{_listed([path for path, _ in dead])} with ReLU gave nothing but 0 in the whole of epoch "
                    f"{epoch + 1}: dead, it passes no gradient back. Likely mend: lower the learning rate, scale x, "
                    "begin with other weights (he_normal) or biases, or use LeakyReLU or gelu"
                )
        self.begin_epoch()


def has_no_gradient(layer: Layer) -> bool:
    """Whether the gradients of a layer's own weights are all 0; those that a penalty joins say nothing."""
    telling = [w for w in layer.own_weights if w.trainable and w.regularizer is None]
    return bool(telling) and not any(_is_moved(w) for w in reversed(telling))  # a bias is quickly looked at


def _is_moved(weight: Variable) -> bool:
    """Whether its gradient is not all 0."""
    return any(table.values.any() for table in weight.rows) or (not weight.rows and bool(weight.grad.any()))


def dead_rectifiers(model: Any, x: np.ndarray) -> list[tuple[str, Layer]]:
    """The layers that end in a ReLU and give nothing but 0 for this batch."""
    alive: set[int] = set()
    rectified = [(path, layer) for path, layer in each_layer(model) if _is_rectified(layer)]
    ran: set[int] = set()

    def listening(layer: Layer):
        run = layer.forward

        def forward(*args, **kwargs):
            y = run(*args, **kwargs)
            ran.add(id(layer))
            alive.update({id(layer)} if np.any(y[0] if isinstance(y, tuple | list) else y) else ())
            return y

        return forward

    states = [(layer, layer.get_state()) for _, layer in each_layer(model)]  # what a stateful layer remembers
    try:
        for _, layer in rectified:
            vars(layer)["forward"] = listening(layer)
        model.run(x, training=False, keep=False)
    finally:
        for _, layer in rectified:
            vars(layer).pop("forward", None)
        for layer, state in states:
            layer.set_state(state)
    return [(path, layer) for path, layer in rectified if id(layer) in ran - alive]


def _is_rectified(layer: Layer) -> bool:
    activation = getattr(layer, "activation", None)
    return isinstance(activation, activations.ReLU | activations.ReLU6) and not getattr(activation, "negative_slope", 0)


# -- the loss
def wants_probabilities(loss: Any) -> str | None:
    """The activation that a loss of probabilities wants at the model's end; None for any other loss."""
    if getattr(loss, "from_logits", False):
        return None
    if isinstance(loss, Binary):
        return "sigmoid"
    categorical = Categorical | losses.SparseCategoricalCrossentropy | losses.KLDivergence
    return "softmax" if isinstance(loss, categorical) else None


def look_at_probabilities(loss: Any, y: np.ndarray, y_pred: np.ndarray | None) -> None:
    """Warn of predictions or targets outside [0, 1] for a loss of probabilities."""
    activation = wants_probabilities(loss)
    if activation is None:
        return
    if y_pred is not None and y_pred.size and (y_pred.min() < -NEAR or y_pred.max() > 1 + NEAR):
        advise(
            f"loss '{loss.name}' takes probabilities, but the output lies in [{y_pred.min():.4g}, {y_pred.max():.4g}]"
            f", outside [0, 1], and is clipped. Likely mend: {_mend(activation, loss)}"
        )
    if not isinstance(loss, ClassNumbers) and y.size and (y.min() < -NEAR or y.max() > 1 + NEAR):
        advise(
            f"loss '{loss.name}' takes targets between 0 and 1, but y lies in [{y.min():.4g}, {y.max():.4g}]. Likely "
            "mend: number the classes 0 and 1 (of -1 and 1: (y + 1) / 2), or use a loss of regression"
        )


def _mend(activation: str, loss: Any) -> str:
    logits = f", or use {type(loss).__name__}(from_logits=True)" if hasattr(loss, "from_logits") else ""
    return f"end the model in a {activation}{logits}"


# -- before the first step
def look_at_setup(
    model: Any, objective: "Objective", whole: Source, training: Source, held_out: Source | None, split: float
) -> bool:
    """Look at what is to be trained, on what; gives whether something was said about the output already."""
    loss = objective.loss
    activation = wants_probabilities(loss)
    linear = isinstance(model.head, activations.Linear)
    rectified = isinstance(model.head, activations.ReLU) and model.head.max_value is None
    beyond = activation is not None and (linear or rectified)
    if beyond:
        advise(
            f"loss '{loss.name}' takes probabilities, but the output, '{model.output_name}', "
            f"{'is linear' if linear else 'ends in a ReLU'}: its values are "
            f"clipped to [0, 1]. Likely mend: {_mend(activation or '', loss)}"
        )
    _look_at_last_activation(model, loss)
    y = training.samples.y if isinstance(training, Arrays) else None
    if isinstance(loss, DISTANCES) and isinstance(y, np.ndarray) and y.size and not is_lazy(y):
        _look_at_reach(model, y)
        _look_at_accuracy(objective, y)
    if isinstance(training, Arrays) and isinstance(held_out, Arrays):
        _look_at_split(loss, whole, training, held_out, split)
    return beyond


def _look_at_last_activation(model: Any, loss: Any) -> None:
    """Warn of a softmax over one unit, a sigmoid in place of a softmax, and probabilities where logits are taken."""
    head, one_unit = model.head, False
    with suppress(StateError):  # a generator's first batch is still to say the shape
        one_unit = model.output_shape[-1] == 1
    if isinstance(head, activations.Softmax) and head.axis == -1 and one_unit:
        advise(
            f"the output, '{model.output_name}', is a softmax over one unit: it is always 1, and nothing is learnt. "
            "Likely mend: a sigmoid for yes or no, else one unit a class"
        )
    of_classes = isinstance(loss, losses.CategoricalCrossentropy | losses.SparseCategoricalCrossentropy)
    if of_classes and not loss.from_logits and isinstance(head, activations.Sigmoid) and not one_unit:
        advise(
            f"loss '{loss.name}' takes the probabilities of classes that exclude one another, but the output, "
            f"'{model.output_name}', ends in a sigmoid, whose values do not add up to 1. Likely mend: end the model in "
            "a softmax, or use binary_crossentropy if several classes may hold at once"
        )
    if getattr(loss, "from_logits", False) and isinstance(head, activations.Softmax | activations.Sigmoid):
        ending = "softmax" if isinstance(head, activations.Softmax) else "sigmoid"
        advise(
            f"loss '{loss.name}' has from_logits=True, but the output, '{model.output_name}', ends in a {ending} "
            "already. Likely mend: leave from_logits at False, or the activation out"
        )


def _look_at_reach(model: Any, y: np.ndarray) -> None:
    """Warn of targets that the last activation can't give."""
    for kind, (low, high) in REACHES.items():
        if isinstance(model.head, kind) and (y.min() < low - NEAR or y.max() > high + NEAR):
            advise(
                f"the output, '{model.output_name}', ends in a {kind.__name__.lower()}, and lies in [{low}, {high}], "
                f"but y lies in [{y.min():.4g}, {y.max():.4g}]. Likely mend: leave the last activation out, or scale y"
            )


def _look_at_accuracy(objective: "Objective", y: np.ndarray) -> None:
    """Warn of an accuracy where y is no class."""
    asked = [name for name, _ in objective.asked if isinstance(name, str) and name.lower() in ("accuracy", "acc")]
    if asked and (y.ndim == 1 or y.shape[-1] == 1) and (y != np.rint(y)).mean() > 0.5:
        advise(
            f"metric '{asked[0]}' compares classes, but y holds none (it begins with {y.flat[0]:.4g}), so it says "
            "nothing of this regression. Likely mend: metrics=['mae']"
        )


def _look_at_split(loss: Any, whole: Source, training: Arrays, held_out: Arrays, split: float) -> None:
    """Warn of targets in order before a split at the end, and of validation data of one class."""
    trained_on, watched = _classes(loss, training), _classes(loss, held_out)
    only = None
    if trained_on is not None and watched is not None and held_out.count >= FEW:
        classes = np.unique(watched)
        only = classes[0] if len(classes) == 1 and (trained_on != classes[0]).any() else None
    if split and isinstance(whole, Arrays) and whole.count >= FEW and _in_order(loss, whole):
        advise(
            f"y is sorted, and validation_split={split} holds back its end, unshuffled: the validation data "
            + (f"hold class {only} alone" if only is not None else "are of another kind than what is trained on")
            + ". Likely mend: shuffle x and y together before fit, or pass validation_data"
        )
    elif only is not None:
        advise(
            f"all {held_out.count} samples of the validation data are of one class, {only}: their metrics say little. "
            "Likely mend: shuffle before the split, or draw the validation data from all classes"
        )


def _classes(loss: Any, source: Arrays) -> np.ndarray | None:
    """The class of each sample (or step); None where targets are no classes."""
    y = source.samples.y
    if y is None or is_lazy(y) or not isinstance(y, np.ndarray):
        return None
    if isinstance(loss, ClassNumbers):
        return class_labels(y, sparse=True)
    if isinstance(loss, Categorical) and loss.axis in (-1, y.ndim - 1):
        return class_labels(y, sparse=False)
    yes_or_no = isinstance(loss, Binary | losses.Hinge) and (y.ndim == 1 or y.shape[-1] == 1)
    return class_labels(y, sparse=False) if yes_or_no and (y == np.rint(y)).all() else None


def _in_order(loss: Any, source: Arrays) -> bool:
    """Whether the targets of all samples stand sorted, up or down, and are not all the same."""
    y = _classes(loss, source)
    if y is None:
        y = source.samples.y
    if not isinstance(y, np.ndarray) or is_lazy(y) or y.size != source.count:
        return False
    y = y.reshape(-1)
    rising, falling = bool((y[1:] >= y[:-1]).all()), bool((y[1:] <= y[:-1]).all())
    return rising != falling  # both: they are all equal


def _listed(found: list[str]) -> str:
    names = [f"'{path}'" for path in found]
    return f"layer {names[0]}" if len(names) == 1 else f"layers {', '.join(names[:-1])} and {names[-1]}"
