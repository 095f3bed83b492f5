"""State as plain data: what an object remembers, and a tree of such states as one document and its arrays."""

import math
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ..errors import StateError

MARK = "~"  # begins the one key of a mapping that stands for what JSON does not have
GENERATORS = ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")
LONG = 64  # floats in a list, from which on they are kept as an array
LISTS: dict[str, Callable[[Any], Any]] = {"tuple": tuple, "set": set}


def pack(tree: Any, place: str = "state") -> tuple[Any, dict[str, np.ndarray]]:
    """A tree as a document that JSON can hold to the bit, and the arrays that it points to, by their places.

    The tree is made of None, truth values, numbers, text, lists, tuples, sets, deques, dicts, NumPy's arrays, scalars
    and generators. Raises StateError that names the place of anything else.

    >>> pack({"wait": 2, "best": float("inf"), "w": np.ones(2)})
    ({'wait': 2, 'best': {'~float': 'inf'}, 'w': {'~array': 'state/w'}}, {'state/w': array([1., 1.])})
    """
    arrays: dict[str, np.ndarray] = {}
    return _packed(tree, place, arrays), arrays


def _packed(value: Any, place: str, arrays: dict[str, np.ndarray]) -> Any:
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biuf":
        return _put("array" if isinstance(value, np.ndarray) else "scalar", np.asarray(value), place, arrays)
    if value is None or type(value) in (bool, int, str):
        return value
    if type(value) is float:
        return value if math.isfinite(value) else {f"{MARK}float": repr(value)}
    if type(value) is list and len(value) >= LONG and all(type(item) is float for item in value):
        return _put("floats", np.array(value), place, arrays)
    if type(value) is list:
        return _items(value, place, arrays)
    for kind, cls in LISTS.items():
        if type(value) is cls:
            return {MARK + kind: _items(sorted(value, key=repr) if cls is set else value, place, arrays)}
    if type(value) is deque:
        return {f"{MARK}deque": [value.maxlen, *_items(value, place, arrays)]}
    if isinstance(value, np.random.Generator) and type(value.bit_generator).__name__ in GENERATORS:
        return {f"{MARK}generator": _packed(value.bit_generator.state, place, arrays)}
    if isinstance(value, dict):
        if all(type(key) is str for key in value) and not (len(value) == 1 and next(iter(value)).startswith(MARK)):
            return {key: _packed(item, f"{place}/{key}", arrays) for key, item in value.items()}
        return {f"{MARK}dict": [_items(pair, f"{place}/{k}", arrays) for k, pair in enumerate(value.items())]}
    raise StateError(
        f"{place} can't be kept",
        expected="numbers, text, lists, dicts or arrays",
        received=f"a {type(value).__name__}",
        mend="write get_state() and set_state(state), which give and take it as such",
    )


def _put(kind: str, array: np.ndarray, place: str, arrays: dict[str, np.ndarray]) -> dict[str, str]:
    name = "/".join(part or MARK for part in place[:500].split("/"))
    while name in arrays:
        name += MARK
    arrays[name] = array
    return {MARK + kind: name}


def _items(values: Iterable[Any], place: str, arrays: dict[str, np.ndarray]) -> list[Any]:
    return [_packed(item, f"{place}/{index}", arrays) for index, item in enumerate(values)]


def unpack(document: Any, arrays: dict[str, np.ndarray]) -> Any:
    """The tree that `pack` was given.

    >>> unpack(*pack({"rates": (0.5, np.float32(0.25)), 3: None}))
    {'rates': (0.5, np.float32(0.25)), 3: None}
    """
    if isinstance(document, list):
        return [unpack(item, arrays) for item in document]
    if not isinstance(document, dict):
        return document
    none: tuple[str, Any] = ("", None)
    key, value = next(iter(document.items())) if len(document) == 1 else none
    if not key.startswith(MARK):
        return {key: unpack(item, arrays) for key, item in document.items()}
    kind = key.removeprefix(MARK)
    if kind in ("array", "scalar", "floats"):
        array = arrays[value]
        return array if kind == "array" else array[()] if kind == "scalar" else array.tolist()
    if kind == "float":
        return float(value)
    parts = unpack(value, arrays)
    if kind in LISTS:
        return LISTS[kind](parts)
    if kind == "deque":
        return deque(parts[1:], parts[0])
    if kind == "generator":
        return _generator(parts)
    if kind == "dict":
        return dict(parts)
    raise StateError("a kept state", expected="what `pack` writes", received=repr(key))


def _generator(state: dict[str, Any]) -> np.random.Generator:
    name = state["bit_generator"]
    if name not in GENERATORS:
        raise StateError("a kept generator", expected=f"one of {', '.join(GENERATORS)}", received=repr(name))
    generator = np.random.Generator(getattr(np.random, name)(0))
    generator.bit_generator.state = state
    return generator


def is_plain(value: Any) -> bool:
    """Whether `pack` takes it."""
    try:
        pack(value)
    except StateError:
        return False
    return True


def recall(thing: Any, state: dict[str, Any]) -> None:
    """Set the attributes of a thing to those of a state; a generator goes on from there, and stays who it is.

    >>> from types import SimpleNamespace
    >>> rng = np.random.default_rng(1)
    >>> thing = SimpleNamespace(wait=0, rng=rng)
    >>> recall(thing, {"wait": 3, "rng": np.random.default_rng(2)})
    >>> thing.wait, thing.rng is rng, rng.random() == np.random.default_rng(2).random()
    (3, True, True)
    """
    for name, value in state.items():
        if name.startswith("__") or callable(getattr(type(thing), name, None)):
            raise StateError(f"the state of a {type(thing).__name__}", expected="its attributes", received=repr(name))
        if isinstance(getattr(thing, name, None), np.random.Generator) != isinstance(value, np.random.Generator):
            raise StateError(f"the state of a {type(thing).__name__}", expected=f"a generator as its {name}, or none")
        if isinstance(value, np.random.Generator):
            getattr(thing, name).bit_generator.state = value.bit_generator.state
        else:
            setattr(thing, name, value)
