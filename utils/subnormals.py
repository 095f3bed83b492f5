"""Subnormal numbers: those nearer to zero than the smallest float of full precision, about 1e-38 for float32.

An x86 processor takes up to a hundred times as long for each. Training makes them, and keeps them: where no gradient
comes any more (to a rare word's vector, behind a dead ReLU) momentum shrinks until it is subnormal, and stays so, for
0.9 times the smallest number is rounded to that number. Keras's compiled backends take them for zero, too.
"""

import ctypes
import functools
import platform
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numpy as np

P = ParamSpec("P")
R = TypeVar("R")

AS_ZERO = 0x8040  # bits of MXCSR: subnormal results become zero, and subnormal operands count as zero
MXCSR = 7  # the place of that register in the C library's fenv_t, in words of 32 bits
Environment = ctypes.c_uint32 * 16  # a fenv_t has 8 words: room to spare
Functions = tuple[Callable, Callable]  # fegetenv and fesetenv


def without_subnormals(function: Callable[P, R]) -> Callable[P, R]:
    """The function, with subnormal numbers taken for zero while it runs, where `control` can.

    That holds for its thread, and for threads and processes that it starts, unless they `keep_subnormals`.

    >>> halve = without_subnormals(lambda x: x / 2)
    >>> halve(4.0)
    2.0
    """

    @functools.wraps(function)
    def with_zeros(*args: P.args, **kwargs: P.kwargs) -> R:
        functions = control()
        if functions is None:
            return function(*args, **kwargs)
        return _with_zeros(functions, function, *args, **kwargs)

    return with_zeros


def keep_subnormals() -> None:
    """Have this thread keep them from here on, whatever the one that started it does."""
    functions = control()
    if functions is not None:
        environment = Environment()
        fegetenv, fesetenv = functions
        fegetenv(environment)
        environment[MXCSR] &= ~AS_ZERO
        fesetenv(environment)


@functools.cache
def control() -> Functions | None:
    """What reads and what sets the processor's mode; None where that is not known to do what it should.

    It is done on Linux on x86-64 only. ARM's processors are not slower at subnormal numbers.
    """
    if sys.platform != "linux" or platform.machine() != "x86_64" or sys.maxsize < 2**32:
        return None
    library = ctypes.CDLL(None)
    try:
        found = library.fegetenv, library.fesetenv
    except AttributeError:
        return None
    half = np.full(1, np.finfo(np.float32).tiny) / 2
    works = half.any() and not _with_zeros(found, np.multiply, half, 1).any() and (half * 1).any()
    return found if works else None


def _with_zeros(functions: Functions, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    environment = Environment()
    fegetenv, fesetenv = functions
    fegetenv(environment)
    before = environment[MXCSR]
    environment[MXCSR] = before | AS_ZERO
    fesetenv(environment)
    try:
        return function(*args, **kwargs)
    finally:
        environment[MXCSR] = before
        fesetenv(environment)
