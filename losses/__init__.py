"""Losses: how wrong predictions are, and in which direction they would be less so."""

from typing import Any

from ..utils.component import serialize
from .base import Loss, LossFunction, registry
from .crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
)
from .divergence import KLDivergence, kl_divergence
from .focal import (
    BinaryFocalCrossentropy,
    CategoricalFocalCrossentropy,
    binary_focal_crossentropy,
    categorical_focal_crossentropy,
)
from .hinge import CategoricalHinge, Hinge, SquaredHinge, categorical_hinge, hinge, squared_hinge
from .regression import (
    CosineSimilarity,
    Huber,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Poisson,
    cosine_similarity,
    huber,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
)
from .segmentation import Dice, Tversky, dice, tversky
from .sparse_crossentropy import SparseCategoricalCrossentropy, sparse_categorical_crossentropy


def get(identifier: Any) -> Loss | None:
    """The loss meant by a name, a class, an instance, a config, a function of this module, or one of your own.

    A function of your own ``f(y_true, y_pred)`` gives the pair (values, d values / d y_pred).

    >>> get("mse").name
    'mean_squared_error'
    """
    found = registry.get(identifier)
    return found if found is None or isinstance(found, Loss) else LossFunction(found)


def deserialize(name: Any, custom_objects: dict[str, Any] | None = None) -> Loss:
    """The loss of a name or a config."""
    return registry.get(name, custom_objects)


__all__ = [
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalHinge",
    "CosineSimilarity",
    "Dice",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "Loss",
    "LossFunction",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
    "Tversky",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_hinge",
    "cosine_similarity",
    "deserialize",
    "dice",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "poisson",
    "serialize",
    "sparse_categorical_crossentropy",
    "squared_hinge",
    "tversky",
]
