"""Attention and EinsumDense: gradients, Keras's numbers for each call, masks, plain loops, options and messages."""

from pathlib import Path

import numpy as np
import pytest
from cases_attention import CALLS

from lamina import Input, Sequential, config, layers, utils
from lamina.errors import ArgumentError, DataError, OptionError, ShapeError
from lamina.models import passes, worth
from lamina.ops.attention import (
    beyond_window,
    causal,
    softmax_over_keys,
    softmax_over_keys_gradient,
    sum_gradient,
    tanh_of_sums,
)
from lamina.ops.contraction import contract
from lamina.testing import check_layer
from lamina.utils import processes

RECORDED = np.load(Path(__file__).parent / "references" / "attention.npz")
rng = np.random.default_rng(1)
X3, X4 = rng.normal(size=(3, 4, 2)), rng.normal(size=(2, 3, 2, 4))
MASK = np.array([[1, 1, 0, 1], [1, 0, 0, 0], [1, 1, 1, 1]], bool)
BIASES = {"bias_initializer": "random_normal"}
NO_GRADIENT = ("bias",)  # that of the keys: a number added to all scores of a query changes no weight

ATTENTION = {
    "dot": layers.Attention(),
    "dot scaled": layers.Attention(use_scale=True),
    "concat": layers.Attention(score_mode="concat"),
    "concat scaled": layers.Attention(use_scale=True, score_mode="concat"),
    "dot dropout": layers.Attention(dropout=0.4, seed=1),
    "additive": layers.AdditiveAttention(),
    "additive no scale": layers.AdditiveAttention(use_scale=False, dropout=0.4, seed=1),
    "heads": layers.MultiHeadAttention(2, 3, **BIASES),
    "heads no bias": layers.MultiHeadAttention(2, 3, use_bias=False),
    "heads of values": layers.MultiHeadAttention(2, 3, value_dim=2, **BIASES),
    "heads dropout": layers.MultiHeadAttention(2, 3, dropout=0.4, seed=1, **BIASES),
    "heads gate": layers.MultiHeadAttention(2, 3, use_gate=True, **BIASES),
    "heads output shape": layers.MultiHeadAttention(2, 3, output_shape=(2, 3), **BIASES),
    "heads window": layers.MultiHeadAttention(1, 3, sliding_window=2, **BIASES),
}
GRID = {
    "grid": layers.MultiHeadAttention(2, 3, **BIASES),
    "grid rows": layers.MultiHeadAttention(2, 3, attention_axes=2, **BIASES),
    "grid columns": layers.MultiHeadAttention(2, 3, attention_axes=(-3,), **BIASES),
    "grid turned": layers.MultiHeadAttention(2, 3, attention_axes=(2, 1), **BIASES),
}
EINSUM = {
    "dense": ("ab,bc->ac", 4, "c", (3, 5)),
    "sequence": ("abc,cd->abd", (None, 4), "d", (2, 3, 5)),
    "one sample": ("abc,cd->abd", (None, 4), "d", (1, 3, 5)),
    "to heads": ("abc,cde->abde", (None, 2, 3), "de", (2, 3, 4)),
    "from heads": ("abcd,cde->abe", (None, 4), "e", (2, 2, 3, 2)),
    "shared letter": ("abc,bcd->abd", (3, 4), "bd", (2, 3, 5)),
    "summed letter": ("abc,cd->ad", 4, None, (2, 3, 5)),
    "other order": ("abc,ce->acbe", (5, 3, 4), "be", (2, 3, 5)),
    "first of the bias": ("abc,cd->abd", (3, 4), "b", (2, 3, 5)),
    "no sum": ("abc,d->abcd", (3, 2, 4), "cd", (2, 3, 2)),
    "left ellipsis": ("...x,xy->...y", 4, "y", (2, 3, 2, 5)),
    "right ellipsis": ("ab...,bc->ac...", 4, "c", (2, 3, 2)),
}


@pytest.mark.parametrize("mask", [None, MASK], ids=["plain", "masked"])
@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", ATTENTION)
def test_attention(name, training, mask):
    check_layer(ATTENTION[name], X3, training=training, mask=mask, zero_gradients=NO_GRADIENT)


@pytest.mark.parametrize("name", ATTENTION)
def test_attention_to_one_step(name):
    layer, x = ATTENTION[name], X3[:1, :1]
    nothing = ("bias", "kernel", "scale", "concat_score_weight")  # one weight is always 1
    check_layer(layer, x, zero_gradients=nothing)


@pytest.mark.parametrize("name", GRID)
def test_attention_in_a_grid(name):
    check_layer(GRID[name], X4, zero_gradients=NO_GRADIENT)


@pytest.mark.parametrize("name", EINSUM)
def test_einsum_dense(name):
    equation, output_shape, bias_axes, shape = EINSUM[name]
    layer = layers.EinsumDense(equation, output_shape, bias_axes=bias_axes, activation="tanh", **BIASES)
    x = rng.normal(size=shape)
    check_layer(layer, x)
    linear = layers.EinsumDense(equation, output_shape, bias_axes=bias_axes, **BIASES)
    y = linear(x)
    expected = np.einsum(equation, x, linear.kernel.value) + (0 if bias_axes is None else linear.bias.value)
    np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-5)
    assert linear.compute_output_shape((None, *shape[1:])) == (None, *y.shape[1:])


def test_einsum_dense_begins_with_the_spread_of_its_sums():
    layer = layers.EinsumDense("abc,cde->abde", (None, 40, 50))
    layer.build((None, 7, 30))
    bound = np.sqrt(6 / (30 + 2000))
    assert 0.99 * bound < np.abs(layer.kernel.value).max() <= bound


# -- Keras's numbers
def close(actual, expected, what):
    scale = max(1e-30, float(np.max(np.abs(expected), initial=0)))
    np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-5 * scale, err_msg=what)


@pytest.mark.parametrize("name", CALLS)
def test_equals_keras(name):
    case = CALLS[name]
    arrays = {key.split("/")[1]: RECORDED[key] for key in RECORDED.files if key.startswith(f"{name}/")}
    class_name, arguments = case["layer"]
    layer = getattr(layers, class_name)(**arguments)
    xs = [arrays[f"x{i}"] for i in range(len(case["inputs"]))]
    masks = [arrays.get(f"mask{i}") for i in range(len(xs))]
    several = len(xs) > 1
    layer.ensure_built([x.shape for x in xs] if several else xs[0].shape)
    layer.set_weights([arrays[f"weight{i}"] for i in range(len(layer.weights))])
    mask = None if all(part is None for part in masks) else masks if several else masks[0]
    y = layer(xs if several else xs[0], mask=mask, **case.get("call", {}))
    close(y, arrays["y"], "y")
    dx = layer.backward(arrays["dy"].copy())
    for i, part in enumerate(dx if several else [dx]):
        close(part, arrays[f"dx{i}"], f"dx{i}")
    largest = max(np.abs(arrays[f"gradient{i}"]).max() for i in range(len(layer.weights))) if layer.weights else 0
    for i, weight in enumerate(layer.weights):
        if weight.path.endswith("key/bias"):  # zero but for rounding
            assert np.abs(weight.grad).max() < 1e-5 * largest
        else:
            close(weight.grad, arrays[f"gradient{i}"], weight.path)


def test_every_call_was_recorded():
    assert {key.split("/")[0] for key in RECORDED.files} - {"keras_version"} == set(CALLS)


# -- the calls
def test_several_inputs_have_a_gradient_each():
    query, value, key = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 5, 6)), rng.normal(size=(2, 5, 4))

    class Parts(layers.Layer):
        """One array that holds query, value and key, so that `check_layer` can look at all three."""

        def __init__(self, **options):
            super().__init__(**options)
            self.inner = layers.MultiHeadAttention(2, 3, seed=1, kernel_initializer="ones", dtype=self.dtype)

        def build(self, input_shape):
            self.inner.ensure_built([(None, 3, 4), (None, 5, 6), (None, 5, 4)])

        def forward(self, x, training=False):
            parts = np.split(x, [12, 42], axis=1)
            self.saved = [
                part.reshape(len(x), *shape) for part, shape in zip(parts, [(3, 4), (5, 6), (5, 4)], strict=True)
            ]
            return self.inner.forward(self.saved, training)

        def backward(self, dy):
            return (
                np.concatenate([part.reshape(len(part), -1) for part in self.inner.backward(dy)], axis=1)
                if self.saved
                else None
            )

    x = np.concatenate([part.reshape(2, -1) for part in (query, value, key)], axis=1)
    check_layer(Parts(), x, zero_gradients=NO_GRADIENT)


def test_keras_s_way_to_call_it():
    layer = layers.MultiHeadAttention(2, 3)
    query, value = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 5, 4))
    expected = layer([query.astype("float32"), value.astype("float32")])
    np.testing.assert_array_equal(layer(query, value), expected)
    np.testing.assert_array_equal(layer(query=query, value=value, key=value), expected)
    np.testing.assert_array_equal(layer(query, query, training=False), layer(query))
    kept = np.array([[1, 1, 0, 1, 0], [0, 1, 1, 1, 1]], bool)
    np.testing.assert_array_equal(
        layer(query, value, value_mask=kept), layer(query, value, attention_mask=np.repeat(kept[:, None], 3, axis=1))
    )
    hidden = layer(query, value, value_mask=kept)
    np.testing.assert_array_equal(layer(query, value, key_mask=kept), hidden)
    assert (hidden != expected).any()
    first = np.arange(5) < 4
    np.testing.assert_array_equal(
        layer(query, value, value_mask=kept, key_mask=np.tile(first, (2, 1))),
        layer(query, value, value_mask=kept & first),
    )
    assert message(ArgumentError, layer, query, key=value) == (
        "layer 'multi_head_attention' (MultiHeadAttention): key: expected a value beside it, received none.\n"
        "Likely mend: give the value too, layer(query, value, key); one array that is both needs no key."
    )


@pytest.mark.parametrize("shape", [(2, 1, 5), (2, 3, 1), (1, 1, 5), (1, 5), (2, 1, 1, 5), (2, 2, 1, 5), (1, 2, 3, 1)])
def test_an_attention_mask_for_all_alike(shape):
    """As in Keras: what has a length of 1 goes for all queries, keys, heads or samples, ``padding[:, None]``, say."""
    layer = layers.MultiHeadAttention(2, 3)
    query, value = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 5, 4))
    given = rng.random(shape) < 0.6
    given[..., 0] = True
    wide = np.broadcast_to(given if len(shape) != 3 else given[:, None], (2, 2, 3, 5))
    y = layer(query, value, attention_mask=given, use_causal_mask=True)
    np.testing.assert_array_equal(y, layer(query, value, attention_mask=wide, use_causal_mask=True))
    assert (y != layer(query, value)).any()


def test_an_attention_mask_with_the_axes_not_attended_to():
    """As in Keras: those come after the batch, before the heads."""
    x, given = rng.normal(size=(2, 3, 4, 5)), rng.random((2, 3, 4, 4)) < 0.6
    given[..., 0] = True
    layer, alone = layers.MultiHeadAttention(3, 2, attention_axes=2), layers.MultiHeadAttention(3, 2)
    layer(x), alone(x[:, 0])
    alone.set_weights(layer.get_weights())
    y = layer(x, attention_mask=given)
    for row in range(3):
        np.testing.assert_allclose(y[:, row], alone(x[:, row], attention_mask=given[:, row]), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(y, layer(x, attention_mask=given[:, :, None]))


def test_the_weights_of_attention_are_returned_on_request():
    for layer in (layers.Attention(), layers.AdditiveAttention(), layers.MultiHeadAttention(2, 3)):
        y, weights = layer(X3, return_attention_scores=True)
        np.testing.assert_array_equal(y, layer(X3))
        assert weights.shape[-2:] == (4, 4)
        np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-6)


def test_the_weights_have_the_axes_attended_to():
    """As in Keras: (batch, other axes, heads, queries..., keys...)."""
    x = rng.normal(size=(2, 3, 4, 5))
    for axes, shape in {None: (2, 2, 3, 4, 3, 4), (2, 1): (2, 2, 4, 3, 4, 3), (2,): (2, 3, 2, 4, 4)}.items():
        layer = layers.MultiHeadAttention(2, 3, attention_axes=axes)
        y, weights = layer(x, return_attention_scores=True)
        assert y.shape == x.shape and weights.shape == shape
        np.testing.assert_allclose(weights.sum(axis=(-1,) if axes == (2,) else (-2, -1)), 1, rtol=1e-6)


def test_nothing_comes_from_what_is_hidden():
    for layer in ATTENTION.values():
        y = layer(X3, mask=MASK)
        other = np.where(MASK[..., None], X3, 100.0)
        np.testing.assert_allclose(layer(other, mask=MASK)[MASK], y[MASK], rtol=1e-5)
        early = layer(X3, use_causal_mask=True)[:, :2]
        np.testing.assert_allclose(layer(X3[:, :2], use_causal_mask=True), early, rtol=1e-5, atol=1e-6)


def test_a_query_that_sees_nothing():
    """As in Keras: the mean of all values, but nothing where there is dropout, or the weights are asked for."""
    nothing = np.zeros((3, 4, 4), bool)
    layer = layers.MultiHeadAttention(1, 2, kernel_initializer="ones", use_bias=False)
    mean = layer(np.repeat(X3.mean(axis=1, keepdims=True), 4, axis=1))
    np.testing.assert_allclose(layer(X3, attention_mask=nothing), mean, rtol=1e-5, atol=1e-6)
    assert not layer(X3, attention_mask=nothing, return_attention_scores=True)[0].any()
    assert not layers.MultiHeadAttention(1, 2, dropout=0.5)(X3, attention_mask=nothing).any()


def test_the_mask_of_attention_is_that_of_the_query():
    for layer in (layers.Attention(), layers.MultiHeadAttention(1, 2)):
        assert layer.compute_mask(None, MASK) is MASK
        assert layer.compute_mask(None, [None, MASK]) is None


def test_a_causal_attention_in_a_sequential():
    class Causal(layers.MultiHeadAttention):
        def forward(self, x, training=False, mask=None):
            return super().forward(x, training, mask, use_causal_mask=True)

    check_layer(Causal(2, 3, **BIASES), X3, zero_gradients=NO_GRADIENT)


def test_weights_are_in_the_order_of_keras():
    layer = layers.MultiHeadAttention(2, 3, value_dim=5, use_gate=True)
    layer.ensure_built([(None, 4, 6), (None, 7, 8)])
    parts = ["query", "key", "gate", "value", "attention_output"]
    assert [weight.name for weight in layer.weights] == ["kernel", "bias"] * 5
    assert [part.name for part in layer.sublayers() if part.weights] == parts
    assert [weight.shape for weight in layer.weights[::2]] == [(6, 2, 3), (8, 2, 3), (6, 2, 5), (8, 2, 5), (2, 5, 6)]
    assert [weight.shape for weight in layer.weights[1::2]] == [(2, 3), (2, 3), (2, 5), (2, 5), (6,)]
    assert layer.compute_output_shape([(None, 4, 6), (None, 7, 8)]) == (None, 4, 6)


def test_a_penalty_on_the_activity_is_one_on_each_projection():
    layer = layers.MultiHeadAttention(1, 2, activity_regularizer="l2")
    layer(X3)
    assert len(layer.losses) == 4
    assert layer.activity_regularizer is None
    assert layer.get_config()["activity_regularizer"]["class_name"] == "L2"


# -- in a model
IN_A_MODEL = {
    "dot": lambda: layers.Attention(use_scale=True),
    "additive": layers.AdditiveAttention,
    "heads": lambda: layers.MultiHeadAttention(2, 2, output_shape=3),
}


@pytest.mark.parametrize("available", [True, False], ids=["processes", "threads"])
@pytest.mark.parametrize("name", IN_A_MODEL)
def test_fits_and_predicts_in_whole_and_split_batches(name, available, monkeypatch):
    for limit in ("ENOUGH", "STEP", "CALL"):
        monkeypatch.setattr(worth, limit, 1)
    monkeypatch.setattr(processes, "AVAILABLE", available and processes.AVAILABLE)
    asked = []
    monkeypatch.setattr(passes, "pays", lambda *given: asked.append(worth.pays(*given)) or asked[-1])
    x, y = rng.normal(size=(64, 5, 2)), rng.normal(size=(64, 1))

    def run(threads):
        utils.set_random_seed(1)
        with config.using_threads(threads):
            model = Sequential([Input((5, 2)), IN_A_MODEL[name](), layers.Flatten(), layers.Dense(1)])
            model.compile("sgd", "mse")
            losses = model.fit(x, y, batch_size=32, epochs=2, verbose=0).history["loss"]
            return [*model.get_weights(), losses, model.predict(x, verbose=0)]

    whole, parts = run(1), run(2)
    assert asked and all(asked)  # else both runs were whole
    for a, b in zip(whole, parts, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


# -- the array maths
def test_contract_is_einsum():
    a, b = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(5, 3, 6, 7))
    for equation in ("abcd,dbef->abcef", "abcd,dbef->fabc", "abcd,dbef->ba", "abcd,dbef->acefdb"):
        terms = equation.replace("->", ",").split(",")
        expected = np.einsum(equation, a, b)
        np.testing.assert_allclose(contract(a, terms[0], b, terms[1], terms[2]), expected, rtol=1e-10, atol=1e-10)
        out = np.empty_like(expected)
        assert contract(a, terms[0], b, terms[1], terms[2], out=out) is out
        np.testing.assert_allclose(out, expected, rtol=1e-10, atol=1e-10)


def test_softmax_over_keys_in_a_plain_loop():
    scores, hidden = rng.normal(size=(2, 3, 4)), rng.random((2, 3, 4)) < 0.4
    hidden[..., 0] = False
    weights = softmax_over_keys(scores.copy(), hidden)
    for place in np.ndindex(2, 3):
        seen = ~hidden[place]
        e = np.exp(scores[place][seen])
        np.testing.assert_allclose(weights[place][seen], e / e.sum(), rtol=1e-12)
        assert not weights[place][~seen].any()
    dw = rng.normal(size=(2, 3, 4))
    ds = softmax_over_keys_gradient(dw.copy(), weights, hidden)
    for place in np.ndindex(2, 3):
        w = weights[place]
        np.testing.assert_allclose(ds[place], (np.diag(w) - np.outer(w, w)) @ dw[place], rtol=1e-10, atol=1e-14)


def test_softmax_over_keys_leaves_no_tiny_numbers():
    weights = softmax_over_keys(np.array([[0.0, -95.0, -500.0]], "float32"))
    assert weights.tolist() == [[1.0, 0.0, 0.0]]


def test_tanh_of_sums_in_a_plain_loop():
    q, k, ds = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 5, 4)), rng.normal(size=(2, 3, 5))
    t = tanh_of_sums(q, k, 0.7)
    dq, dk = np.zeros_like(q), np.zeros_like(k)
    for b, i, j in np.ndindex(2, 3, 5):
        np.testing.assert_allclose(t[b, i, j], np.tanh(0.7 * (q[b, i] + k[b, j])), rtol=1e-12)
        dq[b, i] += ds[b, i, j] * (1 - t[b, i, j] ** 2)
        dk[b, j] += ds[b, i, j] * (1 - t[b, i, j] ** 2)
    for found, expected in zip(sum_gradient(ds, t), (dq, dk), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_what_lies_beyond():
    for i, j in np.ndindex(4, 5):
        assert causal(4, 5)[i, j] == (j > i)
        assert beyond_window(4, 5, 2)[i, j] == (abs(i - j) >= 2)


# -- messages
def message(error, function, *args, **kwargs) -> str:
    with pytest.raises(error) as caught:
        function(*args, **kwargs)
    return str(caught.value)


def test_inputs_that_do_not_fit_together():
    layer = layers.Attention()
    assert message(ShapeError, layer, np.zeros((2, 3))) == (
        "layer 'attention' (Attention): expected inputs (batch, ..., features) of one rank, 3 or more; value and key of "
        "equal steps, received query (batch, 3), value (batch, 3), key (batch, 3)."
    )
    assert (
        "expected query (batch, queries, features) and key (batch, keys, features), received query (batch, 3, 4)"
        in (message(ShapeError, layer, [np.zeros((2, 3, 4)), np.zeros((2, 3, 5))]))
    )
    built = layers.MultiHeadAttention(1, 2)
    built(X3)
    assert (
        "expected [2, 2, 2] features of query, value and key, received [4, 4, 4].\nLikely mend: the layer was built"
        in (message(ShapeError, built, X4[0]))
    )
    assert "value and key of equal steps" in message(ShapeError, layer, [X3, X3[:, :2], X3])
    assert "expected one batch size, received (3, 4, 2), (2, 4, 2)" in message(ShapeError, layer, [X3, X3[:2]])
    assert message(DataError, layer, [X3]) == (
        "layer 'attention' (Attention): expected [query, value] or [query, value, key], received 1 arrays."
    )


def test_masks_that_do_not_fit():
    layer = layers.Attention()
    assert "mask: expected a list of masks beside a list of inputs" in message(DataError, layer, [X3, X3], mask=MASK)
    assert "mask: expected a list of masks beside a list of inputs" in message(DataError, layer, X3, mask=[MASK, MASK])
    assert "mask: expected (3, 4), received (3, 3)" in message(ShapeError, layer, X3, mask=MASK[:, :3])
    layer = layers.MultiHeadAttention(1, 2)
    assert "attention_mask: expected (batch, 4, 4), True where a query may see a key, received (3, 4)" in (
        message(ShapeError, layer, X3, attention_mask=MASK)
    )
    assert "masks: expected what fits scores of shape (3, 1, 4, 4), (batch, ..., heads, queries, keys)" in (
        message(ShapeError, layer, X3, attention_mask=np.ones((2, 3, 1, 4, 4)))
    )
    assert "masks: expected what fits scores of shape (1, 1, 4, 4), (batch, ..., heads, queries, keys)" in (
        message(ShapeError, layer, X3[:1], attention_mask=np.ones((3, 4, 4)))
    )
    assert "masks: expected what fits scores of shape (2, 1, 6, 6), (batch, ..., heads, queries, keys)" in (
        message(ShapeError, layers.MultiHeadAttention(1, 2), X4, mask=MASK[:2, :3])
    )


@pytest.mark.parametrize("argument", ["num_heads", "key_dim", "value_dim", "sliding_window", "output_shape"])
def test_counts_out_of_range(argument):
    arguments = {"num_heads": 2, "key_dim": 2} | {argument: 0}
    assert message(OptionError, layers.MultiHeadAttention, **arguments) == (
        f"MultiHeadAttention({argument}=...): expected a whole number of 1 or more, received 0."
    )


def test_options_out_of_range():
    assert message(OptionError, layers.Attention, score_mode="dott") == (
        "Attention(score_mode=...): expected one of 'dot', 'concat', received 'dott'."
    )
    assert "AdditiveAttention(dropout=...)" in message(OptionError, layers.AdditiveAttention, dropout=2)
    assert "MultiHeadAttention(attention_axes=...): expected a whole number, or a list of them, received ()" in (
        message(OptionError, layers.MultiHeadAttention, 1, 2, attention_axes=())
    )
    for axes in (3, (1, 1), (0,)):
        assert "attention_axes: expected axes between batch and features of (batch, 3, 2, 4)" in (
            message(OptionError, layers.MultiHeadAttention(1, 2, attention_axes=axes), X4)
        )


@pytest.mark.parametrize(
    ("equation", "expected"),
    [
        ("abc", "'ab,bc->ac', '...b,bc->...c' or 'ab...,bc->ac...'"),
        (7, "'ab,bc->ac', '...b,bc->...c' or 'ab...,bc->ac...'"),
        ("...ab,bc->ac", "'ab,bc->ac', '...b,bc->...c' or 'ab...,bc->ac...'"),
        ("aab,bc->ac", "each letter once in a term"),
        ("ab,bc->ad", "every letter in two of the terms, or in x's alone"),
        ("ab,bcd->ac", "every letter in two of the terms, or in x's alone"),
        ("ab,bc->ca", "the batch as the first letter of x and y"),
    ],
)
def test_equations_that_can_not_be_read(equation, expected):
    assert message(OptionError, layers.EinsumDense, equation, 4) == (
        f"EinsumDense(equation=...): expected {expected}, received {equation!r}."
    )


def test_einsum_dense_refuses_shapes():
    assert message(OptionError, layers.EinsumDense, "abc,cd->abd", 4) == (
        "EinsumDense(output_shape=...): expected 2 lengths for 'abd' in 'abc,cd->abd', the batch left out, received 4."
    )
    assert "EinsumDense(bias_axes=...): expected letters of 'ac', received 'x'" in (
        message(OptionError, layers.EinsumDense, "ab,bc->ac", 4, bias_axes="x")
    )
    assert message(ShapeError, layers.EinsumDense("abc,cd->abd", (5, 4)), X3) == (
        "layer 'einsum_dense' (EinsumDense): expected a length of 5 for 'b' of 'abc,cd->abd', as output_shape says, "
        "received (batch, 4, 2).\nLikely mend: let output_shape be None there."
    )
    assert "expected an input of rank 2, for 'ab,bc->ac', received (batch, 4, 2)" in (
        message(ShapeError, layers.EinsumDense("ab,bc->ac", 4), X3)
    )
    assert "expected an input of rank 3 or more, for '...ab,bc->...ac'" in (
        message(ShapeError, layers.EinsumDense("...ab,bc->...ac", (2, 4)), X3[0])
    )
    assert "weight 'kernel': expected lengths that are known" in (
        message(ShapeError, layers.EinsumDense("abc,cd->abd", (None, None)), X3)
    )
