"""What the compiled kernels are made by, and of: Numba's options, and functions of one number.

Only modules of kernels import this file, and only `twins` those. They are for float32 in contiguous arrays. Nothing is
rearranged or fused, so a number comes out the same wherever it stands in its array; NaN and infinity come through.
In a loop the compiler takes many numbers at a time, which it can't with a call of the C library: so tanh and exp are
here. Numba keeps what it compiled beside each file of kernels, and does not see that this one changed.
"""

import math
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numba import float32, int32, void

VECTOR, MATRIX, CUBE = float32[::1], float32[:, ::1], float32[:, :, ::1]
OPTIONS: Any = {"error_model": "numpy", "nogil": True, "cache": True}
HALF, ONE = np.float32(0.5), np.float32(1)

# tanh(x) as x·p(x²)/q(x²), right to 4e-7 of itself; made by `tests/references/tanh.py`
FURTHEST = np.float32(7.9)  # beyond it stays at what it is there, 1 - 2.4e-7
P = (0.9999999943489969, 0.13450621292480366, 0.0035789928851776513, 2.202325952093963e-05, 1.5427993529593492e-08)
Q = (1.0, 0.46783949292853927, 0.026192241203639798, 0.0003423651967529154, 8.598788399506199e-07)
P0, P1, P2, P3, P4 = map(np.float32, P)
Q0, Q1, Q2, Q3, Q4 = map(np.float32, Q)

# exp(x) as 2ⁿ·exp(r): with r = x - n·log 2, which is at most 0.35, exp(r) is the first terms of its series
LOWEST, HIGHEST = np.float32(-104), np.float32(89)  # where it is 0 and infinite
PER_TWO = np.float32(1 / math.log(2))
SHIFT = np.float32(1.5 * 2**23)  # a number this large has no fraction: what is added is rounded, to its last bits
SHIFT_BITS, BIAS, FRACTION, FIRST = (np.int32(n) for n in (SHIFT.view(np.int32), 127, 23, 1))  # of a float32
LOG_2, LOG_2_REST = np.float32(355 / 512), np.float32(math.log(2) - 355 / 512)  # n times the first is exact
E2, E3, E4, E5, E6, E7 = (np.float32(1 / math.factorial(k)) for k in range(2, 8))


def kernel(*arguments: Any) -> Callable[[Callable], Callable]:
    """Compile a function for arguments of these types."""
    return numba.njit(void(*arguments), **OPTIONS)


def together(x: np.ndarray) -> np.ndarray:
    """x as a kernel takes it, a copy if it lies apart, or can't be written to."""
    return x if x.flags.carray else x.copy()


@numba.njit(float32(float32), **OPTIONS)
def tanh(x):
    """tanh(x), one number; in a loop the compiler takes many at a time, which it can't with a call of the C library."""
    x = FURTHEST if x > FURTHEST else x
    x = -FURTHEST if x < -FURTHEST else x
    s = x * x
    return x * ((((P4 * s + P3) * s + P2) * s + P1) * s + P0) / ((((Q4 * s + Q3) * s + Q2) * s + Q1) * s + Q0)


@numba.njit(float32(int32), **OPTIONS)
def _power_of_two(n):
    return np.int32((n + BIAS) << FRACTION).view(np.float32)


@numba.njit(float32(float32), **OPTIONS)
def exp(x):
    """exp(x), one number, right to 1e-7 of itself; with infinity, 0 and subnormal numbers where they belong."""
    x = HIGHEST if x > HIGHEST else x
    x = LOWEST if x < LOWEST else x
    shifted = x * PER_TWO + SHIFT
    n = shifted - SHIFT
    r = x - n * LOG_2 - n * LOG_2_REST
    y = (((((E7 * r + E6) * r + E5) * r + E4) * r + E3) * r + E2) * (r * r) + r + ONE
    power = np.int32(np.float32(shifted).view(np.int32) - SHIFT_BITS)  # n; from bits, since NaN makes no whole number
    half = np.int32(power >> FIRST)
    return y * _power_of_two(half) * _power_of_two(power - half)  # 2ⁿ itself may be too large, or subnormal
