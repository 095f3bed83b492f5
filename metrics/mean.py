"""Weighted means and sums of what comes in, and the mean of a function of labels and predictions."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import ArgumentError, ShapeError, did_you_mean
from ..utils.component import parameters, serialize
from ..utils.shapes import align_weights
from .base import STATE, Metric, registry


def total_of(values: np.ndarray) -> float:
    """The sum in double precision; of truth values, how many are true."""
    return float(np.count_nonzero(values) if values.dtype.kind == "b" else values.sum(dtype=np.float64))


class Mean(Metric):
    """The weighted mean: sum(w · m) / sum(w), m the mean of each sample's values.

    Shapes: values `(batch, ...)` or a number; sample_weight the first axes of values, one weight an entry.
    A batch counts by its samples (or the sum of their weights), however many values each of them has.
    With no samples at all the mean is 0.

    Raises ShapeError for weights that don't fit the values.

    >>> mean = Mean()
    >>> mean.update_state([1.0, 3.0, 5.0, 7.0], sample_weight=[1, 1, 0, 0])
    >>> mean.result()
    2.0
    """

    def __init__(self, name: str | None = "mean", dtype: str | None = None):
        super().__init__(dtype, name)
        self.total = self.add_weight(name="total", dtype=STATE)
        self.count = self.add_weight(name="count", dtype=STATE)

    def update_state(self, values, sample_weight=None) -> None:
        values = np.asarray(values)
        if not values.size:
            return
        weight: float = values.size
        if sample_weight is not None:
            weights = align_weights(f"metric '{self.name}'", sample_weight, values.shape)
            values = values * weights
            weight = total_of(weights) * (values.size // weights.size)
        per_sample = values.size // len(values) if values.ndim else 1
        self.gather(total_of(values) / per_sample, weight / per_sample)

    def gather(self, total: float, count: float) -> None:
        """Take in so much, the sum of so many."""
        self.total.value[...] = self.total.value.item() + total
        self.count.value[...] = self.count.value.item() + count

    def result(self) -> float:
        count = float(self.count)
        return float(self.total) / count if count else 0.0


class Sum(Metric):
    """The weighted sum: sum(w · v).

    Shapes: values `(batch, ...)` or a number; sample_weight the first axes of values.
    Raises ShapeError for weights that don't fit the values.

    >>> Sum()([1.0, 3.0, 5.0, 7.0], sample_weight=[1, 1, 0, 0])
    4.0
    """

    def __init__(self, name: str | None = "sum", dtype: str | None = None):
        super().__init__(dtype, name)
        self.total = self.add_weight(name="total", dtype=STATE)

    def update_state(self, values, sample_weight=None) -> None:
        values = np.asarray(values)
        if sample_weight is not None:
            values = values * align_weights(f"metric '{self.name}'", sample_weight, values.shape)
        total = self.total.value
        total += total_of(values)

    def result(self) -> float:
        return float(self.total)


class MeanMetricWrapper(Mean):
    """The weighted mean of fn(y_true, y_pred, **kwargs), a function of NumPy arrays that gives a value a sample.

    Most metrics are this and the name of a function. Labels `(batch,)` meet predictions `(batch, 1)` as `(batch, 1)`;
    any other shapes reach a function of your own as they are.

    Raises ArgumentError for arguments that `fn` does not have; ShapeError where `fn` refuses the shapes, with the
    metric's name, and for weights that don't fit what `fn` gave.

    >>> def off_by(y_true, y_pred, scale=1.0):
    ...     return scale * abs(y_true - y_pred)
    >>> MeanMetricWrapper(off_by, scale=2.0)([[1.0], [2.0]], [[1.5], [1.0]], sample_weight=[2, 1])
    1.3333333333333333
    """

    _given: dict[str, Any]
    _for_fn: dict[str, Any]  # the arguments that are not this class's: `__init__` holds them to fn's

    def __new__(cls, *args, **kwargs):
        known = parameters(cls)
        rest = {name: value for name, value in kwargs.items() if name not in known} if "fn" in known else {}
        self = super().__new__(cls, *args, **{name: kwargs[name] for name in kwargs if name not in rest})
        self._for_fn = rest
        return self

    def __init__(self, fn: Callable[..., Any], name: str | None = None, dtype: str | None = None, **kwargs: Any):
        super().__init__(name, dtype)
        if not callable(fn):
            raise ArgumentError(type(self).__name__, expected="a function of (y_true, y_pred)", received=repr(fn))
        self.fn, self._arguments = fn, kwargs
        self._refuse_unknown()

    def _refuse_unknown(self) -> None:
        if not self._arguments:  # nothing to check, and some callables have no signature to read
            return
        known = inspect.signature(self.fn).parameters
        if any(parameter.kind == parameter.VAR_KEYWORD for parameter in known.values()):
            return
        for name in self._arguments:
            if name not in known:
                own = list(known)[2:]
                mend = did_you_mean(name, own) if own else "give labels and predictions only"
                raise ArgumentError(f"metric '{self.name}': its function has no argument '{name}'", mend=mend)

    def update_state(self, y_true, y_pred, sample_weight=None) -> None:  # type: ignore[override]
        y_true, y_pred = np.asarray(y_true), self._floats(y_pred)
        if (*y_true.shape, 1) == y_pred.shape:
            y_true = y_true[..., np.newaxis]
        try:
            values = self.fn(y_true, y_pred, **self._arguments)
        except ShapeError as error:
            error.problem = f"metric '{self.name}', {error.problem}"
            raise
        super().update_state(values, sample_weight)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config() | serialize(self._for_fn)
        if "fn" not in self._given:  # a subclass brings its own
            config.pop("fn", None)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]):
        if isinstance(config.get("fn"), str | dict):
            from .resolve import function_of  # which imports metrics that are made of this class

            config = config | {"fn": function_of(config["fn"])}
        return super().from_config(config)


MetricWrapper = MeanMetricWrapper

registry.add(Mean)
registry.add(Sum)
registry.add(MeanMetricWrapper)
