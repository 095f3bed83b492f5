"""Lamina's configs as Keras's: each component with its module, its types as policies, its functions by name."""

from collections.abc import Callable
from typing import Any

from ... import activations, constraints, initializers, losses, metrics, optimizers, regularizers
from ...errors import ConfigError
from ...layers.base import registry as layers
from ...layers.preprocessing import Preprocessing
from ...optimizers.schedules.base import registry as schedules
from ...utils.component import Registry, snake_case
from ...utils.registration import known_names

# Keras's modules, and the ends of the names of arguments that hold what is in them
MODULES: tuple[tuple[str, Registry, tuple[str, ...]], ...] = (
    ("keras.layers", layers, ("layer", "layers", "cell", "cells")),
    ("keras.initializers", initializers.registry, ("initializer",)),
    ("keras.regularizers", regularizers.registry, ("regularizer",)),
    ("keras.constraints", constraints.registry, ("constraint",)),
    ("keras.optimizers", optimizers.registry, ("optimizer",)),
    ("keras.optimizers.schedules", schedules, ("learning_rate",)),
    ("keras.losses", losses.registry, ("loss",)),
    ("keras.metrics", metrics.registry, ("metrics",)),
)
LAMINA_S = "Keras has no such thing: save the model as m.lamina"
NO_TRAINABLE = ("Discretization", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D")
ALONE = {
    "Cropping1D": "cropping",
    "ZeroPadding1D": "padding",
    "UpSampling1D": "size",
}  # for the one axis, not in a list


def component(described: dict[str, Any], key: str = "layer") -> dict[str, Any]:
    """Keras's config of a component that `utils.component.serialize` gave; `key` is the argument that it stands for."""
    name = described["class_name"]
    if name in known_names():
        return _own(described, known_names()[name])
    module = _said(described) or _module(name, key)
    if name == "LossFunction":
        return function(described["config"]["fn"])
    config = {argument: value(inner, argument) for argument, inner in described["config"].items()}
    if module == "keras.layers" and name != "Sequential":
        config = _of_layer(name, config)
    elif config.get("dtype", "") is None:
        del config["dtype"]
    if name == "Sequential":
        module = "keras"
    return _whole(module, name, config)


def value(given: Any, key: str) -> Any:
    """An argument: a function of Keras's for an activation, a component with its module."""
    if isinstance(given, list):
        return [value(item, key) for item in given]
    if key == "learning_rate" and isinstance(given, str):
        return function(given)
    if not isinstance(given, dict):
        return given
    module = _said(given)
    if set(given) != ({"module", "class_name", "config"} if module else {"class_name", "config"}):
        return {name: value(item, name) for name, item in given.items()}
    if key.endswith("activation") or module == "keras.activations":
        return _activation(given)
    return component(given, key)


def function(name: str) -> dict[str, Any]:
    """How a function of one's own stands in Keras's files."""
    return _whole("builtins", "function", name, name)


def _activation(described: dict[str, Any]) -> Any:
    """The name of a function, or a layer where the activation has arguments that a layer has, too."""
    name, config = described["class_name"], described["config"]
    if name in known_names():
        return _own(described, known_names()[name])
    cls: Any = activations.registry.find(name)
    functions = activations.registry.functions(cls)
    if functions and config == cls().get_config():
        named: list[Callable] = sorted(functions, key=lambda one: one.__name__ != snake_case(name))
        return named[0].__name__
    if name in ("ELU", "LeakyReLU", "ReLU", "Softmax"):
        return _whole("keras.layers", name, _of_layer(name, dict(config)))
    who = f"the activation {name}({', '.join(f'{key}={item!r}' for key, item in config.items())})"
    raise ConfigError(f"{who} can't stand in a file of Keras's", mend=LAMINA_S)


def _of_layer(name: str, config: dict[str, Any]) -> dict[str, Any]:
    """A layer's arguments as Keras takes them."""
    cls: Any = layers.find(name)
    for argument in ("activity_regularizer", "alpha", "input_length", "weights"):
        if config.get(argument, "") is None:
            del config[argument]
    if name == "InputLayer":
        return config | {"dtype": config["dtype"] or "float32"}
    if name in NO_TRAINABLE:
        config.pop("trainable", None)
    if name in ALONE:
        (config[ALONE[name]],) = config[ALONE[name]]
    dtype = config.pop("dtype", None)
    if issubclass(cls, Preprocessing) and config.get("output_mode") == "int":
        dtype = "int64" if name in ("Hashing", "IntegerLookup", "StringLookup", "TextVectorization") else dtype
    if dtype is not None:
        config["dtype"] = _whole("keras", "DTypePolicy", {"name": dtype})
    return config


def _own(described: dict[str, Any], target: Any) -> dict[str, Any]:
    """The config of a component of the user's own: Keras needs the same class, registered by the same name."""
    config = {argument: value(inner, argument) for argument, inner in described["config"].items()}
    return _whole(target.__module__, target.__name__, config, described["class_name"])


def _whole(module: str, name: str, config: Any, registered: str | None = None) -> dict[str, Any]:
    return {"module": module, "class_name": name, "config": config, "registered_name": registered}


def _said(described: dict[str, Any]) -> str:
    """The module of a component that `saving.serialize_keras_object` described."""
    package, _, space = str(described.get("module")).partition(".")
    return f"keras.{space}" if package == __name__.partition(".")[0] else ""


def _module(name: str, key: str) -> str:
    """Where Keras has a class of that name, for that argument."""
    has = [(module, ends) for module, registry, ends in MODULES if name in registry._classes]
    if not has:
        raise ConfigError(f"{name} can't stand in a file of Keras's", mend=LAMINA_S)
    return next((module for module, ends in has if key.rpartition("_")[2] in ends or key in ends), has[0][0])


def training(settings: dict[str, Any]) -> dict[str, Any]:
    """What a model is compiled with, as Keras's files have it, from what `compile_config` gave."""
    found = {key: value(settings[key], key) for key in ("optimizer", "loss")}
    weight = settings["loss_weights"]
    found["loss_weights"] = None if weight == 1 else weight
    for key in ("metrics", "weighted_metrics"):
        found[key] = [value(metric, "metrics") for metric in settings[key]] or None
    return found
