"""Losses of numbers: how far predictions p lie from targets y."""

import math

import numpy as np

from ..config import epsilon
from ..utils.checks import number
from .base import per_sample, registry
from .elementwise import Elementwise


class MeanSquaredError(Elementwise):
    """f = (p - y)²;  f' = 2·(p - y);  the mean along the last axis.

    Shapes: y_true and y_pred ``(batch, ..., features)``.

    >>> MeanSquaredError()([[0.0, 1.0]], [[1.0, 1.0]])
    np.float32(0.5)
    """

    def element(self, y, p):
        error = p - y
        error *= error
        return error

    def slope(self, y, p):
        error = p - y
        error *= 2
        return error


class MeanAbsoluteError(Elementwise):
    """f = |p - y|;  f' = sign(p - y);  the mean along the last axis.

    Shapes: y_true and y_pred ``(batch, ..., features)``.

    >>> MeanAbsoluteError()([[0.0, 1.0]], [[3.0, 1.0]])
    np.float32(1.5)
    """

    def element(self, y, p):
        return np.abs(p - y)

    def slope(self, y, p):
        return np.sign(p - y)


class MeanAbsolutePercentageError(Elementwise):
    """f = 100·|y - p| / max(|y|, ε);  f' = 100·sign(p - y) / max(|y|, ε);  the mean along the last axis.

    Shapes: y_true and y_pred ``(batch, ..., features)``.

    >>> MeanAbsolutePercentageError()([[2.0]], [[3.0]])
    np.float32(50.0)
    """

    def element(self, y, p):
        return 100 * np.abs((y - p) / at_least_epsilon(np.abs(y)))

    def slope(self, y, p):
        return 100 * np.sign(p - y) / at_least_epsilon(np.abs(y))


class MeanSquaredLogarithmicError(Elementwise):
    """f = (log(1 + p) - log(1 + y))², both at least ε;  f' = 2·(log(1 + p) - log(1 + y)) / (1 + p) where p ≥ ε, else 0.

    Shapes: y_true and y_pred ``(batch, ..., features)``; the mean along the last axis.

    >>> MeanSquaredLogarithmicError()([[0.0]], [[np.e - 1]]).round(5)
    np.float32(1.0)
    """

    def element(self, y, p):
        return np.square(self._difference(y, at_least_epsilon(p)))

    def slope(self, y, p):
        held = at_least_epsilon(p)
        return 2 * self._difference(y, held) / (held + 1) * (held == p)

    def _difference(self, y: np.ndarray, held: np.ndarray) -> np.ndarray:
        return np.log(held + 1) - np.log(at_least_epsilon(y) + 1)


class Huber(Elementwise):
    """f = (p - y)² / 2 where |p - y| ≤ δ, else δ·|p - y| - δ² / 2;  f' = p - y, held within ±δ.

    Shapes: y_true and y_pred ``(batch, ..., features)``; the mean along the last axis.

    Raises OptionError for a δ below 0.

    Source: Huber, *Robust Estimation of a Location Parameter* (1964).

    >>> Huber()([[0.0, 0.0]], [[1.0, 3.0]])
    np.float32(1.5)
    """

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "huber_loss",
        dtype: str | None = None,
    ):
        super().__init__(reduction, name, dtype)
        self.delta = number("Huber", "delta", delta, 0)

    def element(self, y, p):
        error = np.abs(p - y)
        near = np.minimum(error, self.delta)
        return near * (error - near / 2)

    def slope(self, y, p):
        return np.clip(p - y, -self.delta, self.delta)


class LogCosh(Elementwise):
    """f = log(cosh(p - y)), as e + log(1 + exp(-2e)) - log 2 for e = |p - y|;  f' = tanh(p - y).

    Shapes: y_true and y_pred ``(batch, ..., features)``; the mean along the last axis.

    >>> LogCosh()([[0.0]], [[0.0]])
    np.float32(0.0)
    """

    def element(self, y, p):
        error = np.abs(p - y)
        return error + np.log1p(np.exp(-2 * error)) - math.log(2)

    def slope(self, y, p):
        return np.tanh(p - y)


class Poisson(Elementwise):
    """f = p - y·log(p + ε);  f' = 1 - y / (p + ε);  the mean along the last axis.

    Shapes: y_true (counts) and y_pred (rates, above 0) ``(batch, ..., features)``.

    >>> Poisson()([[0.0, 0.0]], [[1.0, 3.0]])
    np.float32(2.0)
    """

    def element(self, y, p):
        return p - y * np.log(p + epsilon())

    def slope(self, y, p):
        return 1 - y / (p + epsilon())


def at_least_epsilon(x: np.ndarray) -> np.ndarray:
    """max(x, ε)."""
    return np.maximum(x, epsilon())


def mean_squared_error(y_true, y_pred) -> np.ndarray:
    """Σ (p - y)² / n of each sample.

    >>> mean_squared_error([[0.0, 1.0]], [[1.0, 3.0]]).round(4)
    array([2.5], dtype=float32)
    """
    return per_sample(MeanSquaredError(), y_true, y_pred)


def mean_absolute_error(y_true, y_pred) -> np.ndarray:
    """Σ |p - y| / n of each sample.

    >>> mean_absolute_error([[0.0, 1.0]], [[1.0, 3.0]]).round(4)
    array([1.5], dtype=float32)
    """
    return per_sample(MeanAbsoluteError(), y_true, y_pred)


def mean_absolute_percentage_error(y_true, y_pred) -> np.ndarray:
    """Σ 100·|y - p| / |y| / n of each sample.

    >>> mean_absolute_percentage_error([[2.0, 4.0]], [[1.0, 4.0]]).round(4)
    array([25.], dtype=float32)
    """
    return per_sample(MeanAbsolutePercentageError(), y_true, y_pred)


def mean_squared_logarithmic_error(y_true, y_pred) -> np.ndarray:
    """Σ (log(1 + p) - log(1 + y))² / n of each sample.

    >>> mean_squared_logarithmic_error([[0.0]], [[np.e - 1]]).round(4)
    array([1.], dtype=float32)
    """
    return per_sample(MeanSquaredLogarithmicError(), y_true, y_pred)


def huber(y_true, y_pred, delta: float = 1.0) -> np.ndarray:
    """The Huber loss of each sample.

    >>> huber([[0.0, 0.0]], [[1.0, 3.0]]).round(4)
    array([1.5], dtype=float32)
    """
    return per_sample(Huber(delta), y_true, y_pred)


def log_cosh(y_true, y_pred) -> np.ndarray:
    """Σ log(cosh(p - y)) / n of each sample.

    >>> log_cosh([[0.0]], [[1.0]]).round(4)
    array([0.4338], dtype=float32)
    """
    return per_sample(LogCosh(), y_true, y_pred)


def poisson(y_true, y_pred) -> np.ndarray:
    """Σ (p - y·log p) / n of each sample.

    >>> poisson([[0.0, 0.0]], [[1.0, 3.0]]).round(4)
    array([2.], dtype=float32)
    """
    return per_sample(Poisson(), y_true, y_pred)


registry.add(MeanSquaredError, "mse", "MSE", function=mean_squared_error)
registry.add(MeanAbsoluteError, "mae", "MAE", function=mean_absolute_error)
registry.add(MeanAbsolutePercentageError, "mape", "MAPE", function=mean_absolute_percentage_error)
registry.add(MeanSquaredLogarithmicError, "msle", "MSLE", function=mean_squared_logarithmic_error)
registry.add(Huber, "huber", "huber_loss", function=huber)
registry.add(LogCosh, "logcosh", "log_cosh", function=log_cosh)
registry.add(Poisson, "poisson", function=poisson)
