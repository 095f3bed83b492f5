"""Recurrent layers against their equations taken one step and one gate at a time: every activation and every option."""

import numpy as np
import pytest
from plain_recurrence import run

from lamina import activations, layers
from lamina.activations import registry
from lamina.testing import check_layer

KINDS = {
    "SimpleRNN": layers.SimpleRNN,
    "LSTM": layers.LSTM,
    "GRU": layers.GRU,
    "GRU, reset before": lambda *args, **options: layers.GRU(*args, reset_after=False, **options),
}
ACTIVATIONS = sorted(set(registry.names()) - {"glu"})  # which gives half as many numbers as it takes
TOLD = {
    "threshold": lambda: activations.Threshold(-0.1, 0.3),
    "hard_shrink": lambda: activations.HardShrink(0.02),
    "soft_shrink": lambda: activations.SoftShrink(0.02),
}
MASKS = {
    "none": None,
    "right": [[1, 1, 1, 0], [1, 0, 0, 0], [1, 1, 1, 1]],
    "left": [[0, 1, 1, 1], [0, 0, 0, 1], [1, 1, 1, 1]],
    "gaps and an empty row": [[1, 0, 1, 0], [0, 0, 0, 0], [0, 1, 0, 1]],
}


def activation(name):
    """The activation of that name, set so that it isn't flat on small numbers."""
    return TOLD[name]() if name in TOLD else activations.get(name)


def steps_for(name):
    """An exponential of an exponential of an exponential is more than a float holds."""
    return 2 if name == "exponential" else 4


def made(kind, *args, x, **options):
    """A layer in float64 with weights that are nowhere zero."""
    layer = KINDS[kind](*args, bias_initializer="glorot_normal", dtype="float64", **options)
    layer.build((None, *x.shape[1:]))
    rng = np.random.default_rng(7)
    layer.set_weights([0.3 * rng.normal(size=weight.shape) for weight in layer.weights])
    return layer


@pytest.fixture
def x():
    return np.random.default_rng(5).normal(size=(3, 4, 2))


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_each_activation(kind, name, x):
    """Each activation in each place, so that a fast path for the usual pair takes nothing else for it."""
    pairs = [{"activation": activation(name)}]
    if kind != "SimpleRNN":
        pairs += [{"recurrent_activation": activation(name)}, pairs[0] | {"recurrent_activation": activation(name)}]
    for pair in pairs:
        layer = made(kind, 3, x=x, return_sequences=True, **pair)
        few = x[:, : steps_for(name)]
        np.testing.assert_allclose(layer(few), run(layer, few)[0], rtol=1e-10, atol=1e-12, err_msg=str(pair))


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("kind", ["SimpleRNN", "LSTM", "GRU"])
def test_the_gradient_of_each_activation(kind, name):
    x = 0.5 * np.random.default_rng(3).normal(size=(2, steps_for(name), 2))
    pairs = [{"activation": activation(name)}]
    if kind != "SimpleRNN":
        pairs += [{"recurrent_activation": activation(name)}]
    for pair in pairs:
        check_layer(KINDS[kind](3, **pair), x)


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_masks_states_and_direction(kind, backwards, mask, x):
    mask = None if MASKS[mask] is None else np.array(MASKS[mask], bool)
    rng = np.random.default_rng(1)
    initial = [rng.normal(size=(3, 5)) for _ in range(2 if kind == "LSTM" else 1)]
    layer = made(kind, 5, x=x, return_sequences=True, return_state=True, go_backwards=backwards)
    for given in (None, initial):
        y, *states = layer(x, mask=mask, initial_state=given)
        expected, ends = run(layer, x, mask, given)
        for found, wanted in zip([y, *states], [expected, *ends], strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("options", [{"use_bias": False}, {"unroll": True}, {"unit_forget_bias": False}], ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_options(kind, options, x):
    if "unit_forget_bias" in options and kind != "LSTM":
        options = {}
    layer = made(kind, 3, x=x, **options)
    np.testing.assert_allclose(layer(x), run(layer, x)[0][:, -1], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("batch", "steps", "features", "units"), [(1, 1, 1, 1), (1, 6, 3, 2), (5, 1, 1, 4), (2, 3, 7, 1)]
)
@pytest.mark.parametrize("kind", KINDS)
def test_sizes(kind, batch, steps, features, units):
    x = np.random.default_rng(0).normal(size=(batch, steps, features))
    layer = made(kind, units, x=x, return_sequences=True)
    np.testing.assert_allclose(layer(x), run(layer, x)[0], rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_call_after_call_gives_the_same(kind, x):
    """Memory that is used again holds nothing over: batches of other sizes between, and results kept by the caller."""
    layer = made(kind, 3, x=x, return_sequences=True)
    first = layer(x)
    kept, dx = first.copy(), layer.backward(np.ones_like(first))
    kept_dx = dx.copy()
    for batch in (np.tile(x, (5, 1, 1)), x[:1, :2], -x):
        layer.backward(np.ones_like(layer(batch)))
    np.testing.assert_array_equal(first, kept)
    np.testing.assert_array_equal(dx, kept_dx)
    np.testing.assert_allclose(layer(x), kept, rtol=1e-13)


@pytest.mark.parametrize("kind", KINDS)
def test_float32_is_near_float64(kind, x):
    double = made(kind, 3, x=x, return_sequences=True)
    single = KINDS[kind](3, return_sequences=True)
    single.build((None, None, 2))
    single.set_weights(double.get_weights())
    np.testing.assert_allclose(single(x), double(x), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_saturated_gates_stay_finite(kind):
    layer = KINDS[kind](2, return_sequences=True)
    y = layer(np.array([[[1e4], [-1e4], [1e4]]]))
    dx = layer.backward(np.ones_like(y))
    assert np.isfinite(y).all() and np.isfinite(dx).all()


def test_the_usual_pair_as_an_object_is_the_usual_pair(x):
    layer = made("LSTM", 3, x=x, activation=activations.get("tanh"), recurrent_activation=activations.get("sigmoid"))
    np.testing.assert_allclose(layer(x), run(layer, x)[0][:, -1], rtol=1e-10)


@pytest.mark.parametrize("forget", [True, False])
def test_the_bias_of_the_forget_gate_begins_as_one(forget):
    layer = layers.LSTM(2, unit_forget_bias=forget)
    layer.build((None, 3, 1))
    np.testing.assert_array_equal(layer.weights[2].value, [0, 0, *([1, 1] if forget else [0, 0]), 0, 0, 0, 0])
