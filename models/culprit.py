"""The search for the first value that is not finite: the same batch once more, with an ear at every layer."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..layers.base import Layer
from .batches import Batch
from .parts import each_layer

if TYPE_CHECKING:
    from .step import Step

FORWARD, BACKWARD, UPDATE = "forward", "backward", "update"


@dataclass
class Culprit:
    """Where a value that is not finite was seen first.

    who   : the layer or the loss, as messages name it, with the path of one that lies within others
    layer : the layer's path, "outer/inner"; None for a loss
    phase : "forward", "backward", or "update" where a weight itself is not finite
    what  : the value: "y", "dx", "the gradient of 'kernel'"
    value : the first such number
    rows  : the rows of the batch that have one; None where a value belongs to no row
    """

    who: str
    layer: str | None
    phase: str
    what: str
    value: float
    rows: list[int] | None = None


def search(step: "Step", batch: Batch, training: bool = True) -> Culprit | None:
    """The culprit of a step on this batch; None if all is finite this time.

    It runs the step's passes anew, and so in training leaves other gradients, moving means and random states behind.
    """
    with np.errstate(all="ignore"):
        return bad_weight(step.model) or _search_passes(step, batch, training)


def bad_weight(model: Layer) -> Culprit | None:
    """The first weight that is not finite."""
    for path, layer in each_layer(model):
        for weight in layer.own_weights:
            value = first_bad([weight.value])
            if value is not None:
                return Culprit(_who(layer, path), path, UPDATE, f"the weight '{weight.name}'", value)
    return None


def _search_passes(step: "Step", batch: Batch, training: bool) -> Culprit | None:
    loss, (x, y, sample_weight) = step.loss, batch
    for variable in step.variables if training else ():
        variable.reset_grad()
    parts = step.passes.parts_of(len(x))  # of a batch that threads share, each on its own replica
    ran = []
    for model, part in parts:
        with Ear(model, part) as ear:
            ran.append(model.run(x[part], training, keep=training))
        if ear.found is not None:
            return ear.found
    y_pred, masks = np.concatenate([y for y, _ in ran]), [mask for _, mask in ran]
    mask = None if masks[0] is None else np.concatenate(masks)

    value = loss.forward(y, y_pred, sample_weight, mask)
    if not np.isfinite(value):
        v = loss.values(*loss.align(np.asarray(y), y_pred, by_step=mask is not None))
        bad = first_bad([v])
        value = value if bad is None else bad
        return Culprit(f"loss '{loss.name}'", None, FORWARD, "the loss", float(value), bad_rows([v], len(x)))
    if not training:
        return None
    dy = loss.backward(step.joined)
    if step.objective.loss_weight != 1:
        dy = dy * y_pred.dtype.type(step.objective.loss_weight)
    bad = first_bad([dy])
    if bad is not None:
        return Culprit(f"loss '{loss.name}'", None, BACKWARD, "d loss / d y", bad, bad_rows([dy], len(x)))

    for model, part in parts:
        with Ear(model, part) as ear:
            model.to_weights()(dy[part])
        if ear.found is not None:
            return ear.found
    step.passes.gather()
    return _bad_penalty(step)


def _bad_penalty(step: "Step") -> Culprit | None:
    """A penalty on weights or activities that is not finite, or whose gradient is not."""
    penalty = step.penalties(gradients=True)
    for path, layer in each_layer(step.model):
        for weight in layer.own_weights:
            bad = first_bad([weight.grad]) if weight.trainable else None
            if bad is not None:
                what = f"the gradient of '{weight.name}' with its penalty"
                return Culprit(_who(layer, path), path, BACKWARD, what, bad)
    return None if np.isfinite(penalty) else Culprit("the penalties", None, FORWARD, "their sum", float(penalty))


class Ear:
    """Hears every forward and backward pass of a model's layers, until it has `found` a value that is not finite.

    part : the rows of the batch that the model is about to take

    Within its ``with``, `forward`, `backward` and `backward_weights` of each layer are wrapped.
    """

    def __init__(self, model: Layer, part: slice):
        self.model, self.first, self.count = model, part.start, part.stop - part.start
        self.found: Culprit | None = None
        self.running: list[tuple[Layer, str]] = []  # the layers that run now, the innermost last

    def __enter__(self) -> "Ear":
        for path, layer in each_layer(self.model):
            for call, phase in (("forward", FORWARD), ("backward", BACKWARD), ("backward_weights", BACKWARD)):
                vars(layer)[call] = self._listening(layer, path, getattr(layer, call), phase)
        return self

    def __exit__(self, *error) -> None:
        for _, layer in each_layer(self.model):
            for call in ("forward", "backward", "backward_weights"):
                vars(layer).pop(call, None)

    def _listening(self, layer: Layer, path: str, run, phase: str):
        given, made = ("x", "y") if phase == FORWARD else ("dy", "dx")

        def listening(*args, **kwargs):
            outer, outer_path = self.running[-1] if self.running else (self.model, "")
            self._hear(outer, outer_path, phase, f"the {given} handed to {_who(layer, path)}", args[:1])
            self.running.append((layer, path))
            result = run(*args, **kwargs)
            self.running.pop()
            self._hear(layer, path, phase, made, result)
            if phase == BACKWARD and self.found is None:
                for weight in layer.own_weights:
                    if weight.trainable:
                        self._hear(layer, path, phase, f"the gradient of '{weight.name}'", weight.grad, by_row=False)
            return result

        return listening

    def _hear(self, layer: Layer, path: str, phase: str, what: str, values: Any, by_row: bool = True) -> None:
        if self.found is not None and (self.found.rows is not None or self.found.phase != phase):
            return
        arrays = list(_arrays(values))
        bad = first_bad(arrays)
        if bad is None:
            return
        rows = bad_rows(arrays, self.count, self.first) if by_row else None
        if self.found is None:
            self.found = Culprit(_who(layer, path), path, phase, what, bad, rows)
        else:  # what was found lies in a layer that knows no rows, as a TimeDistributed's; one around it does
            self.found.rows = rows


def bad_rows(arrays: list[np.ndarray], count: int, first: int = 0) -> list[int] | None:
    """The rows that hold numbers that are not finite, counted from `first`, where the first axis is the batch's."""
    found: set[int] = set()
    for array in arrays:
        if array.ndim and len(array) == count and array.dtype.kind == "f":
            finite = np.isfinite(array).reshape(count, -1).all(axis=1)
            found |= {first + int(row) for row in np.flatnonzero(~finite)}
    return sorted(found) or None


def first_bad(arrays: list[np.ndarray]) -> float | None:
    """The first number among floats that is not finite."""
    for array in arrays:
        if array.dtype.kind == "f":
            finite = np.isfinite(array)
            if not finite.all():
                return float(array[~finite].flat[0])
    return None


def _who(layer: Layer, path: str) -> str:
    return f"layer '{path or layer.name}' ({type(layer).__name__})"


def _arrays(values: Any) -> Iterator[np.ndarray]:
    if isinstance(values, np.ndarray):
        yield values
    elif isinstance(values, list | tuple):
        for value in values:
            yield from _arrays(value)
