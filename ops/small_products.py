"""Products of tall matrices with small ones, cut so that each is small enough for the way BLAS has for such.

OpenBLAS copies both sides into an order of its own before it multiplies, unless m·n·k is at most a million. With a
kernel of few numbers that copying is a fourth of the time, or half.
"""

import numpy as np

from .room import Room

SMALL = 10**6  # multiplications up to which OpenBLAS takes both matrices as they lie
LEAST, MOST = 64, 256  # rows of a slice: with fewer the calls cost more than they save, with more the cache does


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
    """total += aᵀ·b for tall a ``(..., n, rows)`` and b ``(..., n, columns)``."""
    n, size = a.shape[-2], rows_of_slice(a.shape[-1], b.shape[-1])
    whole = n // size * size if size else 0
    if whole:
        shares = room.empty((*total.shape[:-2], whole // size, *total.shape[-2:]), total.dtype)
        np.matmul(_slices(a[..., :whole, :], size).swapaxes(-1, -2), _slices(b[..., :whole, :], size), out=shares)
        total += np.add.reduce(shares, axis=-3)
    if whole < n:
        total += a[..., whole:, :].swapaxes(-1, -2) @ b[..., whole:, :]


def _slices(rows: np.ndarray, size: int) -> np.ndarray:
    """Rows ``(..., n, columns)`` as a view ``(..., n / size, size, columns)``."""
    return rows.reshape(*rows.shape[:-2], -1, size, rows.shape[-1])
