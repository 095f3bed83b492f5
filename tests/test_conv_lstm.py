"""The convolutional LSTMs: gradients, states, masks and dropout. What Keras computes is in `test_layer_references.py`."""

import numpy as np
import pytest

from lamina import Input, Sequential, layers, models
from lamina.errors import OptionError, ShapeError
from lamina.testing import check_layer

X = np.random.default_rng(0).normal(size=(2, 3, 5, 4, 2))  # (batch, steps, height, width, channels)
FIRST = np.moveaxis(X, -1, 2)  # channels first
MASK = np.array([[1, 0, 1], [0, 1, 0]], bool)
DROPOUT = {"dropout": 0.3, "recurrent_dropout": 0.4, "seed": 1, "bias_initializer": "ones"}

CASES = {
    "ConvLSTM1D": (layers.ConvLSTM1D(2, 2), X[:, :, 0]),
    "ConvLSTM2D": (layers.ConvLSTM2D(2, 3), X),
    "ConvLSTM3D": (layers.ConvLSTM3D(2, 2, return_sequences=True), X[:, :2, None, :3, :3].repeat(2, axis=2)),
    "all it gives": (
        layers.ConvLSTM2D(
            2, (2, 3), padding="same", strides=2, return_sequences=True, return_state=True, go_backwards=True
        ),
        X,
    ),
    "channels first": (
        layers.ConvLSTM2D(2, 2, padding="same", dilation_rate=2, use_bias=False, data_format="channels_first"),
        FIRST,
    ),
    "other activations": (
        layers.ConvLSTM2D(2, 2, activation="softmax", recurrent_activation="tanh", data_format="channels_first"),
        FIRST,
    ),
    "bidirectional": (layers.Bidirectional(layers.ConvLSTM1D(2, 2, return_sequences=True)), X[:, :, 0]),
    "bidirectional, channels first": (
        layers.Bidirectional(layers.ConvLSTM1D(2, 2, data_format="channels_first")),
        FIRST[:, :, :, 0],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_gradients_and_contract(name):
    check_layer(*CASES[name])


@pytest.mark.parametrize("options", [{}, {"data_format": "channels_first", "return_sequences": True}])
def test_gradients_with_dropout_and_a_mask(options):
    x = FIRST if options else X
    check_layer(layers.ConvLSTM2D(2, 2, **DROPOUT, **options), x, training=True, mask=MASK)


def test_with_kernels_of_one_place_it_is_an_lstm_at_each_place():
    conv, lstm = layers.ConvLSTM2D(3, 1, return_sequences=True), layers.LSTM(3, return_sequences=True)
    y = conv(X)
    at_places = X.transpose(0, 2, 3, 1, 4).reshape(-1, 3, 2)
    lstm(at_places)
    lstm.set_weights(
        [weight.reshape(mine.shape) for weight, mine in zip(conv.get_weights(), lstm.weights, strict=True)]
    )
    np.testing.assert_allclose(y.transpose(0, 2, 3, 1, 4).reshape(-1, 3, 3), lstm(at_places), rtol=1e-5, atol=1e-6)


def test_a_step_that_is_masked_might_as_well_not_be_there():
    layer = layers.ConvLSTM2D(2, 2)
    y = layer(X, mask=MASK)
    np.testing.assert_allclose(y[:1], layer(X[:1, [0, 2]]), rtol=1e-6)
    np.testing.assert_allclose(y[1:], layer(X[1:, [1]]), rtol=1e-6)
    zeros = layers.ConvLSTM2D(2, 2, return_sequences=True, zero_output_for_mask=True)(X, mask=MASK)
    assert (np.abs(zeros).sum(axis=(2, 3, 4)) > 0).tolist() == MASK.tolist()


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_states_that_are_given_and_kept_go_on(data_format):
    x = X if data_format == "channels_last" else FIRST
    layer = layers.ConvLSTM2D(2, 2, return_state=True, data_format=data_format)
    whole, _, _ = layer(x)
    _, *states = layer(x[:, :2])
    np.testing.assert_allclose(layer(x[:, 2:], initial_state=states)[0], whole, rtol=1e-6)

    keeps = layers.ConvLSTM2D(2, 2, stateful=True, data_format=data_format)
    keeps(x)
    keeps.reset_states()
    keeps.set_weights(layer.get_weights())
    keeps(x[:, :2])
    np.testing.assert_allclose(keeps(x[:, 2:]), whole, rtol=1e-6)


def test_what_is_left_out_is_drawn_once_a_sequence_and_for_each_gate():
    """What each gate was fed can be read off the gradients of its weights, where windows have one place."""
    layer = layers.ConvLSTM1D(30, 1, dropout=0.5, recurrent_dropout=0.5, bias_initializer="glorot_uniform", seed=1)
    x = np.random.default_rng(0).normal(size=(1, 3, 1, 20))
    layer.backward(np.ones_like(layer(x, training=True)))
    for weight in layer.weights[:2]:
        fed = [tuple(np.abs(part).sum(axis=-1).ravel() > 0) for part in np.split(weight.grad, 4, axis=-1)]
        assert len(set(fed)) == 4 and all(0.2 < np.mean(one) < 0.8 for one in fed)


def test_a_model_of_it_is_trained_saved_and_loaded(tmp_path):
    x = np.random.default_rng(1).normal(size=(12, 3, 6, 6, 1)).astype("float32")
    model = Sequential([Input((3, 6, 6, 1)), layers.ConvLSTM2D(4, 3, padding="same"), layers.GlobalMaxPooling2D()])
    model.compile("adam", "mse")
    losses = model.fit(x, x[:, -1, :4, 0, 0], epochs=8, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    model.save(tmp_path / "m.lamina")
    again = models.load_model(tmp_path / "m.lamina")
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
    assert [w.path for w in again.weights] == [w.path for w in model.weights]


def test_refusals():
    with pytest.raises(ShapeError, match="no window fits"):
        layers.ConvLSTM2D(2, 5)(X)
    with pytest.raises(ShapeError, match="sizes that are known"):
        Sequential([Input((3, None, 6, 1)), layers.ConvLSTM2D(4, 3)])
    with pytest.raises(OptionError, match=r"ConvLSTM2D\(filters="):
        layers.ConvLSTM2D(0, 5)
    with pytest.raises(OptionError, match="both above 1"):
        layers.ConvLSTM2D(2, 3, strides=2, dilation_rate=2)
    layer = layers.ConvLSTM2D(2, 2)
    layer(X)
    with pytest.raises(ShapeError, match="5"):
        layer(X[:, :, :4])
