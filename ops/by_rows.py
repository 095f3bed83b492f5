"""Convolution with each row of the kernel by itself: windows along the other axes times that row, added where they lie.

For windows three rows high a third is copied, and a third as large a matrix may be small enough for the faster product
(see `small_products`). What is added lies in runs as long as the rest of the space.
"""

import math
from collections.abc import Sequence

import numpy as np

from . import columns
from .room import Room
from .small_products import product, rows_of_slice
from .windows import Geometry


def pays(x: np.ndarray, w: np.ndarray, geometry: Geometry, counts: Sequence[int]) -> bool:
    """Whether its rows are small enough for the faster product, and the kernel is not, or has many channels to copy."""
    row, filters = math.prod(w.shape[1:-1]), w.shape[-1] // geometry.groups
    size = geometry.groups * row * x.shape[1] * math.prod(counts[1:]) * x.itemsize
    gains = not rows_of_slice(len(w) * row, filters) or w.shape[-2] > 2 * filters
    can = len(counts) > 1 and geometry.strides[0] == 1 and size <= columns.PIECE  # a sample is done at once
    return bool(can and gains and rows_of_slice(row, filters))


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
    shifts = [k * geometry.dilation[0] - before[0] for k in range(len(w))]  # row i of z meets row i + shift of x
    met = [(max(-shift, 0), min(height - shift, counts[0])) for shift in shifts]  # rows of z that meet one at all
    first, *others = sorted(range(len(w)), key=lambda k: met[k][0] - met[k][1])  # that of most rows, and the rest
    matrices = {
        k: columns.kernel_matrix(row, b if k == first else None, groups, room)[:, None] for k, row in enumerate(w)
    }
    across = Geometry((1, *geometry.window[1:]), geometry.strides, geometry.dilation, "valid", groups)
    counts_across = (height, *counts[1:])

    def multiply(rows: np.ndarray, k: int, out: np.ndarray) -> np.ndarray:
        (lo, hi), terms = met[k], matrices[k].shape[-2]  # without the ones where there is no bias
        seen = rows[:, :, lo + shifts[k] : hi + shifts[k], :, :terms].reshape(groups, len(out), -1, terms)
        apart = out.reshape(*seen.shape[1:3], groups, -1)  # (batch', windows, groups, filters / groups)
        product(seen, matrices[k], out=np.moveaxis(apart, 2, 0))
        return out

    z = room.empty((len(x), *counts, w.shape[-1]), x.dtype)
    for (samples, _), rows in columns.Columns(x, across, counts_across, (0, *before[1:]), room, ones=b is not None):
        part = z[samples]
        rows = rows.reshape(groups, len(part), height, -1, rows.shape[-1])
        lo, hi = met[first]
        multiply(rows, first, part[:, lo:hi])
        part[:, :lo], part[:, hi:] = (0, 0) if b is None else (b, b)
        for k in others:
            lo, hi = met[k]
            if lo < hi:
                part[:, lo:hi] += multiply(rows, k, room.empty((len(part), hi - lo, *part.shape[2:]), z.dtype))
    return z
