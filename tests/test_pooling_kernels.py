"""The kernels of pooling beside plain loops: windows that overlap, touch or leave gaps, in one piece and in many."""

import numpy as np
import pytest

from lamina.ops import pooling
from lamina.ops.room import Room
from lamina.ops.windows import Geometry

rng = np.random.default_rng(11)


def geometry(window, strides, padding="valid"):
    return Geometry(window, strides, (1,) * len(window), padding)


CASES = {  # and the shape of x
    "tiles": (geometry((2, 2), (2, 2)), (7, 6, 4, 3)),
    "tiles and a rest": (geometry((2, 2), (2, 2)), (5, 7, 5, 4)),
    "tiles, padded": (geometry((2, 2), (2, 2), "same"), (5, 7, 6, 2)),
    "other tiles": (geometry((3, 1), (3, 1)), (4, 7, 3, 2)),
    "overlapping": (geometry((3, 3), (2, 2)), (5, 7, 8, 3)),
    "overlapping, padded": (geometry((3, 2), (1, 1), "same"), (4, 5, 4, 3)),
    "gaps": (geometry((2, 2), (3, 4)), (3, 8, 9, 2)),
    "one place": (geometry((1, 1), (2, 1)), (3, 5, 4, 2)),
    "steps": (geometry((3,), (3,)), (6, 11, 5)),
    "volume": (geometry((2, 2, 2), (2, 2, 2), "same"), (2, 3, 4, 5, 2)),
    "one sample": (geometry((2, 2), (2, 2)), (1, 4, 6, 1)),
}


def by_loops(x, dy, geometry):
    """The largest and the mean of each window, and dx of both; the first of equal places takes dy."""
    space = x.shape[1:-1]
    before, counts = geometry.before(space), geometry.counts(space)
    top, mean = np.zeros((2, len(x), *counts, x.shape[-1]))
    d_top, d_mean = np.zeros((2, *x.shape))
    for at in np.ndindex(top.shape):
        sample, *count, channel = at
        starts = [i * s - a for i, s, a in zip(count, geometry.strides, before, strict=True)]
        here = [
            (sample, *place, channel)
            for offset in np.ndindex(geometry.window)
            for place in [[a + j for a, j in zip(starts, offset, strict=True)]]
            if all(0 <= i < n for i, n in zip(place, space, strict=True))
        ]
        values = [x[place] for place in here]
        top[at], mean[at] = max(values), sum(values) / len(values)
        d_top[here[values.index(max(values))]] += dy[at]
        for place in here:
            d_mean[place] += dy[at] / len(here)
    return top, mean, d_top, d_mean


@pytest.mark.parametrize("piece", [2**20, 500])  # bytes: all at once, and a sample or two
@pytest.mark.parametrize("name", CASES)
def test_equals_plain_loops(name, piece, monkeypatch):
    monkeypatch.setattr(pooling, "PIECE", piece)
    geometry, shape = CASES[name]
    x = rng.integers(-2, 3, size=shape).astype(float)  # many of them equal
    dy = rng.normal(size=(len(x), *geometry.counts(shape[1:-1]), shape[-1]))
    top, mean, d_top, d_mean = by_loops(x, dy, geometry)
    room = Room()
    for _ in range(2):  # the second time in room that was used
        y = pooling.largest(x, geometry, room)
        np.testing.assert_array_equal(y, top)
        np.testing.assert_allclose(
            pooling.largest_gradient(dy.copy(), x, y, geometry, room), d_top, rtol=1e-12, atol=1e-12
        )
        np.testing.assert_allclose(pooling.mean(x, geometry, room), mean, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(pooling.mean_gradient(dy.copy(), shape, geometry, room), d_mean, rtol=1e-12)
