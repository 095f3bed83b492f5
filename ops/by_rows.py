"""Convolution with each row of the kernel by itself: windows along the other axes times that row, added where they lie.

For windows three rows high a third is copied, and a third as large a matrix may be small enough for the faster product
(see `small_products`). What is added lies in runs as long as the rest of the space. The kernel's gradient goes the same
way: each of its rows is a product of these windows with the part of dz that they met.
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from . import columns
from .room import Room
from .small_products import LEAST, add_product_of_columns, product, rows_of_slice
from .windows import Geometry


def pays(x: np.ndarray, w: np.ndarray, geometry: Geometry, counts: Sequence[int]) -> bool:
    """Whether its rows are small enough for the faster product, and the kernel is not, or has many channels to copy."""
    row, filters = math.prod(w.shape[1:-1]), w.shape[-1] // geometry.groups
    gains = not rows_of_slice(len(w) * row, filters) or w.shape[-2] > 2 * filters
    return _can(x, row, geometry, counts) and gains and bool(rows_of_slice(row, filters))


def pays_for_gradient(x: np.ndarray, shape: Sequence[int], geometry: Geometry, counts: Sequence[int]) -> bool:
    """Whether its rows are small enough for the faster product, and enough is copied and multiplied at a time."""
    row, filters = math.prod(shape[1:-1]), shape[-1] // geometry.groups
    long = shape[-2] > columns.FEW_CHANNELS and min(row, math.prod(counts)) >= LEAST  # the runs, and the slices
    return _can(x, row, geometry, counts) and long and bool(rows_of_slice(row + 1, filters))


def _can(x: np.ndarray, row: int, geometry: Geometry, counts: Sequence[int]) -> bool:
    """Whether the space has two axes or more, no strides along the first, and a sample is done at once."""
    size = geometry.groups * row * x.shape[1] * math.prod(counts[1:]) * x.itemsize
    return len(counts) > 1 and geometry.strides[0] == 1 and size <= columns.PIECE


def convolve(
    x: np.ndarray,
    w: np.ndarray,
    b: np.ndarray | None,
    geometry: Geometry,
    room: Room,
    counts: Sequence[int],
    before: Sequence[int],
) -> np.ndarray:
    """z, as `convolution.convolve` gives it.

    There must be two axes or more, and no strides along the first.
    """
    groups, height = geometry.groups, x.shape[1]
    shifts, met = _meetings(geometry, height, counts[0], before[0])
    first, *others = sorted(range(len(w)), key=lambda k: met[k][0] - met[k][1])  # that of most rows, and the rest
    matrices = {
        k: columns.kernel_matrix(row, b if k == first else None, groups, room)[:, None] for k, row in enumerate(w)
    }

    def multiply(rows: np.ndarray, k: int, out: np.ndarray) -> np.ndarray:
        (lo, hi), terms = met[k], matrices[k].shape[-2]  # without the ones where there is no bias
        seen = rows[:, :, lo + shifts[k] : hi + shifts[k], :, :terms].reshape(groups, len(out), -1, terms)
        apart = out.reshape(*seen.shape[1:3], groups, -1)  # (batch', windows, groups, filters / groups)
        product(seen, matrices[k], out=np.moveaxis(apart, 2, 0))
        return out

    z = room.empty((len(x), *counts, w.shape[-1]), x.dtype)
    for samples, rows in _rows_across(x, geometry, counts, before, room, b is not None):
        part = z[samples]
        lo, hi = met[first]
        if lo < hi:
            multiply(rows, first, part[:, lo:hi])
        part[:, :lo], part[:, hi:] = (0, 0) if b is None else (b, b)
        for k in others:
            lo, hi = met[k]
            if lo < hi:
                part[:, lo:hi] += multiply(rows, k, room.empty((len(part), hi - lo, *part.shape[2:]), z.dtype))
    return z


def kernel_gradient(
    x: np.ndarray, dz: np.ndarray, shape: Sequence[int], geometry: Geometry, room: Room, bias: bool
) -> tuple[np.ndarray, np.ndarray]:
    """dw and db, as `convolution.kernel_gradient` gives them. What `convolve` asks for is asked for here, too."""
    groups, filters, counts, before = geometry.groups, shape[-1], dz.shape[1:-1], geometry.before(x.shape[1:-1])
    shifts, met = _meetings(geometry, x.shape[1], counts[0], before[0])
    first = min(range(len(met)), key=lambda k: met[k][0] - met[k][1])  # that of most rows: the ones go with it
    size = math.prod(shape[1:-1])
    totals = [np.zeros((groups, size + (bias and k == first), filters // groups), dz.dtype) for k in range(shape[0])]
    for samples, rows in _rows_across(x, geometry, counts, before, room, bias):
        for total, shift, (lo, hi) in zip(totals, shifts, met, strict=True):
            if lo < hi:
                part = dz[samples, lo:hi]
                seen = rows[:, :, lo + shift : hi + shift, :, : total.shape[1]]
                seen = seen.reshape(groups, len(part), -1, total.shape[1])
                apart = part.reshape(len(part), -1, groups, filters // groups)
                add_product_of_columns(total, seen, np.moveaxis(apart, 2, 0), room)
    dw = np.stack([total[:, :size] for total in totals]).swapaxes(1, 2).reshape(shape)
    if not bias:
        return dw, np.empty(0, dz.dtype)
    lo, hi = met[first]
    axes = tuple(range(dz.ndim - 1))
    return dw, totals[first][:, size].reshape(-1) + dz[:, :lo].sum(axes) + dz[:, hi:].sum(axes)


def _meetings(geometry: Geometry, height: int, count: int, before: int) -> tuple[list[int], list[tuple[int, int]]]:
    """For each row of the kernel: row i of z meets row i + shift of x with it, and which rows of z meet one at all."""
    shifts = [k * geometry.dilation[0] - before for k in range(geometry.window[0])]
    starts = [max(-shift, 0) for shift in shifts]
    return shifts, [(lo, max(min(height - shift, count), lo)) for lo, shift in zip(starts, shifts, strict=True)]


def _rows_across(
    x: np.ndarray, geometry: Geometry, counts: Sequence[int], before: Sequence[int], room: Room, ones: bool
) -> Iterator[tuple[slice, np.ndarray]]:
    """Some samples, and their windows along all axes but the first.

    Shape: ``(groups, batch', height, windows, terms)``, with `ones` one more term.
    """
    across = Geometry((1, *geometry.window[1:]), geometry.strides, geometry.dilation, "valid", geometry.groups)
    height = x.shape[1]
    for (samples, _), rows in columns.Columns(x, across, (height, *counts[1:]), (0, *before[1:]), room, ones):
        yield samples, rows.reshape(geometry.groups, samples.stop - samples.start, height, -1, rows.shape[-1])
