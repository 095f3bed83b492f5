"""Components as YAML writes them: ``Dense: {units: 3}``, or a bare name."""

from collections.abc import Iterable, Iterator
from typing import Any

from .. import activations, callbacks, constraints, initializers, layers, losses, metrics, optimizers, regularizers
from ..errors import LaminaError, did_you_mean
from ..optimizers import schedules
from ..utils.component import Registry, parameters
from .reader import Items, Place, Table


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


class Problems(list):
    """The mistakes found in a file, each with its place: all are said at once."""

    def say(self, place: Place, text: str, mend: str | None = None) -> None:
        """Note one."""
        self.append(f"{place}: {text}" + (f": {mend}" if mend else ""))

    def check_keys(self, table: Table, known: Iterable[str], what: str) -> None:
        """Note the keys of a table that are not known."""
        known = list(known)
        for key in table:
            if key not in known:
                self.say(table.keys_at[key], f"{what} has no key '{key}'", did_you_mean(key, known))


def name_of(entry: Any) -> tuple[Any, Any]:
    """The name and the arguments of a component: ``Flatten``, ``Dense: {units: 3}`` or Keras's long form."""
    if isinstance(entry, Table) and len(entry) == 1:
        return next(iter(entry.items()))
    if isinstance(entry, Table) and set(entry) <= {"class_name", "config"}:
        return entry.get("class_name"), entry.get("config")
    return entry, None


def check_component(entry: Any, place: Place, registry: Registry, problems: Problems) -> None:
    """Note what is wrong with a component: its name, its arguments' names, and those of components within."""
    name, arguments = name_of(entry)
    if not isinstance(name, str):
        problems.say(
            place, f"expected a {registry.kind}, as `Name` or `Name: {{argument: value}}`", f"received {entry!r}"
        )
        return
    try:
        cls = registry.find(name)
    except LaminaError as error:
        problems.say(place, f"unknown {registry.kind} '{name}'", (error.mend or "").rstrip("?") or None)
        return
    if arguments is not None and not isinstance(arguments, Table):
        problems.say(place, f"{name} takes its arguments by name", f"write `{name}: {{argument: {arguments!r}}}`")
    elif arguments is not None:
        problems.check_keys(arguments, parameters(cls), name)
        check_within(arguments, problems)


def check_within(value: Any, problems: Problems) -> None:
    """Note what is wrong with components among the arguments of another."""
    for entry, place in _entries(value):
        name, _ = name_of(entry)
        if isinstance(entry, Table) and is_component(entry):
            registry = next((registry for registry in registries() if _has(registry, name)), None)
            if registry is None:
                known = {shown for registry in registries() for shown in registry.names()}
                problems.say(place, f"unknown name '{name}'", did_you_mean(name, known))
            else:
                check_component(entry, place, registry, problems)
        else:
            check_within(entry, problems)


def _has(registry: Registry, name: str) -> bool:
    try:
        return registry.find(name) is not None
    except LaminaError:
        return False


def _entries(value: Any) -> Iterator[tuple[Any, Place]]:
    if isinstance(value, Table):
        yield from ((entry, value.keys_at[key]) for key, entry in value.items())
    elif isinstance(value, Items):
        yield from zip(value, value.items_at, strict=True)


def is_component(entry: Any) -> bool:
    """Whether a mapping is a component: one capitalised name with arguments, or Keras's long form."""
    if not isinstance(entry, dict):
        return False
    if "class_name" in entry:
        return True
    name, arguments = next(iter(entry.items())) if len(entry) == 1 else (None, None)
    return isinstance(name, str) and name[:1].isupper() and (arguments is None or isinstance(arguments, dict))


def plain(value: Any) -> Any:
    """The data without their places; components in Keras's long form, which every constructor reads."""
    if is_component(value):
        name, arguments = name_of(value)
        return {"class_name": name, "config": {key: plain(item) for key, item in (arguments or {}).items()}}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def make(entry: Any, registry: Registry) -> Any:
    """The component that an entry describes."""
    name, arguments = name_of(entry)
    return registry.get({"class_name": name, "config": plain(arguments) or {}})
