"""A rectifier before a MaxPooling: its gradient is taken on the pooled numbers, and is the same."""

import itertools

import numpy as np
import pytest

import lamina
from lamina.layers import chain

rng = np.random.default_rng(5)


class Doubling(lamina.activations.ReLU):
    def backward(self, dy, saved):
        return 2 * super().backward(dy, saved)


def layers_before_a_pooling():
    """A gate before a MaxPooling, in the ways in which it may stand there, and where it is none or may not be used."""
    L = lamina.layers
    return {
        "relu": [L.Conv2D(4, 3, activation="relu"), L.MaxPooling2D()],
        "not the first": [L.Conv2D(3, 1), L.Conv2D(4, 3, activation="relu"), L.MaxPooling2D()],
        "relu6": [L.Conv2D(4, 3, activation=lamina.activations.ReLU(max_value=6)), L.MaxPooling2D()],
        "a layer": [L.Conv2D(4, 3, activation="tanh"), L.ReLU(), L.MaxPooling2D()],
        "overlapping": [L.Conv2D(4, 3, activation="relu"), L.MaxPooling2D(3, strides=1, padding="same")],
        "channels first": [L.Conv2D(4, 3, activation="relu"), L.MaxPooling2D(data_format="channels_first")],
        "pooled twice": [L.Conv2D(4, 3, activation="relu"), L.MaxPooling2D(), L.MaxPooling2D()],
        "nested": [lamina.Sequential([L.Conv2D(4, 3, activation="relu")]), L.MaxPooling2D()],
        "penalty": [L.Conv2D(4, 3, activation="relu", activity_regularizer="l2"), L.MaxPooling2D()],
        "penalty after": [L.Conv2D(4, 3, activation="relu"), L.MaxPooling2D(activity_regularizer="l2")],
        "a gradient of its own": [L.Conv2D(4, 3, activation=Doubling()), L.MaxPooling2D()],
        "other type": [L.Conv2D(4, 3, activation="relu", dtype="float32"), L.MaxPooling2D(dtype="float64")],
    }


@pytest.mark.parametrize("name", layers_before_a_pooling())
def test_a_gate_before_a_pooling_gives_the_same_gradients(name, monkeypatch):
    """As with each layer handed what the next one gives, without the chain's shorter way."""
    model = lamina.Sequential([lamina.Input((8, 8, 2)), *layers_before_a_pooling()[name]])
    x = 5 * rng.normal(size=(3, 8, 8, 2)).astype("float32")
    dy = rng.normal(size=model.forward(x, training=True).shape).astype("float32")
    found = []
    for last_gate in (chain._last_gate, lambda layer, dtype: None):
        monkeypatch.setattr(chain, "_last_gate", last_gate)
        for backward in (model.backward, model.to_weights()):
            for variable in model.trainable_variables:
                variable.reset_grad()
            model.forward(x, training=True)
            dx = backward(dy.copy())
            assert type(dx) in (np.ndarray, type(None))
            found.append([variable.grad.copy() for variable in model.trainable_variables] + [dx])
    for grads in found[1:]:
        for number, (actual, expected) in enumerate(zip(grads, found[0], strict=True)):
            if actual is not None:
                np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-5, err_msg=f"{name}, {number}")
    assert any(np.any(grad) for grad in found[0])


def test_when_a_gate_goes_before_a_pooling():
    gates = {}
    for name, layers in layers_before_a_pooling().items():
        lamina.Sequential([lamina.Input((8, 8, 2)), *layers])
        gates[name] = [
            bool(isinstance(b, lamina.layers.MaxPooling2D) and chain._last_gate(a, b.dtype))
            for a, b in itertools.pairwise(layers)
        ]
    assert {name for name, some in gates.items() if not any(some)} == {"penalty", "a gradient of its own", "other type"}
    assert gates["pooled twice"] == [True, False] and gates["not the first"] == [False, True]


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", layers_before_a_pooling())
def test_a_gate_that_comes_after_the_pooling_gives_the_same_numbers(name, training):
    layers = layers_before_a_pooling()[name]
    model = lamina.Sequential([lamina.Input((8, 8, 2)), *layers])
    x = expected = 5 * rng.normal(size=(3, 8, 8, 2)).astype("float32")
    for layer in layers:
        expected = layer(expected, training=training)
    np.testing.assert_array_equal(model.forward(x, training=training), expected)


def test_whose_gate_comes_after_the_pooling():
    class Louder(lamina.layers.Conv2D):
        def forward(self, x, training=False):
            return 2 * super().forward(x, training)

    conv, louder = (kind(4, 3, activation="relu") for kind in (lamina.layers.Conv2D, Louder))
    pool = lamina.layers.MaxPooling2D()
    for layer in (conv, louder):
        layer.build((None, 8, 8, 2))
    assert chain._postponed_gate(conv, pool) is conv.activation
    assert chain._postponed_gate(louder, pool) is None
    run = conv.forward
    conv.forward = lambda *args: run(*args)  # somebody listens
    assert chain._postponed_gate(conv, pool) is None


@pytest.mark.parametrize("name", layers_before_a_pooling())
def test_layers_may_be_taken_back_by_hand_after_a_model_went_forward(name):
    """As who wants to see backpropagation does: `for layer in reversed(model.layers): dy = layer.backward(dy)`."""
    layers = layers_before_a_pooling()[name]
    model = lamina.Sequential([lamina.Input((8, 8, 2)), *layers])
    x = 5 * rng.normal(size=(3, 8, 8, 2)).astype("float32")
    y = model.forward(x, training=True)
    first = dy = rng.normal(size=y.shape).astype("float32")
    for layer in reversed(model.layers):
        dy = layer.backward(dy.copy())
    z = x
    for layer in model.layers:
        z = layer(z, training=True)
    expected = first
    for layer in reversed(model.layers):
        expected = layer.backward(expected.copy())
    np.testing.assert_allclose(dy, expected, rtol=1e-5, atol=1e-5)
