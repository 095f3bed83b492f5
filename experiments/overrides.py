"""Overrides from the command line: ``fit.epochs=3``, ``model[1].Dense.units=64``."""

import re
from typing import Any

from ..errors import ConfigError, did_you_mean
from .reader import Items, Place, Table, read_text

_PATH = re.compile(r"[^.\[\]=]+(\[\d+\])*(\.[^.\[\]=]+(\[\d+\])*)*")


def override(settings: Table, text: str) -> None:
    """Set one value in the settings of a file, in place.

    >>> settings = read_text("fit: {epochs: 10}")
    >>> override(settings, "fit.epochs=3"); settings
    {'fit': {'epochs': 3}}
    """
    path, equals, value = text.partition("=")
    place = Place(f"--set {text}")
    if not equals or not _PATH.fullmatch(path):
        raise ConfigError(
            str(place), expected="path=value, such as fit.epochs=3 or model[1].Dense.units=64", received=repr(text)
        )
    steps: list[Any] = [int(step[1:-1]) if step[0] == "[" else step for step in re.findall(r"\[\d+\]|[^.\[\]]+", path)]
    if (
        steps[0] == "fit" and isinstance(settings, Table) and "fit" not in settings
    ):  # the one section that may be left out
        settings["fit"], settings.keys_at["fit"] = _table({}, place), place
    target: Any = settings
    for step in steps[:-1]:
        target = _enter(target, step, place)
    last = steps[-1]
    if isinstance(last, int):
        _enter(target, last, place)
        target[last], target.items_at[last] = read_text(value, str(place)), place
    elif isinstance(target, Table):
        target[last], target.keys_at[last] = read_text(value, str(place)), place
    else:
        raise ConfigError(str(place), expected=f"a mapping that has '{last}'", received=repr(target))


def _enter(target: Any, step: Any, place: Place) -> Any:
    if isinstance(step, int):
        if not isinstance(target, Items) or step >= len(target):
            count = f"a list of {len(target)} (entries count from 0)" if isinstance(target, Items) else "no list"
            raise ConfigError(str(place), expected=f"an entry [{step}]", received=count)
        if isinstance(target[step], str):  # a bare name, `Flatten`, that gets arguments
            target[step] = _table({target[step]: None}, place)
        return target[step]
    if not isinstance(target, Table) or step not in target:
        known = list(target) if isinstance(target, Table) else []
        raise ConfigError(f"{place}: nothing is called '{step}'", mend=did_you_mean(step, known) if known else None)
    if target[step] is None or isinstance(target[step], str):
        name = target[step]
        target[step] = _table({name: None} if name else {}, place)
    return target[step]


def _table(content: dict, place: Place) -> Table:
    table = Table(content)
    table.place, table.keys_at = place, dict.fromkeys(content, place)
    return table
