"""The loops over epochs and batches behind `fit`, `evaluate` and `predict`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import config
from ..callbacks import CallbackList
from ..errors import DataError, OptionError
from ..losses.class_numbers import ClassNumbers
from .entrance import check_finite, class_weights, is_lazy, join_weights
from .objective import Objective
from .passes import Passes
from .sources import Arrays, Batch, Epochs, Source, as_source
from .step import Step, as_float
from .suspicions import look_at_setup

if TYPE_CHECKING:
    from .model import Model


@dataclass
class TrainingData:
    """The arguments of `fit` that say what to train on."""

    x: Any
    y: Any
    sample_weight: Any
    class_weight: dict[int, float] | str | None
    batch_size: int | None
    shuffle: bool
    steps: int | None


@dataclass
class Validation:
    """The arguments of `fit` that say what to look at after an epoch, and when."""

    data: Any
    split: float
    steps: int | None
    batch_size: int | None
    freq: Any

    def due(self, epoch: int) -> bool:
        """Whether the epoch, counted from 1, is one after which to look."""
        return epoch % self.freq == 0 if isinstance(self.freq, int) else epoch in self.freq

    def source(self, training: Source, text: bool) -> tuple[Source, Source | None]:
        """What is trained on, and what is looked at after an epoch."""
        if not isinstance(self.freq, list | tuple | set) and (not isinstance(self.freq, int) or self.freq < 1):
            raise OptionError(
                "fit(validation_freq=...)", expected="a whole number of 1 or more, or a list", received=repr(self.freq)
            )
        if self.data is not None:
            parts = self.data if isinstance(self.data, tuple | list) else (self.data,)
            if isinstance(self.data, tuple | list) and len(parts) not in (2, 3):
                raise OptionError(
                    "fit(validation_data=...)",
                    expected="(x, y) or (x, y, sample_weight)",
                    received=f"{len(parts)} parts",
                )
            x, y, weight = (*parts, None, None)[:3]
            return training, as_source(x, y, weight, self.batch_size if y is not None else None, text)
        if self.split:
            if not isinstance(training, Arrays):
                raise OptionError(
                    "fit(validation_split=...)",
                    expected="arrays to split",
                    received="batches that come one by one",
                    mend="pass validation_data",
                )
            return training.split(self.split)
        return training, None


@dataclass
class Plan:
    """The arguments of `fit` that say how long to train, and who listens."""

    epochs: int
    initial_epoch: int
    verbose: int | str
    callbacks: Any


def fit(model: "Model", objective: Objective, data: TrainingData, validation: Validation, plan: Plan):
    """Train; see `Model.fit`."""
    source = as_source(data.x, data.y, data.sample_weight, data.batch_size, model.takes_text)
    whole = source
    source, held_out = validation.source(source, model.takes_text)
    admit_all(model, objective, source, "")
    if held_out is not None:
        admit_all(model, objective, held_out, "validation ")
    _weigh(model, source, objective, data.class_weight)

    limit = config.max_steps_per_epoch()
    batches = Epochs(source, data.steps, limit, model._generator if data.shuffle else None)
    watched = None if held_out is None else Epochs(held_out, validation.steps, limit)
    epochs = min(plan.epochs, config.max_epochs() or plan.epochs)

    callbacks = CallbackList.of(
        plan.callbacks, model, add_history=True, verbose=plan.verbose, epochs=epochs, steps=batches.steps
    )
    model.stop_training = False
    objective.health.begin(callbacks.callbacks, source)
    objective.health.suspicions.told_output = look_at_setup(model, objective, whole, source, held_out, validation.split)
    logs: dict[str, Any] = {}
    callbacks.on_train_begin()
    with Passes(model) as passes:
        for epoch in range(plan.initial_epoch, epochs):
            callbacks.on_epoch_begin(epoch)
            logs = train_epoch(
                model,
                objective,
                passes,
                batches,
                callbacks,
                None if isinstance(source, Arrays) else data.class_weight,
                epoch,
            )
            if watched is not None and validation.due(epoch + 1):
                results = test_epoch(model, objective, passes, watched, callbacks)
                logs |= {f"val_{name}": value for name, value in results.items()}
            callbacks.on_epoch_end(epoch, logs)
            if model.stop_training:
                break
    model.optimizer.finalize_variable_values(model.trainable_variables)
    callbacks.on_train_end(logs)
    model.forget()
    return model.history


def train_epoch(
    model: "Model",
    objective: Objective,
    passes: Passes,
    batches: Epochs,
    callbacks: CallbackList,
    class_weight,
    epoch: int,
) -> dict:
    """One epoch of training: its running results by name."""
    objective.reset()
    step, number = None, -1
    for number, batch in enumerate(batches):
        admitted = _ready(model, objective, batches, batch, class_weight)
        step = step or Step(model, objective, passes)  # once the first batch has built the model
        callbacks.on_train_batch_begin(number)
        step.train(admitted, (epoch, number))
        if callbacks.hears_train_batches:
            callbacks.on_train_batch_end(number, floats(objective.results()))
        if model.stop_training:
            break
    if number < 0:
        raise DataError(
            "no batch to train on", expected="at least one", received="none: the generator is used up or empty"
        )
    objective.health.end_epoch(model, (epoch, number))
    return floats(objective.results())


def test_epoch(model: "Model", objective: Objective, passes: Passes, batches: Epochs, callbacks: CallbackList) -> dict:
    """The results on all batches, nothing changed."""
    objective.reset()
    callbacks.on_test_begin()
    step, number = None, -1
    for number, batch in enumerate(batches):
        admitted = _ready(model, objective, batches, batch)
        step = step or Step(model, objective, passes)
        callbacks.on_test_batch_begin(number)
        step.test(admitted)
        if callbacks.hears_test_batches:
            callbacks.on_test_batch_end(number, floats(objective.results()))
    if number < 0:
        raise DataError("no batch to evaluate on", expected="at least one", received="none")
    results = floats(objective.results())
    callbacks.on_test_end(results)
    return results


def evaluate(model: "Model", objective: Objective, source: Source, steps, verbose, callbacks) -> dict[str, Any]:
    """The results on a source; see `Model.evaluate`."""
    admit_all(model, objective, source, "")
    batches = Epochs(source, steps, config.max_steps_per_epoch())
    listeners = CallbackList.of(callbacks, model, verbose=verbose, epochs=1, steps=batches.steps)
    with Passes(model) as passes:
        return test_epoch(model, objective, passes, batches, listeners)


def predict(model: "Model", source: Source, steps, verbose, callbacks) -> np.ndarray:
    """The outputs on a source; see `Model.predict`."""
    admit_all(model, None, source, "")
    batches = Epochs(source, steps, config.max_steps_per_epoch())
    listeners = CallbackList.of(callbacks, model, verbose=verbose, epochs=1, steps=batches.steps)
    outputs = []
    listeners.on_predict_begin()
    with Passes(model) as passes:
        for number, batch in enumerate(batches):
            admitted = _ready(model, None, batches, Batch(batch.x))
            listeners.on_predict_batch_begin(number)
            outputs.append(passes.forward(admitted.x, training=False)[0])
            if listeners.hears_predict_batches:
                listeners.on_predict_batch_end(number, {"outputs": outputs[-1]})
    listeners.on_predict_end()
    if not outputs:
        raise DataError("no batch to predict", expected="at least one", received="none")
    return np.concatenate(outputs)


# -- what is let in
def admit_all(model: "Model", objective: Objective | None, source: Source, what: str) -> None:
    """Check all samples before the first step; those that come one by one are checked as they come."""
    if not isinstance(source, Arrays):
        return
    samples = source.samples
    lazy = any(is_lazy(part) for part in samples)
    if not lazy:
        _check_numbers(model, samples, what)
    first = source.take(slice(0, min(source.count, source.batch_size)))
    admit(model, objective, first, what, finite=lazy)
    if not lazy and objective is not None and samples.y is not None:
        objective.loss.check_targets(samples.y, model.compute_output_shape((None, *samples.x.shape[1:])), f"{what}y")


def admit(
    model: "Model", objective: Objective | None, batch: Batch, what: str = "", class_weight=None, finite: bool = True
) -> Batch:
    """A batch that the model, its loss and its metrics can take, in the model's float type; any other is refused."""
    if finite:
        _check_numbers(model, batch, what)
    if objective is not None and batch.y is None:
        raise DataError(f"{what}y is missing", expected="a target for each sample", received="None")
    x = model.as_input(batch.x)
    output = model._admit_shape(x.shape)
    if objective is None:
        return Batch(x)
    if finite:
        objective.loss.check_targets(batch.y, output, f"{what}y")
    objective.resolve(batch.y.shape, output)
    weight = batch.sample_weight
    if class_weight is not None:
        weight = join_weights(_by_class(objective, batch.y, class_weight, output), weight)
    return Batch(x, batch.y, weight)


def _ready(model: "Model", objective: Objective | None, batches: Epochs, batch: Batch, class_weight=None) -> Batch:
    """A batch for its step: one of arrays was looked at before, and only changes its type."""
    source = batches.source
    if isinstance(source, Arrays) and not any(is_lazy(part) for part in source.samples):
        return Batch(model.as_input(batch.x), batch.y, batch.sample_weight)
    return admit(model, objective, batch, class_weight=class_weight)


def _check_numbers(model: "Model", samples: Batch, what: str) -> None:
    for part, name in zip(samples, ("x", "y", "sample_weight"), strict=True):
        if part is not None:
            check_finite(part, what + name, model.dtype)


def is_sparse(objective: Objective) -> bool:
    """Whether targets are class numbers, not one row a sample."""
    return isinstance(objective.loss, ClassNumbers)


def _weigh(model: "Model", source: Source, objective: Objective, class_weight: dict[int, float] | str | None) -> None:
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


def _by_class(objective: Objective, y: Any, class_weight: Any, output: tuple) -> np.ndarray:
    """The weight of each sample (or step) by its class. Targets with an axis less than the output are class numbers."""
    numbers = is_sparse(objective) or y.ndim < len(output)
    return class_weights(y, class_weight, numbers, ignored=getattr(objective.loss, "ignore_class", None))


# -- what comes out
def floats(results: dict[str, Any]) -> dict[str, Any]:
    """Results as plain numbers (arrays where a metric gives several)."""
    return {name: as_float(value) for name, value in results.items()}


def as_results(results: dict[str, Any]):
    """What `evaluate` gives: the loss alone, or a list with the metrics."""
    values = list(floats(results).values())
    return values[0] if len(values) == 1 else values
