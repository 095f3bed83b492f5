"""What is reached without a model: the figure that a model has to beat."""

from dataclasses import dataclass

import numpy as np

from .. import losses
from .data import Split

OF_CLASSES = (
    losses.BinaryCrossentropy,
    losses.BinaryFocalCrossentropy,
    losses.CategoricalCrossentropy,
    losses.CategoricalFocalCrossentropy,
    losses.CategoricalGeneralizedCrossEntropy,
    losses.CategoricalHinge,
    losses.Hinge,
    losses.SparseCategoricalCrossentropy,
    losses.SquaredHinge,
)


@dataclass
class Baseline:
    """A figure of the held-out data, by name, that needs no model; and how it comes about."""

    name: str
    value: float
    how: str

    def __str__(self) -> str:
        return f"{self.name} {self.value:.4g}, {self.how}"


def baseline_of(data: Split, loss: losses.Loss) -> Baseline | None:
    """Where the loss is of classes, the share of the most frequent one; for a series of one feature the squared error
    of its last value as a forecast; for other numbers that of the training part's mean.

    >>> x, y = np.zeros((3, 1)), np.array([1, 1, 0])
    >>> print(baseline_of(Split(x, y, x, y), losses.BinaryCrossentropy()))
    accuracy 0.6667, always class 1
    >>> print(baseline_of(Split(x, y, x, y), losses.MeanSquaredError()))
    mean squared error 0.2222, always the mean
    """
    y, y_test = np.asarray(data.y), np.asarray(data.y_test)
    if not len(data.x_test) or y.dtype.kind not in "iubf":
        return None
    if isinstance(loss, OF_CLASSES):
        if y.size != len(y) or not np.array_equal(y, np.rint(y)):
            return None
        classes, counts = np.unique(y, return_counts=True)
        most = classes[counts.argmax()]
        return Baseline("accuracy", float(np.mean(y_test.ravel() == most)), f"always class {int(most)}")
    x_test = np.asarray(data.x_test)
    series = x_test.ndim == 3 and x_test.shape[-1] == 1 and y_test.size == len(x_test)
    guess = x_test[:, -1, 0] if series else np.broadcast_to(y.mean(axis=0), y_test.shape)
    error = float(np.mean((guess.reshape(y_test.shape) - y_test) ** 2))
    return Baseline("mean squared error", error, "the last value again" if series else "always the mean")
