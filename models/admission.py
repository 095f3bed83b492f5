"""What is let in: samples and batches that the model, its loss and its metrics can take; any other is refused."""

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import DataError, LaminaError, ShapeError
from ..losses.class_numbers import ClassNumbers
from .batches import Batch
from .entrance import check_finite, class_weights, join_weights
from .objective import Objective
from .sources import Arrays, Source

if TYPE_CHECKING:
    from .model import Model


def admit_all(model: "Model", objective: Objective | None, source: Source, what: str) -> None:
    """Check all samples before the first step; those that come one by one are checked as they come."""
    if not isinstance(source, Arrays):
        return
    samples = source.samples
    lazy = source.lazy
    if not lazy:
        _check_numbers(model, samples, what)
    first = source.take(slice(0, min(source.count, source.batch_size)))
    x = admit(model, objective, first, what, finite=lazy).x
    source.ready = x is first.x and not lazy
    if not lazy and objective is not None and samples.y is not None:
        objective.loss.check_targets(samples.y, model.compute_output_shape((None, *x.shape[1:])), f"{what}y")


def admit(
    model: "Model", objective: Objective | None, batch: Batch, what: str = "", class_weight=None, finite: bool = True
) -> Batch:
    """A batch that the model, its loss and its metrics can take, in the model's float type; any other is refused."""
    if finite:
        _check_numbers(model, batch, what)
    if objective is not None and batch.y is None:
        raise DataError(f"{what}y is missing", expected="a target for each sample", received="None")
    x = model.as_input(batch.x)
    try:
        output = model._admit_shape(x.shape)
    except ShapeError as error:
        error.problem = f"{what}x: {error.problem}" if what else error.problem
        raise
    if objective is None:
        return Batch(x)
    if finite:
        objective.loss.check_targets(batch.y, output, f"{what}y")
    objective.resolve(batch.y.shape, output)
    weight = batch.sample_weight
    if class_weight is not None:
        weight = join_weights(_by_class(objective, batch.y, class_weight, output, whole=False), weight)
    return Batch(x, batch.y, weight)


def ready(
    model: "Model",
    objective: Objective | None,
    source: Source,
    batch: Batch,
    number: int,
    epoch: int | None = None,
    class_weight=None,
) -> Batch:
    """A batch for its step: one of arrays was looked at before, and at most changes its type.

    A refusal says which batch of which epoch it was, both counted from 0; outside of training there is no epoch.
    """
    if isinstance(source, Arrays) and not source.lazy:
        if source.ready:
            return batch
        x = model.as_input(batch.x)
        return batch if x is batch.x else batch._replace(x=x)
    try:
        return admit(model, objective, batch, class_weight=class_weight)
    except LaminaError as error:
        call = "predict" if objective is None else "evaluate"
        error.problem += (
            f" in batch {number + 1} of {call}" if epoch is None else f" in epoch {epoch + 1}, step {number + 1}"
        )
        raise


def _check_numbers(model: "Model", samples: Batch, what: str) -> None:
    for part, name in zip(samples, ("x", "y", "sample_weight"), strict=True):
        if part is not None:
            check_finite(part, what + name, model.dtype)


def is_sparse(objective: Objective) -> bool:
    """Whether targets are class numbers, not one row a sample."""
    return isinstance(objective.loss, ClassNumbers)


def weigh(model: "Model", source: Source, objective: Objective, class_weight: dict[int, float] | str | None) -> None:
    """Multiply the class weights into the samples' once, where all samples are at hand."""
    if class_weight is None:
        return
    if isinstance(source, Arrays):
        samples = source.samples
        output = model.compute_output_shape((None, *samples.x.shape[1:]))
        by_class = _by_class(objective, samples.y, class_weight, output)
        source.samples = samples._replace(sample_weight=join_weights(by_class, samples.sample_weight))
    elif isinstance(class_weight, str):
        raise DataError(
            f"class_weight={class_weight!r}",
            expected="arrays, whose classes can be counted before the first step",
            received="batches that come one by one",
            mend="count the classes yourself, and pass {class: weight}",
        )


def _by_class(objective: Objective, y: Any, class_weight: Any, output: tuple, whole: bool = True) -> np.ndarray:
    """The weight of each sample (or step) by its class. Targets with an axis less than the output are class numbers."""
    numbers = is_sparse(objective) or y.ndim < len(output)
    ignored = getattr(objective.loss, "ignore_class", None)
    return class_weights(y, class_weight, numbers, ignored, whole)
