"""Keras's other namespace for files of models, objects as plain data, and the names that classes have in both."""

from typing import Any

from .. import activations, constraints, initializers, layers, losses, metrics, optimizers, regularizers
from ..errors import OptionError
from ..models import load_model, load_weights, save_model, save_weights
from ..optimizers import schedules
from ..utils.component import Component, Registry, serialize
from ..utils.registration import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)

_SPACES = layers, initializers, regularizers, constraints, optimizers, schedules, losses, metrics, activations
_REGISTRIES: dict[str, Registry] = {space.__name__.partition(".")[2]: space.registry for space in _SPACES}


def serialize_keras_object(obj: Any) -> Any:
    """An object as plain data, from which `deserialize_keras_object` makes an equal one; a list or dict of such, too.

    It is what the `get_config` of a layer of your own gives for a layer within, say. Raises ConfigError for what can't
    be written so.

    >>> serialize_keras_object(initializers.Zeros())
    {'module': 'lamina.initializers', 'class_name': 'Zeros', 'config': {}}
    """
    if isinstance(obj, list | tuple):
        return [serialize_keras_object(item) for item in obj]
    if isinstance(obj, dict):
        return {str(key): serialize_keras_object(item) for key, item in obj.items()}
    if not isinstance(obj, Component):
        return serialize(obj)
    spaces = (name for name, registry in _REGISTRIES.items() if isinstance(obj, registry.base))
    return {"module": f"lamina.{next(spaces, '')}", **serialize(obj)}


def deserialize_keras_object(config: Any, custom_objects: dict[str, Any] | None = None, safe_mode: bool = True) -> Any:
    """The object that plain data describe, as `serialize_keras_object` gave them; other data stay what they are.

    A class of your own is registered, or in `custom_objects`. No module is imported and no code runs, so that there is
    no other `safe_mode`. Raises OptionError for a name that is not known, ConfigError for data that do not fit.

    >>> deserialize_keras_object([1, serialize_keras_object(layers.Dense(3, name="of_three"))])[1].units
    3
    """
    if safe_mode is not True:
        raise OptionError("deserialize_keras_object(safe_mode=...)", expected="True", received=repr(safe_mode))
    if isinstance(config, list):
        return [deserialize_keras_object(item, custom_objects) for item in config]
    if not isinstance(config, dict):
        return config
    name = config.get("class_name")
    if name is None:
        return {key: deserialize_keras_object(item, custom_objects) for key, item in config.items()}
    space = str(config.get("module")).partition(".")[2]
    knowing = (registry for registry in _REGISTRIES.values() if str(name) in registry._classes)
    registry = _REGISTRIES.get(space) or next(knowing, layers.registry)
    return registry.from_dict(config, custom_objects)


__all__ = [
    "CustomObjectScope",
    "custom_object_scope",
    "deserialize_keras_object",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "load_model",
    "load_weights",
    "register_keras_serializable",
    "save_model",
    "save_weights",
    "serialize_keras_object",
]


def __dir__() -> list[str]:
    return __all__
