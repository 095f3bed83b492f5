"""Threads: how many the BLAS library may have, and how work is cut into shares."""

import functools
import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


def shares(count: int, parts: int) -> list[slice]:
    """So many things in so many parts, as equal as can be, the longer ones first.

    >>> shares(5, 2)
    [slice(0, 3, None), slice(3, 5, None)]
    """
    ends = [(count * part + parts - 1) // parts for part in range(parts + 1)]
    return [slice(start, end) for start, end in itertools.pairwise(ends)]


# of OpenBLAS, by its own names: those with AVX-512
WITH_SMALL_KERNEL = ("SkylakeX", "Cooperlake", "SapphireRapids", "Zen5")


class _Blas:
    """The threads of the BLAS library: as few as any of those asks for who limit them at the moment."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.limits: dict[object, int] = {}  # by who asks
        self.unlimited: list[int] = []

    @functools.cached_property
    def libraries(self) -> list[Any]:
        from threadpoolctl import ThreadpoolController

        return ThreadpoolController().select(user_api="blas").lib_controllers

    @functools.cached_property
    def small_kernel(self) -> bool:
        return any(getattr(library, "architecture", None) in WITH_SMALL_KERNEL for library in self.libraries)

    def set(self) -> None:
        for library, own in zip(self.libraries, self.unlimited, strict=True):
            release = getattr(library, "clear_controlling_thread", None)
            if release is not None:  # else the first thread that set a limit would be the only one that can
                release(force=True)
            library.set_num_threads(min([own, *self.limits.values()]))

    def enter(self, who: object, limit: int) -> None:
        with self.lock:
            if not self.limits:
                self.unlimited = [library.get_num_threads() for library in self.libraries]
            self.limits[who] = limit
            self.set()

    def leave(self, who: object) -> None:
        with self.lock:
            if self.limits.pop(who, None) is not None:
                self.set()


_blas = _Blas()


@contextmanager
def blas_threads(limit: int) -> Iterator[None]:
    """Let matrix products use no more than so many threads, here and in all threads, until the block ends."""
    who = object()
    try:
        _blas.enter(who, limit)  # which Ctrl-C may end halfway
        yield
    finally:
        _blas.leave(who)


def blas_has_small_kernel() -> bool:
    """Whether the BLAS multiplies small matrices as they lie, and has one thread: its others would stand idle."""
    return 1 in _blas.limits.values() and _blas.small_kernel
