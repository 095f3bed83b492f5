"""Losses: their gradients against finite differences, joined with an activation, and at extreme predictions."""

import cases_losses as cases
import numpy as np
import pytest

from lamina import config, losses
from lamina.activations import JoinedGradient, Sigmoid, Softmax
from lamina.testing.gradients import compare, numerical_gradient

SMOOTH = [way for way in cases.ALL if not any(kink in way[0] for kink in cases.KINKS)]
ACTIVATIONS = {"softmax": Softmax(), "sigmoid": Sigmoid()}
JOINED = [
    ("CategoricalCrossentropy", {}, "one_hot_logits"),
    ("CategoricalCrossentropy", {"label_smoothing": 0.1}, "one_hot_logits"),
    ("CategoricalCrossentropy", {}, "numbers"),  # rows of labels that do not sum to 1
    ("SparseCategoricalCrossentropy", {}, "sparse_logits"),
    ("SparseCategoricalCrossentropy", {"ignore_class": 1}, "sparse_logits"),
    ("SparseCategoricalCrossentropy", {"ignore_class": -1}, "sparse_gaps"),
    ("BinaryCrossentropy", {}, "binary_logits"),
    ("BinaryCrossentropy", {"label_smoothing": 0.1}, "binary_logits"),
    ("BinaryCrossentropy", {"axis": 1}, "binary_logits"),
]


def make(case, /, **more):
    """The loss of a case, and y and y_pred in float64."""
    cls, arguments, kind = cases.CASES[case]
    return getattr(losses, cls)(**arguments, **more), *cases.draw(kind)


def close(name, analytic, numeric, tolerance=1e-6):
    """Both alike, measured by the largest entry."""
    scale = np.abs(numeric).max() or 1
    compare(name, np.asarray(analytic) / scale, numeric / scale, tolerance)


def differences(forward, x):
    return numerical_gradient(lambda: float(np.sum(forward())), x, 1e-6)


# -- the true gradient
@pytest.mark.parametrize(("name", "reduction", "way"), SMOOTH)
def test_gradient_by_finite_differences(name, reduction, way):
    loss, y, p = make(name, reduction=reduction)
    weights, mask = cases.weights_of(make(name, reduction="none")[0](y, p).shape, way)
    loss.forward(y, p, weights, mask)
    gradient = loss.backward()
    assert gradient.any() and gradient.dtype == np.float64
    close(name, gradient, differences(lambda: loss.forward(y, p, weights, mask), p))


def test_every_loss_has_a_smooth_case():
    assert {cases.CASES[name][0] for name, _, _ in SMOOTH} == {cls for cls, _, _ in cases.CASES.values()}


@pytest.mark.parametrize("name", [n for n in cases.CASES if n not in cases.ONE_VALUE and not n.startswith("circle")])
def test_a_weight_of_two_is_the_sample_twice(name):
    """Not for losses in which a sample's value depends on the others."""
    loss, y, p = make(name, reduction="sum")
    shape = make(name, reduction="none")[0](y, p).shape
    weights = np.array([2.0, 1, 1]).reshape(-1, *[1] * (len(shape) - 1))
    value = loss.forward(y, p, weights)
    gradient = loss.backward()
    assert value == pytest.approx(loss.forward(np.concatenate([y, y[:1]]), np.concatenate([p, p[:1]])), rel=1e-12)
    twice = loss.backward()
    twice[0] += twice[3]
    np.testing.assert_allclose(gradient, twice[:3], rtol=1e-12)


# -- joined with the activation that ends the model
@pytest.mark.parametrize("way", ["plain", "weighted", "masked", "masked and weighted"])
@pytest.mark.parametrize("reduction", cases.REDUCTIONS)
@pytest.mark.parametrize(("cls", "arguments", "kind"), JOINED, ids=str)
def test_joined_gradient_is_that_through_the_activation(cls, arguments, kind, reduction, way):
    loss = getattr(losses, cls)(**arguments, reduction=reduction)
    y, z = cases.draw(kind)
    activation = ACTIVATIONS[loss.joins]
    weights, mask = cases.weights_of((3, 4) if "axis" in arguments else (3, 2), way)
    if mask is not None and "axis" in arguments:
        mask = mask[:, :1] | np.zeros((3, 4), bool)
    loss.forward(y, activation(z), weights, mask)
    joined = loss.backward(joined=True)
    assert isinstance(joined, JoinedGradient) and joined.shape == z.shape and joined.dtype == z.dtype
    close(cls, joined, differences(lambda: loss.forward(y, activation(z), weights, mask), z))
    loss.forward(y, activation(z), weights, mask)
    through = activation.backward(loss.backward(), activation(z))
    np.testing.assert_allclose(joined, through, rtol=1e-7, atol=1e-12)


def test_what_joins():
    assert losses.CategoricalCrossentropy.joins == losses.SparseCategoricalCrossentropy.joins == "softmax"
    assert losses.BinaryCrossentropy.joins == "sigmoid" and losses.BinaryCrossentropy(axis=1).joins == "sigmoid"
    assert losses.CategoricalCrossentropy(from_logits=True).joins is None
    assert losses.CategoricalCrossentropy(axis=1).joins is None
    assert losses.SparseCategoricalCrossentropy(from_logits=True).joins is None
    assert losses.SparseCategoricalCrossentropy(axis=1).joins is None
    assert losses.BinaryCrossentropy(from_logits=True).joins is None
    joining = {cls for cls, _, _ in cases.CASES.values() if getattr(losses, cls).joins}
    assert joining == {cls for cls, _, _ in JOINED}


@pytest.mark.parametrize(("output", "given"), [((4, 1), (4,)), ((4,), (4, 1)), ((4, 2, 1), (4, 2))])
def test_joined_gradient_has_the_shape_of_the_output(output, given):
    p = np.linspace(0.1, 0.9, np.prod(output), dtype="float32").reshape(output)
    loss = losses.BinaryCrossentropy()
    loss.forward(np.ones(given), p)
    joined = loss.backward(joined=True)
    assert joined.shape == output and joined.dtype == np.float32
    np.testing.assert_allclose(joined, (p - 1) / p.size, rtol=1e-6)


@pytest.mark.parametrize("cls", ["CategoricalCrossentropy", "SparseCategoricalCrossentropy"])
def test_joined_gradient_of_a_hopeless_sample(cls):
    """Where p is exactly 0 at the true class, the clipped loss is flat; the joined gradient points the right way."""
    loss, y = getattr(losses, cls)(), np.array([[0, 1, 0]])
    p = np.array([[1, 0, 0]], "float32")
    assert loss(y if cls[0] == "C" else y.argmax(-1), p) == pytest.approx(-np.log(1e-7), rel=1e-5)
    assert not loss.backward().any()
    np.testing.assert_array_equal(loss.backward(joined=True), [[1, -1, 0]])


@pytest.mark.parametrize("row", [[2.0, 6.0, 1.0], [-1.0, -2.0, -1.0], [3.0, -1.0, 2.0], [1e-9, 2e-9, 1e-9]], ids=str)
def test_rows_that_are_no_probabilities_mean_the_same_by_numbers(row):
    """A number beyond 1 counts with its share of the sum, as it does for one-hot targets."""
    sparse, one_hot = losses.SparseCategoricalCrossentropy(), losses.CategoricalCrossentropy()
    p = np.array([row, [0.2, 0.3, 0.5]])
    assert sparse.forward([1, 0], p) == pytest.approx(one_hot.forward([[0, 1, 0], [1, 0, 0]], p), rel=1e-12)
    np.testing.assert_allclose(sparse.backward(), one_hot.backward(), rtol=1e-9, atol=1e-12)


def test_class_numbers_do_not_hide_what_is_not_finite():
    for bad in (np.inf, -np.inf, np.nan):
        with np.errstate(invalid="ignore"):
            assert np.isnan(losses.SparseCategoricalCrossentropy()([0], [[bad, 0.5, 0.5]]))


def test_joined_gradient_of_hopeless_yes_and_no():
    loss = losses.BinaryCrossentropy()
    loss.forward([[0, 1]], np.array([[1, 0]], "float32"))
    np.testing.assert_array_equal(loss.backward(joined=True), [[0.5, -0.5]])


# -- extreme predictions
def extremes(loss, y, p):
    """Predictions of a kind that the loss may get: certain and right, certain and wrong, or huge."""
    if getattr(loss, "from_logits", False):
        return [np.full_like(p, -1e4), np.full_like(p, 1e4), np.where(p > 0, 1e4, -1e4), np.zeros_like(p)]
    if "ross" in type(loss).__name__ or isinstance(loss, losses.KLDivergence):
        right = np.eye(4)[y] if y.ndim < p.ndim else np.round(y)
        alike = np.ones_like(p)
        return [alike, 1 - right, right if right.any(axis=getattr(loss, "axis", -1)).all() else alike]
    return [np.zeros_like(p), np.ones_like(p), 1e4 * np.abs(p), np.full_like(p, 1e-30)]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", cases.CASES)
def test_extreme_predictions_stay_finite(name, dtype):
    """No infinity, no NaN, and (as warnings are errors here) no warning."""
    loss, y, p = make(name)
    for extreme in extremes(loss, y % 4 if y.dtype.kind == "i" else y, p):
        assert np.isfinite(loss.forward(y, extreme.astype(dtype)))
        assert np.isfinite(loss.backward()).all()
        if loss.joins:
            assert np.isfinite(loss.backward(joined=True)).all()


HALF = {
    "plain": losses.CategoricalCrossentropy(),
    "smoothed": losses.CategoricalCrossentropy(label_smoothing=0.1),
    "sparse": losses.SparseCategoricalCrossentropy(),
    "divergence": losses.KLDivergence(),
    **{f"focal {gamma}": losses.CategoricalFocalCrossentropy(gamma=gamma) for gamma in (0, 0.5, 1, 2)},
}


@pytest.mark.parametrize("p", [[0.875, 0, 0.125], [0.25, 0.75, 0], [0.5, 1e-3, 0.499]], ids=str)
@pytest.mark.parametrize("name", HALF)
def test_half_precision_gives_what_double_does(name, p):
    """1 / ε, which overflows in float16, is in no number that counts."""
    y, loss = np.array([1]) if name == "sparse" else np.array([[0.0, 1.0, 0.0]]), HALF[name]
    value, expected = loss.forward(y, np.array([p])), loss.backward()
    half = np.array([p], "float16")
    config.set_floatx("float16")
    assert loss.forward(y, half) == pytest.approx(value, rel=2e-2)  # ε itself is 1.2e-7 there
    found = loss.backward()
    assert found.dtype == np.float16
    np.testing.assert_allclose(found, expected, rtol=1e-2, atol=1e-3)


@pytest.mark.parametrize("p", [[1, 0, 0], [0, 1, 0]], ids=str)
@pytest.mark.parametrize("name", HALF)
def test_certainty_in_half_precision_is_finite(name, p):
    loss = HALF[name]
    config.set_floatx("float16")
    value = loss.forward([1] if name == "sparse" else [[0.0, 1.0, 0.0]], np.array([p], "float16"))
    assert np.isfinite(value) and np.isfinite(loss.backward()).all()


@pytest.mark.parametrize("name", ["plain", "smoothed", "focal 0.5", "focal 2"])
def test_a_weight_of_zero_leaves_no_gradient_in_half_precision(name):
    loss = HALF[name]
    config.set_floatx("float16")
    loss.forward([[0.0, 1.0], [0.0, 1.0]], np.array([[1, 1e-6], [0.5, 0.5]], "float16"), np.array([0, 1]))
    gradient = loss.backward()
    assert not gradient[0].any() and np.isfinite(gradient[1]).all()


@pytest.mark.parametrize("kind", ["BinaryCrossentropy", "BinaryFocalCrossentropy", "MeanSquaredError"])
def test_predictions_in_half_precision_are_computed_in_single(kind):
    """As in Keras, whose losses have `floatx`: 1 - ε is 1 in float16, and 300² is inf."""
    loss, p = getattr(losses, kind)(), np.array([[1.0, 0.0, 0.25]], "float16")
    p, y = (p * 2000, p * 0) if kind == "MeanSquaredError" else (p, 1 - p)
    value, gradient = loss.forward(y, p), loss.backward()
    assert value == loss.forward(y, p.astype("float32")) and np.isfinite(value)
    assert gradient.dtype == np.float16 and type(loss(y, p)) is np.float32
    expected = loss.backward()
    np.testing.assert_array_equal(gradient, expected.astype("float16"))


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0, 3.5])
@pytest.mark.parametrize(("y", "p"), [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0)])
def test_focal_losses_at_certainty(gamma, y, p):
    """Keras's gradient is NaN at some of these."""
    loss = losses.BinaryFocalCrossentropy(gamma=gamma)
    assert np.isfinite(loss.forward([[y]], np.array([[p]])))
    slope = loss.backward()[0, 0]
    assert abs(slope) < 2e-7 if y == p or gamma == 0 else slope * (p - y) > 0


def test_a_probability_of_zero_has_a_finite_slope():
    """Keras's is infinite."""
    loss = losses.CategoricalGeneralizedCrossEntropy(0.5)
    assert loss.forward([0], np.array([[0, 1]], "float32")) == 2
    slope = loss.backward()
    assert slope[0, 0] < -1e15 and np.isfinite(slope).all()
