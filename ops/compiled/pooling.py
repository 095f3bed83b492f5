"""Max pooling of what is padded, window by window: names and arguments are those of `ops.pooling`."""

import numpy as np
from numba import boolean, float32, int64

from ...utils.kernels import VECTOR, kernel, together
from ..windows import Geometry

IMAGES = float32[:, :, :, ::1]
ZERO = np.float32(0)


def largest_back(x, y, dy, dx, geometry: Geometry, alone: bool) -> None:
    """Write dx."""
    laid = (together(a).reshape(len(a), -1, *a.shape[-2:]) for a in (x, y, dy))
    *_, high, wide = 1, *geometry.window
    *_, down, along = 1, *geometry.strides
    rest = np.empty(x.shape[-1], x.dtype)
    _largest_back(*laid, dx.reshape(len(dx), -1, *dx.shape[-2:]), high, wide, down, along, alone, rest)


@kernel(IMAGES, IMAGES, IMAGES, IMAGES, int64, int64, int64, int64, boolean, VECTOR)
def _largest_back(x, y, dy, dx, high, wide, down, along, alone, rest):
    for n in range(y.shape[0]):
        for i in range(y.shape[1]):
            for j in range(y.shape[2]):
                for c in range(y.shape[3]):
                    rest[c] = dy[n, i, j, c]
                for p in range(high):
                    for q in range(wide):
                        last = p == high - 1 and q == wide - 1
                        row, column = i * down + p, j * along + q
                        for c in range(y.shape[3]):
                            hit = last or x[n, row, column, c] == y[n, i, j, c]
                            share = rest[c] if hit else ZERO
                            rest[c] = ZERO if hit else rest[c]
                            dx[n, row, column, c] = share + (ZERO if alone else dx[n, row, column, c])
