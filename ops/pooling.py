"""Pooling of any rank: the largest number, or the mean, of each window, and the gradients.

Shapes: x ``(batch, *space, channels)``; y ``(batch, *counts, channels)``. A few samples are done at a time, so that
what is visited once for each place of a window stays in the cache.
"""

import math
from collections.abc import Iterator, Sequence
from types import ModuleType

import numpy as np

from .columns import PIECE, evenly
from .room import Room
from .twins import twins
from .windows import Geometry, at_offset, inside, offsets, pad

AXES, CHANNELS = 2, 8  # how many axes a compiled kernel takes at the most, and channels at the least


def places(geometry: Geometry, space: Sequence[int]) -> list:
    """For each place of a window, the index of what lies there in all windows of a padded input."""
    return _places(geometry, geometry.counts(space))


def _places(geometry: Geometry, counts: Sequence[int]) -> list:
    return [at_offset(offset, counts, geometry.strides, geometry.dilation) for offset in offsets(geometry.window)]


def largest(x: np.ndarray, geometry: Geometry, room: Room) -> np.ndarray:
    """y: the largest number of each window; what is added around x counts as -∞."""
    return _folded(np.maximum, x, -np.inf, geometry, room)


def largest_gradient(dy: np.ndarray, x: np.ndarray, y: np.ndarray, geometry: Geometry, room: Room) -> np.ndarray:
    """dx: each dy goes to the first place of its window, row by row, that holds the largest number.

    dy is written over.
    """
    dx, kernels = room.empty(x.shape, dy.dtype), _kernels(geometry, dy, x, y)
    back = kernels.largest_back if kernels else largest_back
    for some, padded, alone in _pieces(dx, geometry):
        back(pad(x[some], geometry.pads(x.shape[1:-1]), -np.inf), y[some], dy[some], padded, geometry, alone)
    return dx


def largest_back(x, y, dy, dx, geometry: Geometry, alone: bool) -> None:
    """The same for x and dx that are padded. What one place does not get is left for the next, the last gets the rest.

    `alone`: whether no two windows share a place; else dx is added to.
    """
    hit, share = np.empty(y.shape, bool), np.empty(y.shape, dy.dtype)
    *others, last = _places(geometry, y.shape[1:-1])
    for place in others:
        share[...] = np.equal(x[place], y, out=hit)  # a copy by itself: products of two types are slow
        share *= dy
        dy -= share
        _put(share, dx, place, alone)
    _put(dy, dx, last, alone)


def _kernels(geometry: Geometry, *arrays: np.ndarray) -> ModuleType | None:
    """The compiled kernels, where they are worth it: of two axes or one, and with channels to take many at a time."""
    worth = len(geometry.window) <= AXES and arrays[0].shape[-1] >= CHANNELS
    return twins(*(array.dtype for array in arrays)) if worth else None


def mean(x: np.ndarray, geometry: Geometry, room: Room) -> np.ndarray:
    """The mean of each window, over what of it lies in x."""
    y = _folded(np.add, x, 0.0, geometry, room)
    y /= count(x.shape, geometry, x.dtype)
    return y


def mean_gradient(dy: np.ndarray, shape: tuple, geometry: Geometry, room: Room) -> np.ndarray:
    """dx: each dy in equal shares to the places of its window. dy is written over."""
    dy /= count(shape, geometry, dy.dtype)
    dx = room.empty(shape, dy.dtype)
    for some, padded, alone in _pieces(dx, geometry):
        for place in places(geometry, shape[1:-1]):
            _put(dy[some], padded, place, alone)
    return dx


def count(shape: tuple, geometry: Geometry, dtype) -> np.ndarray:
    """How many places of each window lie in the input: ``(1, *counts, 1)``, or one number where all are whole."""
    space = shape[1:-1]
    if not any(before or after for before, after in geometry.pads(space)):
        return np.asarray(np.prod(geometry.window), dtype)
    ones = pad(np.ones((1, *space, 1), dtype), geometry.pads(space))
    return np.sum([ones[place] for place in places(geometry, space)], axis=0, dtype=dtype)


def _folded(fold: np.ufunc, x: np.ndarray, around: float, geometry: Geometry, room: Room) -> np.ndarray:
    """What `fold` makes of all places of each window, of x with so much around it."""
    space = x.shape[1:-1]
    first, *rest = places(geometry, space)
    y = room.empty((len(x), *geometry.counts(space), x.shape[-1]), x.dtype)
    for some in _samples(x):
        part, padded = y[some], pad(x[some], geometry.pads(space), around)
        fold(padded[first], padded[rest[0]] if rest else around, out=part)
        for place in rest[1:]:
            fold(part, padded[place], out=part)
    return y


def _pieces(dx: np.ndarray, geometry: Geometry) -> Iterator[tuple[slice, np.ndarray, bool]]:
    """A few samples at a time, their dx, padded, to be filled, and whether no two windows share a place of it.

    Zeros are in it, unless every place lies in a window of its own. What is written there finds its way into dx.
    """
    space, pads = dx.shape[1:-1], geometry.pads(dx.shape[1:-1])
    alone = all(stride >= size for stride, size in zip(geometry.strides, geometry.window, strict=True))
    covered = [n * size for n, size in zip(geometry.counts(space), geometry.window, strict=True)]
    all_covered = covered == [sum(sizes) for sizes in zip(space, *zip(*pads, strict=True), strict=True)]
    for some in _samples(dx):
        part = dx[some]
        padded = pad(part, pads)
        if not (alone and all_covered):
            padded.fill(0)
        yield some, padded, alone
        if padded is not part:
            part[...] = padded[inside(pads, dx.shape)]


def _put(share: np.ndarray, padded: np.ndarray, place, alone: bool) -> None:
    """Give a place of all windows its share: the whole of its dx, or a part if windows share places."""
    if alone:
        padded[place] = share
    else:
        padded[place] += share


def _samples(x: np.ndarray) -> list[slice]:
    return evenly(len(x), max(PIECE // max(math.prod(x.shape[1:]) * x.itemsize, 1), 1))
