"""Twins: kernels that are there twice, plain and compiled."""

from types import ModuleType

import numpy as np

from .. import config


def twins(dtype: np.typing.DTypeLike) -> ModuleType | None:
    """The compiled kernels for arrays of this type, where `config.set_compiled` asked for them and there are such.

    >>> twins("float64") is None
    True
    """
    if not config.compiled() or np.dtype(dtype) != np.float32:
        return None
    from . import compiled

    return compiled
