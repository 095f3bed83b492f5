"""Products of tall matrices with small ones, cut so that each is small enough for the way BLAS has for such.

OpenBLAS copies both sides into an order of its own before it multiplies, unless m·n·k is at most a million. With a
kernel of few numbers that copying is a fourth of the time, or half.
"""

import numpy as np

from .room import Room

SMALL = 10**6  # multiplications up to which OpenBLAS takes both matrices as they lie
LEAST, MOST = 64, 256  # rows of a slice: with fewer the calls cost more than they save, with more the cache does
SUMMED = 128  # the most rows of a slice that are summed up


def rows_of_slice(terms: int, columns: int) -> int:
    """How many rows to multiply at a time with a matrix ``(terms, columns)``; 0 for all of them.

    >>> rows_of_slice(288, 32), rows_of_slice(9, 32), rows_of_slice(576, 64)
    (96, 256, 0)
    """
    rows = min(SMALL // (terms * columns), MOST) // 16 * 16
    return rows if rows >= LEAST else 0


def product(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    """out = a·b for a tall ``(..., n, terms)`` and b ``(..., terms, columns)``."""
    n, size = a.shape[-2], rows_of_slice(*b.shape[-2:])
    whole = n // size * size if size else 0
    if whole:
        np.matmul(_slices(a[..., :whole, :], size), b[..., None, :, :], out=_slices(out[..., :whole, :], size))
    if whole < n:
        np.matmul(a[..., whole:, :], b, out=out[..., whole:, :])


def add_product_of_columns(total: np.ndarray, a: np.ndarray, b: np.ndarray, room: Room) -> None:
    """total += aᵀ·b for tall a ``(groups, parts, n, rows)`` and b ``(groups, parts, n, columns)``, all parts added."""
    groups, _, n, terms = a.shape
    size = min(rows_of_slice(terms, b.shape[-1]), SUMMED)
    whole = n // size * size if size else 0
    for start, stop, rows in ((0, whole, size), (whole, n, n - whole)):
        if start < stop:
            left, right = _slices(a[..., start:stop, :], rows), _slices(b[..., start:stop, :], rows)
            shares = room.empty((*left.shape[:-2], *total.shape[-2:]), total.dtype)
            np.matmul(left.swapaxes(-1, -2), right, out=shares)
            total += np.add.reduce(shares.reshape(groups, -1, *total.shape[-2:]), axis=1)


def _slices(rows: np.ndarray, size: int) -> np.ndarray:
    """Rows ``(..., n, columns)`` as a view ``(..., n / size, size, columns)``."""
    return rows.reshape(*rows.shape[:-2], -1, size, rows.shape[-1])
