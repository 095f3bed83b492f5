"""Constraints: rules that weights are put back under after each update."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import refusing
from ..utils.component import serialize
from .base import Constraint, registry
from .norms import MaxNorm, MinMaxNorm, UnitNorm
from .sign import NonNeg


def get(identifier: Any) -> Callable | None:
    """The constraint meant by a name, a config, an instance or a class; a function f(w) comes back as it is.

    >>> get("max_norm"), get(None)
    (MaxNorm(), None)
    """
    return deserialize(identifier)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Callable | None:
    """The constraint of a name or a config.

    >>> deserialize({"class_name": "MaxNorm", "config": {"max_value": 3}})
    MaxNorm(max_value=3)
    """
    return registry.get(config, custom_objects)


max_norm, min_max_norm, non_neg, unit_norm = MaxNorm, MinMaxNorm, NonNeg, UnitNorm  # Keras's names in lower case

_ABSENT = {"maxnorm": "call it max_norm", "nonneg": "call it non_neg", "unitnorm": "call it unit_norm"}

if not TYPE_CHECKING:  # editors know what is there
    __getattr__ = refusing(__name__, _ABSENT)

__all__ = [
    "Constraint",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "UnitNorm",
    "deserialize",
    "get",
    "max_norm",
    "min_max_norm",
    "non_neg",
    "serialize",
    "unit_norm",
]


def __dir__() -> list[str]:
    return __all__
