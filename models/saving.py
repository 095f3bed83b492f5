"""Models in files: saved and loaded, whole or their weights alone.

A file holds data only: the config, from which registered classes make the model again, and arrays. Nothing in it is
run, and nothing in it names another file. What a recurrent layer with ``stateful=True`` remembers of the last batch is
left out; its first batch begins with zeros again.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import FileError, OptionError, StateError, nearest
from ..utils.advice import advise
from ..utils.allowance import allowing
from ..utils.checks import one_of
from ..utils.component import serialize
from ..utils.endings import HDF5, LAMINA, check_ending, format_of
from ..utils.registration import custom_object_scope
from ..utils.variable import Variable
from . import archive
from .compiling import compile_config, compile_from_config
from .making import check_layers, described_model, making
from .parts import generators_by_path, set_state_of, state_of, weights_by_path

if TYPE_CHECKING:
    from .model import Model

PathLike = str | os.PathLike[str]


# -- whole models
def save_model(
    model: "Model",
    filepath: PathLike,
    overwrite: bool = True,
    zipped: bool | None = None,
    *,
    save_format: str | None = None,
) -> None:
    """Write a model into a file: config, weights, random state; what it is compiled with, and the optimizer's memory.

    The name's ending says the format: ``.lamina``, or ``.keras`` and ``.h5`` for a file that Keras reads
    (docs/keras-files.md). Of a layer of one's own that is its config, its weights and its generators: nothing else that
    it may hold.

    The file appears when it is whole; one that was there stands until then. With `overwrite` False it stays. `zipped`
    can only be True, or left out: a file is one zip. `save_format`, of older scripts, can only be what the ending says:
    "lamina", "keras" or "h5".

    Raises OptionError for a name with another ending, or where h5py is missing that Keras's files need, FileError where
    it can't be written, ConfigError if an argument of a layer is no plain data, or one that Keras has not, or the
    layers are more than a file may hold.

    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> model = lamina.Sequential([lamina.layers.Input((2,)), lamina.layers.Dense(1)])
    >>> save_model(model, folder + "/m.lamina")  # the same as model.save(...)
    >>> again = load_model(folder + "/m.lamina")
    >>> bool((again.layers[0].kernel.value == model.layers[0].kernel.value).all())
    True
    """
    one_of("save", "zipped", zipped, (None, True), "leave it out: a file is one zip")
    path = _target("save", filepath, overwrite)
    named = "h5" if format_of(path) == HDF5 else format_of(path)
    one_of("save", "save_format", save_format, (None, named), "leave it out: the ending of the name says the format")
    if format_of(path) != LAMINA:
        return keras_files().write_model(model, str(path))
    archive.write(path, *contents_of(model))


def load_model(
    filepath: PathLike, custom_objects: dict[str, Any] | None = None, compile: bool = True, safe_mode: bool = True
) -> "Model":
    """The model of a file that `save_model` wrote, or Keras; its training goes on where it stood.

    Arguments: `custom_objects`, classes and functions of your own by name, where they are not registered; `compile`,
    whether it is compiled as it was; `safe_mode`, Keras's: there is no other mode, so anything but True is refused.

    Raises FileError, naming the file and what is wrong with it: damage, another kind of file, a class that is not
    known, a size that is not the one in the file.

    See `save_model` for an example.
    """
    if safe_mode is not True:
        raise OptionError("load_model(safe_mode=...)", expected="True, the only mode", received=repr(safe_mode))
    if format_of(filepath) != LAMINA:
        return keras_files().read_model(os.fspath(filepath), custom_objects, compile)
    return model_of(archive.read(filepath, ["model"]), str(filepath), custom_objects, compile)


def contents_of(model: "Model") -> tuple[dict[str, Any], dict[str, dict[str, np.ndarray]]]:
    """The documents and arrays that a model's file holds."""
    weights = weights_by_path(model)
    names = {id(weight): name for name, weight in weights.items()}
    if model.compiled:
        model.optimizer.keep(model.weights)
    document = {
        "kind": "model",
        "model": serialize(model),
        "input_shape": None if model.shape_to_build is None else list(model.shape_to_build),
        "frozen": [name for name, weight in weights.items() if not weight.trainable],
        "compile": compile_config(model, names),
    }
    check_layers(document["model"])
    arrays = {
        "weights": {name: weight.value for name, weight in weights.items()},
        "optimizer": model.optimizer.get_state() if model.compiled else {},
        "state": {name: state_of(name, generator) for name, generator in generators_by_path(model).items()},
    }
    return {"model": document}, arrays


def model_of(
    contents: archive.Contents, where: str, custom_objects: dict[str, Any] | None = None, compile: bool = True
) -> "Model":
    """The model that a file's contents describe; `where` is the file's name, for messages."""
    document, arrays = contents.documents["model"], contents.arrays
    with making(where), custom_object_scope(custom_objects or {}):
        if document.get("kind") != "model":
            kind = "weights alone" if document.get("kind") == "weights" else "the state of a run"
            mend = "model.load_weights loads them into a model" if kind == "weights alone" else None
            raise FileError(f"{where} holds no model", expected="a model", received=kind, mend=mend)
        check_layers(document["model"])
        with allowing(sum(entry.length for entry in contents.entries["weights"].values())):
            model = described_model(document["model"])
            if document["input_shape"] is not None:
                model.ensure_built(tuple(document["input_shape"]))
        weights = weights_by_path(model)
        wrong = _mismatches(weights, arrays["weights"])
        if wrong:
            raise _mismatch(where, wrong)
        frozen = set(document["frozen"])
        for name, weight in weights.items():
            weight.assign(arrays["weights"][name])
            weight.trainable = name not in frozen
        for name, generator in generators_by_path(model).items():
            set_state_of(generator, arrays["state"][name])
    if compile and document.get("compile") is not None:
        mend = "load_model(..., compile=False) leaves it out"
        with making(where, mend), custom_object_scope(custom_objects or {}), allowing(0):
            compile_from_config(model, document["compile"], weights, arrays["optimizer"])
    return model


# -- weights alone
def save_weights(model: "Model", filepath: PathLike, overwrite: bool = True) -> None:
    """Write a model's weights alone; the name ends in ``.weights.lamina``, or in ``.weights.h5`` as Keras's do.

    Raises what `save_model` does.
    """
    path = _target("save_weights", filepath, overwrite, weights=True)
    weights = {name: weight.value for name, weight in _weights(model, "save_weights").items()}
    if format_of(path) != LAMINA:
        return keras_files().write_weights(model, str(path))
    archive.write(path, {"model": {"kind": "weights"}}, {"weights": weights})


def load_weights(model: "Model", filepath: PathLike, skip_mismatch: bool = False) -> None:
    """Set a model's weights to those in a file, of weights or of a whole model: by name, in Keras's files by place.

    With `skip_mismatch` those stay that the file does not have, or has in another shape; a warning names them.

    Raises FileError for a file that is damaged, or whose weights are others; nothing changes then.

    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> model = lamina.Sequential([lamina.layers.Input((2,)), lamina.layers.Dense(1)])
    >>> save_weights(model, folder + "/m.weights.lamina")
    >>> other = lamina.Sequential([lamina.layers.Input((2,)), lamina.layers.Dense(1)])
    >>> load_weights(other, folder + "/m.weights.lamina")
    >>> bool((other.layers[0].kernel.value == model.layers[0].kernel.value).all())
    True
    """
    weights = _weights(model, "load_weights")
    if format_of(filepath) != LAMINA:
        return keras_files().read_weights(model, os.fspath(filepath), skip_mismatch)
    found = archive.read(filepath, ["model"], ["weights"]).arrays.get("weights", {})
    wrong = _mismatches(weights, found)
    if wrong and not skip_mismatch:
        raise _mismatch(str(filepath), wrong, "skip_mismatch=True loads the others")
    if wrong:
        advise(f"{filepath}: not loaded: {'; '.join(wrong.values())}")
    for name, weight in weights.items():
        if name not in wrong:
            weight.assign(found[name])


def _weights(model: "Model", call: str) -> dict[str, Variable]:
    if not model.built:
        raise StateError(f"{model.where}: {call} before build", mend="give the model an Input, or data")
    return weights_by_path(model)


# -- what they share
def keras_files() -> Any:
    """What reads and writes Keras's own files; it imports `Sequential`, and that this module."""
    from . import keras_files

    return keras_files


def _target(call: str, filepath: PathLike, overwrite: bool, weights: bool = False) -> Path:
    path = Path(check_ending(f"{call}: the name of the file", filepath, weights))
    if not overwrite and path.exists():
        raise FileError(f"{path} can't be written", received="a file that is there", mend="overwrite=True replaces it")
    return path


def _mismatches(weights: dict[str, Variable], found: dict[str, np.ndarray]) -> dict[str, str]:
    """What of a model's weights is not in a file as it should be, and what is in there besides, by name."""
    wrong: dict[str, str] = {}
    rest = [name for name in found if name not in weights]
    for name, weight in weights.items():
        array = found.get(name)
        if array is None:
            near = f", but '{nearest(name, rest)}' is" if nearest(name, rest) else ""
            wrong[name] = f"'{name}' of shape {weight.shape} is not in the file{near}"
        elif array.shape != weight.shape:
            wrong[name] = f"'{name}': expected {weight.shape}, received {array.shape}"
        elif array.dtype.kind != weight.value.dtype.kind:
            wrong[name] = f"'{name}': expected {weight.dtype}, received {array.dtype.name}"
    return wrong | {name: f"'{name}' is not in the model" for name in rest}


def _mismatch(where: str, wrong: dict[str, str], mend: str | None = None) -> FileError:
    shown, more = list(wrong.values())[:5], f"; and {len(wrong) - 5} more" if len(wrong) > 5 else ""
    return FileError(f"{where}: the weights are not the model's: {'; '.join(shown)}{more}", mend=mend)
