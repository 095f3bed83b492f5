"""Cross-entropies: how improbable a model's probabilities p make what is true."""

import numpy as np

from ..config import epsilon
from ..utils.checks import number
from .base import Elementwise, Loss, per_sample, registry


class BinaryCrossentropy(Elementwise):
    """The cross-entropy of yes and no: f = -(y·log p + (1 - y)·log(1 - p)), with p held within [ε, 1 - ε].

    f' = (p - y) / (p·(1 - p)) within these bounds, else 0. With `from_logits`, p is sigmoid(z) and
    f = max(z, 0) - z·y + log(1 + exp(-|z|)), f' = p - y by z. Joined with a sigmoid: dz = dv·(p - y) / n.
    `label_smoothing` s moves the labels towards the middle: y·(1 - s) + s / 2. The mean is over `axis`.

    >>> BinaryCrossentropy()([[1.0, 0.0]], [[0.5, 0.5]])
    np.float32(0.6931472)
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(reduction, name, dtype)
        self.from_logits, self.axis = from_logits, axis
        self.label_smoothing = number(type(self).__name__, "label_smoothing", label_smoothing, 0, 1)
        self.joins = None if from_logits else "sigmoid"

    def values(self, y_true, y_pred):
        return super().values(smooth(y_true, self.label_smoothing, 2), y_pred)

    def element(self, y, p):
        return binary_entropy(y, p, self.from_logits)

    def slope(self, y, p):
        if self.from_logits:
            return sigmoid(p) - y
        inside = (p > epsilon()) & (p < 1 - epsilon())
        return np.where(inside, (p - y) / np.where(inside, p * (1 - p), 1), 0)

    def joined_gradient(self, dv):
        y, p = self.saved
        return (p - y) * np.expand_dims(dv / dv.dtype.type(p.shape[self.axis]), self.axis)


def binary_entropy(y: np.ndarray, p: np.ndarray, from_logits: bool) -> np.ndarray:
    """The cross-entropy of each pair of a label and a probability (or a logit)."""
    if from_logits:
        return np.maximum(p, 0) - p * y + np.log1p(np.exp(-np.abs(p)))
    p = clip(p)
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


class CategoricalCrossentropy(Loss):
    """The cross-entropy of one class among several, the target a row of probabilities: v = -Σ y·log p along `axis`.

    p is what y_pred is of its sum, held within [ε, 1 - ε]. With q = y_pred and S = Σ q, where p is within the bounds:
    dq = dv·(Σ y - y / p) / S. With `from_logits`, p is softmax(z), dz = dv·(p·Σ y - y); so too joined with a softmax.
    `label_smoothing` s of n classes makes the labels y·(1 - s) + s / n.

    Raises ShapeError for class numbers in place of rows.

    >>> CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])
    np.float32(0.6931472)
    """

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(name, reduction, dtype)
        self.from_logits, self.axis = from_logits, axis
        self.label_smoothing = number("CategoricalCrossentropy", "label_smoothing", label_smoothing, 0, 1)
        self.joins = None if from_logits or axis != -1 else "softmax"

    def values(self, y_true, y_pred):
        y = smooth(y_true, self.label_smoothing, y_pred.shape[self.axis])
        if self.from_logits:
            log_p = log_softmax(y_pred, self.axis)
            self.saved = y, np.exp(log_p), None
            return -(y * log_p).sum(axis=self.axis)
        total = y_pred.sum(axis=self.axis, keepdims=True)
        p = y_pred / total
        self.saved = y, p, total
        return -(y * np.log(clip(p))).sum(axis=self.axis)

    def gradient(self, dv):
        y, p, total = self.saved
        if total is None:
            return self.joined_gradient(dv)
        dv = np.expand_dims(dv, self.axis)
        dp = -dv * np.where(within(p), y / clip(p), 0)
        return (dp - (dp * p).sum(axis=self.axis, keepdims=True)) / total

    def joined_gradient(self, dv):
        y, p, _ = self.saved
        return (p * y.sum(axis=self.axis, keepdims=True) - y) * np.expand_dims(dv, self.axis)

    def shape_mend(self, target, output):
        if len(target) == len(output) - 1 or target == (*output[:-1], 1):
            return (
                "for class numbers use loss='sparse_categorical_crossentropy', or make rows with utils.to_categorical"
            )
        return super().shape_mend(target, output)


def smooth(y: np.ndarray, smoothing: float, classes: int) -> np.ndarray:
    """Labels moved towards 1 / classes by a share."""
    return y if not smoothing else y * y.dtype.type(1 - smoothing) + y.dtype.type(smoothing / classes)


def clip(p: np.ndarray) -> np.ndarray:
    """Probabilities held within [ε, 1 - ε], so that their logarithms are finite."""
    return np.clip(p, p.dtype.type(epsilon()), p.dtype.type(1 - epsilon()))


def within(p: np.ndarray) -> np.ndarray:
    """Where `clip` changes nothing."""
    return (p >= p.dtype.type(epsilon())) & (p <= p.dtype.type(1 - epsilon()))


def sigmoid(z: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-z)), as (1 + tanh(z / 2)) / 2, which does not overflow."""
    return (np.tanh(z / 2) + 1) / 2


def log_softmax(z: np.ndarray, axis: int) -> np.ndarray:
    """log(exp(z) / Σ exp(z)), with the largest z taken off first."""
    z = z - z.max(axis=axis, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))


def binary_crossentropy(
    y_true, y_pred, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> np.ndarray:
    """The mean binary cross-entropy of each sample."""
    return per_sample(BinaryCrossentropy(from_logits, label_smoothing, axis), y_true, y_pred)


def categorical_crossentropy(
    y_true, y_pred, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> np.ndarray:
    """-Σ y·log p of each sample."""
    return per_sample(CategoricalCrossentropy(from_logits, label_smoothing, axis), y_true, y_pred)


registry.add(BinaryCrossentropy, "bce", "BCE", "binary_crossentropy", function=binary_crossentropy)
registry.add(CategoricalCrossentropy, "categorical_crossentropy", function=categorical_crossentropy)
