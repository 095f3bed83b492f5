"""Activations compiled by Numba, an extra: each does in one pass what NumPy does in several.

Only `twins` imports this file. Equations are those of the classes; what is written into comes first, and is given back.
Compiling takes some seconds, once on a machine.
"""

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import float32

from ..utils.kernels import HALF, ONE, VECTOR, exp, kernel
from .gated import CUBIC, LEVEL
from .normal import TAIL

FURTHEST, CUBE = np.float32(LEVEL), np.float32(CUBIC)
THREE_CUBES, TWO = np.float32(3 * CUBIC), np.float32(2)
ROOT = np.float32(math.sqrt(2 / math.pi))
DENSITY = np.float32(1 / math.sqrt(2 * math.pi))
EIGHTH = np.float32(1 / math.sqrt(8))
T9, T8, T7, T6, T5, T4, T3, T2, T1, T0 = map(np.float32, TAIL)


def elementwise(*arguments: Any) -> Callable[[Callable], Callable]:
    """Compile a loop over flat arrays; it is called with arrays of any shape."""

    def decorate(function: Callable) -> Callable:
        loop = kernel(*arguments)(function)

        @functools.wraps(function)
        def over_all(written: np.ndarray, *more: Any) -> np.ndarray:
            loop(written.reshape(-1), *(a.reshape(-1) if isinstance(a, np.ndarray) else a for a in more))
            return written

        return over_all

    return decorate


@elementwise(VECTOR)
def logistic(x):
    """1 / (1 + exp(-x)), over x."""
    for k in range(x.size):
        x[k] = ONE / (ONE + exp(-x[k]))


@elementwise(VECTOR, VECTOR)
def sigmoid_backward(dy, y):
    """Of `Sigmoid`."""
    for k in range(dy.size):
        dy[k] *= y[k] * (ONE - y[k])


@elementwise(VECTOR, VECTOR)
def silu(x, s):
    """Of `SiLU`: y over x, and s."""
    for k in range(x.size):
        gate = ONE / (ONE + exp(-x[k]))
        s[k] = gate
        x[k] *= gate


@elementwise(VECTOR, VECTOR, VECTOR)
def silu_backward(dy, y, s):
    """Of `SiLU`."""
    for k in range(dy.size):
        dy[k] *= s[k] + y[k] * (ONE - s[k])


@elementwise(VECTOR, VECTOR)
def distribution(gate, x):
    """Φ(x), as `normal.distribution`."""
    for k in range(x.size):
        size = abs(x[k])
        t = ONE / (ONE + size * EIGHTH)
        p = ((((((((T9 * t + T8) * t + T7) * t + T6) * t + T5) * t + T4) * t + T3) * t + T2) * t + T1) * t + T0
        near = FURTHEST if size > FURTHEST else size
        tail = t * exp(p - HALF * (near * near))
        gate[k] = ONE - tail if x[k] > 0 else tail


@elementwise(VECTOR, VECTOR)
def tanh_gate(gate, x):
    """(1 + tanh u) / 2 of `GELU`, which is the sigmoid of 2u."""
    for k in range(x.size):
        near = FURTHEST if x[k] > FURTHEST else x[k]
        near = -FURTHEST if near < -FURTHEST else near
        u = ROOT * (near * (ONE + CUBE * (near * near)))
        gate[k] = ONE / (ONE + exp(-TWO * u))


@elementwise(VECTOR, VECTOR, VECTOR)
def gelu_backward(dy, x, gate):
    """Of `GELU`."""
    for k in range(dy.size):
        near = FURTHEST if x[k] > FURTHEST else x[k]
        near = -FURTHEST if near < -FURTHEST else near
        dy[k] *= gate[k] + near * (DENSITY * exp(-HALF * (near * near)))


@elementwise(VECTOR, VECTOR, VECTOR)
def tanh_gelu_backward(dy, x, gate):
    """Of `GELU(approximate=True)`."""
    for k in range(dy.size):
        near = FURTHEST if x[k] > FURTHEST else x[k]
        near = -FURTHEST if near < -FURTHEST else near
        density = gate[k] * (ONE - gate[k]) * (TWO * ROOT * (ONE + THREE_CUBES * (near * near)))
        dy[k] *= gate[k] + near * density


@elementwise(VECTOR, float32)
def leaky_relu(x, slope):
    """Of `LeakyReLU`: y over x, for a slope above 0."""
    for k in range(x.size):
        x[k] = x[k] if x[k] > 0 else slope * x[k]


@elementwise(VECTOR, VECTOR, float32)
def leaky_relu_backward(dy, y, slope):
    """Of `LeakyReLU`."""
    for k in range(dy.size):
        dy[k] = dy[k] if y[k] > 0 else slope * dy[k]
