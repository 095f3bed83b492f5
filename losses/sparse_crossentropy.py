"""The cross-entropy of classes given by their numbers."""

import numpy as np

from ..utils.short_axes import long_stretches, row_sums
from .base import one_axis, per_sample, registry
from .class_numbers import ClassNumbers, flat, places
from .probabilities import clip


class SparseCategoricalCrossentropy(ClassNumbers):
    """The cross-entropy of one class among several, the target its number k: v = -log p_k.

    p is what y_pred is of its sum, held within [ε, 1 - ε]. With q = y_pred and S = Σ q, where p_k is within the bounds:
    dq = dv·(1 / S - [k] / q_k), [k] being 1 at class k, else 0.
    With `from_logits`, p is softmax(z) and dz = dv·(p - [k]); so too joined with a softmax.
    Samples of the class `ignore_class` are left out, as masked ones are. Classes lie along `axis`.

    Shapes: y_true ``(batch, ...)`` or ``(batch, ..., 1)``, whole numbers; y_pred ``(batch, ..., classes)``.

    Raises DataError for a label that is no class, with its row; ShapeError for rows in place of class numbers, and for
    an output of a single class.

    >>> SparseCategoricalCrossentropy()([1], [[0.5, 0.5]])
    np.float32(0.6931472)
    """

    joins: str | None = "softmax"

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(reduction, name, dtype)
        self.from_logits, self.ignore_class = bool(from_logits), ignore_class
        self.axis = one_axis("SparseCategoricalCrossentropy", axis)
        if from_logits or axis != -1:
            self.joins = None

    def values(self, y_true, y_pred):
        kept = self.kept(y_true)
        k = y_true if kept is None else np.where(kept, y_true, 0)
        rows = long_stretches(self.rows(y_pred))  # (samples, classes)
        at_k = places(rows, k.ravel())
        if self.from_logits:
            z = rows - rows.max(axis=-1, keepdims=True)
            z_true = flat(z)[at_k]
            rows = np.exp(z, out=z)
            total = row_sums(rows)[:, 0]
            v = np.log(total) - z_true
        else:
            total = row_sums(rows)[:, 0]
            v = -np.log(clip(flat(rows)[at_k] / total))
        self.saved = rows, total, at_k, y_pred.shape
        v = v.reshape(y_true.shape)
        return v if kept is None else np.where(kept, v, 0)

    def gradient(self, dv):
        rows, total, at_k, shape = self.saved
        dv = dv.ravel()
        if self.from_logits:
            dp = np.multiply(rows, (dv / total)[:, None], out=np.empty_like(rows))
            flat(dp)[at_k] -= dv
        else:
            q = flat(rows)[at_k]
            p = q / total
            inside = clip(p) == p
            dv = dv * inside
            dp = np.empty_like(rows)
            dp[...] = (dv / total)[:, None]
            flat(dp)[at_k] -= dv / np.where(inside, q, 1)
        return self.from_rows(dp, shape)

    def joined_gradient(self, dv):
        rows, _, at_k, shape = self.saved
        dv = dv.ravel()
        dz = np.multiply(rows, dv[:, None], out=np.empty_like(rows))
        flat(dz)[at_k] -= dv
        return dz.reshape(shape)

    def kept(self, y_true):
        return None if self.ignore_class is None else y_true != self.ignore_class


def sparse_categorical_crossentropy(
    y_true, y_pred, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1
) -> np.ndarray:
    """-log p of each sample's class.

    >>> sparse_categorical_crossentropy([1, 0], [[0.5, 0.5], [1.0, 0.0]]).round(4)
    array([0.6931, 0.    ], dtype=float32)
    """
    return per_sample(SparseCategoricalCrossentropy(from_logits, ignore_class, axis=axis), y_true, y_pred)


registry.add(SparseCategoricalCrossentropy, "sparse_categorical_crossentropy", function=sparse_categorical_crossentropy)
