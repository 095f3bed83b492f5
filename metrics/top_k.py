"""How often the true class is among the k highest predictions."""

import numpy as np

from ..config import floatx
from ..utils.checks import positive_int
from .base import registry
from .mean import MeanMetricWrapper
from .shapes import labels_of, paired


def _hits(labels: np.ndarray, y_pred: np.ndarray, k: int) -> np.ndarray:
    """Whether fewer than k classes score higher than the labelled one; no score of that row may be infinite or nan."""
    known = (labels >= 0) & (labels < y_pred.shape[-1])
    at = np.where(known, labels, 0).astype(np.intp)[..., np.newaxis]
    higher = np.count_nonzero(y_pred > np.take_along_axis(y_pred, at, -1), axis=-1)
    return known & (higher < k) & np.isfinite(y_pred).all(-1)


def _top_k(y_true, y_pred, k: int) -> np.ndarray:
    y_true, y_pred = paired("top_k_categorical_accuracy", y_true, y_pred)
    return _hits(y_true.argmax(-1), y_pred, k)


def _sparse_top_k(y_true, y_pred, k: int, from_sorted_ids: bool) -> np.ndarray:
    y_pred = np.asarray(y_pred)
    labels = labels_of("sparse_top_k_categorical_accuracy", y_true, y_pred)
    if from_sorted_ids:
        return (labels[..., np.newaxis] == y_pred[..., :k]).any(-1)
    return _hits(labels, y_pred, k)


def top_k_categorical_accuracy(y_true, y_pred, k: int = 5) -> np.ndarray:
    """1 where fewer than k classes score higher than the one where y_true is largest, else 0.

    Scores equal to the true class's don't count against it; a row with an infinite or nan score counts as wrong.

    Shapes: y_true and y_pred `(batch, ..., classes)`; the result `(batch, ...)`.
    Raises ShapeError for y_true of another shape.

    >>> top_k_categorical_accuracy([[0, 0, 1], [0, 1, 0]], [[0.1, 0.9, 0.8], [0.95, 0.05, 0.0]], k=2)
    array([1., 1.], dtype=float32)
    """
    return _top_k(y_true, y_pred, k).astype(floatx())


def sparse_top_k_categorical_accuracy(y_true, y_pred, k: int = 5, from_sorted_ids: bool = False) -> np.ndarray:
    """1 where fewer than k classes score higher than the one that y_true numbers, else 0; so for one that is no class.

    With `from_sorted_ids`, y_pred holds no scores but class numbers, best first: 1 where the first k hold y_true.

    Shapes: y_true `(batch, ...)` or `(batch, ..., 1)`, y_pred `(batch, ..., classes)`; the result as y_true.
    Raises ShapeError for y_true of another shape.

    >>> sparse_top_k_categorical_accuracy([2, 1], [[0.1, 0.9, 0.8], [0.05, 0.95, 0.0]], k=1)
    array([0., 1.], dtype=float32)
    """
    return _sparse_top_k(y_true, y_pred, k, from_sorted_ids).astype(floatx()).reshape(np.shape(y_true))


class TopKCategoricalAccuracy(MeanMetricWrapper):
    """The weighted mean of 1 where fewer than k classes score higher than the true one, else 0; labels one-hot.

    Shapes: y_true and y_pred `(batch, ..., classes)`. Raises ShapeError for any other pair; OptionError for a k
    that is no whole number of 1 or more.

    >>> TopKCategoricalAccuracy(k=1)([[0, 0, 1], [0, 1, 0]], [[0.1, 0.9, 0.8], [0.05, 0.95, 0.0]])
    0.5
    """

    def __init__(self, k: int = 5, name: str | None = "top_k_categorical_accuracy", dtype: str | None = None):
        self.k = positive_int("TopKCategoricalAccuracy", "k", k)
        super().__init__(_top_k, name, dtype, k=self.k)


class SparseTopKCategoricalAccuracy(MeanMetricWrapper):
    """The weighted mean of 1 where fewer than k classes score higher than the true one, else 0; labels are numbers.

    With `from_sorted_ids`, y_pred holds no scores but class numbers, best first.

    Shapes: y_true `(batch, ...)` or `(batch, ..., 1)`, y_pred `(batch, ..., classes)`. Raises ShapeError for any
    other pair; OptionError for a k that is no whole number of 1 or more.

    >>> SparseTopKCategoricalAccuracy(k=1)([2, 1], [[0.1, 0.9, 0.8], [0.05, 0.95, 0.0]])
    0.5
    >>> SparseTopKCategoricalAccuracy(k=1, from_sorted_ids=True)([2, 1], [[1, 0, 3], [1, 2, 3]])
    0.5
    """

    def __init__(
        self,
        k: int = 5,
        name: str | None = "sparse_top_k_categorical_accuracy",
        dtype: str | None = None,
        from_sorted_ids: bool = False,
    ):
        self.k = positive_int("SparseTopKCategoricalAccuracy", "k", k)
        self.from_sorted_ids = bool(from_sorted_ids)
        super().__init__(_sparse_top_k, name, dtype, k=self.k, from_sorted_ids=self.from_sorted_ids)


registry.add(TopKCategoricalAccuracy, function=top_k_categorical_accuracy)
registry.add(SparseTopKCategoricalAccuracy, function=sparse_top_k_categorical_accuracy)
