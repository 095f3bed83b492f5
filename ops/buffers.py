"""NumPy's buffers for its own loops."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

FEW = 512  # numbers of a buffer: rows are longer, and are worked on where they lie


@contextmanager
def in_place() -> Iterator[None]:
    """A block in which NumPy works on rows that lie apart in memory as they are.

    It copies these into a buffer of 8192 numbers first, where several fit in: that takes as long as the work.

    >>> with in_place():
    ...     np.getbufsize()
    512
    """
    before = np.setbufsize(FEW)
    try:
        yield
    finally:
        np.setbufsize(before)
