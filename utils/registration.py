"""The names that one's own classes and functions have in files and strings; and Keras's functions for that."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from ..errors import ArgumentError

# Names that `register` gave to classes and functions of the user: a declared setting, not hidden state.
_registered: dict[str, Any] = {}
# Names that hold within a block of this thread: see `custom_object_scope`.
_scoped: ContextVar[dict[str, Any] | None] = ContextVar("scoped", default=None)


def known_names() -> dict[str, Any]:
    """The registered names, and those that hold within a block, which come first."""
    return _registered | (_scoped.get() or {})


def register(target=None, *, name: str | None = None):
    """Give a class or function of your own a name that files and strings may use.

    >>> @register(name="tidy")
    ... class Tidy:
    ...     pass
    >>> registered_name(Tidy)
    'tidy'
    """
    if target is None:
        return functools.partial(register, name=name)
    if not callable(target):
        raise ArgumentError(
            "register", expected="a class or a function", received=repr(target), mend=f"@register(name={target!r})"
        )
    _registered[name or target.__name__] = target
    return target


def registered_name(target: Any) -> str:
    """The name under which a class or function is found again."""
    for name, known in known_names().items():
        if known is target:
            return name
    return target.__name__


def register_keras_serializable(package: str = "Custom", name: str | None = None) -> Callable[[Any], Any]:
    """Register a class or function as ``package>name``; `lamina.register` does it by the name alone.

    Raises ArgumentError for a class that has no `get_config`, and so could not be written to a file.

    >>> @register_keras_serializable("mine")
    ... def twice(x):
    ...     return 2 * x
    >>> get_registered_name(twice)
    'mine>twice'
    """

    def decorate(target: Any) -> Any:
        if isinstance(target, type) and not hasattr(target, "get_config"):
            raise ArgumentError(
                f"can't register {target.__name__}", expected="a class with get_config", received="one without"
            )
        return register(target, name=f"{package}>{name or target.__name__}")

    return decorate


def get_registered_name(obj: Any) -> str:
    """The name under which a class or function is registered, or its own."""
    return registered_name(obj)


def get_registered_object(
    name: str, custom_objects: dict[str, Any] | None = None, module_objects: dict[str, Any] | None = None
) -> Any:
    """The class or function of that name: among `custom_objects`, those registered, `module_objects`; or None."""
    for known in (custom_objects or {}, known_names(), module_objects or {}):
        if name in known:
            return known[name]
    return None


def get_custom_objects() -> dict[str, Any]:
    """The table of registered names itself: what is put there is registered."""
    return _registered


@contextmanager
def custom_object_scope(custom_objects: dict[str, Any]) -> Iterator[None]:
    """Names that hold within a `with` block only, in its thread. What is registered inside by `register` stays.

    >>> with custom_object_scope({"Mine": dict}):
    ...     get_registered_object("Mine")
    <class 'dict'>
    >>> get_registered_object("Mine") is None
    True
    """
    token = _scoped.set((_scoped.get() or {}) | custom_objects)
    try:
        yield
    finally:
        _scoped.reset(token)


CustomObjectScope = custom_object_scope
