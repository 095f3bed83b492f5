"""Hinge losses: nothing to pay beyond a margin. Labels y are -1 and 1; labels 0 and 1 are read as these."""

import numpy as np

from .base import Elementwise, Loss, per_sample, registry


class Hinge(Elementwise):
    """f = max(1 - y·p, 0);  f' = -y where 1 - y·p > 0, else 0.

    >>> Hinge()([[0.0, 1.0]], [[0.5, 0.5]])
    np.float32(1.0)
    """

    def values(self, y_true, y_pred):
        return super().values(signs(y_true), y_pred)

    def element(self, y, p):
        return np.maximum(1 - y * p, 0)

    def slope(self, y, p):
        return np.where(1 - y * p > 0, -y, 0)


class SquaredHinge(Hinge):
    """f = max(1 - y·p, 0)²;  f' = -2·y·max(1 - y·p, 0).

    >>> SquaredHinge()([[0.0, 1.0]], [[0.5, 0.5]])
    np.float32(1.25)
    """

    def element(self, y, p):
        return np.square(np.maximum(1 - y * p, 0))

    def slope(self, y, p):
        return -2 * y * np.maximum(1 - y * p, 0)


class CategoricalHinge(Loss):
    """v = max(1 + max((1 - y)·p) - Σ y·p, 0) for one-hot y;  dp = dv·([largest wrong class]·(1 - y) - y) where v > 0.

    >>> CategoricalHinge()([[0.0, 1.0]], [[0.5, 0.25]])
    np.float32(1.25)
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = None, dtype: str | None = None
    ):
        super().__init__(name, reduction, dtype)

    def values(self, y_true, y_pred):
        wrong = (1 - y_true) * y_pred
        worst = wrong.max(axis=-1, keepdims=True)
        v = np.maximum(1 + worst[..., 0] - (y_true * y_pred).sum(axis=-1), 0)
        self.saved = y_true, wrong == worst, v > 0
        return v

    def gradient(self, dv):
        y, worst, paid = self.saved
        shared = worst / worst.sum(axis=-1, keepdims=True, dtype=y.dtype)  # ties share
        return (dv * paid)[..., None] * (shared * (1 - y) - y)


def signs(y: np.ndarray) -> np.ndarray:
    """Labels as -1 and 1, where all of them are 0 or 1."""
    return 2 * y - 1 if ((y == 0) | (y == 1)).all() else y


def hinge(y_true, y_pred) -> np.ndarray:
    """Σ max(1 - y·p, 0) / n of each sample."""
    return per_sample(Hinge(), y_true, y_pred)


def squared_hinge(y_true, y_pred) -> np.ndarray:
    """Σ max(1 - y·p, 0)² / n of each sample."""
    return per_sample(SquaredHinge(), y_true, y_pred)


def categorical_hinge(y_true, y_pred) -> np.ndarray:
    """max(1 + max((1 - y)·p) - Σ y·p, 0) of each sample."""
    return per_sample(CategoricalHinge(), y_true, y_pred)


registry.add(Hinge, "hinge", function=hinge)
registry.add(SquaredHinge, "squared_hinge", function=squared_hinge)
registry.add(CategoricalHinge, "categorical_hinge", function=categorical_hinge)
