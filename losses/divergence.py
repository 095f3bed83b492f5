"""Kullback and Leibler's divergence of two distributions."""

import numpy as np

from ..config import epsilon
from .base import PlainLoss, per_sample, registry


class KLDivergence(PlainLoss):
    """v = Σ y·log(y / p) over the last axis, both held within [ε, 1];  dp = -dv·y / p within the bounds, else 0.

    Shapes: y_true and y_pred ``(batch, ..., classes)``.

    Source: Kullback & Leibler, *On Information and Sufficiency* (1951).

    >>> KLDivergence()([[0.5, 0.5]], [[0.5, 0.5]])
    np.float32(0.0)
    """

    def values(self, y_true, y_pred):
        y, p = self._hold(y_true), self._hold(y_pred)
        self.saved = y, p, y_pred
        ratio = np.divide(y, p, dtype=np.result_type(y, np.float32))  # 1 / ε is inf in float16
        return (y * np.log(ratio)).sum(axis=-1)

    def gradient(self, dv):
        y, p, given = self.saved
        return self.spread(-dv) * y * (p == given) / p  # what counts not is 0 before 1 / ε comes

    def _hold(self, p: np.ndarray) -> np.ndarray:
        return p.clip(epsilon(), 1)


def kl_divergence(y_true, y_pred) -> np.ndarray:
    """Σ y·log(y / p) of each sample.

    >>> kl_divergence([[0.5, 0.5]], [[0.25, 0.75]]).round(4)
    array([0.1438], dtype=float32)
    """
    return per_sample(KLDivergence(), y_true, y_pred)


registry.add(KLDivergence, "kld", "KLD", "kullback_leibler_divergence", "kl_divergence", function=kl_divergence)
