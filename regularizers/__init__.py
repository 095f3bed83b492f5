"""Regularizers: penalties on weights or activities, each with its gradient."""

from typing import Any

from ..errors import ArgumentError
from ..utils.component import serialize
from .base import Regularizer, registry
from .norms import L1, L1L2, L2
from .orthogonal import OrthogonalRegularizer


def get(identifier: Any) -> Regularizer | None:
    """The regularizer meant by a name, a config, an instance or a class; None is none.

    >>> get("l2"), get(None)
    (L2(), None)
    """
    return deserialize(identifier)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Regularizer | None:
    """The regularizer of a name or a config.

    >>> deserialize({"class_name": "L1", "config": {"l1": 0.5}})
    L1(l1=0.5)
    """
    found = registry.get(config, custom_objects)
    if found is not None and not isinstance(found, Regularizer):
        raise ArgumentError(
            "a regularizer needs its gradient",
            expected="a name, or an instance of a subclass of Regularizer with __call__(w) and gradient(w)",
            received=repr(config),
        )
    return found


l1, l2, l1_l2, orthogonal_regularizer = L1, L2, L1L2, OrthogonalRegularizer  # Keras's names in lower case

__all__ = [
    "L1",
    "L1L2",
    "L2",
    "OrthogonalRegularizer",
    "Regularizer",
    "deserialize",
    "get",
    "l1",
    "l1_l2",
    "l2",
    "orthogonal_regularizer",
    "serialize",
]


def __dir__() -> list[str]:
    return __all__
