"""Kernels compiled by Numba, an extra: each does in one pass what its plain twin does in several.

Only `twins` imports this file. They are for float32 in contiguous arrays; names, arguments and equations are those of
`cells`, and of the rules in `optimizers`. Compiling takes some seconds, once on a machine. Nothing is rearranged or
fused, so a number comes out the same wherever it stands in its array; NaN and infinity come through.
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numba import float32, int64, void

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


@kernel(CUBE, CUBE, MATRIX, MATRIX, MATRIX, MATRIX, CUBE)
def lstm_step(sums, product, c, c_new, u, h_new, spare):
    """As `cells.lstm_step`."""
    for n in range(c.shape[0]):
        for k in range(c.shape[1]):
            i = HALF + HALF * tanh(sums[0, n, k] + product[0, n, k])
            f = HALF + HALF * tanh(sums[1, n, k] + product[1, n, k])
            o = HALF + HALF * tanh(sums[2, n, k] + product[2, n, k])
            g = tanh(sums[3, n, k] + product[3, n, k])
            sums[0, n, k], sums[1, n, k], sums[2, n, k], sums[3, n, k] = i, f, o, g
            memory = f * c[n, k] + i * g
            squashed = tanh(memory)
            c_new[n, k] = memory
            u[n, k] = squashed
            h_new[n, k] = o * squashed


@kernel(MATRIX, MATRIX, CUBE, MATRIX, MATRIX, MATRIX, CUBE, CUBE)
def lstm_step_backward(dh, dc, gates, c, u, h_new, d, spare):
    """As `cells.lstm_step_backward`."""
    for n in range(c.shape[0]):
        for k in range(c.shape[1]):
            i, f, o, g = gates[0, n, k], gates[1, n, k], gates[2, n, k], gates[3, n, k]
            d_memory = dc[n, k] + dh[n, k] * o * (ONE - u[n, k] * u[n, k])
            d[0, n, k] = d_memory * g * i * (ONE - i)
            d[1, n, k] = d_memory * c[n, k] * f * (ONE - f)
            d[2, n, k] = dh[n, k] * h_new[n, k] * (ONE - o)
            d[3, n, k] = d_memory * i * (ONE - g * g)
            dc[n, k] = d_memory * f


@kernel(CUBE, CUBE, VECTOR, MATRIX, MATRIX, MATRIX, CUBE)
def gru_step(sums, product, bias, h, m, h_new, spare):
    """As `cells.gru_step`."""
    for n in range(h.shape[0]):
        for k in range(h.shape[1]):
            z = HALF + HALF * tanh(sums[0, n, k] + product[0, n, k])
            r = HALF + HALF * tanh(sums[1, n, k] + product[1, n, k])
            beside = product[2, n, k] + bias[k]
            new = tanh(sums[2, n, k] + r * beside)
            sums[0, n, k], sums[1, n, k], sums[2, n, k] = z, r, new
            m[n, k] = beside
            h_new[n, k] = z * (h[n, k] - new) + new


@kernel(MATRIX, CUBE, MATRIX, MATRIX, CUBE, CUBE)
def gru_step_backward(dh, gates, m, h_new, d, spare):
    """As `cells.gru_step_backward`."""
    for n in range(dh.shape[0]):
        for k in range(dh.shape[1]):
            z, r, new = gates[0, n, k], gates[1, n, k], gates[2, n, k]
            past = dh[n, k] * z
            d_new = (dh[n, k] - past) * (ONE - new * new)
            d[0, n, k] = d_new * r
            d[1, n, k] = (h_new[n, k] - new) * dh[n, k] * (ONE - z)
            d[2, n, k] = d_new * r * m[n, k] * (ONE - r)
            d[3, n, k] = d_new
            dh[n, k] = past


@kernel(MATRIX, MATRIX, MATRIX)
def rnn_step(sums, product, h_new):
    """As `cells.rnn_step`."""
    for n in range(sums.shape[0]):
        for k in range(sums.shape[1]):
            h_new[n, k] = tanh(sums[n, k] + product[n, k])


@kernel(MATRIX, MATRIX, MATRIX, MATRIX)
def rnn_step_backward(dh, h_new, d, spare):
    """As `cells.rnn_step_backward`."""
    for n in range(dh.shape[0]):
        for k in range(dh.shape[1]):
            d[n, k] = dh[n, k] * (ONE - h_new[n, k] * h_new[n, k])


@kernel(VECTOR, VECTOR, VECTOR, VECTOR, *[float32] * 6)
def adam(g, w, m, v, rate, keep_m, add_m, keep_v, add_v, epsilon):
    """The equations of `Adam`; `add_m` is 1 - β₁, `add_v` 1 - β₂."""
    for n in range(g.size):
        mean = keep_m * m[n] + add_m * g[n]
        square = keep_v * v[n] + add_v * (g[n] * g[n])
        m[n], v[n] = mean, square
        w[n] -= rate * (mean / (np.sqrt(square) + epsilon))


@kernel(int64[::1], MATRIX, MATRIX, MATRIX, MATRIX, *[float32] * 6)
def adam_rows(ids, g, w, m, v, rate, keep_m, add_m, keep_v, add_v, epsilon):
    """The same for a table whose gradient is g in the rows of these ids, ascending, and else zero."""
    met = 0
    for row in range(len(w)):
        if met < len(ids) and ids[met] == row:
            adam(g[met], w[row], m[row], v[row], rate, keep_m, add_m, keep_v, add_v, epsilon)
            met += 1
            continue
        for n in range(w.shape[1]):
            mean, square = keep_m * m[row, n], keep_v * v[row, n]
            m[row, n], v[row, n] = mean, square
            w[row, n] -= rate * (mean / (np.sqrt(square) + epsilon))
