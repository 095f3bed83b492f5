"""TimeDistributed: a layer at each step, with masks, with layers that carry something along, within and around others."""

import numpy as np
import pytest

from lamina import Input, Sequential, layers
from lamina.errors import ArgumentError, ShapeError, StateError
from lamina.layers.calls import within
from lamina.testing import check_layer

MASK = np.array([[1, 1, 0], [0, 0, 0], [0, 1, 1]], bool)


@pytest.fixture
def x():
    return np.random.default_rng(5).normal(size=(3, 3, 4))


@pytest.mark.parametrize(
    ("inner", "shape"),
    [
        (lambda: layers.Dense(2, activation="tanh"), (3, 3, 4)),
        (layers.Flatten, (2, 3, 2, 2)),
        (lambda: layers.Conv2D(2, 2, padding="same"), (2, 2, 3, 3, 2)),
        (lambda: layers.LSTM(2), (2, 2, 3, 2)),
        (lambda: layers.LSTM(2, return_sequences=True), (2, 2, 3, 2)),
        (lambda: layers.Bidirectional(layers.GRU(2)), (2, 2, 3, 2)),
        (lambda: layers.TimeDistributed(layers.Dense(2)), (2, 2, 3, 2)),
        (lambda: layers.LayerNormalization(), (2, 3, 4)),
        (lambda: Sequential([Input((4,)), layers.Dense(3, activation="tanh"), layers.Dense(2)]), (2, 3, 4)),
        (lambda: layers.Dropout(0.5, seed=1), (2, 3, 4)),
    ],
)
def test_gradients(inner, shape):
    x = np.random.default_rng(0).normal(size=shape)
    check_layer(layers.TimeDistributed(inner()), x, training=True)
    check_layer(
        layers.TimeDistributed(inner()), x[:1, :1], training=True, zero_gradients=("recurrent_kernel", "bias", "x")
    )


def test_is_the_layer_at_each_step(x):
    layer = layers.TimeDistributed(layers.Dense(2, activation="tanh"))
    y = layer(x)
    for t in range(3):
        np.testing.assert_allclose(y[:, t], layer.layer(x[:, t]), rtol=1e-6)
    assert layer.compute_output_shape((None, None, 4)) == (None, None, 2)


def test_a_layer_that_carries_statistics_sees_step_after_step():
    """As in Keras: a moving mean is moved once a step; with gradients through each step's own mean."""
    x = np.random.default_rng(0).normal(size=(5, 3, 2))
    layer, alone = (
        layers.TimeDistributed(layers.BatchNormalization(momentum=0.7)),
        layers.BatchNormalization(momentum=0.7),
    )
    y = layer(x, training=True)
    for t in range(3):
        np.testing.assert_allclose(y[:, t], alone(x[:, t], training=True), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(layer.get_weights()[2], alone.get_weights()[2], rtol=1e-6)
    check_layer(layers.TimeDistributed(layers.BatchNormalization()), x, training=True)


@pytest.mark.parametrize("wrap", [lambda layer: layer, lambda layer: Sequential([Input((4, 2)), layer])])
def test_a_stateful_layer_within(wrap):
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 2))
    layer = layers.TimeDistributed(wrap(layers.LSTM(3, stateful=True)))
    y = layer(x)
    alone = layers.LSTM(3)
    alone(x[:, 0])
    alone.set_weights(layer.get_weights())
    np.testing.assert_allclose(y[:, -1], alone(x.reshape(2, 12, 2)), rtol=1e-5, atol=1e-7)
    assert np.abs(layer(x) - y).max() > 1e-4
    layer.reset_states()
    np.testing.assert_array_equal(layer(x), y)


def test_a_stateful_pair_within():
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 2))
    layer = layers.TimeDistributed(layers.Bidirectional(layers.GRU(3, stateful=True)))
    y = layer(x)
    layer.reset_states()
    for t in range(3):
        np.testing.assert_allclose(y[:, t], layer.layer(x[:, t]), rtol=1e-5, atol=1e-7)


def test_a_penalty_on_activities_looks_at_all_steps(x):
    model = Sequential(
        [Input((3, 4)), layers.TimeDistributed(layers.Dense(2, activity_regularizer="l2")), layers.Flatten()]
    )
    model.compile("sgd", "mse")
    y = model(x)
    loss = model.train_on_batch(x, y)
    assert loss == pytest.approx(0.01 * (y**2).sum() / len(x), rel=1e-5)


@pytest.mark.parametrize("own", [{"dtype": "float64"}, {}], ids=["of the layer within", "of the wrapper"])
def test_a_layer_of_another_float_type_within(x, own):
    """It gets x and dy in its own type, as in any chain."""
    other = {} if own else {"dtype": "float64"}
    layer = layers.TimeDistributed(layers.Dense(2, **own), **other)
    dense = layers.Dense(2)
    model, alone = (Sequential([Input((3, 4)), one, layers.Flatten()]) for one in (layer, dense))
    alone.set_weights(model.get_weights())
    for one in (model, alone):
        one.compile("sgd", "mse")
        one.fit(x, np.ones((3, 6)), epochs=2, verbose=0)
    assert layer(x).dtype == layer.layer.dtype
    for w, v in zip(model.get_weights(), alone.get_weights(), strict=True):
        np.testing.assert_allclose(w, v, rtol=1e-5)


def test_within_a_recurrent_model():
    """A sentence a step, a word a step within it; the layers before and after are recurrent, too."""
    x = np.random.default_rng(0).normal(size=(4, 3, 5, 2))
    model = Sequential([Input((3, 5, 2)), layers.TimeDistributed(layers.LSTM(3)), layers.GRU(2), layers.Dense(1)])
    model.compile("adam", "mse")
    losses = model.fit(x, np.ones((4, 1)), epochs=5, verbose=0).history["loss"]
    assert losses[-1] < losses[0]


class TestMasks:
    def test_goes_on_as_it_came(self, x):
        layer = layers.TimeDistributed(layers.Dense(2))
        layer(x, mask=MASK)
        np.testing.assert_array_equal(layer.compute_mask(x, MASK), MASK)
        assert layer.compute_mask(x, None) is None

    def test_of_the_layer_within(self):
        """A mask of words goes to the LSTM of each sentence; a sentence counts if any of its words does."""
        x = np.random.default_rng(0).normal(size=(2, 3, 4, 2))
        mask = np.random.default_rng(1).random((2, 3, 4)) < 0.5
        mask[0, 1] = False
        layer, alone = layers.TimeDistributed(layers.LSTM(3)), layers.LSTM(3)
        y = layer(x, mask=mask)
        alone(x[:, 0])
        alone.set_weights(layer.get_weights())
        for t in range(3):
            np.testing.assert_allclose(y[:, t], alone(x[:, t], mask=mask[:, t]), rtol=1e-5, atol=1e-7)
        np.testing.assert_array_equal(layer.compute_mask(x, mask), mask.any(axis=2))
        check_layer(layer, x, mask=mask)

    def test_of_a_layer_that_sees_step_after_step(self):
        x = np.random.default_rng(0).normal(size=(5, 3, 2))
        mask = np.random.default_rng(1).random((5, 3)) < 0.7
        layer, alone = layers.TimeDistributed(layers.BatchNormalization()), layers.BatchNormalization()
        y = layer(x, training=True, mask=mask)
        for t in range(3):
            np.testing.assert_allclose(y[:, t], alone(x[:, t], training=True, mask=mask[:, t]), rtol=1e-5, atol=1e-6)


class TestRefusals:
    @pytest.mark.parametrize("layer", [3, "dense", None, layers.Dense])
    def test_what_is_no_layer(self, layer):
        with pytest.raises(ArgumentError, match=r"TimeDistributed\(layer=...\): expected a layer, received"):
            layers.TimeDistributed(layer)

    def test_inputs(self, x):
        layer = layers.TimeDistributed(layers.Dense(2))
        with pytest.raises(
            ShapeError, match=r"layer 'time_distributed' \(TimeDistributed\): expected \(batch, any, any\)"
        ):
            layer(x[0])
        with pytest.raises(ShapeError, match=r"layer 'time_distributed'.*: mask: expected \(3, 3\), received \(3, 2\)"):
            layer(x, mask=MASK[:, :2])
        with pytest.raises(StateError, match="layer '.*dense'.*backward before forward|layer 'time_distributed'"):
            layers.TimeDistributed(layers.Dense(2)).backward(x)
        layer(x)
        with pytest.raises(
            ShapeError, match=r"layer 'time_distributed'.*: expected \(batch, any, 4\), received \(2, 3, 5\)"
        ):
            layer(np.ones((2, 3, 5)))
        images = layers.TimeDistributed(layers.Conv2D(2, 2))
        with pytest.raises(
            ShapeError, match=r"layer 'conv2d' \(Conv2D\): expected \(batch, any, any, any\), received \(batch, 3, 3\)"
        ):
            images(np.ones((2, 4, 3, 3)))


def test_the_walk_within_goes_all_the_way_down():
    dense = layers.Dense(2)
    inner = layers.TimeDistributed(dense)
    outer = layers.TimeDistributed(inner)
    assert within(outer) == [outer, inner, dense]
