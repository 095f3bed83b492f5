"""Which shapes of labels, predictions and sample weights fit each other. What NumPy would broadcast is refused."""

import numpy as np

from ..errors import ShapeError


def paired(where: str, y_true, y_pred) -> tuple[np.ndarray, np.ndarray]:
    """Labels and predictions as arrays of one shape; where one has a last axis of 1 more, the other is given it.

    Raises ShapeError for any other pair.

    >>> [y.shape for y in paired("mse", [0, 1], [[0.5], [0.5]])]
    [(2, 1), (2, 1)]
    """
    y_true, y_pred = np.asarray(y_true), np.asarray(y_pred)
    if y_true.shape == y_pred.shape:
        return y_true, y_pred
    if (*y_true.shape, 1) == y_pred.shape:
        return y_true[..., np.newaxis], y_pred
    if y_true.shape == (*y_pred.shape, 1):
        return y_true, y_pred[..., np.newaxis]
    numbers = y_true.shape in (y_pred.shape[:-1], (*y_pred.shape[:-1], 1))
    raise ShapeError(
        where,
        expected="y_true and y_pred of the same shape, a last axis of 1 aside",
        received=f"{y_true.shape} and {y_pred.shape}",
        mend="class numbers want a metric with 'sparse' in its name, others as many columns as the output has"
        if numbers
        else "compare the shape of the labels with the model's output shape",
    )


def labels_of(where: str, y_true, y_pred: np.ndarray) -> np.ndarray:
    """Class numbers `(batch, ...)` for scores `(batch, ..., classes)`; a last axis of 1 of the labels is dropped.

    >>> labels_of("top_k", [[2], [0]], np.zeros((2, 3)))
    array([2, 0])
    """
    y_true = np.asarray(y_true)
    if y_true.ndim == y_pred.ndim and y_true.shape[-1:] == (1,):
        y_true = y_true[..., 0]
    if y_true.shape != y_pred.shape[:-1]:
        raise ShapeError(
            where,
            expected="class numbers (batch, ...) for y_pred (batch, ..., classes)",
            received=f"y_true {y_true.shape} and y_pred {y_pred.shape}",
            mend="one-hot labels want the metric without 'sparse' in its name",
        )
    return y_true


def columns(where: str, y_pred: np.ndarray, known: int | None, what: str) -> int:
    """How many columns `(batch, columns)` has; ShapeError for other axes, and for other than the number known.

    >>> columns("f1_score", np.zeros((5, 3)), None, "classes")
    3
    """
    if y_pred.ndim != 2 or known not in (None, y_pred.shape[1]):
        raise ShapeError(where, expected=f"y_true and y_pred (batch, {known or what})", received=str(y_pred.shape))
    return y_pred.shape[1]
