"""Pooling of any rank: the largest number, or the mean, of each window, and the gradients.

Shapes: x ``(batch, *space, channels)``; y ``(batch, *counts, channels)``.
"""

from collections.abc import Sequence

import numpy as np

from .windows import Geometry, at_offset, inside, offsets, pad


def places(geometry: Geometry, space: Sequence[int]) -> list:
    """For each place of a window, the index of what lies there in all windows of a padded input."""
    counts = geometry.counts(space)
    return [at_offset(offset, counts, geometry.strides, geometry.dilation) for offset in offsets(geometry.window)]


def largest(x: np.ndarray, geometry: Geometry) -> tuple[np.ndarray, np.ndarray]:
    """The largest number of each window, and x padded with -∞."""
    padded = pad(x, geometry.pads(x.shape[1:-1]), -np.inf)
    first, *rest = places(geometry, x.shape[1:-1])
    y = padded[first].copy()
    for place in rest:
        np.maximum(y, padded[place], out=y)
    return y, padded


def largest_gradient(dy: np.ndarray, y: np.ndarray, padded: np.ndarray, shape: tuple, geometry: Geometry) -> np.ndarray:
    """dx: each dy goes to the first place of its window, row by row, that holds the largest number."""
    dx = np.zeros(padded.shape, dy.dtype)
    free = np.ones(y.shape, bool)  # windows whose largest was not met yet
    for place in places(geometry, shape[1:-1]):
        hit = padded[place] == y
        hit &= free
        dx[place] += dy * hit
        free &= ~hit
    return dx[inside(geometry.pads(shape[1:-1]), shape)]


def mean(x: np.ndarray, geometry: Geometry) -> np.ndarray:
    """The mean of each window, over what of it lies in x."""
    padded = pad(x, geometry.pads(x.shape[1:-1]))
    first, *rest = places(geometry, x.shape[1:-1])
    y = padded[first].copy()
    for place in rest:
        y += padded[place]
    y /= count(x.shape, geometry, x.dtype)
    return y


def mean_gradient(dy: np.ndarray, shape: tuple, geometry: Geometry) -> np.ndarray:
    """dx: each dy in equal shares to the places of its window."""
    space, pads = shape[1:-1], geometry.pads(shape[1:-1])
    shares = dy / count(shape, geometry, dy.dtype)
    wide = [size + before + after for size, (before, after) in zip(space, pads, strict=True)]
    dx = np.zeros((shape[0], *wide, shape[-1]), dy.dtype)
    for place in places(geometry, space):
        dx[place] += shares
    return dx[inside(pads, shape)]


def count(shape: tuple, geometry: Geometry, dtype) -> np.ndarray:
    """How many places of each window lie in the input: ``(1, *counts, 1)``, or one number where all are whole."""
    space = shape[1:-1]
    if not any(before or after for before, after in geometry.pads(space)):
        return np.asarray(np.prod(geometry.window), dtype)
    ones = pad(np.ones((1, *space, 1), dtype), geometry.pads(space))
    return np.sum([ones[place] for place in places(geometry, space)], axis=0, dtype=dtype)
