"""Components: the classes that a script, a YAML file or a saved model names, with their arguments.

Layers, activations, initializers, losses, optimizers, metrics and callbacks are all `Component`s. Each keeps an
argument of its constructor as the attribute of the same name; so its configuration can be read off, and no class
needs to list its arguments again. A `Registry` finds a class by its name.
"""

import functools
import inspect
import re
import typing
from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np

from ..errors import ArgumentError, ConfigError, OptionError, did_you_mean
from .checks import truth
from .registration import custom_object_scope, known_names, registered_name


def snake_case(name: str) -> str:
    """The name of a class as Keras writes it in lower case.

    >>> snake_case("LeakyReLU"), snake_case("Conv2D"), snake_case("MaxPooling2D"), snake_case("PReLU")
    ('leaky_re_lu', 'conv2d', 'max_pooling2d', 'p_re_lu')
    """
    name = re.sub(r"\W+", "", name)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def parameters(cls: type) -> dict[str, inspect.Parameter]:
    """The arguments that a class may be made with, those that it hands on to its parents included.

    What ``**options: Unpack[Some]`` hands on are the keys of the TypedDict `Some`; a bare ``**options`` hands on
    whatever the parent takes.
    """
    return _parameters(cls)


@functools.cache
def _parameters(cls: type) -> dict[str, inspect.Parameter]:
    found: dict[str, inspect.Parameter] = {}
    handed_on: set[str] | None = None  # None: all
    for parent in cls.__mro__:
        if "__init__" not in vars(parent) or parent is object:
            continue
        own = list(inspect.signature(parent.__init__).parameters.values())[1:]  # type: ignore[misc]
        for parameter in own:
            named = parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL)
            if named and (handed_on is None or parameter.name in handed_on):
                found.setdefault(parameter.name, parameter)
        rest = [parameter.annotation for parameter in own if parameter.kind == parameter.VAR_KEYWORD]
        if not rest:
            break  # nothing is handed on to a parent
        options = typing.get_args(rest[0])
        if options:
            keys = set(typing.get_type_hints(options[0]))
            handed_on = keys if handed_on is None else handed_on & keys
    return found


@functools.cache
def _constructor(cls: type) -> inspect.Signature:
    return inspect.signature(cls.__init__)  # type: ignore[misc]


@functools.cache
def _truths(cls: type) -> dict[str, tuple[int | None, Any]]:
    """The arguments that are annotated as bool and nothing else: the place of each, and its default.

    An argument has no place where it comes by name only, or where a constructor hands on what it got by place: it may
    put others before.
    """
    own = list(_constructor(cls).parameters.values())[1:]
    placed = [known.name for known in own if known.kind in (known.POSITIONAL_ONLY, known.POSITIONAL_OR_KEYWORD)]
    return {
        name: (placed.index(name) if name in placed else None, known.default)
        for name, known in parameters(cls).items()
        if known.annotation in (bool, "bool")
    }


class _Signature:
    """What `help`, ``?`` and completion say that a class is made with: for ``**options`` each argument by its name."""

    def __get__(self, instance: Any, cls: type) -> inspect.Signature | None:
        if instance is not None:
            return None  # an instance is called as its `__call__` says
        own = list(_constructor(cls).parameters.values())[1:]
        shown = [known for known in own if known.kind != known.VAR_KEYWORD]
        names = {known.name for known in shown}
        handed_on = [known for name, known in parameters(cls).items() if name not in names]
        return inspect.Signature(shown + [known.replace(kind=known.KEYWORD_ONLY) for known in handed_on])


class Component:
    """A class that refuses arguments it does not have, and that can be made again from its own `get_config`."""

    not_in_config: ClassVar[frozenset[str]] = frozenset()  # arguments that another one's config carries
    # methods that Keras calls, and nothing here does: what a class of one's own writes in their place, and what to do
    not_called: ClassVar[dict[str, tuple[str | None, str]]] = {}
    # arguments that Keras has, or had, and nothing here takes: what to do instead
    not_taken: ClassVar[dict[str, str]] = {}
    _given: dict[str, Any]  # the arguments as they were given
    __signature__ = _Signature()

    def __init_subclass__(cls, **kwargs: Any):
        super().__init_subclass__(**kwargs)
        if cls.__module__.partition(".")[0] != __name__.partition(".")[0]:
            for name, (instead, mend) in cls.not_called.items():
                if name in vars(cls) and instead not in vars(cls):
                    raise ArgumentError(f"{cls.__name__} writes {name}, which is not called here", mend=mend)

    def __new__(cls, *args, **kwargs):
        known = parameters(cls)
        for name in kwargs:
            if name not in known:
                mend = cls.not_taken.get(name) or did_you_mean(name, known)
                raise ArgumentError(f"{cls.__name__} has no argument '{name}'", mend=mend)
        for name, (place, default) in _truths(cls).items():  # type: ignore[arg-type]
            value = kwargs.get(name, default) if place is None or place >= len(args) else args[place]
            if value is not default:
                truth(cls.__name__, name, value)
        if args or kwargs:  # a copy is made by `__new__` without any
            try:
                _constructor(cls).bind(None, *args, **kwargs)  # type: ignore[arg-type]
            except TypeError as error:  # which would name the parent that wrote the constructor
                raise ArgumentError(f"{cls.__name__}: {error}") from None
        self = super().__new__(cls)
        self._given = dict(zip(known, args, strict=False)) | kwargs
        return self

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal one, as plain numbers, strings, lists and dicts."""
        config = {}
        for name, parameter in parameters(type(self)).items():
            if name not in self.not_in_config:
                value = getattr(self, name, self._given.get(name, parameter.default))
                try:
                    config[name] = serialize(value)
                except ConfigError as error:
                    error.problem = f"{type(self).__name__}({name}=...): {error.problem}"
                    raise
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]):
        """Make one from what `get_config` returned."""
        return cls(**arguments_of(cls, config))

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self._given.items())
        return f"{type(self).__name__}({given})"


def arguments_of(cls: type, config: Any) -> dict[str, Any]:
    """The config, if it is a dict of arguments by name."""
    if not isinstance(config, dict) or not all(isinstance(name, str) for name in config):
        raise ConfigError(f"{cls.__name__}.from_config", expected="a dict of arguments", received=repr(config))
    return config


def serialize(value: Any) -> Any:
    """A value of a configuration as plain data; a component as ``{"class_name": ..., "config": ...}``.

    >>> serialize((np.float32(0.5), np.arange(2)))
    [0.5, [0, 1]]
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Component):
        return {"class_name": registered_name(type(value)), "config": serialize(value.get_config())}
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, np.dtype):
        return value.name
    if isinstance(value, list | tuple):
        return [serialize(item) for item in value]
    if isinstance(value, dict):
        return {str(key): serialize(item) for key, item in value.items()}
    if callable(value) and hasattr(value, "__name__"):
        return registered_name(value)
    if isinstance(value, np.random.Generator):
        mend = "give the seed as a whole number: how far its draws have come is kept without it"
        raise ConfigError("a Generator can't stand in a configuration", mend=mend)
    raise ConfigError(f"{_a(type(value).__name__)} can't stand in a configuration", received=repr(value))


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


T = TypeVar("T")


class Registry(Generic[T]):
    """Finds the components of one kind (``"activation"``, ``"loss"``, ...) by name, by config or as they are.

    With `any_case` the library's own are found by their names in any case, as Keras finds optimizers.
    """

    def __init__(self, kind: str, base: type[T], any_case: bool = False):
        self.kind, self.base, self.any_case = kind, base, any_case
        self._classes: dict[str, type[T]] = {}
        self._shown: set[str] = set()
        self._functions: dict[Callable, type[T]] = {}

    def add(self, cls: type[T], *aliases: str, function: Callable | None = None, shown: bool = True) -> None:
        """Make a class known under its own name, that name in lower case, its aliases, and as a function."""
        for name in (cls.__name__, snake_case(cls.__name__), cls.__name__.lower(), *aliases):
            self._classes.setdefault(name, cls)
        self._shown |= {aliases[0] if aliases else cls.__name__} if shown else set()
        if function is not None:
            self._functions[function] = cls
            self._classes[function.__name__] = cls

    def names(self) -> set[str]:
        """The names to show in a message."""
        return self._shown | {name for name, target in known_names().items() if self._fits(target)}

    def functions(self, cls: type) -> list[Callable]:
        """The library's functions that mean this class."""
        return [function for function, known in self._functions.items() if known is cls]

    def __contains__(self, name: Any) -> bool:
        return isinstance(name, str) and name in self._classes

    def spellings(self) -> dict[str, str]:
        """For `refusing`: what a function is called in the module, for each other name that means it as a string."""
        return {
            name: f"call it {function.__name__}"
            for function, cls in self._functions.items()
            for name, known in self._classes.items()
            if known is cls and name not in (function.__name__, cls.__name__)
        }

    def _fits(self, target: Any) -> bool:
        return isinstance(target, type) and issubclass(target, self.base)

    def find(self, name: str, custom_objects: dict[str, Any] | None = None) -> Any:
        """The class, or the user's function, of that name; an unknown name is refused with the nearest one."""
        for known in (custom_objects or {}, known_names(), self._classes):
            if name in known:
                return known[name]
        if self.any_case and name.lower() in self._classes:
            return self._classes[name.lower()]
        mend = did_you_mean(name, self.names(), set(self._classes))
        if name.lower() == "none":
            mend = "write None (null in a file of YAML), or leave it out"
        raise OptionError(f"unknown {self.kind} {name!r}", mend=mend)

    def get(self, identifier: Any, custom_objects: dict[str, Any] | None = None) -> Any:
        """The component meant by an instance, a class, a name, a config or one of the library's functions.

        A function of the user's own comes back as it is; the caller says whether it can use one.
        """
        if identifier is None or isinstance(identifier, self.base):
            return identifier
        if isinstance(identifier, str):
            identifier = self.find(identifier, custom_objects)
            if isinstance(identifier, self.base):
                return identifier
        if isinstance(identifier, dict):
            return self.from_dict(identifier, custom_objects)
        if self._fits(identifier):
            return identifier()
        if callable(identifier):
            cls = self._functions.get(identifier)
            return cls() if cls else identifier
        raise ArgumentError(
            f"can't read this as {_a(self.kind)}",
            expected=f"a name, an instance of {self.base.__name__} or a config",
            received=repr(identifier),
        )

    def from_dict(self, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """The component of ``{"class_name": ..., "config": {...}}``; Keras's other keys may stand beside them."""
        known = {"class_name", "config", "module", "registered_name", "build_config", "compile_config"}
        arguments = (config.get("config") or {}) if isinstance(config, dict) else None
        named = isinstance(arguments, dict) and all(isinstance(name, str) for name in arguments)
        if not named or set(config) - known or not isinstance(config.get("class_name"), str):
            raise ConfigError(
                f"not the config of {_a(self.kind)}",
                expected="{'class_name': ..., 'config': {...}}",
                received=repr(config),
            )
        cls = self.find(config["class_name"], custom_objects)
        if not self._fits(cls):
            raise ConfigError(f"{config['class_name']!r} is no {self.kind}", expected=f"a {self.base.__name__}")
        with custom_object_scope(custom_objects or {}):  # what is within may be of these, too
            return cls.from_config(arguments)
