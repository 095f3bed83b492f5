"""Randomness: one seed, one tree of generators.

Initializers, dropout, shuffles and splits each draw from a `numpy.random.Generator` of their own, a child of one root.
So one seed fixes all of them, and what one draws never shifts what another does.
"""

import random as python_random
import threading
from typing import Any

import numpy as np

from ..errors import OptionError


class _Root:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.sequence = np.random.SeedSequence()


_root = _Root()


def set_random_seed(seed: int) -> None:
    """Fix all randomness to come: lamina's tree, and the global generators of Python and NumPy, as Keras does.

    >>> set_random_seed(0)
    >>> a = next_generator().random()
    >>> set_random_seed(0)
    >>> a == next_generator().random()
    True
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise OptionError("set_random_seed", expected="a whole number of 0 or more", received=repr(seed))
    python_random.seed(int(seed))
    np.random.seed(int(seed) % 2**32)  # noqa: NPY002 - scripts that shuffle by NumPy's global generator count on it
    with _root.lock:
        _root.sequence = np.random.SeedSequence(int(seed))


def get_state() -> dict[str, Any]:
    """Where the tree, and the global generators of Python and NumPy, stand."""
    with _root.lock:
        root = _root.sequence.state
    version, numbers, gauss = python_random.getstate()
    return {
        "root": {"entropy": root["entropy"], "children": root["n_children_spawned"]},
        "python": {"version": version, "numbers": np.array(numbers, np.uint64), "gauss": gauss},
        "numpy": np.random.get_state(legacy=False),  # noqa: NPY002
    }


def set_state(state: dict[str, Any]) -> None:
    """Put back what `get_state` gave.

    >>> state = get_state()
    >>> a = next_generator().random(), python_random.random()
    >>> set_state(state)
    >>> a == (next_generator().random(), python_random.random())
    True
    """
    root, python = state["root"], state["python"]
    with _root.lock:
        _root.sequence = np.random.SeedSequence(root["entropy"], n_children_spawned=root["children"])
    python_random.setstate((python["version"], tuple(python["numbers"].tolist()), python["gauss"]))
    np.random.set_state(state["numpy"])  # noqa: NPY002


def next_generator() -> np.random.Generator:
    """A new child of the root: the generator of one initializer, layer or model."""
    with _root.lock:
        child = _root.sequence.spawn(1)[0]
    return np.random.Generator(np.random.PCG64(child))


def generator(seed: int | np.random.Generator | None = None) -> np.random.Generator:
    """The generator that a `seed` argument means: a new child of the root, one of that seed, or the one given."""
    if seed is None:
        return next_generator()
    if isinstance(seed, np.random.Generator):
        return seed
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise OptionError(
            "seed", expected="a whole number of 0 or more, a numpy.random.Generator or None", received=repr(seed)
        )
    return np.random.default_rng(int(seed))
