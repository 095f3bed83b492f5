"""Convolution with kernels of 2x2 to 5x5 by Winograd's forms, 3x3 by F(4x4, 3x3): 36 multiplications for 144.

z is cut into tiles, of 4x4 places for a kernel of 3x3. The windows of one tile cover d, 6x6 places of x, and with the
kernel g

    z = Aᵀ·[(G·g·Gᵀ) ⊙ (Bᵀ·d·B)]·A

where ⊙ multiplies number by number. Over all tiles, channels and filters ⊙ is 36 products of matrices, one for each
place of 6x6: m = v·u with v = Bᵀ·d·B ``(36, tiles, channels)`` and u = G·g·Gᵀ ``(36, channels, filters)``. What A, B
and G sum up are products, too, of such a small matrix with as long rows as can be: so the samples stand behind the
places here, ``(height, width, batch, channels)``. A bias b is added to m at the place (1, 1), where Aᵀ·m·A makes it a
b at each of the tile's places.

The gradient of the kernel goes back the same way: dm = A·dz·Aᵀ, du = Σ over tiles of vᵀ·dm, dg = Gᵀ·du·G; and db is
what dm has at (1, 1). The gradient of x is a convolution itself.

Along an axis, a kernel of k places and the tile's 7 - k are the coefficients of two polynomials, whose product is known
by its values at six points: G and A take the values, Bᵀ is what leads back to the coefficients, transposed.

Rounding: in float32 z and dg were within 5e-6 of the largest number, where plain sums are within about 1e-6. With the
points 0, 1, -1, 2, -2 of Lavin & Gray the error is three times as large.

Source: Winograd, *Arithmetic Complexity of Computations* (1980); Lavin & Gray, *Fast Algorithms for Convolutional
Neural Networks* (2015); the points: Barabasz et al., *Error Analysis and Improving the Accuracy of Winograd Convolution
for Deep Neural Networks* (2019).
"""

import functools
import math
from collections.abc import Iterator, Sequence

import numpy as np

from .columns import Place, evenly
from .moments import column_sums
from .room import Room
from .small_products import add_product_of_columns
from .windows import Geometry

POINTS = np.array([0, 1, -1, 1 / 2, -2])  # and infinity
SCALES = np.array([15, 5, -5, -16, 1]) / 15  # of the values that G takes there
BT = (
    np.array(
        [
            [2, -3, -4, 3, 2, 0],
            [0, -2, 1, 5, 2, 0],
            [0, 2, -5, 1, 2, 0],
            [0, -4, -2, 4, 2, 0],
            [0, 1, -2, -1, 2, 0],
            [0, 2, -3, -4, 3, 2],
        ]
    )
    / 2
)
OF_BIAS = 1 * 6 + 1  # of 36 places the one that a bias is added to, (1, 1)

PIECE = 3 * 2**19  # bytes of v or m at a time: with less the rows get short, with more they leave the second cache
SAMPLES = 8  # at a time, or more where images are small: the shortest rows are that many times the channels
# what must be there for `pays`, as measured: the passes of a layer then gain a tenth or more, and mostly half
TILES = 64  # with fewer, u and du cost more than they save
PRODUCTS = 2**16  # tiles times the fewer of channels and filters, squared: with less, the calls cost too much
FILLED = 0.6  # of the places of all tiles, those that lie in z
CHANNELS = 13  # and filters, if all tiles were full, of 4x4 places
SAVED = 108  # multiplications for a tile, a channel and a filter, if PRODUCTS and CHANNELS are to be enough
MOST = 2**18  # channels times filters: u takes four times the memory of the kernel


def pays(x: np.ndarray, shape: Sequence[int], geometry: Geometry, counts: Sequence[int]) -> bool:
    """Whether a kernel of this shape can be met so, and saves more in products than the sums around them cost."""
    window = geometry.window
    plain = len(window) == 2 and geometry == Geometry(window, (1, 1), (1, 1), geometry.padding)
    if not plain or not 2 <= min(window) <= max(window) <= 5 or x.dtype.char not in "fd" or len(x) < 2:
        return False
    high, wide = (7 - size for size in window)  # places of z in a tile
    tiles = len(x) * math.ceil(counts[0] / high) * math.ceil(counts[1] / wide)
    filled = len(x) * math.prod(counts) / max(high * wide * tiles, 1)  # where there are no windows there is no tile
    saved = (high * wide * math.prod(window) - 36) / SAVED
    few, limit = min(shape[2:]), CHANNELS * math.sqrt(high * wide / 16)
    enough = tiles >= TILES and tiles * few**2 * saved >= PRODUCTS and filled >= FILLED
    return enough and few * filled * saved >= limit and shape[2] * shape[3] <= MOST


@functools.cache
def _form(size: int, dtype: np.dtype) -> tuple[int, np.ndarray, np.ndarray]:
    """For a kernel of that size along an axis: the places of z in a tile, G ``(6, size)`` and Aᵀ ``(places, 6)``."""
    places = 7 - size
    g, a = np.zeros((6, size)), np.zeros((6, places))
    g[:5], a[:5] = SCALES[:, None] * POINTS[:, None] ** np.arange(size), POINTS[:, None] ** np.arange(places)
    g[5, -1] = a[5, -1] = 1  # at infinity, the coefficient of the highest power
    return places, g.astype(dtype), np.ascontiguousarray(a.T, dtype)


def convolve(
    x: np.ndarray, w: np.ndarray, b: np.ndarray | None, room: Room, counts: Sequence[int], before: Sequence[int]
) -> np.ndarray:
    """z, as `convolution.convolve` gives it."""
    filters = w.shape[-1]
    (high, g, at), (wide, g_across, at_across) = (_form(size, x.dtype) for size in w.shape[:2])
    half = g @ w.reshape(len(w), -1)  # (6, columns of the kernel·channels·filters)
    u = room.empty((36, *w.shape[2:]), w.dtype)
    np.matmul(g_across, half.reshape(6, w.shape[1], -1), out=u.reshape(6, 6, -1))
    z = room.empty((len(x), *counts, filters), x.dtype)
    for (samples, rows), v, (used, free) in _tiles(x, filters, (high, wide), counts, before, room, 2):
        part = z[samples, high * rows.start : high * rows.stop].transpose(1, 2, 0, 3)
        down, across, batch = rows.stop - rows.start, -(-counts[1] // wide), part.shape[2]
        m = np.matmul(v, u, out=_array(free, 36, v.shape[1], filters))
        if b is not None:
            m[OF_BIAS] += b
        half = _array(used, high, 6, v.shape[1] * filters)  # (row of a tile, column of m, tiles·filters)
        np.matmul(at, m.reshape(6, 6, -1).swapaxes(0, 1), out=half.swapaxes(0, 1))
        half = half.reshape(high, 6, down, across, -1).transpose(2, 0, 3, 1, 4)  # (down, row, across, column of m, ...)
        tiles = np.matmul(at_across, half, out=_array(free, down, high, across, wide, batch * filters))
        part[...] = tiles.reshape(high * down, wide * across, batch, filters)[: len(part), : counts[1]]
    return z


def kernel_gradient(
    x: np.ndarray, dz: np.ndarray, window: Sequence[int], room: Room, before: Sequence[int], bias: bool
) -> tuple[np.ndarray, np.ndarray]:
    """dw and db, as `convolution.kernel_gradient` gives them."""
    counts, channels, filters = dz.shape[1:-1], x.shape[-1], dz.shape[-1]
    (high, g, at), (wide, g_across, at_across) = (_form(size, dz.dtype) for size in window)
    du, db = room.empty((36, channels, filters), dz.dtype), np.zeros(filters if bias else 0, dz.dtype)
    du.fill(0)
    for (samples, rows), v, (_, free, more) in _tiles(x, filters, (high, wide), counts, before, room, 3):
        part = dz[samples, high * rows.start : high * rows.stop].transpose(1, 2, 0, 3)
        down, across, batch = rows.stop - rows.start, -(-counts[1] // wide), part.shape[2]
        tiles = _array(more, down, high, across, wide, batch * filters)
        _put(part, tiles.reshape(high * down, wide * across, batch, filters), (0, 0))
        half = _array(free, high, 6, down, across, batch * filters)  # (row of a tile, column of dm, down, across, ...)
        np.matmul(at_across.T, tiles, out=half.transpose(2, 0, 3, 1, 4))
        dm = _array(more, 36, v.shape[1], filters)
        np.matmul(at.T, half.reshape(high, 6, -1).swapaxes(0, 1), out=dm.reshape(6, 6, -1).swapaxes(0, 1))
        add_product_of_columns(du, v[:, None], dm[:, None], room)
        if bias:
            db += column_sums(dm[OF_BIAS])
    half = g.T @ du.reshape(6, -1)  # (rows of the kernel, 6·channels·filters)
    return (g_across.T @ half.reshape(len(half), 6, -1)).reshape(*window, channels, filters), db


def _tiles(
    x: np.ndarray,
    filters: int,
    places: tuple[int, int],
    counts: Sequence[int],
    before: Sequence[int],
    room: Room,
    arrays: int,
) -> Iterator[tuple[Place, np.ndarray, np.ndarray]]:
    """For each piece its samples and rows of tiles, its v ``(36, tiles, channels)``, and memory to work in.

    `places` says how many a tile has along either axis.

    That is so many arrays, each with room for 36 numbers for each tile and channel, or filter. In the first lies v, and
    the next piece is written over all of them.
    """
    (n, *_, channels), most = x.shape, max(x.shape[-1], filters)
    bt, (high, across) = BT.astype(x.dtype), (-(-count // size) for count, size in zip(counts, places, strict=True))
    above, wide = 6 - places[0], places[1] * across + 6 - places[1]
    limit = max(PIECE, 36 * channels * filters * x.itemsize)  # a large u is read once for as many bytes of tiles
    samples, rows = _at_a_time(n, high, 36 * across * most * x.itemsize, limit)
    size = max(36 * rows * across * most, (places[0] * rows + above) * max(wide, 6 * across) * channels)
    memory = room.empty((arrays, samples * size), x.dtype)
    for some in evenly(n, samples):
        part = x[some].transpose(1, 2, 0, 3)
        run = part.shape[2] * channels
        for first in evenly(high, rows):
            down = first.stop - first.start
            d = _array(memory[0], places[0] * down + above, wide, part.shape[2], channels)
            _put(part, d, (places[0] * first.start - before[0], -before[1]))
            half = _array(memory[1], len(d), 6, across, run)  # (height', column of v, across, run)
            np.matmul(bt, _sixes(d.reshape(len(d), wide, run), 1, across, places[1]), out=half.swapaxes(1, 2))
            v = _array(memory[0], 6, 6, down, across * run)  # (row of v, column of v, down, across·run)
            sixes = _sixes(half.reshape(len(d), 6, -1), 0, down, places[0])  # (down, 6, column of v, across·run)
            np.matmul(bt, sixes.swapaxes(1, 2), out=v.transpose(2, 1, 0, 3))
            yield (some, first), v.reshape(36, -1, channels), memory


def _at_a_time(samples: int, rows: int, size: int, limit: int) -> tuple[int, int]:
    """How many samples to take at a time, and how many rows of tiles of each, `size` bytes a row, within the limit."""
    some = max(min(SAMPLES, limit // size), 1)
    first = max(min(rows, limit // (size * some)), 1)
    if first == rows:
        some = max(limit // (size * rows), some)
    return min(some, samples), first


def _put(part: np.ndarray, d: np.ndarray, start: tuple[int, int]) -> None:
    """d = the places of part from `start` on, along the first two axes, and 0 where it has none."""
    inside = []  # of each axis, the first place of d that lies in part, and the first behind
    for a, n, size in zip(start, d.shape[:2], part.shape[:2], strict=True):
        lo = min(max(-a, 0), n)
        inside.append((lo, max(min(n, size - a), lo)))
    (top, bottom), (left, right) = inside
    d[:top], d[bottom:], d[top:bottom, :left], d[top:bottom, right:] = 0, 0, 0, 0
    d[top:bottom, left:right] = part[top + start[0] : bottom + start[0], left + start[1] : right + start[1]]


def _sixes(d: np.ndarray, axis: int, count: int, apart: int) -> np.ndarray:
    """Six places, and the six that begin so many `apart`, as a view with one more axis: ``(..., count, 6, ...)``."""
    hop = d.strides[axis]
    return np.lib.stride_tricks.as_strided(
        d,
        (*d.shape[:axis], count, 6, *d.shape[axis + 1 :]),
        (*d.strides[:axis], apart * hop, hop, *d.strides[axis + 1 :]),
        writeable=False,
    )


def _array(memory: np.ndarray, *shape: int) -> np.ndarray:
    """An array of that shape at the beginning of memory."""
    return memory[: math.prod(shape)].reshape(shape)
