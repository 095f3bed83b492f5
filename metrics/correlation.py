"""How well predictions vary together with labels."""

import numpy as np

from ..config import epsilon, floatx
from .base import registry
from .mean import MeanMetricWrapper
from .shapes import paired

Axis = int | tuple[int, ...]


def _centred(where: str, y_true, y_pred, axis: Axis) -> tuple[np.ndarray, ...]:
    """Both means along the axis, and both arrays less their mean."""
    y_true, y_pred = paired(where, y_true, y_pred)
    if y_pred.dtype.kind != "f":
        y_pred = y_pred.astype(floatx())
    y_true = y_true.astype(y_pred.dtype, copy=False)
    t, p = y_true.mean(axis, keepdims=True), y_pred.mean(axis, keepdims=True)
    return t.squeeze(axis), p.squeeze(axis), y_true - t, y_pred - p


def concordance_correlation(y_true, y_pred, axis: Axis = -1) -> np.ndarray:
    """Lin's (1989) coefficient of agreement, 2 cov(t, p) / (var(t) + var(p) + (mean(t) - mean(p))²), along the axis.

    Shapes: y_true and y_pred `(batch, ...)`; the result has those axes but `axis`.
    Raises ShapeError for y_true of another shape.

    >>> concordance_correlation([[0.0, 1.0, 0.5], [1.0, 1.0, 0.2]], [[0.1, 0.9, 0.5], [1.0, 0.9, 0.2]]).round(4)
    array([0.9756, 0.9877])
    """
    t_mean, p_mean, t, p = _centred("concordance_correlation", y_true, y_pred, axis)
    spread = np.square(t).mean(axis) + np.square(p).mean(axis) + np.square(t_mean - p_mean)
    return 2 * (t * p).mean(axis) / (spread + epsilon())


def pearson_correlation(y_true, y_pred, axis: Axis = -1) -> np.ndarray:
    """Pearson's coefficient of linear correlation, cov(t, p) / (std(t) std(p)), along the axis; nan of constants.

    Shapes: y_true and y_pred `(batch, ...)`; the result has those axes but `axis`.
    Raises ShapeError for y_true of another shape.

    >>> pearson_correlation([[0.0, 1.0, 0.5], [1.0, 1.0, 0.2]], [[0.1, 0.9, 0.5], [1.0, 0.9, 0.2]]).round(4)
    array([1.    , 0.9934])
    """
    _, _, t, p = _centred("pearson_correlation", y_true, y_pred, axis)
    spread = np.sqrt(np.square(t).mean(axis)) * np.sqrt(np.square(p).mean(axis))
    with np.errstate(invalid="ignore"):
        return (t * p).mean(axis) / spread


class ConcordanceCorrelation(MeanMetricWrapper):
    """The weighted mean of the samples' concordance 2 cov(t, p) / (var(t) + var(p) + (mean(t) - mean(p))²).

    Shapes: y_true and y_pred `(batch, ..., values)`, the values along `axis`; sample_weight the first of the axes
    that are left. Raises ShapeError for any other pair.

    >>> metric = ConcordanceCorrelation()
    >>> round(metric([[0.0, 1.0, 0.5], [1.0, 1.0, 0.2]], [[0.1, 0.9, 0.5], [1.0, 0.9, 0.2]]), 4)
    0.9816
    """

    def __init__(self, name: str | None = "concordance_correlation", dtype: str | None = None, axis: Axis = -1):
        self.axis = tuple(axis) if isinstance(axis, list) else axis  # a list is what a file holds
        super().__init__(concordance_correlation, name, dtype, axis=self.axis)


class PearsonCorrelation(MeanMetricWrapper):
    """The weighted mean of the samples' correlation cov(t, p) / (std(t) std(p)); nan once a sample is constant.

    Shapes: y_true and y_pred `(batch, ..., values)`, the values along `axis`; sample_weight the first of the axes
    that are left. Raises ShapeError for any other pair.

    >>> metric = PearsonCorrelation()
    >>> round(metric([[0.0, 1.0, 0.5], [1.0, 1.0, 0.2]], [[0.1, 0.9, 0.5], [1.0, 0.9, 0.2]]), 4)
    0.9967
    """

    def __init__(self, name: str | None = "pearson_correlation", dtype: str | None = None, axis: Axis = -1):
        self.axis = tuple(axis) if isinstance(axis, list) else axis  # a list is what a file holds
        super().__init__(pearson_correlation, name, dtype, axis=self.axis)


registry.add(ConcordanceCorrelation, function=concordance_correlation)
registry.add(PearsonCorrelation, function=pearson_correlation)
