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
from .windows import Geometry, at_offset, inside, offsets, pad

PIECE = 2**19  # bytes of x and z at a time: they are visited once for each place of the kernel


@in_place()
def convolve(x: np.ndarray, w: np.ndarray, geometry: Geometry, room: Room) -> np.ndarray:
    """z: for each place of the kernel, what lies there in all windows times its numbers, added."""
    z = room.empty((len(x), *geometry.counts(x.shape[1:-1]), w.shape[-2] * w.shape[-1]), x.dtype)
    for some, lanes in _pieces(x, w, geometry):
        part = _rows(z[some])
        share = room.empty(part.shape, x.dtype)
        for number, (numbers, lane, place) in enumerate(_places(w, geometry, z.shape)):
            np.multiply(lanes[lane][place], numbers, out=share if number else part)
            if number:
                part += share
    return z


@in_place()
def gradients(
    dz: np.ndarray, x: np.ndarray, w: np.ndarray, geometry: Geometry, room: Room
) -> tuple[np.ndarray, np.ndarray]:
    """dw and dx."""
    dz = np.ascontiguousarray(dz)
    dw = np.zeros((math.prod(geometry.window), dz.shape[-2] * dz.shape[-1]), w.dtype)  # as wide as a row
    dx, pads = room.empty(x.shape, dz.dtype), geometry.pads(x.shape[1:-1])
    for some, lanes in _pieces(x, w, geometry):
        part = _rows(dz[some])
        share, d_lanes = room.empty(part.shape, dz.dtype), [np.zeros_like(lane) for lane in lanes]
        for number, (numbers, lane, place) in enumerate(_places(w, geometry, dz.shape)):
            np.multiply(lanes[lane][place], part, out=share)
            dw[number] += column_sums(share.reshape(-1, share.shape[-1]))
            d_lanes[lane][place] += np.multiply(part, numbers, out=share)
        d_padded = _joined(d_lanes, w.shape[-2] * w.shape[-1], x.shape[-2] + sum(pads[-1]))
        apart = d_padded[inside(pads, x.shape)].reshape(*dx[some].shape, w.shape[-1])
        dx[some] = apart[..., 0]
        for k in range(1, w.shape[-1]):
            dx[some] += apart[..., k]
    return dw.reshape(len(dw), dz.shape[-2], -1).sum(axis=1).reshape(w.shape), dx


def _rows(x: np.ndarray) -> np.ndarray:
    return x.reshape(*x.shape[:-2], -1)


def _pieces(x: np.ndarray, w: np.ndarray, geometry: Geometry) -> Iterator[tuple[slice, list[np.ndarray]]]:
    """A few samples at a time, padded, each channel as often as it has kernels: in rows, for each lane of a stride."""
    for some in evenly(len(x), max(PIECE // max(x[:1].nbytes * w.shape[-1], 1), 1)):
        padded = pad(x[some], geometry.pads(x.shape[1:-1]))
        padded = padded if w.shape[-1] == 1 else np.repeat(padded, w.shape[-1], axis=-1)
        step = geometry.strides[-1]
        yield some, [_rows(np.ascontiguousarray(padded[..., lane::step, :])) for lane in range(step)]


def _joined(lanes: list[np.ndarray], channels: int, columns: int) -> np.ndarray:
    """The lanes as one array again, with so many columns and channels."""
    apart = [lane.reshape(*lane.shape[:-1], -1, channels) for lane in lanes]
    if len(lanes) == 1:
        return apart[0]
    joined = np.empty((*lanes[0].shape[:-1], columns, channels), lanes[0].dtype)
    for number, lane in enumerate(apart):
        joined[..., number :: len(lanes), :] = lane
    return joined


def _places(w: np.ndarray, geometry: Geometry, shape: tuple[int, ...]) -> Iterator[tuple[np.ndarray, int, Any]]:
    """For each place of the kernel its numbers, as often as a row of z has columns; the lane, and where there x lies.

    `shape` is that of z.
    """
    *counts, columns, channels = shape[1:]
    for offset in offsets(geometry.window):
        start, lane = divmod(offset[-1] * geometry.dilation[-1], geometry.strides[-1])
        place = at_offset(offset[:-1], counts, geometry.strides[:-1], geometry.dilation[:-1])
        row = slice(start * channels, (start + columns) * channels)
        yield np.tile(w[offset].reshape(-1), columns), lane, (*place, row)
