"""Convolution with kernels of 3x3 by Winograd's F(4x4, 3x3): 36 multiplications for 16 places of z, and not 144.

z is cut into tiles of 4x4. The windows of one tile cover d, 6x6 places of x, and with the kernel g

    z = Aᵀ·[(G·g·Gᵀ) ⊙ (Bᵀ·d·B)]·A

where ⊙ multiplies number by number. Over all tiles, channels and filters ⊙ is 36 products of matrices, one for each
place of 6x6: m = v·u with v = Bᵀ·d·B ``(36, tiles, channels)`` and u = G·g·Gᵀ ``(36, channels, filters)``. What A, B
and G sum up are products, too, of such a small matrix with as long rows as can be: so the samples stand behind the
places here, ``(height, width, batch, channels)``. A bias b is added to m at the place (1, 1), where Aᵀ·m·A makes it a
b at each of the 16.

The gradient of the kernel goes back the same way: dm = A·dz·Aᵀ, du = Σ over tiles of vᵀ·dm, dg = Gᵀ·du·G; and db is
what dm has at (1, 1). The gradient of x is a convolution itself.

Rounding: in float32 z and dg were within 5e-6 of the largest number, where plain sums are within about 1e-6. With the
points 0, 1, -1, 2, -2 of Lavin & Gray the error is three times as large.

Source: Winograd, *Arithmetic Complexity of Computations* (1980); Lavin & Gray, *Fast Algorithms for Convolutional
Neural Networks* (2015); the points: Barabasz et al., *Error Analysis and Improving the Accuracy of Winograd Convolution
for Deep Neural Networks* (2019).
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from .columns import Place, evenly
from .moments import column_sums
from .room import Room
from .small_products import add_product_of_columns
from .windows import Geometry

# of the points 0, 1, -1, 1/2, -2 and infinity
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
G = np.array([[15, 0, 0], [5, 5, 5], [-5, 5, -5], [-16, -8, -4], [1, -2, 4], [0, 0, 15]]) / 15
AT = np.array([[8, 8, 8, 8, 8, 0], [0, 8, -8, 4, -16, 0], [0, 8, 8, 2, 32, 0], [0, 8, -8, 1, -64, 8]]) / 8
OF_BIAS = 1 * 6 + 1  # of 36 places the one that a bias is added to, (1, 1)

PIECE = 3 * 2**19  # bytes of v or m at a time: with less the rows get short, with more they leave the second cache
SAMPLES = 8  # at a time, or more where images are small: the shortest rows are that many times the channels
# what must be there for `pays`, as measured: the passes of a layer then gain a tenth or more, and mostly half
TILES = 64  # with fewer, u and du cost more than they save
PRODUCTS = 2**16  # tiles times the fewer of channels and filters, squared: with less, the calls cost too much
FILLED = 0.6  # of the places of all tiles, those that lie in z
CHANNELS = 13  # and filters, if all tiles were full
MOST = 2**18  # channels times filters: u takes four times the memory of the kernel


def pays(x: np.ndarray, shape: Sequence[int], geometry: Geometry, counts: Sequence[int]) -> bool:
    """Whether a kernel of this shape can be met so, and saves more in products than the sums around them cost."""
    plain = Geometry((3, 3), (1, 1), (1, 1), geometry.padding)
    if geometry != plain or x.dtype.char not in "fd" or len(x) < 2 or shape[2] * shape[3] > MOST:
        return False
    few, tiles = min(shape[2:]), len(x) * math.prod(-(-n // 4) for n in counts)
    filled = len(x) * math.prod(counts) / max(16 * tiles, 1)  # where there are no windows there is no tile
    return tiles >= TILES and tiles * few**2 >= PRODUCTS and filled >= FILLED and filled * few >= CHANNELS


def convolve(
    x: np.ndarray, w: np.ndarray, b: np.ndarray | None, room: Room, counts: Sequence[int], before: Sequence[int]
) -> np.ndarray:
    """z, as `convolution.convolve` gives it, for a kernel ``(3, 3, channels, filters)``."""
    filters, g, at = w.shape[-1], G.astype(w.dtype), AT.astype(x.dtype)
    half = g @ w.reshape(3, -1)  # (6, 3·channels·filters)
    u = room.empty((36, *w.shape[2:]), w.dtype)
    np.matmul(g, half.reshape(6, 3, -1), out=u.reshape(6, 6, -1))
    z = room.empty((len(x), *counts, filters), x.dtype)
    for (samples, rows), v, (used, free) in _tiles(x, filters, counts, before, room, 2):
        part = z[samples, 4 * rows.start : 4 * rows.stop].transpose(1, 2, 0, 3)
        down, across, batch = rows.stop - rows.start, -(-counts[1] // 4), part.shape[2]
        m = np.matmul(v, u, out=_array(free, 36, v.shape[1], filters))
        if b is not None:
            m[OF_BIAS] += b
        half = _array(used, 4, 6, v.shape[1] * filters)  # (row of a tile, column of m, tiles·filters)
        np.matmul(at, m.reshape(6, 6, -1).swapaxes(0, 1), out=half.swapaxes(0, 1))
        half = half.reshape(4, 6, down, across, -1).transpose(2, 0, 3, 1, 4)  # (down, row, across, column of m, ...)
        tiles = np.matmul(at, half, out=_array(free, down, 4, across, 4, batch * filters))
        part[...] = tiles.reshape(4 * down, 4 * across, batch, filters)[: len(part), : counts[1]]
    return z


def kernel_gradient(
    x: np.ndarray, dz: np.ndarray, room: Room, before: Sequence[int], bias: bool
) -> tuple[np.ndarray, np.ndarray]:
    """dw and db, as `convolution.kernel_gradient` gives them, of a kernel ``(3, 3, channels, filters)``."""
    counts, channels, filters = dz.shape[1:-1], x.shape[-1], dz.shape[-1]
    a, gt = AT.T.astype(dz.dtype), G.T.astype(dz.dtype)
    du, db = room.empty((36, channels, filters), dz.dtype), np.zeros(filters if bias else 0, dz.dtype)
    du.fill(0)
    for (samples, rows), v, (_, free, more) in _tiles(x, filters, counts, before, room, 3):
        part = dz[samples, 4 * rows.start : 4 * rows.stop].transpose(1, 2, 0, 3)
        down, across, batch = rows.stop - rows.start, -(-counts[1] // 4), part.shape[2]
        tiles = _array(more, down, 4, across, 4, batch * filters)
        _put(part, tiles.reshape(4 * down, 4 * across, batch, filters), (0, 0))
        half = _array(free, 4, 6, down, across, batch * filters)  # (row of a tile, column of dm, down, across, ...)
        np.matmul(a, tiles, out=half.transpose(2, 0, 3, 1, 4))
        dm = _array(more, 36, v.shape[1], filters)
        np.matmul(a, half.reshape(4, 6, -1).swapaxes(0, 1), out=dm.reshape(6, 6, -1).swapaxes(0, 1))
        add_product_of_columns(du, v[:, None], dm[:, None], room)
        if bias:
            db += column_sums(dm[OF_BIAS])
    half = gt @ du.reshape(6, -1)  # (3, 6·channels·filters)
    return (gt @ half.reshape(3, 6, -1)).reshape(3, 3, channels, filters), db


def _tiles(
    x: np.ndarray, filters: int, counts: Sequence[int], before: Sequence[int], room: Room, arrays: int
) -> Iterator[tuple[Place, np.ndarray, np.ndarray]]:
    """For each piece its samples and rows of tiles, its v ``(36, tiles, channels)``, and memory to work in.

    That is so many arrays, each with room for 36 numbers for each tile and channel, or filter. In the first lies v, and
    the next piece is written over all of them.
    """
    (n, *_, channels), most = x.shape, max(x.shape[-1], filters)
    bt, high, across = BT.astype(x.dtype), -(-counts[0] // 4), -(-counts[1] // 4)
    wide = 4 * across + 2
    limit = max(PIECE, 36 * channels * filters * x.itemsize)  # a large u is read once for as many bytes of tiles
    samples, rows = _at_a_time(n, high, 36 * across * most * x.itemsize, limit)
    size = max(36 * rows * across * most, (4 * rows + 2) * max(wide, 6 * across) * channels)
    memory = room.empty((arrays, samples * size), x.dtype)
    for some in evenly(n, samples):
        part = x[some].transpose(1, 2, 0, 3)
        run = part.shape[2] * channels
        for first in evenly(high, rows):
            down = first.stop - first.start
            d = _array(memory[0], 4 * down + 2, wide, part.shape[2], channels)
            _put(part, d, (4 * first.start - before[0], -before[1]))
            half = _array(memory[1], len(d), 6, across, run)  # (height', column of v, across, run)
            np.matmul(bt, _sixes(d.reshape(len(d), wide, run), 1, across), out=half.swapaxes(1, 2))
            v = _array(memory[0], 6, 6, down, across * run)  # (row of v, column of v, down, across·run)
            sixes = _sixes(half.reshape(len(d), 6, -1), 0, down)  # (down, 6, column of v, across·run)
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


def _sixes(d: np.ndarray, axis: int, count: int) -> np.ndarray:
    """Six places, and the six that begin four further on, as a view with one more axis: ``(..., count, 6, ...)``."""
    hop = d.strides[axis]
    return np.lib.stride_tricks.as_strided(
        d,
        (*d.shape[:axis], count, 6, *d.shape[axis + 1 :]),
        (*d.strides[:axis], 4 * hop, hop, *d.strides[axis + 1 :]),
        writeable=False,
    )


def _array(memory: np.ndarray, *shape: int) -> np.ndarray:
    """An array of that shape at the beginning of memory."""
    return memory[: math.prod(shape)].reshape(shape)
