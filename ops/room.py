"""Room for large arrays: memory that is used again, since fresh memory costs a page fault for every 4 kB of it."""

import contextlib
import math
import mmap
import sys

import numpy as np

from ..utils.held import NEVER, tells_held

MOST = 32  # blocks that are kept in view: a layer needs some ten; more are arrays that somebody gathers, and keeps
ALIGNMENT = 64  # bytes of a cache line, which is also the widest vector that a CPU loads at once
HUGE = 2**21  # bytes of a huge page
LARGE = 2**18  # bytes from which on a block is cut from huge pages


class Room:
    """Hands out arrays like `numpy.empty`, in memory that an earlier call used and nobody holds any more.

    Whether somebody holds a block, or a view of it, is what CPython's reference count of the block says. So nothing
    has to be given back, and an array that was kept somewhere is never written over. Of many that are kept, the
    smallest are let go: their memory is free when their holder drops them.

    >>> room = Room()
    >>> first = room.empty((2, 3), "float32")
    >>> place = first.ctypes.data
    >>> room.empty((2, 3), "float32").ctypes.data == place
    False
    >>> del first
    >>> room.empty((3, 2), "float32").ctypes.data == place
    True
    """

    def __init__(self) -> None:
        self._blocks: list[tuple[np.ndarray, int]] = []  # in the order of their sizes, and where a cache line begins
        self._rest = memoryview(b"")  # of the pages that the last large block was cut from

    def empty(self, shape: tuple[int, ...], dtype) -> np.ndarray:
        """An array of that shape, whose numbers are whatever the memory holds."""
        dtype = np.dtype(dtype)
        size = math.prod(shape) * dtype.itemsize + ALIGNMENT
        for block, start in self._blocks:
            if len(block) >= size and sys.getrefcount(block) == _UNUSED:
                return np.ndarray(shape, dtype, block, start)
        # those unused are too small, and make way
        self._blocks = [(block, start) for block, start in self._blocks if sys.getrefcount(block) != _UNUSED]
        block = np.empty(size, np.uint8) if size < LARGE else self._cut(size)
        start = -block.ctypes.data % ALIGNMENT
        if _UNUSED != NEVER:
            self._blocks = sorted([*self._blocks[1 - MOST :], (block, start)], key=lambda pair: len(pair[0]))
        return np.ndarray(shape, dtype, block, start)

    def let_go(self) -> None:
        """Free what nobody holds, and keep none of the rest in view."""
        self._blocks, self._rest = [], memoryview(b"")

    def _cut(self, size: int) -> np.ndarray:
        """A block of memory that comes, where the system has such, in huge pages: one page fault for 512 others'."""
        if size > len(self._rest):
            pages = mmap.mmap(-1, -(-size // HUGE) * HUGE, **PRIVATE)
            with contextlib.suppress(AttributeError, OSError):  # not on this system, or switched off
                pages.madvise(mmap.MADV_HUGEPAGE)
            self._rest = memoryview(pages)
        block, self._rest = self._rest[:size], self._rest[size:]
        return np.frombuffer(block, np.uint8)  # whose base is no array, so that views of it hold the block itself

    def __deepcopy__(self, memo) -> "Room":
        return Room()


def in_huge_pages(size: int, dtype) -> np.ndarray:
    """Like `numpy.empty` for so many numbers, in memory of its own: of huge pages, if it is large.

    >>> in_huge_pages(3, "float32").shape
    (3,)
    """
    kind = np.dtype(dtype)
    return np.empty(size, kind) if kind.hasobject or size * kind.itemsize < LARGE else Room().empty((size,), kind)


# a map of the process's own: what is written there no forked process sees
PRIVATE = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if hasattr(mmap, "MAP_PRIVATE") else {}
# what the count is for a block that only its pair holds, asked in the way in which `empty` asks
_UNUSED = [sys.getrefcount(block) for block, _ in [(np.empty(0, np.uint8), 0)]][0]  # noqa: RUF015
_UNUSED = _UNUSED if tells_held(Room()) else NEVER  # rather fresh memory each time than some that is in use
