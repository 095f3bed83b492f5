"""The weighted harmonic mean of precision and recall."""

import numpy as np

from ..config import epsilon
from ..errors import OptionError
from ..utils.checks import number, one_of, unless_none
from ..utils.shapes import align_weights
from ..utils.variable import Variable
from .base import STATE, Metric, registry
from .shapes import columns, paired

AVERAGES = (None, "micro", "macro", "weighted")


class FBetaScore(Metric):
    """F_beta = (1 + beta²) P R / (beta² P + R), with P = TP / (TP + FP) and R = TP / (TP + FN) of each class.

    A class counts as predicted where y_pred is largest, or with a `threshold` wherever y_pred exceeds it.

    average : None for an array of the classes' scores; ``"micro"``: of the counts of all classes together;
              ``"macro"``: the mean of the classes; ``"weighted"``: their mean weighted by how often each one is true

    Shapes: y_true (one-hot or multi-hot) and y_pred `(batch, classes)`; sample_weight `(batch,)`.
    Raises OptionError for another average, a beta that is not above 0, a threshold that is not above 0 and at most 1;
    ShapeError for other shapes, and for another number of classes than before.

    >>> y_true = [[1, 1, 1], [1, 0, 0], [1, 1, 0]]
    >>> y_pred = [[0.2, 0.6, 0.7], [0.2, 0.6, 0.6], [0.6, 0.8, 0.0]]
    >>> round(FBetaScore(average="micro", beta=2.0, threshold=0.5)(y_true, y_pred), 4)
    0.6667
    """

    true_positives: Variable
    false_positives: Variable
    false_negatives: Variable
    support: Variable  # how often each class is true: what Keras calls intermediate_weights

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str | None = "fbeta_score",
        dtype: str | None = None,
    ):
        super().__init__(dtype, name)
        where = type(self).__name__
        self.average = one_of(where, "average", average, AVERAGES)
        self.beta = number(where, "beta", beta, 0)
        self.threshold = unless_none(number, where, "threshold", threshold, 0, 1)
        for argument, value in (("beta", self.beta), ("threshold", self.threshold)):
            if value == 0:
                raise OptionError(f"{where}({argument}=...)", expected="a number above 0", received="0")

        self._classes: int | None = None

    def _build(self, classes: int) -> None:
        if self._classes is None:
            self._classes = classes
            for name in ("true_positives", "false_positives", "false_negatives", "support"):
                setattr(self, name, self.add_weight(classes, name=name, dtype=STATE))

    def _make_room(self, state) -> None:
        for counts in list(state.values())[:1]:
            self._build(len(counts))

    def update_state(self, y_true, y_pred, sample_weight=None) -> None:
        where = f"metric '{self.name}'"
        y_true, y_pred = paired(where, y_true, np.asarray(y_pred, self.dtype))
        self._build(columns(where, y_pred, self._classes, "classes"))
        if self.threshold is None:  # of equal predictions all are chosen, of a row of zeros none
            predicted = (y_pred == y_pred.max(-1, keepdims=True)) & (np.abs(y_pred) > 1e-9)
        else:
            predicted = y_pred > self.threshold
        weights = np.ones(1) if sample_weight is None else align_weights(where, sample_weight, y_pred.shape)
        true = np.multiply(y_true, weights, dtype=STATE)
        right, chosen = (true * predicted).sum(0), np.multiply(predicted, weights, dtype=STATE).sum(0)
        gathered = (right, chosen - right, true.sum(0) - right, true.sum(0))
        for variable, count in zip(self._variables, gathered, strict=True):
            variable.value[...] += count

    def result(self) -> float | np.ndarray:
        if self._classes is None:
            return self._rounded(np.zeros(0) if self.average is None else np.zeros(()))
        counts = np.stack([variable.value for variable in self._variables[:3]])
        if self.average == "micro":
            counts = counts.sum(-1, keepdims=True)
        tp, fp, fn = counts
        precision, recall = tp / (tp + fp + epsilon()), tp / (tp + fn + epsilon())
        square = self.beta**2
        score = (1 + square) * precision * recall / (square * precision + recall + epsilon())
        if self.average == "weighted":
            support = self.support.value
            score = (score * support / (support.sum() + epsilon())).sum()
        elif self.average is not None:
            score = score.mean()
        return self._rounded(score)


class F1Score(FBetaScore):
    """F_1 = 2 P R / (P + R): `FBetaScore` with beta = 1, of which it has the other arguments, shapes and errors.

    >>> y_true = [[1, 1, 1], [1, 0, 0], [1, 1, 0]]
    >>> y_pred = [[0.2, 0.6, 0.7], [0.2, 0.6, 0.6], [0.6, 0.8, 0.0]]
    >>> F1Score(threshold=0.5)(y_true, y_pred).round(4)
    array([0.5   , 0.8   , 0.6667], dtype=float32)
    """

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str | None = "f1_score",
        dtype: str | None = None,
    ):
        super().__init__(average, 1.0, threshold, name, dtype)


registry.add(FBetaScore, "fbeta_score")
registry.add(F1Score)
