"""Regions: an axis in so many parts of about one size, which may share places; their means and largest numbers."""

import numpy as np


def regions(size: int, count: int) -> list[slice]:
    """Region i of `count` is from ⌊i·size / count⌋ to before ⌈(i + 1)·size / count⌉.

    >>> regions(5, 2), regions(2, 3)
    ([slice(0, 3, None), slice(2, 5, None)], [slice(0, 1, None), slice(0, 2, None), slice(1, 2, None)])
    """
    return [slice(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]


def means(size: int, count: int, dtype) -> np.ndarray:
    """The matrix ``(count, size)`` that makes the mean of each region.

    >>> means(3, 2, "float64").tolist()
    [[0.5, 0.5, 0.0], [0.0, 0.5, 0.5]]
    """
    matrix = np.zeros((count, size), dtype)
    for row, region in zip(matrix, regions(size, count), strict=True):
        row[region] = 1 / (region.stop - region.start)
    return matrix


def largest(x: np.ndarray, count: int, axis: int) -> np.ndarray:
    """The largest number of each region along an axis.

    >>> largest(np.array([1.0, 5.0, 2.0]), 2, 0).tolist()
    [5.0, 5.0]
    """
    parts = [x[_at(region, axis)].max(axis=axis) for region in regions(x.shape[axis], count)]
    return np.stack(parts, axis=axis)


def largest_gradient(dy: np.ndarray, x: np.ndarray, axis: int) -> np.ndarray:
    """dx of `largest`: each dy goes to where its number lies; of several that are equal, to the first.

    >>> largest_gradient(np.array([1.0, 2.0]), np.array([1.0, 5.0, 2.0]), 0).tolist()
    [0.0, 3.0, 0.0]
    """
    dx = np.zeros(x.shape, dy.dtype)
    for i, region in enumerate(regions(x.shape[axis], dy.shape[axis])):
        part, share = dx[_at(region, axis)], dy[_at(slice(i, i + 1), axis)]
        place = np.argmax(x[_at(region, axis)], axis=axis, keepdims=True)
        np.put_along_axis(part, place, np.take_along_axis(part, place, axis) + share, axis)
    return dx


def _at(region: slice, axis: int) -> tuple[slice, ...]:
    return (*[slice(None)] * axis, region)
