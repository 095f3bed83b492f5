"""The loops over batches behind `evaluate` and `predict`, and the look at validation data after an epoch."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import config
from ..callbacks import CallbackList
from ..callbacks.progress import VERBOSE
from ..errors import DataError
from ..ops.room import in_huge_pages
from ..utils.advice import advise
from ..utils.checks import one_of, positive_int, unless_none
from .admission import admit_all, ready
from .batches import Batch
from .epochs import Epochs
from .objective import Objective
from .passes import Passes
from .sources import Source
from .step import Step, as_float

if TYPE_CHECKING:
    from .model import Model


def test_epoch(model: "Model", objective: Objective, passes: Passes, batches: Epochs, callbacks: CallbackList) -> dict:
    """The results on all batches, nothing changed."""
    objective.reset(batches.source.lasting)
    callbacks.on_test_begin()
    step, number, heard = None, -1, callbacks.hears_batches("test")
    admitted = (ready(model, objective, batches.source, batch, place) for place, batch in enumerate(batches))
    for number, (batch, y_pred, mask) in enumerate(passes.outputs(admitted, batches.source.lasting)):
        step = step or Step(model, objective, passes)
        if heard:
            callbacks.on_test_batch_begin(number)
        step.test(batch, y_pred, mask)
        if heard:
            callbacks.on_test_batch_end(number, floats(objective.results()))
    batches.begin_anew()  # so that each epoch is looked at on the same batches
    if number < 0 and batches.passes < 2:
        raise DataError("no batch to evaluate on", expected="at least one", received="none")
    if number < 0:
        advise("the validation generator is used up: nothing was looked at after this epoch. Give steps, or arrays")
    results = floats(objective.results()) if number >= 0 else {}
    callbacks.on_test_end(results)
    return results


def evaluate(model: "Model", objective: Objective, source: Source, steps, verbose, callbacks) -> None:
    """Let the objective gather the results on a source; see `Model.evaluate`."""
    batches, listeners = _prepared("evaluate", model, source, steps, verbose, callbacks)
    admit_all(model, objective, source, "")
    objective.health.told_evaluation = False
    try:
        with Passes(model, steps=batches.steps) as passes:
            test_epoch(model, objective, passes, batches, listeners)
    finally:
        objective.settle()
        listeners.close_bars()


def predict(model: "Model", source: Source, steps, verbose, callbacks) -> np.ndarray:
    """The outputs on a source; see `Model.predict`."""
    batches, listeners = _prepared("predict", model, source, steps, verbose, callbacks)
    admit_all(model, None, source, "")
    outputs, heard = Gathered(source.count or 0), listeners.hears_batches("predict")
    listeners.on_predict_begin()
    try:
        with Passes(model, steps=batches.steps) as passes:
            admitted = (ready(model, None, source, Batch(batch.x), place) for place, batch in enumerate(batches))
            for number, (_, y, _) in enumerate(passes.outputs(admitted, batches.source.lasting)):
                if heard:
                    listeners.on_predict_batch_begin(number)
                y = outputs.add(y)
                if heard:
                    listeners.on_predict_batch_end(number, {"outputs": y})
    finally:
        listeners.close_bars()
    listeners.on_predict_end()
    return outputs.rows()


def _prepared(call: str, model: "Model", source: Source, steps, verbose, callbacks) -> tuple[Epochs, CallbackList]:
    """The batches that a call asks for, and who listens to it."""
    one_of(call, "verbose", verbose, VERBOSE)
    bound = unless_none(positive_int, call, "steps", steps)
    batches = Epochs(source, bound, config.max_steps_per_epoch())
    return batches, CallbackList.of(callbacks, model, verbose=verbose, epochs=1, steps=batches.steps)


# -- what comes out
class Gathered:
    """Outputs that come batch by batch, in one array: room for as many rows as are expected, or for what comes."""

    def __init__(self, expected: int):
        self.expected, self.count = expected, 0
        self._array: np.ndarray | None = None

    def add(self, y: np.ndarray) -> np.ndarray:
        """Put a batch behind the others; gives it in its place."""
        start, self.count = self.count, self.count + len(y)
        if self._array is None:
            shape = max(self.expected, self.count), *y.shape[1:]
            self._array = in_huge_pages(math.prod(shape), y.dtype).reshape(shape)
        if y.shape[1:] != self._array.shape[1:]:
            raise DataError(
                "predict: outputs of different shapes",
                expected=f"(batch, {str(self._array.shape[1:])[1:]} in every batch",
                received=str(y.shape),
                mend="pad the sequences of all batches to one length, or call predict_on_batch for each",
            )
        if self.count > len(self._array):
            self._array = np.concatenate([self._array[:start], np.empty((self.count, *y.shape[1:]), y.dtype)])
        place = self._array[start : self.count]
        place[...] = y
        return place

    def rows(self) -> np.ndarray:
        """All that came."""
        if self._array is None:
            raise DataError("no batch to predict", expected="at least one", received="none")
        return self._array if self.count == len(self._array) else self._array[: self.count].copy()


def floats(results: dict[str, Any]) -> dict[str, Any]:
    """Results as plain numbers (arrays where a metric gives several), in the order of their names, as in Keras."""
    return {name: as_float(value) for name, value in sorted(results.items())}


def as_results(results: dict[str, Any], named: bool):
    """What `evaluate` gives: a dict; or the loss alone, or a list with the metrics in the order of `compile`."""
    if named:
        return floats(results)
    values = [as_float(value) for value in results.values()]
    return values[0] if len(values) == 1 else values
