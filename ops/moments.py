"""Sums, means and variances along axes, and the way back through them: what all normalisation layers share."""

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .columns import evenly
from .room import Room

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
        y += np.matmul(_ones(x.dtype), x[..., :whole, :].reshape(*several, -1, LONG, columns)).sum(axis=-2)
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
    kept = [1 if axis in axes else size for axis, size in enumerate(x.shape)]
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
    y = np.multiply(x, beside(scale, x), out=room.empty(x.shape, x.dtype))
    if shift is not None:
        y += beside(shift, x)
    return y


def centre(x: np.ndarray, axes: Axes, room: Room, weights: np.ndarray | None = None):
    """x - μ as a new array, the mean μ, the (biased) variance σ², and the count n that both were divided by.

    `weights` of 0 and 1 choose the numbers that make μ, σ² and n; where none is chosen, μ and σ² are 0.

    >>> centre(np.array([[1.0], [3.0]]), (0,), Room())[1:]
    (array([[2.]]), array([[1.]]), 2)
    """
    n = count(x.shape, axes) if weights is None else np.maximum(total(np.broadcast_to(weights, x.shape), axes), 1)
    mean = total(x, axes, weights)
    mean /= n
    centred = np.subtract(x, beside(mean, x), out=room.empty(x.shape, x.dtype))
    variance = total(centred, axes, centred if weights is None else centred * weights)
    variance /= n
    return centred, mean, variance, n


def standardize(x: np.ndarray, axes: Axes, epsilon: float, room: Room) -> tuple[np.ndarray, np.ndarray]:
    """x̂ = (x - μ) / σ with σ = √(σ² + ε), along `axes`, as a new array; and 1/σ.

    >>> standardize(np.array([[1.0, 3.0]]), (1,), 0.0, Room())
    (array([[-1.,  1.]]), array([[1.]]))
    """
    x_hat, _, variance, _ = centre(x, axes, room)
    inverse = 1 / np.sqrt(variance + epsilon)
    x_hat *= beside(inverse, x)
    return x_hat, inverse


def standardize_gradient(dy: np.ndarray, x_hat: np.ndarray, inverse: np.ndarray, axes: Axes, room: Room) -> np.ndarray:
    """dx = (dy - mean(dy) - x̂·mean(dy ⊙ x̂)) / σ, the gradient of `standardize`; written into dy.

    >>> standardize_gradient(np.array([[3.0, 5.0]]), np.array([[-1.0, 1.0]]), np.array([[1.0]]), (1,), Room())
    array([[0., 0.]])
    """
    n = count(x_hat.shape, axes)
    return tilt(dy, x_hat, total(dy, axes, x_hat) / n, inverse, room, total(dy, axes) / n)


def tilt(dy: np.ndarray, x: np.ndarray, slope, scale, room: Room, offset=None, weights=None) -> np.ndarray:
    """(dy - weights ⊙ (slope·x + offset))·scale, written into dy: how every normalisation gives back its dx.

    What dy has in the direction of x, and of the constant, is taken out, for x can't change in it.

    >>> tilt(np.array([3.0]), np.array([2.0]), 1.0, 5.0, Room())
    array([5.])
    """
    taken = scaled(x, slope, offset, room)
    if weights is not None:
        taken *= weights
    dy -= taken
    dy *= beside(scale, x)
    return dy
