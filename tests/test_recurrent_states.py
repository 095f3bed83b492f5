"""States of recurrent layers: given, returned, kept from call to call, and their gradients."""

import numpy as np
import pytest

from lamina import Input, Sequential, layers
from lamina.errors import ArgumentError, ShapeError
from lamina.testing import numerical_gradient

KINDS = {
    "SimpleRNN": lambda **options: layers.SimpleRNN(3, **options),
    "LSTM": lambda **options: layers.LSTM(3, **options),
    "GRU": lambda **options: layers.GRU(3, **options),
    "GRU, reset before": lambda **options: layers.GRU(3, reset_after=False, **options),
    "stack": lambda **options: layers.RNN([layers.LSTMCell(2), layers.GRUCell(3)], **options),
    "bidirectional": lambda **options: layers.Bidirectional(layers.LSTM(3, **options)),
}
SIZES = {"LSTM": [3, 3], "stack": [2, 2, 3], "bidirectional": [3, 3, 3, 3]}
MASK = np.array([[1, 1, 1, 0], [0, 1, 1, 1], [0, 0, 0, 0]], bool)


@pytest.fixture
def x():
    return np.random.default_rng(5).normal(size=(3, 4, 2))


def states_for(kind, batch=3):
    rng = np.random.default_rng(9)
    return [rng.normal(size=(batch, size)) for size in SIZES.get(kind, [3])]


@pytest.fixture
def in_float64():
    from lamina import config

    config.set_floatx("float64")


@pytest.mark.parametrize("mask", [None, MASK], ids=["all steps", "masked"])
@pytest.mark.parametrize("sequences", [False, True])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("in_float64")
def test_gradients_of_states(kind, sequences, mask, x):
    """Those of the states given, with gradients coming to y and to each state returned."""
    layer = KINDS[kind](return_sequences=sequences, return_state=True)
    states = states_for(kind)
    rng = np.random.default_rng(0)
    g = [rng.normal(size=part.shape) for part in layer(x, mask=mask, initial_state=states)]

    def value():
        y = layer(x, mask=mask, initial_state=states)
        return sum((part * weight).sum() for part, weight in zip(y, g, strict=True))

    value()
    dx = layer.backward([part.copy() for part in g])
    given = [part.copy() for part in layer.d_initial_state]
    np.testing.assert_allclose(dx, numerical_gradient(value, x), rtol=1e-6, atol=1e-8)
    assert len(given) == len(states)
    for found, state in zip(given, states, strict=True):
        np.testing.assert_allclose(found, numerical_gradient(value, state), rtol=1e-6, atol=1e-8)
        assert found.any()


@pytest.mark.parametrize("kind", KINDS)
def test_states_given_are_not_changed(kind, x):
    layer, states = KINDS[kind](return_sequences=True), states_for(kind)
    before = [state.copy() for state in states]
    layer.backward(np.ones_like(layer(x, initial_state=states)))
    for state, kept in zip(states, before, strict=True):
        np.testing.assert_array_equal(state, kept)


@pytest.mark.parametrize("kind", KINDS)
def test_zeros_are_the_states_that_none_means(kind, x):
    layer = KINDS[kind]()
    zeros = [np.zeros_like(state) for state in states_for(kind)]
    np.testing.assert_array_equal(layer(x), layer(x, initial_state=zeros))
    assert np.abs(layer(x) - layer(x, initial_state=states_for(kind))).max() > 1e-3


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "bidirectional"])
def test_two_halves_are_the_whole(kind, x):
    """States returned by a first call and given to a second one; and kept by the layer itself."""
    layer = KINDS[kind](return_sequences=True, return_state=True)
    whole, *ends = layer(x)
    first, *states = layer(x[:, :2])
    second, *states = layer(x[:, 2:], initial_state=states)
    np.testing.assert_allclose(np.concatenate([first, second], axis=1), whole, rtol=1e-5, atol=1e-7)
    for state, end in zip(states, ends, strict=True):
        np.testing.assert_allclose(state, end, rtol=1e-5, atol=1e-7)

    stateful = KINDS[kind](return_sequences=True, stateful=True)
    stateful.build((None, None, 2))
    stateful.set_weights(layer.get_weights())
    parts = [stateful(x[:, :2]), stateful(x[:, 2:])]
    np.testing.assert_allclose(np.concatenate(parts, axis=1), whole, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("kind", KINDS)
def test_reset(kind, x):
    layer = KINDS[kind](stateful=True)
    first, second = layer(x), layer(x)
    assert np.abs(first - second).max() > 1e-4
    for reset in (layer.reset_states, layer.reset_state):
        reset()
        np.testing.assert_array_equal(layer(x), first)
        np.testing.assert_array_equal(layer(x), second)


@pytest.mark.parametrize("kind", KINDS)
def test_a_plain_layer_keeps_nothing(kind, x):
    layer = KINDS[kind]()
    np.testing.assert_array_equal(layer(x), layer(x))


def test_states_kept_are_the_layers_own(x):
    layer = layers.LSTM(3, stateful=True, return_state=True)
    _, h, c = layer(x)
    second = layer(x)[0]
    layer.reset_states()
    _, h, c = layer(x)
    h[:], c[:] = 7, 7
    np.testing.assert_array_equal(layer(x)[0], second)


def test_a_mask_holds_the_states_kept(x):
    layer = layers.LSTM(3, stateful=True)
    layer(x)
    states = [state.copy() for state in layer.states]
    layer(x, mask=np.zeros((3, 4), bool))
    for state, kept in zip(layer.states, states, strict=True):
        np.testing.assert_array_equal(state, kept)


@pytest.mark.parametrize("kind", KINDS)
def test_a_batch_of_another_size(kind, x):
    layer = KINDS[kind](stateful=True)
    layer(x)
    with pytest.raises(ShapeError, match=r"(?s)initial states: expected .*\(2, .*, received .*\(3, .*reset_states\(\)"):
        layer(x[:2])
    layer.reset_states()
    layer(x[:2])


@pytest.mark.parametrize("kind", KINDS)
def test_states_that_do_not_fit(kind, x):
    layer, states = KINDS[kind](), states_for(kind)
    for wrong in (states_for(kind, batch=2), [*states, states[0]], [state[:, :-1] for state in states]):
        with pytest.raises(ShapeError, match="initial states: expected"):
            layer(x, initial_state=wrong)


@pytest.mark.parametrize("kind", KINDS)
def test_states_in_the_place_of_training(kind, x):
    with pytest.raises(
        ArgumentError, match=r"training: expected True or False, received a list.\nLikely mend: give states by name"
    ):
        KINDS[kind]()(x, states_for(kind))


def test_one_state_comes_without_a_list(x):
    layer, state = layers.GRU(3), states_for("GRU")[0]
    np.testing.assert_array_equal(layer(x, initial_state=state), layer(x, initial_state=[state]))


class TestInAModel:
    """Stateful layers within `fit` and `predict`: one batch begins where the one before it ended."""

    def model(self):
        return Sequential([Input((None, 2)), layers.LSTM(3, stateful=True, return_sequences=True), layers.Dense(1)])

    def alone(self, model):
        """The same model, its LSTM not stateful."""
        twin = Sequential([Input((None, 2)), layers.LSTM(3, return_sequences=True), layers.Dense(1)])
        twin.set_weights(model.get_weights())
        return twin

    def test_building_leaves_no_states(self, x):
        model = self.model()
        model.summary(print_fn=lambda text: None)
        np.testing.assert_allclose(model.predict(x, verbose=0), self.alone(model)(x), rtol=1e-5)

    def test_predict_goes_on_from_batch_to_batch(self):
        x = np.random.default_rng(0).normal(size=(2, 12, 2))
        model = self.model()
        windows = np.concatenate(np.split(x, 4, axis=1))  # (4 * 2, 3, 2): batch k holds the k-th part of both rows
        y = model.predict(windows, batch_size=2, verbose=0)
        whole = np.concatenate(np.split(y, 4), axis=1)
        np.testing.assert_allclose(whole, self.alone(model)(x), rtol=1e-4, atol=1e-6)

    def test_predict_refuses_a_smaller_last_batch(self):
        model = self.model()
        with pytest.raises(ShapeError, match=r"(?s)layer 'lstm' .*\(1, 3\).*reset_states"):
            model.predict(np.ones((5, 3, 2)), batch_size=2, verbose=0)

    def test_fit_goes_on_from_batch_to_batch(self):
        """The losses of an epoch are those of the twin that is given the states by hand."""
        rng = np.random.default_rng(0)
        x, y = rng.normal(size=(4, 3, 2)), rng.normal(size=(4, 3, 1))
        model = self.model()
        twin = self.alone(model)
        model.compile("sgd", "mse")
        history = model.fit(x, y, batch_size=2, epochs=1, shuffle=False, verbose=0)

        lstm, dense = twin.layers[-2:]
        losses, states = [], None
        for rows in (slice(0, 2), slice(2, 4)):
            lstm.return_state = True
            h, *states = lstm(x[rows], initial_state=states)
            losses.append(((dense(h) - y[rows]) ** 2).mean())
            lstm.return_state = False
            if rows.start == 0:  # the first update, with zeros to begin with
                twin.compile("sgd", "mse")
                twin.train_on_batch(x[rows], y[rows])
        assert history.history["loss"][0] == pytest.approx(np.mean(losses), rel=1e-5)

    def test_reset_states_of_the_model(self, x):
        model = self.model()
        first = model.predict(x, verbose=0)
        assert np.abs(model.predict(x, verbose=0) - first).max() > 1e-4
        for layer in model.layers:  # as scripts for Keras have it
            if hasattr(layer, "reset_states"):
                layer.reset_states()
        np.testing.assert_array_equal(model.predict(x, verbose=0), first)
        model.reset_states()
        np.testing.assert_array_equal(model.predict(x, verbose=0), first)


def test_a_layer_of_layers_begins_with_zeros(x):
    """What is tried out to build a layer of the user's own leaves no states in the layers within."""

    class Wrapped(layers.Layer):
        def __init__(self, **options):
            super().__init__(**options)
            self.inner = layers.LSTM(3, stateful=True)

        def forward(self, x, training=False):
            return self.inner(x, training)

        def backward(self, dy):
            return self.inner.backward(dy)

    layer = Wrapped()
    y = layer(x)
    layer.inner.reset_states()
    np.testing.assert_array_equal(layer(x), y)
