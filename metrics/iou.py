"""Intersection over union of predicted and true classes, from a confusion matrix."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..config import epsilon
from ..errors import DataError, OptionError
from ..utils.checks import number, positive_int
from ..utils.shapes import align_weights
from .base import STATE, Metric, registry
from .shapes import paired


class ConfusionMatrix(Metric):
    """The weight of each pair of a true and a predicted class, `(classes, classes)`; rows are the true ones.

    num_classes   : how many classes there are
    ignore_class  : a label (a "void" one, say -1 or 255) of which the entries are left out
    sparse_y_true : labels are class numbers `(batch, ...)`; otherwise scores, of which the largest along `axis` counts
    sparse_y_pred : likewise the predictions
    axis          : where the classes lie in what is not sparse

    Shapes: y_true and y_pred `(batch, ...)` once both are class numbers; sample_weight the first axes of that.
    Raises OptionError for other arguments; ShapeError for other shapes; DataError for classes outside the matrix.
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: str | None = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ):
        super().__init__(dtype, name)
        self.num_classes = positive_int(type(self).__name__, "num_classes", num_classes)
        if ignore_class is not None and not isinstance(ignore_class, int | np.integer):
            where = f"{type(self).__name__}(ignore_class=...)"
            raise OptionError(where, expected="a class number or None", received=repr(ignore_class))
        self.ignore_class = ignore_class
        self.sparse_y_true, self.sparse_y_pred = bool(sparse_y_true), bool(sparse_y_pred)
        self.axis = axis
        self.total_cm = self.add_weight((num_classes, num_classes), name="total_confusion_matrix", dtype=STATE)

    def update_state(self, y_true, y_pred, sample_weight=None) -> None:
        y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
        y_true = y_true if self.sparse_y_true else y_true.argmax(self.axis)
        y_pred = y_pred if self.sparse_y_pred else y_pred.argmax(self.axis)
        self._take(y_true, y_pred, sample_weight)

    def _take(self, y_true: np.ndarray, y_pred: np.ndarray, sample_weight: Any) -> None:
        """Add a batch of class numbers to the matrix."""
        where = f"metric '{self.name}'"
        y_true, y_pred = paired(where, y_true, y_pred)
        weights = None
        if sample_weight is not None:
            weights = np.broadcast_to(align_weights(where, sample_weight, y_true.shape), y_true.shape)
        if self.ignore_class is not None:
            kept = y_true != self.ignore_class
            y_true, y_pred = y_true[kept], y_pred[kept]
            weights = None if weights is None else weights[kept]
        true, predicted = y_true.ravel().astype(np.intp), y_pred.ravel().astype(np.intp)
        for kind, ids in (("y_true", true), ("y_pred", predicted)):
            if ids.size and not 0 <= ids.min() <= ids.max() < self.num_classes:
                raise DataError(
                    f"{where}: {kind}",
                    expected=f"classes from 0 to {self.num_classes - 1}",
                    received=f"classes from {ids.min()} to {ids.max()}",
                    mend="raise num_classes, or name the label to leave out as ignore_class",
                )
        pair = true * self.num_classes + predicted
        counts = np.bincount(pair, None if weights is None else weights.ravel(), self.num_classes**2)
        self.total_cm.value[...] += counts.reshape(self.num_classes, self.num_classes)

    def _mean_iou(self, classes: Sequence[int]) -> float:
        """The mean of those classes that occur, among the labels or the predictions; 0 if none does."""
        matrix = self.total_cm.value
        both = matrix.diagonal()
        either = matrix.sum(0) + matrix.sum(1) - both
        chosen = np.array(classes)
        occur = chosen[either[chosen] > 0]
        return float((both[occur] / (either[occur] + epsilon())).mean()) if occur.size else 0.0


class IoU(ConfusionMatrix):
    """Intersection over union TP / (TP + FP + FN), the mean of the target classes that occur.

    Weights count as they are; Keras 3 rounds them down to whole numbers unless `dtype` is given. Further arguments,
    shapes and errors: see `metrics.iou.ConfusionMatrix`.

    >>> round(IoU(num_classes=2, target_class_ids=[0])([0, 0, 1, 1], [0, 1, 0, 1]), 6)
    0.333333
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: str | None = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ):
        super().__init__(num_classes, name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis)
        where = f"{type(self).__name__}(target_class_ids=...)"
        if not isinstance(target_class_ids, Sequence | np.ndarray) or not len(target_class_ids):
            raise OptionError(where, expected="a list of class numbers", received=repr(target_class_ids))
        for target in target_class_ids:
            if not isinstance(target, int | np.integer) or not 0 <= target < num_classes:
                raise OptionError(where, expected=f"classes from 0 to {num_classes - 1}", received=repr(target))
        self.target_class_ids = list(target_class_ids)

    def result(self) -> float:
        return self._mean_iou(self.target_class_ids)


class BinaryIoU(IoU):
    """Intersection over union of class 1, predicted where y_pred >= threshold, and class 0; the mean of the targets.

    Shapes: y_true and y_pred `(batch, ...)`; sample_weight the first axes of that.
    Raises OptionError for targets that are not 0 or 1, and a threshold that is no number; ShapeError for other
    shapes; DataError for labels other than 0 and 1, once a fraction is cut off, as in Keras.

    >>> round(BinaryIoU(target_class_ids=[0, 1], threshold=0.3)([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7]), 6)
    0.333333
    """

    def __init__(
        self,
        target_class_ids: Sequence[int] = (0, 1),
        threshold: float = 0.5,
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(2, target_class_ids, name, dtype)
        self.threshold = number("BinaryIoU", "threshold", threshold)

    def update_state(self, y_true, y_pred, sample_weight=None) -> None:
        self._take(np.asarray(y_true), self._floats(y_pred) >= self.threshold, sample_weight)


class MeanIoU(ConfusionMatrix):
    """Intersection over union TP / (TP + FP + FN), the mean of all classes that occur.

    Weights count as they are; Keras 3 rounds them down to whole numbers unless `dtype` is given. Arguments, shapes
    and errors: see `metrics.iou.ConfusionMatrix`.

    >>> round(MeanIoU(num_classes=2)([0, 0, 1, 1], [0, 1, 0, 1], sample_weight=[0.3, 0.3, 0.3, 0.1]), 6)
    0.238095
    """

    def result(self) -> float:
        return self._mean_iou(range(self.num_classes))


class OneHotIoU(IoU):
    """`IoU` for labels `(batch, ..., classes)`, and for such predictions unless `sparse_y_pred`.

    >>> y_true = np.eye(3)[[2, 0, 1, 0]]
    >>> y_pred = [[0.2, 0.3, 0.5], [0.1, 0.2, 0.7], [0.5, 0.3, 0.1], [0.1, 0.4, 0.5]]
    >>> round(OneHotIoU(num_classes=3, target_class_ids=[0, 2])(y_true, y_pred), 6)
    0.166667
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: str | None = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ):
        super().__init__(num_classes, target_class_ids, name, dtype, ignore_class, False, sparse_y_pred, axis)


class OneHotMeanIoU(MeanIoU):
    """`MeanIoU` for labels `(batch, ..., classes)`, and for such predictions unless `sparse_y_pred`.

    >>> y_true = np.eye(3)[[2, 0, 1, 0]]
    >>> y_pred = [[0.2, 0.3, 0.5], [0.1, 0.2, 0.7], [0.5, 0.3, 0.1], [0.1, 0.4, 0.5]]
    >>> round(OneHotMeanIoU(num_classes=3)(y_true, y_pred), 6)
    0.111111
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: str | None = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ):
        super().__init__(num_classes, name, dtype, ignore_class, False, sparse_y_pred, axis)


for _cls in (IoU, BinaryIoU, MeanIoU, OneHotIoU, OneHotMeanIoU):
    registry.add(_cls)
