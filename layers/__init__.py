"""Layers: each file shows a forward pass and, directly under it, its backward pass."""

from typing import Any

from ..utils.component import serialize
from .activation import ELU, Activation, LeakyReLU, ReLU, Softmax
from .base import Layer, LayerOptions, registry
from .dense import Dense
from .dropout import Dropout
from .input import Input, InputLayer, KerasTensor
from .prelu import PReLU
from .reshaping import Flatten, Permute, RepeatVector, Reshape
from .spec import InputSpec


def deserialize(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Layer:
    """The layer that a config describes: ``{"class_name": "Dense", "config": {"units": 3}}``."""
    return registry.from_dict(config, custom_objects)


__all__ = [
    "ELU",
    "Activation",
    "Dense",
    "Dropout",
    "Flatten",
    "Input",
    "InputLayer",
    "InputSpec",
    "KerasTensor",
    "Layer",
    "LayerOptions",
    "LeakyReLU",
    "PReLU",
    "Permute",
    "ReLU",
    "RepeatVector",
    "Reshape",
    "Softmax",
    "deserialize",
    "serialize",
]
