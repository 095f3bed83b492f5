"""Products of the matrices of a batch in tiles, each small enough for the way that some BLAS have for such.

OpenBLAS copies both sides into an order of its own before it multiplies, unless m·n·k is at most a million. A batch has
few rows to make up for that: without, products of up to 128 rows take a tenth to a fourth less time. Only its
kernels for AVX-512 have this way; for others, tiles are a loss.
"""

import math

import numpy as np

from ..utils.threads import blas_has_small_kernel
from .small_products import SMALL

FEW = 256  # rows of a batch; beyond, the copying is worth what it costs


def multiply(a: np.ndarray, b: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """a·b for a ``(rows, terms)`` and b ``(terms, columns)``, either of which may lie transposed in memory.

    >>> multiply(np.eye(2), np.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    if a.size * b.shape[1] < 2 * SMALL or not blas_has_small_kernel():
        return np.dot(a, b, out)
    rows, columns = tile(a, b)
    if not rows:
        return np.dot(a, b, out)
    z = np.empty((len(a), b.shape[1]), a.dtype) if out is None else out
    for top, bottom, high in _bands(len(a), rows):
        upper = a[top:bottom].reshape(-1, 1, high, a.shape[1])
        for left, right, wide in _bands(b.shape[1], columns):
            tiles = z[top:bottom, left:right].reshape(len(upper), high, -1, wide).swapaxes(1, 2)
            np.matmul(upper, b[:, left:right].reshape(len(b), -1, wide).swapaxes(0, 1), out=tiles)
    return z


def tile(a: np.ndarray, b: np.ndarray) -> tuple[int, int]:
    """The rows and columns of a tile of a·b; zeros if tiles are no gain.

    In x·W and dz·Wᵀ a slice of a few rows meets slices of W; in xᵀ·dz, where the batch is what is summed over, a tile
    is about as high as wide.

    >>> x, w, dz = np.zeros((64, 784), "float32"), np.zeros((784, 512), "float32"), np.zeros((64, 512), "float32")
    >>> tile(x, w), tile(dz, w.T), tile(x.T, dz)
    ((16, 64), (16, 64), (112, 128))
    """
    (rows, terms), columns = a.shape, b.shape[1]
    if a.dtype != np.float32 or b.dtype != np.float32:
        return 0, 0
    if a.flags.c_contiguous and 16 <= rows <= FEW:
        wide = min(SMALL // (16 * terms), columns) // 64 * 64
        if b.flags.f_contiguous and not b.flags.c_contiguous:  # of few terms, none
            wide = min(wide, 64) if terms >= FEW else 0
        return (16, wide) if wide else (0, 0)
    if a.flags.f_contiguous and b.flags.c_contiguous and terms <= FEW:
        wide = min(128, columns)
        slices = math.ceil(rows / (SMALL // (terms * wide)))
        return math.ceil(rows / slices) // 8 * 8, wide
    return 0, 0


def _bands(length: int, size: int) -> list[tuple[int, int, int]]:
    """(start, stop, size of a slice): slices of that size as far as they go, and a rest that is one of its own.

    >>> _bands(7, 3), _bands(6, 3), _bands(2, 3)
    ([(0, 6, 3), (6, 7, 1)], [(0, 6, 3)], [(0, 2, 2)])
    """
    whole = length // size * size
    return [band for band in ((0, whole, size), (whole, length, length - whole)) if band[0] < band[1]]
