"""Warps: each place of an image is looked up somewhere else, between the places given; and the way back.

Images are ``(batch, height, width, channels)``. Each has an affine map of its own, six numbers (a, b, c, d, e, f): the
place in row v and column u of the new image lies at row d·u + e·v + f and column a·u + b·v + c of the old one. There it
is mixed from the places around, by weights that depend on the map alone: y = A·x, and so dx = Aᵀ·dy.

A, which is larger than x, is found anew for a few images at a time, on the way forward and on the way back.
"""

from collections.abc import Iterator

import numpy as np

from .columns import evenly

FILLS = ("reflect", "wrap", "constant", "nearest")
INTERPOLATIONS = ("nearest", "bilinear")
PIECE = 2**13  # places that are looked up at a time: what is made of them stays in the cache

Corners = list[tuple[np.ndarray, np.ndarray | None]]  # around each place: which there are, and what they count


def warped(x: np.ndarray, maps: np.ndarray, fill: str, interpolation: str, fill_value: float = 0.0) -> np.ndarray:
    """A·x: each image looked up by its map, of ``(batch, 6)``.

    With "nearest" a place halfway between two is the one further from 0, as in Keras.

    >>> x, to_the_right = np.array([1.0, 2.0, 3.0]).reshape(1, 1, 3, 1), np.array([[1, 0, -1, 0, 1, 0]])
    >>> warped(x, to_the_right, "wrap", "nearest").ravel().tolist()
    [3.0, 1.0, 2.0]
    """
    margin = int(fill == "constant")
    _, height, width, channels = x.shape
    inner = slice(margin, -margin or None)
    y = np.empty(x.shape, x.dtype)
    for some, corners in _pieces(maps, x.shape, fill, interpolation, np.result_type(x, np.float32)):
        part = x[some]
        planes = np.full((channels, len(part), height + 2 * margin, width + 2 * margin), fill_value, x.dtype)
        planes[:, :, inner, inner] = np.moveaxis(part, -1, 0)
        planes = planes.reshape(channels, -1)
        total = np.zeros((channels, len(part), height, width), x.dtype)
        for places, weights in corners:
            met = np.take(planes, places, axis=1, mode="clip")
            total += met if weights is None else np.multiply(met, weights, out=met, casting="same_kind")
        y[some] = np.moveaxis(total, 0, -1)
    return y


def unwarped(dy: np.ndarray, maps: np.ndarray, fill: str, interpolation: str) -> np.ndarray:
    """Aᵀ·dy, the gradient of `warped` for x: each number goes back to the places that it came from."""
    margin = int(fill == "constant")
    _, height, width, channels = dy.shape
    inner = slice(margin, -margin or None)
    dx = np.empty(dy.shape, dy.dtype)
    for some, corners in _pieces(maps, dy.shape, fill, interpolation, np.result_type(dy, np.float32)):
        planes = np.ascontiguousarray(np.moveaxis(dy[some], -1, 0))
        size = len(planes[0]), height + 2 * margin, width + 2 * margin
        total = np.zeros((channels, *size))
        for places, weights in corners:
            for plane, of_plane in zip(planes if weights is None else planes * weights, total, strict=True):
                of_plane += np.bincount(places.reshape(-1), plane.reshape(-1), of_plane.size).reshape(size)
        dx[some] = np.moveaxis(total[:, :, inner, inner], 0, -1)
    return dx


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
    return k.clip(0, n - 1)  # of a constant there is a margin


def _pieces(maps: np.ndarray, shape: tuple, fill: str, interpolation: str, dtype) -> Iterator[tuple[slice, Corners]]:
    """Some images at a time, and the corners around each of their places, ``(batch', height, width)``."""
    batch, height, width, _ = shape
    maps = maps.astype(dtype)
    for some in evenly(batch, max(PIECE // (height * width), 1)):
        yield some, _corners(maps[some], height, width, fill, interpolation)


def _corners(maps: np.ndarray, height: int, width: int, fill: str, interpolation: str) -> Corners:
    """The places around each one looked up, numbered through all images, margins of a constant included."""
    a, b, c, d, e, f = maps.T[:, :, None, None]
    u, v = np.arange(width, dtype=maps.dtype), np.arange(height, dtype=maps.dtype)[:, None]
    rows, columns = e * v + f, a * u + c  # (batch', height, 1), (batch', 1, width)
    if d.any() or b.any():  # else they stay that small: each axis goes its own way
        rows, columns = rows + d * u, columns + b * v
    margin = int(fill == "constant")
    high, wide = height + 2 * margin, width + 2 * margin
    first = np.arange(len(maps))[:, None, None] * (high * wide)
    of_rows = [(place * wide + first, weight) for place, weight in _neighbours(rows, high, margin, fill, interpolation)]
    of_columns = _neighbours(columns, wide, margin, fill, interpolation)
    return [(i + j, None if m is None else m * n) for i, m in of_rows for j, n in of_columns]


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
