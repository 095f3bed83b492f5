"""Parts: how an array looks to kernels that add up along some of its axes."""

import functools
from dataclasses import dataclass

SHORTEST, LONGEST = 32, 2**13  # numbers of a row that is added up by itself: many at a time, and none beside many
FEWEST = 8  # columns that are worth a kernel's loop


@dataclass(frozen=True)
class Parts:
    """``(outer, rows, groups, size)``: sums run along the rows and a group's columns."""

    outer: int
    rows: int
    groups: int
    size: int

    @property
    def columns(self) -> int:
        """How long a row is."""
        return self.groups * self.size

    @property
    def flat(self) -> bool:
        """Whether each row is added up by itself."""
        return self.rows == self.groups == 1

    @property
    def whole(self) -> bool:
        """Whether there is one outer part, of several rows."""
        return self.outer == 1 and not self.flat

    @property
    def cube(self) -> tuple[int, int, int]:
        """The shape with one axis for the columns of all groups."""
        return self.outer, self.rows, self.columns

    @property
    def matrix(self) -> tuple[int, int]:
        """The shape as rows alone."""
        return self.outer * self.rows, self.columns


@functools.lru_cache
def parted(shape: tuple[int, ...], axes: tuple[int, ...], row: int = 0) -> Parts | None:
    """The parts of an array for sums along these axes; None where it has none, or no kernel would gain by them.

    What is added up whole is taken for rows of length `row`, if that is given.

    >>> parted((64, 28, 28, 8, 4), (1, 2, 4))
    Parts(outer=64, rows=784, groups=8, size=4)
    >>> parted((64, 50, 128), (2,))
    Parts(outer=3200, rows=1, groups=1, size=128)
    >>> parted((64, 28, 28, 32), (1, 2, 3), row=32)
    Parts(outer=64, rows=784, groups=1, size=32)
    """
    sizes, place = [1, 1, 1, 1], 0
    for axis, length in enumerate(shape):
        if length == 1:
            continue
        if (place % 2 == 1) != (axis in axes):  # a run of axes that are added up, or kept, is one
            place += 1
        if place == len(sizes):
            return None
        sizes[place] *= length
    outer, rows, groups, size = sizes
    if groups == size == 1:
        size = row if row and rows % row == 0 else rows
        rows //= size
    parts = Parts(outer, rows, groups, size)
    worth = SHORTEST <= size <= LONGEST if parts.flat else parts.columns >= FEWEST
    return parts if worth and 0 not in sizes else None
