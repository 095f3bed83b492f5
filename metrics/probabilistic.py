"""How far predicted probabilities are from true ones."""

import numpy as np

from ..losses import (
    binary_crossentropy,
    categorical_crossentropy,
    kl_divergence,
    poisson,
    sparse_categorical_crossentropy,
)
from ..utils.checks import number
from ..utils.shapes import align_weights
from .base import registry
from .mean import MeanMetricWrapper
from .shapes import labels_of


class BinaryCrossentropy(MeanMetricWrapper):
    """The weighted mean of mean(-t log(p) - (1 - t) log(1 - p)), the inner mean over the last axis.

    p is y_pred, or with `from_logits` its sigmoid; t is y_true, or with `label_smoothing` s, (1 - s) y_true + s / 2.

    Shapes: y_true and y_pred `(batch, ...)`. Raises ShapeError for any other pair; OptionError for smoothing
    outside [0, 1].

    >>> round(BinaryCrossentropy()([[0.0], [1.0]], [[0.5], [0.5]]), 4)
    0.6931
    """

    def __init__(
        self,
        name: str | None = "binary_crossentropy",
        dtype: str | None = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ):
        self.from_logits = bool(from_logits)
        self.label_smoothing = number("BinaryCrossentropy", "label_smoothing", label_smoothing, 0, 1)
        options = {"from_logits": self.from_logits, "label_smoothing": self.label_smoothing}
        super().__init__(binary_crossentropy, name, dtype, **options)


class CategoricalCrossentropy(MeanMetricWrapper):
    """The weighted mean of -sum(t log(p)) over the classes.

    p is y_pred scaled to a sum of 1, or with `from_logits` its softmax; t is y_true, or with `label_smoothing` s,
    (1 - s) y_true + s / classes.

    Shapes: y_true and y_pred `(batch, ..., classes)`, the classes along `axis`. Raises ShapeError for any other pair;
    OptionError for smoothing outside [0, 1].

    >>> round(CategoricalCrossentropy()([[0, 1], [1, 0]], [[0.5, 0.5], [0.5, 0.5]]), 4)
    0.6931
    """

    def __init__(
        self,
        name: str | None = "categorical_crossentropy",
        dtype: str | None = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ):
        self.from_logits, self.axis = bool(from_logits), axis
        self.label_smoothing = number("CategoricalCrossentropy", "label_smoothing", label_smoothing, 0, 1)
        options = {"from_logits": self.from_logits, "label_smoothing": self.label_smoothing, "axis": axis}
        super().__init__(categorical_crossentropy, name, dtype, **options)


class SparseCategoricalCrossentropy(MeanMetricWrapper):
    """The weighted mean of -log(p[y_true]), p being y_pred scaled to a sum of 1, or with `from_logits` its softmax.

    Labels equal to `ignore_class` give 0, and where weights are given they weigh nothing (Keras's choice).

    Shapes: y_true `(batch, ...)` or `(batch, ..., 1)`, y_pred `(batch, ..., classes)`, the classes along `axis`.
    Raises ShapeError for any other pair.

    >>> round(SparseCategoricalCrossentropy()([1, 0], [[0.5, 0.5], [0.5, 0.5]]), 4)
    0.6931
    """

    def __init__(
        self,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: str | None = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ):
        self.from_logits, self.ignore_class, self.axis = bool(from_logits), ignore_class, axis
        options = {"from_logits": self.from_logits, "ignore_class": ignore_class, "axis": axis}
        super().__init__(sparse_categorical_crossentropy, name, dtype, **options)

    def update_state(self, y_true, y_pred, sample_weight=None) -> None:  # type: ignore[override]
        if self.ignore_class is not None and sample_weight is not None:
            where, scores = f"metric '{self.name}'", np.moveaxis(np.asarray(y_pred), self.axis, -1)
            kept = labels_of(where, y_true, scores) != self.ignore_class
            sample_weight = align_weights(where, sample_weight, kept.shape) * kept
        super().update_state(y_true, y_pred, sample_weight)


class KLDivergence(MeanMetricWrapper):
    """The weighted mean of sum(y_true log(y_true / y_pred)) over the last axis.

    Shapes: y_true and y_pred `(batch, ..., classes)`. Raises ShapeError for any other pair.

    >>> round(KLDivergence()([[0.5, 0.5]], [[0.25, 0.75]]), 4)
    0.1438
    """

    def __init__(self, name: str | None = "kl_divergence", dtype: str | None = None):
        super().__init__(kl_divergence, name, dtype)


class Poisson(MeanMetricWrapper):
    """The weighted mean of mean(y_pred - y_true log(y_pred)), the inner mean over the last axis.

    Shapes: y_true and y_pred `(batch, ...)`. Raises ShapeError for any other pair.

    >>> round(Poisson()([[1.0, 0.0]], [[1.0, 2.0]]), 4)
    1.5
    """

    def __init__(self, name: str | None = "poisson", dtype: str | None = None):
        super().__init__(poisson, name, dtype)


registry.add(BinaryCrossentropy, "bce", "BCE", function=binary_crossentropy)
registry.add(CategoricalCrossentropy, function=categorical_crossentropy)
registry.add(SparseCategoricalCrossentropy, function=sparse_categorical_crossentropy)
registry.add(KLDivergence, "kld", "KLD", function=kl_divergence)
registry.add(Poisson, function=poisson)
