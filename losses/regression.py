"""Losses of numbers: how far predictions p lie from targets y."""

import numpy as np

from ..config import epsilon
from ..utils.checks import number
from .base import Elementwise, Loss, per_sample, registry


class MeanSquaredError(Elementwise):
    """f = (p - y)²;  f' = 2·(p - y).

    >>> MeanSquaredError()([[0.0, 1.0]], [[1.0, 1.0]])
    np.float32(0.5)
    """

    def element(self, y, p):
        return np.square(p - y)

    def slope(self, y, p):
        return 2 * (p - y)


class MeanAbsoluteError(Elementwise):
    """f = |p - y|;  f' = sign(p - y).

    >>> MeanAbsoluteError()([[0.0, 1.0]], [[3.0, 1.0]])
    np.float32(1.5)
    """

    def element(self, y, p):
        return np.abs(p - y)

    def slope(self, y, p):
        return np.sign(p - y)


class MeanAbsolutePercentageError(Elementwise):
    """f = 100·|y - p| / max(|y|, ε);  f' = 100·sign(p - y) / max(|y|, ε).

    >>> MeanAbsolutePercentageError()([[2.0]], [[3.0]])
    np.float32(50.0)
    """

    def element(self, y, p):
        return 100 * np.abs((y - p) / np.maximum(np.abs(y), p.dtype.type(epsilon())))

    def slope(self, y, p):
        return 100 * np.sign(p - y) / np.maximum(np.abs(y), p.dtype.type(epsilon()))


class MeanSquaredLogarithmicError(Elementwise):
    """f = (log(1 + p) - log(1 + y))², both at least ε;  f' = 2·(log(1 + p) - log(1 + y)) / (1 + p) where p ≥ ε, else 0.

    >>> MeanSquaredLogarithmicError()([[0.0]], [[np.e - 1]]).round(5)
    np.float32(1.0)
    """

    def element(self, y, p):
        return np.square(self._difference(y, p))

    def slope(self, y, p):
        return np.where(p >= epsilon(), 2 * self._difference(y, p) / (1 + np.maximum(p, p.dtype.type(epsilon()))), 0)

    def _difference(self, y, p):
        least = p.dtype.type(epsilon())
        return np.log(np.maximum(p, least) + 1) - np.log(np.maximum(y, least) + 1)


class Huber(Elementwise):
    """f = (p - y)² / 2 where |p - y| ≤ δ, else δ·|p - y| - δ² / 2;  f' = p - y, held within ±δ.

    Source: Huber, *Robust Estimation of a Location Parameter* (1964).

    >>> Huber()([[0.0, 0.0]], [[1.0, 3.0]])
    np.float32(1.5)
    """

    def __init__(
        self, delta: float = 1.0, reduction="sum_over_batch_size", name: str | None = "huber_loss", dtype=None
    ):
        super().__init__(reduction, name, dtype)
        self.delta = number("Huber", "delta", delta, 0)

    def element(self, y, p):
        error = np.abs(p - y)
        near = np.minimum(error, error.dtype.type(self.delta))
        return near * (error - near / 2)

    def slope(self, y, p):
        return np.clip(p - y, -self.delta, self.delta)


class LogCosh(Elementwise):
    """f = log(cosh(p - y)), as e + log(1 + exp(-2e)) - log 2 for e = |p - y|;  f' = tanh(p - y).

    >>> LogCosh()([[0.0]], [[0.0]])
    np.float32(0.0)
    """

    def element(self, y, p):
        error = np.abs(p - y)
        return error + np.log1p(np.exp(-2 * error)) - error.dtype.type(np.log(2))

    def slope(self, y, p):
        return np.tanh(p - y)


class Poisson(Elementwise):
    """f = p - y·log(p + ε);  f' = 1 - y / (p + ε).

    >>> Poisson()([[0.0, 0.0]], [[1.0, 3.0]])
    np.float32(2.0)
    """

    def element(self, y, p):
        return p - y * np.log(p + p.dtype.type(epsilon()))

    def slope(self, y, p):
        return 1 - y / (p + p.dtype.type(epsilon()))


class CosineSimilarity(Loss):
    r"""v = -û·p̂ along `axis`, with û = y / \|y\| and p̂ = p / \|p\|;  dp = dv·((û·p̂)·p̂ - û) / \|p\|.

    -1 where both point the same way, 1 where they point opposite ways.

    >>> CosineSimilarity()([[0.0, 2.0]], [[0.0, 3.0]])
    np.float32(-1.0)
    """

    def __init__(self, axis: int = -1, reduction="sum_over_batch_size", name: str | None = None, dtype=None):
        super().__init__(name, reduction, dtype)
        self.axis = axis

    def values(self, y_true, y_pred):
        u, q = _unit(y_true, self.axis)[0], _unit(y_pred, self.axis)
        cosine = (u * q[0]).sum(axis=self.axis)
        self.saved = u, *q, cosine
        return -cosine

    def gradient(self, dv):
        u, q, inverse, cosine = self.saved
        return np.expand_dims(dv, self.axis) * (np.expand_dims(cosine, self.axis) * q - u) * inverse


def _unit(x: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """x over its length, and 1 / length; a length below ε counts as ε."""
    with np.errstate(divide="ignore"):
        inverse = np.minimum(1 / np.sqrt(np.square(x).sum(axis=axis, keepdims=True)), x.dtype.type(1 / epsilon()))
    return x * inverse, inverse


def mean_squared_error(y_true, y_pred) -> np.ndarray:
    """Σ (p - y)² / n of each sample."""
    return per_sample(MeanSquaredError(), y_true, y_pred)


def mean_absolute_error(y_true, y_pred) -> np.ndarray:
    """Σ |p - y| / n of each sample."""
    return per_sample(MeanAbsoluteError(), y_true, y_pred)


def mean_absolute_percentage_error(y_true, y_pred) -> np.ndarray:
    """Σ 100·|y - p| / |y| / n of each sample."""
    return per_sample(MeanAbsolutePercentageError(), y_true, y_pred)


def mean_squared_logarithmic_error(y_true, y_pred) -> np.ndarray:
    """Σ (log(1 + p) - log(1 + y))² / n of each sample."""
    return per_sample(MeanSquaredLogarithmicError(), y_true, y_pred)


def huber(y_true, y_pred, delta: float = 1.0) -> np.ndarray:
    """The Huber loss of each sample."""
    return per_sample(Huber(delta), y_true, y_pred)


def log_cosh(y_true, y_pred) -> np.ndarray:
    """Σ log(cosh(p - y)) / n of each sample."""
    return per_sample(LogCosh(), y_true, y_pred)


def poisson(y_true, y_pred) -> np.ndarray:
    """Σ (p - y·log p) / n of each sample."""
    return per_sample(Poisson(), y_true, y_pred)


def cosine_similarity(y_true, y_pred, axis: int = -1) -> np.ndarray:
    """The cosine between y and p of each sample, with a minus before it."""
    return per_sample(CosineSimilarity(axis), y_true, y_pred)


registry.add(MeanSquaredError, "mse", "MSE", function=mean_squared_error)
registry.add(MeanAbsoluteError, "mae", "MAE", function=mean_absolute_error)
registry.add(MeanAbsolutePercentageError, "mape", "MAPE", function=mean_absolute_percentage_error)
registry.add(MeanSquaredLogarithmicError, "msle", "MSLE", function=mean_squared_logarithmic_error)
registry.add(Huber, "huber", "huber_loss", function=huber)
registry.add(LogCosh, "logcosh", "log_cosh", function=log_cosh)
registry.add(Poisson, "poisson", function=poisson)
registry.add(CosineSimilarity, "cosine_similarity", function=cosine_similarity)
