"""Embedding: lookup, gradient by rows, ids that the table does not have, and its mask."""

import numpy as np
import pytest

from lamina import Input, Sequential, layers
from lamina.errors import DataError, OptionError, ShapeError
from lamina.testing import check_layer


def table(rows=4, width=3):
    return np.arange(rows * width, dtype="float32").reshape(rows, width)


@pytest.mark.parametrize("shape", [(2, 3), (4,), (2, 3, 2), (1, 1), (0, 3)])
@pytest.mark.parametrize("kind", ["int8", "int64", "uint16", "float32", "float64"])
def test_lookup(shape, kind):
    ids = np.random.default_rng(0).integers(0, 4, shape)
    y = layers.Embedding(4, 3, weights=table())(ids.astype(kind))
    np.testing.assert_array_equal(y, table()[ids])
    assert y.dtype == np.float32


def test_repeated_ids_add_up():
    layer = layers.Embedding(4, 3)
    ids = np.array([[1, 3, 1], [1, 1, 0]])
    y = layer(ids)
    g = np.random.default_rng(0).normal(size=y.shape).astype("float32")
    assert layer.backward(g.copy()) is None
    expected = np.zeros((4, 3))
    for place in np.ndindex(ids.shape):
        expected[ids[place]] += g[place]
    np.testing.assert_allclose(layer.weights[0].grad, expected, rtol=1e-5, atol=1e-6)
    assert not layer.weights[0].grad[2].any()
    layer(ids)
    layer.backward(g.copy())
    np.testing.assert_allclose(layer.weights[0].grad, 2 * expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "ids", [[[1, 1, 1, 1]], [[0, 1], [2, 3]], [[3]], np.random.default_rng(0).integers(0, 5, (20, 30))]
)
def test_gradients(ids):
    check_layer(layers.Embedding(5, 2, mask_zero=True), np.array(ids))


def test_many_ids_in_float32():
    """Sums of thousands of rows stay near those in float64."""
    ids = np.random.default_rng(0).integers(0, 3, (100, 200))
    g = np.random.default_rng(1).normal(size=(100, 200, 2)).astype("float32")
    layer = layers.Embedding(3, 2)
    layer(ids)
    layer.backward(g.copy())
    expected = np.stack([g[ids == k].sum(axis=0, dtype="float64") for k in range(3)])
    np.testing.assert_allclose(layer.weights[0].grad, expected, rtol=1e-3, atol=1e-2)


def test_rows_never_looked_up_stay_under_sgd():
    model = Sequential([Input((2,)), layers.Embedding(5, 3), layers.GlobalAveragePooling1D(), layers.Dense(1)])
    model.compile("sgd", "mse")
    before = model.get_weights()[0]
    model.fit([[1, 3], [3, 4]], [[1.0], [2.0]], epochs=3, verbose=0)
    changed = np.any(model.get_weights()[0] != before, axis=1)
    assert changed.tolist() == [False, True, False, True, True]


def test_an_order_in_memory_of_any_kind():
    ids = np.array([[0, 1, 2], [3, 2, 1]])
    layer = layers.Embedding(4, 3, weights=table())
    for same in (np.asfortranarray(ids), np.repeat(ids, 2, axis=1)[:, ::2], ids[::-1][::-1]):
        y = layer(same)
        np.testing.assert_array_equal(y, table()[ids])
        layer.weights[0].reset_grad()
        layer.backward(np.asfortranarray(np.ones_like(y)))
        np.testing.assert_array_equal(layer.weights[0].grad[:, 0], [1, 2, 2, 1])


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        ([[1, 2], [4, 0]], r"layer 'words' \(Embedding\): expected ids from 0 to 3, received 4 at row 1, step 0.*input_dim=5 or more"),
        ([[1, 2], [0, -1]], r"layer 'words' \(Embedding\): expected ids from 0 to 3, received -1 at row 1, step 1"),
        ([[1, 900], [4, 0]], r"received 900 at row 0, step 1.*input_dim=901 or more"),
        ([[1.0, 2.5]], r"expected whole numbers as ids, received 2.5 at row 0, step 1"),
        ([[1.0, np.nan]], r"expected whole numbers as ids, received nan at row 0, step 1"),
        ([[np.inf, 0.0]], r"expected whole numbers as ids, received inf at row 0, step 0"),
        ([[1e30, 0.0]], r"received 1e\+30 at row 0, step 0"),
        ([["a", "b"]], r"layer 'words' \(Embedding\): expected ids, received an array of <U1"),
        ([[[0, 9]]], r"received 9 at row 0, step 0, axis 2 1"),
        ([7], r"received 7 at row 0\."),
    ],
)  # fmt: skip
def test_ids_that_are_none(ids, said):
    with pytest.raises(DataError, match=f"(?s){said}"):
        layers.Embedding(4, 3, name="words")(np.array(ids))


def test_a_huge_unsigned_id():
    with pytest.raises(DataError, match="ids from 0 to 3, received 18446744073709551615 at row 0, step 1"):
        layers.Embedding(4, 3)(np.array([[0, 2**64 - 1]], "uint64"))


def test_ids_are_refused_in_a_model_too():
    model = Sequential([Input((2,)), layers.Embedding(4, 3), layers.Flatten(), layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(DataError, match="layer 'embedding'.*received 9 at row 1, step 0"):
        model.fit([[0, 1], [9, 2]], [[1.0], [2.0]], shuffle=False, verbose=0)


def test_mask():
    ids = np.array([[0, 1, 0], [2, 0, 3]])
    assert layers.Embedding(4, 3, mask_zero=True).compute_mask(ids).tolist() == (ids != 0).tolist()
    assert layers.Embedding(4, 3).compute_mask(ids) is None


class TestRefusals:
    @pytest.mark.parametrize("name", ["input_dim", "output_dim", "input_length"])
    @pytest.mark.parametrize("value", [0, -3, 2.5, "4", True])
    def test_lengths(self, name, value):
        with pytest.raises(OptionError, match=rf"Embedding\({name}=...\): expected a whole number of 1 or more"):
            layers.Embedding(**({"input_dim": 4, "output_dim": 3} | {name: value}))

    def test_tables(self):
        with pytest.raises(
            ShapeError,
            match=r"Embedding\(weights=...\): expected \(input_dim, output_dim\) = \(4, 3\), received \(3, 4\)",
        ):
            layers.Embedding(4, 3, weights=np.ones((3, 4)))
        np.testing.assert_array_equal(layers.Embedding(4, 3, weights=[table()])([[1]])[0, 0], table()[1])

    def test_input_length_builds_the_model(self):
        model = Sequential([layers.Embedding(4, 3, input_length=5), layers.Flatten(), layers.Dense(1)])
        assert model.output_shape == (None, 1) and model.weights[1].shape == (15, 1)
