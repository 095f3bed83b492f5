"""The loops over batches behind `evaluate` and `predict`, and the look at validation data after an epoch."""

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import config
from ..callbacks import CallbackList
from ..errors import DataError
from .admission import admit_all, ready
from .epochs import Epochs
from .objective import Objective
from .passes import Passes
from .sources import Batch, Source
from .step import Step, as_float

if TYPE_CHECKING:
    from .model import Model


def test_epoch(model: "Model", objective: Objective, passes: Passes, batches: Epochs, callbacks: CallbackList) -> dict:
    """The results on all batches, nothing changed."""
    objective.reset()
    callbacks.on_test_begin()
    step, number, heard = None, -1, callbacks.hears_batches("test")
    for number, batch in enumerate(batches):
        admitted = ready(model, objective, batches.source, batch)
        step = step or Step(model, objective, passes)
        if heard:
            callbacks.on_test_batch_begin(number)
        step.test(admitted)
        if heard:
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
    objective.health.told_evaluation = False
    with Passes(model, steps=batches.steps) as passes:
        return test_epoch(model, objective, passes, batches, listeners)


def predict(model: "Model", source: Source, steps, verbose, callbacks) -> np.ndarray:
    """The outputs on a source; see `Model.predict`."""
    admit_all(model, None, source, "")
    batches = Epochs(source, steps, config.max_steps_per_epoch())
    listeners = CallbackList.of(callbacks, model, verbose=verbose, epochs=1, steps=batches.steps)
    outputs, heard = [], listeners.hears_batches("predict")
    listeners.on_predict_begin()
    with Passes(model, steps=batches.steps) as passes:
        for number, batch in enumerate(batches):
            admitted = ready(model, None, batches.source, Batch(batch.x))
            if heard:
                listeners.on_predict_batch_begin(number)
            outputs.append(passes.forward(admitted.x, training=False)[0])
            if heard:
                listeners.on_predict_batch_end(number, {"outputs": outputs[-1]})
    listeners.on_predict_end()
    if not outputs:
        raise DataError("no batch to predict", expected="at least one", received="none")
    return np.concatenate(outputs)


# -- what comes out
def floats(results: dict[str, Any]) -> dict[str, Any]:
    """Results as plain numbers (arrays where a metric gives several)."""
    return {name: as_float(value) for name, value in results.items()}


def as_results(results: dict[str, Any]):
    """What `evaluate` gives: the loss alone, or a list with the metrics."""
    values = list(floats(results).values())
    return values[0] if len(values) == 1 else values
