"""The sums of a depthwise convolution, row by row of z: names and arguments are those of `ops.depthwise`."""

import numpy as np
from numba import float32, float64, int64

from ...utils.kernels import CUBE, kernel, together
from ..windows import Geometry

LANES, SUMS = float32[:, :, :, ::1], float64[:, :, ::1]
STRETCH = 2048  # numbers of a row that all places of the kernel go over before the next
RUN = 256  # numbers that are added up in float32 before their sum goes to one in float64


def depthwise_sums(lanes: np.ndarray, w: np.ndarray, geometry: Geometry, z: np.ndarray) -> None:
    """Write the sums into z."""
    _sums(*_laid_out(lanes, w, geometry, z))


def depthwise_gradients(lanes: np.ndarray, w: np.ndarray, geometry: Geometry, dz: np.ndarray):
    """dw ``(places, columns of dz)`` and the gradient of `lanes`."""
    given = _laid_out(lanes, w, geometry, together(dz))
    d_lanes, numbers = np.zeros_like(lanes), given[1]
    sums = np.zeros(numbers.shape)
    _gradients(*given, d_lanes.reshape(given[0].shape), np.zeros_like(numbers), sums)
    channels = w.shape[-2] * w.shape[-1]
    return sums.reshape(-1, numbers.shape[-1] // channels, channels).sum(axis=1).astype(w.dtype), d_lanes


def _laid_out(lanes: np.ndarray, w: np.ndarray, geometry: Geometry, z: np.ndarray):
    """With one axis of rows, and w ``(*window, numbers)``, repeated for a stretch of a row."""
    channels = w.shape[-2] * w.shape[-1]
    numbers = w.reshape(-1, geometry.window[-1], channels)
    numbers = np.tile(numbers, max(min(STRETCH, z.shape[-1]) // channels, 1))
    *_, down, along = (1, *geometry.strides)
    *_, apart, gap = (1, *geometry.dilation)
    lanes, z = together(lanes).reshape(*lanes.shape[:2], -1, lanes.shape[-1]), z.reshape(len(z), -1, z.shape[-1])
    return lanes, numbers, z, channels, down, along, apart, gap


@kernel(LANES, CUBE, CUBE, *[int64] * 5)
def _sums(lanes, w, z, channels, down, along, apart, gap):
    stretch = w.shape[2]
    for n in range(z.shape[0]):
        for i in range(z.shape[1]):
            for start in range(0, z.shape[2], stretch):
                part = z[n, i, start : start + stretch]
                part[:] = 0
                for p in range(w.shape[0]):
                    for q in range(w.shape[1]):
                        first = q * gap // along * channels + start
                        met = lanes[q * gap % along, n, i * down + p * apart, first : first + len(part)]
                        numbers = w[p, q]
                        for k in range(len(part)):
                            part[k] += met[k] * numbers[k]


@kernel(CUBE, SUMS)
def _move(run, sums):
    for p in range(run.shape[0]):
        for q in range(run.shape[1]):
            for k in range(run.shape[2]):
                sums[p, q, k] += run[p, q, k]
                run[p, q, k] = 0


@kernel(LANES, CUBE, CUBE, *[int64] * 5, LANES, CUBE, SUMS)
def _gradients(lanes, w, dz, channels, down, along, apart, gap, d_lanes, run, sums):
    stretch, length = w.shape[2], 0
    for n in range(dz.shape[0]):
        for i in range(dz.shape[1]):
            for start in range(0, dz.shape[2], stretch):
                part = dz[n, i, start : start + stretch]
                for p in range(w.shape[0]):
                    for q in range(w.shape[1]):
                        lane, row = q * gap % along, i * down + p * apart
                        first = q * gap // along * channels + start
                        met = lanes[lane, n, row, first : first + len(part)]
                        back = d_lanes[lane, n, row, first : first + len(part)]
                        numbers, found = w[p, q], run[p, q]
                        for k in range(len(part)):
                            back[k] += part[k] * numbers[k]
                            found[k] += met[k] * part[k]
                length += 1
                if length == RUN:
                    _move(run, sums)
                    length = 0
    _move(run, sums)
