"""Depthwise convolution: each channel has kernels of its own.

Shapes: x ``(batch, *space, channels)``; the kernel w ``(*window, channels, multiplier)``; z
``(batch, *counts, channels·multiplier)``, the multiplier innermost. A few samples are done at a time, each channel
beside itself as often as the multiplier says, so that every place of the kernel is one product of long runs.
"""

import math
from collections.abc import Iterator

import numpy as np

from .columns import evenly
from .moments import column_sums
from .room import Room
from .windows import Geometry, at_offset, inside, offsets, pad

PIECE = 2**19  # bytes of x and z at a time: they are visited once for each place of the kernel


def convolve(x: np.ndarray, w: np.ndarray, geometry: Geometry, room: Room) -> np.ndarray:
    """z: for each place of the kernel, what lies there in all windows times its numbers, added."""
    z = room.empty((len(x), *geometry.counts(x.shape[1:-1]), w.shape[-2] * w.shape[-1]), x.dtype)
    for some, padded in _pieces(x, w, geometry):
        part = z[some]
        share = room.empty(part.shape, x.dtype)
        for number, (numbers, place) in enumerate(_places(w, geometry, part.shape)):
            np.multiply(padded[place], numbers, out=share if number else part)
            if number:
                part += share
    return z


def gradients(
    dz: np.ndarray, x: np.ndarray, w: np.ndarray, geometry: Geometry, room: Room
) -> tuple[np.ndarray, np.ndarray]:
    """dw and dx."""
    dw = np.zeros((math.prod(geometry.window), w.shape[-2] * w.shape[-1]), w.dtype)
    dx = room.empty(x.shape, dz.dtype)
    where = inside(geometry.pads(x.shape[1:-1]), x.shape)
    for some, padded in _pieces(x, w, geometry):
        part = dz[some]
        share, d_padded = room.empty(part.shape, dz.dtype), room.empty(padded.shape, dz.dtype)
        rows = share.reshape(-1, share.shape[-1])
        d_padded.fill(0)
        for number, (numbers, place) in enumerate(_places(w, geometry, part.shape)):
            np.multiply(padded[place], part, out=share)
            dw[number] += column_sums(rows)
            d_padded[place] += np.multiply(part, numbers, out=share)
        apart = d_padded[where].reshape(*dx[some].shape, w.shape[-1])
        dx[some] = apart[..., 0]
        for k in range(1, w.shape[-1]):
            dx[some] += apart[..., k]
    return dw.reshape(w.shape), dx


def _pieces(x: np.ndarray, w: np.ndarray, geometry: Geometry) -> Iterator[tuple[slice, np.ndarray]]:
    """A few samples at a time, padded, each channel as often as it has kernels."""
    for some in evenly(len(x), max(PIECE // max(x[:1].nbytes * w.shape[-1], 1), 1)):
        padded = pad(x[some], geometry.pads(x.shape[1:-1]))
        yield some, padded if w.shape[-1] == 1 else np.repeat(padded, w.shape[-1], axis=-1)


def _places(w: np.ndarray, geometry: Geometry, shape: tuple[int, ...]) -> Iterator[tuple[np.ndarray, tuple]]:
    """For each place of the kernel its numbers, one a channel of z, and where they meet a padded x."""
    for offset in offsets(geometry.window):
        yield w[offset].reshape(-1), at_offset(offset, shape[1:-1], geometry.strides, geometry.dilation)
