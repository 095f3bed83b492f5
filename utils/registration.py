"""Keras's names for giving one's own classes and functions a name: all on the one table of `register`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .component import _registered, register, registered_name


def register_keras_serializable(package: str = "Custom", name: str | None = None) -> Callable[[Any], Any]:
    """Register a class or function as ``package>name``; `lamina.register` does it by the name alone.

    >>> @register_keras_serializable("mine")
    ... def twice(x):
    ...     return 2 * x
    >>> get_registered_name(twice)
    'mine>twice'
    """

    def decorate(target: Any) -> Any:
        return register(target, name=f"{package}>{name or target.__name__}")

    return decorate


def get_registered_name(obj: Any) -> str:
    """The name under which a class or function is registered, or its own."""
    return registered_name(obj)


def get_registered_object(name: str, custom_objects: dict[str, Any] | None = None) -> Any:
    """The class or function of that name, or None."""
    return (custom_objects or {}).get(name, _registered.get(name))


def get_custom_objects() -> dict[str, Any]:
    """The table of registered names itself: what is put there is registered."""
    return _registered


@contextmanager
def custom_object_scope(custom_objects: dict[str, Any]) -> Iterator[None]:
    """Names that hold within a `with` block only.

    >>> with custom_object_scope({"Mine": dict}):
    ...     get_registered_object("Mine")
    <class 'dict'>
    >>> get_registered_object("Mine") is None
    True
    """
    before = dict(_registered)
    _registered.update(custom_objects)
    try:
        yield
    finally:
        _registered.clear()
        _registered.update(before)


CustomObjectScope = custom_object_scope
