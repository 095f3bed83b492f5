"""Cells: alone, stacked, and written by the user."""

import numpy as np
import pytest

from lamina import Input, Sequential, layers
from lamina.errors import ArgumentError, DataError, OptionError, ShapeError, StateError
from lamina.testing import check_layer, numerical_gradient

CELLS = {
    "SimpleRNN": (layers.SimpleRNNCell, layers.SimpleRNN, {}),
    "LSTM": (layers.LSTMCell, layers.LSTM, {}),
    "GRU": (layers.GRUCell, layers.GRU, {}),
    "GRU, reset before": (layers.GRUCell, layers.GRU, {"reset_after": False}),
}


class MinimalCell(layers.Layer):
    """Keras's example of a cell: h' = x·W + h·R, and y = h'."""

    def __init__(self, units, **options):
        super().__init__(**options)
        self.units = units
        self.state_size = units

    def build(self, input_shape):
        self.kernel = self.add_weight("kernel", (input_shape[-1], self.units))
        self.recurrent = self.add_weight("recurrent", (self.units, self.units))

    def forward(self, x, states, training=False):
        self.saved = x, states[0]
        h = x @ self.kernel.value + states[0] @ self.recurrent.value
        return h, [h]

    def backward(self, dy, d_states):
        x, h = self.saved
        dh = dy + d_states[0]
        self.kernel.grad += x.T @ dh
        self.recurrent.grad += h.T @ dh
        return dh @ self.kernel.value.T, [dh @ self.recurrent.value.T]


class TwoStates(layers.Layer):
    """A cell of layers, whose output is neither of its two states, and longer than they are."""

    def __init__(self, **options):
        super().__init__(**options)
        self.state_size, self.output_size = [2, 3], 4
        self.first, self.second = layers.Dense(2, activation="tanh"), layers.Dense(3)
        self.out = layers.Dense(4)

    def forward(self, x, states, training=False):
        self.saved = x.shape[1]
        a = self.first(np.concatenate([x, states[0]], axis=1))
        b = self.second(a) * 0.5 + states[1]
        return self.out(np.concatenate([a, b], axis=1)), [a, b]

    def backward(self, dy, d_states):
        features = self.saved
        dab = self.out.backward(dy)
        db = dab[:, 2:] + d_states[1]
        da = dab[:, :2] + d_states[0] + self.second.backward(0.5 * db)
        dx = self.first.backward(da)
        return dx[:, :features], [dx[:, features:], db]


@pytest.fixture
def x():
    return np.random.default_rng(5).normal(size=(3, 4, 2))


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_step_by_step_is_its_layer(name, x):
    make_cell, make_layer, options = CELLS[name]
    cell, layer = make_cell(3, **options), make_layer(3, return_sequences=True, **options)
    assert cell.state_size == layer.state_size == ([3, 3] if name == "LSTM" else 3) and cell.output_size == 3
    whole, states = layer(x), None
    cell(x[:, 0])
    cell.set_weights(layer.get_weights())
    for t in range(4):
        y, states = cell(x[:, t], states)
        np.testing.assert_allclose(y, whole[:, t], rtol=1e-5, atol=1e-7)
        np.testing.assert_array_equal(y, states[0])
    np.testing.assert_allclose(layers.RNN(cell, return_sequences=True)(x), whole, rtol=1e-6)


@pytest.mark.parametrize("name", CELLS)
def test_what_a_cell_gives_is_the_callers(name):
    cell = CELLS[name][0](3)
    y, states = cell(np.ones((2, 4)))
    assert not any(np.shares_memory(y, state) for state in states)


@pytest.mark.parametrize("name", CELLS)
def test_the_gradients_of_one_step(name):
    make_cell, _, options = CELLS[name]
    rng = np.random.default_rng(0)
    cell = make_cell(3, dtype="float64", **options)
    x, states = rng.normal(size=(2, 4)), [rng.normal(size=(2, 3)) for _ in range(2 if name == "LSTM" else 1)]
    gy, gs = rng.normal(size=(2, 3)), [rng.normal(size=(2, 3)) for _ in states]

    def value():
        y, new = cell(x, states)
        return (y * gy).sum() + sum((one * g).sum() for one, g in zip(new, gs, strict=True))

    value()
    dx, d_states = cell.backward(gy.copy(), [g.copy() for g in gs])
    np.testing.assert_allclose(dx, numerical_gradient(value, x), rtol=1e-6, atol=1e-9)
    for d, state in zip(d_states, states, strict=True):
        np.testing.assert_allclose(d, numerical_gradient(value, state), rtol=1e-6, atol=1e-9)
    for weight in cell.weights:
        np.testing.assert_allclose(weight.grad, numerical_gradient(value, weight.value), rtol=1e-6, atol=1e-9)


def test_backward_of_a_cell_without_gradients_of_its_states():
    cell = layers.LSTMCell(3)
    y, _ = cell(np.ones((2, 4)))
    first = cell.backward(np.ones_like(y))[0]
    cell(np.ones((2, 4)))
    zeros = [np.zeros_like(y), np.zeros_like(y)]
    np.testing.assert_array_equal(cell.backward(np.ones_like(y), zeros)[0], first)
    with pytest.raises(StateError, match="layer 'gru_cell'.*backward before forward"):
        layers.GRUCell(2).backward(np.ones((1, 2)))


@pytest.mark.parametrize(
    "cell", [lambda: MinimalCell(3), TwoStates, lambda: layers.RNN([MinimalCell(2), TwoStates()]).cell]
)
@pytest.mark.parametrize(
    "options", [{}, {"return_sequences": True}, {"go_backwards": True, "return_state": True}], ids=str
)
@pytest.mark.parametrize("masked", [False, True])
def test_cells_of_the_users_own(cell, options, masked, x):
    """Against finite differences; they are no registered layers, so `check_layer` can't make copies of them."""
    from lamina import config

    config.set_floatx("float64")
    mask = np.array([[1, 1, 0, 1], [0, 0, 0, 0], [0, 1, 1, 1]], bool) if masked else None
    layer = layers.RNN(cell(), **options)
    y = layer(x, mask=mask)
    rng = np.random.default_rng(0)
    g = [rng.normal(size=part.shape) for part in (y if isinstance(y, list) else [y])]

    def value():
        y = layer(x, mask=mask)
        return sum((part * one).sum() for part, one in zip(y if isinstance(y, list) else [y], g, strict=True))

    value()
    dx = layer.backward([one.copy() for one in g] if len(g) > 1 else g[0].copy())
    found = [weight.grad.copy() for weight in layer.weights]
    np.testing.assert_allclose(dx, numerical_gradient(value, x), rtol=1e-6, atol=1e-8)
    for weight, grad in zip(layer.weights, found, strict=True):
        np.testing.assert_allclose(grad, numerical_gradient(value, weight.value), rtol=1e-6, atol=1e-8)
    shapes = layer.compute_output_shape((None, 4, 2))
    for part, shape in zip(y if isinstance(y, list) else [y], shapes if len(g) > 1 else [shapes], strict=True):
        assert part.shape[1:] == shape[1:]


def test_a_cell_of_the_users_own_learns():
    """To add up: the sum of four numbers."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(256, 4, 1))
    model = Sequential([Input((None, 1)), layers.RNN(MinimalCell(3)), layers.Dense(1)])
    model.compile("adam", "mse")
    model.optimizer.learning_rate = 0.02
    model.fit(x, x.sum(axis=1), epochs=40, verbose=0)
    assert model.evaluate(x, x.sum(axis=1), verbose=0) < 1e-3


def test_stacks():
    x = np.random.default_rng(0).normal(size=(2, 3, 2))
    mask = np.array([[1, 1, 0], [0, 1, 1]], bool)
    cells = lambda: [layers.LSTMCell(2), layers.GRUCell(3), layers.SimpleRNNCell(2)]  # noqa: E731
    for cell in (cells(), layers.StackedRNNCells(cells()), [layers.StackedRNNCells(cells()[:2]), cells()[2]]):
        layer = layers.RNN(cell, return_sequences=True, return_state=True)
        check_layer(layer, x, mask=mask)
    one_after_another = Sequential(
        [Input((None, 2)), *(layers.RNN(cell, return_sequences=True) for cell in cells())]
    )  # fmt: skip
    stacked = layers.RNN(cells(), return_sequences=True)
    stacked(x)
    stacked.set_weights(one_after_another.get_weights())
    np.testing.assert_allclose(stacked(x), one_after_another(x), rtol=1e-5, atol=1e-7)


def test_a_stack_alone():
    x, stack = np.ones((2, 3), "float32"), layers.StackedRNNCells([layers.LSTMCell(2), layers.GRUCell(4)])
    stack.build((None, 3))
    states = [np.ones((2, size), "float32") for size in (2, 2, 4)]
    y, new = stack.forward(x, states)
    assert y.shape == (2, 4) and [state.shape for state in new] == [(2, 2), (2, 2), (2, 4)]
    dx, d_states = stack.backward(np.ones_like(y), [np.ones_like(state) for state in new])
    assert dx.shape == x.shape and [d.shape for d in d_states] == [state.shape for state in states]
    assert stack.state_size == [[2, 2], 4] and stack.output_size == 4


def test_the_order_of_weights():
    layer = layers.RNN([layers.GRUCell(2), layers.LSTMCell(3)])
    layer.build((None, None, 4))
    assert [weight.shape for weight in layer.weights] == [(4, 6), (2, 6), (2, 6), (2, 12), (3, 12), (12,)]
    layer = layers.RNN(layers.GRUCell(2, reset_after=False, use_bias=False))
    layer.build((None, None, 4))
    assert [weight.shape for weight in layer.weights] == [(4, 6), (2, 6)]


class TestRefusals:
    @pytest.mark.parametrize("cell", [3, None, "lstm", layers.Dense(2), []])
    def test_what_is_no_cell(self, cell):
        with pytest.raises(
            ArgumentError, match=r"(RNN|StackedRNNCells)\((cell|cells)=...\): expected a (list of )?cell"
        ):
            layers.RNN(cell)

    @pytest.mark.parametrize("cells", [layers.LSTMCell(2), [layers.LSTMCell(2), 5], ()])
    def test_what_is_no_list_of_cells(self, cells):
        with pytest.raises(ArgumentError, match=r"StackedRNNCells\(cells=...\): expected a (list of )?cell"):
            layers.StackedRNNCells(cells)

    @pytest.mark.parametrize("units", [0, -1, 2.5, "3", True, None])
    @pytest.mark.parametrize("kind", [layers.SimpleRNN, layers.LSTM, layers.GRU])
    def test_units(self, kind, units):
        with pytest.raises(OptionError, match=rf"^{kind.__name__}\(units=...\): expected a whole number of 1 or more"):
            kind(units)

    @pytest.mark.parametrize("kind", [layers.SimpleRNN, layers.LSTM, layers.GRU])
    def test_inputs(self, kind):
        layer = kind(2, name="mine")
        for x in (np.ones((2, 3)), np.ones((2, 3, 4, 5))):
            with pytest.raises(ShapeError, match=rf"layer 'mine' \({kind.__name__}\): expected \(batch, any, any\)"):
                layer(x)
        with pytest.raises(
            ShapeError, match=r"(?s)layer 'mine'.*: expected .*received \(batch, 0, 3\).*an axis of length 0"
        ):
            layer(np.ones((2, 0, 3)))
        layer(np.ones((2, 4, 3)))
        with pytest.raises(
            ShapeError, match=r"(?s)layer 'mine'.*: expected \(batch, any, 3\), received \(2, 4, 5\).*built for 3"
        ):
            layer(np.ones((2, 4, 5)))
        with pytest.raises(
            ShapeError, match=r"layer 'mine'.*: mask: expected \(2, 4\), received \(2, 3\).\n.*True where"
        ):
            layer(np.ones((2, 4, 3)), mask=np.ones((2, 3), bool))
        with pytest.raises(DataError, match="layer 'mine'.*: expected numbers"):
            layer(np.array([[["a"]]]))
        with pytest.raises(StateError, match="backward before forward"):
            kind(2).backward(np.ones((2, 2)))

    def test_a_cell_called_on_a_sequence(self):
        with pytest.raises(
            ShapeError, match=r"layer 'lstm_cell' \(LSTMCell\): expected \(batch, any\), received \(batch, 3, 4\)"
        ):
            layers.LSTMCell(2)(np.ones((2, 3, 4)))

    @pytest.mark.parametrize("name", CELLS)
    def test_states_of_a_cell_that_do_not_fit(self, name):
        make_cell, _, options = CELLS[name]
        for wrong in (
            [np.zeros((2, 4))] * 2,
            [],
            [np.zeros((1, 3))] * (2 if name == "LSTM" else 1),
            np.zeros((2, 3, 3)),
        ):
            with pytest.raises(ShapeError, match=rf"layer '.*' \({make_cell.__name__}\): states: expected \[\(2, 3\)"):
                make_cell(3, **options)(np.ones((2, 4)), wrong)

    def test_a_cell_that_gives_something_else(self, x):
        class Short(MinimalCell):
            def forward(self, x, states, training=False):
                y, states = super().forward(x, states)
                return y[:, :-1], states

        class NoStates(MinimalCell):
            def forward(self, x, states, training=False):
                return super().forward(x, states)[0], []

        for cell in (Short(3), NoStates(3)):
            with pytest.raises(
                ShapeError, match=r"layer .* forward: expected y and states of shapes \[\(3, 3\), \(3, 3\)\]"
            ):
                layers.RNN(cell)(x)

    @pytest.mark.parametrize("kind", [layers.SimpleRNN, layers.LSTM, layers.GRU])
    def test_an_activation_that_changes_the_length(self, kind):
        with pytest.raises(ShapeError, match=r"layer '.*activation: expected \(batch, 4\).*received \(batch, 2\)"):
            kind(4, activation="glu")(np.ones((2, 3, 2)))
        if kind is not layers.SimpleRNN:
            with pytest.raises(ShapeError, match=r"layer '.*recurrent_activation: expected \(batch, 4\)"):
                kind(4, recurrent_activation="glu")(np.ones((2, 3, 2)))
