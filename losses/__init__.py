"""Losses: how wrong predictions are, and in which direction they would be less so."""

from typing import TYPE_CHECKING, Any

from ..errors import refusing
from ..utils.component import serialize
from .base import Loss, registry
from .circle import Circle, circle
from .crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
)
from .ctc import CTC, ctc
from .divergence import KLDivergence, kl_divergence
from .elementwise import LossFunction
from .focal import (
    BinaryFocalCrossentropy,
    CategoricalFocalCrossentropy,
    binary_focal_crossentropy,
    categorical_focal_crossentropy,
)
from .generalized_crossentropy import CategoricalGeneralizedCrossEntropy, categorical_generalized_cross_entropy
from .hinge import CategoricalHinge, Hinge, SquaredHinge, categorical_hinge, hinge, squared_hinge
from .regression import (
    Huber,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Poisson,
    huber,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
)
from .segmentation import Dice, Tversky, dice, tversky
from .similarity import CosineSimilarity, cosine_similarity
from .sparse_crossentropy import SparseCategoricalCrossentropy, sparse_categorical_crossentropy


def get(identifier: Any) -> Loss | None:
    """The loss meant by a name, a class, an instance, a config, a function of this module, or one of your own.

    A function of your own ``f(y_true, y_pred)`` gives the pair (values, d values / d y_pred).

    Raises OptionError for a name that there is not, with the nearest one.

    >>> get("mse").name
    'mean_squared_error'
    """
    return deserialize(identifier)


def deserialize(name: Any, custom_objects: dict[str, Any] | None = None) -> Loss | None:
    """The loss of a name or a config; `custom_objects` are classes and functions of your own by name.

    >>> deserialize({"class_name": "Huber", "config": {"delta": 2.0}}).delta
    2.0
    """
    found = registry.get(name, custom_objects)
    return found if found is None or isinstance(found, Loss) else LossFunction(found)


if not TYPE_CHECKING:  # editors know what is there
    __getattr__ = refusing(__name__, registry.spellings())

__all__ = [
    "CTC",
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalGeneralizedCrossEntropy",
    "CategoricalHinge",
    "Circle",
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
    "categorical_generalized_cross_entropy",
    "categorical_hinge",
    "circle",
    "cosine_similarity",
    "ctc",
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


def __dir__() -> list[str]:
    return __all__
