"""The gradient of a convolution's x, of all places that lie alike between two windows at a time."""

import itertools
from collections.abc import Callable, Sequence

import numpy as np

from .room import Room
from .windows import Geometry


def by_phase(
    convolved: Callable[..., np.ndarray], w: np.ndarray, shape: Sequence[int], geometry: Geometry, room: Room
) -> np.ndarray:
    """dx of an input of this shape, of all places that lie alike between two windows at a time.

    ``convolved(met, straight, before, counts)`` gives that of one such phase, whose kernel, not turned round yet, is
    `met`, and whose places are `counts`; `straight` and `before` tell how that kernel lies in dz.
    """
    space = shape[1:-1]
    if max(geometry.strides) == 1:
        return convolved(*_of_phase(w, (0,) * len(space), geometry.before(space), geometry), space)
    dx = room.empty(tuple(shape), w.dtype)
    for phase in itertools.product(*(range(stride) for stride in geometry.strides)):
        axes = list(zip(phase, geometry.before(space), geometry.strides, strict=True))
        starts = [(r - a) % s for r, a, s in axes]  # the first place of x that lies so
        windows = [(start + a - r) // s for start, (r, a, s) in zip(starts, axes, strict=True)]  # that begins there
        part = dx[(slice(None), *(slice(start, None, s) for start, s in zip(starts, geometry.strides, strict=True)))]
        ends = any(r >= k for r, k in zip(phase, geometry.window, strict=True))  # the kernel does, before these places
        if part.size:
            part[...] = 0 if ends else convolved(*_of_phase(w, phase, windows, geometry), part.shape[1:-1])
    return dx


def _of_phase(
    w: np.ndarray, phase: Sequence[int], windows: Sequence[int], geometry: Geometry
) -> tuple[np.ndarray, Geometry, list[int]]:
    """The places of the kernel which those of x meet that lie `phase` behind the beginning of a window.

    Also how these places lie in dz, and how many places before dz the first begins, if the number of the window of the
    first place of x is in `windows`.
    """
    met = w[tuple(slice(r, None, s) for r, s in zip(phase, geometry.strides, strict=True))]
    straight = Geometry(met.shape[:-2], (1,) * len(phase), geometry.dilation, "valid", geometry.groups)
    before = [n - 1 - first for n, first in zip(straight.need((1,) * len(phase)), windows, strict=True)]
    return met, straight, before
