"""Products in tiles: the same as in one, whatever the shapes; and only where the BLAS has the way that they are for."""

import numpy as np
import pytest

from lamina import layers
from lamina.ops import tiles
from lamina.ops.room import Room
from lamina.ops.small_products import SMALL
from lamina.utils import threads
from lamina.utils.threads import blas_has_small_kernel, blas_threads


@pytest.fixture
def small_kernel(monkeypatch):
    monkeypatch.setattr(tiles, "blas_has_small_kernel", lambda: True)


def matrix(rng, rows, columns, transposed):
    return (
        rng.standard_normal((columns, rows), "float32").T
        if transposed
        else rng.standard_normal((rows, columns), "float32")
    )


SHAPES = [
    (64, 784, 512),
    (784, 64, 512),
    (61, 300, 77),
    (300, 61, 130),
    (257, 160, 512),
    (16, 256, 1000),
    (9, 250, 999),
]


@pytest.mark.parametrize("into", [False, True])
@pytest.mark.parametrize("transposed", ["neither", "a", "b", "both"])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_as_one_product(small_kernel, shape, transposed, into):
    rows, terms, columns = shape
    rng = np.random.default_rng(0)
    a = matrix(rng, rows, terms, transposed in ("a", "both"))
    b = matrix(rng, terms, columns, transposed in ("b", "both"))
    out = np.full((rows, columns), np.nan, "float32") if into else None
    z = tiles.multiply(a, b, out=out)
    assert out is None or z is out
    np.testing.assert_allclose(z, a.astype("float64") @ b.astype("float64"), atol=1e-3)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_tile_is_small_enough(shape):
    rows, terms, columns = shape
    a, b = np.zeros((rows, terms), "float32"), np.zeros((terms, columns), "float32")
    for left, right in ((a, b), (np.asfortranarray(a), b), (a, np.asfortranarray(b))):
        high, wide = tiles.tile(left, right)
        assert high * wide * terms <= SMALL
        assert (high, wide) <= (rows, columns)


def test_many_rows_are_summed_over_in_tiles_if_all_lies_in_the_cache():
    def of(rows, features, units):
        x, dz = np.zeros((rows, features), "float32"), np.zeros((rows, units), "float32")
        return tiles.tile(x.T, dz)

    assert all(of(*shape) != (0, 0) for shape in ((256, 1024, 1024), (320, 97, 256), (500, 97, 256)))
    assert all(of(*shape) == (0, 0) for shape in ((257, 1024, 1024), (512, 784, 512), (2000, 20, 70)))


@pytest.mark.parametrize("dtype", ["float64", "float16"])
def test_other_types_go_in_one(dtype):
    a, b = np.zeros((512, 64), dtype), np.zeros((64, 512), dtype)
    assert tiles.tile(np.asfortranarray(a), b) == (0, 0)
    assert tiles.multiply(np.asfortranarray(a), b).dtype == dtype


def test_only_a_blas_with_one_thread_and_the_kernel(monkeypatch):
    assert not blas_has_small_kernel()
    for kernel in (True, False):
        monkeypatch.setattr(threads._blas, "small_kernel", kernel)
        with blas_threads(1):
            assert blas_has_small_kernel() == kernel
        assert not blas_has_small_kernel()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_large_result_lies_in_memory_that_is_used_again(dtype):
    rng, room = np.random.default_rng(0), Room()
    a, b = rng.standard_normal((300, 20)).astype(dtype), rng.standard_normal((20, 400)).astype(dtype)
    z = tiles.multiply(a, b, room=room)
    place = z.ctypes.data
    np.testing.assert_array_equal(z, np.dot(a, b))
    assert z.dtype == dtype and tiles.multiply(a, b, room=room).ctypes.data != place  # z is held
    del z
    assert tiles.multiply(a, b, room=room).ctypes.data == place
    assert len(room._blocks) == 2 and tiles.multiply(a[:10], b, room=room) is not None and len(room._blocks) == 2


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rows", [0, 1, 16, 30, 160])
@pytest.mark.parametrize(
    ("terms", "columns", "blocks"), [(512, 128, 2), (800, 200, 4), (508, 127, 1), (2048, 512, 1), (3, 5, 1)]
)
def test_blocks_give_the_same_as_one_product(small_kernel, rows, terms, columns, blocks, dtype):
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((rows, terms + 7)).astype(dtype)[:, 3:-4], rng.standard_normal((terms, columns))
    made, out = tiles.Blocks(b.astype(dtype)), np.full((rows, columns), np.nan, dtype)
    assert made.blocks.shape == ((blocks, terms, columns // blocks) if dtype == "float32" else (1, terms, columns))
    assert made.multiply(a, out=out) is out
    np.testing.assert_allclose(out, a.astype("float64") @ b, atol=1e-3)


@pytest.mark.parametrize("steps", [(), (2,)], ids=["a step", "steps"])
@pytest.mark.parametrize("rows", [0, 1, 16, 30, 64])
@pytest.mark.parametrize(("terms", "columns", "blocks"), [(40, 24, 1), (128, 128, 1), (400, 256, 2)])
def test_blocks_of_gates(small_kernel, rows, steps, terms, columns, blocks):
    rng = np.random.default_rng(0)
    a = rng.standard_normal((*steps, rows, terms + 7), "float32")[..., 3:-4]
    b = rng.standard_normal((3, terms, columns), "float32")
    made, out = tiles.Blocks(b), np.full((*steps, 3, rows, columns), np.nan, "float32")
    assert made.blocks.shape == (3, blocks, terms, columns // blocks)
    assert made.is_one_for(rows) == (blocks == 1 and rows * b[0].size <= SMALL)
    assert made.multiply(a, out=out) is out
    np.testing.assert_allclose(out, a[..., None, :, :].astype("float64") @ b, atol=1e-3)


def test_blocks_are_small_enough_for_a_slice(small_kernel):
    for terms, columns in ((512, 128), (1024, 256), (400, 192), (800, 200), (1200, 300), (508, 127), (3000, 64)):
        blocks = tiles.Blocks(np.zeros((terms, columns), "float32"))
        assert blocks.high * blocks.blocks[0].size <= SMALL  # 0 where none is
        assert bool(blocks.high) == ((terms, columns) not in ((508, 127), (3000, 64)))


def test_one_block_where_the_blas_has_no_way_for_small_ones():
    blocks = tiles.Blocks(np.zeros((2048, 512), "float32"))
    assert (len(blocks.blocks), blocks.high) == (1, 0)


def test_a_layer_wider_than_a_tile(small_kernel):
    """The gradients of Dense, by tiles and in one product."""
    rng = np.random.default_rng(0)
    x, dy = rng.standard_normal((40, 300), "float32"), rng.standard_normal((40, 520), "float32")
    layer = layers.Dense(520)
    layer(x)
    dx, dw = layer.backward(dy), layer.kernel.grad
    np.testing.assert_allclose(dx, dy @ layer.kernel.value.T, atol=1e-4)
    np.testing.assert_allclose(dw, x.T @ dy, atol=1e-4)
