"""The windows of an array as rows of a matrix, a piece at a time, so that a piece's rows stay in the cache.

With all rows at once a 3x3 convolution would write, and read back, nine times its input.
"""

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np

from .room import Room
from .windows import Geometry

PIECE = 2**20  # bytes of rows at a time: half of a core's second cache; with less, the calls themselves begin to cost
FEW_CHANNELS = 3  # with so few, runs along a window are too short to copy by

Place = tuple[slice, slice]  # samples of a batch, and windows along the first axis of their space


def pieces(batch: int, counts: Sequence[int], size: int, limit: int) -> Iterator[list[Place]]:
    """The places of pieces whose windows, of `size` bytes each, fill no more than `limit` bytes.

    A piece is several samples, or a part of one. Each list holds those that belong to the same samples.

    >>> list(pieces(3, (4, 4), 1, limit=32))
    [[(slice(0, 2, None), slice(0, 4, None))], [(slice(2, 3, None), slice(0, 4, None))]]
    >>> list(pieces(1, (4, 4), 1, limit=8))
    [[(slice(0, 1, None), slice(0, 2, None)), (slice(0, 1, None), slice(2, 4, None))]]
    """
    row = max(size * math.prod(counts[1:]), 1)
    samples = max(limit // (row * counts[0]), 1)
    rows = counts[0] if samples > 1 else max(limit // row, 1)
    for some in evenly(batch, samples):
        yield [(some, first) for first in evenly(counts[0], rows)]


def evenly(count: int, most: int) -> list[slice]:
    """So many things in as few parts as can be, none above `most`: parts of one size use the same memory again.

    >>> evenly(5, 4)
    [slice(0, 3, None), slice(3, 5, None)]
    """
    size = -(-count // max(-(-count // most), 1)) or 1
    return [slice(start, min(start + size, count)) for start in range(0, count, size)]


class Columns:
    """The windows of x as rows: iterating gives the place of each piece and its rows.

    Shapes: x ``(batch, *space, channels)``; rows ``(groups, batch'·counts', window·channels / groups)`` for each piece,
    with `ones` one more column, of ones, behind: it meets the bias. The rows are written over by the next piece's.

    counts : how many windows are taken along each axis
    before : how many places before x the first of them begins, along each axis; around x there are zeros
    """

    def __init__(
        self,
        x: np.ndarray,
        geometry: Geometry,
        counts: Sequence[int],
        before: Sequence[int],
        room: Room,
        ones: bool = False,
    ):
        self.x, self.geometry, self.counts, self.before, self.room = x, geometry, tuple(counts), before, room
        self.channels = x.shape[-1] // geometry.groups
        self.size = math.prod(geometry.window) * self.channels  # of a row, of one group
        self.ones = ones
        enough = all(n <= size for n, size in zip(geometry.need(counts), x.shape[1:-1], strict=True))
        self.whole = None if any(before) or not enough else self._windows(x, counts)
        self.rows = self.target = np.empty(0, x.dtype)
        self.copies: dict[tuple[int, int], tuple[tuple[slice, ...], np.ndarray, np.ndarray]] = {}

    def __iter__(self) -> Iterator[tuple[Place, np.ndarray]]:
        bytes_of_window = self.size * self.geometry.groups * self.x.itemsize
        for samples, first in itertools.chain.from_iterable(pieces(len(self.x), self.counts, bytes_of_window, PIECE)):
            windows = self._around(samples, first) if self.whole is None else self.whole[:, samples, first]
            if self.target.shape != windows.shape:
                self._make_room(windows.shape)
            np.copyto(self.target, windows)
            yield (samples, first), self.rows

    def _windows(self, x: np.ndarray, counts: Sequence[int]) -> np.ndarray:
        """All windows as a view ``(groups, batch, *counts, *window, channels / groups)``."""
        geometry, space, step = self.geometry, x.strides[1:-1], x.strides[-1]
        hops = [stride * hop for stride, hop in zip(space, geometry.strides, strict=True)]
        gaps = [stride * gap for stride, gap in zip(space, geometry.dilation, strict=True)]
        return np.lib.stride_tricks.as_strided(
            x,
            (geometry.groups, len(x), *counts, *geometry.window, self.channels),
            (step * self.channels, x.strides[0], *hops, *gaps, step),
            writeable=False,
        )

    def _make_room(self, shape: tuple[int, ...]) -> None:
        """Room for the rows of a piece whose windows have this shape."""
        n = math.prod(shape[1 : 2 + len(self.counts)])
        if self.channels <= FEW_CHANNELS:  # the matrix column by column in memory: then all along an axis is one run
            self.rows = self.room.empty((shape[0], self.size + self.ones, n), self.x.dtype).swapaxes(1, 2)
        else:
            self.rows = self.room.empty((shape[0], n, self.size + self.ones), self.x.dtype)
        self.rows[..., self.size :] = 1
        self.target = self.rows[..., : self.size].reshape(shape)

    def _around(self, samples: slice, first: slice) -> np.ndarray:
        """The windows of a piece some of which reach beyond x: those of a copy with zeros around it."""
        key = samples.stop - samples.start, first.start
        if key not in self.copies:  # the next piece that lies so has its zeros there already
            self.copies[key] = self._copy(key[0], first)
        inside, target, windows = self.copies[key]
        np.copyto(target, self.x[samples][inside])
        return windows

    def _copy(self, batch: int, first: slice) -> tuple[tuple[slice, ...], np.ndarray, np.ndarray]:
        """For the places of x that these windows cover: which lie inside x, where a copy has them, its windows."""
        counts = (first.stop - first.start, *self.counts[1:])
        start = [first.start * self.geometry.strides[0], *[0] * (len(counts) - 1)]
        start = [a - before for a, before in zip(start, self.before, strict=True)]
        need = self.geometry.need(counts)
        inside, within = [slice(None)], [slice(None)]
        for a, n, size in zip(start, need, self.x.shape[1:-1], strict=True):
            lo = min(max(-a, 0), n)
            hi = max(min(n, size - a), lo)
            inside.append(slice(lo + a, hi + a))
            within.append(slice(lo, hi))
        padded = self.room.empty((batch, *need, self.x.shape[-1]), self.x.dtype)
        padded.fill(0)
        return tuple(inside), padded[tuple(within)], self._windows(padded, counts)


def by_group(z: np.ndarray, groups: int) -> np.ndarray:
    """z ``(batch, *counts, filters)`` as ``(groups, batch·counts, filters / groups)``, a view where z lies in one."""
    return z.reshape(-1, groups, z.shape[-1] // groups).swapaxes(0, 1)


def kernel_matrix(w: np.ndarray, b: np.ndarray | None, groups: int, room: Room) -> np.ndarray:
    """The kernel as a matrix ``(groups, window·channels, filters / groups)`` with the bias as one more row, if any."""
    size, filters = math.prod(w.shape[:-1]), w.shape[-1]
    matrix = room.empty((groups, size + (b is not None), filters // groups), w.dtype)
    matrix[:, :size] = w.reshape(size, groups, -1).swapaxes(0, 1)
    if b is not None:
        matrix[:, size] = b.reshape(groups, -1)
    return matrix
