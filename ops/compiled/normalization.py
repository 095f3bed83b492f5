"""What the normalisation layers share, in few passes: names and equations are those of `ops.moments`.

An array is taken for ``(outer, rows, groups·size)``, as its `Parts` say; numbers are added up along the rows and within
a group: four rows in float32, then in float64. Where there are no rows, and one group, it is a matrix whose own rows
are added up, by eight sums at a time. A kernel's scratch is `sums` and `wide`, of a number for each column.
"""

import numpy as np
from numba import boolean, float32, float64, int64, njit

from ...utils.kernels import CUBE, MATRIX, ONE, OPTIONS, VECTOR, kernel, together
from ..parts import Parts
from ..room import Room

SUMS = float64[::1]
FEW = 8  # numbers that are added up one after another
FOURTH = 4
ZERO = np.float32(0)


def normalize(
    x: np.ndarray, parts: Parts, epsilon: float, gamma: np.ndarray, beta: np.ndarray, room: Room, centred: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """y, x̂, and 1/σ ``(outer, groups)``; γ and β are as long as a row."""
    y, x_hat = (room.empty(x.shape, x.dtype) for _ in range(2))
    inverse = np.empty((parts.outer, parts.groups), x.dtype)
    shape = parts.matrix if parts.flat else parts.cube
    laid = together(x).reshape(shape), x_hat.reshape(shape), y.reshape(shape)
    if parts.flat:
        _normalize_rows(*laid, epsilon, gamma, beta, centred, np.empty(parts.columns, x.dtype), inverse[:, 0])
    else:
        scratch = np.zeros(parts.columns), np.empty(parts.columns, x.dtype)
        _normalize(*laid, epsilon, gamma, beta, centred, *scratch, inverse)
    return y, x_hat, inverse


def normalize_gradient(
    dy: np.ndarray, x_hat: np.ndarray, inverse: np.ndarray, parts: Parts, gamma: np.ndarray, centred: bool
) -> np.ndarray:
    """dx, written into dy."""
    dy, inverse = together(dy), inverse.reshape(parts.outer, parts.groups)
    shape = parts.matrix if parts.flat else parts.cube
    laid = dy.reshape(shape), together(x_hat).reshape(shape), gamma, centred
    if parts.flat:
        _normalize_rows_backward(*laid, np.empty(parts.columns, dy.dtype), inverse[:, 0])
    else:
        scratch = np.zeros((2, parts.columns)), np.empty((3, parts.columns), dy.dtype)
        _normalize_backward(*laid, *scratch, inverse)
    return dy


def centre(x: np.ndarray, parts: Parts, room: Room) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x - μ, μ and σ², for one outer part."""
    centred, (mean, variance) = room.empty(x.shape, x.dtype), np.empty((2, parts.groups), x.dtype)
    scratch = np.zeros(parts.columns), np.empty(parts.columns, x.dtype)
    _centre(together(x).reshape(parts.matrix), centred.reshape(parts.matrix), True, *scratch, mean, variance)
    return centred, mean, variance


def totals(dy: np.ndarray, x: np.ndarray, parts: Parts) -> np.ndarray:
    """Σ dy and Σ dy ⊙ x ``(2, groups)``, for one outer part."""
    sums = np.zeros((2, parts.columns))
    _totals(together(dy).reshape(parts.matrix), together(x).reshape(parts.matrix), *sums)
    return sums.reshape(2, parts.groups, -1).sum(axis=2).astype(dy.dtype)


def scaled(x: np.ndarray, scale: np.ndarray, shift: np.ndarray, room: Room) -> np.ndarray:
    """scale ⊙ x + shift, both as long as a row of x."""
    y, size = room.empty(x.shape, x.dtype), scale.size
    _scaled(together(x).reshape(-1, size), scale.reshape(-1), shift.reshape(-1), y.reshape(-1, size))
    return y


def tilt(dy: np.ndarray, x: np.ndarray, slope: np.ndarray, offset: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """dx, written into dy; slope, offset and scale are as long as a row of x."""
    dy, size = together(dy), slope.size
    _tilt(dy.reshape(-1, size), together(x).reshape(-1, size), *(a.reshape(-1) for a in (slope, offset, scale)))
    return dy


@njit(float64(SUMS), **OPTIONS)
def _total(sums):
    """Their sum, of halves again and again; 0 is left in their place."""
    n = len(sums)
    while n > FEW:
        half = (n + 1) // 2
        for k in range(n - half):
            sums[k] += sums[half + k]
        n = half
    total = 0.0
    for k in range(n):
        total += sums[k]
    sums[:] = 0
    return total


@kernel(SUMS, int64, VECTOR, VECTOR)
def _means(sums, rows, means, wide):
    """The mean of each group, and the same beside each column; `sums` are 0 then."""
    size = len(sums) // len(means)
    for g in range(len(means)):
        mean = np.float32(_total(sums[g * size : (g + 1) * size]) / (rows * size))
        means[g] = mean
        wide[g * size : (g + 1) * size] = mean


@kernel(MATRIX, SUMS)
def _add_up(x, sums):
    whole = x.shape[0] // FOURTH * FOURTH
    for r in range(0, whole, FOURTH):
        for c in range(x.shape[1]):
            sums[c] += (x[r, c] + x[r + 1, c]) + (x[r + 2, c] + x[r + 3, c])
    for r in range(whole, x.shape[0]):
        for c in range(x.shape[1]):
            sums[c] += x[r, c]


@kernel(MATRIX, MATRIX, boolean, SUMS, VECTOR, VECTOR, VECTOR)
def _centre(x, centred, around_mean, sums, wide, mean, variance):
    if around_mean:
        _add_up(x, sums)
    _means(sums, len(x), mean, wide)
    whole = x.shape[0] // FOURTH * FOURTH
    for r in range(0, whole, FOURTH):
        for c in range(x.shape[1]):
            a, b, d, e = x[r, c] - wide[c], x[r + 1, c] - wide[c], x[r + 2, c] - wide[c], x[r + 3, c] - wide[c]
            centred[r, c], centred[r + 1, c], centred[r + 2, c], centred[r + 3, c] = a, b, d, e
            sums[c] += (a * a + b * b) + (d * d + e * e)
    for r in range(whole, x.shape[0]):
        for c in range(x.shape[1]):
            a = x[r, c] - wide[c]
            centred[r, c] = a
            sums[c] += a * a
    _means(sums, len(x), variance, wide)


@kernel(CUBE, CUBE, CUBE, float32, VECTOR, VECTOR, boolean, SUMS, VECTOR, MATRIX)
def _normalize(x, x_hat, y, epsilon, gamma, beta, centred, sums, wide, inverse):
    for o in range(x.shape[0]):
        _centre(x[o], x_hat[o], centred, sums, wide, inverse[o], inverse[o])
        for g in range(inverse.shape[1]):
            inverse[o, g] = ONE / np.sqrt(inverse[o, g] + epsilon)
        for c in range(x.shape[2]):
            wide[c] = ONE / np.sqrt(wide[c] + epsilon)
        for r in range(x.shape[1]):
            for c in range(x.shape[2]):
                standard = x_hat[o, r, c] * wide[c]
                x_hat[o, r, c] = standard
                y[o, r, c] = standard * gamma[c] + beta[c]


@kernel(MATRIX, MATRIX, SUMS, SUMS)
def _totals(dy, x, sums, products):
    whole = x.shape[0] // FOURTH * FOURTH
    for r in range(0, whole, FOURTH):
        for c in range(x.shape[1]):
            a, b, d, e = dy[r, c], dy[r + 1, c], dy[r + 2, c], dy[r + 3, c]
            sums[c] += (a + b) + (d + e)
            products[c] += (a * x[r, c] + b * x[r + 1, c]) + (d * x[r + 2, c] + e * x[r + 3, c])
    for r in range(whole, x.shape[0]):
        for c in range(x.shape[1]):
            sums[c] += dy[r, c]
            products[c] += dy[r, c] * x[r, c]


@kernel(CUBE, CUBE, VECTOR, boolean, float64[:, ::1], MATRIX, MATRIX)
def _normalize_backward(dy, x_hat, gamma, centred, sums, wide, inverse):
    groups = inverse.shape[1]
    size = dy.shape[2] // groups
    mean, slope, scale = wide[0], wide[1], wide[2]
    for o in range(dy.shape[0]):
        _totals(dy[o], x_hat[o], sums[0], sums[1])
        for k in range(2):
            for c in range(dy.shape[2]):
                sums[k, c] *= gamma[c] if centred or k == 1 else 0
            _means(sums[k], dy.shape[1], scale[:groups], wide[k])
        for g in range(groups):
            scale[g * size : (g + 1) * size] = inverse[o, g]
        for r in range(dy.shape[1]):
            for c in range(dy.shape[2]):
                dy[o, r, c] = (dy[o, r, c] * gamma[c] - (slope[c] * x_hat[o, r, c] + mean[c])) * scale[c]


@njit(float32(VECTOR), **OPTIONS)
def _row_total(row):
    """The sum of a row, which is written over: of its fourths first, many at a time."""
    n = len(row) // FOURTH
    for k in range(n):
        row[k] = (row[k] + row[n + k]) + (row[2 * n + k] + row[3 * n + k])
    a = b = c = d = e = f = g = h = np.float32(0)
    whole = n // FEW * FEW
    for k in range(0, whole, FEW):
        a, b, c, d = a + row[k], b + row[k + 1], c + row[k + 2], d + row[k + 3]
        e, f, g, h = e + row[k + 4], f + row[k + 5], g + row[k + 6], h + row[k + 7]
    for k in range(whole, n):
        a += row[k]
    for k in range(FOURTH * n, len(row)):
        b += row[k]
    return ((a + b) + (c + d)) + ((e + f) + (g + h))


@njit(float32(VECTOR, VECTOR), **OPTIONS)
def _row_mean(row, scratch):
    for c in range(len(row)):
        scratch[c] = row[c]
    return _row_total(scratch) / np.float32(len(row))


@kernel(MATRIX, MATRIX, MATRIX, float32, VECTOR, VECTOR, boolean, VECTOR, VECTOR)
def _normalize_rows(x, x_hat, y, epsilon, gamma, beta, centred, scratch, inverse):
    n = np.float32(x.shape[1])
    for r in range(x.shape[0]):
        mean = _row_mean(x[r], scratch) if centred else ZERO
        for c in range(x.shape[1]):
            from_mean = x[r, c] - mean
            scratch[c] = from_mean * from_mean
        scale = ONE / np.sqrt(_row_total(scratch) / n + epsilon)
        inverse[r] = scale
        for c in range(x.shape[1]):
            standard = (x[r, c] - mean) * scale
            x_hat[r, c] = standard
            y[r, c] = standard * gamma[c] + beta[c]


@kernel(MATRIX, MATRIX, VECTOR, boolean, VECTOR, VECTOR)
def _normalize_rows_backward(dy, x_hat, gamma, centred, scratch, inverse):
    n = np.float32(dy.shape[1])
    for r in range(dy.shape[0]):
        for c in range(dy.shape[1]):
            dy[r, c] *= gamma[c]
        mean = _row_mean(dy[r], scratch) if centred else ZERO
        for c in range(dy.shape[1]):
            scratch[c] = dy[r, c] * x_hat[r, c]
        slope, scale = _row_total(scratch) / n, inverse[r]
        for c in range(dy.shape[1]):
            dy[r, c] = (dy[r, c] - (slope * x_hat[r, c] + mean)) * scale


@kernel(MATRIX, VECTOR, VECTOR, MATRIX)
def _scaled(x, scale, shift, y):
    for r in range(x.shape[0]):
        for c in range(x.shape[1]):
            y[r, c] = x[r, c] * scale[c] + shift[c]


@kernel(MATRIX, MATRIX, VECTOR, VECTOR, VECTOR)
def _tilt(dy, x, slope, offset, scale):
    for r in range(x.shape[0]):
        for c in range(x.shape[1]):
            dy[r, c] = (dy[r, c] - (slope[c] * x[r, c] + offset[c])) * scale[c]
