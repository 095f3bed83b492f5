"""Models: layers that can be trained."""

import json
from collections.abc import Callable
from typing import Any

from ..errors import ArgumentError, ConfigError, LaminaError
from ..layers.base import Layer, registry
from ..layers.calls import within
from ..layers.input import InputLayer
from ..utils.component import parameters
from ..utils.registration import custom_object_scope
from .model import Model
from .parts import own_classes
from .saving import described_model, load_model, load_weights, save_model, save_weights
from .sequential import Sequential

registry.add(Sequential)


def model_from_json(json_string: str, custom_objects: dict[str, Any] | None = None) -> Model:
    """The model that `Model.to_json` described, with new weights.

    >>> model = Sequential([lamina.layers.Input((2,)), lamina.layers.Dense(1)])
    >>> model_from_json(model.to_json()).count_params()
    3
    """
    try:
        config = json.loads(json_string)
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigError("model_from_json", expected="JSON", received=str(error)) from None
    try:
        with custom_object_scope(custom_objects or {}):
            return described_model(config)
    except LaminaError:
        raise
    except Exception as error:  # the constructors of components, given what no caller gives them
        received = f"{type(error).__name__}: {error}"
        raise ConfigError("model_from_json", expected="the config of a model", received=received) from error


def clone_model(model: Sequential, *, clone_function: Callable[[Layer], Layer] | None = None) -> Sequential:
    """A model of the same layers, with new weights. Classes of your own need not be registered.

    Of a class of your own with a constructor that makes the layers it is a plain Sequential.

    `clone_function`, where given, is called with each layer, and gives the one that stands for it in the new model.

    Raises OptionError if two classes in the model go by one name, ArgumentError for a `clone_function` and a model that
    is no Sequential.

    >>> from lamina import layers
    >>> clone_model(Sequential([layers.Input((2,)), layers.Dense(1)])).count_params()
    3
    """
    with custom_object_scope(own_classes("clone_model", within(model))):
        if clone_function is None:
            named = not isinstance(model, Sequential) or "name" in parameters(type(model))
            return (type(model) if named else Sequential).from_config(model.get_config())
    if not isinstance(model, Sequential):
        raise ArgumentError("clone_model(clone_function=...)", expected="a Sequential", received=repr(model))
    clone = Sequential(name=model.name)
    for layer in model.sublayers():
        entry = isinstance(layer, InputLayer)
        clone.add(InputLayer.from_config(layer.get_config()) if entry else clone_function(layer))
    if model.built and model.shape_to_build is not None:
        clone.build(model.shape_to_build)
    if not model.trainable:
        clone.trainable = False
    return clone


__all__ = [
    "Model",
    "Sequential",
    "clone_model",
    "load_model",
    "load_weights",
    "model_from_json",
    "save_model",
    "save_weights",
]


def __dir__() -> list[str]:
    return __all__
