"""The best of one rate that can be had while another is at least so high, over evenly spaced thresholds."""

import numpy as np

from ..utils.allowance import take
from ..utils.checks import number, positive_int
from .base import quotient, registry
from .confusion import ConfusionMetric
from .thresholds import Counts


def recall_of(counts: Counts) -> np.ndarray:
    """TP / (TP + FN), also called sensitivity, or the rate of true positives."""
    return quotient(counts.true_positives, counts.true_positives + counts.false_negatives)


def specificity_of(counts: Counts) -> np.ndarray:
    """TN / (TN + FP)."""
    return quotient(counts.true_negatives, counts.true_negatives + counts.false_positives)


def precision_of(counts: Counts) -> np.ndarray:
    """TP / (TP + FP)."""
    return quotient(counts.true_positives, counts.true_positives + counts.false_positives)


class OperatingPoint(ConfusionMetric):
    """max { best(t) : held(t) >= value } over the thresholds t; 0 where none of them holds it.

    Subclasses give both rates at all thresholds in `rates`. The thresholds are 0, 1/(T-1), ..., 1 for
    T = num_thresholds, and 0.5 for T = 1.
    """

    def __init__(self, value: float, num_thresholds: int, class_id: int | None, name: str | None, dtype: str | None):
        self.num_thresholds = positive_int(type(self).__name__, "num_thresholds", num_thresholds)
        take(f"{type(self).__name__}: num_thresholds", (self.num_thresholds,))
        even = [0.5] if self.num_thresholds == 1 else list(np.linspace(0, 1, self.num_thresholds))
        super().__init__(even, name, dtype, class_id=class_id)
        self._value = value

    def rates(self, counts: Counts) -> tuple[np.ndarray, np.ndarray]:
        """The rate to hold and the rate to be best, each `(thresholds,)`."""
        raise NotImplementedError(f"{type(self).__name__} has no rates")

    def result(self) -> float:
        held, best = self.rates(self._all_counts())
        # Compared in the metric's own type, so that 4 samples of 5 hold a value of 0.8.
        enough = held.astype(self.dtype) >= np.dtype(self.dtype).type(self._value)
        return float(best.max(where=enough, initial=0.0))


class SensitivityAtSpecificity(OperatingPoint):
    """The best sensitivity TP / (TP + FN) at a specificity TN / (TN + FP) of at least the value given.

    Shapes: y_true and y_pred `(batch, ...)`, y_pred in [0, 1]; sample_weight the first axes of y_pred.
    Raises OptionError for a specificity outside [0, 1] and less than one threshold; ShapeError for other shapes.

    >>> SensitivityAtSpecificity(0.5)([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8])
    0.5
    """

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ):
        self.specificity = number("SensitivityAtSpecificity", "specificity", specificity, 0, 1)
        super().__init__(self.specificity, num_thresholds, class_id, name, dtype)

    def rates(self, counts):
        return specificity_of(counts), recall_of(counts)


class SpecificityAtSensitivity(OperatingPoint):
    """The best specificity TN / (TN + FP) at a sensitivity TP / (TP + FN) of at least the value given.

    Shapes: y_true and y_pred `(batch, ...)`, y_pred in [0, 1]; sample_weight the first axes of y_pred.
    Raises OptionError for a sensitivity outside [0, 1] and less than one threshold; ShapeError for other shapes.

    >>> SpecificityAtSensitivity(0.5)([0, 0, 0, 0, 1], [0.0, 0.3, 0.8, 0.3, 0.7])
    0.75
    """

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ):
        self.sensitivity = number("SpecificityAtSensitivity", "sensitivity", sensitivity, 0, 1)
        super().__init__(self.sensitivity, num_thresholds, class_id, name, dtype)

    def rates(self, counts):
        return recall_of(counts), specificity_of(counts)


class PrecisionAtRecall(OperatingPoint):
    """The best precision TP / (TP + FP) at a recall TP / (TP + FN) of at least the value given.

    Shapes: y_true and y_pred `(batch, ...)`, y_pred in [0, 1]; sample_weight the first axes of y_pred.
    Raises OptionError for a recall outside [0, 1] and less than one threshold; ShapeError for other shapes.

    >>> PrecisionAtRecall(0.5)([0, 0, 0, 1, 1], [0.0, 0.3, 0.8, 0.3, 0.8])
    0.5
    """

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ):
        self.recall = number("PrecisionAtRecall", "recall", recall, 0, 1)
        super().__init__(self.recall, num_thresholds, class_id, name, dtype)

    def rates(self, counts):
        return recall_of(counts), precision_of(counts)


class RecallAtPrecision(OperatingPoint):
    """The best recall TP / (TP + FN) at a precision TP / (TP + FP) of at least the value given.

    Shapes: y_true and y_pred `(batch, ...)`, y_pred in [0, 1]; sample_weight the first axes of y_pred.
    Raises OptionError for a precision outside [0, 1] and less than one threshold; ShapeError for other shapes.

    >>> RecallAtPrecision(0.8)([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9])
    0.5
    """

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ):
        self.precision = number("RecallAtPrecision", "precision", precision, 0, 1)
        super().__init__(self.precision, num_thresholds, class_id, name, dtype)

    def rates(self, counts):
        return precision_of(counts), recall_of(counts)


for _cls in (SensitivityAtSpecificity, SpecificityAtSensitivity, PrecisionAtRecall, RecallAtPrecision):
    registry.add(_cls)
