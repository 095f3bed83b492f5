"""The area under the curve that a threshold draws as it moves from 0 to 1."""

from collections.abc import Callable, Sequence

import numpy as np

from ..activations.sigmoidal import logistic
from ..config import epsilon
from ..errors import OptionError
from ..utils.allowance import take
from ..utils.checks import number, one_of, positive_int, unless_none
from ..utils.shapes import align_weights
from .base import quotient, registry
from .operating_points import precision_of, recall_of
from .shapes import columns, paired
from .thresholds import Counts, ThresholdMetric, threshold_list

CURVES = ("ROC", "PR", "PRGAIN")
HEIGHTS: dict[str, Callable[..., np.ndarray]] = {
    "interpolation": lambda low, high: (low + high) / 2,
    "minoring": np.minimum,
    "majoring": np.maximum,
}


class AUC(ThresholdMetric):
    """The area under the ROC, precision-recall or precision-recall-gain curve, from counts at T thresholds.

    ROC    : x = FP / (FP + TN), y = TP / (TP + FN)
    PR     : x = TP / (TP + FN), y = TP / (TP + FP)
    PRGAIN : x = 1 - (FN / TP) P / N, y = 1 - (FP / TP) P / N  (Flach and Kull, 2015), x held at 0 or more; where TP
             is 0, x is 0 and y 1

    area = sum_t (x_t - x_t+1) h_t, h_t the mean (``"interpolation"``), the smaller (``"minoring"``) or the larger
    (``"majoring"``) of y_t and y_t+1. Under an interpolated PR curve, true and false positives are taken to grow
    together between two thresholds, not precision itself (Davis and Goadrich, 2006).

    num_thresholds : T, evenly spaced in [0, 1], the ends a little beyond
    thresholds     : thresholds in [0, 1] of your own between those two ends, in place of even ones
    multi_label    : one area for each column of `(batch, labels)`, then their (weighted) mean, in place of one of all
    num_labels     : how many columns there are, if that is to be checked
    label_weights  : the weight of each label in that mean; without `multi_label`, of each column's entries
    from_logits    : the predictions are logits: their sigmoid is taken first

    Shapes: y_true and y_pred `(batch, ...)`; sample_weight the first axes of y_pred.
    Raises OptionError for options that don't exist or don't go together; ShapeError for other shapes.

    >>> AUC(num_thresholds=3)([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9])
    0.75
    """

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: str | None = None,
        thresholds: Sequence[float] | None = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Sequence[float] | None = None,
        from_logits: bool = False,
    ):
        inner = even_thresholds(num_thresholds) if thresholds is None else sorted(threshold_list("AUC", thresholds))
        super().__init__([-epsilon(), *inner, 1 + epsilon()], name, dtype)
        self.num_thresholds, self.thresholds = len(inner) + 2, thresholds
        self.curve = one_of("AUC", "curve", str(curve).upper(), CURVES)
        self.summation_method = one_of("AUC", "summation_method", str(summation_method).lower(), tuple(HEIGHTS))
        self.multi_label, self.from_logits = bool(multi_label), bool(from_logits)
        self.num_labels = unless_none(positive_int, "AUC", "num_labels", num_labels)
        self.label_weights = label_weights
        self._labels = self.num_labels or (None if label_weights is None else len(label_weights))
        self._check_labels()
        if not multi_label:
            self._make_counts()

    def _check_labels(self) -> None:
        weights = [] if self.label_weights is None else self.label_weights
        for weight in weights:
            number("AUC", "label_weights", weight, 0)
        if self.num_labels and not self.multi_label:
            received = f"num_labels={self.num_labels} without it"
            raise OptionError("AUC(num_labels=...)", expected="multi_label=True", received=received)
        if self.num_labels and len(weights) not in (0, self.num_labels):
            wanted = f"num_labels={self.num_labels} of them"
            raise OptionError("AUC(label_weights=...)", expected=wanted, received=repr(self.label_weights))

    def _make_room(self, state) -> None:
        for counts in list(state.values())[:1]:
            if self.multi_label and not self._variables:
                self._labels = counts.shape[-1]
                self._make_counts(self._labels)

    def update_state(self, y_true, y_pred, sample_weight=None) -> None:
        where = f"metric '{self.name}'"
        y_true, y_pred = paired(where, y_true, np.asarray(y_pred, self.dtype))
        if self.multi_label or self.label_weights is not None:
            self._labels = columns(where, y_pred, self._labels, "labels")
        weights = None if sample_weight is None else align_weights(where, sample_weight, y_pred.shape)
        if self.multi_label and not self._variables:
            self._make_counts(y_pred.shape[-1])
        elif self.label_weights is not None and not self.multi_label:
            weights = np.asarray(self.label_weights) * (1 if weights is None else weights)
        if self.from_logits:
            y_pred = logistic(y_pred.copy())
        self._add_counts(self._thresholds.count(y_true.astype(bool), y_pred, weights, self.multi_label))

    def result(self) -> float:
        if not self._variables:
            return 0.0
        areas = self._areas(self._all_counts())
        if not self.multi_label or self.label_weights is None:
            return float(areas.mean())
        weights = np.asarray(self.label_weights, float)
        return float(quotient((areas * weights).sum(), weights.sum()))

    def _areas(self, counts: Counts) -> np.ndarray:
        """The area, or that of each label: a sum over the first axis of the counts."""
        if self.curve == "PR" and self.summation_method == "interpolation":
            return interpolated_precision(counts)
        x, y = curve_points(counts, self.curve)
        return ((x[:-1] - x[1:]) * HEIGHTS[self.summation_method](y[:-1], y[1:])).sum(0)


def even_thresholds(num_thresholds: int) -> list[float]:
    """1/(T-1), ..., (T-2)/(T-1): evenly spaced thresholds between 0 and 1, which are added.

    >>> even_thresholds(5)
    [0.25, 0.5, 0.75]
    """
    if positive_int("AUC", "num_thresholds", num_thresholds) < 2:
        wanted = "a whole number of 2 or more"
        raise OptionError("AUC(num_thresholds=...)", expected=wanted, received=repr(num_thresholds))
    take("AUC: num_thresholds", (num_thresholds,))
    return [step / (num_thresholds - 1) for step in range(1, num_thresholds - 1)]


def curve_points(counts: Counts, curve: str) -> tuple[np.ndarray, np.ndarray]:
    """x and y of the curve at each threshold."""
    positives, false_positives, negatives, false_negatives = counts
    if curve == "ROC":
        return quotient(false_positives, false_positives + negatives), recall_of(counts)
    if curve == "PR":
        return recall_of(counts), precision_of(counts)
    odds = quotient(positives + false_negatives, negatives + false_positives)
    recall_gain = 1 - odds * quotient(false_negatives, positives)
    precision_gain = 1 - odds * quotient(false_positives, positives)
    return np.where(positives == 0, 0, np.maximum(recall_gain, 0)), precision_gain


def interpolated_precision(counts: Counts) -> np.ndarray:
    """The area under precision over recall where TP grows linearly with the predicted positives p = TP + FP.

    Between two thresholds TP = a + s p, so precision = s + a / p and the area is
    int (s + a / p) dTP / P = s (dTP + a log(p_t / p_t+1)) / P.
    """
    tp = counts.true_positives
    p = tp + counts.false_positives
    grown = tp[:-1] - tp[1:]
    slope = quotient(grown, p[:-1] - p[1:])
    start = tp[1:] - slope * p[1:]
    ratio = np.divide(p[:-1], p[1:], out=np.ones_like(grown), where=p[1:] > 0)  # 1 or more: p falls with t
    return quotient(slope * (grown + start * np.log(ratio)), tp[1:] + counts.false_negatives[1:]).sum(0)


registry.add(AUC)
