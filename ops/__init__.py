"""Array maths that several layers share: each function with its gradient beside it."""

from typing import NoReturn


def __getattr__(name: str) -> NoReturn:
    """Say what a script wants that takes this for `keras.ops`."""
    there = "it is no keras.ops: data are NumPy's arrays here, and NumPy's functions take them"
    raise AttributeError(f"module '{__name__}' has no attribute '{name}': {there}", name=name)
