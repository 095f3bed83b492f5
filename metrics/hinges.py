"""The margins between predicted and true classes."""

from ..losses import categorical_hinge, hinge, squared_hinge
from .base import registry
from .mean import MeanMetricWrapper


class Hinge(MeanMetricWrapper):
    """The weighted mean of mean(max(1 - y_true y_pred, 0)), the inner mean over the last axis.

    Labels are -1 and 1; labels of 0 and 1 are read as those.

    Shapes: y_true and y_pred `(batch, ...)`. Raises ShapeError for any other pair.

    >>> Hinge()([[-1.0, 1.0]], [[0.5, 0.5]])
    1.0
    """

    def __init__(self, name: str | None = "hinge", dtype: str | None = None):
        super().__init__(hinge, name, dtype)


class SquaredHinge(MeanMetricWrapper):
    """The weighted mean of mean(max(1 - y_true y_pred, 0)²), the inner mean over the last axis.

    Labels are -1 and 1; labels of 0 and 1 are read as those.

    Shapes: y_true and y_pred `(batch, ...)`. Raises ShapeError for any other pair.

    >>> SquaredHinge()([[-1.0, 1.0]], [[0.5, 0.5]])
    1.25
    """

    def __init__(self, name: str | None = "squared_hinge", dtype: str | None = None):
        super().__init__(squared_hinge, name, dtype)


class CategoricalHinge(MeanMetricWrapper):
    """The weighted mean of max(neg - pos + 1, 0), pos = sum(y_true y_pred), neg = max((1 - y_true) y_pred).

    Shapes: y_true and y_pred `(batch, ..., classes)`. Raises ShapeError for any other pair.

    >>> CategoricalHinge()([[0.0, 1.0]], [[0.5, 0.75]])
    0.75
    """

    def __init__(self, name: str | None = "categorical_hinge", dtype: str | None = None):
        super().__init__(categorical_hinge, name, dtype)


registry.add(Hinge, function=hinge)
registry.add(SquaredHinge, function=squared_hinge)
registry.add(CategoricalHinge, function=categorical_hinge)
