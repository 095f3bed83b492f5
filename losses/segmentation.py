"""Losses of overlap, for masks of images: shares of what is found of what is there."""

from typing import Any

import numpy as np

from ..config import epsilon
from ..errors import OptionError
from .base import Loss, per_sample, registry


class Overlap(Loss):
    """The parent of losses v = 1 - a / (b + ε), with a and b sums over `axis` (None: over everything).

    dp = dv·(a·b' - a'·(b + ε)) / (b + ε)².
    """

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        axis: Any = None,
        dtype: str | None = None,
    ):
        super().__init__(name, reduction, dtype)
        if axis is not None and not isinstance(axis, int | list | tuple):
            raise OptionError(
                f"{type(self).__name__}(axis=...)", expected="None, an axis or several", received=repr(axis)
            )
        self.axis = axis

    def parts(self, y: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """a and b, one for each place of the axes that are not summed over, with length 1 on those that are."""
        raise NotImplementedError

    def slopes(self, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """da / dp and db / dp."""
        raise NotImplementedError

    def values(self, y_true, y_pred):
        a, b = self.parts(y_true, y_pred)
        b = b + b.dtype.type(epsilon())
        self.saved = y_true, a, b
        return np.squeeze(1 - a / b, axis=self._axes(y_true))

    def gradient(self, dv):
        y, a, b = self.saved
        da, db = self.slopes(y)
        return np.reshape(dv, a.shape) * (a * db - da * b) / b**2

    def _axes(self, y: np.ndarray) -> tuple[int, ...]:
        if self.axis is None:
            return tuple(range(y.ndim))
        return (self.axis,) if isinstance(self.axis, int) else tuple(self.axis)

    def _sum(self, x: np.ndarray) -> np.ndarray:
        return x.sum(axis=self._axes(x), keepdims=True)


class Dice(Overlap):
    """v = 1 - 2·Σ y·p / (Σ y + Σ p + ε).

    Source: Milletari, Navab & Ahmadi, *V-Net* (2016).

    >>> Dice()([[1.0, 0.0]], [[1.0, 0.0]]).round(5)
    np.float32(0.0)
    """

    def parts(self, y, p):
        return 2 * self._sum(y * p), self._sum(y) + self._sum(p)

    def slopes(self, y):
        return 2 * y, np.ones((), y.dtype)


class Tversky(Overlap):
    """v = 1 - T / (T + α·Σ y·(1 - p) + β·Σ (1 - y)·p + ε), with T = Σ y·p.

    Source: Salehi, Erdogmus & Gholipour, *Tversky loss function for image segmentation* (2017).

    >>> Tversky()([[1.0, 0.0]], [[1.0, 0.0]]).round(5)
    np.float32(0.0)
    """

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        axis: Any = None,
        dtype: str | None = None,
    ):
        super().__init__(reduction, name, axis, dtype)
        self.alpha, self.beta = alpha, beta

    def parts(self, y, p):
        hit = self._sum(y * p)
        return hit, hit + self.alpha * self._sum(y * (1 - p)) + self.beta * self._sum((1 - y) * p)

    def slopes(self, y):
        return y, y - self.alpha * y + self.beta * (1 - y)


def dice(y_true, y_pred, axis=None) -> np.ndarray:
    """1 - 2·Σ y·p / (Σ y + Σ p)."""
    return per_sample(Dice(axis=axis), y_true, y_pred)


def tversky(y_true, y_pred, alpha: float = 0.5, beta: float = 0.5, axis=None) -> np.ndarray:
    """1 - T / (T + α·Σ y·(1 - p) + β·Σ (1 - y)·p), with T = Σ y·p."""
    return per_sample(Tversky(alpha, beta, axis=axis), y_true, y_pred)


registry.add(Dice, "dice", function=dice)
registry.add(Tversky, "tversky", function=tversky)
