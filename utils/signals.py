"""Signals: a block in which none is heard, because what a handler raises would be lost there, or lose something."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

# those that programs handle; to ask for all that there are takes a tenth of a millisecond
NAMES = [
    "SIGINT",
    "SIGTERM",
    "SIGHUP",
    "SIGQUIT",
    "SIGALRM",
    "SIGVTALRM",
    "SIGPROF",
    "SIGUSR1",
    "SIGUSR2",
    "SIGCHLD",
    "SIGWINCH",
]
NUMBERS = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]


@contextmanager
def heard_later() -> Iterator[None]:
    """A block during which no handler runs that is Python's: each runs at its end, if its signal came.

    A KeyboardInterrupt that is raised while Python forks is printed and forgotten, where a module has something done at
    each fork, as `logging` and IPython have. One raised right after it would leave a process that nobody knows.

    Only the main thread hears signals: in any other the block is as it is.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[tuple[int, Any]] = []
    handlers = {number: handler for number in NUMBERS if callable(handler := signal.getsignal(number))}
    try:
        for number in handlers:
            signal.signal(number, lambda *heard: came.append(heard))
        yield
    finally:
        _put_back(handlers)
        with ExitStack() as heard_now:  # all of them, even if one raises
            for number, frame in reversed(came):
                heard_now.callback(handlers[number], number, frame)


def _put_back(handlers: dict[int, Callable[..., Any]]) -> None:
    """Have these again, all of them, even if one of them is called meanwhile, and raises."""
    try:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    except BaseException:
        _put_back(handlers)
        raise
