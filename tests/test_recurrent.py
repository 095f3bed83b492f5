"""Recurrence, its wrappers and embeddings: gradients and contract over every option."""

import copy
from pathlib import Path

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, layers
from lamina.errors import DataError
from lamina.experiments import load
from lamina.testing import check_layer

rng = np.random.default_rng(2)
X = rng.normal(size=(3, 4, 2))
MASKS = {
    "none": None,
    "right": np.array([[1, 1, 1, 0], [1, 1, 0, 0], [1, 1, 1, 1]], bool),
    "left": np.array([[0, 1, 1, 1], [0, 0, 0, 1], [1, 1, 1, 1]], bool),
    "all of a row": np.array([[0, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 1]], bool),
}
LAYERS = {
    "simple": lambda **o: layers.SimpleRNN(3, **o),
    "lstm": lambda **o: layers.LSTM(3, **o),
    "gru": lambda **o: layers.GRU(3, **o),
    "gru before": lambda **o: layers.GRU(3, reset_after=False, **o),
}


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("sequences", [False, True])
@pytest.mark.parametrize("name", LAYERS)
def test_masks(name, sequences, mask):
    check_layer(LAYERS[name](return_sequences=sequences), X, mask=MASKS[mask])


@pytest.mark.parametrize(
    "options",
    [
        {"go_backwards": True},
        {"use_bias": False},
        {"activation": "sigmoid"},
        {"unroll": True, "return_sequences": True},
        {"dropout": 0.3, "recurrent_dropout": 0.3, "seed": 1},
        {"return_state": True},
        {"return_state": True, "return_sequences": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("name", LAYERS)
def test_options(name, options):
    check_layer(LAYERS[name](**options), X, training=True)


@pytest.mark.parametrize("name", LAYERS)
def test_zeros_at_masked_steps(name):
    for sequences in (False, True):
        layer = LAYERS[name](zero_output_for_mask=True, return_sequences=sequences)
        check_layer(layer, X, mask=MASKS["right"])
        y = layer(X, mask=MASKS["right"])
        assert not (y[~MASKS["right"]] if sequences else y[:2]).any() and y[2].all()
    assert layer.get_config()["zero_output_for_mask"] is True
    assert LAYERS[name]().get_config()["zero_output_for_mask"] is False


@pytest.mark.parametrize("name", LAYERS)
def test_one_step_and_one_sample(name):
    check_layer(LAYERS[name](), X[:, :1], zero_gradients=("recurrent_kernel",))
    check_layer(LAYERS[name](), X[:1])


def test_cells():
    for cell in (layers.SimpleRNNCell(2), layers.LSTMCell(2), layers.GRUCell(2)):
        check_layer(layers.RNN(cell, return_sequences=True), X)
    check_layer(layers.RNN(layers.StackedRNNCells([layers.LSTMCell(2), layers.GRUCell(3)])), X)


@pytest.mark.parametrize("mode", ["concat", "sum", "mul", "ave"])
def test_bidirectional(mode):
    check_layer(layers.Bidirectional(layers.LSTM(2, return_sequences=True), merge_mode=mode), X)


def test_time_distributed():
    check_layer(layers.TimeDistributed(layers.Dense(3, activation="tanh")), X)
    check_layer(layers.TimeDistributed(layers.Flatten()), rng.normal(size=(2, 3, 2, 2)))


def test_embedding():
    check_layer(layers.Embedding(6, 3), np.array([[1, 2, 0], [5, 2, 2]]))
    layer = layers.Embedding(6, 3, mask_zero=True)
    assert layer.compute_mask(np.array([[1, 0]]), None).tolist() == [[True, False]]
    with pytest.raises(DataError, match="7"):
        layer([[1, 7]])


def test_a_mask_reaches_the_loss_and_the_layers():
    model = Sequential([Input((4,)), layers.Embedding(5, 3, mask_zero=True), layers.LSTM(2)])
    long, short = np.array([[1, 2, 0, 0]]), np.array([[0, 0, 1, 2]])
    np.testing.assert_allclose(model(long), model(short), rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "metric", "least"), [("digits_gru", "accuracy", 0.95), ("reviews_lstm", "accuracy", 0.8175)]
)
def test_learns(name, metric, least):
    result = load(Path(lamina.__file__).parent / "configs" / f"{name}.yaml").run(verbose=0)
    assert result.validation[metric] >= least


@pytest.mark.slow
def test_the_forecast_beats_persistence():
    result = load(Path(lamina.__file__).parent / "configs" / "sunspots_lstm.yaml").run(verbose=0)
    assert result.baseline.how == "the last value again" and result.validation["mse"] < 0.6 * result.baseline.value


@pytest.mark.parametrize("kind", [layers.LSTM, layers.GRU, layers.SimpleRNN])
def test_a_copy_made_after_a_call_goes_backward_as_well(kind):
    layer = kind(3)
    dy = np.ones_like(layer(np.linspace(-1, 1, 24, dtype="float32").reshape(2, 4, 3)))
    other = copy.deepcopy(layer)
    assert np.array_equal(layer.backward(dy.copy()), other.backward(dy.copy()))
    assert np.array_equal(layer.cell.kernel.grad, other.cell.kernel.grad)
