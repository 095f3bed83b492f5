"""Focal losses: cross-entropies that look away from what is predicted well already.

Source: Lin, Goyal, Girshick, He & Dollár, *Focal Loss for Dense Object Detection* (2017).
"""

import numpy as np

from ..config import epsilon
from ..utils.checks import number
from .base import Elementwise, Loss, per_sample, registry
from .crossentropy import binary_entropy, clip, log_softmax, sigmoid, smooth, within


class BinaryFocalCrossentropy(Elementwise):
    """f = a·(1 - t)^γ·H, with H the binary cross-entropy and t = y·p + (1 - y)·(1 - p), what is given to the truth.

    a = 1, or with `apply_class_balancing` a = y·α + (1 - y)·(1 - α).
    f' = a·((1 - t)^γ·H' - γ·(1 - t)^(γ-1)·(2y - 1)·H);  with `from_logits`, times p·(1 - p).

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
        super().__init__(reduction, name, dtype)
        self.apply_class_balancing, self.from_logits, self.axis = apply_class_balancing, from_logits, axis
        self.alpha = number("BinaryFocalCrossentropy", "alpha", alpha, 0, 1)
        self.gamma = number("BinaryFocalCrossentropy", "gamma", gamma, 0)
        self.label_smoothing = number("BinaryFocalCrossentropy", "label_smoothing", label_smoothing, 0, 1)

    def values(self, y_true, y_pred):
        return super().values(smooth(y_true, self.label_smoothing, 2), y_pred)

    def element(self, y, p):
        if self.from_logits:
            p = sigmoid(p)
        return self._balance(y) * self._missed(y, p) ** self.gamma * binary_entropy(y, p, from_logits=False)

    def slope(self, y, p):
        z_slope = 1
        if self.from_logits:
            p = sigmoid(p)
            z_slope = p * (1 - p)
        missed, entropy = self._missed(y, p), binary_entropy(y, p, from_logits=False)
        inside = (p > epsilon()) & (p < 1 - epsilon())
        entropy_slope = np.where(inside, (p - y) / np.where(inside, p * (1 - p), 1), 0)
        power_slope = -self.gamma * (2 * y - 1) * missed ** (self.gamma - 1) if self.gamma else 0
        return self._balance(y) * (missed**self.gamma * entropy_slope + power_slope * entropy) * z_slope

    def _missed(self, y, p):
        return 1 - (y * p + (1 - y) * (1 - p))

    def _balance(self, y):
        return y * self.alpha + (1 - y) * (1 - self.alpha) if self.apply_class_balancing else 1


class CategoricalFocalCrossentropy(Loss):
    """v = -Σ α·(1 - p)^γ·y·log p along `axis`, with p what y_pred is of its sum, held within [ε, 1 - ε].

    dp = -dv·α·y·((1 - p)^γ / p - γ·(1 - p)^(γ-1)·log p) within the bounds, else 0; then through p = q / Σ q, or with
    `from_logits` through p = softmax(z).

    >>> CategoricalFocalCrossentropy(gamma=0, alpha=1)([[0.0, 1.0]], [[0.5, 0.5]])
    np.float32(0.6931472)
    """

    def __init__(
        self,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(name, reduction, dtype)
        self.from_logits, self.axis, self.alpha = from_logits, axis, alpha
        self.gamma = number("CategoricalFocalCrossentropy", "gamma", gamma, 0)
        self.label_smoothing = number("CategoricalFocalCrossentropy", "label_smoothing", label_smoothing, 0, 1)

    def values(self, y_true, y_pred):
        y = smooth(y_true, self.label_smoothing, y_pred.shape[self.axis])
        q = np.exp(log_softmax(y_pred, self.axis)) if self.from_logits else y_pred
        total = q.sum(axis=self.axis, keepdims=True)
        p = q / total
        self.saved = y, p, total
        held = clip(p)
        return -(self.alpha * (1 - held) ** self.gamma * y * np.log(held)).sum(axis=self.axis)

    def gradient(self, dv):
        y, p, total = self.saved
        held = clip(p)
        power_slope = self.gamma * (1 - held) ** (self.gamma - 1) * np.log(held)
        dp = -np.expand_dims(dv, self.axis) * self.alpha * y * ((1 - held) ** self.gamma / held - power_slope)
        dp = dp * within(p)
        centred = dp - (dp * p).sum(axis=self.axis, keepdims=True)
        return centred * p if self.from_logits else centred / total


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
    """The mean binary focal loss of each sample."""
    loss = BinaryFocalCrossentropy(apply_class_balancing, alpha, gamma, from_logits, label_smoothing, axis)
    return per_sample(loss, y_true, y_pred)


def categorical_focal_crossentropy(
    y_true,
    y_pred,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> np.ndarray:
    """The focal loss of each sample."""
    return per_sample(CategoricalFocalCrossentropy(alpha, gamma, from_logits, label_smoothing, axis), y_true, y_pred)


registry.add(BinaryFocalCrossentropy, "binary_focal_crossentropy", function=binary_focal_crossentropy)
registry.add(CategoricalFocalCrossentropy, "categorical_focal_crossentropy", function=categorical_focal_crossentropy)
