"""Activations: Keras's numbers, finite differences, the contract of forward and backward, names and messages."""

import inspect
import json
from pathlib import Path

import cases_activations as cases
import numpy as np
import pytest
from scipy.special import ndtr

import lamina
from lamina import activations
from lamina.activations.base import registry
from lamina.activations.normal import PIECE, distribution
from lamina.errors import ArgumentError, OptionError, ShapeError
from lamina.testing import numerical_gradient
from lamina.testing.gradients import compare

RECORDED = np.load(Path(__file__).parent / "references" / "activations.npz")
FACTS = json.loads(str(RECORDED["facts"]))
CLASSES = {cls for cls in (registry.find(name) for name in registry.names()) if cls.__module__.startswith("lamina.")}
IDS = [cases.case_id(*case) for case in cases.CASES]
all_cases = pytest.mark.parametrize(("name", "arguments"), cases.CASES, ids=IDS)


def make(name, arguments):
    return registry.find(name)(**arguments)


def recorded(name, arguments, dtype):
    """Keras's y and dx of a case: all arrays of a type stand in one, one after another."""
    sizes = [np.prod(shape, dtype=int) for pair in FACTS["shapes"].values() for shape in pair]
    parts = np.split(RECORDED[dtype], np.cumsum(sizes)[:-1])
    at = 2 * list(FACTS["shapes"]).index(cases.case_id(name, arguments))
    shapes = FACTS["shapes"][cases.case_id(name, arguments)]
    return [part.reshape(shape) for part, shape in zip(parts[at : at + 2], shapes, strict=True)]


def run(activation, x, g):
    y, saved = activation.forward(x.copy())
    return y, activation.backward(g.copy(), saved)


def test_every_activation_has_a_case():
    assert {registry.find(name) for name, _ in cases.CASES} == CLASSES


# -- numbers
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "arguments"), cases.RECORDED, ids=[cases.case_id(*case) for case in cases.RECORDED])
def test_keras_computes_the_same(name, arguments, dtype):
    x, g = cases.inputs(name)
    y, dx = run(make(name, arguments), x.astype(dtype), cases.cut(name, arguments, g).astype(dtype))
    same = x != cases.DIFFERENT.get(name)
    rtol, atol = (1e-5, 2e-6) if dtype == "float32" else (1e-6, 1e-8) if name in cases.ROUNDED else (1e-12, 1e-13)
    for mine, keras in zip((y, dx), recorded(name, arguments, dtype), strict=True):
        assert mine.dtype == dtype
        if name != "glu":
            mine, keras = mine[same], keras[same]
        np.testing.assert_allclose(mine, keras, rtol=rtol, atol=atol)


def test_where_lamina_differs_from_keras():
    x = np.array([0.0, -1e4], "float32")
    assert run(activations.CELU(), x, np.ones_like(x))[1][0] == 1
    np.testing.assert_allclose(activations.squareplus(x)[1], 1e-4, rtol=1e-6)


@all_cases
def test_gradient_is_that_of_finite_differences(name, arguments):
    activation, rng = make(name, arguments), np.random.default_rng(3)
    x = 2 * rng.normal(size=(3, 4, 6))
    for kink in cases.KINKS:
        x = np.where(np.abs(x - kink) < 1e-3, x + 0.01, x)
    g = cases.cut(name, arguments, rng.normal(size=x.shape))
    _, dx = run(activation, x, g)
    compare(name, dx, numerical_gradient(lambda: float((activation(x) * g).sum()), x), 1e-6)


@pytest.mark.parametrize("cls", [activations.Softmax, activations.LogSoftmax])
@pytest.mark.parametrize("axis", [0, -2, (0, 2), [-1, 0]])
def test_softmax_along_other_axes(cls, axis):
    x = np.random.default_rng(0).normal(size=(3, 4, 5))
    summed = tuple(axis) if isinstance(axis, list | tuple) else axis
    e = np.exp(x)
    y = e / e.sum(axis=summed, keepdims=True)
    activation = cls(axis)
    np.testing.assert_allclose(activation(x), y if cls is activations.Softmax else np.log(y), rtol=1e-12)
    g = np.random.default_rng(1).normal(size=x.shape)
    compare("x", run(activation, x, g)[1], numerical_gradient(lambda: float((activation(x) * g).sum()), x), 1e-6)


def test_sparsemax_is_the_nearest_distribution():
    """Of all y ≥ 0 with Σ y = 1 only the nearest to x lies below x by one and the same τ where y > 0, and x ≤ τ elsewhere."""
    x = np.random.default_rng(0).normal(size=(50, 6))
    y = activations.sparsemax(x)
    np.testing.assert_allclose(y.sum(axis=-1), 1, rtol=1e-12)
    kept = y > 0
    assert set(kept.sum(axis=-1)) >= {1, 2, 3}
    for row, mine, inside in zip(x, y, kept, strict=True):
        tau = (row - mine)[inside]
        np.testing.assert_allclose(tau, tau[0], rtol=1e-12)
        assert (mine >= 0).all()
        assert (row[~inside] <= tau[0]).all()
    np.testing.assert_allclose(activations.sparsemax([0.1, 0.2, 0.3, 0.4, 0.5]), [0, 0.1, 0.2, 0.3, 0.4], atol=1e-7)


# -- the contract
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@all_cases
def test_float_type_is_kept(name, arguments, dtype):
    x, g = np.ones((2, 4, 6), dtype), np.ones((2, 4, 6), dtype)
    y, dx = run(make(name, arguments), x, cases.cut(name, arguments, g))
    assert (y.dtype, dx.dtype) == (dtype, dtype)
    assert make(name, arguments)(x).dtype == dtype


@all_cases
def test_calling_leaves_the_input_alone(name, arguments):
    x, _ = cases.inputs(name)
    before = x.copy()
    y = make(name, arguments)(x)
    np.testing.assert_array_equal(x, before)
    assert not np.shares_memory(x, y)


@all_cases
def test_arrays_need_not_be_contiguous(name, arguments):
    activation, (x, g) = make(name, arguments), cases.inputs(name)
    g = cases.cut(name, arguments, g)
    y, dx = run(activation, x, g)
    y_strided, saved = activation.forward(np.repeat(x, 2, axis=-1)[..., ::2])
    dx_strided = activation.backward(np.repeat(g, 2, axis=0)[::2], saved)
    np.testing.assert_allclose(y_strided, y, rtol=1e-14)
    np.testing.assert_allclose(dx_strided, dx, rtol=1e-12, atol=1e-14)


@all_cases
def test_output_shape(name, arguments):
    activation = make(name, arguments)
    assert activation.compute_output_shape((2, 4, 6)) == activation(np.ones((2, 4, 6))).shape
    assert activation.compute_output_shape((None, 4, 6))[0] is None


@pytest.mark.parametrize("size", [1e4, 1e30])
@all_cases
def test_large_numbers_overflow_nowhere(name, arguments, size):
    """No warning (the suite makes an error of one), and nothing that is not a number."""
    x = np.array([[size, -size, 1.0, 0.0], [-size, -size, size, size]], "float32")
    if "axis" in arguments:
        x = np.stack([x, -x, x])
    g = cases.cut(name, arguments, np.ones_like(x))
    y, dx = run(make(name, arguments), x, g)
    assert not np.isnan(y).any()
    assert not np.isnan(dx).any()
    if name != "exponential":
        assert np.isfinite(y).all()
        assert np.isfinite(dx).all()


@pytest.mark.parametrize("size", [3, 6, 12, 50, 1000])
@all_cases
def test_half_precision_overflows_nowhere(name, arguments, size):
    """y and dx are those of float64, as far as float16 can tell."""
    x = np.array([[size, -size, 1.5, 0.5], [-size, -size, size, size]], "float16")
    if "axis" in arguments:
        x = np.stack([x, -x, x])
    if name == "exponential":
        x = np.minimum(x, 10)
    g = cases.cut(name, arguments, np.ones_like(x))
    y, dx = run(make(name, arguments), x, g)
    assert y.dtype == dx.dtype == "float16"
    wide = run(make(name, arguments), x.astype("float64"), g)
    for found, expected in zip((y, dx), wide, strict=True):
        np.testing.assert_allclose(found, expected, rtol=4e-3, atol=4e-3)


@pytest.mark.parametrize("name", ["mish", "silu", "gelu", "hard_silu", "softplus", "squareplus", "sparse_plus"])
def test_the_largest_numbers_of_half_precision(name):
    x = np.array([65504, -65504], "float16")
    y, dx = run(activations.get(name), x, np.ones_like(x))
    assert y.tolist() == [65504, 0] and dx.tolist() == [1, 0]


def test_the_normal_distribution_in_single_precision():
    x = np.linspace(-9, 9, PIECE + 1000, dtype="float32").reshape(-1, 8)
    exact = ndtr(x.astype("float64"))
    np.testing.assert_allclose(distribution(x), exact, rtol=1e-5, atol=0)
    np.testing.assert_allclose(distribution(x.T), exact.T, rtol=0, atol=3e-7)
    far = np.array([np.inf, 1e30, 40, 0, -40, -1e30, -np.inf, np.nan], "float32")
    np.testing.assert_allclose(distribution(far), [1, 1, 1, 0.5, 0, 0, 0, np.nan], rtol=0, atol=3e-7)
    assert distribution(far[:0]).shape == (0,)


def test_an_infinite_number():
    x = np.array([np.inf, -np.inf], "float32")
    y, dx = run(activations.LeakyReLU(0), x, np.ones_like(x))
    assert y.tolist() == [np.inf, 0] and dx.tolist() == [1, 0]
    with np.errstate(invalid="ignore"):  # -inf · 0, as in Keras
        y, dx = run(activations.HardSiLU(), x, np.ones_like(x))
    assert y[0] == np.inf and dx.tolist() == [1, 0]


@all_cases
def test_nan_is_never_swallowed(name, arguments):
    x, _ = cases.inputs(name)
    index = (0, 1, 2) if x.ndim == 3 else (3,)
    x[index] = np.nan
    y = make(name, arguments)(x)
    assert np.isnan(y[index])
    if name not in cases.ALONG_AN_AXIS:
        assert np.isnan(y).sum() == 1


@pytest.mark.parametrize(
    ("name", "below", "above"),
    [
        ("relu", 0, np.inf),
        ("relu6", 0, 6),
        ("leaky_relu", -np.inf, np.inf),
        ("elu", -1, np.inf),
        ("sigmoid", 0, 1),
        ("hard_sigmoid", 0, 1),
        ("tanh", -1, 1),
        ("softplus", 0, np.inf),
        ("log_sigmoid", -np.inf, 0),
        ("sparse_plus", 0, np.inf),
    ],
)
def test_limits(name, below, above):
    assert activations.get(name)(np.array([-np.inf, np.inf])).tolist() == [below, above]


def test_sigmoid_keeps_small_probabilities():
    x = np.array([-80, -20, -10, 10], "float32")
    np.testing.assert_allclose(activations.sigmoid(x), 1 / (1 + np.exp(-x.astype("float64"))), rtol=1e-6)


def test_numbers_and_lists_take_the_default_type():
    assert activations.relu([1, -2]).dtype == "float32"
    assert activations.gelu(1.0).shape == ()
    lamina.config.set_floatx("float64")
    assert activations.relu([1.0, -2.0]).dtype == "float64"
    assert activations.sigmoid(0).tolist() == 0.5


@pytest.mark.parametrize("activation", [activations.Softmax(), activations.Sigmoid()], ids=["softmax", "sigmoid"])
def test_joined_gradient_passes_through(activation):
    _, saved = activation.forward(np.array([[1.0, 2.0]]))
    joined = np.array([[0.5, -0.5]]).view(activations.JoinedGradient)
    dx = activation.backward(joined, saved)
    assert type(dx) is np.ndarray
    assert np.shares_memory(dx, joined)
    assert dx.tolist() == [[0.5, -0.5]]


# -- names, configurations, messages
@pytest.mark.parametrize("name", sorted(FACTS["signatures"]))
def test_functions_are_keras_s(name):
    found = inspect.signature(getattr(activations, name)).parameters.values()
    assert {p.name: None if p.default is p.empty else p.default for p in found} == FACTS["signatures"][name]
    assert name in activations.__all__


@pytest.mark.parametrize("name", sorted(FACTS["names"]))
def test_names_are_keras_s(name):
    assert registry.find(name) is registry.find(FACTS["names"][name])
    if name != "threshold":
        assert activations.get(name) is not activations.get(name)
        assert type(activations.get(name)) is type(activations.get(getattr(activations, name)))


@all_cases
def test_function_and_class_agree(name, arguments):
    x, _ = cases.inputs(name)
    np.testing.assert_array_equal(getattr(activations, name)(x, **arguments), make(name, arguments)(x))


@all_cases
def test_config_comes_back(name, arguments):
    activation, (x, _) = make(name, arguments), cases.inputs(name)
    config = json.loads(json.dumps(activations.serialize(activation)))
    twin = activations.get(config)
    assert type(twin) is type(activation)
    assert json.loads(json.dumps(activations.serialize(twin))) == config
    np.testing.assert_array_equal(twin(x), activation(x))


def test_get():
    tanh = activations.Tanh()
    assert activations.get(tanh) is tanh
    assert isinstance(activations.get(activations.Tanh), activations.Tanh)
    assert isinstance(activations.get(None), activations.Linear)
    assert activations.get(activations.leaky_relu).negative_slope == 0.2


def test_an_activation_of_ones_own():
    class Cube(activations.Activation):
        def forward(self, x):
            return x**3, x

        def backward(self, dy, saved):
            return 3 * dy * saved**2

    layer = lamina.layers.Activation(Cube(), dtype="float64")
    assert layer(np.array([[2.0]])).tolist() == [[8.0]]
    assert layer.backward(np.array([[1.0]])).tolist() == [[12.0]]
    assert isinstance(activations.deserialize("Cube", {"Cube": Cube}), Cube)


@pytest.mark.parametrize(
    ("identifier", "error", "message"),
    [
        ("rleu", OptionError, "unknown activation 'rleu'.\nLikely mend: did you mean 'relu'?"),
        ("sofmax", OptionError, "did you mean 'softmax'?"),
        (lambda x: x, ArgumentError, "an activation needs its gradient: expected a name, or an instance of a subclass"),
        (np.tanh, ArgumentError, "Likely mend: give the name, 'tanh'."),
        (3, ArgumentError, "can't read this as"),
    ],
)
def test_what_is_no_activation(identifier, error, message):
    with pytest.raises(error) as caught:
        activations.get(identifier)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("make_one", "message"),
    [
        (
            lambda: activations.ReLU(negative_slope=-1),
            "ReLU(negative_slope=...): expected a number from 0, received -1.",
        ),
        (lambda: activations.ReLU(max_value=-1), "ReLU(max_value=...): expected a number from 0, received -1."),
        (lambda: activations.ReLU(threshold=-1), "ReLU(threshold=...): expected a number from 0, received -1."),
        (
            lambda: activations.LeakyReLU(None),
            "LeakyReLU(negative_slope=...): expected a number from 0, received None.",
        ),
        (lambda: activations.ELU(alpha=-1), "ELU(alpha=...): expected a number from 0, received -1."),
        (lambda: activations.CELU(alpha=0), "CELU(alpha=...): expected a number above 0, received 0."),
        (lambda: activations.Squareplus(b=0), "Squareplus(b=...): expected a number above 0, received 0."),
        (lambda: activations.HardShrink(-1), "HardShrink(threshold=...): expected a number from 0, received -1."),
        (lambda: activations.SoftShrink("a"), "SoftShrink(threshold=...): expected a number from 0, received 'a'."),
        (lambda: activations.Threshold(0, "a"), "Threshold(default_value=...): expected a number, received 'a'."),
        (
            lambda: activations.Softmax("a"),
            "Softmax(axis=...): expected a whole number, or a list of them, received 'a'.",
        ),
        (
            lambda: activations.Softmax([]),
            "Softmax(axis=...): expected a whole number, or a list of them, received [].",
        ),
        (lambda: activations.GLU(0.5), "GLU(axis=...): expected a whole number, received 0.5."),
        (lambda: activations.Sparsemax([0, 1]), "Sparsemax(axis=...): expected a whole number, received [0, 1]."),
    ],
)
def test_options_are_refused(make_one, message):
    with pytest.raises(OptionError) as caught:
        make_one()
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: activations.softmax(np.ones((2, 3)), axis=2),
            "Softmax along axis 2: expected an input of rank 3 or more, received (2, 3).",
        ),
        (
            lambda: activations.sparsemax(np.ones(3), axis=-2),
            "Sparsemax along axis -2: expected an input of rank 2 or more, received (3,).",
        ),
        (
            lambda: activations.GLU().compute_output_shape((None, 3)),
            "GLU along axis -1: expected an even length there, received 3 in (None, 3).",
        ),
    ],
)
def test_shapes_are_refused(call, message):
    with pytest.raises(ShapeError) as caught:
        call()
    assert str(caught.value) == message


def test_what_is_not_written_says_so():
    class Empty(activations.Activation):
        pass

    with pytest.raises(NotImplementedError, match="Empty has no forward"):
        Empty()(1.0)
    with pytest.raises(NotImplementedError, match="Empty has no backward"):
        Empty().backward(np.ones(1), None)
