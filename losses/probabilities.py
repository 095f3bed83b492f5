"""What the losses of probabilities share: smoothed labels, and probabilities that have a logarithm."""

import numpy as np

from ..config import epsilon
from ..errors import ShapeError
from ..utils.checks import number
from ..utils.shapes import show_shape
from .base import PlainLoss, one_axis
from .elementwise import Elementwise


class OfProbabilities(PlainLoss):
    """The parent of losses of probabilities, or `from_logits` of what a sigmoid or a softmax makes such."""

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(reduction, name, dtype)
        self.from_logits, self.axis = bool(from_logits), one_axis(type(self).__name__, axis)
        self.label_smoothing = number(type(self).__name__, "label_smoothing", label_smoothing, 0, 1)
        if self.from_logits or (self.joins == "softmax" and self.axis != -1):  # layers have theirs on the last
            self.joins = None


class Binary(OfProbabilities, Elementwise):
    """The parent of losses of yes and no: labels y of 0 and 1, or between; p the probability of a yes, or a logit.

    `label_smoothing` s moves the labels towards the middle: y·(1 - s) + s / 2. The mean is over `axis`.
    """

    def values(self, y_true, y_pred):
        return super().values(smooth(y_true, self.label_smoothing, 2), y_pred)


class Categorical(OfProbabilities):
    """The parent of losses of one class among several, the target a row of probabilities along `axis`.

    `label_smoothing` s of n classes makes the labels y·(1 - s) + s / n.

    Raises ShapeError for class numbers in place of rows, and for an output of a single class.
    """

    def smoothed(self, y: np.ndarray) -> np.ndarray:
        """The labels, moved towards equal shares."""
        return smooth(y, self.label_smoothing, y.shape[self.axis])

    def align(self, y_true, y_pred, by_step=False):
        y_true, y_pred = super().align(y_true, y_pred, by_step)
        refuse_one_class(self.name, self.axis, y_pred.shape)
        return y_true, y_pred

    def check_shapes(self, target, output, what):
        refuse_one_class(self.name, self.axis, output)
        super().check_shapes(target, output, what)

    def shape_mend(self, target, output):
        if len(target) == len(output) - 1 or target[-1:] == (1,):
            return (
                "for class numbers use loss='sparse_categorical_crossentropy', or make rows with utils.to_categorical"
            )
        return super().shape_mend(target, output)


def refuse_one_class(name: str, axis: int, output: tuple) -> None:
    """A single class is always right: its loss would be 0 whatever the prediction."""
    if output[axis] == 1:
        raise ShapeError(
            f"loss '{name}': the output has one class",
            expected=f"2 classes or more along axis {axis}",
            received=show_shape(output),
            mend="for yes or no in one unit use loss='binary_crossentropy' after a sigmoid",
        )


def smooth(y: np.ndarray, smoothing: float, classes: int) -> np.ndarray:
    """Labels moved towards 1 / classes by a share."""
    return y * (1 - smoothing) + smoothing / classes if smoothing else y


def clip(p: np.ndarray) -> np.ndarray:
    """Probabilities held within [ε, 1 - ε], so that their logarithms are finite."""
    return p.clip(epsilon(), 1 - epsilon())
