"""Products of the matrices of a batch in tiles, each small enough for the way that some BLAS have for such.

OpenBLAS copies both sides into an order of its own before it multiplies, unless m·n·k is at most a million. A batch has
few rows to make up for that: without, products of up to 128 rows take a tenth to a fourth less time. Only its
kernels for AVX-512 have this way; for others, tiles are a loss.
"""

import functools
import sys
from typing import Any

import numpy as np

from ..utils.threads import blas_has_small_kernel
from .room import LARGE, Room
from .small_products import SMALL

HIGH = 16  # rows of a slice of x
LEAST = 32  # columns of a block, at least
FEW = 256  # rows of a batch; beyond, the copying is worth what it costs
CACHED = 200_000  # numbers of both matrices that lie in a core's cache: then it is not, for more rows either
SIXES = 24  # rows of a tile of xᵀ·dz, or a multiple: they are multiplied six, or twelve, at a time


def multiply(a: np.ndarray, b: np.ndarray, out: np.ndarray | None = None, room: Room | None = None) -> np.ndarray:
    """a·b for a ``(rows, terms)`` and b ``(terms, columns)``, either of which may lie transposed in memory.

    A large result lies in memory of the room, if there is one.

    >>> multiply(np.eye(2), np.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    if out is None and room is not None and len(a) * b.shape[1] * b.itemsize >= LARGE:
        out = room.empty((len(a), b.shape[1]), np.result_type(a, b))
    if a.size * b.shape[1] < 2 * SMALL or not blas_has_small_kernel():
        return np.dot(a, b, out)
    rows, columns = tile(a, b)
    if not rows:
        return np.dot(a, b, out)
    z = np.empty((len(a), b.shape[1]), a.dtype) if out is None else out
    # a block of W stays in the cache while all slices of x meet it; of xᵀ·dz, which is large itself, rows are filled
    order: Any = "C" if a.flags.c_contiguous else "K"
    for left, right, wide in _bands(b.shape[1], columns):
        of_b = b[:, left:right].reshape(len(b), -1, 1, wide).transpose(1, 2, 0, 3)  # (blocks, 1, terms, wide)
        for top, bottom, high in _bands(len(a), rows):
            of_a = a[top:bottom].reshape(-1, high, a.shape[1])  # (slices, high, terms)
            tiles = z[top:bottom, left:right].reshape(len(of_a), high, -1, wide).transpose(2, 0, 1, 3)
            np.matmul(of_a, of_b, out=tiles, order=order)
    return z


def tile(a: np.ndarray, b: np.ndarray) -> tuple[int, int]:
    """The rows and columns of a tile of a·b; zeros if tiles are no gain.

    In x·W and dz·Wᵀ a slice of a few rows meets slices of W; in xᵀ·dz, where the batch is what is summed over, a tile
    is about as high as wide.

    >>> x, w, dz = np.zeros((64, 784), "float32"), np.zeros((784, 512), "float32"), np.zeros((64, 512), "float32")
    >>> tile(x, w), tile(dz, w.T), tile(x.T, dz)
    ((16, 64), (16, 64), (120, 128))
    """
    (rows, terms), columns = a.shape, b.shape[1]
    if a.dtype != np.float32 or b.dtype != np.float32:
        return 0, 0
    if a.flags.c_contiguous and HIGH <= rows <= FEW:
        wide = min(SMALL // (HIGH * terms), columns) // 64 * 64
        if b.flags.f_contiguous and not b.flags.c_contiguous:  # of few terms, none
            wide = min(wide, 64) if terms >= FEW else 0
        return (HIGH, wide) if wide else (0, 0)
    if a.flags.f_contiguous and b.flags.c_contiguous and (terms <= FEW or a.size + b.size <= CACHED):
        wide = min(128 if SIXES * terms * 128 <= SMALL else 64, columns)
        high = min(SMALL // (terms * wide), rows) // SIXES * SIXES
        return (high, wide) if high else (0, 0)
    return 0, 0


class Blocks:
    """A matrix b ``(terms, columns)``, or one for each gate ``(gates, terms, columns)``, for many products a·b.

    Its columns lie in blocks ``(..., blocks, terms, wide)``, each together in memory, so that a few rows of a meet a
    block in a small product. Where the BLAS has no way of its own for these, there is one block.

    >>> b = Blocks(np.array([[1.0, 2.0], [3.0, 4.0]]))
    >>> b.multiply(np.array([[1.0, 1.0]]), out=np.empty((1, 2)))
    array([[4., 6.]])
    """

    def __init__(self, b: np.ndarray):
        *gates, terms, wide = b.shape
        self.high, self.most = 0, sys.maxsize  # rows of a slice of a, and of an a that needs none
        if b.dtype == np.float32 and blas_has_small_kernel():
            parts = (wide // count for count in range(1, wide // LEAST + 1) if not wide % count)
            small = next((part for part in parts if HIGH * terms * part <= SMALL), 0)
            if small:
                wide, self.high, self.most = small, HIGH, SMALL // (terms * small)
        self.blocks = np.ascontiguousarray(b.reshape(*gates, terms, -1, wide).swapaxes(-3, -2))
        self._one = self.blocks[..., 0, :, :] if self.blocks.shape[-3] == 1 else None  # a step is short: looked up once
        self._ones = (1,) * (b.ndim - 1)

    def is_one_for(self, rows: int) -> bool:
        """Whether b is one block, and a of so many rows one slice."""
        return self._one is not None and rows <= self.most

    def multiply(self, a: np.ndarray, out: np.ndarray) -> np.ndarray:
        """Write a·b into `out` ``(..., rows, columns)``, by gates if b is, for a ``(..., rows, terms)``."""
        if self._one is not None and a.shape[-2] <= self.most:
            one = self._one
            return np.dot(a, one, out) if one.ndim == 2 else np.matmul(a[..., None, :, :], one, out=out)
        blocks, terms, wide = self.blocks.shape[-3:]
        order = _slices_first(a.ndim - 2, len(self._ones) - 1)
        bands = _bands(a.shape[-2], self.high or max(a.shape[-2], 1))
        for top, bottom, high in bands:
            part, place = (a, out) if len(bands) == 1 else (a[..., top:bottom, :], out[..., top:bottom, :])
            slices = part.reshape(*a.shape[:-2], -1, *self._ones, high, terms)
            tiles = place.reshape(*out.shape[:-2], -1, high, blocks, wide)
            np.matmul(slices, self.blocks, out=tiles.transpose(order))
        return out


@functools.cache
def _slices_first(ahead: int, gates: int) -> tuple[int, ...]:
    """The order of axes in which ``(..., gates, slices, high, blocks, wide)`` has slices before gates and blocks.

    >>> _slices_first(0, 0), _slices_first(1, 1)
    ((0, 2, 1, 3), (0, 2, 1, 4, 3, 5))
    """
    first = ahead + gates
    return *range(ahead), first, *range(ahead, first), first + 2, first + 1, first + 3


def _bands(length: int, size: int) -> list[tuple[int, int, int]]:
    """(start, stop, size of a slice): slices of that size as far as they go, and a rest that is one of its own.

    >>> _bands(7, 3), _bands(6, 3), _bands(2, 3)
    ([(0, 6, 3), (6, 7, 1)], [(0, 6, 3)], [(0, 2, 2)])
    """
    whole = length // size * size
    return [band for band in ((0, whole, size), (whole, length, length - whole)) if band[0] < band[1]]
