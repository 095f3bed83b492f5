"""The share of the labels' variance that predictions account for."""

import numpy as np

from ..utils.advice import advise
from ..utils.checks import one_of, whole_number
from ..utils.shapes import align_weights
from ..utils.variable import Variable
from .base import STATE, Metric, registry
from .shapes import columns, paired

AGGREGATIONS = (None, "uniform_average", "variance_weighted_average")


class R2Score(Metric):
    """The coefficient of determination R² = 1 - sum w (t - p)² / sum w (t - mean(t))² of each output.

    class_aggregation : None for an array of the outputs' scores; ``"uniform_average"``: their mean;
                        ``"variance_weighted_average"``: their mean weighted by sum w (t - mean(t))²
    num_regressors    : k of the adjusted score 1 - (1 - R²) (n - 1) / (n - k - 1), n being, as in Keras, the number
                        of entries of y_true; where n is not above k + 1, R² itself is given, with a warning

    An output that is constant scores 0, or nan if it is predicted without error.

    Shapes: y_true and y_pred `(batch, outputs)`; sample_weight `(batch,)`.
    Raises OptionError for another aggregation, and for regressors below 0; ShapeError for other shapes, and for
    another number of outputs than before.

    >>> round(R2Score()([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]]), 4)
    0.5714
    """

    squared_sum: Variable  # sum w t²
    sum: Variable  # sum w t
    total_mse: Variable  # sum w (t - p)²
    count: Variable  # sum w

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str | None = "r2_score",
        dtype: str | None = None,
    ):
        super().__init__(dtype, name)
        self.class_aggregation = one_of("R2Score", "class_aggregation", class_aggregation, AGGREGATIONS)
        self.num_regressors = whole_number("R2Score", "num_regressors", num_regressors)
        self.num_samples = self.add_weight(name="num_samples", dtype=STATE)

        self._outputs: int | None = None

    def _build(self, outputs: int) -> None:
        if self._outputs is None:
            self._outputs = outputs
            for name in ("squared_sum", "sum", "total_mse", "count"):
                setattr(self, name, self.add_weight(outputs, name=name, dtype=STATE))

    def _make_room(self, state) -> None:
        for sums in list(state.values())[1:2]:
            self._build(len(sums))

    def update_state(self, y_true, y_pred, sample_weight=None) -> None:
        where = f"metric '{self.name}'"
        y_true, y_pred = paired(where, y_true, np.asarray(y_pred, self.dtype))
        self._build(columns(where, y_pred, self._outputs, "outputs"))
        weights = np.ones(1) if sample_weight is None else align_weights(where, sample_weight, y_pred.shape)
        weights = np.broadcast_to(weights, y_pred.shape)
        t = y_true.astype(STATE)
        self.num_samples.value[...] += y_true.size
        self.squared_sum.value[...] += (weights * t * t).sum(0)
        self.sum.value[...] += (weights * t).sum(0)
        self.total_mse.value[...] += (weights * np.square(t - y_pred)).sum(0)
        self.count.value[...] += weights.sum(0, dtype=STATE)

    def result(self) -> float | np.ndarray:
        if self._outputs is None:
            return self._rounded(np.zeros(0) if self.class_aggregation is None else np.zeros(()))
        with np.errstate(invalid="ignore", divide="ignore"):
            variation = self.squared_sum.value - np.square(self.sum.value) / self.count.value
            roundings = float(self.num_samples) / self._outputs + 4  # what they leave of a constant is no variation
            rest = roundings * np.finfo(STATE).eps * self.squared_sum.value
            variation = np.where(np.abs(variation) <= rest, 0, variation)
            score = 1 - self.total_mse.value / variation
            score = np.where(np.isinf(score), 0, score)
            if self.class_aggregation == "uniform_average":
                score = score.mean()
            elif self.class_aggregation == "variance_weighted_average":
                score = (variation * score).sum() / variation.sum()
        return self._rounded(self._adjusted(score))

    def _adjusted(self, score: np.ndarray) -> np.ndarray:
        n, k = float(self.num_samples), self.num_regressors
        if k == 0:
            return score
        if n <= k + 1:
            advise(f"R2Score: {k} regressors for {n:g} samples; the score is not adjusted")
            return score
        return 1 - (1 - score) * (n - 1) / (n - k - 1)


registry.add(R2Score)
