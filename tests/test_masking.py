"""Masking: what is marked, what becomes of a mask in each layer, and that a dropped mask is said."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from cases_masks import CASES, MASK, draw
from record_layers import make

import lamina
from lamina import Input, Sequential, layers
from lamina.errors import ArgumentError, ShapeError
from lamina.layers.base import registry
from lamina.testing import check_layer

RECORDED = json.loads((Path(__file__).parent / "references" / "masks.json").read_text())


def test_layer():
    x = np.random.default_rng(0).normal(size=(3, 4, 2))
    check_layer(layers.Masking(), x)
    x[0, 2:] = x[1] = 5
    layer = layers.Masking(mask_value=5)
    mask = layer.compute_mask(x)
    assert mask.tolist() == [[True, True, False, False], [False] * 4, [True] * 4]
    y = layer(x)
    np.testing.assert_array_equal(y[mask], x[mask].astype("float32"))
    assert not y[~mask].any()
    dx = layer.backward(np.ones_like(y))
    assert (dx[mask] == 1).all() and not dx[~mask].any()


def test_a_dropped_mask_is_said_once():
    model = Sequential([Input((4, 2)), layers.Masking(), layers.Flatten(name="flat")])
    with pytest.warns(UserWarning, match=r"layer 'flat' \(Flatten\) drops the mask that came to it"):
        model(np.ones((2, 4, 2)))
    model(np.ones((2, 4, 2)))


class Marks(layers.Layer):
    """Gives x on as it is, with the table's mask."""

    casts_input = False
    makes_mask = True

    def forward(self, x, training=False):
        self.saved = True
        return x

    def backward(self, dy):
        return dy

    def compute_mask(self, x, mask):
        return np.array(MASK, bool)

    def compute_output_shape(self, input_shape):
        return input_shape


class Sees(Marks):
    """Keeps the mask that came to it."""

    makes_mask, uses_mask = False, True
    seen = "nothing"

    def forward(self, x, training=False, mask=None):
        self.seen = mask
        return super().forward(x)

    def compute_mask(self, x, mask):
        return mask


@pytest.mark.parametrize("name", CASES)
def test_a_mask_goes_through_each_layer_as_in_keras(name):
    described, shape = CASES[name]
    x, recorded, end = draw(shape), RECORDED[name], Sees()
    model = Sequential([Input(tuple(shape[1:]), dtype=x.dtype.name), Marks(), make(lamina, described), end])
    if recorded["warns"]:
        with pytest.warns(UserWarning, match=rf"layer '.*' \({described[0]}\) drops the mask that came to it"):
            model(x)
    else:
        model(x)  # a warning would be an error
    if recorded["mask"] is None:
        assert end.seen is None
    else:
        np.testing.assert_array_equal(end.seen, np.array(recorded["mask"], bool))
    layer = model.layers[-2]
    assert (layer.supports_masking or layer.uses_mask) == recorded["supports"]


def test_each_layer_is_in_the_table():
    found = {registry.find(name).__name__ for name in registry.names()}
    cells = {"SimpleRNNCell", "LSTMCell", "GRUCell", "StackedRNNCells"}
    before_masks = {
        "CategoryEncoding",
        "Discretization",
        "HashedCrossing",
        "Hashing",
        "IntegerLookup",
        "StringLookup",
        "TextVectorization",
    }
    passes_on = {"SpectralNormalization"}  # Keras says that it drops the mask, and hands it on
    images = {
        "CenterCrop",
        "RandomBrightness",
        "RandomContrast",
        "RandomCrop",
        "RandomErasing",
        "RandomFlip",
        "RandomGrayscale",
        "RandomHue",
        "RandomInvert",
        "RandomRotation",
        "RandomSaturation",
        "RandomShear",
        "RandomTranslation",
        "RandomZoom",
        "Resizing",
    }
    several_inputs = {"Attention", "AdditiveAttention"}  # Keras's take a list: see test_attention.py
    assert found - {
        described[0] for described, _ in CASES.values()
    } - cells - before_masks - images - passes_on - several_inputs == {
        "InputLayer",
        "Sequential",
    }
    assert set(RECORDED) - {"keras_version"} == set(CASES)


def test_a_mask_goes_through_a_model_within_a_model():
    end = Sees()
    inner = Sequential([layers.Dense(3), layers.LSTM(2, return_sequences=True)])
    Sequential([Input((4, 4)), Marks(), inner, end])(np.ones((4, 4, 4)))
    np.testing.assert_array_equal(end.seen, np.array(MASK, bool))


def test_masked_steps_have_no_effect():
    """Whatever stands at masked steps, y, the loss, its gradients and the metrics are the same."""
    rng = np.random.default_rng(0)
    mask = np.array(MASK, bool)
    x, y = rng.normal(size=(4, 4, 3)), rng.normal(size=(4, 4, 1))
    x[~mask] = 0
    other = y.copy()
    other[~mask] = 50
    weights, results = None, []
    for target in (y, other):
        model = Sequential(
            [Input((4, 3)), layers.Masking(), layers.LSTM(4, return_sequences=True), layers.Dense(2), layers.Dense(1)]
        )
        weights = weights or model.get_weights()
        model.set_weights(weights)
        model.compile("sgd", "mse", metrics=["mae"], weighted_metrics=["mse"])
        results.append([*model.train_on_batch(x, target), *model.get_weights()])
    for found, expected in zip(*results, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_loss_over_nothing_but_masked_steps():
    model = Sequential([Input((4, 2)), layers.Masking(), layers.LSTM(3, return_sequences=True), layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    before = model.get_weights()
    assert model.train_on_batch(np.zeros((2, 4, 2)), np.ones((2, 4, 1))) == [0, 0]
    for weight, kept in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, kept)


def test_the_mean_of_steps_refuses_a_mask_that_does_not_fit():
    layer = layers.GlobalAveragePooling1D()
    for wrong in (np.ones((2, 3), bool), np.ones((2, 1), bool), np.ones(2, bool)):
        with pytest.raises(ShapeError, match=r"layer 'global_average_pooling1d' .*: mask: expected \(2, 6\)"):
            layer(np.ones((2, 6, 4)), mask=wrong)


SOFTMAX_MASKS = [
    [[True, True, False], [False, True, False]],
    [[0.9, 0.4, 1.0]],
    [True, False, True],
    [[True], [False]],  # a row with nothing that counts
]


@pytest.mark.parametrize("mask", SOFTMAX_MASKS)
def test_softmax_leaves_out_what_a_mask_hides(mask):
    x = np.random.default_rng(1).normal(size=(2, 3))
    check_layer(layers.Softmax(), x, mask=np.array(mask))
    kept = np.broadcast_to(np.array(mask) > 0.5, x.shape)
    x[~kept] = np.nan  # what is hidden may be anything
    y = layers.Softmax()(x, mask=mask)
    for row, counts, found in zip(x, kept, y, strict=True):
        e = np.exp(row[counts])
        np.testing.assert_allclose(found[counts], e / e.sum(), rtol=1e-6)
        assert not found[~counts].any()


def test_softmax_hides_numbers_as_keras_does():
    """It puts -1e9 (in float16 -3e4) there, and 0 into y."""
    x, mask = [[-2e9, 1.0], [1.0, -3e9], [-1e9, 1.0]], np.array([[1, 0], [1, 0], [1, 0]], bool)
    np.testing.assert_array_equal(layers.Softmax()(x, mask=mask), [[0, 0], [1, 0], [0.5, 0]])
    x = np.array([[-6e4, 1.0], [1.0, 6e4], [-3e4, 1.0]], "float16")
    np.testing.assert_array_equal(layers.Softmax(dtype="float16")(x, mask=mask), [[0, 0], [1, 0], [0.5, 0]])


def test_softmax_over_several_axes_under_a_mask():
    x = np.random.default_rng(2).normal(size=(2, 3, 4))
    mask = np.array([[True, False, True, True]])
    check_layer(layers.Softmax(axis=[1, 2]), x, mask=mask)
    np.testing.assert_allclose(layers.Softmax(axis=[1, 2])(x, mask=mask).sum(axis=(1, 2)), 1, rtol=1e-6)


@pytest.mark.parametrize("shape", [(2,), (3, 3), (2, 3, 1), (1, 2, 3)])
def test_softmax_refuses_a_mask_that_does_not_broadcast(shape):
    layer = layers.Softmax()
    said = (
        rf"layer 'softmax' \(Softmax\): mask: expected what broadcasts to x, \(2, 3\), received {re.escape(str(shape))}"
    )
    with pytest.raises(ShapeError, match=said):
        layer(np.ones((2, 3)), mask=np.ones(shape, bool))
    model = Sequential([Input((3, 2)), layers.Masking(), layers.Softmax()])
    with pytest.raises(ShapeError, match="mask: expected what broadcasts to x"):
        model(np.ones((2, 3, 2)))


def test_a_softmax_under_a_mask_that_is_joined_with_its_loss():
    """dz is that of log(Σ exp) over what counts; a label that is hidden moves nothing, as its probability is constant."""
    layer, loss = layers.Softmax(), lamina.losses.CategoricalCrossentropy(reduction="sum")
    x, mask = np.random.default_rng(3).normal(size=(2, 3)).astype("float32"), np.array([True, True, False])
    labels = np.array([[0, 1, 0], [0.25, 0.25, 0.5]], "float32")

    def dx(joined):
        loss.forward(labels, layer(x, mask=mask))
        return layer.backward(loss.backward(joined))

    joined, apart = dx(True), dx(False)
    np.testing.assert_allclose(joined, apart, atol=1e-6)
    assert joined[:, :2].all() and not joined[:, 2].any()


@pytest.mark.parametrize("layer", [layers.Dense(2), layers.Conv1D(2, 1), layers.GlobalMaxPooling1D()], ids=repr)
def test_a_layer_that_looks_at_no_mask_refuses_one(layer):
    with pytest.raises(ArgumentError, match="mask: expected none, received a ndarray.\nLikely mend: leave it out"):
        layer(np.ones((2, 3, 4)), mask=np.ones((2, 3), bool))


@pytest.mark.parametrize("value", [np.float64(0.1), [0.1, 0.1], np.array([0.1, 0.1])])
def test_a_mask_value_is_compared_in_the_type_of_x(value):
    x = np.array([[[0.1, 0.1], [0.1, 0.2]]], "float32")
    assert layers.Masking(value).compute_mask(x).tolist() == [[False, True]]
