"""Whole models, and weights alone, in Keras's files: read and written."""

from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import ConfigError, FileError
from ...layers.calls import within
from ...utils.advice import advise
from ...utils.allowance import allowing
from ...utils.atomic import write_whole
from ...utils.component import serialize
from ...utils.endings import KERAS, format_of, need_h5py
from ...utils.registration import custom_object_scope
from ..archive import opened
from ..compiling import compile_config
from ..making import check_layers, described_model, making
from ..parts import own_classes
from ..sequential import Sequential
from . import archive, from_keras, hdf5, legacy, places, to_keras

if TYPE_CHECKING:
    from ..model import Model

OF_OPTIMIZER = "optimizer/vars"


def write_model(model: "Model", path: str) -> None:
    """Write a model into a file, ``m.keras`` or ``m.h5``."""
    described, training, remembered = serialize(model), None, list[np.ndarray]()
    check_layers(described)
    parts = [model.optimizer, model._objective.loss, *model.metrics_asked] if model.compiled else []  # type: ignore[union-attr]
    with custom_object_scope(own_classes("save", [*within(model), *parts])):
        config = to_keras.component(described)
        if model.compiled:
            model.optimizer.keep(model.weights)
            names = {id(weight): weight.name for weight in model.weights}
            training = to_keras.training(compile_config(model, names) or {})
            remembered = model.optimizer.listed(model.trainable_weights)
    if format_of(path) == KERAS:
        if training is not None:
            config["compile_config"] = training
        if model.shape_to_build is not None:
            config["build_config"] = {"input_shape": list(model.shape_to_build)}
        archive.write(path, config, _tree(model, remembered))
    elif not isinstance(model, Sequential):
        received = f"a {type(model).__name__}"
        mend = "call the file m.keras, or keep the weights alone"
        raise ConfigError(
            "a model in a file of Keras's older format", expected="a Sequential", received=received, mend=mend
        )
    else:
        write_whole(path, [hdf5.pack(legacy.gathered(model, config, training, remembered))])


def write_weights(model: "Model", path: str) -> None:
    """Write a model's weights alone, and the optimizer's memory as Keras does, into a file ``m.weights.h5``."""
    remembered = model.optimizer.listed(model.trainable_weights) if model.compiled else []
    write_whole(path, [hdf5.pack(_tree(model, remembered))])


def _tree(model: "Model", remembered: list[np.ndarray]) -> hdf5.Tree:
    tree = places.gathered(model)
    if remembered:
        tree.texts[OF_OPTIMIZER] = {"name": model.optimizer.name}
        tree.arrays.update({f"{OF_OPTIMIZER}/{i}": array for i, array in enumerate(remembered)})
    return tree


def read_model(path: str, custom_objects: dict[str, Any] | None, compile: bool) -> "Model":
    """The model of a file, ``m.keras`` or ``m.h5``; its training goes on where it stood."""
    need_h5py("load_model", path)
    with making(path), custom_object_scope(custom_objects or {}):
        contents = archive.read(path) if format_of(path) == KERAS else legacy.contents(_read_hdf5(path), path)
        translation = from_keras.Translation(contents)
        described = translation.model(contents.config)
        check_layers(described)
        tree = contents.tree
        with allowing(sum(array.size for array in tree.arrays.values())):
            model = described_model(described)
            shape = contents.config.get("build_config") or {}
            if not model.built and isinstance(shape, dict) and isinstance(shape.get("input_shape"), list):
                model.ensure_built(tuple(shape["input_shape"]))
        if legacy.is_legacy(tree):
            wrong, remembered = legacy.spread(model, tree, path), legacy.optimizer_arrays(tree)
        else:
            wrong = places.spread(model, tree, path, translation.graphs)
            remembered = in_order(tree.below(OF_OPTIMIZER))
        if wrong:
            raise places.refused(path, wrong)
    if compile:
        mend = "load_model(..., compile=False) leaves it out"
        with making(path, mend), custom_object_scope(custom_objects or {}), allowing(0):
            arguments = from_keras.training(contents.config.get("compile_config"))
            if arguments is not None:
                model.compile(**arguments)
                goes_on = _goes_on(model, remembered)
        if arguments is not None and not goes_on:
            of = "what the file remembers is of another optimizer, or of other weights"
            advise(f"{path}: {model.optimizer.name} begins anew: {of}")
    return model


def _goes_on(model: "Model", arrays: list[np.ndarray]) -> bool:
    """Let a compiled model's optimizer go on from what a file holds of it; False where that is of another."""
    if not arrays or not model.built:
        return True
    model.optimizer.build(model.trainable_weights)
    return model.optimizer.take_listed(model.trainable_weights, arrays)


def in_order(arrays: dict[str, np.ndarray]) -> list[np.ndarray]:
    """The arrays by their numbers."""
    return [arrays[name] for name in sorted(filter(str.isdecimal, arrays), key=int)]


def read_weights(model: "Model", path: str, skip_mismatch: bool) -> None:
    """Set a model's weights to those in a file, ``m.weights.h5``, ``m.keras`` or ``m.h5``."""
    need_h5py("load_weights", path)
    with making(path):
        tree = archive.read(path).tree if format_of(path) == KERAS else _read_hdf5(path)
        spread = legacy.spread if legacy.is_legacy(tree) else places.spread
        wrong = spread(model, tree, path, some=skip_mismatch)
        if wrong and not skip_mismatch:
            raise places.refused(path, wrong, "skip_mismatch=True loads the others")
    if wrong:
        advise(f"{path}: not loaded: {'; '.join(wrong.values())}")


def contents_of(path: str) -> tuple[dict[str, Any] | None, dict[str, np.ndarray]]:
    """What a file says and holds, nothing of it made: the model's config, None of weights alone; its arrays."""
    need_h5py("inspect", path)
    with making(path):
        found = archive.read(path) if format_of(path) == KERAS else None
        tree = _read_hdf5(path) if found is None else found.tree
        if found is None and "model_config" in tree.texts.get("", {}):
            found = legacy.contents(tree, path)
        config = None if found is None else found.config
        if config is not None and not isinstance(config, dict):
            raise FileError(f"{path}: the config of a model", expected="a dict", received=repr(config)[:300])
        return config, tree.arrays


def _read_hdf5(path: str) -> hdf5.Tree:
    with opened(path) as (file, _):
        data = file.read()
    return hdf5.read(data, path)
