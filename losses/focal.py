"""Focal losses: cross-entropies that look away from what is predicted well already.

Source: Lin, Goyal, Girshick, He & Dollár, *Focal Loss for Dense Object Detection* (2017).
"""

from collections.abc import Sequence

import numpy as np

from ..activations.sigmoidal import logistic
from ..activations.softmax import softmax
from ..errors import ShapeError
from ..utils.checks import number
from .base import per_sample, registry
from .crossentropy import binary_entropy, binary_entropy_slope
from .probabilities import Binary, Categorical, clip


class BinaryFocalCrossentropy(Binary):
    """f = a·m^γ·H, with H the binary cross-entropy and m = 1 - y·p - (1 - y)·(1 - p), what the truth is denied.

    a = 1, or with `apply_class_balancing` a = y·α + (1 - y)·(1 - α).
    f' = a·(m^γ·H' - γ·m^(γ-1)·(2y - 1)·H);  with `from_logits`, p is sigmoid(z), and f' times p·(1 - p).
    `label_smoothing` s moves the labels towards the middle: y·(1 - s) + s / 2. The mean is over `axis`.

    Shapes: y_true and y_pred ``(batch, ..., features)``.

    Raises OptionError for an α or a smoothing outside [0, 1], and for a γ below 0.

    >>> BinaryFocalCrossentropy(gamma=0)([[1.0, 0.0]], [[0.5, 0.5]])
    np.float32(0.6931472)
    """

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(from_logits, label_smoothing, axis, reduction, name, dtype)
        self.apply_class_balancing = bool(apply_class_balancing)
        self.alpha = number("BinaryFocalCrossentropy", "alpha", alpha, 0, 1)
        self.gamma = number("BinaryFocalCrossentropy", "gamma", gamma, 0)

    def element(self, y, p):
        p = self._probability(p)
        return self._balance(y) * self._missed(y, p) ** self.gamma * binary_entropy(y, clip(p))

    def slope(self, y, p):
        p = self._probability(p)
        missed, entropy = self._missed(y, p), binary_entropy(y, clip(p))
        df = missed**self.gamma * binary_entropy_slope(y, p)
        df -= self.gamma * power(missed, self.gamma - 1) * (2 * y - 1) * entropy
        df *= self._balance(y)
        return df * p * (1 - p) if self.from_logits else df

    def _probability(self, p: np.ndarray) -> np.ndarray:
        return logistic(p.copy()) if self.from_logits else p

    def _missed(self, y: np.ndarray, p: np.ndarray) -> np.ndarray:
        return 1 - (y * p + (1 - y) * (1 - p))

    def _balance(self, y: np.ndarray) -> np.ndarray | int:
        return y * self.alpha + (1 - y) * (1 - self.alpha) if self.apply_class_balancing else 1


class CategoricalFocalCrossentropy(Categorical):
    """v = -Σ α·(1 - p)^γ·y·log p along `axis`, with p what y_pred is of its sum, held within [ε, 1 - ε].

    dp = -dv·α·y·((1 - p)^γ / p - γ·(1 - p)^(γ-1)·log p) within the bounds, else 0; then through p = q / Σ q, or with
    `from_logits` through p = softmax(z). α is one number, or one for each class.
    `label_smoothing` s of n classes makes the labels y·(1 - s) + s / n.

    Shapes: y_true and y_pred ``(batch, ..., classes)``, the classes along `axis`.

    Raises OptionError for a smoothing outside [0, 1] and for a γ below 0; ShapeError for class numbers in place of
    rows, for an output of a single class, and for as many α as there are not classes.

    >>> CategoricalFocalCrossentropy(gamma=0, alpha=1)([[0.0, 1.0]], [[0.5, 0.5]])
    np.float32(0.6931472)
    """

    def __init__(
        self,
        alpha: float | Sequence[float] = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(from_logits, label_smoothing, axis, reduction, name, dtype)
        where = "CategoricalFocalCrossentropy"
        several = isinstance(alpha, list | tuple | np.ndarray)
        self.alpha = [number(where, "alpha", a) for a in alpha] if several else number(where, "alpha", alpha)  # type: ignore[union-attr]
        self.gamma = number(where, "gamma", gamma, 0)

    def values(self, y_true, y_pred):
        y = self.smoothed(y_true)
        q = softmax(y_pred, self.axis) if self.from_logits else y_pred
        total = q.sum(axis=self.axis, keepdims=True)
        p = q / total
        self.saved = y, p, total
        held = clip(p)
        return -(self._alpha(y) * (1 - held) ** self.gamma * y * np.log(held)).sum(axis=self.axis)

    def gradient(self, dv):
        y, p, total = self.saved
        held = clip(p)
        kept, missed = held == p, 1 - held
        dlog = self.gamma * power(missed, self.gamma - 1) * held * np.log(held) - missed**self.gamma  # dp·p: finite
        dlog *= self._alpha(y) * y * kept
        dlog *= self.spread(dv)
        through_sum = dlog.sum(axis=self.axis, keepdims=True)
        return dlog - p * through_sum if self.from_logits else (dlog / np.where(kept, p, 1) - through_sum) / total

    def _alpha(self, y: np.ndarray) -> np.ndarray:
        alpha, classes = np.asarray(self.alpha, y.dtype), y.shape[self.axis]
        if alpha.ndim == 0:
            return alpha
        if len(alpha) != classes:
            raise ShapeError(
                f"loss '{self.name}': alpha",
                expected=f"one number, or {classes}, one a class",
                received=str(len(alpha)),
            )
        along = [1] * y.ndim
        along[self.axis] = classes
        return alpha.reshape(along)


def power(x: np.ndarray, exponent: float) -> np.ndarray:
    """x^exponent, but 0 where x is 0, for an exponent below 0."""
    return x**exponent if exponent >= 0 else np.where(x == 0, 0, np.where(x == 0, 1, x) ** exponent)


def binary_focal_crossentropy(
    y_true,
    y_pred,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> np.ndarray:
    """The mean binary focal loss of each sample.

    >>> binary_focal_crossentropy([[1.0, 0.0]], [[0.5, 0.5]]).round(4)
    array([0.1733], dtype=float32)
    """
    loss = BinaryFocalCrossentropy(apply_class_balancing, alpha, gamma, from_logits, label_smoothing, axis)
    return per_sample(loss, y_true, y_pred)


def categorical_focal_crossentropy(
    y_true,
    y_pred,
    alpha: float | Sequence[float] = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> np.ndarray:
    """The focal loss of each sample.

    >>> categorical_focal_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).round(4)
    array([0.0433], dtype=float32)
    """
    return per_sample(CategoricalFocalCrossentropy(alpha, gamma, from_logits, label_smoothing, axis), y_true, y_pred)


registry.add(BinaryFocalCrossentropy, "binary_focal_crossentropy", function=binary_focal_crossentropy)
registry.add(CategoricalFocalCrossentropy, "categorical_focal_crossentropy", function=categorical_focal_crossentropy)
