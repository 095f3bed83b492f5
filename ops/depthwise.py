"""Depthwise convolution: each channel has kernels of its own.

Shapes: x ``(batch, *space, channels)``; the kernel w ``(*window, channels, multiplier)``; z
``(batch, *counts, channels·multiplier)``, the multiplier innermost. What a place of the kernel meets lies in rows,
``(batch, ..., row)``: the last axis of space and the channels in one, so that NumPy's loops are long. Its `einsum` adds
each product to z as it makes it, and takes all places of the kernel while a row of z is at hand.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from functools import reduce

import numpy as np

from .columns import evenly
from .moments import LONG, column_sums
from .phases import by_phase
from .room import Room
from .windows import Geometry, offsets

Lane = tuple[tuple[slice, ...], int, int]
PIECE = 2**20  # bytes of x at a time, with what is around it: the kernel meets them before they leave the cache


def convolve(
    x: np.ndarray,
    w: np.ndarray,
    geometry: Geometry,
    room: Room,
    counts: Sequence[int] | None = None,
    before: Sequence[int] | None = None,
) -> np.ndarray:
    """z: for each place of the kernel, what lies there in all windows times its numbers, added.

    `counts` and `before` are those of `convolution.convolve`.
    """
    counts = geometry.counts(x.shape[1:-1]) if counts is None else counts
    before = geometry.before(x.shape[1:-1]) if before is None else before
    z = room.empty((len(x), *counts, w.shape[-2] * w.shape[-1]), x.dtype)
    axes = list(range(2 * len(counts) + 1))  # of what is met: samples and windows, then the window's own, then the row
    outer, window, row = axes[: len(counts)], axes[len(counts) : -1], axes[-1:]
    kernels = [np.tile(w[lane].reshape(*w[lane].shape[:-2], -1), counts[-1]) for lane, _, _ in _lanes(geometry)]
    for some, several in _pieces(x, w.shape[-1], geometry, counts, before, room):
        rows = _rows(z[some])
        for number, (met, kernel) in enumerate(zip(several, kernels, strict=True)):
            share = room.empty(rows.shape, z.dtype) if number else rows
            np.einsum(met, axes, kernel, window + row, outer + row, out=share)
            if number:
                rows += share
    return z


def gradients(
    dz: np.ndarray, x: np.ndarray, w: np.ndarray, geometry: Geometry, room: Room
) -> tuple[np.ndarray, np.ndarray]:
    """dw, for each place of the kernel the sum of what it met times dz; and dx, a convolution of dz by phases."""
    dz = np.ascontiguousarray(dz)
    return kernel_gradient(dz, x, w.shape, geometry, room), input_gradient(dz, x.shape, w, geometry, room)


def kernel_gradient(
    dz: np.ndarray, x: np.ndarray, shape: tuple[int, ...], geometry: Geometry, room: Room
) -> np.ndarray:
    """dw, in the kernel's shape."""
    channels, counts = dz.shape[-1], dz.shape[1:-1]
    dw = np.zeros((*geometry.window, channels))
    shares = [dw[lane] for lane, _, _ in _lanes(geometry)]
    axes = list(range(len(counts) + 1))
    several_rows = len(counts) > 1  # which are added up in runs: float32 would drift in one long sum
    runs, kept = (evenly(counts[0], LONG), [0, *axes[2:]]) if several_rows else ([slice(None)], axes)
    for some, several in _pieces(x, shape[-1], geometry, counts, geometry.before(x.shape[1:-1]), room):
        rows = _rows(dz[some])
        for met, share in zip(several, shares, strict=True):
            for place, run in itertools.product(offsets(share.shape[:-1]), runs):
                sums = np.einsum(met[(..., *place, slice(None))][:, run], axes, rows[:, run], axes, kept)
                share[place] += column_sums(sums.reshape(-1, channels))
    return dw.reshape(shape).astype(dz.dtype, copy=False)


def input_gradient(dz: np.ndarray, shape: tuple[int, ...], w: np.ndarray, geometry: Geometry, room: Room) -> np.ndarray:
    """dx of an input of this shape."""
    channels, multiplier = w.shape[-2:]

    def convolved(met, straight, before, counts):
        turned = met[(slice(None, None, -1),) * len(counts)].reshape(*straight.window, -1, 1)
        shares = convolve(dz, turned, straight, room, counts, before)  # (batch, *counts, channels·multiplier)
        return reduce(np.add, np.moveaxis(shares.reshape(*shares.shape[:-1], channels, multiplier), -1, 0))

    return by_phase(convolved, w, shape, geometry, room)


def _rows(x: np.ndarray) -> np.ndarray:
    return x.reshape(*x.shape[:-2], math.prod(x.shape[-2:]))


def _lanes(geometry: Geometry) -> list[Lane]:
    """The places of a kernel along its last axis that meet places of x which lie a stride apart, or several.

    For each such lane which places, as an index; where in x, padded, the first of the first window lies; and how many
    strides there are from one to the next.
    """
    *_, size = geometry.window
    *_, stride = geometry.strides
    *_, gap = geometry.dilation
    common = math.gcd(stride, gap)
    every = stride // common
    ahead = (slice(None),) * (len(geometry.window) - 1)
    return [((*ahead, slice(k, None, every)), k * gap, gap // common) for k in range(min(every, size))]


def _pieces(
    x: np.ndarray, multiplier: int, geometry: Geometry, counts: Sequence[int], before: Sequence[int], room: Room
) -> Iterator[tuple[slice, list[np.ndarray]]]:
    """A few samples at a time, and what the kernel's places meet there: for each lane a view that `_windows` gives."""
    fits = all(n <= size for n, size in zip(geometry.need(counts), x.shape[1:-1], strict=True))
    if fits and not any(before) and geometry.strides[-1] == multiplier == 1 and x.flags.c_contiguous:
        yield slice(0, len(x)), [_windows(x, lane, geometry, counts) for lane in _lanes(geometry)]
        return
    parts = evenly(len(x), max(PIECE // max(x[:1].nbytes * multiplier, 1), 1))
    copies = []
    for lane in _lanes(geometry):
        inside, within, sizes = _copied(x.shape[1:-1], lane, geometry, counts, before)
        copy = room.empty((len(x[parts[0]]) if parts else 0, *sizes, x.shape[-1], multiplier), x.dtype)
        copy.fill(0)
        copies.append((inside, copy[within], _windows(copy, lane, geometry, counts)))
    for some in parts:
        part = x[some]
        for inside, target, _ in copies:
            for each in np.moveaxis(target, -1, 0):
                each[: len(part)] = part[inside]
        yield some, [met[: len(part)] for *_, met in copies]


def _copied(
    space: Sequence[int], lane: Lane, geometry: Geometry, counts: Sequence[int], before: Sequence[int]
) -> tuple[tuple[slice, ...], tuple[slice, ...], list[int]]:
    """Which places of x a lane has, where among its own they are, and how many its own are along each axis."""
    index, first, step = lane
    sizes = geometry.need(counts)
    sizes[-1] = counts[-1] + (len(range(geometry.window[-1])[index[-1]]) - 1) * step
    starts = [-a for a in before]
    starts[-1] += first
    inside, within = [slice(None)], [slice(None)]
    for start, size, hop, n in zip(starts, sizes, (*[1] * len(before[1:]), geometry.strides[-1]), space, strict=True):
        lo = min(max(-(start // hop), 0), size)  # the first that is no padding
        hi = max(min(-((start - n) // hop), size), lo)
        inside.append(slice(start + lo * hop, start + hi * hop, hop))
        within.append(slice(lo, hi))
    return tuple(inside), tuple(within), sizes


def _windows(x: np.ndarray, lane: Lane, geometry: Geometry, counts: Sequence[int]) -> np.ndarray:
    """What all windows meet in a lane ``(batch, *space, channels...)``: ``(batch, *counts', *window, row)``.

    counts' are the counts but for the last axis of space, which is in the row.
    """
    index, _, step = lane
    channels = math.prod(x.shape[len(counts) + 1 :])
    places = len(range(geometry.window[-1])[index[-1]])
    strides = x.strides[1 : len(counts)]
    hops = [stride * hop for stride, hop in zip(strides, geometry.strides, strict=False)]
    gaps = [stride * gap for stride, gap in zip(strides, geometry.dilation, strict=False)]
    shape = (len(x), *counts[:-1], *geometry.window[:-1], places, counts[-1] * channels)
    along = step * channels * x.itemsize
    return np.lib.stride_tricks.as_strided(x, shape, (x.strides[0], *hops, *gaps, along, x.itemsize), writeable=False)
