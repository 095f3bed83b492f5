"""Hinge losses: nothing to pay beyond a margin. Labels y are -1 and 1; labels 0 and 1 are read as these."""

import numpy as np

from .base import PlainLoss, per_sample, registry
from .elementwise import Elementwise


class Hinge(Elementwise):
    """f = max(1 - y·p, 0);  f' = -y where 1 - y·p ≥ 0, else 0;  the mean along the last axis.

    Shapes: y_true and y_pred ``(batch, ..., features)``.

    >>> Hinge()([[0.0, 1.0]], [[0.5, 0.5]])
    np.float32(1.0)
    """

    def values(self, y_true, y_pred):
        return super().values(signs(y_true), y_pred)

    def element(self, y, p):
        return np.maximum(1 - y * p, 0)

    def slope(self, y, p):
        return -y * (y * p <= 1)


class SquaredHinge(Hinge):
    """f = max(1 - y·p, 0)²;  f' = -2·y·max(1 - y·p, 0);  the mean along the last axis.

    Shapes: y_true and y_pred ``(batch, ..., features)``.

    >>> SquaredHinge()([[0.0, 1.0]], [[0.5, 0.5]])
    np.float32(1.25)
    """

    def element(self, y, p):
        return np.square(np.maximum(1 - y * p, 0))

    def slope(self, y, p):
        return -2 * y * np.maximum(1 - y * p, 0)


class CategoricalHinge(PlainLoss):
    """v = max(m, 0), m = 1 + max((1 - y)·p) - Σ y·p for one-hot y;  dp = dv·([largest]·(1 - y) - y) where m ≥ 0.

    [largest] is 1 at the largest of (1 - y)·p; several that are equally large share it.

    Shapes: y_true and y_pred ``(batch, ..., classes)``.

    >>> CategoricalHinge()([[0.0, 1.0]], [[0.5, 0.25]])
    np.float32(1.25)
    """

    def values(self, y_true, y_pred):
        wrong = (1 - y_true) * y_pred
        worst = wrong.max(axis=-1, keepdims=True)
        margin = 1 + worst[..., 0] - (y_true * y_pred).sum(axis=-1)
        self.saved = y_true, wrong == worst, margin
        return np.maximum(margin, 0)

    def gradient(self, dv):
        y, largest, margin = self.saved
        share = largest / largest.sum(axis=-1, keepdims=True, dtype=y.dtype)
        return self.spread(dv * (margin >= 0)) * (share * (1 - y) - y)


def signs(y: np.ndarray) -> np.ndarray:
    """Labels as -1 and 1, where all of them are 0 or 1."""
    return 2 * y - 1 if ((y == 0) | (y == 1)).all() else y


def hinge(y_true, y_pred) -> np.ndarray:
    """Σ max(1 - y·p, 0) / n of each sample.

    >>> hinge([[-1.0, 1.0]], [[0.5, 0.5]])
    array([1.], dtype=float32)
    """
    return per_sample(Hinge(), y_true, y_pred)


def squared_hinge(y_true, y_pred) -> np.ndarray:
    """Σ max(1 - y·p, 0)² / n of each sample.

    >>> squared_hinge([[-1.0, 1.0]], [[0.5, 0.5]])
    array([1.25], dtype=float32)
    """
    return per_sample(SquaredHinge(), y_true, y_pred)


def categorical_hinge(y_true, y_pred) -> np.ndarray:
    """max(1 + max((1 - y)·p) - Σ y·p, 0) of each sample.

    >>> categorical_hinge([[0.0, 1.0]], [[0.5, 0.25]])
    array([1.25], dtype=float32)
    """
    return per_sample(CategoricalHinge(), y_true, y_pred)


registry.add(Hinge, "hinge", function=hinge)
registry.add(SquaredHinge, "squared_hinge", function=squared_hinge)
registry.add(CategoricalHinge, "categorical_hinge", function=categorical_hinge)
