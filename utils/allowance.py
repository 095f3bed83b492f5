"""What a file may make the library allocate: the numbers that are in it, and little besides.

A file says how large its layers are. Before arrays of such sizes are made, `take` is asked; outside of `allowing` it
says nothing.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from ..errors import ShapeError

BESIDES = 2**22  # numbers that are no weights: a layer tried out on zeros, the state of a metric


class _Left:
    def __init__(self, weights: int):
        self.weights, self.besides = weights, BESIDES


_left: ContextVar[_Left | None] = ContextVar("left", default=None)  # of this thread's loading, where there is one


@contextmanager
def allowing(weights: int) -> Iterator[None]:
    """A block that makes a model of a file that holds so many numbers for its weights.

    >>> with allowing(6):
    ...     take("layer 'dense'", (2, 10**6), of_weights=True)
    Traceback (most recent call last):
    lamina.errors.ShapeError: layer 'dense' is larger than the file: expected at most 6 numbers, received (2, 1000000).
    """
    token = _left.set(_Left(weights))
    try:
        yield
    finally:
        _left.reset(token)


def take(who: str, shape: Sequence[int | None], of_weights: bool = False) -> bool:
    """Count an array that is about to be made; False where nothing is being loaded. Raises ShapeError for too many."""
    left = _left.get()
    if left is None:
        return False
    size = math.prod(1 if length is None else length for length in shape)
    most = left.weights if of_weights else left.besides
    if size > most:
        raise ShapeError(f"{who} is larger than the file", expected=f"at most {most} numbers", received=str(shape))
    if of_weights:
        left.weights -= size
    else:
        left.besides -= size
    return True
