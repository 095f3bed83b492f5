"""Kullback and Leibler's divergence of two distributions."""

import numpy as np

from ..config import epsilon
from .base import Loss, per_sample, registry


class KLDivergence(Loss):
    """v = Σ y·log(y / p) over the last axis, both held within [ε, 1];  dp = -dv·y / p within the bounds, else 0.

    Source: Kullback & Leibler, *On Information and Sufficiency* (1951).

    >>> KLDivergence()([[0.5, 0.5]], [[0.5, 0.5]])
    np.float32(0.0)
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = None, dtype: str | None = None
    ):
        super().__init__(name, reduction, dtype)

    def values(self, y_true, y_pred):
        least = y_pred.dtype.type(epsilon())
        y, p = np.clip(y_true, least, 1), np.clip(y_pred, least, 1)
        self.saved = y, p, (y_pred >= least) & (y_pred <= 1)
        return (y * np.log(y / p)).sum(axis=-1)

    def gradient(self, dv):
        y, p, inside = self.saved
        return -dv[..., None] * y / p * inside


def kl_divergence(y_true, y_pred) -> np.ndarray:
    """Σ y·log(y / p) of each sample."""
    return per_sample(KLDivergence(), y_true, y_pred)


registry.add(KLDivergence, "kld", "KLD", "kullback_leibler_divergence", "kl_divergence", function=kl_divergence)
