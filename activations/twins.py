"""Twins: activations that are there twice, plain and compiled; as `ops.twins`, which activations do not know."""

from types import ModuleType

import numpy as np

from .. import config


def twins(*arrays: np.ndarray) -> ModuleType | None:
    """The compiled kernels for these arrays, where `config.set_compiled` asked for them, and they fit.

    >>> twins(np.zeros(3, "float64")) is None
    True
    """
    if not config.compiled() or any(a.dtype != np.float32 or not a.flags.carray for a in arrays):
        return None
    from . import compiled

    return compiled
