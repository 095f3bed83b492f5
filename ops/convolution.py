"""Convolution of any rank as matrix products of windows with the kernel, and the gradients of it.

Shapes: x ``(batch, *space, channels)``; the kernel w ``(*window, channels / groups, filters)``; the bias b
``(filters,)``; z ``(batch, *counts, filters)``.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from . import by_rows, depthwise, winograd
from .columns import Columns, by_group, kernel_matrix, pieces
from .moments import column_sums
from .phases import by_phase
from .room import Room
from .small_products import add_product_of_columns, product
from .windows import Geometry, at_offset, offsets

ONE = 64 * 64  # channels times filters up to which groups may be done as one: there are few zeros then
FEW = 8  # filters of a group: products with so few are slow
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
    if _is_depthwise(x.shape, geometry):
        z = depthwise.convolve(x, _by_channel(w, geometry), geometry, room, counts, before)
        return z if b is None else np.add(z, b, out=z)
    if _pays_as_one(x, w.shape, geometry, counts):
        return convolve(x, _as_one(w, geometry.groups), b, replace(geometry, groups=1), room, counts, before)
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
    groups, filters = geometry.groups, shape[-1]
    if _is_depthwise(x.shape, geometry):
        dw = depthwise.kernel_gradient(dz, x, (*geometry.window, groups, filters // groups), geometry, room)
        return dw.reshape(shape), column_sums(dz.reshape(-1, filters)) if bias else np.empty(0, dz.dtype)
    if _pays_as_one(x, shape, geometry, dz.shape[1:-1]):
        one = *geometry.window, x.shape[-1], filters
        dw, db = kernel_gradient(x, dz, one, replace(geometry, groups=1), room, bias)
        return _of_groups(dw, groups), db
    if winograd.pays(x, shape, geometry, dz.shape[1:-1]):
        return winograd.kernel_gradient(x, dz, geometry.window, room, geometry.before(x.shape[1:-1]), bias)
    if by_rows.pays_for_gradient(x, shape, geometry, dz.shape[1:-1]):
        return by_rows.kernel_gradient(x, dz, shape, geometry, room, bias)
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
    if _is_depthwise(shape, geometry):
        return depthwise.input_gradient(dz, tuple(shape), _by_channel(w, geometry), geometry, room)
    space = shape[1:-1]
    if dz.shape[-1] * math.prod(space) > 4 * shape[-1] * math.prod(dz.shape[1:-1]) * math.prod(geometry.strides):
        return scattered(dz, w, shape, geometry, room)

    def convolved(met: np.ndarray, straight: Geometry, before: Sequence[int], counts: Sequence[int]) -> np.ndarray:
        return convolve(dz, turned(met, geometry.groups), None, straight, room, counts, before)

    return by_phase(convolved, w, shape, geometry, room)


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


def _is_depthwise(shape: Sequence[int], geometry: Geometry) -> bool:
    """Whether each channel of an x of this shape is a group of its own."""
    return 1 < geometry.groups == shape[-1]


def _by_channel(w: np.ndarray, geometry: Geometry) -> np.ndarray:
    """The kernel of such a convolution in the shape that `depthwise` takes."""
    return w.reshape(*geometry.window, geometry.groups, -1)


def _pays_as_one(x: np.ndarray, shape: Sequence[int], geometry: Geometry, counts: Sequence[int]) -> bool:
    """Whether groups are done faster as one, with a kernel that has zeros between them; NaN in one is then in all."""
    one = *geometry.window, x.shape[-1], shape[-1]
    if geometry.groups == 1 or math.prod(one[-2:]) > ONE:
        return False
    return shape[-1] // geometry.groups <= FEW or winograd.pays(x, one, replace(geometry, groups=1), counts)


def _as_one(w: np.ndarray, groups: int) -> np.ndarray:
    """The kernel ``(*window, channels, filters)`` that does the same without groups."""
    *window, channels, filters = w.shape
    one = np.zeros((*window, groups, channels, groups, filters // groups), w.dtype)
    each = range(groups)
    one[..., each, :, each, :] = np.moveaxis(w.reshape(*window, channels, groups, -1), -2, 0)
    return one.reshape(*window, groups * channels, filters)


def _of_groups(dw: np.ndarray, groups: int) -> np.ndarray:
    """What a gradient ``(*window, channels, filters)`` has for the groups' own numbers: the way back of `_as_one`."""
    *window, channels, filters = dw.shape
    apart, each = dw.reshape(*window, groups, channels // groups, groups, filters // groups), range(groups)
    return np.moveaxis(apart[..., each, :, each, :], 0, -2).reshape(*window, channels // groups, filters)
