"""The kernels of convolution beside plain loops: every path, in one piece and in many."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

import lamina
from lamina import layers
from lamina.ops import by_rows, columns, convolution, depthwise, small_products, winograd
from lamina.ops.room import Room
from lamina.ops.windows import Geometry
from lamina.testing import check_layer

rng = np.random.default_rng(7)

# window, strides, dilation, padding, groups; shape of x; filters
CASES = {
    "valid": (Geometry((3, 3), (1, 1), (1, 1), "valid"), (5, 7, 6, 4), 5),
    "same": (Geometry((3, 2), (1, 1), (1, 1), "same"), (4, 6, 5, 6), 3),
    "few channels": (Geometry((3, 3), (1, 1), (1, 1), "same"), (3, 6, 7, 1), 2),
    "more channels than filters": (Geometry((2, 3), (1, 1), (1, 1), "valid"), (3, 5, 5, 8), 3),
    "strides": (Geometry((3, 3), (2, 3), (1, 1), "same"), (3, 7, 8, 4), 4),
    "gaps between windows": (Geometry((2, 2), (3, 3), (1, 1), "valid"), (2, 8, 9, 4), 2),
    "strides, more channels": (Geometry((3, 3), (2, 2), (1, 1), "same"), (3, 6, 7, 8), 3),
    "strides of a long window": (Geometry((5, 2), (3, 1), (1, 1), "valid"), (2, 12, 6, 4), 3),
    "strides beyond x": (Geometry((2, 1), (5, 3), (1, 1), "same"), (2, 3, 2, 4), 3),
    "dilation": (Geometry((3, 2), (1, 1), (2, 3), "same"), (3, 7, 6, 4), 4),
    "dilation beyond x": (Geometry((2, 2), (1, 1), (4, 2), "same"), (2, 1, 5, 4), 3),
    "groups": (Geometry((3, 3), (1, 1), (1, 1), "same", 2), (3, 5, 6, 8), 4),
    "groups of few channels": (Geometry((3, 3), (2, 1), (1, 1), "valid", 3), (3, 7, 5, 6), 3),
    "groups of one channel": (Geometry((3, 2), (2, 1), (1, 1), "same", 4), (3, 5, 6, 4), 8),
    "causal": (Geometry((3,), (1,), (4,), "causal"), (3, 9, 4), 4),
    "causal strides": (Geometry((3,), (2,), (1,), "causal"), (3, 9, 4), 3),
    "pointwise": (Geometry((1, 1), (1, 1), (1, 1), "valid"), (4, 3, 5, 4), 6),
    "pointwise strides": (Geometry((1, 1), (2, 2), (1, 1), "same"), (2, 5, 6, 4), 3),
    "volume": (Geometry((2, 3, 2), (1, 2, 1), (1, 1, 1), "same"), (2, 3, 4, 3, 4), 2),
    "one sample": (Geometry((3, 3), (1, 1), (1, 1), "valid"), (1, 9, 4, 4), 4),
    "window as large as x": (Geometry((4, 5), (1, 1), (1, 1), "valid"), (3, 4, 5, 4), 2),
    "window larger than x": (Geometry((5,), (1,), (1,), "same"), (2, 2, 4), 3),
}
GROUPED = [name for name, (geometry, _, _) in CASES.items() if geometry.groups > 1]


def by_loops(x, w, b, dz, geometry):
    """z, dw, db, dx: one product for each window and each place of it."""
    space, counts = x.shape[1:-1], geometry.counts(x.shape[1:-1])
    pads, (channels, filters) = geometry.pads(space), w.shape[-2:]
    padded = np.pad(x, [(0, 0), *[(a, after + 99) for a, after in pads], (0, 0)])
    z, dw, dx = np.zeros((len(x), *counts, filters)) + b, np.zeros_like(w), np.zeros_like(padded)
    per_group = filters // geometry.groups
    for count, offset in itertools.product(np.ndindex(counts), np.ndindex(geometry.window)):
        at = tuple(i * s + j * d for i, s, j, d in zip(count, geometry.strides, offset, geometry.dilation, strict=True))
        for group in range(geometry.groups):
            here = (slice(None), *at, slice(group * channels, (group + 1) * channels))
            there = (slice(None), *count, slice(group * per_group, (group + 1) * per_group))
            part = (*offset, slice(None), there[-1])
            z[there] += padded[here] @ w[part]
            dw[part] += padded[here].T @ dz[there]
            dx[here] += dz[there] @ w[part].T
    inside = (slice(None), *(slice(a, a + n) for (a, _), n in zip(pads, space, strict=True)))
    return z, dw, dz.sum(axis=tuple(range(dz.ndim - 1))), dx[inside]


@pytest.mark.parametrize("piece", [2**20, 2500, 300])  # bytes: all at once, a few samples, a few rows of one
@pytest.mark.parametrize(
    ("name", "one"), [*((name, convolution.ONE) for name in CASES), *((name, 0) for name in GROUPED)]
)
def test_equals_plain_loops(name, one, piece, monkeypatch):
    monkeypatch.setattr(convolution, "ONE", one)  # with 0 groups stay groups
    monkeypatch.setattr(columns, "PIECE", piece)
    monkeypatch.setattr(convolution, "SHARES", piece)
    geometry, shape, filters = CASES[name]
    x, b = rng.normal(size=shape), rng.normal(size=filters)
    w = rng.normal(size=(*geometry.window, shape[-1] // geometry.groups, filters))
    dz = rng.normal(size=(len(x), *geometry.counts(shape[1:-1]), filters))
    z, dw, db, dx = by_loops(x, w, b, dz, geometry)
    room = Room()
    for _ in range(2):  # the second time in room that was used
        found = convolution.kernel_gradient(x, dz, w.shape, geometry, room)
        for actual, expected in (
            (convolution.convolve(x, w, b, geometry, room), z),
            (convolution.convolve(x, w, None, geometry, room), z - b),
            (found[0], dw),
            (found[1], db),
            (convolution.input_gradient(dz, w, shape, geometry, room), dx),
            (convolution.scattered(dz, w, shape, geometry, room), dx),
        ):
            np.testing.assert_allclose(actual, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("samples", [9, 2, 1])  # at a time
@pytest.mark.parametrize("name", [name for name, (g, _, _) in CASES.items() if len(g.window) > 1 and g.strides[0] == 1])
def test_by_rows_equals_plain_loops(name, samples, monkeypatch):
    geometry, shape, filters = CASES[name]
    x, b = rng.normal(size=shape), rng.normal(size=filters)
    counts = geometry.counts(shape[1:-1])
    w = rng.normal(size=(*geometry.window, shape[-1] // geometry.groups, filters))
    terms = np.prod(w.shape[1:-1]) * geometry.groups
    monkeypatch.setattr(columns, "PIECE", samples * shape[1] * np.prod(counts[1:]) * terms * x.itemsize)
    dz = rng.normal(size=(len(x), *counts, filters))
    z, dw, db, _ = by_loops(x, w, b, dz, geometry)
    for bias in (b, None):
        found = by_rows.convolve(x, w, bias, geometry, Room(), counts, geometry.before(shape[1:-1]))
        np.testing.assert_allclose(found, z if bias is not None else z - b, rtol=1e-12, atol=1e-12)
        found = by_rows.kernel_gradient(x, dz, w.shape, geometry, Room(), bias is not None)
        np.testing.assert_allclose(found[0], dw, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(found[1], db if bias is not None else [], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("channels", "filters", "size"), [(32, 64, 9), (64, 24, 9), (32, 64, 40), (3, 40, 30)])
def test_a_kernel_that_is_not_small(channels, filters, size, monkeypatch):
    """Large enough for slices, for the kernel by rows, and for an image that is not done at once."""
    monkeypatch.setattr(winograd, "TILES", np.inf)
    geometry = Geometry((3, 3), (1, 1), (1, 1), "same")
    x, b = rng.normal(size=(2, size, size, channels)), rng.normal(size=filters)
    w = rng.normal(size=(3, 3, channels, filters))
    dz = rng.normal(size=(2, size, size, filters))
    padded, dx = np.pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)]), np.zeros((2, size + 2, size + 2, channels))
    z, dw = np.zeros(dz.shape) + b, np.zeros_like(w)
    for i, j in itertools.product(range(3), range(3)):
        place = (slice(None), slice(i, i + size), slice(j, j + size))
        z += padded[place] @ w[i, j]
        dx[place] += dz @ w[i, j].T
        dw[i, j] = padded[place].reshape(-1, channels).T @ dz.reshape(-1, filters)
    room = Room()
    found = convolution.kernel_gradient(x, dz, w.shape, geometry, room)
    for actual, expected in (
        (convolution.convolve(x, w, b, geometry, room), z),
        (convolution.input_gradient(dz, w, x.shape, geometry, room), dx[:, 1:-1, 1:-1]),
        (found[0], dw),
        (found[1], dz.sum(axis=(0, 1, 2))),
    ):
        np.testing.assert_allclose(actual, expected, rtol=1e-11, atol=1e-11 * abs(expected).max())


def test_which_way_a_convolution_goes():
    square = Geometry((3, 3), (1, 1), (1, 1), "same")

    def goes_by_rows(size, channels, filters, geometry=square):
        x, w = np.empty((1, size, size, channels), "float32"), np.empty((3, 3, channels, filters), "float32")
        return by_rows.pays(x, w, geometry, geometry.counts((size, size)))

    assert goes_by_rows(16, 32, 64) and goes_by_rows(16, 64, 16)
    assert not goes_by_rows(16, 32, 32)  # the whole kernel is small enough
    assert not goes_by_rows(16, 128, 128)  # not even a row is
    assert not goes_by_rows(100, 32, 64)  # an image is too large to be done at once
    assert not goes_by_rows(16, 32, 64, Geometry((3, 3), (2, 2), (1, 1), "same"))


def test_which_way_a_kernels_gradient_goes():
    def goes_by_rows(size, channels, filters, strides=(1, 1)):
        geometry = Geometry((3, 3), strides, (1, 1), "same")
        x = np.empty((1, size, size, channels), "float32")
        return by_rows.pays_for_gradient(x, (3, 3, channels, filters), geometry, geometry.counts((size, size)))

    assert goes_by_rows(16, 32, 64) and goes_by_rows(16, 32, 32)
    assert not goes_by_rows(6, 32, 32)  # too few places of a sample for a slice
    assert not goes_by_rows(16, 3, 32)  # too few channels to copy along a row
    assert not goes_by_rows(16, 16, 64)  # what a row saves is what its sums cost
    assert not goes_by_rows(16, 128, 128)  # not even a row is small enough
    assert not goes_by_rows(100, 32, 64)  # an image is too large to be done at once
    assert not goes_by_rows(16, 32, 64, (2, 2))


SQUARE = Geometry((3, 3), (1, 1), (1, 1), "same")


@pytest.mark.parametrize("piece", [3 * 2**19, 2**15, 1])  # bytes: all at once, some tiles, a row of tiles of a sample
@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("shape", [(5, 7, 6, 4), (2, 5, 9, 1), (9, 8, 5, 3), (1, 12, 17, 2)])
@pytest.mark.parametrize("window", [(3, 3), (2, 2), (5, 5), (4, 3), (2, 5)])
def test_winograd_equals_plain_loops(window, shape, padding, piece, monkeypatch):
    monkeypatch.setattr(winograd, "PIECE", piece)
    geometry = replace(SQUARE, window=window, padding=padding)
    counts, before = geometry.counts(shape[1:-1]), geometry.before(shape[1:-1])
    x, w, b = rng.normal(size=shape), rng.normal(size=(*window, shape[-1], 5)), rng.normal(size=5)
    dz = rng.normal(size=(len(x), *counts, 5))
    z, dw, db, _ = by_loops(x, w, b, dz, geometry)
    room = Room()
    for bias in (b, None, b):
        found = winograd.convolve(x, w, bias, room, counts, before)
        np.testing.assert_allclose(found, z if bias is not None else z - b, rtol=1e-12, atol=1e-12)
        found = winograd.kernel_gradient(x, dz, window, room, before, bias is not None)
        np.testing.assert_allclose(found[0], dw, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(found[1], db if bias is not None else [], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("seed", range(60))
def test_winograd_equals_products_of_windows(seed, monkeypatch):
    """Sizes of all kinds, x in pieces of memory, fewer windows than fit and more, in both precisions."""
    random = np.random.default_rng(seed)
    monkeypatch.setattr(winograd, "PIECE", int(random.choice([2**12, 2**15, 2**17, 3 * 2**19])))
    monkeypatch.setattr(winograd, "SAMPLES", int(random.integers(1, 9)))
    samples, height, width, channels, filters = (int(n) for n in random.integers(1, [20, 22, 22, 40, 40]))
    before = [int(n) for n in random.integers(0, 3, size=2)]
    counts = [max(n - 2 + int(random.integers(-2, 4)), 1) for n in (height, width)]
    window = (3, 3) if seed % 3 else tuple(int(n) for n in random.integers(2, 6, size=2))
    dtype, tolerance = [("float32", 1e-5), ("float64", 1e-13)][seed % 2]
    order = random.permutation(4)
    x = random.normal(size=np.array([samples, height, width, channels])[order]).transpose(np.argsort(order))
    w, b = random.normal(size=(*window, channels, filters)), random.normal(size=filters)
    dz = random.normal(size=(samples, *counts, filters))
    pads = [(a, 30) for a in before]
    around = np.pad(x, [(0, 0), *pads, (0, 0)])[:, : counts[0] + window[0] - 1, : counts[1] + window[1] - 1]
    geometry = replace(SQUARE, window=window, padding="valid")
    monkeypatch.setattr(winograd, "TILES", np.inf)
    z = convolution.convolve(around, w, b, geometry, Room())
    dw, db = convolution.kernel_gradient(around, dz, w.shape, geometry, Room())
    x, w, b, dz = (array.astype(dtype) for array in (x, w, b, dz))
    kept = x.copy()
    room = Room()
    for actual, expected in (
        (winograd.convolve(x, w, b, room, counts, before), z),
        *zip(winograd.kernel_gradient(x, dz, window, room, before, bias=True), (dw, db), strict=True),
    ):
        assert actual.dtype == dtype
        np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance * abs(expected).max())
    np.testing.assert_array_equal(x, kept)


def test_which_convolutions_go_by_winograd():
    def goes(samples, size, channels, filters, geometry=SQUARE, dtype="float32"):
        x = np.empty((samples, size, size, channels), dtype)
        shape = (*geometry.window, channels // geometry.groups, filters)
        return winograd.pays(x, shape, geometry, geometry.counts((size, size)))

    assert goes(32, 16, 32, 64) and goes(16, 8, 32, 32) and goes(2, 32, 64, 32) and goes(32, 13, 32, 32)
    assert goes(32, 32, 16, 16) and goes(32, 16, 32, 32, dtype="float64")
    for window, fewest in {(5, 5): 11, (4, 4): 10, (2, 2): 28, (3, 2): 20}.items():
        other = replace(SQUARE, window=window)
        assert goes(32, 30, fewest, 32, other) and not goes(32, 30, fewest - 1, 32, other)
    assert not goes(1, 64, 32, 32)  # a row of a tile of one sample is short
    assert not goes(2, 16, 32, 64)  # few tiles
    assert not goes(32, 5, 64, 64) and not goes(32, 9, 32, 32)  # half of them lies beyond z
    assert not goes(32, 13, 16, 64) and not goes(32, 32, 8, 64) and not goes(32, 32, 64, 8)  # small products
    assert not goes(0, 16, 32, 32) and not goes(32, 16, 32, 32, dtype="float16")
    for change in ({"strides": (1, 2)}, {"dilation": (2, 2)}, {"groups": 2}, {"window": (3, 1)}):
        assert not goes(32, 16, 32, 64, replace(SQUARE, **change))


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_a_layer_whose_convolutions_go_by_winograd(padding, monkeypatch):
    seen = []
    for name in ("convolve", "kernel_gradient"):
        way = getattr(winograd, name)
        monkeypatch.setattr(winograd, name, lambda *args, way=way, **more: seen.append(way) or way(*args, **more))

    kernel = lamina.initializers.GlorotUniform(seed=1)

    def passes():
        layer = layers.Conv2D(24, 3, padding=padding, kernel_initializer=kernel)
        x = np.random.default_rng(2).normal(size=(18, 11, 14, 32)).astype("float32")
        y = layer(x)
        dx = layer.backward(np.random.default_rng(3).normal(size=y.shape).astype("float32"))
        return y, dx, layer.kernel.grad, layer.bias.grad

    by_tiles = passes()
    assert len(seen) == 3  # z, dw, dx
    with monkeypatch.context() as plain:
        plain.setattr(winograd, "TILES", np.inf)
        for found, expected in zip(by_tiles, passes(), strict=True):
            np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * abs(expected).max())
    assert len(seen) == 3
    for constant in ("TILES", "PRODUCTS", "FILLED", "CHANNELS"):
        monkeypatch.setattr(winograd, constant, 0)
    check_layer(layers.Conv2D(3, 3, padding=padding, activation="tanh"), rng.normal(size=(2, 6, 5, 2)))
    assert len(seen) > 6


@pytest.mark.parametrize("n", [0, 5, 96, 250, 1000])
def test_products_in_slices(n):
    a, b, dz = rng.normal(size=(2, n, 40)), rng.normal(size=(2, 40, 30)), rng.normal(size=(2, n, 30))
    out = np.full((n, 2, 30), np.nan).swapaxes(0, 1)
    small_products.product(a, b, out)
    np.testing.assert_allclose(out, a @ b, rtol=1e-12, atol=1e-12)
    total = np.empty((2, 40, 30))
    for parts in (1, 5) if n % 5 == 0 else (1,):
        total[...] = 1
        a_parts, dz_parts = (side.reshape(2, parts, n // parts, side.shape[-1]) for side in (a, dz))
        small_products.add_product_of_columns(total, a_parts, dz_parts, Room())
        np.testing.assert_allclose(total, 1 + a.swapaxes(1, 2) @ dz, rtol=1e-12, atol=1e-11)


@pytest.mark.parametrize("piece", [2**20, 500])  # bytes: all at once, one or two samples
@pytest.mark.parametrize("multiplier", [1, 3])
@pytest.mark.parametrize("name", [name for name, (geometry, _, _) in CASES.items() if geometry.groups == 1])
def test_depthwise_equals_as_many_groups(name, multiplier, piece, monkeypatch):
    monkeypatch.setattr(depthwise, "PIECE", piece)
    geometry, shape, _ = CASES[name]
    filters = shape[-1] * multiplier
    x, w = rng.normal(size=shape), rng.normal(size=(*geometry.window, shape[-1], multiplier))
    dz = rng.normal(size=(len(x), *geometry.counts(shape[1:-1]), filters))
    grouped = replace(geometry, groups=shape[-1])
    z, dw, _, dx = by_loops(x, w.reshape(*geometry.window, 1, filters), np.zeros(filters), dz, grouped)
    room = Room()
    for _ in range(2):  # the second time in room that was used
        np.testing.assert_allclose(depthwise.convolve(x, w, geometry, room), z, rtol=1e-12, atol=1e-12)
        found = depthwise.gradients(dz, x, w, geometry, room)
        np.testing.assert_allclose(found[0], dw.reshape(w.shape), rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(found[1], dx, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", ["valid", "same", "strides"])
def test_a_depthwise_convolution_of_no_samples(name):
    geometry, (_, *space, channels), _ = CASES[name]
    x, w = np.zeros((0, *space, channels)), np.ones((*geometry.window, channels, 2))
    for kernel in (w, w[..., :1]):
        z = depthwise.convolve(x, kernel, geometry, Room())
        assert z.shape == (0, *geometry.counts(space), channels * kernel.shape[-1])
        dw, dx = depthwise.gradients(z, x, kernel, geometry, Room())
        assert dx.shape == x.shape and dw.shape == kernel.shape and not dw.any()


def test_the_sums_of_a_depthwise_convolution_do_not_drift():
    x = (3 + 0.1 * rng.normal(size=(1, 60_000, 1, 8))).astype("float32")
    straight = Geometry((1, 1), (1, 1), (1, 1), "valid")
    dw, _ = depthwise.gradients(np.ones_like(x), x, np.ones((1, 1, 8, 1), "float32"), straight, Room())
    np.testing.assert_allclose(dw.reshape(-1), x.sum(axis=(0, 1, 2), dtype="float64"), rtol=3e-7)


def test_an_x_in_pieces_of_memory():
    geometry, shape, filters = CASES["same"]
    wide = rng.normal(size=(*shape[:-1], 2 * shape[-1]))
    w = rng.normal(size=(*geometry.window, shape[-1], filters))
    for x in (wide[..., ::2], np.asfortranarray(wide)[..., : shape[-1]]):
        one = convolution.convolve(np.ascontiguousarray(x), w, None, geometry, Room())
        np.testing.assert_array_equal(convolution.convolve(x, w, None, geometry, Room()), one)


def test_pieces_cover_every_window_once():
    for batch, rows, limit in itertools.product([1, 2, 7], [1, 5], [1, 3, 10, 11, 64]):
        seen = np.zeros((batch, rows), int)
        for places in columns.pieces(batch, (rows, 2), 1, limit):
            assert len({place[0].start for place in places}) == 1
            for place in places:
                seen[place] += 1
        assert (seen == 1).all()


def test_room_lets_go_of_arrays_that_are_gathered():
    room = Room()
    gathered = [room.empty((10,), "float32") for _ in range(100)]
    for number, array in enumerate(gathered):
        array[...] = number
    assert [array[0] for array in gathered] == list(range(100))
    assert len(room._blocks) < 40
    model = lamina.Sequential([lamina.Input((4, 4, 2)), lamina.layers.Conv2D(2, 3, padding="same")])
    x = rng.normal(size=(100, 4, 4, 2)).astype("float32")
    np.testing.assert_allclose(model.predict(x, batch_size=1), model.predict(x), rtol=1e-5, atol=1e-6)
    assert len(model.layers[0]._room._blocks) < 40
