"""How far predicted numbers are from true ones."""

import math

import numpy as np

from ..losses import (
    cosine_similarity,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)
from .base import registry
from .mean import MeanMetricWrapper
from .shapes import paired


class MeanSquaredError(MeanMetricWrapper):
    """The weighted mean of mean((y_true - y_pred)²), the inner mean over the last axis.

    Shapes: y_true and y_pred `(batch, ...)`. Raises ShapeError for any other pair.

    >>> MeanSquaredError()([[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [0.0, 0.0]])
    0.25
    """

    def __init__(self, name: str | None = "mean_squared_error", dtype: str | None = None):
        super().__init__(mean_squared_error, name, dtype)


def _squared_error(y_true, y_pred) -> np.ndarray:
    y_true, y_pred = paired("squared error", y_true, y_pred)
    return np.square(y_pred - y_true.astype(y_pred.dtype, copy=False))


class RootMeanSquaredError(MeanMetricWrapper):
    """The square root of the weighted mean of (y_true - y_pred)².

    Shapes: y_true and y_pred `(batch, ...)`. Raises ShapeError for any other pair.

    >>> RootMeanSquaredError()([[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [0.0, 0.0]])
    0.5
    """

    def __init__(self, name: str | None = "root_mean_squared_error", dtype: str | None = None):
        super().__init__(_squared_error, name, dtype)

    def result(self) -> float:
        mean = super().result()
        return math.sqrt(mean) if mean >= 0 else math.nan  # weights may be negative


class MeanAbsoluteError(MeanMetricWrapper):
    """The weighted mean of mean(|y_true - y_pred|), the inner mean over the last axis.

    Shapes: y_true and y_pred `(batch, ...)`. Raises ShapeError for any other pair.

    >>> MeanAbsoluteError()([[0.0, 1.0], [0.0, 0.0]], [[1.0, 1.0], [0.0, 0.0]])
    0.25
    """

    def __init__(self, name: str | None = "mean_absolute_error", dtype: str | None = None):
        super().__init__(mean_absolute_error, name, dtype)


class MeanAbsolutePercentageError(MeanMetricWrapper):
    """The weighted mean of 100 mean(|y_true - y_pred| / |y_true|), the inner mean over the last axis.

    Shapes: y_true and y_pred `(batch, ...)`. Raises ShapeError for any other pair.

    >>> MeanAbsolutePercentageError()([[2.0, 4.0]], [[1.0, 4.0]])
    25.0
    """

    def __init__(self, name: str | None = "mean_absolute_percentage_error", dtype: str | None = None):
        super().__init__(mean_absolute_percentage_error, name, dtype)


class MeanSquaredLogarithmicError(MeanMetricWrapper):
    """The weighted mean of mean((log(1 + y_true) - log(1 + y_pred))²), the inner mean over the last axis.

    Shapes: y_true and y_pred `(batch, ...)`. Raises ShapeError for any other pair.

    >>> round(MeanSquaredLogarithmicError()([[0.0, 1.0]], [[0.0, 0.0]]), 4)
    0.2402
    """

    def __init__(self, name: str | None = "mean_squared_logarithmic_error", dtype: str | None = None):
        super().__init__(mean_squared_logarithmic_error, name, dtype)


class LogCoshError(MeanMetricWrapper):
    """The weighted mean of mean(log(cosh(y_pred - y_true))), the inner mean over the last axis.

    Shapes: y_true and y_pred `(batch, ...)`. Raises ShapeError for any other pair.

    >>> round(LogCoshError()([[0.0, 1.0]], [[1.0, 1.0]]), 4)
    0.2169
    """

    def __init__(self, name: str | None = "logcosh", dtype: str | None = None):
        super().__init__(log_cosh, name, dtype)


def _cosine(y_true, y_pred, axis: int) -> np.ndarray:
    return -cosine_similarity(y_true, y_pred, axis=axis)


class CosineSimilarity(MeanMetricWrapper):
    """The weighted mean of sum(t · p), t and p being y_true and y_pred of length 1 along `axis`.

    The loss of that name is its negative.

    Shapes: y_true and y_pred `(batch, ..., features)`. Raises ShapeError for any other pair.

    >>> round(CosineSimilarity()([[0.0, 1.0], [1.0, 1.0]], [[1.0, 0.0], [1.0, 1.0]]), 4)
    0.5
    """

    def __init__(self, name: str | None = "cosine_similarity", dtype: str | None = None, axis: int = -1):
        self.axis = axis
        super().__init__(_cosine, name, dtype, axis=axis)


registry.add(MeanSquaredError, "mse", "MSE", function=mean_squared_error)
registry.add(RootMeanSquaredError, "rmse", "RMSE")
registry.add(MeanAbsoluteError, "mae", "MAE", function=mean_absolute_error)
registry.add(MeanAbsolutePercentageError, "mape", "MAPE", function=mean_absolute_percentage_error)
registry.add(MeanSquaredLogarithmicError, "msle", "MSLE", function=mean_squared_logarithmic_error)
registry.add(LogCoshError, function=log_cosh)
registry.add(CosineSimilarity)
