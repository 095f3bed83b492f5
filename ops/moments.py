"""Sums, means and variances along axes, and the way back through them: what all normalisation layers share."""

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .columns import evenly
from .parts import parted
from .room import Room
from .twins import twins

LONG = 256  # numbers are added up in runs of so many, then the runs: float32 would drift in one long sum
FEW = 8  # rows that are compared one after another
STRETCH = 1024  # numbers from which on a stretch of memory is long
PIECE = 2**21  # bytes of a product that are there at once

Axes = tuple[int, ...]


def count(shape: tuple[int, ...], axes: Axes) -> int:
    """How many numbers a sum along `axes` adds up.

    >>> count((2, 3, 4), (0, 2))
    8
    """
    return math.prod(shape[axis] for axis in axes)


def total(x: np.ndarray, axes: Axes, weights: np.ndarray | None = None) -> np.ndarray:
    """Σ x, or Σ x ⊙ weights without storing the whole product, along `axes`, which stay with length 1.

    >>> total(np.array([[1.0, 2.0], [3.0, 4.0]]), (0,))
    array([[4., 6.]])
    """
    if weights is None:
        return _sum(x, axes)
    pieces = evenly(len(x), max(PIECE // max(x[:1].nbytes, 1), 1))
    room = np.empty_like(x[pieces[0]] if pieces else x)
    sums = [_sum(np.multiply(x[some], weights[some], out=room[: len(x[some])]), axes) for some in pieces]
    found = np.concatenate(sums) if pieces else _sum(x, axes)
    return found.sum(axis=0, keepdims=True) if 0 in axes else found


def totals(dy: np.ndarray, x: np.ndarray, axes: Axes) -> tuple[np.ndarray, np.ndarray]:
    """Σ dy and Σ dy ⊙ x along `axes`, which stay with length 1.

    >>> totals(np.array([[1.0], [2.0]]), np.array([[3.0], [4.0]]), (0,))
    (array([[3.]]), array([[11.]]))
    """
    if (kernels := twins(dy.dtype, x.dtype)) and (parts := parted(x.shape, axes)) and parts.whole:
        first, second = kernels.totals(dy, x, parts).reshape(2, *_kept(x.shape, axes))
        return first, second
    return total(dy, axes), total(dy, axes, x)


def _kept(shape: Sequence[int], axes: Axes) -> list[int]:
    """The shape of sums along `axes`."""
    return [1 if axis in axes else size for axis, size in enumerate(shape)]


def _sum(x: np.ndarray, axes: Axes) -> np.ndarray:
    sizes = list(x.shape)
    for start in range(len(sizes)):
        if start in axes and start - 1 not in axes:  # axes beside each other are one
            end = next(axis for axis in range(start, len(sizes) + 1) if axis not in axes)
            x = column_sums(_parted(x, sizes, start, end))
            sizes[start:end] = [1] * (end - start)
    return x.reshape(sizes)


def _parted(x: np.ndarray, sizes: Sequence[int], start: int, end: int) -> np.ndarray:
    """x, of these sizes, with three axes: all before `start`, those up to `end`, and the rest."""
    return x.reshape(*(math.prod(part) for part in (sizes[:start], sizes[start:end], sizes[end:])))


def column_sums(x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """Σ x over its rows, for x ``(..., rows, columns)``: 1ᵀ·x, which takes the BLAS a fourth of `np.sum`'s time.

    >>> column_sums(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([4., 6.])
    """
    if x.ndim == 2 and len(x) <= LONG:
        return np.dot(_ones(x.dtype)[: len(x)], x, out)
    *several, rows, columns = x.shape
    if columns == 1:
        return np.matmul(x[..., 0], np.ones(rows, x.dtype), out=out)
    whole = rows // LONG * LONG
    y = np.matmul(_ones(x.dtype)[: rows - whole], x[..., whole:, :], out=out)
    if whole:
        y += np.matmul(_ones(x.dtype), x[..., :whole, :].reshape(*several, -1, LONG, columns)).sum(
            axis=-2, dtype=np.float64
        )
    return y


@functools.cache
def _ones(dtype: np.dtype) -> np.ndarray:
    return np.ones(LONG, dtype)


def largest(x: np.ndarray, axes: Axes) -> np.ndarray:
    """The largest numbers along `axes`, which lie beside each other and stay with length 1.

    Of each sample the halves are compared first, in long stretches.

    >>> largest(np.array([[[1.0], [3.0], [2.0]]]), (1,))
    array([[[3.]]])
    """
    kept = _kept(x.shape, axes)
    x = _parted(x, x.shape, axes[0], axes[-1] + 1)
    while x.shape[1] > FEW and x.shape[2] > 1:
        half = -(-x.shape[1] // 2)
        x = np.maximum(x[:, :half], x[:, -half:])  # of an odd number the middle one meets itself
    return x.max(axis=1).reshape(kept)


def beside(v: Any, x: np.ndarray) -> Any:
    """v, which NumPy broadcasts to x, repeated along the last axes, so that it does so in long stretches.

    >>> beside(np.ones((1, 1, 2)), np.ones((50, 4, 2))).shape
    (1, 4, 2)
    """
    if np.ndim(v) < x.ndim:
        return v
    sizes, stretch, repeats = list(v.shape), 1, 1
    for axis in reversed(range(x.ndim)):
        repeats *= x.shape[axis] // max(sizes[axis], 1)
        if stretch >= STRETCH or v.size * repeats > x.size / 8:
            break
        sizes[axis] = x.shape[axis]
        stretch *= sizes[axis]
    return v if sizes == list(v.shape) else np.ascontiguousarray(np.broadcast_to(v, sizes))


def scaled(x: np.ndarray, scale: Any, shift: Any, room: Room) -> np.ndarray:
    """scale ⊙ x + shift as a new array; a shift of None is none.

    >>> scaled(np.array([3.0]), 2.0, 1.0, Room())
    array([7.])
    """
    if (kernels := twins(x.dtype)) and (rows := _in_rows(x, scale, shift)):
        return kernels.scaled(x, *rows, room)
    y = np.multiply(x, beside(scale, x), out=room.empty(x.shape, x.dtype))
    if shift is not None:
        y += beside(shift, x)
    return y


def _in_rows(x: np.ndarray, *several: Any) -> list[np.ndarray] | None:
    """What NumPy broadcasts to x, each `beside` it, if x is so many rows of that shape; else None."""
    shape = np.shape(several[0])
    if not shape or not x.size or any(np.shape(v) != shape or v.ndim != x.ndim or v.dtype != x.dtype for v in several):
        return None
    first = beside(several[0], x)
    return [first, *(beside(v, x) for v in several[1:])] if _is_row(first.shape, x.shape) else None


def _is_row(shape: Sequence[int], of: Sequence[int]) -> bool:
    """Whether it is that of a row of an array of the other shape, with axes of length 1 before."""
    first = next((axis for axis, size in enumerate(shape) if size > 1), len(shape))
    return len(shape) == len(of) and tuple(shape[first:]) == tuple(of[first:])


def centre(x: np.ndarray, axes: Axes, room: Room, weights: np.ndarray | None = None):
    """x - μ as a new array, the mean μ, the (biased) variance σ², and the count n that both were divided by.

    `weights` of 0 and 1 choose the numbers that make μ, σ² and n; where none is chosen, μ and σ² are 0.

    >>> centre(np.array([[1.0], [3.0]]), (0,), Room())[1:]
    (array([[2.]]), array([[1.]]), 2)
    """
    if weights is None and (kernels := twins(x.dtype)) and (parts := parted(x.shape, axes)) and parts.whole:
        centred, *found = kernels.centre(x, parts, room)
        mean, variance = (a.reshape(_kept(x.shape, axes)) for a in found)
        return centred, mean, variance, count(x.shape, axes)
    n = count(x.shape, axes) if weights is None else np.maximum(total(np.broadcast_to(weights, x.shape), axes), 1)
    mean = total(x, axes, weights)
    mean /= n
    centred = np.subtract(x, beside(mean, x), out=room.empty(x.shape, x.dtype))
    variance = total(centred, axes, centred if weights is None else centred * weights)
    variance /= n
    return centred, mean, variance, n


def normalize(x: np.ndarray, axes: Axes, epsilon: float, gamma: Any, beta: Any, room: Room, centred: bool = True):
    """y = γ ⊙ x̂ + β and x̂ = (x - μ) / σ as new arrays, σ = √(σ² + ε) along `axes`; and 1/σ. A β of None is none.

    Not `centred`, μ is 0, and σ² the mean of x².

    >>> normalize(np.array([[1.0, 3.0]]), (1,), 0.0, 2.0, 1.0, Room())
    (array([[-1.,  3.]]), array([[-1.,  1.]]), array([[1.]]))
    """
    if (kernels := twins(x.dtype)) and (found := _parts_and_rows(x, axes, gamma, 0.0 if beta is None else beta)):
        y, x_hat, inverse = kernels.normalize(x, found[0], epsilon, *found[1:], room, centred)
        return y, x_hat, inverse.reshape(_kept(x.shape, axes))
    if centred:
        x_hat, _, variance, _ = centre(x, axes, room)
        inverse = 1 / np.sqrt(variance + epsilon)
        x_hat *= beside(inverse, x)
    else:
        inverse = 1 / np.sqrt(total(x, axes, x) / count(x.shape, axes) + epsilon)
        x_hat = scaled(x, inverse, None, room)
    return scaled(x_hat, gamma, beta, room), x_hat, inverse


def normalize_gradient(
    dy: np.ndarray, x_hat: np.ndarray, inverse: np.ndarray, axes: Axes, gamma: Any, room: Room, centred: bool = True
) -> np.ndarray:
    """dx = (dx̂ - mean(dx̂) - x̂·mean(dx̂ ⊙ x̂)) / σ with dx̂ = γ ⊙ dy, the gradient of `normalize`; written into dy.

    Not `centred`, the first mean is left out.

    >>> dy, x_hat = np.array([[3.0, 5.0]]), np.array([[-1.0, 1.0]])
    >>> normalize_gradient(dy, x_hat, np.array([[1.0]]), (1,), 1.0, Room())
    array([[0., 0.]])
    """
    if (kernels := twins(dy.dtype, x_hat.dtype, inverse.dtype)) and (found := _parts_and_rows(x_hat, axes, gamma)):
        return kernels.normalize_gradient(dy, x_hat, inverse, *found, centred)
    n = count(x_hat.shape, axes)
    dy *= beside(gamma, dy)
    return tilt(dy, x_hat, total(dy, axes, x_hat) / n, inverse, room, total(dy, axes) / n if centred else None)


def _parts_and_rows(x: np.ndarray, axes: Axes, *several: Any) -> Any:
    """The parts of x for sums along `axes`, and what NumPy broadcasts to x, as long as a row of them; else None."""
    parts = parted(x.shape, axes, max(map(np.size, several)) if any(map(np.ndim, several)) else 0)
    if parts is None:
        return None
    rows = [np.full(parts.columns, v, x.dtype) if np.ndim(v) == 0 else v for v in several]
    fit = all(v.dtype == x.dtype and v.size == parts.columns and _is_row(v.shape, x.shape) for v in rows if v.ndim > 1)
    return (parts, *(v.reshape(-1) for v in rows)) if fit else None


def tilt(dy: np.ndarray, x: np.ndarray, slope, scale, room: Room, offset=None, weights=None) -> np.ndarray:
    """(dy - weights ⊙ (slope·x + offset))·scale, written into dy: how every normalisation gives back its dx.

    What dy has in the direction of x, and of the constant, is taken out, for x can't change in it.

    >>> tilt(np.array([3.0]), np.array([2.0]), 1.0, 5.0, Room())
    array([5.])
    """
    if weights is None and (kernels := twins(dy.dtype, x.dtype)) and (rows := _in_rows(x, slope, offset, scale)):
        return kernels.tilt(dy, x, *rows)
    taken = scaled(x, slope, offset, room)
    if weights is not None:
        taken *= weights
    dy -= taken
    dy *= beside(scale, x)
    return dy
