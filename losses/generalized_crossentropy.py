"""A cross-entropy that wrong labels disturb less."""

import numpy as np

from ..errors import OptionError
from .base import per_sample, registry
from .class_numbers import ClassNumbers


class CategoricalGeneralizedCrossEntropy(ClassNumbers):
    """v = (1 - p_k^q) / q, p_k what is predicted for the true class k;  dp_k = -dv·p_k^(q-1), the others' 0.

    As q nears 0 it becomes the cross-entropy, as it nears 1 the absolute error. p is not held within [ε, 1 - ε] as in
    the other cross-entropies, and is not scaled to a sum of 1.

    Shapes: y_true ``(batch, ...)`` or ``(batch, ..., 1)``, whole numbers; y_pred ``(batch, ..., classes)``.

    Raises OptionError for a q that is not between 0 and 1; DataError and ShapeError as
    `SparseCategoricalCrossentropy`.

    Source: Zhang & Sabuncu, *Generalized Cross Entropy Loss for Training Deep Neural Networks with Noisy Labels*
    (2018).

    >>> CategoricalGeneralizedCrossEntropy()([1], [[0.75, 0.25]])
    np.float32(1.0)
    """

    def __init__(
        self,
        q: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(reduction, name, dtype)
        if isinstance(q, bool) or not isinstance(q, int | float | np.number) or not 0 < q < 1:
            raise OptionError(
                "CategoricalGeneralizedCrossEntropy(q=...)", expected="a number between 0 and 1", received=repr(q)
            )
        self.q = float(q)

    def values(self, y_true, y_pred):
        rows = self.rows(y_pred)  # (samples, classes)
        at_k = np.arange(len(rows)), y_true.ravel()
        # above 0, so that the slope is finite
        p = np.maximum(rows[at_k], np.finfo(rows.dtype).tiny)
        self.saved = p, at_k, y_pred.shape
        return ((1 - p**self.q) / self.q).reshape(y_true.shape)

    def gradient(self, dv):
        p, at_k, shape = self.saved
        dp = np.zeros((len(p), shape[-1]), p.dtype)
        dp[at_k] = -dv.ravel() * p ** (self.q - 1)
        return self.from_rows(dp, shape)


def categorical_generalized_cross_entropy(y_true, y_pred, q: float) -> np.ndarray:
    """(1 - p^q) / q of each sample, p being the probability of its class.

    >>> categorical_generalized_cross_entropy([1], [[0.75, 0.25]], q=0.5)
    array([1.], dtype=float32)
    """
    return per_sample(CategoricalGeneralizedCrossEntropy(q), y_true, y_pred)


registry.add(CategoricalGeneralizedCrossEntropy, function=categorical_generalized_cross_entropy)
