"""Optimizers: the rules that move weights by their gradients, each with its formula."""

from typing import TYPE_CHECKING, Any

from ..errors import ArgumentError, refusing
from ..utils.component import serialize
from . import schedules
from .adadelta import Adadelta
from .adafactor import Adafactor
from .adagrad import Adagrad
from .adam import Adam, AdamW
from .adamax import Adamax
from .arguments import OptimizerOptions
from .base import Optimizer, registry
from .ftrl import Ftrl
from .lamb import Lamb
from .layout import Slot
from .lion import Lion
from .muon import Muon
from .nadam import Nadam
from .rmsprop import RMSprop
from .sgd import SGD


def get(identifier: Any) -> Optimizer:
    """The optimizer meant by a name, a config, a class or an instance.

    >>> get("rmsprop")
    RMSprop()
    """
    return deserialize(identifier)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Optimizer:
    """The optimizer of a name or a config.

    >>> deserialize({"class_name": "SGD", "config": {"momentum": 0.9}})
    SGD(momentum=0.9)
    """
    found = registry.get(config, custom_objects)
    if not isinstance(found, Optimizer):
        raise ArgumentError(
            "can't read this as an optimizer", expected="a name, an Optimizer or a config", received=repr(config)
        )
    return found


_ABSENT = dict.fromkeys(("experimental", "legacy"), "optimizers itself has them")

if not TYPE_CHECKING:  # editors know what is there
    __getattr__ = refusing(__name__, _ABSENT)

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
    "Muon",
    "Nadam",
    "Optimizer",
    "OptimizerOptions",
    "RMSprop",
    "Slot",
    "deserialize",
    "get",
    "registry",
    "schedules",
    "serialize",
]


def __dir__() -> list[str]:
    return __all__
