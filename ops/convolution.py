"""Convolution of any rank as matrix products of windows with the kernel, and the gradients of it.

Shapes: x ``(batch, *space, channels)``; the kernel w ``(*window, channels / groups, filters)``; the bias b
``(filters,)``; z ``(batch, *counts, filters)``.
"""

import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np

from . import by_rows, winograd
from .columns import Columns, by_group, kernel_matrix, pieces
from .room import Room
from .small_products import add_product_of_columns, product
from .windows import Geometry, at_offset, offsets

SHARES = 2**19  # bytes of the windows' shares at a time: they are added nine times over, say, so they stay close


def convolve(
    x: np.ndarray,
    w: np.ndarray,
    b: np.ndarray | None,
    geometry: Geometry,
    room: Room,
    counts: Sequence[int] | None = None,
    before: Sequence[int] | None = None,
) -> np.ndarray:
    """z: each window of x times the kernel, and the bias.

    `counts` says how many windows are taken along each axis, where it is not all of them; `before`, how many places
    before x the first begins, where its padding does not say so.
    """
    counts = geometry.counts(x.shape[1:-1]) if counts is None else counts
    before = geometry.before(x.shape[1:-1]) if before is None else before
    if winograd.pays(x, w.shape, geometry, counts):
        return winograd.convolve(x, w, b, room, counts, before)
    if by_rows.pays(x, w, geometry, counts):
        return by_rows.convolve(x, w, b, geometry, room, counts, before)
    matrix = kernel_matrix(w, b, geometry.groups, room)
    z = room.empty((len(x), *counts, w.shape[-1]), x.dtype)
    for place, rows in Columns(x, geometry, counts, before, room, ones=b is not None):
        product(rows, matrix, out=by_group(z[place], geometry.groups))
    return z


def kernel_gradient(
    x: np.ndarray, dz: np.ndarray, shape: tuple[int, ...], geometry: Geometry, room: Room, bias: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """dw = rowsᵀ·dz, in the kernel's shape, and db = Σ dz, what the ones behind the rows make of it.

    Without `bias` the rows have no ones, and db is empty.
    """
    if winograd.pays(x, shape, geometry, dz.shape[1:-1]):
        return winograd.kernel_gradient(x, dz, room, geometry.before(x.shape[1:-1]), bias)
    if by_rows.pays_for_gradient(x, shape, geometry, dz.shape[1:-1]):
        return by_rows.kernel_gradient(x, dz, shape, geometry, room, bias)
    groups, filters = geometry.groups, shape[-1]
    size = math.prod(shape[:-1])
    total = np.zeros((groups, size + bias, filters // groups), dz.dtype)
    for place, rows in Columns(x, geometry, dz.shape[1:-1], geometry.before(x.shape[1:-1]), room, ones=bias):
        add_product_of_columns(total, rows[:, None], by_group(dz[place], groups)[:, None], room)
    total = total.swapaxes(0, 1)  # (window·channels and one, groups, filters / groups)
    return total[:size].reshape(shape), total[size:].reshape(-1)


def input_gradient(dz: np.ndarray, w: np.ndarray, shape: Sequence[int], geometry: Geometry, room: Room) -> np.ndarray:
    """dx of an input of this shape: Σ of dz·wᵀ over all windows that a place lies in.

    Of the places of x that lie alike between two windows, that is a convolution of dz with those of the kernel's places
    that they meet, turned round. Where more would be copied for that than is to be added, each window's share is added
    where the window lies.
    """
    space = shape[1:-1]
    if dz.shape[-1] * math.prod(space) > 4 * shape[-1] * math.prod(dz.shape[1:-1]) * math.prod(geometry.strides):
        return scattered(dz, w, shape, geometry, room)

    def convolved(met: np.ndarray, straight: Geometry, before: Sequence[int], counts: Sequence[int]) -> np.ndarray:
        return convolve(dz, turned(met, geometry.groups), None, straight, room, counts, before)

    return by_phase(convolved, w, shape, geometry, room)


def by_phase(convolved: Callable[..., np.ndarray], w: np.ndarray, shape: Sequence[int], geometry: Geometry, room: Room):
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


def turned(w: np.ndarray, groups: int) -> np.ndarray:
    """The kernel turned round, its filters as channels: ``(*window, filters / groups, channels)``."""
    *window, channels, filters = w.shape
    apart = w.reshape(*window, channels, groups, filters // groups)[(slice(None, None, -1),) * len(window)]
    return np.moveaxis(apart, -1, len(window)).swapaxes(-1, -2).reshape(*window, filters // groups, groups * channels)


def scattered(dz: np.ndarray, w: np.ndarray, shape: Sequence[int], geometry: Geometry, room: Room) -> np.ndarray:
    """dx of an input of this shape: each window's share dz·wᵀ is added where the window lies."""
    batch, *space, channels = shape
    counts, groups, before = dz.shape[1:-1], geometry.groups, geometry.before(space)
    matrices = w.reshape(-1, channels // groups, groups, w.shape[-1] // groups)
    matrices = np.ascontiguousarray(matrices.transpose(2, 0, 3, 1))  # (groups, window, filters', channels')
    pads = geometry.pads(space)
    wide = [max(n, size + sum(more)) for n, size, more in zip(geometry.need(counts), space, pads, strict=True)]
    inside = (slice(None), *(slice(a, a + size) for a, size in zip(before, space, strict=True)))

    dx = room.empty((batch, *space, channels), dz.dtype)
    for places in pieces(batch, counts, len(matrices[0]) * channels * dz.itemsize, SHARES):
        some = dx[places[0][0]]
        padded = some if wide == space else room.empty((len(some), *wide, channels), dz.dtype)
        padded.fill(0)
        for samples, first in places:
            part = dz[samples, first]  # (batch', *counts', filters)
            shares = room.empty((len(matrices[0]), *part.shape[:-1], channels), dz.dtype)
            apart = shares.reshape(len(shares), -1, groups, channels // groups).transpose(2, 0, 1, 3)
            product(by_group(part, groups)[:, None], matrices, out=apart)
            lies = padded[:, first.start * geometry.strides[0] :]
            for share, offset in zip(shares, offsets(geometry.window), strict=True):
                lies[at_offset(offset, part.shape[1:-1], geometry.strides, geometry.dilation)] += share
        if padded is not some:
            some[...] = padded[inside]
    return dx
