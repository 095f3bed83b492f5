"""Keras's older format, ``.h5``: the config as an attribute, weights under the layers' names, listed in their order."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...errors import FileError
from ...layers.base import Layer
from ...layers.input import InputLayer
from ...layers.weighted import unique_name
from ...utils.variable import Variable
from .archive import FOLLOWS, Contents, document
from .hdf5 import Tree
from .places import mismatch

WEIGHTS, OPTIMIZER = "model_weights", "optimizer_weights"
MOST_ATTRIBUTE = 60_000  # bytes of an attribute: HDF5 allows 64 kB, its head included


def is_legacy(tree: Tree) -> bool:
    """Whether a file is of the older format: of a whole model, or of weights alone."""
    return "model_config" in tree.texts.get("", {}) or bool(tree.listed("", "layer_names"))


def contents(tree: Tree, who: str) -> Contents:
    """The config, in the form of a ``.keras`` file, and the arrays."""
    texts = tree.texts.get("", {})
    if not isinstance(texts.get("model_config"), str):
        mend = "it holds weights alone: model.load_weights" if tree.listed("", "layer_names") else None
        raise FileError(f"{who} holds no model", expected="a model_config", received="none", mend=mend)
    config = document(texts["model_config"].encode("utf-8", "surrogateescape"), f"{who}: its model_config")
    if isinstance(config, dict) and isinstance(texts.get("training_config"), str):
        training = document(texts["training_config"].encode("utf-8", "surrogateescape"), f"{who}: its training_config")
        if isinstance(training, dict) and "optimizer_config" in training:
            config["compile_config"] = training | {"optimizer": training.pop("optimizer_config")}
    return Contents(config, tree, {})


def spread(model: Layer, tree: Tree, who: str, some: bool = False) -> dict[str, str]:
    """Set the weights of a model's layers to those in a file, in the files' order; gives what was wrong, by layer.

    Nothing is set unless all fits, or `some`: then what does not fit stays.
    """
    top = WEIGHTS if "model_config" in tree.texts.get("", {}) else ""
    held = []  # of each layer that has weights: its name, and they
    for name in tree.listed(top, "layer_names"):
        group = f"{top}/{name}" if top else name
        names = [f"{group}/{weight}" for weight in tree.listed(group, "weight_names")]
        gone = [weight for weight in names if weight not in tree.arrays]
        if gone:
            raise FileError(f"{who}: layer '{name}'", expected=f"its weights {', '.join(names)[:300]}", received="less")
        if names:
            held.append((name, [tree.arrays[weight] for weight in names]))
    layers = [layer for layer in top_layers(model) if layer.weights]
    if len(layers) != len(held):
        received = f"{len(held)} in the file: {', '.join(name for name, _ in held)}"
        return {"": f"{len(layers)} layers with weights in the model, {received[:300]}"}
    wrong: dict[str, str] = {}
    fitting: list[tuple[Variable, np.ndarray]] = []
    for layer, (name, arrays) in zip(layers, held, strict=True):
        variables = in_order(layer)
        reason = mismatch(layer, variables, arrays, name)
        if reason:
            wrong[name] = reason
        else:
            fitting += zip(variables, arrays, strict=True)
    if not wrong or some:
        for variable, array in fitting:
            variable.assign(array)
    return wrong


def optimizer_arrays(tree: Tree) -> list[np.ndarray]:
    """What the optimizer remembers, in its order."""
    found = (tree.arrays.get(f"{OPTIMIZER}/{name}") for name in tree.listed(OPTIMIZER, "weight_names"))
    return [array for array in found if array is not None]


def gathered(model: Any, config: dict[str, Any], training: dict[str, Any] | None, remembered: Sequence[Any]) -> Tree:
    """What a file holds of a model with that config, and of the optimizer where it is compiled."""
    tree = Tree({}, {"": {"keras_version": FOLLOWS, "backend": "numpy", "model_config": json.dumps(config)}})
    if training is not None:
        settings = {key: value for key, value in training.items() if key != "optimizer"}
        tree.texts[""]["training_config"] = json.dumps(settings | {"optimizer_config": training["optimizer"]})
    layers = top_layers(model)
    tree.texts[WEIGHTS] = _lists("layer_names", [layer.name for layer in layers])
    tree.texts[WEIGHTS] |= {"keras_version": FOLLOWS, "backend": "numpy"}
    for layer in layers:
        _put(tree, f"{WEIGHTS}/{layer.name}", [(variable.path, variable.value) for variable in in_order(layer)])
    _put(tree, f"{WEIGHTS}/top_level_model_weights", [])
    if remembered:
        name = model.optimizer.name
        _put(tree, OPTIMIZER, [(f"{name}/variable_{i}", array) for i, array in enumerate(remembered)])
    return tree


def top_layers(model: Any) -> list[Layer]:
    """The layers of a model that the lists of such a file name."""
    return [layer for layer in model.layers if not isinstance(layer, InputLayer)]


def in_order(layer: Layer) -> list[Variable]:
    """The variables of a layer and those within it, in the order of such a file: the trained ones first."""
    return [*layer.trainable_weights, *layer.non_trainable_weights]


def _put(tree: Tree, group: str, weights: list[tuple[str, np.ndarray]]) -> None:
    taken: set[str] = set()
    names = []
    for name, _ in weights:
        names.append(unique_name(name, taken))
        taken.add(names[-1])
    tree.texts[group] = _lists("weight_names", names)
    tree.arrays.update({f"{group}/{name}": array for name, (_, array) in zip(names, weights, strict=True)})


def _lists(name: str, texts: list[str]) -> dict[str, list[str]]:
    """A list of texts as one attribute, or as several where it is too long for one."""
    most = MOST_ATTRIBUTE // 16  # a text's place takes 16 bytes
    if len(texts) <= most:
        return {name: texts}
    return {f"{name}{i}": texts[i * most : (i + 1) * most] for i in range(-(-len(texts) // most))}
