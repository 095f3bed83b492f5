"""Schedules: the learning rate as a function of the step."""

from typing import Any

from ...utils.component import serialize
from .base import LearningRateSchedule, registry
from .cosine_decay import CosineDecay, CosineDecayRestarts
from .exponential_decay import ExponentialDecay
from .inverse_time_decay import InverseTimeDecay
from .piecewise_constant_decay import PiecewiseConstantDecay
from .polynomial_decay import PolynomialDecay


def deserialize(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> LearningRateSchedule:
    """The schedule of a config.

    >>> config = {"class_name": "CosineDecay", "config": {"initial_learning_rate": 0.1, "decay_steps": 10}}
    >>> deserialize(config)
    CosineDecay(initial_learning_rate=0.1, decay_steps=10)
    """
    return registry.from_dict(config, custom_objects)


__all__ = [
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "deserialize",
    "registry",
    "serialize",
]


def __dir__() -> list[str]:
    return __all__
