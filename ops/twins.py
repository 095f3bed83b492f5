"""Twins: kernels that are there twice, plain and compiled."""

from types import ModuleType

import numpy as np

from .. import config


def twins(*dtypes: np.typing.DTypeLike) -> ModuleType | None:
    """The compiled kernels for arrays of these types, where `config.set_compiled` asked for them and there are such.

    >>> twins("float64") is None
    True
    """
    if not config.compiled() or any(np.dtype(dtype) != np.float32 for dtype in dtypes):
        return None
    from . import compiled

    return compiled
