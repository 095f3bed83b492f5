"""Bidirectional: two layers, merged in every way, against the two layers by themselves."""

import numpy as np
import pytest

from lamina import Input, Sequential, layers
from lamina.errors import ArgumentError, OptionError, ShapeError, StateError
from lamina.testing import check_layer

MODES = ["concat", "sum", "mul", "ave", None]
MASK = np.array([[1, 1, 1, 0], [0, 0, 1, 1], [0, 0, 0, 0]], bool)
MERGED = {
    "concat": lambda p, q: np.concatenate([p, q], axis=-1),
    "sum": lambda p, q: p + q,
    "mul": lambda p, q: p * q,
    "ave": lambda p, q: (p + q) / 2,
    None: lambda p, q: [p, q],
}
INNER = {
    "SimpleRNN": lambda **options: layers.SimpleRNN(3, **options),
    "LSTM": lambda **options: layers.LSTM(3, **options),
    "GRU": lambda **options: layers.GRU(3, **options),
    "stack": lambda **options: layers.RNN([layers.GRUCell(2), layers.LSTMCell(3)], **options),
}


@pytest.fixture
def x():
    return np.random.default_rng(5).normal(size=(3, 4, 2))


@pytest.mark.parametrize("mask", [None, MASK], ids=["all steps", "masked"])
@pytest.mark.parametrize("sequences", [False, True])
@pytest.mark.parametrize("mode", MODES)
def test_gradients(mode, sequences, mask, x):
    check_layer(layers.Bidirectional(layers.GRU(2, return_sequences=sequences), merge_mode=mode), x, mask=mask)
    inner = layers.LSTM(2, return_sequences=sequences, return_state=True)
    check_layer(layers.Bidirectional(inner, merge_mode=mode), x, mask=mask)


@pytest.mark.parametrize("states", [False, True])
@pytest.mark.parametrize("sequences", [False, True])
@pytest.mark.parametrize("mode", ["concat", None])
def test_a_penalty_on_all_that_the_layers_give(mode, sequences, states, x):
    options = {"return_sequences": sequences, "return_state": states}
    penalized = layers.Bidirectional(layers.LSTM(3, activity_regularizer="l2", **options), merge_mode=mode)
    plain = layers.Bidirectional(layers.LSTM(3, **options), merge_mode=mode)
    y = penalized(x)
    plain.ensure_built(x.shape)
    plain.set_weights(penalized.get_weights())
    plain(x)
    parts = y if isinstance(y, list) else [y]
    assert len(penalized.losses) == 2
    expected = 0.01 * sum(np.sum(np.square(part)) for part in parts) / len(x)
    np.testing.assert_allclose(sum(penalized.losses), expected, rtol=1e-6)
    dy = [np.ones_like(part) for part in parts]
    with_penalty = [d + 0.02 * part / len(x) for d, part in zip(dy, parts, strict=True)]
    dx = penalized.backward(dy if isinstance(y, list) else dy[0])
    dx_expected = plain.backward(with_penalty if isinstance(y, list) else with_penalty[0])
    np.testing.assert_allclose(dx, dx_expected, rtol=1e-5, atol=1e-7)
    for weight, other in zip(penalized.weights, plain.weights, strict=True):
        np.testing.assert_allclose(weight.grad, other.grad, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("sequences", [False, True])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", INNER)
def test_is_two_layers_merged(name, mode, sequences, x):
    """The second one sees the steps turned round; its output is turned back."""
    both = layers.Bidirectional(INNER[name](return_sequences=sequences), merge_mode=mode)
    one = INNER[name](return_sequences=sequences)
    y = both(x)
    one(x)
    half = len(both.get_weights()) // 2
    one.set_weights(both.get_weights()[:half])
    p = one(x)
    one.set_weights(both.get_weights()[half:])
    q = one(x[:, ::-1])
    expected = MERGED[mode](p, q[:, ::-1] if sequences else q)
    for found, wanted in zip([y] if mode else y, [expected] if mode else expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-7)
    shape = both.compute_output_shape((None, 4, 2))
    assert [tuple(part.shape[1:]) for part in ([y] if mode else y)] == [
        part[1:] for part in ([shape] if mode else shape)
    ]


@pytest.mark.parametrize("mode", MODES)
def test_states(mode, x):
    """States given are those of the forward layer, then those of the backward one; so are those returned."""
    both = layers.Bidirectional(layers.LSTM(3, return_state=True), merge_mode=mode)
    rng = np.random.default_rng(0)
    states = [rng.normal(size=(3, 3)) for _ in range(4)]
    y = both(x, initial_state=states)
    one = layers.LSTM(3, return_state=True)
    one(x)
    one.set_weights(both.get_weights()[:3])
    p, *p_states = one(x, initial_state=states[:2])
    one.set_weights(both.get_weights()[3:])
    q, *q_states = one(x[:, ::-1], initial_state=states[2:])
    merged = MERGED[mode](p, q)
    expected = [*([merged] if mode else merged), *p_states, *q_states]
    assert len(y) == len(expected) == (5 if mode else 6)
    for found, wanted in zip(y, expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("sequences", [False, True])
def test_there_is_a_mask_for_each_output(mode, sequences, x):
    both = layers.Bidirectional(layers.LSTM(3, return_state=True, return_sequences=sequences), merge_mode=mode)
    masks = both.compute_mask(x, MASK)
    outputs = 1 if mode else 2
    assert len(masks) == len(both(x, mask=MASK)) == outputs + 4
    assert all((mask is MASK) == sequences for mask in masks[:outputs]) and masks[outputs:] == [None] * 4


def test_two_kinds(x):
    both = layers.Bidirectional(layers.LSTM(2), backward_layer=layers.GRU(3, go_backwards=True))
    assert both(x).shape == (3, 5) and both.compute_output_shape((None, 4, 2)) == (None, 5)
    check_layer(both, x, mask=MASK)
    apart = layers.Bidirectional(layers.LSTM(2), merge_mode=None, backward_layer=layers.GRU(3, go_backwards=True))
    assert [part.shape for part in apart(x)] == [(3, 2), (3, 3)]
    check_layer(apart, x)


def test_masked_steps_give_zero(x):
    y = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(x, mask=MASK)
    assert not y[~MASK].any() and y[MASK].all()


def test_options_and_weights(x):
    inner = layers.LSTM(3, activation="softsign", dropout=0.1, kernel_regularizer="l2", name="mine")
    both = layers.Bidirectional(inner)
    back = both.backward_layer
    assert both.forward_layer is both.layer and back.go_backwards and not both.layer.go_backwards
    assert (both.layer.name, back.name) == ("forward_mine", "backward_mine")
    assert back.dropout == 0.1 and type(back.activation) is type(inner.activation)
    both.build((None, None, 2))
    assert [weight.shape for weight in both.weights] == 2 * [(2, 12), (3, 12), (12,)]
    assert len(both.losses) == 2
    assert not np.array_equal(both.weights[0].value, both.weights[3].value)  # each drawn by itself

    values = [np.full(weight.shape, k, "float32") for k, weight in enumerate(both.weights)]
    again = layers.Bidirectional(layers.LSTM(3), weights=values)
    again(x)
    for found, wanted in zip(again.get_weights(), values, strict=True):
        np.testing.assert_array_equal(found, wanted)
    with pytest.raises(ShapeError, match="layer 'bidirectional'.*set_weights"):
        layers.Bidirectional(layers.LSTM(3), weights=values[:-1])(x)


def test_stateful(x):
    both = layers.Bidirectional(layers.GRU(3, stateful=True))
    first, second = both(x), both(x)
    assert both.stateful and np.abs(first - second).max() > 1e-4
    both.reset_states()
    np.testing.assert_array_equal(both(x), first)


def test_in_a_model_with_every_layer_frozen_or_not(x):
    model = Sequential(
        [Input((None, 2)), layers.Bidirectional(layers.LSTM(3, return_sequences=True)), layers.Bidirectional(layers.GRU(2)), layers.Dense(1)]
    )  # fmt: skip
    model.compile("adam", "mse")
    model.layers[-2].trainable = False
    before = model.get_weights()
    model.fit(x, np.ones((3, 1)), epochs=2, verbose=0)
    changed = [not np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True)]
    assert changed == [True] * 6 + [False] * 6 + [True] * 2


class TestRefusals:
    @pytest.mark.parametrize("layer", [layers.Dense(2), 3, layers.LSTMCell(2), None])
    def test_what_is_no_recurrent_layer(self, layer):
        with pytest.raises(ArgumentError, match=r"Bidirectional\(layer=...\): expected an RNN, SimpleRNN, LSTM or GRU"):
            layers.Bidirectional(layer)
        if layer is not None:
            with pytest.raises(ArgumentError, match=r"Bidirectional\(backward_layer=...\): expected an RNN"):
                layers.Bidirectional(layers.LSTM(2), backward_layer=layer)

    def test_modes(self):
        with pytest.raises(
            OptionError, match=r"Bidirectional\(merge_mode=...\): expected one of 'concat', 'sum', 'mul', 'ave', None"
        ):
            layers.Bidirectional(layers.LSTM(2), merge_mode="max")

    @pytest.mark.parametrize("option", ["return_sequences", "return_state", "stateful"])
    def test_two_layers_that_differ(self, option):
        back = layers.LSTM(2, go_backwards=True, **{option: True})
        with pytest.raises(
            OptionError, match=rf"Bidirectional: {option}: expected the same in both layers, received False and True"
        ):
            layers.Bidirectional(layers.LSTM(2), backward_layer=back)

    def test_two_layers_of_one_direction(self):
        said = "Bidirectional: go_backwards: expected False in the layer, True in the backward layer, received "
        with pytest.raises(OptionError, match=said + "False and False"):
            layers.Bidirectional(layers.LSTM(2), backward_layer=layers.LSTM(2))
        with pytest.raises(OptionError, match=said + "True and True"):
            layers.Bidirectional(layers.LSTM(2, go_backwards=True))

    @pytest.mark.parametrize("mode", ["sum", "mul", "ave"])
    def test_units_that_do_not_go_together(self, mode):
        back = layers.LSTM(3, go_backwards=True)
        with pytest.raises(
            OptionError,
            match=rf"Bidirectional\(merge_mode='{mode}'\): expected layers of equal units, received 2 and 3",
        ):
            layers.Bidirectional(layers.LSTM(2), merge_mode=mode, backward_layer=back)

    def test_inputs(self, x):
        with pytest.raises(ShapeError, match=r"layer 'bidirectional' \(Bidirectional\): expected \(batch, any, any\)"):
            layers.Bidirectional(layers.LSTM(2))(x[0])
        with pytest.raises(ShapeError, match="mask: expected"):
            layers.Bidirectional(layers.LSTM(2))(x, mask=MASK[:, :2])
        with pytest.raises(StateError, match="layer 'bidirectional'.*backward before forward"):
            layers.Bidirectional(layers.LSTM(2)).backward(x)


def test_other_features_than_it_was_built_for_are_refused():
    layer = layers.Bidirectional(layers.LSTM(2))
    layer(np.ones((1, 3, 4)))
    with pytest.raises(ShapeError, match=r"layer 'bidirectional' \(Bidirectional\): expected \(batch, any, 4\)"):
        layer(np.ones((1, 3, 5)))
