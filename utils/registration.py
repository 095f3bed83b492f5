"""Keras's names for giving one's own classes and functions a name: all on the one table of `register`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import ArgumentError
from .component import _registered, _scoped, known_names, register, registered_name


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
