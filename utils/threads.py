"""Threads: a crew that does the parts of one job side by side, and how many threads the BLAS may have meanwhile."""

import contextvars
import functools
import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor


class Crew:
    """Threads that do the parts of a job side by side; the caller's own thread does the first part.

    NumPy lets other threads run while it computes, so parts that are made of large NumPy calls take place at once.
    Within a ``with`` it is at work (`at_work`): whoever has a large job may give it parts of that. A part itself
    finds no crew.

    >>> with Crew(2) as crew:
    ...     crew.run([lambda: "a", lambda: "b"])
    ['a', 'b']
    """

    def __init__(self, size: int):
        self.size = size
        self._pool: ThreadPoolExecutor | None = None  # made when there are parts for it

    def run(self, parts: Sequence[Callable[[], Any]]) -> list[Any]:
        """What the parts give, in their order; an error in one is raised when all have ended."""
        if self.size < 2 or len(parts) < 2:
            return [part() for part in parts]
        from concurrent.futures import wait

        others = [self.begin(part) for part in parts[1:]]
        try:
            first = contextvars.copy_context().run(_alone, parts[0])
        finally:
            wait(others)
        return [first, *(other.result() for other in others)]

    def begin(self, part: Callable[[], Any]) -> "Future[Any]":
        """Let another thread do a part while the caller goes on. It sees the caller's context, `numpy.errstate` say."""
        from concurrent.futures import ThreadPoolExecutor

        self._pool = self._pool or ThreadPoolExecutor(self.size - 1, thread_name_prefix="lamina")
        return self._pool.submit(contextvars.copy_context().run, _alone, part)

    def __enter__(self) -> "Crew":
        self._before = _at_work.set(self if self.size > 1 else None)
        return self

    def __exit__(self, *error: object) -> None:
        _at_work.reset(self._before)
        if self._pool is not None:
            self._pool.shutdown()


_at_work: contextvars.ContextVar[Crew | None] = contextvars.ContextVar("crew", default=None)
at_work = _at_work.get  # the crew to share a large job with, or None


def _alone(part: Callable[[], Any]) -> Any:
    _at_work.set(None)
    return part()


class Job:
    """Work that another thread of the crew does while the caller goes on; without one or `share`, he does it himself.

    >>> job = Job(lambda: "done")
    >>> job.result()
    'done'
    """

    def __init__(self, work: Callable[[], Any], share: bool = True):
        crew = at_work() if share else None
        self._work, self._begun = work, None if crew is None else crew.begin(work)
        self._done, self._value = False, None

    def take_over(self) -> bool:
        """Do the work here, if nobody has begun it; whether it was so."""
        mine = not self._done and (self._begun is None or self._begun.cancel())
        if mine:
            self._done, self._value = True, self._work()
        return mine

    def result(self) -> Any:
        """What the work gives. The caller does it himself if nobody has begun it."""
        if not self._done and not self.take_over():
            self._done, self._value = True, self._begun.result()  # type: ignore[union-attr]
        return self._value


class Backlog:
    """Jobs put off, then done by all threads of the crew together; without such, or `share`, each is done at once.

    >>> backlog = Backlog()
    >>> backlog.add(lambda: "a"); backlog.add(lambda: "b")
    >>> backlog.results()
    ['a', 'b']
    """

    def __init__(self, share: bool = True):
        self._share = share and at_work() is not None
        self._works: list[Callable[[], Any]] = []
        self._found: list[Any] = []

    def add(self, work: Callable[[], Any]) -> None:
        """One more job."""
        if self._share:
            self._works.append(work)
        else:
            self._found.append(work())

    def results(self) -> list[Any]:
        """What the jobs give, in the order in which they came."""
        jobs = [Job(work) for work in self._works]
        for job in reversed(jobs):
            job.take_over()
        self._found, self._works = self._found + [job.result() for job in jobs], []
        return self._found


def shares(count: int, parts: int) -> list[slice]:
    """So many things in so many parts, as equal as can be, the longer ones first.

    >>> shares(5, 2)
    [slice(0, 3, None), slice(3, 5, None)]
    """
    ends = [(count * part + parts - 1) // parts for part in range(parts + 1)]
    return [slice(start, end) for start, end in itertools.pairwise(ends)]


class _Blas:
    """The threads of the BLAS library: as few as any of those asks for who limit them at the moment."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.limits: list[int] = []
        self.unlimited: list[int] = []

    @functools.cached_property
    def libraries(self) -> list[Any]:
        from threadpoolctl import ThreadpoolController

        return ThreadpoolController().select(user_api="blas").lib_controllers

    def set(self) -> None:
        for library, own in zip(self.libraries, self.unlimited, strict=True):
            release = getattr(library, "clear_controlling_thread", None)
            if release is not None:  # else the first thread that set a limit would be the only one that can
                release(force=True)
            library.set_num_threads(min([own, *self.limits]))

    def enter(self, limit: int) -> None:
        with self.lock:
            if not self.limits:
                self.unlimited = [library.get_num_threads() for library in self.libraries]
            self.limits.append(limit)
            self.set()

    def leave(self, limit: int) -> None:
        with self.lock:
            self.limits.remove(limit)
            self.set()


_blas = _Blas()


@contextmanager
def blas_threads(limit: int) -> Iterator[None]:
    """Let matrix products use no more than so many threads, here and in all threads, until the block ends."""
    _blas.enter(limit)
    try:
        yield
    finally:
        _blas.leave(limit)
