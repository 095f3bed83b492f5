"""The `data` section of an experiment: what to load, and how to scale it."""

import importlib
import re
from collections.abc import Callable
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..errors import ConfigError, DataError, did_you_mean
from ..utils.checks import number, whole_number
from .components import name_of
from .files import read_csv, read_npz
from .places import Problems
from .reader import Place, Table

DATASETS = ("breast_cancer", "california_housing", "cifar10", "cifar100", "diabetes", "digits", "fashion_mnist", "imdb",
            "iris", "mnist", "reuters", "reviews", "sunspots", "wine")  # fmt: skip
SCALED = {"scale": ("x", "x_test"), "scale_y": ("y", "y_test"), "standardize": ("x", "x_test")}
_FRACTION = re.compile(r"(\d+(?:\.\d+)?) ?/ ?(\d+(?:\.\d+)?)")  # 1/255, which is a word in YAML
OF_A_FILE = ("target", "test_split", "seed")
KEYS = ("dataset", "file", *OF_A_FILE, "scale", "scale_y", "standardize")
LOOKS: dict[str, Callable[[str, str, Any], Any]] = {  # what looks at the value of a key
    "test_split": partial(number, low=0, high=1, open_high=True),
    "seed": whole_number,
}


class Split(NamedTuple):
    """What is trained on, and what is held out."""

    x: Any
    y: Any
    x_test: Any
    y_test: Any


def check_data(section: Any, place: Place, problems: Problems) -> None:
    """Note what is wrong with a `data` section, without loading anything."""
    if not isinstance(section, Table):
        problems.say(place, "data must be a mapping", "write `data: {dataset: digits}`")
        return
    problems.check_keys(section, KEYS, "data")
    if ("dataset" in section) == ("file" in section):
        problems.say(section.place, "data needs one of `dataset` and `file`")
    if "dataset" in section:
        _check_dataset(section, problems)
    if "file" in section:
        _check_file(section, problems)
    for key, look in LOOKS.items():
        if key in section:
            with problems.noting(section.keys_at[key]):
                look("data", key, section[key])
    for key in ("scale", "scale_y"):
        scale = section.get(key, 1)
        if isinstance(scale, bool) or not isinstance(scale, int | float) or scale == 0 or not isfinite(scale):
            fraction = _FRACTION.fullmatch(str(scale))
            comes_to = float(fraction[1]) / float(fraction[2]) if fraction and float(fraction[2]) else None
            instead = None if comes_to is None else f"write what it comes to, {comes_to:.6g}"
            problems.say(
                section.keys_at[key], f"{key} must be a finite number other than 0, received {scale!r}", instead
            )
    if not isinstance(section.get("standardize", False), bool):
        problems.say(section.keys_at["standardize"], "standardize must be true or false")


def _check_dataset(section: Table, problems: Problems) -> None:
    name, arguments = name_of(section["dataset"])
    at = section.keys_at["dataset"]
    if not isinstance(name, str):
        problems.say(at, f"dataset must be a name, received {name!r}", f"use one of {', '.join(DATASETS)}")
    elif name not in DATASETS:
        problems.say(at, f"unknown dataset '{name}'", did_you_mean(name, DATASETS))
    elif isinstance(arguments, Table):
        problems.check_keys(arguments, load_arguments(name), f"dataset {name}")
    elif arguments is not None:
        mend = f"write `{name}: {{{load_arguments(name)[0]}: {arguments!r}}}`"
        problems.say(at, f"dataset {name} takes its arguments by name", mend)
    for key in OF_A_FILE:
        if key in section:
            problems.say(section.keys_at[key], f"`{key}` belongs to a `file`", f"write `dataset: {{{name}: {{...}}}}`")


def _check_file(section: Table, problems: Problems) -> None:
    file = section["file"]
    if not isinstance(file, str):
        problems.say(section.keys_at["file"], f"file must be the name of a file, received {file!r}")
    table = isinstance(file, str) and Path(file).suffix.lower() == ".csv"
    for key in OF_A_FILE:
        if key in section and not table:
            problems.say(section.keys_at[key], f"`{key}` belongs to a .csv file")


def load_arguments(name: str) -> list[str]:
    """The arguments of a dataset's `load_data`."""
    import inspect

    module = importlib.import_module(f"...datasets.{name}", __name__)
    return list(inspect.signature(module.load_data).parameters)


def load_data(section: Table, folder: Path) -> Split:
    """Load what a `data` section names, and scale it.

    `dataset`: a name of `lamina.datasets`, with arguments for its `load_data`; or `file`: an .npz with ``x_train``,
    ``y_train``, ``x_test``, ``y_test``, or a .csv with a headline, whose column `target` is y and of whose rows the
    share `test_split` (0.2), drawn with `seed`, is held out. A file is looked for beside the YAML file.
    `scale`: a factor of x; `scale_y`: of y. `standardize`: whether each feature gets mean 0 and deviation 1, by the
    training part.
    """
    if "dataset" in section:
        name, arguments = name_of(section["dataset"])
        module = importlib.import_module(f"...datasets.{name}", __name__)
        (x, y), (x_test, y_test) = module.load_data(**(arguments or {}))
        data = Split(x, y, x_test, y_test)
    else:
        path, place = folder / section["file"], section.keys_at["file"]
        if not path.exists():
            raise ConfigError(f"{place}: no file {section['file']}", expected=f"it beside the experiment, in {folder}")
        if not path.is_file():  # a device may never end
            raise ConfigError(f"{place}: {section['file']!r}", expected="a file", received="a folder or a device")
        if path.suffix.lower() == ".csv":
            x, y = read_csv(path, section.get("target"))
            order = np.random.default_rng(section.get("seed", 0)).permutation(len(x))
            held = round(len(x) * section.get("test_split", 0.2))
            train, test = order[held:], order[:held]
            data = Split(x[train], y[train], x[test], y[test])
        else:
            data = Split(*read_npz(path, "x_train", "y_train", "x_test", "y_test"))
    if not len(data.x):
        raise DataError("data: no row to train on", mend="hold fewer out" if len(data.x_test) else None)
    for key, names in SCALED.items():
        for name in names if section.get(key) else ():
            array = np.asarray(getattr(data, name))
            if array.dtype.kind not in "biuf":
                problem = f"{section.keys_at[key]}: {key} is for numbers, and {name} holds texts or lists"
                raise ConfigError(problem, mend=f"take {key} out")
            if key != "standardize":
                data = data._replace(**{name: array * np.float32(section[key])})
    return _standardize(data) if section.get("standardize") else data


def _standardize(data: Split) -> Split:
    x = np.asarray(data.x, np.float64)
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    deviation[deviation == 0] = 1
    scaled = (((part - mean) / deviation).astype(np.float32) for part in (x, data.x_test))
    x, x_test = scaled
    return data._replace(x=x, x_test=x_test)
