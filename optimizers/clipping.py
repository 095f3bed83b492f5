"""Clipping: gradients held within bounds, each alone or all together.

A gradient that is not finite leaves NaN behind rather than a step of zero: a step that fails has to be seen.
"""

import math
from collections.abc import Sequence

import numpy as np

from .layout import Flat
from .vectors import length


def clip_value(flats: Sequence[Flat], limit: float) -> None:
    """g ← min(max(g, -limit), limit)."""
    for flat in flats:
        np.maximum(flat.grad, -limit, out=flat.grad)
        np.minimum(flat.grad, limit, out=flat.grad)


def clip_norm(flats: Sequence[Flat], limit: float) -> None:
    """g ← g·limit / ‖g‖ for each variable whose gradient is longer than the limit."""
    for flat in flats:
        for variable in flat.variables:
            shorten([variable.grad], length(variable.grad), limit)


def clip_global_norm(flats: Sequence[Flat], limit: float) -> None:
    """g ← g·limit / ‖all g‖, if all gradients together are longer than the limit."""
    shorten([flat.grad for flat in flats], global_norm(flats), limit)


def global_norm(flats: Sequence[Flat]) -> float:
    """The length of all gradients together: √Σ‖g‖²."""
    return math.hypot(*(length(flat.grad) for flat in flats))


def shorten(arrays: Sequence[np.ndarray], norm: float, limit: float) -> None:
    """Scale the arrays, `norm` long together, down to the limit.

    >>> g = np.array([3.0, 4.0])
    >>> shorten([g], 5.0, 1.0)
    >>> g
    array([0.6, 0.8])
    """
    if not norm <= limit:
        scale = limit / norm if math.isfinite(norm) else math.nan
        for array in arrays:
            array *= scale


CLIPS = {"clipnorm": clip_norm, "clipvalue": clip_value, "global_clipnorm": clip_global_norm}  # by the argument's name
