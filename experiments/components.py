"""Components as YAML writes them: ``Dense: {units: 3}``, or a bare name."""

import warnings
from collections.abc import Iterator
from typing import Any

from .. import activations, callbacks, constraints, initializers, layers, losses, metrics, optimizers, regularizers
from ..errors import LaminaError, did_you_mean
from ..optimizers import schedules
from ..utils.component import Registry, parameters
from .places import Problems
from .reader import Items, Place, Table

# of which kind an argument's components are, by its name or the last word of it: `kernel_regularizer`
KINDS: dict[str, Registry] = {
    "activation": activations.registry,
    "initializer": initializers.registry,
    "regularizer": regularizers.registry,
    "constraint": constraints.registry,
    "learning_rate": schedules.registry,
    **dict.fromkeys(("layer", "layers", "cell", "cells"), layers.registry),
}

NAMES = ("name", "type", "class", "layer")  # keys under which others write what a component is called


def kind_of(argument: Any) -> Registry | None:
    """Where the components of an argument are looked up, if its name says so.

    >>> kind_of("recurrent_initializer").kind
    'initializer'
    """
    return KINDS.get(argument, KINDS.get(str(argument).rpartition("_")[2]))


def registries() -> list[Registry]:
    """Where the names of a file are looked up."""
    spaces = (
        layers,
        activations,
        initializers,
        regularizers,
        constraints,
        losses,
        metrics,
        optimizers,
        schedules,
        callbacks,
    )
    return [space.registry for space in spaces]


def name_of(entry: Any) -> tuple[Any, Any]:
    """The name and the arguments of a component: ``Flatten``, ``Dense: {units: 3}`` or Keras's long form."""
    if isinstance(entry, Table) and len(entry) == 1:
        return next(iter(entry.items()))
    if isinstance(entry, Table) and set(entry) <= {"class_name", "config"}:
        return entry.get("class_name"), entry.get("config")
    return entry, None


def check_component(entry: Any, place: Place, registry: Registry, problems: Problems) -> None:
    """Note what is wrong with a component: its name, its arguments' names and values, and components within.

    Where nothing is, it is made, for only its constructor knows what values it takes; and let go of.
    """
    name, arguments = name_of(entry)
    if not isinstance(name, str):
        problems.say(place, f"{entry!r} is no {registry.kind}", _how_to_write(entry))
        return
    try:
        cls = registry.find(name)
    except LaminaError as error:
        problems.say(place, f"unknown {registry.kind} '{name}'", error.mend)
        return
    known = parameters(cls) if isinstance(cls, type) else {}
    needed = [argument for argument, parameter in known.items() if parameter.default is parameter.empty]
    if arguments is not None and not isinstance(arguments, Table):
        values = arguments if isinstance(arguments, list) else [arguments]
        pairs = zip([*needed, *(other for other in known if other not in needed)], values, strict=False)
        written = ", ".join(f"{argument}: {value}" for argument, value in pairs)
        problems.say(place, f"{name} takes its arguments by name", f"write `{name}: {{{written}}}`")
        return
    found = len(problems)
    if arguments is not None:
        problems.check_keys(arguments, known, name)
        check_within(arguments, problems)
    missing = [f"'{argument}'" for argument in needed if argument not in (arguments or ())]
    if missing and len(problems) == found:
        problems.say(place, f"{name} needs {' and '.join(missing)}")
    if len(problems) == found:
        _check_made(entry, place, registry, problems)


def _how_to_write(entry: Any) -> str:
    """How a component is written that has its name beside its arguments, or several names at once."""
    if isinstance(entry, Table) and len(entry) > 1 and next(iter(entry.values())) is None:
        first, *others = entry
        return f"indent {', '.join(map(str, others))} further than {first}, or write `{first}: {{{others[0]}: ...}}`"
    named = [value for key, value in entry.items() if key in NAMES] if isinstance(entry, Table) else []
    if named and isinstance(named[0], str):
        return f"write `{named[0]}: {{argument: value}}`"
    return "write `Name` or `Name: {argument: value}`"


def _check_made(entry: Any, place: Place, registry: Registry, problems: Problems) -> None:
    name, arguments = name_of(entry)
    try:
        with problems.noting(place, arguments), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they are heard when it is made to be used
            make(entry, registry)
    except Exception as error:
        problems.say(place, f"{name} can't be made so", f"{type(error).__name__}: {error}")


def check_within(arguments: Any, problems: Problems, registry: Registry | None = None) -> None:
    """Note what is wrong with components among the arguments of another, or in a list of those of one kind."""
    for key, entry, place in _entries(arguments):
        kind = registry or kind_of(key)
        if not is_component(entry, kind):
            check_within(entry, problems, kind if isinstance(entry, Items) else None)
            continue
        name, _ = name_of(entry)
        kind = kind or next((registry for registry in registries() if _has(registry, name)), None)
        if kind is None:
            known = {shown for registry in registries() for shown in registry.names()}
            problems.say(place, f"unknown name '{name}'", did_you_mean(name, known))
        else:
            check_component(entry, place, kind, problems)


def _has(registry: Registry, name: str) -> bool:
    try:
        return registry.find(name) is not None
    except LaminaError:
        return False


def _entries(value: Any) -> Iterator[tuple[Any, Any, Place]]:
    if isinstance(value, Table):
        yield from ((key, entry, value.keys_at[key]) for key, entry in value.items())
    elif isinstance(value, Items):
        yield from ((None, entry, place) for entry, place in zip(value, value.items_at, strict=True))


def is_component(entry: Any, registry: Registry | None) -> bool:
    """Whether a mapping is a component: it stands where those of one kind do, or is one capitalised name with
    arguments, or Keras's long form."""
    if not isinstance(entry, dict):
        return False
    if registry is not None or "class_name" in entry:
        return True
    name, arguments = next(iter(entry.items())) if len(entry) == 1 else (None, None)
    return isinstance(name, str) and name[:1].isupper() and (arguments is None or isinstance(arguments, dict))


def plain(value: Any, registry: Registry | None = None) -> Any:
    """The data without their places; components in Keras's long form, which every constructor reads.

    `registry`: of which kind they are, where that is known.
    """
    if is_component(value, registry):
        name, arguments = name_of(value)
        return {"class_name": name, "config": _plain_table(arguments or {})}
    if isinstance(value, dict):
        return _plain_table(value)
    if isinstance(value, list):
        return [plain(item, registry) for item in value]
    return value


def _plain_table(table: dict) -> dict:
    return {key: plain(item, kind_of(key)) for key, item in table.items()}


def make(entry: Any, registry: Registry) -> Any:
    """The component that an entry describes."""
    name, arguments = name_of(entry)
    return registry.get({"class_name": name, "config": _plain_table(arguments or {})})
