"""What is looked at before an experiment runs: every key, every name, every component's arguments."""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

from .. import callbacks, layers, losses, metrics, optimizers
from ..models import Model
from ..utils import seeds
from ..utils.checks import number, one_of, positive_int, whole_number
from .components import check_component, name_of
from .data import check_data
from .places import Problems
from .reader import Items, Place, Table

SECTIONS = ("name", "seed", "threads", "data", "model", "compile", "fit")
FIT: dict[str, Callable[[str, str, Any], Any]] = {  # what looks at the value of an argument of `fit`
    **dict.fromkeys(("epochs", "initial_epoch"), whole_number),
    **dict.fromkeys(("batch_size", "steps_per_epoch", "validation_steps", "validation_batch_size"), positive_int),
    "validation_split": partial(number, low=0, high=1, open_high=True),
    "verbose": partial(one_of, allowed=(0, 1, 2, "auto")),
    "shuffle": partial(one_of, allowed=(True, False)),
}
NOT_IN_FILES = {"self", "x", "y", "sample_weight", "validation_data"}  # arguments of `fit` that hold arrays


def check(settings: Any, place: Place, problems: Problems) -> None:
    """Note all that is wrong with the settings of an experiment. What is made for that draws no random number."""
    state = seeds.get_state()
    try:
        _check(settings, place, problems)
    finally:
        seeds.set_state(state)


def _check(settings: Any, place: Place, problems: Problems) -> None:
    if not isinstance(settings, Table):
        received = "an empty file" if settings is None else "a list" if isinstance(settings, Items) else repr(settings)
        mend = "begin with `data:`, `model:` and `compile:`, as in the shipped digits_mlp.yaml"
        problems.say(place, f"expected a mapping with {', '.join(SECTIONS)}, received {received[:80]}", mend)
        return
    problems.check_keys(settings, SECTIONS, "an experiment")
    for key in ("data", "model", "compile"):
        if key not in settings:
            problems.say(place, f"the section '{key}' is missing")
    for key, least in (("seed", 0), ("threads", 1)):
        value = settings.get(key, least)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            problems.say(settings.keys_at[key], f"{key} must be a whole number of {least} or more, received {value!r}")
    if not isinstance(settings.get("name", ""), str | int | float):
        problems.say(settings.keys_at["name"], f"name must be a word, received {settings['name']!r}")
    if "data" in settings:
        check_data(settings["data"], settings.keys_at["data"], problems)
    if "model" in settings:
        if settings["model"] == []:
            problems.say(settings.keys_at["model"], "model must have at least one layer")
        _check_list(settings["model"], settings.keys_at["model"], "model", layers.registry, problems)
    if "compile" in settings:
        _check_compile(settings["compile"], settings.keys_at["compile"], problems)
    if settings.get("fit") is not None:
        _check_fit(settings["fit"], settings.keys_at["fit"], problems)


def _check_list(entries: Any, place: Place, what: str, registry, problems: Problems) -> None:
    if not isinstance(entries, Items):
        problems.say(place, f"{what} must be a list", f"write each {registry.kind} as `- Name: {{argument: value}}`")
        return
    for entry, at in zip(entries, entries.items_at, strict=True):
        check_component(input_layer(entry), at, registry, problems)


def _check_compile(section: Any, place: Place, problems: Problems) -> None:
    if not isinstance(section, Table):
        problems.say(place, "compile must be a mapping", "write `compile: {optimizer: adam, loss: mse}`")
        return
    known = [name for name in _arguments(Model.compile) if name != "self"]
    problems.check_keys(section, known, "compile")
    if "loss" not in section:
        problems.say(place, "compile needs 'loss'")
    for key, registry in (("optimizer", optimizers.registry), ("loss", losses.registry)):
        if key in section:
            check_component(section[key], section.keys_at[key], registry, problems)
    for key in ("metrics", "weighted_metrics"):
        entries = section.get(key) or Items()
        if not isinstance(entries, Items):
            names = ", ".join(map(str, entries)) if isinstance(entries, Table) else entries
            problems.say(section.keys_at[key], f"{key} must be a list", f"write [{names}]")
            continue
        for entry, at in zip(entries, entries.items_at if entries else (), strict=True):
            if isinstance(entry, str):
                with problems.noting(at):
                    metrics.check(entry)
            else:
                check_component(entry, at, metrics.registry, problems)


def _check_fit(section: Any, place: Place, problems: Problems) -> None:
    if not isinstance(section, Table):
        problems.say(place, "fit must be a mapping", "write `fit: {epochs: 10}`")
        return
    arguments = inspect.signature(Model.fit).parameters
    problems.check_keys(section, [name for name in arguments if name not in NOT_IN_FILES], "fit")
    for key, value in section.items():
        if key in FIT and not (value is None and arguments[key].default is None):
            with problems.noting(section.keys_at[key]):
                FIT[key]("fit", key, value)
    if section.get("callbacks") is not None:
        _check_list(section["callbacks"], section.keys_at["callbacks"], "callbacks", callbacks.registry, problems)


def _arguments(function) -> list[str]:
    return list(inspect.signature(function).parameters)


def input_layer(entry: Any) -> Any:
    """``Input`` is the file's word for an `InputLayer`, as in a script."""
    name, arguments = name_of(entry)
    if name != "Input":
        return entry
    table = Table({"InputLayer": arguments})
    table.place = getattr(entry, "place", Place("Input"))
    table.keys_at = {"InputLayer": table.place}
    return table
