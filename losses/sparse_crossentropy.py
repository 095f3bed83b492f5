"""The cross-entropy of classes given by their numbers."""

from typing import Any

import numpy as np

from ..errors import DataError, ShapeError
from ..utils.shapes import same_shape, show_shape
from .base import Loss, per_sample, registry
from .crossentropy import clip, log_softmax, within


class SparseCategoricalCrossentropy(Loss):
    """The cross-entropy of one class among several, the target its number k: v = -log(q_k / Σ q).

    q is y_pred held within [ε, 1 - ε]; dq = dv·(1 / Σ q - [k] / q_k) within the bounds, [k] being 1 at class k, else 0.
    With `from_logits`, v = -log softmax(z)_k, dz = dv·(softmax(z) - [k]); so too joined with a softmax.
    Samples of the class `ignore_class` are left out, as masked ones are. Classes lie along `axis`.

    Shapes: y_true ``(batch, ...)`` or ``(batch, ..., 1)``, whole numbers; y_pred ``(batch, ..., classes)``.

    Raises DataError for a label that is no class, with its row; ShapeError for rows in place of class numbers.

    >>> SparseCategoricalCrossentropy()([1], [[0.5, 0.5]])
    np.float32(0.6931472)
    """

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(name, reduction, dtype)
        self.from_logits, self.axis, self.ignore_class = from_logits, axis, ignore_class
        self.joins = None if from_logits or axis != -1 else "softmax"

    def forward(self, y_true, y_pred, sample_weight=None, mask=None):
        if self.ignore_class is not None:
            kept = np.reshape(y_true, _without(y_pred.shape, self.axis)) != self.ignore_class
            mask = kept if mask is None else kept & mask
        return super().forward(y_true, y_pred, sample_weight, mask)

    def values(self, y_true, y_pred):
        place = np.expand_dims(y_true, self.axis)  # of the true class, in y_pred
        ignored = None
        if self.ignore_class is not None:
            ignored = y_true == self.ignore_class
            place = np.where(np.expand_dims(ignored, self.axis), 0, place)
        if self.from_logits:
            log_p = log_softmax(y_pred, self.axis)
            self.saved = place, np.exp(log_p), None, ignored
            v = -np.take_along_axis(log_p, place, self.axis)
        else:
            q = clip(y_pred)
            total = q.sum(axis=self.axis, keepdims=True)
            self.saved = place, y_pred, total, ignored
            v = np.log(total / np.take_along_axis(q, place, self.axis))
        v = v.squeeze(self.axis)
        return v if ignored is None else np.where(ignored, 0, v)

    def gradient(self, dv):
        place, q, total, ignored = self.saved
        if total is None:
            return self.joined_gradient(dv)
        dv = np.expand_dims(dv if ignored is None else np.where(ignored, 0, dv), self.axis)
        dq = np.broadcast_to(dv / total, q.shape).copy()
        true = np.take_along_axis(q, place, self.axis)
        np.put_along_axis(dq, place, dv / total - dv / clip(true), self.axis)
        return dq * within(q)

    def joined_gradient(self, dv):
        place, p, _, ignored = self.saved
        dv = np.expand_dims(dv if ignored is None else np.where(ignored, 0, dv), self.axis)
        dz = p * dv
        if dz.ndim == 2:
            dz[np.arange(len(dz)), place[:, 0]] -= dv[:, 0]
        else:
            np.put_along_axis(dz, place, np.take_along_axis(dz, place, self.axis) - dv, self.axis)
        return dz

    def align(self, y_true, y_pred):
        output = _without(y_pred.shape, self.axis)
        if y_true.shape != output:
            self.check_shapes(y_true.shape, y_pred.shape, "y_true")
            y_true = y_true.reshape(output)
        labels = y_true if y_true.dtype.kind in "iu" else y_true.astype(np.int64)
        if y_true.dtype.kind == "f" and not np.array_equal(labels, y_true):
            self._refuse(y_true, y_true == labels, y_pred.shape[self.axis], "y_true")
        classes = y_pred.shape[self.axis]
        if labels.size and (labels.min() < 0 or labels.max() >= classes):
            self._check_labels(labels, classes, "y_true")
        return labels

    def check_shapes(self, target, output, what):
        wanted = _without(output, self.axis)
        if not same_shape(target, wanted) and not same_shape(target, (*wanted, 1)):
            mend = "let the last layer have one unit a class, and y one class number a sample"
            if len(target) == len(output):
                mend = "for rows use loss='categorical_crossentropy', or make class numbers of them with y.argmax(-1)"
            elif len(output) > len(target) + 1:
                mend = "the output has axes to spare: add Flatten before the last Dense"
            raise ShapeError(
                f"loss '{self.name}': {what} does not fit the output {show_shape(output)}",
                expected=f"class numbers of shape {show_shape(wanted)}",
                received=show_shape(target),
                mend=mend,
            )

    def check_targets(self, y_true, output_shape, what="y"):
        super().check_targets(y_true, output_shape, what)
        classes = output_shape[self.axis]
        if y_true.dtype.kind == "f" and not np.array_equal(y_true, np.rint(y_true)):
            self._refuse(y_true, y_true == np.rint(y_true), classes, what)
        if classes is not None:
            self._check_labels(y_true, classes, what)

    def _check_labels(self, labels: np.ndarray, classes: int, what: str) -> None:
        good = (labels >= 0) & (labels < classes)
        if self.ignore_class is not None:
            good |= labels == self.ignore_class
        if not good.all():
            self._refuse(labels, good, classes, what)

    def _refuse(self, labels: np.ndarray, good: np.ndarray, classes: int | None, what: str) -> None:
        place: Any = np.unravel_index(int(np.argmin(good)), good.shape)
        raise DataError(
            f"loss '{self.name}': {what}[{', '.join(map(str, map(int, place)))}] is no class",
            expected=f"a whole number from 0 to {classes - 1}, as the output has {classes} classes"
            if classes
            else "a whole number",
            received=str(labels[place]),
            mend="count classes from 0, and let the last layer have one unit a class",
        )


def _without(shape: tuple, axis: int) -> tuple:
    axis %= len(shape)
    return (*shape[:axis], *shape[axis + 1 :])


def sparse_categorical_crossentropy(
    y_true, y_pred, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1
) -> np.ndarray:
    """-log p of each sample's class."""
    return per_sample(SparseCategoricalCrossentropy(from_logits, ignore_class, axis=axis), y_true, y_pred)


registry.add(SparseCategoricalCrossentropy, "sparse_categorical_crossentropy", function=sparse_categorical_crossentropy)
