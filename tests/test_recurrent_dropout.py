"""Dropout within recurrent layers: drawn once a sequence, right on average, gone at inference."""

import numpy as np
import pytest

from lamina import layers
from lamina.errors import OptionError
from lamina.testing import check_layer

KINDS = {
    "SimpleRNN": layers.SimpleRNN,
    "LSTM": layers.LSTM,
    "GRU": layers.GRU,
    "GRU, reset before": lambda *args, **options: layers.GRU(*args, reset_after=False, **options),
}
COUNTING = {"activation": "linear", "use_bias": False}


def adder(units, **options):
    """A SimpleRNN that gives h' = x + h, but for what is left out."""
    return layers.SimpleRNN(
        units, kernel_initializer="identity", recurrent_initializer="identity", return_sequences=True,
        **COUNTING, **options,
    )  # fmt: skip


def test_the_same_features_are_left_out_at_all_steps():
    y = adder(50, dropout=0.5, seed=1)(np.ones((8, 4, 50)), training=True)
    per_step = np.diff(y, axis=1, prepend=0)  # what x brought at each step
    assert set(np.unique(per_step)) == {0.0, 2.0}
    assert (per_step == per_step[:, :1]).all()
    assert len(np.unique(per_step[:, 0], axis=0)) == 8  # drawn for each sample


def test_the_same_states_are_left_out_at_all_steps():
    x = np.zeros((8, 4, 50))
    x[:, 0] = 1
    y = adder(50, recurrent_dropout=0.5, seed=1)(x, training=True)
    kept = y[:, 1] > 0
    assert 0.4 < kept.mean() < 0.6
    for t in range(4):
        np.testing.assert_array_equal(y[:, t], 1 if t == 0 else np.where(kept, 2.0**t, 0))


def test_x_is_left_out_for_all_gates_alike_and_h_for_each_by_itself():
    """What each gate of an LSTM was fed can be read off the gradients of its weights."""
    layer = layers.LSTM(30, dropout=0.5, recurrent_dropout=0.5, bias_initializer="glorot_uniform", seed=1)
    x = np.random.default_rng(0).normal(size=(1, 3, 20))
    layer.backward(np.ones_like(layer(x, training=True)))
    kernel, recurrent = (np.split(weight.grad, 4, axis=1) for weight in layer.weights[:2])
    fed = [np.abs(part).sum(axis=1) > 0 for part in kernel]
    assert all((one == fed[0]).all() for one in fed) and 0 < fed[0].mean() < 1
    fed = [np.abs(part).sum(axis=1) > 0 for part in recurrent]
    assert len({tuple(one) for one in fed}) == 4


@pytest.mark.parametrize("option", ["dropout", "recurrent_dropout"])
def test_on_average_nothing_changes(option):
    """One unit, many samples; x comes at the first step, and what is kept of it is seen at the second."""
    ones = {"kernel_initializer": "ones", "recurrent_initializer": "ones"}
    layer = layers.SimpleRNN(1, seed=0, **ones, **COUNTING, **{option: 0.3})
    rows = np.zeros((20_000, 2, 1))
    rows[:, 0] = 1
    found = layer(rows, training=True)
    assert set(np.unique(found.round(5))) == {0, np.float32(1 / 0.7).round(5)}
    assert found.mean() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("kind", KINDS)
def test_none_at_inference(kind):
    x = np.random.default_rng(0).normal(size=(3, 4, 2))
    plain, layer = KINDS[kind](3), KINDS[kind](3, dropout=0.5, recurrent_dropout=0.5)
    layer.build((None, None, 2))
    plain.build((None, None, 2))
    plain.set_weights(layer.get_weights())
    np.testing.assert_array_equal(layer(x), plain(x))
    assert np.abs(layer(x, training=True) - plain(x)).max() > 1e-3
    layer.backward(np.ones((3, 3), "float32"))
    np.testing.assert_array_equal(layer(x), plain(x))


@pytest.mark.parametrize("kind", KINDS)
def test_drawn_anew_at_each_call_and_again_from_a_seed(kind):
    x = np.random.default_rng(0).normal(size=(3, 4, 2))
    layer, again = (KINDS[kind](8, dropout=0.5, recurrent_dropout=0.5, seed=3) for _ in range(2))
    for one in (layer, again):
        one.build((None, None, 2))
    again.set_weights(layer.get_weights())
    first, second = layer(x, training=True), layer(x, training=True)
    assert np.abs(first - second).max() > 1e-3
    np.testing.assert_array_equal(again(x, training=True), first)
    np.testing.assert_array_equal(again(x, training=True), second)


@pytest.mark.parametrize(
    "options",
    [{"dropout": 0.4}, {"recurrent_dropout": 0.4}, {"dropout": 0.4, "recurrent_dropout": 0.4, "use_bias": False}],
    ids=str,
)
@pytest.mark.parametrize("kind", KINDS)
def test_gradients(kind, options):
    x = np.random.default_rng(0).normal(size=(3, 3, 3))
    mask = np.array([[1, 1, 1], [1, 0, 1], [0, 0, 0]], bool)
    check_layer(KINDS[kind](3, seed=1, return_sequences=True, **options), x, training=True, mask=mask)
    check_layer(KINDS[kind](3, seed=1, activation="softsign", go_backwards=True, **options), x, training=True)


@pytest.mark.parametrize("kind", [layers.SimpleRNN, layers.LSTM, layers.GRU])
@pytest.mark.parametrize("option", ["dropout", "recurrent_dropout"])
@pytest.mark.parametrize("rate", [-0.1, 1.5, "much", float("nan")])
def test_rates(kind, option, rate):
    with pytest.raises(OptionError, match=rf"^{kind.__name__}\({option}=...\): expected .*received {rate!r}"):
        kind(2, **{option: rate})


def test_a_rate_of_1_leaves_out_everything():
    layer = layers.LSTM(3, dropout=1.0, recurrent_dropout=1.0)
    y = layer(np.ones((2, 3, 4)), training=True)
    np.testing.assert_array_equal(y, layer(np.zeros((2, 3, 4)), training=True))


def test_bidirectional_and_stacks_draw_for_each_layer():
    x = np.ones((2, 3, 40))
    inner = adder(40, dropout=0.5)
    y = layers.Bidirectional(inner, merge_mode=None)(x, training=True)
    assert (y[0][:, 0] != y[1][:, -1]).any()
