"""Where the numbers of each layer stand in Keras's files: under the path of attributes that leads to the layer.

``layers/lstm_1/cell/vars/0`` is the first variable of the cell of a model's second LSTM. In lists, and in models,
layers go by their class, numbered from the second on; their names play no part.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from operator import itemgetter
from typing import Any

import numpy as np

from ...errors import FileError
from ...layers.base import Layer
from ...layers.lookup import Lookup
from ...layers.spectral_normalization import SpectralNormalization
from ...layers.text_vectorization import TextVectorization
from ...layers.weighted import Weighted
from ...utils.component import snake_case
from ...utils.variable import Variable
from ..sequential import Sequential
from .hdf5 import Tree

CALLED = {("Bidirectional", "layer"): "forward_layer", ("MultiHeadAttention", "gate_dense"): "_gate_dense"}
BESIDES = ("seed_generator", "random_seed_generator")  # states of generators, which draw other numbers than those here


def numbered(names: Sequence[str]) -> list[str]:
    """The names, those that come again with a number.

    >>> numbered(["dense", "dropout", "dense", "dense"])
    ['dense', 'dropout', 'dense_1', 'dense_2']
    """
    times: dict[str, int] = {}
    found = []
    for name in names:
        count = times[name] = times.get(name, -1) + 1
        found.append(f"{name}_{count}" if count else name)
    return found


def places(layer: Layer, graphs: Collection[str] = (), path: str = "") -> Iterator[tuple[str, Layer]]:
    """A layer and all within it by their paths, each once; models named in `graphs` are Keras's Functional."""
    seen: set[int] = set()
    for where, found in _walk(layer, graphs, path):
        if id(found) not in seen:
            seen.add(id(found))
            yield where, found


def _walk(layer: Any, graphs: Collection[str], path: str) -> Iterator[tuple[str, Any]]:
    yield path, layer
    held = [("layers", layer.layers)] if isinstance(layer, Sequential) else sorted(layer.holding(), key=itemgetter(0))
    for name, value in held:
        called = CALLED.get((type(layer).__name__, name), name)
        yield from _within(value, graphs, f"{path}/{called}" if path else called)


def _within(value: Any, graphs: Collection[str], path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Weighted):
        yield from _walk(value, graphs, path)
    elif isinstance(value, list | tuple | dict):
        held = value.values() if isinstance(value, dict) else value
        inner = [one for one in held if isinstance(one, Weighted | list | tuple | dict)]
        for one, name in zip(inner, numbered([_kind(one, graphs) for one in inner]), strict=True):
            yield from _within(one, graphs, f"{path}/{name}")


def _kind(value: Any, graphs: Collection[str]) -> str:
    if not isinstance(value, Weighted):
        return "container"
    return "functional" if isinstance(value, Sequential) and value.name in graphs else snake_case(type(value).__name__)


def own_variables(layer: Any) -> list[Variable]:
    """The variables that are a layer's own, in Keras's order: those that can be trained come first.

    The kernel that a SpectralNormalization divides stands with it, too, and once more with the layer within.
    """
    borrowed = [layer.normalized] if isinstance(layer, SpectralNormalization) else []
    return borrowed + sorted(layer.own_weights, key=lambda weight: weight.carried)


def gathered(model: Layer) -> Tree:
    """What a file holds of a model: its variables, the layers' names, the weights of terms."""
    tree = Tree({}, {})
    for path, layer in places(model):
        group = f"{path}/vars" if path else "vars"
        tree.texts[group] = {"name": layer.name}
        tree.arrays.update({f"{group}/{i}": weight.value for i, weight in enumerate(own_variables(layer))})
        if isinstance(layer, Lookup) and layer.idf_weights is not None:
            weights = layer.term_weights[: layer.vocabulary_size()]
            tree.arrays[f"{group}/idf_weights"] = weights
            if isinstance(layer, TextVectorization):
                tree.arrays[f"{path}/_lookup_layer/vars/idf_weights"] = weights
    return tree


def spread(model: Layer, tree: Tree, who: str, graphs: Collection[str] = (), some: bool = False) -> dict[str, str]:
    """Set the variables of a model to those in a file; gives what was wrong with which layer, by path.

    Nothing is set unless all fits, or `some`: then what does not fit stays.
    """
    groups: dict[str, dict[int, np.ndarray]] = {}
    for name, array in tree.arrays.items():
        group, _, place = name.rpartition("/")
        if re.fullmatch("[0-9]{1,9}", place):
            groups.setdefault(group, {})[int(place)] = array
    wrong: dict[str, str] = {}
    fitting: list[tuple[Variable, np.ndarray]] = []
    for path, layer in places(model, graphs):
        group, variables = f"{path}/vars" if path else "vars", own_variables(layer)
        found = [array for _, array in sorted(groups.pop(group, {}).items())]
        reason = mismatch(layer, variables, found, group)
        if reason:
            wrong[group] = reason
        else:
            fitting += zip(variables, found, strict=True)
    for group in groups:
        if group.startswith("layers/") and not any(part in BESIDES for part in group.split("/")):
            wrong[group] = f"'{group}' is not in the model"
    if not wrong or some:
        for variable, array in fitting:
            variable.assign(array)
    return wrong


def mismatch(layer: Layer, variables: Sequence[Variable], found: Sequence[np.ndarray], where: str) -> str | None:
    """What keeps the arrays of a file from being the variables of a layer."""
    wanted, got = [variable.shape for variable in variables], [array.shape for array in found]
    if wanted != got:
        names = ", ".join(f"{variable.name} {variable.shape}" for variable in variables) or "no weights"
        return f"{layer.where}: expected {names}; in the file, '{where}': {', '.join(map(str, got)) or 'none'}"
    for variable, array in zip(variables, found, strict=True):
        if array.dtype.kind == "b" or (array.dtype.kind == "f" and variable.value.dtype.kind != "f"):
            return f"{layer.where}: {variable.name}: expected {variable.dtype}, in the file {array.dtype}"
    return None


def refused(who: str, wrong: dict[str, str], mend: str | None = None) -> FileError:
    """The error that says what of a file is not the model's."""
    shown, more = list(wrong.values())[:5], f"; and {len(wrong) - 5} more" if len(wrong) > 5 else ""
    return FileError(f"{who}: the weights are not the model's: {'; '.join(shown)}{more}", mend=mend)
