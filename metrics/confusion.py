"""True and false positives and negatives at one threshold or several; precision and recall."""

from collections.abc import Sequence

import numpy as np

from ..errors import ShapeError
from ..utils.checks import positive_int, unless_none, whole_number
from ..utils.shapes import align_weights
from .base import quotient, registry
from .shapes import paired
from .thresholds import ThresholdMetric, threshold_list


class ConfusionMetric(ThresholdMetric):
    """Counts at thresholds, with Keras's choice of the classes that count.

    A prediction is positive where it exceeds the threshold; a label where it isn't 0. With `top_k`, only the k highest
    predictions of the last axis can be positive; with `class_id`, only that class of the last axis is looked at.

    Shapes: y_true and y_pred `(batch, ...)`; sample_weight the first axes of y_pred.
    Raises ShapeError for any other shapes, and for fewer classes than `top_k` or `class_id` want.
    """

    def __init__(
        self,
        thresholds: Sequence[float],
        name: str | None,
        dtype: str | None,
        top_k: int | None = None,
        class_id: int | None = None,
    ):
        super().__init__(thresholds, name, dtype)
        where = type(self).__name__
        self.top_k = unless_none(positive_int, where, "top_k", top_k)
        self.class_id = unless_none(whole_number, where, "class_id", class_id)
        self._make_counts()

    def update_state(self, y_true, y_pred, sample_weight=None) -> None:
        where = f"metric '{self.name}'"
        y_true, y_pred = paired(where, y_true, np.asarray(y_pred, self.dtype))
        if self.top_k is not None:
            y_pred = self._only_top(where, y_pred, self.top_k)
        if self.class_id is not None:
            if y_pred.ndim < 2 or self.class_id >= y_pred.shape[-1]:
                wanted = f"(batch, ..., classes) with more than class_id={self.class_id} classes"
                raise ShapeError(where, expected=wanted, received=str(y_pred.shape))
            column = slice(self.class_id, self.class_id + 1)
            y_true, y_pred = y_true[..., column], y_pred[..., column]
        weights = None if sample_weight is None else align_weights(where, sample_weight, y_pred.shape)
        self._add_counts(self._thresholds.count(y_true.astype(bool), y_pred, weights))

    @staticmethod
    def _only_top(where: str, y_pred: np.ndarray, k: int) -> np.ndarray:
        """The k highest predictions of the last axis, of equal ones the first; -inf for the rest."""
        if k > y_pred.shape[-1]:
            raise ShapeError(where, expected=f"at least top_k={k} classes", received=str(y_pred.shape))
        top = np.argsort(-y_pred, axis=-1, kind="stable")[..., :k]
        kept = np.full_like(y_pred, -np.inf)
        np.put_along_axis(kept, top, np.take_along_axis(y_pred, top, -1), -1)
        return kept

    def _per_threshold(self, values: np.ndarray) -> float | np.ndarray:
        """A result for each threshold, or the only one as a number."""
        return self._rounded(values[0] if len(values) == 1 else values)


class CountAtThresholds(ConfusionMetric):
    """One of the four counts."""

    def __init__(
        self, thresholds: float | Sequence[float] | None = None, name: str | None = None, dtype: str | None = None
    ):
        super().__init__(threshold_list(type(self).__name__, thresholds), name, dtype)
        self.thresholds = thresholds

    def result(self) -> float | np.ndarray:
        return self._per_threshold(getattr(self, self.counted[0]).value)


class TruePositives(CountAtThresholds):
    """The weight of the samples that are positive and predicted so, at a threshold (0.5) or at each of several.

    Raises OptionError for a threshold outside [0, 1]. Shapes: see `metrics.confusion.ConfusionMetric`.

    >>> TruePositives()([0, 1, 1, 1], [1, 0, 1, 1])
    2.0
    """

    counted = ("true_positives",)


class FalsePositives(CountAtThresholds):
    """The weight of the samples that are negative and predicted positive, at a threshold (0.5) or at each of several.

    Raises OptionError for a threshold outside [0, 1]. Shapes: see `metrics.confusion.ConfusionMetric`.

    >>> FalsePositives()([0, 1, 0, 0], [0, 0, 1, 1])
    2.0
    """

    counted = ("false_positives",)


class TrueNegatives(CountAtThresholds):
    """The weight of the samples that are negative and predicted so, at a threshold (0.5) or at each of several.

    Raises OptionError for a threshold outside [0, 1]. Shapes: see `metrics.confusion.ConfusionMetric`.

    >>> TrueNegatives(thresholds=[0.25, 0.75])([0, 1, 0, 0], [0.0, 0.5, 0.5, 1.0])
    array([1., 2.], dtype=float32)
    """

    counted = ("true_negatives",)


class FalseNegatives(CountAtThresholds):
    """The weight of the samples that are positive and predicted negative, at a threshold (0.5) or at each of several.

    Raises OptionError for a threshold outside [0, 1]. Shapes: see `metrics.confusion.ConfusionMetric`.

    >>> FalseNegatives()([0, 1, 1, 1], [0, 1, 0, 0])
    2.0
    """

    counted = ("false_negatives",)


class _Share(ConfusionMetric):
    """True positives among two of the counts."""

    def __init__(
        self,
        thresholds: float | Sequence[float] | None = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ):
        asked = threshold_list(type(self).__name__, thresholds)
        if thresholds is None and top_k is not None:
            asked = [-np.inf]  # whatever is among the top k counts as positive
        super().__init__(asked, name, dtype, top_k, class_id)
        self.thresholds = thresholds

    def result(self) -> float | np.ndarray:
        right, wrong = (getattr(self, name).value for name in self.counted)
        return self._per_threshold(quotient(right, right + wrong))


class Precision(_Share):
    """The share of the predicted positives that are positive: TP / (TP + FP); 0 where nothing is predicted positive.

    thresholds : one in [0, 1] (0.5 by default) or several, which give a result each
    top_k      : only the k highest predictions of a sample can be positive
    class_id   : only this class of the last axis is looked at

    Shapes: y_true and y_pred `(batch, ...)`; sample_weight the first axes of y_pred.
    Raises OptionError for other thresholds, top_k and class_id; ShapeError for other shapes, and for fewer classes
    than `top_k` or `class_id` want.

    >>> Precision()([0, 1, 1, 1], [1, 0, 1, 1], sample_weight=[1, 0, 0.5, 0.5])
    0.5
    """

    counted = ("true_positives", "false_positives")


class Recall(_Share):
    """The share of the positives that are predicted so: TP / (TP + FN); 0 where there are no positives.

    thresholds : one in [0, 1] (0.5 by default) or several, which give a result each
    top_k      : only the k highest predictions of a sample can be positive
    class_id   : only this class of the last axis is looked at

    Shapes: y_true and y_pred `(batch, ...)`; sample_weight the first axes of y_pred.
    Raises OptionError for other thresholds, top_k and class_id; ShapeError for other shapes, and for fewer classes
    than `top_k` or `class_id` want.

    >>> Recall()([0, 1, 1, 1, 1], [1, 0, 1, 1, 1])
    0.75
    """

    counted = ("true_positives", "false_negatives")


for _cls in (TruePositives, FalsePositives, TrueNegatives, FalseNegatives, Precision, Recall):
    registry.add(_cls)
