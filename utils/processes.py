"""Processes: helpers forked from this one, which do what they are asked at the same time, and memory that all see.

Python lets one thread of a process run at a time. NumPy lets go of that for a call, but a step of training is made of
hundreds of short ones, and a thread that has to wait for its turn takes longer to wake than a call takes.
"""

import contextlib
import gc
import math
import mmap
import os
import pickle
import select
import signal
import struct
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

import numpy as np

from ..errors import StateError
from .held import NEVER, tells_held
from .signals import NUMBERS
from .subnormals import keep_subnormals

AVAILABLE = sys.platform == "linux"  # elsewhere a process can't be forked, or its BLAS does not survive it
PATIENCE = 1e-3  # seconds to look out for a message before falling asleep: waking up takes a tenth of that
HEAD = struct.Struct("=I")  # before each message: its length
LOOK = 2.0  # seconds between looks whether the other side is still there
_forking: set[int] = set()  # the threads that fork a helper at the moment


class SharedRoom:
    """Hands out arrays like `numpy.empty` that this process and all that are forked from it see alike.

    A page of shared memory costs some 3 µs when it is first met, more than writing it ten times. So what nobody holds
    any more is used again for arrays of its size, if in the process that made it alone: to another it is not its own.

    >>> room = SharedRoom()
    >>> place = room.empty(3, "float32").ctypes.data
    >>> room.empty((3, 1), "float32").ctypes.data == place
    True
    """

    def __init__(self) -> None:
        self._owner = os.getpid()
        self._blocks: list[mmap.mmap] = []

    def empty(self, shape: int | tuple[int, ...], dtype) -> np.ndarray:
        """An array of that shape, whose numbers are whatever the memory holds."""
        if self._owner != os.getpid():
            self._owner, self._blocks = os.getpid(), []
        size = max(math.prod(shape if isinstance(shape, tuple) else (shape,)) * np.dtype(dtype).itemsize, 1)
        found = self._used_again(shape, dtype, size)
        if found is None:
            # those unused are of other sizes, and make way
            self._blocks = [block for block in self._blocks if sys.getrefcount(block) != _UNUSED]
            new = mmap.mmap(-1, size)
            if _UNUSED != NEVER:
                self._blocks.append(new)
            found = np.ndarray(shape, dtype, new)
        return found

    def _used_again(self, shape: int | tuple[int, ...], dtype, size: int) -> np.ndarray | None:
        for block in self._blocks:
            if len(block) == size and sys.getrefcount(block) == _UNUSED:
                return np.ndarray(shape, dtype, block)  # which is held from here on, should another thread ask, too
        return None

    def __deepcopy__(self, memo) -> "SharedRoom":
        return SharedRoom()


# what the count is for a block that only its list holds, asked in the way in which `empty` asks
_UNUSED = [sys.getrefcount(block) for block in [mmap.mmap(-1, 1)]][0]  # noqa: RUF015
_UNUSED = _UNUSED if tells_held(SharedRoom()) else NEVER


def have_parted(those: Iterable[Any]) -> None:
    """Call `part` of each of those that there are in any process that is forked from this one, and is no helper."""

    def after() -> None:
        if threading.get_ident() not in _forking:
            for each in list(those):
                each.part()

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=after)


class Helper:
    """A process forked from this one, that answers requests by ``serve(*request)``, one after another, in their order.

    It begins with all that this process has; what either changes afterwards the other does not see, but for the
    arrays of a `SharedRoom`. Requests and answers are pickled: nobody else can write into the pipes. It ends with
    `close`, or when this process does. After each answer, with nobody waiting, it does what is left by `rest()`.
    """

    def __init__(self, serve: Callable[..., Any], rest: Callable[[], None] | None = None):
        ours, theirs = os.pipe(), os.pipe()  # each: where to read, where to write
        self._parent, self._came = os.getpid(), b""
        self.gone = self._ending = self._closed = False
        with warnings.catch_warnings():
            # Python warns that other threads may hold locks. The helper takes none: it runs layers, and then ends
            warnings.simplefilter("ignore", DeprecationWarning)
            _forking.add(threading.get_ident())
            try:
                self.pid = os.fork()
            except OSError:
                for descriptor in (*ours, *theirs):
                    os.close(descriptor)
                raise
            finally:
                _forking.discard(threading.get_ident())
        if self.pid == 0:
            self._in, self._out = ours[0], theirs[1]
            _end(lambda: self._serve(serve, rest))
        os.close(ours[0])
        os.close(theirs[1])
        self._in, self._out = theirs[0], ours[1]
        os.set_blocking(self._in, False)

    def ask(self, *request: Any) -> None:
        """Send a request. Raises BrokenPipeError if the process is gone."""
        _write(self._out, request)

    def has_answered(self) -> bool:
        """Whether `answer` has nothing to wait for, or the rest of a message that is being written."""
        if not self._came:
            try:
                self._came = os.read(self._in, 2**16)
            except BlockingIOError:
                return False
        return True

    def answer(self) -> tuple[Any, list[str]]:
        """Wait for the answer to the request before; beside it the warnings that were given meanwhile.

        Raises StateError if the process could not do it, or is `gone`.
        """
        message = self._read()
        self.gone = message is None
        if message is None:
            raise StateError("a helper process is gone", mend="was there too little memory?")
        if "refused" in message:
            raise StateError("a helper process could not do its part", received=message["refused"])
        return message["answer"], message["told"]

    def end(self) -> None:
        """Have it do what it was asked, and then end, while this process goes on; its answers can be had until `close`.

        Nothing can be asked any more.
        """
        if not self._ending:
            self._ending = True
            with contextlib.suppress(BrokenPipeError):
                _write(self._out, None)  # the pipe's end may not reach it: a process that a user forked holds one, too
            os.close(self._out)

    def close(self) -> None:
        """Have it end, and wait until it has."""
        self.end()
        if not self._closed:
            self._closed = True
            os.close(self._in)
        with contextlib.suppress(ChildProcessError):  # somebody else has waited for it
            os.waitpid(self.pid, 0)

    # -- on the other side
    def _serve(self, serve: Callable[..., Any], rest: Callable[[], None] | None) -> None:
        for number in NUMBERS:
            if number == signal.SIGINT or callable(signal.getsignal(number)):
                signal.signal(number, signal.SIG_IGN)  # Ctrl-C, and what else may come to all: it is for who asks
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _hold_no_more_than({0, 1, 2, self._in, self._out})
        keep_subnormals()
        gc.freeze()  # what came along is not this process's to clean up
        os.set_blocking(self._in, False)
        told: list[str] = []
        warnings.showwarning = lambda message, *_, **__: told.append(str(message))
        while (request := self._read()) is not None:
            try:
                message = {"answer": serve(*request), "told": told}
            except Exception as error:  # whatever it is, it is the caller's
                message = {"refused": f"{type(error).__name__}: {error}"}
            _write(self._out, message)
            told.clear()
            if rest is not None:
                rest()

    # -- on both
    def _read(self) -> Any:
        """The next message; None when the other side is gone."""
        head = self._take(HEAD.size)
        text = None if head is None else self._take(*HEAD.unpack(head))
        return None if text is None else pickle.loads(text)

    def _take(self, count: int) -> bytes | None:
        patient = time.perf_counter() + PATIENCE
        while len(self._came) < count:
            try:
                more = os.read(self._in, 2**16)
            except BlockingIOError:
                if time.perf_counter() < patient:
                    os.sched_yield()
                elif not _comes(self._in, LOOK) and not self._in_company():
                    return None
                continue
            if not more:
                return None
            self._came += more
        taken, self._came = self._came[:count], self._came[count:]
        return taken

    def _in_company(self) -> bool:
        """Whether the other side lives. The parent would see its end of the pipe closed."""
        return self.pid != 0 or os.getppid() == self._parent


def _comes(descriptor: int, seconds: float) -> bool:
    """Wait until there is something to read, or the other side is gone; False if neither is so for that long."""
    look = select.poll()  # `select.select` takes no number beyond 1023
    look.register(descriptor, select.POLLIN)
    return bool(look.poll(seconds * 1000))


def _write(descriptor: int, message: Any) -> None:
    text = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    data = memoryview(HEAD.pack(len(text)) + text)
    while data:
        data = data[os.write(descriptor, data) :]


def _hold_no_more_than(descriptors: set[int]) -> None:
    """Close all other files: who waits for one to come to its end waits for its last holder.

    A client waits so for a server to close the connection; a reader, for the end of a pipe; a server that is begun
    anew, for its port.
    """
    held: list[str] = []
    with contextlib.suppress(OSError):  # a bare system, which does not tell
        held = os.listdir("/proc/self/fd")
    for descriptor in map(int, held):
        if descriptor not in descriptors:
            with contextlib.suppress(OSError):  # the one that listed them is closed already
                os.close(descriptor)


def _end(work: Callable[[], None]) -> NoReturn:
    """Do that, and end the process there and then, without a word and without cleaning up what is another's."""
    try:
        work()
    finally:
        os._exit(0)
