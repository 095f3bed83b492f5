"""The `data` section of an experiment: what to load, and how to scale it."""

import csv
import importlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..errors import ConfigError, DataError, did_you_mean
from ..utils.atomic import naming
from .components import name_of
from .places import Problems
from .reader import Place, Table

DATASETS = ("breast_cancer", "california_housing", "cifar10", "cifar100", "diabetes", "digits", "fashion_mnist", "imdb",
            "iris", "mnist", "reuters", "reviews", "sunspots", "wine")  # fmt: skip
KEYS = ("dataset", "file", "target", "test_split", "seed", "scale", "scale_y", "standardize")


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
    if not isinstance(section.get("file", ""), str):
        problems.say(section.keys_at["file"], f"file must be the name of a file, received {section['file']!r}")
    if "dataset" in section:
        name, arguments = name_of(section["dataset"])
        at = section.keys_at["dataset"]
        if name not in DATASETS:
            problems.say(at, f"unknown dataset '{name}'", did_you_mean(name, DATASETS))
        elif isinstance(arguments, Table):
            problems.check_keys(arguments, load_arguments(name), f"dataset {name}")
        for key in ("target", "test_split", "seed"):
            if key in section:
                problems.say(
                    section.keys_at[key], f"`{key}` belongs to a `file`", f"write `dataset: {{{name}: {{...}}}}`"
                )
    for key in ("scale", "scale_y"):
        scale = section.get(key, 1)
        if isinstance(scale, bool) or not isinstance(scale, int | float):
            problems.say(section.keys_at[key], f"{key} must be a number, received {scale!r}")
    if not isinstance(section.get("standardize", False), bool):
        problems.say(section.keys_at["standardize"], "standardize must be true or false")


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
        path = folder / section["file"]
        if not path.exists():
            raise ConfigError(f"data: no file {section['file']}", expected=f"it beside the experiment, in {folder}")
        data = _read_csv(path, section) if path.suffix == ".csv" else _read_npz(path)
    if "scale" in section:
        data = data._replace(x=data.x * np.float32(section["scale"]), x_test=data.x_test * np.float32(section["scale"]))
    if "scale_y" in section:
        data = data._replace(
            y=data.y * np.float32(section["scale_y"]), y_test=data.y_test * np.float32(section["scale_y"])
        )
    return _standardize(data) if section.get("standardize") else data


def _read_npz(path: Path) -> Split:
    import zipfile
    import zlib

    names = ("x_train", "y_train", "x_test", "y_test")
    try:
        with naming(path, "read"), path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            if not set(names) <= set(arrays):
                raise DataError(str(path), expected=", ".join(names), received=", ".join(arrays))
            return Split(*(arrays[name] for name in names))
    except (zipfile.BadZipFile, zlib.error, EOFError, TypeError) as error:  # TypeError: an .npy, which holds one array
        raise DataError(str(path), expected=f"an .npz file of {', '.join(names)}", received=str(error)) from error


def _read_csv(path: Path, section: Table) -> Split:
    with naming(path, "read"), path.open(newline="") as file:
        rows = list(csv.reader(file))
    if len(rows) < 2:
        raise DataError(str(path), expected="a headline and a line for each sample", received=f"{len(rows)} lines")
    head, body = rows[0], rows[1:]
    target = section.get("target", head[-1])
    if target not in head:
        raise DataError(f"{path} has no column '{target}'", mend=did_you_mean(target, head))
    column = head.index(target)
    try:
        table = np.array([[float(cell) for cell in row] for row in body])
    except ValueError as error:
        raise DataError(str(path), expected="numbers in every cell", received=str(error)) from None
    y, x = table[:, column], np.delete(table, column, axis=1)
    if np.array_equal(y, np.rint(y)):
        y = y.astype(np.int64)
    order = np.random.default_rng(section.get("seed", 0)).permutation(len(x))
    held = round(len(x) * section.get("test_split", 0.2))
    train, test = order[held:], order[:held]
    return Split(x[train], y[train], x[test], y[test])


def _standardize(data: Split) -> Split:
    x = np.asarray(data.x, np.float64)
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    deviation[deviation == 0] = 1
    scaled = (((part - mean) / deviation).astype(np.float32) for part in (x, data.x_test))
    x, x_test = scaled
    return data._replace(x=x, x_test=x_test)
