"""Predictions held against many thresholds at once: each falls into one bucket, and the counts are sums over buckets.

n predictions against T thresholds take n steps and T more for the sums, where comparing all with all takes n · T.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..errors import OptionError
from ..utils.checks import number
from ..utils.variable import Variable
from .base import STATE, Metric


class Counts(NamedTuple):
    """The weight of the true and false positives and negatives, each `(thresholds,)` or `(thresholds, labels)`."""

    true_positives: np.ndarray
    false_positives: np.ndarray
    true_negatives: np.ndarray
    false_negatives: np.ndarray


def threshold_list(where: str, thresholds: Any, default: float = 0.5) -> list[float]:
    """One threshold or several in [0, 1] as a list; None stands for the default.

    >>> threshold_list("Precision", None), threshold_list("Precision", (0.25, 0.75))
    ([0.5], [0.25, 0.75])
    """
    if thresholds is None:
        return [default]
    several = isinstance(thresholds, Sequence | np.ndarray) and not isinstance(thresholds, str)
    if several and not len(thresholds):
        raise OptionError(f"{where}(thresholds=...)", expected="at least one threshold", received=repr(thresholds))
    return [number(where, "thresholds", item, 0, 1) for item in (thresholds if several else [thresholds])]


class Thresholds:
    """Thresholds, in any order, and the counting of predictions above them.

    A prediction is positive for a threshold that it exceeds. For thresholds at 0, 1/(T-1), ..., 1 the bucket of a
    prediction p is found as ceil(p (T-1)), without a search; p below 0 or above 1 counts as 0 or 1 then. Thresholds
    of which the ends lie a little outside [0, 1], so that 0 and 1 fall inside, count as even too.
    """

    def __init__(self, values: Sequence[float], dtype: str):
        self.values = np.asarray(values, dtype)
        self._sorted = np.sort(self.values)
        self._rank = np.argsort(np.argsort(self.values, kind="stable"), kind="stable")
        count = len(values)
        self._even = count >= 3 and np.allclose(values, np.linspace(0, 1, count), rtol=0, atol=2e-7)

    def __len__(self) -> int:
        return len(self.values)

    def exceeded(self, y_pred: np.ndarray) -> np.ndarray:
        """How many thresholds each prediction exceeds: a whole number for each; a nan exceeds none."""
        if len(self) == 1:
            return y_pred > self.values[0]
        lost = np.isnan(y_pred)
        if self._even:
            scaled = np.fmin(np.fmax(y_pred, 0), 1) * y_pred.dtype.type(len(self) - 1)
            bucket = np.ceil(scaled).astype(np.intp)
            np.maximum(bucket, int(self.values[0] < 0), out=bucket)  # 0 exceeds a threshold that lies below it
        else:
            bucket = np.searchsorted(self._sorted, y_pred)
        bucket[lost] = 0
        return bucket

    def count(
        self, y_true: np.ndarray, y_pred: np.ndarray, weights: np.ndarray | None, by_label: bool = False
    ) -> Counts:
        """The four counts at each threshold; `by_label` of each column of `(batch, labels)` by itself.

        y_true : truth values of y_pred's shape
        weights: anything that NumPy broadcasts to that shape, or None for ones
        """
        labels = y_pred.shape[-1] if by_label else 1
        buckets = len(self) + 1
        index = self.exceeded(y_pred) + buckets * y_true
        if by_label:
            index = index + 2 * buckets * np.arange(labels)
        if weights is not None:
            weights = np.broadcast_to(weights, y_pred.shape).ravel()
        sums = np.bincount(index.ravel(), weights, 2 * buckets * labels).reshape(labels, 2, buckets)
        positive = sums[..., ::-1].cumsum(-1)[..., -2::-1]  # (labels, 2, thresholds): the weight in higher buckets
        positive = positive[..., self._rank].astype(np.float64)
        negative = sums.sum(-1, keepdims=True) - positive
        counts = (positive[:, 1], positive[:, 0], negative[:, 0], negative[:, 1])  # each (labels, thresholds)
        return Counts(*(count.T if by_label else count[0] for count in counts))


class ThresholdMetric(Metric):
    """What all metrics share that count positives and negatives, right and wrong, at each of some thresholds.

    Subclasses name in `counted` what they keep: each is a variable of shape `(thresholds,)` or `(thresholds, labels)`.
    """

    counted: tuple[str, ...] = Counts._fields
    true_positives: Variable
    false_positives: Variable
    true_negatives: Variable
    false_negatives: Variable

    def __init__(self, thresholds: Sequence[float], name: str | None, dtype: str | None):
        super().__init__(dtype, name)
        self._thresholds = Thresholds(thresholds, self.dtype)

    def _make_counts(self, *labels: int) -> None:
        for name in self.counted:
            setattr(self, name, self.add_weight((len(self._thresholds), *labels), name=name, dtype=STATE))

    def _add_counts(self, counts: Counts) -> None:
        for name in self.counted:
            getattr(self, name).value[...] += getattr(counts, name)

    def _all_counts(self) -> Counts:
        return Counts(*(getattr(self, name).value for name in Counts._fields))
