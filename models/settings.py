"""What has to be the same when a run is gone on with in another process: model, optimizer, loss, data, arguments."""

import itertools
import platform
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import config
from ..errors import LaminaError
from ..layers.calls import within
from ..utils.component import Component, parameters, serialize
from ..utils.registration import registered_name
from .objective import Objective

if TYPE_CHECKING:
    from .model import Model

LONG = 1000  # entries of a list that are told by their checksum
CHANGES = {"build_input_shape"}  # what a run itself puts into a config


def settings_of(model: "Model", objective: Objective) -> dict[str, Any]:
    """The settings of a model and of what it is compiled with, as plain data that JSON can hold."""
    optimizer = model.optimizer
    rate = optimizer._given.get("learning_rate", parameters(type(optimizer))["learning_rate"].default)
    return {
        "model": described(model),
        "layers": [type(layer).__name__ for layer in within(model)],
        "optimizer": described(optimizer) | {"learning_rate": described(rate)},
        "loss": described(objective.loss),
        "loss_weights": objective.loss_weight,
        "metrics": [[described(identifier), weighted] for identifier, weighted in objective.asked],
        "floatx": config.floatx(),
        "epsilon": config.epsilon(),
        "threads": config.threads(),
        "compiled": config.compiled(),
    }


def versions() -> dict[str, str]:
    """What a run's last bits may depend on besides."""
    return {"lamina": config.VERSION, "numpy": np.__version__, "machine": platform.machine()}


def described(value: Any) -> Any:
    """A component, or an argument, as plain data; by its class where it can't stand in a config."""
    try:
        plain = value.get_config() if isinstance(value, Component) else serialize(value)
    except LaminaError:
        plain = type(value).__name__
    if isinstance(value, Component):
        plain = {"class_name": registered_name(type(value)), **(plain if isinstance(plain, dict) else {})}
    return _without(plain)


def _without(plain: Any) -> Any:
    if isinstance(plain, dict):
        return {key: _without(item) for key, item in plain.items() if key not in CHANGES}
    if isinstance(plain, list) and len(plain) > LONG:  # a vocabulary, say
        return f"{len(plain)} entries of checksum {zlib.crc32(repr(plain).encode())}"
    return [_without(item) for item in plain] if isinstance(plain, list) else plain


def difference(then: Any, now: Any, place: str = "") -> tuple[str, Any, Any] | None:
    """The first place where two trees of plain data differ, and what stands there in each; None if they are equal.

    >>> difference({"data": {"x": [1, 2]}}, {"data": {"x": [1, 3]}})
    ('data.x[1]', 2, 3)
    """
    if isinstance(then, dict) and isinstance(now, dict):
        pairs = [(f"{place}.{key}".lstrip("."), then.get(key), now.get(key)) for key in {**then, **now}]
    elif isinstance(then, list) and isinstance(now, list):
        pairs = [(f"{place}[{index}]", *pair) for index, pair in enumerate(itertools.zip_longest(then, now))]
    else:
        return None if then == now and type(then) is type(now) else (place, then, now)
    return next((found for name, a, b in pairs if (found := difference(a, b, name)) is not None), None)
