"""What the compiled kernels are made by, and of: Numba's options, and functions of one number.

Only modules of kernels import this file, and only `twins` those. They are for float32 in contiguous arrays. Nothing is
rearranged or fused, so a number comes out the same wherever it stands in its array; NaN and infinity come through.
In a loop the compiler takes many numbers at a time, which it can't with a call of the C library: so tanh and exp are
here. Numba keeps what it compiled beside each file of kernels, and does not see that this one changed.
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numba import float32, void

VECTOR, MATRIX, CUBE = float32[::1], float32[:, ::1], float32[:, :, ::1]
OPTIONS: Any = {"error_model": "numpy", "nogil": True, "cache": True}
HALF, ONE = np.float32(0.5), np.float32(1)

# tanh(x) as x·p(x²)/q(x²), right to 4e-7 of itself; made by `tests/references/tanh.py`
FURTHEST = np.float32(7.9)  # beyond it stays at what it is there, 1 - 2.4e-7
P = (0.9999999943489969, 0.13450621292480366, 0.0035789928851776513, 2.202325952093963e-05, 1.5427993529593492e-08)
Q = (1.0, 0.46783949292853927, 0.026192241203639798, 0.0003423651967529154, 8.598788399506199e-07)
P0, P1, P2, P3, P4 = map(np.float32, P)
Q0, Q1, Q2, Q3, Q4 = map(np.float32, Q)


def kernel(*arguments: Any) -> Callable[[Callable], Callable]:
    """Compile a function for arguments of these types."""
    return numba.njit(void(*arguments), **OPTIONS)


@numba.njit(float32(float32), **OPTIONS)
def tanh(x):
    """tanh(x), one number; in a loop the compiler takes many at a time, which it can't with a call of the C library."""
    x = FURTHEST if x > FURTHEST else x
    x = -FURTHEST if x < -FURTHEST else x
    s = x * x
    return x * ((((P4 * s + P3) * s + P2) * s + P1) * s + P0) / ((((Q4 * s + Q3) * s + Q2) * s + Q1) * s + Q0)
