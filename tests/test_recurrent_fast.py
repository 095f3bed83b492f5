"""The fast ways of a recurrence give what the plain ones give: the usual activations, parts, no dx."""

import numpy as np
import pytest

import lamina
from lamina import layers
from lamina.errors import StateError
from lamina.layers import gated_steps
from lamina.layers.states import passing
from lamina.ops.room import Room
from lamina.utils.short_axes import argmax, long_stretches

KINDS = ("LSTM", "GRU", "SimpleRNN")
rng = np.random.default_rng(0)
X = rng.normal(size=(5, 11, 3))
DY = rng.normal(size=(5, 11, 4))
MASK = rng.random((5, 11)) < 0.7


def made(kind, **options):
    lamina.utils.set_random_seed(1)
    layer = getattr(layers, kind)(4, return_sequences=True, dtype="float64", **options)
    layer(X)
    for weight in layer.weights:
        weight.assign(rng_of(weight).normal(size=weight.shape))
    return layer


def rng_of(weight):
    return np.random.default_rng(len(weight.path))


def passed(layer, mask=None, training=False):
    """y, dx, and the gradients of the weights and of the states before the first step."""
    y = layer(X, training=training, mask=mask)
    dx = layer.backward(DY.copy())
    return [y, dx, *layer.d_initial_state, *(weight.grad for weight in layer.weights)]


@pytest.mark.parametrize("mask", [None, MASK], ids=["no mask", "mask"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_usual_steps_are_the_equations(kind, mask):
    usual, plain = made(kind), made(kind)
    assert usual.cell.usual
    plain.cell.usual = False
    for found, expected in zip(passed(usual, mask), passed(plain, mask), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_other_activations_are_not_the_usual_ones(kind):
    assert not made(kind, activation="relu").cell.usual


def test_reset_before_is_not_the_usual_gru():
    assert not made("GRU", reset_after=False).cell.usual


@pytest.mark.parametrize("kind", KINDS)
def test_the_gradients_of_the_weights_alone(kind):
    layer, other = made(kind), made(kind)
    layer(X)
    assert layer.backward_weights(DY.copy()) is None
    expected = passed(other)[2:]
    for found, wanted in zip([*layer.d_initial_state, *(w.grad for w in layer.weights)], expected, strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_the_gradients_of_the_weights_alone_of_a_stack():
    cells = [layers.LSTMCell(3, dtype="float64"), layers.GRUCell(4, dtype="float64")]
    layer = layers.RNN(cells, return_sequences=True, dtype="float64")
    layer(X)
    layer.backward_weights(DY.copy())
    found = [weight.grad.copy() for weight in layer.weights]
    for weight in layer.weights:
        weight.reset_grad()
    for one, wanted in zip(found, passed(layer)[-len(found) :], strict=True):
        assert one.any()
        np.testing.assert_allclose(one, wanted, rtol=1e-12)


OPTIONS = [{}, {"dropout": 0.3, "recurrent_dropout": 0.3}, {"activation": "relu"}, {"go_backwards": True}]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_parts_change_no_number(kind, options, monkeypatch):
    def numbers(worth):
        monkeypatch.setattr(gated_steps, "WORTH", worth)
        return passed(made(kind, seed=3, **options), MASK, training=True)

    for whole, in_parts in zip(numbers(10**9), numbers(1), strict=True):
        np.testing.assert_allclose(in_parts, whole, rtol=1e-10, atol=1e-12)  # summed in another order


def test_parts_with_reset_before(monkeypatch):
    whole = passed(made("GRU", reset_after=False))
    monkeypatch.setattr(gated_steps, "WORTH", 1)
    for one, two in zip(whole, passed(made("GRU", reset_after=False)), strict=True):
        np.testing.assert_allclose(two, one, rtol=1e-10, atol=1e-12)


# -- memory
# -- where nobody goes back
class Sum(layers.Layer):
    """A cell of the user's own."""

    state_size = 3

    def forward(self, x, states, training=False):
        self.saved = x
        return states[0] + x, [states[0] + x]

    def backward(self, dy, d_states):
        d = dy + d_states[0]
        return d, [d]


CELLS = {
    "LSTM": lambda: layers.LSTMCell(4),
    "relu": lambda: layers.LSTMCell(4, activation="relu"),
    "GRU": lambda: layers.GRUCell(4),
    "reset before": lambda: layers.GRUCell(4, reset_after=False),
    "SimpleRNN": lambda: layers.SimpleRNNCell(4),
    "one's own": Sum,
    "a stack": lambda: [layers.GRUCell(4), Sum(), layers.LSTMCell(2)][::2],
}


@pytest.mark.parametrize("mask", [None, MASK], ids=["no mask", "mask"])
@pytest.mark.parametrize("sequences", [False, True])
@pytest.mark.parametrize("name", CELLS)
def test_a_pass_that_keeps_nothing_gives_the_same_numbers(name, sequences, mask, monkeypatch):
    monkeypatch.setattr(gated_steps, "CACHED", 256)
    layer = layers.RNN(CELLS[name](), return_sequences=sequences, return_state=True, go_backwards=sequences)
    expected = layer(X, mask=mask)
    with passing(False, keep=False):
        found = layer(X, mask=mask)
    for one, other in zip(found, expected, strict=True):
        assert np.array_equal(one, other)
    with pytest.raises(StateError, match="backward before forward"):
        layer.backward([np.ones_like(part) for part in found])


def test_a_pass_that_keeps_nothing_needs_less_memory():
    def taken(keep):
        layer = layers.LSTM(32)
        layer.build((None, 200, 8))
        with passing(False, keep):
            layer.forward(np.ones((16, 200, 8), "float32"))
        return sum(len(block) for block, _ in layer._room._blocks)

    assert taken(keep=False) < taken(keep=True) / 4


def test_room_gives_the_smallest_block_that_is_free():
    room = Room()
    large, small = room.empty((1000,), "float64"), room.empty((10,), "float64")
    places = large.ctypes.data, small.ctypes.data
    part = large[5:]
    del large, small
    assert room.empty((9,), "float32").ctypes.data == places[1]
    assert room.empty((1000,), "float64").ctypes.data != places[0]  # a view of it is held
    del part


@pytest.mark.parametrize("shape", [(1000, 3), (20, 30, 10), (1000, 65), (3, 2), (7,)])
def test_long_stretches_holds_the_same_numbers(shape):
    x = rng.normal(size=shape)
    np.testing.assert_array_equal(long_stretches(x), x)


@pytest.mark.parametrize("shape", [(2000, 3), (50, 30, 10), (2000, 65), (3, 2), (2000, 1)])
def test_argmax_is_that_of_numpy(shape):
    x = rng.normal(size=shape).astype("float32")
    ties, nan = x.round(), np.where(x > 2, np.float32(np.nan), x)
    for array in (x, ties, nan, long_stretches(x)):
        np.testing.assert_array_equal(argmax(array), array.argmax(axis=-1))


def test_softmax_of_few_classes_in_many_samples():
    x = rng.normal(size=(40, 30, 10))
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    np.testing.assert_allclose(lamina.activations.softmax(x), e / e.sum(axis=-1, keepdims=True), rtol=1e-12)
