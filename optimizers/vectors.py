"""Array maths that the rules share."""

import math

import numpy as np


def average(kept: np.ndarray, new: np.ndarray, keep: float, room: np.ndarray) -> None:
    """kept ← keep·kept + (1 - keep)·new, in place. `room` is overwritten; it may be `new` itself.

    >>> m = np.array([1.0, 2.0])
    >>> average(m, np.array([3.0, 2.0]), 0.5, np.empty(2))
    >>> m
    array([2., 2.])
    """
    np.multiply(new, 1 - keep, out=room)
    kept *= keep
    kept += room


def length(x: np.ndarray) -> float:
    """‖x‖ = √Σx², in one pass; in double precision where the squares of smaller floats overflow.

    >>> length(np.array([[3.0, 4.0]])), length(np.array([3e30, 4e30], "float32"))
    (5.0, 4.999999984567896e+30)
    """
    x = x.reshape(-1)
    with np.errstate(over="ignore"):
        squares = float(np.dot(x, x))
    if squares == math.inf and x.dtype != np.float64:
        x = x.astype(np.float64)
        squares = float(np.dot(x, x))
    return math.sqrt(squares)


def mean_root(x: np.ndarray) -> float:
    """The root of the mean of x².

    >>> mean_root(np.array([1.0, 7.0]))
    5.0
    """
    return length(x) / math.sqrt(x.size)
