"""What a model is trained for: its loss, and the metrics that are watched."""

from typing import Any

import numpy as np

from .. import losses, metrics
from ..errors import ArgumentError, OptionError, did_you_mean
from ..layers.weighted import unique_name
from ..utils.checks import number
from .entrance import join_weights
from .health import Health
from .waiting import COUNT, Waiting


class Objective:
    """The loss and the metrics of a compiled model, and their running values over an epoch.

    The loss's running value is the mean over all samples so far, penalties included; the metrics stream.
    """

    def __init__(self, loss, metrics_, weighted_metrics, loss_weights, output_name: str, health: Health):
        self.loss: Any = losses.get(_of_output(loss, "loss", output_name))
        if self.loss is not None and self.loss.reduction in ("none", None):
            raise OptionError(
                f"compile(loss=...): {type(self.loss).__name__}(reduction={self.loss.reduction!r})",
                expected="a loss that gives one number",
                received="one that gives one for each sample",
                mend='leave reduction at "sum_over_batch_size"',
            )
        weight = _of_output(loss_weights, "loss_weights", output_name)
        try:
            self.loss_weight = 1.0 if weight is None else number("compile", "loss_weights", weight)
        except OptionError as error:
            error.mend = "give metrics by name: metrics=[...]"  # they were the third argument in Keras 2
            raise
        self.health = health
        self.asked = [(identifier, False) for identifier in _as_list(metrics_, "metrics", output_name)]
        self.asked += [(identifier, True) for identifier in _as_list(weighted_metrics, "weighted_metrics", output_name)]
        for identifier, _ in self.asked:
            metrics.check(identifier)
        self._metrics: list[metrics.Metric] | None = None  # made when the shapes of y and the output are known
        self._waiting, self._counts, self._unseen = Waiting(), False, False
        self.tracker = metrics.Mean(name="loss")

    def resolve(self, y_shape: tuple, output_shape: tuple) -> None:
        """Make the metrics: what "accuracy" means depends on the shapes."""
        if self._metrics is None:
            self._metrics = [metrics.resolve(identifier, y_shape, output_shape) for identifier, _ in self.asked]
            self._counts = all(type(metric) in COUNT for metric in self._metrics)
            self.names = _unique(self._metrics, [weighted for _, weighted in self.asked])

    @property
    def metrics(self) -> list[metrics.Metric] | None:
        """The metrics, with all batches taken in; None before the shapes are known."""
        self.settle()
        return self._metrics

    def settle(self) -> None:
        """Let the metrics take in the batches that wait."""
        if self._waiting.rows:
            y, y_pred = self._waiting.take()
            for metric in self._metrics or ():
                metric.update_state(y, y_pred)

    def update(self, y, y_pred, weight, mask, loss: float) -> None:
        """Take in one batch."""
        self.tracker.gather(float(loss) * len(y_pred), len(y_pred))
        if not self._metrics:
            return
        if self._counts and self._unseen and weight is mask is None and self._waiting.put(y, y_pred):
            return
        masked = None if mask is None else np.asarray(mask, y_pred.dtype)
        for metric, (_, weighted) in zip(self.metrics or (), self.asked, strict=True):
            metric.update_state(y, y_pred, join_weights(masked, weight) if weighted else masked)

    def results(self) -> dict[str, Any]:
        """The values so far by name, the loss first."""
        found: dict[str, Any] = {"loss": self.tracker.result()}
        for name, metric in zip(self.names, self.metrics, strict=True) if self.metrics else ():
            value = metric.result()
            found |= value if isinstance(value, dict) else {name: value}
        return found

    def reset(self, unseen: bool = False) -> None:
        """Begin anew: a new epoch, or an evaluation.

        unseen : whether batches come without any code of the user's, which may hold a metric and read it
        """
        self._waiting.take()
        self._unseen = unseen
        for metric in [self.tracker, *(self._metrics or ())]:
            metric.reset_state()


def _unique(found: list, weighted: list[bool]) -> list[str]:
    """Names of metrics; a weighted one whose name is taken is called `weighted_...`, others are numbered."""
    names: list[str] = []
    for metric, has_weight in zip(found, weighted, strict=True):
        name = f"weighted_{metric.name}" if has_weight and metric.name in names else metric.name
        names.append(unique_name(name, names))
    return names


def _of_output(value: Any, what: str, output_name: str) -> Any:
    """The entry for the model's output of a dict ``{output name: entry}``; anything else as it is."""
    if isinstance(value, dict) and "class_name" not in value:
        if list(value) != [output_name]:
            wrong = next((key for key in value if key != output_name), None)
            raise OptionError(
                f"compile({what}=...)" if wrong is None else f"compile({what}=...) names no output '{wrong}'",
                expected=f"{{'{output_name}': ...}}",
                received=repr(value),
                mend=None if wrong is None else did_you_mean(wrong, [output_name]),
            )
        return value[output_name]
    return (
        value[0] if what in ("loss", "loss_weights") and isinstance(value, list | tuple) and len(value) == 1 else value
    )


def _as_list(value: Any, what: str, output_name: str) -> list[Any]:
    value = _of_output(value, what, output_name)
    if value is None:
        return []
    if isinstance(value, set | np.ndarray):
        raise ArgumentError(f"compile({what}=...)", expected="a list of metrics", received=repr(value))
    if not isinstance(value, list | tuple):
        return [value]
    nested = len(value) == 1 and isinstance(value[0], list | tuple)
    return list(value[0] if nested else value)
