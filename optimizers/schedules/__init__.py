"""Schedules: the learning rate as a function of the step."""

from typing import Any

from ...utils.component import serialize
from .base import LearningRateSchedule, registry
from .cosine import CosineDecay, CosineDecayRestarts
from .decays import ExponentialDecay, InverseTimeDecay, PiecewiseConstantDecay, PolynomialDecay


def deserialize(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> LearningRateSchedule:
    """The schedule of a config."""
    return registry.get(config, custom_objects)


__all__ = [
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "deserialize",
    "serialize",
]
