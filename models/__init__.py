"""Models: layers that can be trained."""

import json
from typing import Any

from ..errors import ConfigError, LaminaError, OptionError
from ..layers.base import registry
from ..layers.calls import within
from ..utils.component import Component, registered_name
from ..utils.registration import custom_object_scope
from .model import Model
from .saving import described_model, load_model, load_weights, save_model, save_weights
from .sequential import Sequential

registry.add(Sequential)


def model_from_json(json_string: str, custom_objects: dict[str, Any] | None = None) -> Model:
    """The model that `Model.to_json` described, with new weights."""
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


def clone_model(model: Sequential) -> Sequential:
    """A model of the same layers, with new weights. Classes of your own need not be registered.

    Raises OptionError if two classes in the model go by one name.

    >>> from lamina import layers
    >>> clone_model(Sequential([layers.Input((2,)), layers.Dense(1)])).count_params()
    3
    """
    with custom_object_scope(_own_classes(model)):
        return type(model).from_config(model.get_config())


def _own_classes(model: Sequential) -> dict[str, Any]:
    """The classes of layers, activations, initializers, ... within a model that are not lamina's, by name."""
    own: dict[str, Any] = {}
    found = {type(part) for layer in within(model) for part in (layer, *vars(layer).values())}
    parts = [cls for cls in found if issubclass(cls, Component)]
    for cls in parts:
        if cls.__module__.partition(".")[0] == __name__.partition(".")[0]:
            continue
        name = registered_name(cls)
        if any(registered_name(other) == name for other in parts if other is not cls):
            mend = "give one another name: @register(name=...)"
            raise OptionError(f"clone_model: two classes in the model are called '{name}'", mend=mend)
        own[name] = cls
    return own


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
