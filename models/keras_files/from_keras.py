"""Keras's configs as lamina's: ``{"module": ..., "class_name": ..., "config": ...}`` says a component of a registry.

What a config names as a module is never imported: it only tells whether a class is Keras's or somebody's own, which
has to be registered, or passed in `custom_objects`.
"""

from typing import Any

from ... import activations, constraints, initializers, losses, metrics, optimizers, regularizers
from ...config import standardize_float
from ...errors import ConfigError, OptionError
from ...layers.base import registry as layers
from ...layers.lookup import Lookup
from ...optimizers.schedules.base import registry as schedules
from ...utils.component import Registry, parameters
from ...utils.component import snake_case as snake
from ...utils.registration import known_names
from .archive import Contents
from .graphs import line_of
from .places import numbered

REGISTRIES: tuple[Registry, ...] = (
    layers,
    initializers.registry,
    regularizers.registry,
    constraints.registry,
    optimizers.registry,
    schedules,
    losses.registry,
    metrics.registry,
    activations.registry,
)
GRAPHS, MODELS = ("Functional", "Model"), ("Sequential", "Functional", "Model")
RENAMED = {"lr": "learning_rate"}  # of Keras 2
WITHOUT_EFFECT = ("vocabulary_size", "renorm_momentum", "is_legacy_optimizer", "jit_compile", "batch_input_shape")
CODE = ("__lambda__", "Lambda")
RESAVE = "save the model with the type float32, or load its weights into a model that your script makes"


class Translation:
    """Of one file: its model's config, and what of that the arrays' paths depend on.

    graphs : the names of models within that are Keras's Functional
    """

    def __init__(self, contents: Contents):
        self.contents, self.graphs = contents, set[str]()

    # -- models and layers
    def model(self, described: Any, path: str = "") -> dict[str, Any]:
        """The config of the Sequential that a model is."""
        _need(described, "the config of a model")
        kind, config = described["class_name"], described.get("config")
        if kind in CODE or (kind not in MODELS and not _is_known(described)):
            raise _unknown(described)
        if kind not in MODELS or _is_known(described):
            return self.component(described)
        if isinstance(config, list):  # of an early Keras
            config = {"layers": config}
        if not isinstance(config, dict) or not isinstance(config.get("layers"), list):
            raise ConfigError(f"the config of a {kind}", expected="{'layers': [...], ...}", received=repr(config)[:300])
        for layer in config["layers"]:
            _need(layer, f"the config of a layer in a {kind}")
        given = config["layers"]
        if kind in GRAPHS:
            given = line_of(config)
            self.graphs.add(str(config.get("name")))
        counted = [layer for layer in given if layer["class_name"] != "InputLayer"]
        kinds = numbered(["functional" if one["class_name"] in GRAPHS else snake(one["class_name"]) for one in counted])
        prefix = f"{path}/layers" if path else "layers"
        places = {id(layer): f"{prefix}/{name}" for layer, name in zip(counted, kinds, strict=True)}
        found = [self.layer(layer, places.get(id(layer), prefix)) for layer in given]
        first = given[0].get("config") if given else None
        shape = first.get("batch_input_shape") if isinstance(first, dict) else None
        if shape is not None and given[0]["class_name"] != "InputLayer":  # Keras 2
            found.insert(0, {"class_name": "InputLayer", "config": {"batch_shape": shape}})
        arguments = {key: config[key] for key in ("name", "trainable", "build_input_shape") if key in config}
        if kind in GRAPHS or any(layer["class_name"] == "InputLayer" for layer in found):
            arguments.pop("build_input_shape", None)  # the Input says it
        return {"class_name": "Sequential", "config": arguments | {"layers": found}}

    def layer(self, described: dict[str, Any], path: str) -> dict[str, Any]:
        """The config of a layer at that place, with the vocabulary that the file has for it."""
        if described["class_name"] in MODELS:
            return self.model(described, path)
        found = self.component(described)
        kind = _class_of(found["class_name"])
        if isinstance(kind, type) and issubclass(kind, Lookup) and found["config"].get("vocabulary") is None:
            text = self.contents.vocabularies.get(path)
            if text is not None:
                terms: list[Any] = text.splitlines()
                while terms and terms[-1] == "":
                    terms.pop()
                found["config"]["vocabulary"] = [int(t) for t in terms] if kind.__name__ == "IntegerLookup" else terms
                weights = self.contents.tree.arrays.get(f"{path}/vars/idf_weights")
                if weights is not None:
                    found["config"]["idf_weights"] = weights.tolist()
        return found

    # -- components and their arguments
    def component(self, described: dict[str, Any], key: str = "") -> dict[str, Any]:
        """The config of any component; `key` is the argument that it stands for."""
        _need(described, f"the config of '{key}'" if key else "a config")
        name, config = described["class_name"], described.get("config") or {}
        if not isinstance(config, dict):
            raise ConfigError(f"the config of a {name}", expected="a dict", received=repr(config)[:300])
        if name in ("MeanMetricWrapper", "LossFunctionWrapper") and "fn" in config and not _is_known(described):
            return self.wrapped(config)
        registered = described.get("registered_name")
        found = registered if isinstance(registered, str) and registered in known_names() else name
        if not _is_known(described) and (not _of_keras(described) or _class_of(name) is None):
            raise _unknown(described)
        cls = _class_of(found)
        if key.endswith("activation") and name in activations.registry._classes:
            cls = activations.registry._classes[name]  # a layer in the place of a function
            config = {argument: value for argument, value in config.items() if argument in parameters(cls)}
        known = parameters(cls) if isinstance(cls, type) else config
        arguments = {}
        for argument, value in config.items():
            argument = RENAMED.get(argument, argument)
            nothing = value is None or value is False or value == 0.0 or (argument, value) == ("oov_method", "floormod")
            if argument not in known and (nothing or argument in WITHOUT_EFFECT):
                continue
            if argument == "batch_input_shape" and name == "InputLayer":
                argument = "batch_shape"
            if argument == "dtype":
                value = self.dtype(value, name)
                if value is None:
                    continue
            arguments[argument] = self.value(value, argument)
        of_kind = {"module": described["module"]} if "module" in described else {}  # a loss or a metric, say
        return of_kind | {"class_name": found, "config": arguments}

    def wrapped(self, config: dict[str, Any]) -> Any:
        """What a function in a wrapper of Keras's is here: the loss or the metric of that name."""
        function = self.value(config["fn"], "fn")
        cls = metrics.registry._classes.get(function) if isinstance(function, str) else None
        if cls is None or function in known_names():
            return function
        return {"class_name": cls.__name__, "config": {"name": config["name"]} if config.get("name") else {}}

    def value(self, value: Any, key: str = "") -> Any:
        """An argument: components, tuples, arrays and functions as lamina's configs have them."""
        if isinstance(value, list):
            return [self.value(item, key) for item in value]
        if not isinstance(value, dict):
            return value
        kind, config = value.get("class_name"), value.get("config")
        if kind is None:
            return {name: self.value(item, key) for name, item in value.items()}
        if kind in CODE:
            raise _unknown(value)
        if kind == "__tuple__" and isinstance(value.get("items"), list):
            return [self.value(item, key) for item in value["items"]]
        if kind in ("__tensor__", "__numpy__") and isinstance(config, dict):
            return config.get("value")
        if kind == "function" and isinstance(config, str):
            return config
        return self.layer(value, "") if kind in MODELS else self.component(value, key)

    def dtype(self, value: Any, kind: str) -> str | None:
        """The float type of a policy; what of an Input, or of a layer that gives whole numbers, need not be said."""
        if isinstance(value, dict):
            config = value.get("config")
            name = config.get("name") if value.get("class_name") == "DTypePolicy" and isinstance(config, dict) else None
            if name is None:
                raise ConfigError(
                    "a policy of types", expected="one float type", received=repr(value)[:300], mend=RESAVE
                )
            value = name
        if not isinstance(value, str) or value.startswith("mixed_"):
            received = repr(value)[:100]
            raise ConfigError("a policy of types", expected="one float type for all", received=received, mend=RESAVE)
        if kind == "InputLayer":
            return None if value == "float32" else value
        try:
            return standardize_float(value)
        except OptionError:
            if "int" in value or value in ("string", "bool"):
                return None
            raise


def training(described: Any) -> dict[str, Any] | None:
    """The arguments of `compile` that a file has; None where it has none."""
    if described in (None, {}):
        return None
    _need(described, "what it is compiled with", "optimizer")
    translation = Translation(None)  # type: ignore[arg-type]
    keys = ("optimizer", "loss", "loss_weights", "metrics", "weighted_metrics")
    return {key: translation.value(described[key], key) for key in keys if described.get(key) is not None}


def _need(described: Any, what: str, key: str = "class_name") -> None:
    if not isinstance(described, dict) or (key == "class_name" and not isinstance(described.get(key), str)):
        raise ConfigError(what, expected=f"{{'{key}': ..., ...}}", received=repr(described)[:300])


def _of_keras(described: dict[str, Any]) -> bool:
    module = described.get("module")
    return module is None or (isinstance(module, str) and module.partition(".")[0] in ("keras", "builtins"))


def _is_known(described: dict[str, Any]) -> bool:
    """Whether it is a class of somebody's own, registered or passed."""
    known = known_names()
    return any(
        isinstance(name, str) and name in known for name in (described.get("registered_name"), described["class_name"])
    )


def _class_of(name: str) -> Any:
    """The class of that name, the caller's own first; None where there is none."""
    found = known_names().get(name)
    for registry in REGISTRIES:
        found = found or registry._classes.get(name)
    return found


def _unknown(described: dict[str, Any]) -> ConfigError:
    config, kind = described.get("config"), str(described["class_name"])[:100]
    name = config.get("name") if isinstance(config, dict) else None
    who = f"layer '{str(name)[:100]}' ({kind})" if name else f"'{kind}'"
    if kind in CODE:
        return ConfigError(
            f"{who} is code, which no file is let run", mend="write a layer of your own, and register it"
        )
    mend = f"pass custom_objects={{'{kind}': a class of yours}}, or register it by @lamina.register"
    return ConfigError(f"{who} is nothing that lamina has", mend=mend)
