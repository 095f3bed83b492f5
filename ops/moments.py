"""Sums, means and variances along axes, and the way back through them: what all normalisation layers share."""

import math

import numpy as np

PIECE = 256  # rows are added up in pieces of so many, then the pieces: float32 would drift in one long sum

Axes = tuple[int, ...]


def count(shape: tuple[int, ...], axes: Axes) -> int:
    """How many numbers a sum along `axes` adds up.

    >>> count((2, 3, 4), (0, 2))
    8
    """
    return math.prod(shape[axis] for axis in axes)


def total(x: np.ndarray, axes: Axes, weights: np.ndarray | None = None) -> np.ndarray:
    """Σ x, or Σ x ⊙ weights without storing the product, along `axes`, which stay with length 1.

    >>> total(np.array([[1.0, 2.0], [3.0, 4.0]]), (0,))
    array([[4., 6.]])
    """
    front = next((axis for axis in range(x.ndim) if axis not in axes), x.ndim)  # so many axes make the rows
    rest = list(range(front, x.ndim))
    kept = [axis for axis in rest if axis not in axes]
    height = math.prod(x.shape[:front])
    rows = [part.reshape(height, *part.shape[front:]) for part in ([x] if weights is None else [x, weights])]
    whole = len(rows[0]) // PIECE * PIECE
    row, piece = x.ndim, x.ndim + 1  # further labels beside those of the axes
    found = _sum_of_products([part[whole:] for part in rows], [row, *rest], kept)
    if whole:
        pieces = [part[:whole].reshape(-1, PIECE, *part.shape[1:]) for part in rows]
        found = found + _sum_of_products(pieces, [piece, row, *rest], [piece, *kept]).sum(axis=0)
    return np.reshape(found, [1 if axis in axes else size for axis, size in enumerate(x.shape)])


def _sum_of_products(arrays: list[np.ndarray], labels: list[int], kept: list[int]) -> np.ndarray:
    return np.einsum(*[part for array in arrays for part in (array, labels)], kept)


def centre(x: np.ndarray, axes: Axes, weights: np.ndarray | None = None):
    """x - μ as a new array, the mean μ, the (biased) variance σ², and the count n that both were divided by.

    `weights` of 0 and 1 choose the numbers that make μ, σ² and n; where none is chosen, μ and σ² are 0.

    >>> centre(np.array([[1.0], [3.0]]), (0,))[1:]
    (array([[2.]]), array([[1.]]), 2)
    """
    n = count(x.shape, axes) if weights is None else np.maximum(total(np.broadcast_to(weights, x.shape), axes), 1)
    mean = total(x, axes, weights)
    mean /= n
    centred = x - mean
    variance = total(centred, axes, centred if weights is None else centred * weights)
    variance /= n
    return centred, mean, variance, n


def standardize(x: np.ndarray, axes: Axes, epsilon: float) -> tuple[np.ndarray, np.ndarray]:
    """x̂ = (x - μ) / σ with σ = √(σ² + ε), along `axes`, as a new array; and 1/σ.

    >>> standardize(np.array([[1.0, 3.0]]), (1,), 0.0)
    (array([[-1.,  1.]]), array([[1.]]))
    """
    x_hat, _, variance, _ = centre(x, axes)
    inverse = 1 / np.sqrt(variance + epsilon)
    x_hat *= inverse
    return x_hat, inverse


def standardize_gradient(dy: np.ndarray, x_hat: np.ndarray, inverse: np.ndarray, axes: Axes) -> np.ndarray:
    """dx = (dy - mean(dy) - x̂·mean(dy ⊙ x̂)) / σ, the gradient of `standardize`; written into dy.

    >>> standardize_gradient(np.array([[3.0, 5.0]]), np.array([[-1.0, 1.0]]), np.array([[1.0]]), (1,))
    array([[0., 0.]])
    """
    n = count(x_hat.shape, axes)
    return tilt(dy, x_hat, total(dy, axes, x_hat) / n, inverse, total(dy, axes) / n)


def tilt(dy: np.ndarray, x: np.ndarray, slope, scale, offset=None, weights=None) -> np.ndarray:
    """(dy - weights ⊙ (slope·x + offset))·scale, written into dy: how every normalisation gives back its dx.

    What dy has in the direction of x, and of the constant, is taken out, for x can't change in it.

    >>> tilt(np.array([3.0]), np.array([2.0]), 1.0, 5.0)
    array([5.])
    """
    taken = x * slope
    if offset is not None:
        taken += offset
    if weights is not None:
        taken *= weights
    dy -= taken
    dy *= scale
    return dy
