"""How often predictions are right."""

import numpy as np

from ..config import floatx
from ..utils.checks import number
from ..utils.short_axes import argmax
from .base import registry
from .mean import MeanMetricWrapper
from .shapes import labels_of, paired


def _equal(y_true, y_pred) -> np.ndarray:
    y_true, y_pred = paired("accuracy", y_true, y_pred)
    if y_pred.dtype.kind == "f":
        y_true = y_true.astype(y_pred.dtype, copy=False)  # labels of 0.1 in double precision are the same labels
    return y_true == y_pred


def _right_side(y_true, y_pred, threshold: float) -> np.ndarray:
    y_true, y_pred = paired("binary_accuracy", y_true, y_pred)
    return y_true == (y_pred > threshold)


def _same_class(y_true, y_pred) -> np.ndarray:
    y_true, y_pred = paired("categorical_accuracy", y_true, y_pred)
    return argmax(y_true) == argmax(y_pred)


def _class_hit(y_true, y_pred) -> np.ndarray:
    y_pred = np.asarray(y_pred)
    return labels_of("sparse_categorical_accuracy", y_true, y_pred) == argmax(y_pred)


def binary_accuracy(y_true, y_pred, threshold: float = 0.5) -> np.ndarray:
    """1 where y_true is the truth value of y_pred > threshold, else 0.

    Shapes: y_true, y_pred and the result `(batch, ...)`. Raises ShapeError for y_true of another shape.

    >>> binary_accuracy([[1.0], [0.0]], [[0.75], [0.75]])
    array([[1.],
           [0.]], dtype=float32)
    """
    return _right_side(y_true, y_pred, threshold).astype(floatx())


def categorical_accuracy(y_true, y_pred) -> np.ndarray:
    """1 where y_true and y_pred are largest at the same class, else 0.

    Shapes: y_true and y_pred `(batch, ..., classes)`; the result `(batch, ...)`.
    Raises ShapeError for y_true of another shape.

    >>> categorical_accuracy([[0, 0, 1], [0, 1, 0]], [[0.5, 0.25, 0.25], [0.0, 1.0, 0.0]])
    array([0., 1.], dtype=float32)
    """
    return _same_class(y_true, y_pred).astype(floatx())


def sparse_categorical_accuracy(y_true, y_pred) -> np.ndarray:
    """1 where y_pred is largest at the class that y_true numbers, else 0; so for a number that is no class.

    Shapes: y_true `(batch, ...)` or `(batch, ..., 1)`, y_pred `(batch, ..., classes)`; the result `(batch, ...)`.
    Raises ShapeError for y_true of another shape.

    >>> sparse_categorical_accuracy([2, 1], [[0.5, 0.25, 0.25], [0.0, 1.0, 0.0]])
    array([0., 1.], dtype=float32)
    """
    return _class_hit(y_true, y_pred).astype(floatx())


class Accuracy(MeanMetricWrapper):
    """The weighted mean of 1 where y_true = y_pred, else 0: predictions are class numbers or labels themselves.

    Shapes: y_true and y_pred `(batch, ...)`. Raises ShapeError for any other pair.

    >>> Accuracy()([[1], [2], [3], [4]], [[0], [2], [3], [4]])
    0.75
    """

    def __init__(self, name: str | None = "accuracy", dtype: str | None = None):
        super().__init__(_equal, name, dtype)


class BinaryAccuracy(MeanMetricWrapper):
    """The weighted mean of 1 where y_true is the truth value of y_pred > threshold, else 0.

    Shapes: y_true and y_pred `(batch, ...)`. Raises ShapeError for any other pair; OptionError for a threshold that
    is no number (0 is the one for logits).

    >>> BinaryAccuracy()([[1], [1], [0], [0]], [[0.98], [1.0], [0.0], [0.6]])
    0.75
    """

    def __init__(self, name: str | None = "binary_accuracy", dtype: str | None = None, threshold: float = 0.5):
        self.threshold = number("BinaryAccuracy", "threshold", threshold)
        super().__init__(_right_side, name, dtype, threshold=self.threshold)


class CategoricalAccuracy(MeanMetricWrapper):
    """The weighted mean of 1 where one-hot labels and predictions are largest at the same class, else 0.

    Shapes: y_true and y_pred `(batch, ..., classes)`; probabilities or logits. Raises ShapeError for any other pair.

    >>> CategoricalAccuracy()([[0, 0, 1], [0, 1, 0]], [[0.1, 0.9, 0.8], [0.05, 0.95, 0.0]])
    0.5
    """

    def __init__(self, name: str | None = "categorical_accuracy", dtype: str | None = None):
        super().__init__(_same_class, name, dtype)


class SparseCategoricalAccuracy(MeanMetricWrapper):
    """The weighted mean of 1 where y_pred is largest at the class that y_true numbers, else 0.

    Shapes: y_true `(batch, ...)` or `(batch, ..., 1)`, y_pred `(batch, ..., classes)`; probabilities or logits.
    Raises ShapeError for any other pair.

    >>> SparseCategoricalAccuracy()([2, 1], [[0.1, 0.6, 0.3], [0.05, 0.95, 0.0]])
    0.5
    """

    def __init__(self, name: str | None = "sparse_categorical_accuracy", dtype: str | None = None):
        super().__init__(_class_hit, name, dtype)


registry.add(Accuracy)
registry.add(BinaryAccuracy, function=binary_accuracy)
registry.add(CategoricalAccuracy, function=categorical_accuracy)
registry.add(SparseCategoricalAccuracy, function=sparse_categorical_accuracy)
