"""Depthwise convolution: each channel has kernels of its own.

Shapes: x ``(batch, *space, channels)``; the kernel w ``(*window, channels, multiplier)``; z
``(batch, *counts, channels·multiplier)``, the multiplier innermost. A few samples are done at a time, each channel
beside itself as often as the multiplier says. What a place of the kernel meets lies in rows, ``(batch, ..., row)``: the
last axis of space and the channels in one, so that each place is a product of long stretches of memory.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from .buffers import in_place
from .columns import evenly
from .moments import column_sums
from .room import Room
from .twins import twins
from .windows import Geometry, at_offset, inside, offsets, pad

PIECE = 2**19  # bytes of x and z at a time: they are visited once for each place of the kernel


@in_place()
def convolve(x: np.ndarray, w: np.ndarray, geometry: Geometry, room: Room) -> np.ndarray:
    """z: for each place of the kernel, what lies there in all windows times its numbers, added."""
    z = room.empty((len(x), *geometry.counts(x.shape[1:-1]), w.shape[-2] * w.shape[-1]), x.dtype)
    kernels = twins(x.dtype, w.dtype)
    sums = kernels.depthwise_sums if kernels else depthwise_sums
    for some, lanes in _pieces(x, w, geometry):
        sums(lanes, w, geometry, _rows(z[some]))
    return z


def depthwise_sums(lanes: np.ndarray, w: np.ndarray, geometry: Geometry, z: np.ndarray) -> None:
    """Write the sums of a piece into its z."""
    share = np.empty_like(z)
    for number, (numbers, place) in enumerate(_places(w, geometry, z.shape)):
        np.multiply(lanes[place], numbers, out=share if number else z)
        if number:
            z += share


@in_place()
def gradients(
    dz: np.ndarray, x: np.ndarray, w: np.ndarray, geometry: Geometry, room: Room
) -> tuple[np.ndarray, np.ndarray]:
    """dw and dx."""
    dz = np.ascontiguousarray(dz)
    dx, channels = room.empty(x.shape, dz.dtype), dz.shape[-1]
    dw = np.zeros((math.prod(geometry.window), channels), w.dtype)
    kernels = twins(dz.dtype, x.dtype, w.dtype)
    back = kernels.depthwise_gradients if kernels else depthwise_gradients
    for some, lanes in _pieces(x, w, geometry):
        share, d_lanes = back(lanes, w, geometry, _rows(dz[some]))
        dw += share
        padded = np.moveaxis(d_lanes.reshape(*d_lanes.shape[:-1], -1, channels), 0, -2)
        padded = padded.reshape(*padded.shape[:-3], -1, channels)
        apart = padded[inside(geometry.pads(x.shape[1:-1]), x.shape)].reshape(*dx[some].shape, w.shape[-1])
        dx[some] = apart[..., 0]
        for k in range(1, w.shape[-1]):
            dx[some] += apart[..., k]
    return dw.reshape(w.shape), dx


def depthwise_gradients(lanes: np.ndarray, w: np.ndarray, geometry: Geometry, dz: np.ndarray):
    """Of a piece: dw, a row for each place of the kernel, and the gradient of `lanes`."""
    share, d_lanes = np.empty_like(dz), np.zeros_like(lanes)
    dw = np.empty((math.prod(geometry.window), dz.shape[-1]), w.dtype)
    for number, (numbers, place) in enumerate(_places(w, geometry, dz.shape)):
        np.multiply(lanes[place], dz, out=share)
        column_sums(share.reshape(-1, share.shape[-1]), out=dw[number])
        d_lanes[place] += np.multiply(dz, numbers, out=share)
    return dw.reshape(len(dw), -1, w.shape[-2] * w.shape[-1]).sum(axis=1), d_lanes


def _rows(x: np.ndarray) -> np.ndarray:
    return x.reshape(*x.shape[:-2], -1)


def _pieces(x: np.ndarray, w: np.ndarray, geometry: Geometry) -> Iterator[tuple[slice, np.ndarray]]:
    """A few samples at a time, padded, each channel as often as it has kernels: in rows, for each lane of a stride.

    The lanes ``(lanes, batch, ..., row)`` are all as long as the longest.
    """
    *pads, (before, after) = geometry.pads(x.shape[1:-1])
    step = geometry.strides[-1]
    after += -(before + x.shape[-2] + after) % step
    for some in evenly(len(x), max(PIECE // max(x[:1].nbytes * w.shape[-1], 1), 1)):
        padded = pad(x[some], [*pads, (before, after)])
        padded = padded if w.shape[-1] == 1 else np.repeat(padded, w.shape[-1], axis=-1)
        apart = padded.reshape(*padded.shape[:-2], -1, step, padded.shape[-1])
        yield some, _rows(np.ascontiguousarray(np.moveaxis(apart, -2, 0)))


def _places(w: np.ndarray, geometry: Geometry, shape: tuple[int, ...]) -> Iterator[tuple[np.ndarray, Any]]:
    """For each place of the kernel its numbers, as often as a row of z has columns, and where in the lanes x lies.

    `shape` is that of z in rows.
    """
    *counts, row = shape[1:]
    channels = w.shape[-2] * w.shape[-1]
    for offset in offsets(geometry.window):
        start, lane = divmod(offset[-1] * geometry.dilation[-1], geometry.strides[-1])
        place = at_offset(offset[:-1], counts, geometry.strides[:-1], geometry.dilation[:-1])
        begin = start * channels
        yield np.tile(w[offset].reshape(-1), row // channels), (lane, *place, slice(begin, begin + row))
