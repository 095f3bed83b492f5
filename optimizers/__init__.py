"""Optimizers: rules that change weights by their gradients, each with its formula."""

from typing import Any

from ..errors import ArgumentError
from ..utils.component import serialize
from . import schedules
from .adafactor import Adafactor
from .adagrad import Adadelta, Adagrad
from .adam import Adam, AdamW
from .adamax import Adamax
from .base import Optimizer, OptimizerOptions, registry
from .ftrl import Ftrl
from .lamb import Lamb
from .lion import Lion
from .nadam import Nadam
from .rmsprop import RMSprop
from .sgd import SGD


def get(identifier: Any) -> Optimizer:
    """The optimizer meant by a name, a class, an instance or a config.

    >>> get("adam").name
    'adam'
    """
    found = registry.get(identifier)
    if not isinstance(found, Optimizer):
        raise ArgumentError(
            "optimizer", expected="a name, an instance of Optimizer or a config", received=repr(identifier)
        )
    return found


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Optimizer:
    """The optimizer of a name or a config."""
    return registry.get(config, custom_objects)


__all__ = [
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Ftrl",
    "Lamb",
    "Lion",
    "Nadam",
    "Optimizer",
    "OptimizerOptions",
    "RMSprop",
    "deserialize",
    "get",
    "schedules",
    "serialize",
]
