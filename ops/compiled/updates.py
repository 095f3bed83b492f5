"""The updates of weights that optimizers make, in one pass each."""

import numpy as np
from numba import float32, int64

from ...utils.kernels import MATRIX, VECTOR, kernel


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
