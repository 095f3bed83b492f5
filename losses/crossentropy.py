"""Cross-entropies: how improbable a model's probabilities p make what is true."""

import numpy as np

from ..activations.sigmoidal import logistic
from ..activations.softmax import log_softmax
from .base import per_sample, registry
from .probabilities import Binary, Categorical, clip


class BinaryCrossentropy(Binary):
    """The cross-entropy of yes and no: f = -(y·log p + (1 - y)·log(1 - p)), with p held within [ε, 1 - ε].

    f' = (p - y) / (p·(1 - p)) within these bounds, else 0. With `from_logits`, p is sigmoid(z) and
    f = max(z, 0) - z·y + log(1 + exp(-|z|)), f' = p - y by z. Joined with a sigmoid: dz = dv·(p - y) / n.
    `label_smoothing` s moves the labels towards the middle: y·(1 - s) + s / 2. The mean is over `axis`.

    Shapes: y_true and y_pred ``(batch, ..., features)``.

    Raises OptionError for a smoothing outside [0, 1] and an `axis` that is no whole number.

    >>> BinaryCrossentropy()([[1.0, 0.0]], [[0.5, 0.5]])
    np.float32(0.6931472)
    """

    joins: str | None = "sigmoid"

    def element(self, y, p):
        return entropy_of_logits(y, p) if self.from_logits else binary_entropy(y, clip(p))

    def slope(self, y, p):
        return logistic(p.copy()) - y if self.from_logits else binary_entropy_slope(y, p)

    def joined_gradient(self, dv):
        y, p = self.saved
        dz = p - y
        dz *= self.spread(dv / p.shape[self.axis])
        return dz


class CategoricalCrossentropy(Categorical):
    """The cross-entropy of one class among several, the target a row of probabilities: v = -Σ y·log p along `axis`.

    p is what y_pred is of its sum, held within [ε, 1 - ε]. With q = y_pred and S = Σ q, where p is within the bounds:
    dq = dv·(Σ y - y / p) / S. With `from_logits`, p is softmax(z), dz = dv·(p·Σ y - y); so too joined with a softmax.
    `label_smoothing` s of n classes makes the labels y·(1 - s) + s / n.

    Shapes: y_true and y_pred ``(batch, ..., classes)``, the classes along `axis`.

    Raises ShapeError for class numbers in place of rows, and for an output of a single class.

    >>> CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])
    np.float32(0.6931472)
    """

    joins: str | None = "softmax"

    def values(self, y_true, y_pred):
        y = self.smoothed(y_true)
        if self.from_logits:
            log_p = log_softmax(y_pred, self.axis)
            self.saved = y, log_p
            return -(y * log_p).sum(axis=self.axis)
        total = y_pred.sum(axis=self.axis, keepdims=True)
        p = y_pred / total
        self.saved = y, p, total
        v = clip(p)
        np.log(v, out=v)
        v *= y
        return -v.sum(axis=self.axis)

    def gradient(self, dv):
        if self.from_logits:
            y, log_p = self.saved
            return self._through_softmax(y, np.exp(log_p), dv)
        y, p, total = self.saved
        kept = clip(p) == p
        share = y * (self.spread(dv) / total)
        share *= kept  # and only now comes p below: 1 / ε would be inf in float16
        return share.sum(axis=self.axis, keepdims=True) - share / np.where(kept, p, 1)

    def joined_gradient(self, dv):
        y, p, _ = self.saved
        return self._through_softmax(y, p, dv)

    def _through_softmax(self, y: np.ndarray, p: np.ndarray, dv: np.ndarray) -> np.ndarray:
        dz = p * y.sum(axis=self.axis, keepdims=True)
        dz -= y
        dz *= self.spread(dv)
        return dz


def binary_entropy(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    """-(y·log p + (1 - y)·log(1 - p)) of each label and probability."""
    f = 1 - p
    np.log(f, out=f)
    f *= y - 1
    f -= y * np.log(p)
    return f


def binary_entropy_slope(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    """(p - y) / (p·(1 - p)) where `clip` leaves p as it is, else 0."""
    held = clip(p)
    return (held - y) / (held * (1 - held)) * (held == p)


def entropy_of_logits(y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """max(z, 0) - z·y + log(1 + exp(-|z|)): the binary entropy of sigmoid(z), without overflow."""
    return np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))


def binary_crossentropy(
    y_true, y_pred, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> np.ndarray:
    """The mean binary cross-entropy of each sample.

    >>> binary_crossentropy([[1.0, 0.0]], [[0.5, 0.5]]).round(4)
    array([0.6931], dtype=float32)
    """
    return per_sample(BinaryCrossentropy(from_logits, label_smoothing, axis), y_true, y_pred)


def categorical_crossentropy(
    y_true, y_pred, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> np.ndarray:
    """-Σ y·log p of each sample.

    >>> categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).round(4)
    array([0.6931], dtype=float32)
    """
    return per_sample(CategoricalCrossentropy(from_logits, label_smoothing, axis), y_true, y_pred)


registry.add(BinaryCrossentropy, "bce", "BCE", function=binary_crossentropy)
registry.add(CategoricalCrossentropy, "categorical_crossentropy", function=categorical_crossentropy)
