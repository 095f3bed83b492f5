"""Targets that are class numbers: one whole number from 0 to classes - 1 a sample."""

from typing import Any

import numpy as np

from ..errors import DataError, ShapeError
from ..utils.shapes import same_shape, show_shape
from .base import PlainLoss
from .probabilities import refuse_one_class

LARGEST = 2.0**62  # what a float may be to become an int64


class ClassNumbers(PlainLoss):
    """The parent of losses whose targets are class numbers, those of `ignore_class` aside. Classes lie along `axis`.

    Shapes: y_true ``(batch, ...)`` or ``(batch, ..., 1)``, whole numbers; y_pred ``(batch, ..., classes)``.

    Raises DataError for a label that is no class, with its row; ShapeError for rows in place of class numbers, and for
    an output of a single class.
    """

    ignore_class: int | None = None

    def rows(self, y_pred: np.ndarray) -> np.ndarray:
        """The predictions as ``(samples, classes)``, which lie in memory without gaps."""
        if self.axis != -1:
            y_pred = np.moveaxis(y_pred, self.axis, -1)
        rows = y_pred.reshape(-1, y_pred.shape[-1])
        return rows if rows.flags.forc else rows.copy()

    def from_rows(self, dp: np.ndarray, shape: tuple) -> np.ndarray:
        """A gradient of such rows in the shape of the predictions."""
        if self.axis == -1:
            return dp.reshape(shape)
        return np.moveaxis(dp.reshape(*without(shape, self.axis), -1), -1, self.axis)

    def align(self, y_true, y_pred, by_step=False):
        self.check_axis(y_pred.shape)
        wanted = without(y_pred.shape, self.axis)
        classes = y_pred.shape[self.axis]
        if y_true.shape != wanted or classes == 1:
            self.check_shapes(y_true.shape, y_pred.shape, "y_true")
            y_true = y_true.reshape(wanted)
        labels = y_true if y_true.dtype.kind in "iu" else self._whole(y_true, classes, "y_true")
        unsigned = labels.view(f"u{labels.itemsize}")  # what is below 0 is large, too
        if labels.size and np.maximum.reduce(unsigned, axis=None) >= classes:
            self._refuse_strangers(labels, classes, "y_true")
        return labels, y_pred

    def check_shapes(self, target, output, what):
        wanted = without(output, self.axis)
        if not same_shape(target, wanted) and not same_shape(target, (*wanted, 1)):
            raise ShapeError(
                f"loss '{self.name}': {what} does not fit the output {show_shape(output)}",
                expected=f"class numbers of shape {show_shape(wanted)}",
                received=show_shape(target),
                mend=self.shape_mend(target, output),
            )
        refuse_one_class(self.name, self.axis, output)

    def shape_mend(self, target, output):
        if len(target) == len(output):
            return "for rows use loss='categorical_crossentropy', or make class numbers of them with y.argmax(-1)"
        if len(output) > len(target) + 1:
            return super().shape_mend(target, output)
        return "give one class number a sample"

    def check_targets(self, y_true, output_shape, what: str = "y"):
        super().check_targets(y_true, output_shape, what)
        classes = output_shape[self.axis]
        labels = self._whole(np.asarray(y_true), classes, what)
        if classes is not None:
            self._refuse_strangers(labels, classes, what)

    def _whole(self, labels: np.ndarray, classes: int | None, what: str) -> np.ndarray:
        """The labels as whole numbers; what is none is refused."""
        if labels.dtype.kind in "iub":
            return labels.astype(np.int64, copy=False)
        if labels.dtype.kind != "f":
            raise DataError(
                f"loss '{self.name}': {what} holds no class numbers",
                expected="whole numbers",
                received=f"an array of {labels.dtype}",
                mend="number the classes: classes, y = numpy.unique(y, return_inverse=True)",
            )
        self._refuse(labels, (labels == np.floor(labels)) & (np.abs(labels) < LARGEST), classes, what)
        return labels.astype(np.int64)

    def _refuse_strangers(self, labels: np.ndarray, classes: int, what: str) -> None:
        good = (labels >= 0) & (labels < classes)
        if self.ignore_class is not None:
            good |= labels == self.ignore_class
        self._refuse(labels, good, classes, what)

    def _refuse(self, labels: np.ndarray, good: np.ndarray, classes: int | None, what: str) -> None:
        if good.all():
            return
        place: Any = np.unravel_index(int(np.argmin(good)), good.shape)
        few = f" from 0 to {classes - 1}, as the output has {classes} classes" if classes else ""
        raise DataError(
            f"loss '{self.name}': {what}[{', '.join(map(str, map(int, place)))}] is no class",
            expected=f"a whole number{few}",
            received=str(labels[place]),
            mend="count classes from 0, and let the last layer have one unit a class",
        )


def places(rows: np.ndarray, k: np.ndarray) -> np.ndarray:
    """Where each row's number at its class k lies in `flat(rows)`: an index of one array is a third of one of two.

    >>> rows = np.array([[1, 2], [3, 4]])
    >>> flat(rows)[places(rows, [1, 0])], flat(rows.T)[places(rows.T, [1, 0])]
    (array([2, 3]), array([3, 2]))
    """
    k, numbers = np.asarray(k, np.intp), np.arange(len(rows))
    return numbers * rows.shape[1] + k if rows.flags.c_contiguous else k * len(rows) + numbers


def flat(rows: np.ndarray) -> np.ndarray:
    """The numbers as they lie in memory: a view."""
    return rows.ravel(order="K")


def without(shape: tuple, axis: int) -> tuple:
    """A shape without one of its axes."""
    axis %= len(shape)
    return (*shape[:axis], *shape[axis + 1 :])
