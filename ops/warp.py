"""Warps: each place of an image is looked up somewhere else, between the places given; and the way back.

Images are ``(batch, height, width, channels)``. Each has an affine map of its own, six numbers (a, b, c, d, e, f): the
place in row v and column u of the new image lies at row d·u + e·v + f and column a·u + b·v + c of the old one.
"""

from typing import NamedTuple

import numpy as np

FILLS = ("reflect", "wrap", "constant", "nearest")
INTERPOLATIONS = ("nearest", "bilinear")


class Warp(NamedTuple):
    """Where a batch of images is looked up: y = Σ weight ⊙ x[place] over the corners around each place.

    space   : (height, width) of the images
    margin  : how many places of a constant stand around them
    places  : for each corner ``(batch, height, width)``, numbered through all images, margins included
    weights : for each corner the same shape, or one that is broadcast to it; none where there is one corner
    """

    space: tuple[int, int]
    margin: int
    places: list[np.ndarray]
    weights: list[np.ndarray]


def fold(k: np.ndarray, n: int, fill: str) -> np.ndarray:
    """Which of n places stands at place k, where they go on beyond both ends.

    >>> k = np.arange(-2, 5)
    >>> fold(k, 3, "reflect"), fold(k, 3, "wrap"), fold(k, 3, "nearest")
    (array([1, 0, 0, 1, 2, 2, 1]), array([1, 2, 0, 1, 2, 0, 1]), array([0, 0, 0, 1, 2, 2, 2]))
    """
    if fill == "wrap":
        return k % n
    if fill == "reflect":
        k = k % (2 * n)
        return np.minimum(k, 2 * n - 1 - k)
    return k.clip(0, n - 1)


def warp_of(maps: np.ndarray, space: tuple[int, int], fill: str, interpolation: str, dtype) -> Warp:
    """The warp of affine maps ``(batch, 6)``, one for each image, with coordinates and weights of a float type.

    With "nearest" a place halfway between two is the one further from 0, as in Keras.
    """
    height, width = space
    a, b, c, d, e, f = maps.astype(dtype).T[:, :, None, None]
    u, v = np.arange(width, dtype=dtype), np.arange(height, dtype=dtype)[:, None]
    rows, columns = e * v + f, a * u + c  # (batch, height, 1), (batch, 1, width)
    if d.any() or b.any():  # else they stay that small: each axis goes its own way
        rows, columns = rows + d * u, columns + b * v
    margin = int(fill == "constant")
    of_rows = _neighbours(rows, height + 2 * margin, margin, fill, interpolation)
    of_columns = _neighbours(columns, width + 2 * margin, margin, fill, interpolation)
    stride = width + 2 * margin
    first = np.arange(len(maps))[:, None, None] * ((height + 2 * margin) * stride)
    rows_begin = [(place * stride + first, weight) for place, weight in of_rows]
    corners = [(i + j, m, n) for i, m in rows_begin for j, n in of_columns]
    weights = [m * n for _, m, n in corners] if interpolation == "bilinear" else []
    return Warp(space, margin, [place for place, _, _ in corners], weights)


def _neighbours(at: np.ndarray, n: int, margin: int, fill: str, interpolation: str) -> list[tuple]:
    """The places next to each coordinate on an axis of n places, the margins counted, and their weights."""
    if interpolation == "nearest":
        below, beyond = np.trunc(at + np.copysign(at.dtype.type(0.5), at)), None
    else:
        below = np.floor(at)
        beyond = at - below
    k = below.astype(np.intp)
    least = int(k.min())
    places = fold(np.arange(least, int(k.max()) + 2) + margin, n, fill)  # each that is met is folded once
    k -= least
    if beyond is None:
        return [(places[k], None)]
    return [(places[k], 1 - beyond), (places[1:][k], beyond)]


def warped(x: np.ndarray, warp: Warp, fill_value: float = 0.0) -> np.ndarray:
    """The images looked up, A·x."""
    batch, channels = len(x), x.shape[-1]
    planes = _planes(x, warp, fill_value)
    y = np.empty((channels, batch, *warp.space), planes.dtype)
    if not warp.weights:
        np.take(planes, warp.places[0], axis=1, out=y, mode="clip")
    for number, (place, weight) in enumerate(zip(warp.places, warp.weights, strict=False)):
        part = y if number == 0 else np.empty_like(y)
        np.take(planes, place, axis=1, out=part, mode="clip")
        part *= weight
        if number:
            y += part
    return np.moveaxis(y, 0, -1).astype(x.dtype, order="C")


def unwarped(dy: np.ndarray, warp: Warp) -> np.ndarray:
    """The gradient of `warped` for x, Aᵀ·dy: each number goes back to the places that it came from."""
    batch, channels = len(dy), dy.shape[-1]
    height, width = (n + 2 * warp.margin for n in warp.space)
    places = np.stack(warp.places)
    planes = np.moveaxis(dy, -1, 0)
    parts = np.stack([planes * weight for weight in warp.weights] or [planes], axis=1)
    totals = [np.bincount(places.reshape(-1), part.reshape(-1), batch * height * width) for part in parts]
    dx = np.stack(totals, axis=-1).reshape(batch, height, width, channels)
    inner = slice(warp.margin, -warp.margin or None)
    return dx[:, inner, inner].astype(dy.dtype)


def _planes(x: np.ndarray, warp: Warp, fill_value: float) -> np.ndarray:
    """The images channel by channel, ``(channels, places)``, of the float type of the weights."""
    margin, (height, width) = warp.margin, warp.space
    dtype = np.result_type(x.dtype, *(weight.dtype for weight in warp.weights[:1]))
    planes = np.empty((x.shape[-1], len(x), height + 2 * margin, width + 2 * margin), dtype)
    if margin:
        planes[...] = fill_value
    planes[:, :, margin : margin + height, margin : margin + width] = np.moveaxis(x, -1, 0)
    return planes.reshape(len(planes), -1)
