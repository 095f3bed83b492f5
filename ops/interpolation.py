"""Interpolation along an axis, as a matrix: places between those given, mixed from those nearby."""

import math
from collections.abc import Callable

import numpy as np


def triangle(t: np.ndarray) -> np.ndarray:
    """1 - t up to 1: the straight line from one place to the next.

    >>> triangle(np.array([0, 0.25, 2])).tolist()
    [1.0, 0.75, 0.0]
    """
    return np.maximum(0, 1 - t)


def cubic(t: np.ndarray) -> np.ndarray:
    """Keys's cubic: (3t³ - 5t² + 2) / 2 up to 1, (-t³ + 5t² - 8t + 4) / 2 up to 2, where it ends.

    Source: Keys, *Cubic Convolution Interpolation for Digital Image Processing* (1981).

    >>> cubic(np.array([0, 0.5, 1.5])).tolist()
    [1.0, 0.5625, -0.0625]
    """
    near, far = ((3 * t - 5) * t * t + 2) / 2, (((5 - t) * t - 8) * t + 4) / 2
    return np.where(t < 1, near, np.where(t < 2, far, 0))


def lanczos(t: np.ndarray, a: int) -> np.ndarray:
    """sinc(t)·sinc(t / a) up to a, where it ends; sinc(t) = sin(πt) / πt.

    Source: Duchon, *Lanczos Filtering in One and Two Dimensions* (1979).

    >>> lanczos(np.array([0, 0.5, 3]), 3).round(4).tolist()
    [1.0, 0.6079, 0.0]
    """
    return np.where(t < a, np.sinc(t) * np.sinc(t / a), 0)


KERNELS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "bilinear": triangle,
    "bicubic": cubic,
    "lanczos3": lambda t: lanczos(t, 3),
    "lanczos5": lambda t: lanczos(t, 5),
}


def stretch(n: int, m: int, kernel: str, dtype, *, antialias: bool = False) -> np.ndarray:
    """The matrix ``(m, n)`` that makes m places out of n, by the kernel of that name, or "nearest".

    Place k of the new ones has its middle at (k + 1/2)·n / m - 1/2 among the old ones. The kernel of the distances
    weighs these; beyond the edges there are none, and each row is divided by its sum. With `antialias` the kernel is as
    much wider as there are fewer places than before, so that it meets all of these. "nearest" takes the old place that
    the middle lies in.

    >>> stretch(2, 4, "bilinear", "float64")
    array([[1.  , 0.  ],
           [0.75, 0.25],
           [0.25, 0.75],
           [0.  , 1.  ]])
    """
    if kernel == "nearest":
        return (nearest(n, m)[:, None] == np.arange(n)).astype(dtype)
    middles = (np.arange(m) + 0.5) * n / m - 0.5
    distances = np.abs(middles[:, None] - np.arange(n))
    weights = KERNELS[kernel](distances / (max(n / m, 1) if antialias else 1))
    return (weights / weights.sum(axis=1, keepdims=True)).astype(dtype)


def nearest(n: int, m: int) -> np.ndarray:
    """Which of n places each of m new ones lies in.

    >>> nearest(4, 2), nearest(2, 3)
    (array([1, 3]), array([0, 1, 1]))
    """
    return (2 * np.arange(m) + 1) * n // (2 * m)


def along(matrix: np.ndarray, x: np.ndarray, axis: int) -> np.ndarray:
    """matrix·x along one axis.

    >>> along(np.array([[1.0, 1.0]]), np.array([[1.0, 2.0], [3.0, 4.0]]), 1).tolist()
    [[3.0], [7.0]]
    """
    before, after = x.shape[:axis], x.shape[axis + 1 :]
    y = np.matmul(matrix, x.reshape(math.prod(before), x.shape[axis], math.prod(after)))
    return y.reshape(*before, len(matrix), *after)
