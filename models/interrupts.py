"""Interrupts: Ctrl-C comes between two updates of the weights, never within one."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from ..optimizers import Optimizer

WHOLE = {f.__code__ for f in (Optimizer.step, Optimizer.finalize_variable_values)}  # all of it or none


class Interrupts:
    """What answers SIGINT during `fit`: by a KeyboardInterrupt at once, or, within what is `WHOLE`, when that is done.

    It costs a step one look at `waits`. A signal is what Python hears in its main thread; in others `fit` is not
    interrupted. A handler that is not Python's own stays.
    """

    def __init__(self) -> None:
        self.waits = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Python heard the signal in this frame."""
        while frame is not None:
            if frame.f_code in WHOLE:
                self.waits = True
                return
            frame = frame.f_back
        raise KeyboardInterrupt

    def deliver(self) -> None:
        """Raise the KeyboardInterrupt that waits."""
        self.waits = False
        raise KeyboardInterrupt


@contextmanager
def heard() -> Iterator[Interrupts]:
    """A block in which an interrupt leaves every update whole; one within another shares what is heard."""
    found = signal.getsignal(signal.SIGINT)
    if isinstance(found, Interrupts):
        yield found
        return
    interrupts = Interrupts()
    answers = found is signal.default_int_handler and threading.current_thread() is threading.main_thread()
    if answers:
        signal.signal(signal.SIGINT, interrupts)
    try:
        yield interrupts
    finally:
        if answers and signal.getsignal(signal.SIGINT) is interrupts:
            signal.signal(signal.SIGINT, found)
        if answers and interrupts.waits:
            interrupts.deliver()
