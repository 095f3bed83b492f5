"""The parts of a model by name: its weights and generators under the path of layers that leads to each, its classes."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import ConfigError, OptionError
from ..layers.base import Layer
from ..layers.input import InputLayer
from ..layers.recurrent import RNN
from ..layers.weighted import unique_name
from ..utils.component import Component, parameters
from ..utils.registration import registered_name
from ..utils.variable import Variable


def paths(layer: Layer, path: str = "") -> Iterator[tuple[str, Layer]]:
    """A layer and all within it, with the names of the layers on the way: ``bidirectional/forward_lstm/lstm_cell``.

    Names beside each other are made unique; a stroke in a name becomes a bar.
    """
    yield path, layer
    taken: set[str] = set()
    for inner in layer.sublayers():
        name = unique_name(inner.name.replace("/", "|") or "layer", taken)
        taken.add(name)
        yield from paths(inner, f"{path}/{name}" if path else name)


def twice_within(model: Layer) -> Layer | None:
    """A layer that stands at two places of a model, whose one slot between its passes has room for one of them.

    The cells of recurrent layers may: each of these keeps what its cell saves. A class of the user's own calls what it
    holds as it likes, or only looks at its weights.
    """
    known: set[int] = set()

    def second(layer: Layer) -> Layer | None:
        if id(layer) in known:
            return None if isinstance(layer, InputLayer) else layer
        known.add(id(layer))
        ours = type(layer).forward.__module__.partition(".")[0] == __name__.partition(".")[0]
        inner = layer.sublayers() if ours and not isinstance(layer, RNN) else []
        return next((found for each in inner if (found := second(each)) is not None), None)

    return second(model)


def stands_once(model: Layer, twice: Layer | None) -> None:
    """Refuse a layer that stands twice in a model."""
    if twice is not None:
        raise OptionError(
            f"{twice.where} stands in {model.where} already", mend="make a new layer, or clone it by its config"
        )


def each_layer(model: Layer) -> Iterator[tuple[str, Layer]]:
    """A model and all layers within it, each once, with their paths."""
    seen: set[int] = set()
    for path, layer in paths(model):
        if id(layer) not in seen:
            seen.add(id(layer))
            yield path, layer


def weights_by_path(model: Layer) -> dict[str, Variable]:
    """The variables of a model, each once, in the order of `weights`."""
    found: dict[int, str] = {}
    for path, layer in paths(model):
        for weight in layer.own_weights:
            name = weight.name.replace("/", "|") or "weight"
            found.setdefault(id(weight), f"{path}/{name}" if path else name)
    return {found[id(weight)]: weight for weight in model.weights}


def generators_by_path(model: Layer) -> dict[str, np.random.Generator]:
    """The generators that the layers of a model, and the model itself, draw from, each once."""
    found: dict[int, tuple[str, np.random.Generator]] = {}
    for path, layer in paths(model):
        for name, value in vars(layer).items():
            if isinstance(value, np.random.Generator):
                found.setdefault(id(value), (f"{path}/{name.strip('_')}" if path else name.strip("_"), value))
    return dict(found.values())


def own_classes(call: str, parts: list[Any]) -> dict[str, Any]:
    """The classes and functions that these parts and their arguments are of, but for the library's own, by name.

    Raises OptionError if two go by one name, by which alone a configuration finds them again.
    """
    found = list(parts)
    for part in parts:
        if isinstance(part, Component):
            known = parameters(type(part))
            found += [value for name, value in vars(part).items() if isinstance(value, Component) or name in known]
    kinds = [type(value) if isinstance(value, Component) else value for value in found]
    named = [(registered_name(kind), kind) for kind in kinds if callable(kind) and hasattr(kind, "__name__")]
    home = __name__.partition(".")[0]
    own = {name: kind for name, kind in named if kind.__module__.partition(".")[0] != home}
    for name, kind in named:
        if own.get(name, kind) != kind:
            what = "classes" if isinstance(kind, type) else "functions"
            mend = "give one another name: @register(name=...)"
            raise OptionError(f"{call}: two {what} in the model are called '{name}'", mend=mend)
    return own


def state_of(name: str, generator: np.random.Generator) -> np.ndarray:
    """Where a generator stands, as six whole numbers.

    Raises ConfigError for one of another kind than PCG64, that of `numpy.random.default_rng`: its file would be read
    as if it drew other numbers.
    """
    kind = type(generator.bit_generator).__name__
    if kind != "PCG64":
        mend = "make it by numpy.random.default_rng(seed)"
        raise ConfigError(f"the generator '{name}' can't be written", expected="PCG64", received=kind, mend=mend)
    state = generator.bit_generator.state
    large = [half for key in ("state", "inc") for half in divmod(state["state"][key], 2**64)]
    return np.array([*large, state["has_uint32"], state["uinteger"]], np.uint64)


def set_state_of(generator: np.random.Generator, numbers: np.ndarray) -> None:
    """Let a generator stand where `state_of` found one."""
    high, low, inc_high, inc_low, has_uint32, uinteger = (int(number) for number in numbers)
    generator.bit_generator.state = {
        "bit_generator": "PCG64",
        "state": {"state": high * 2**64 + low, "inc": inc_high * 2**64 + inc_low},
        "has_uint32": has_uint32,
        "uinteger": uinteger,
    }
