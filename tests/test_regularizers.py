"""Regularizers: Keras's penalties and gradients, finite differences, names, configurations and messages."""

import json
from pathlib import Path

import cases_regularizers as cases
import numpy as np
import pytest

from lamina import layers, regularizers
from lamina.errors import ArgumentError, OptionError, ShapeError
from lamina.regularizers.base import registry
from lamina.testing import numerical_gradient
from lamina.testing.gradients import compare

RECORDED = np.load(Path(__file__).parent / "references" / "regularizers.npz")
NAMES = json.loads(str(RECORDED["names"]))
CLASSES = {cls for cls in (registry.find(name) for name in registry.names()) if cls.__module__.startswith("lamina.")}
numbers = pytest.mark.parametrize("number", range(len(cases.CASES)), ids=lambda n: " ".join(map(str, cases.CASES[n])))


def case(number, dtype):
    name, arguments, shape = cases.CASES[number]
    return getattr(regularizers, name)(**arguments), cases.weight(shape).astype(dtype)


def test_every_regularizer_has_a_case():
    assert {getattr(regularizers, name) for name, _, _ in cases.CASES} == CLASSES


@numbers
def test_keras_computes_the_same(number):
    regularizer, w = case(number, "float32")
    penalty, gradient = regularizer(w), regularizer.gradient(w)
    assert type(penalty) is float
    assert gradient.dtype == "float32"
    assert penalty == pytest.approx(float(RECORDED[f"{number} penalty"]), rel=1e-5)
    np.testing.assert_allclose(gradient, RECORDED[f"{number} gradient"], rtol=1e-5, atol=1e-6)


@numbers
def test_gradient_is_that_of_finite_differences(number):
    regularizer, w = case(number, "float64")
    w.flat[0] = 0.5  # away from the kink
    before = w.copy()
    gradient = regularizer.gradient(w)
    np.testing.assert_array_equal(w, before)
    compare("w", gradient, numerical_gradient(lambda: regularizer(w), w), 1e-6)


@numbers
def test_add_gradient_adds(number):
    for dtype in ("float32", "float64"):
        regularizer, w = case(number, dtype)
        grad = np.full_like(w, 3.0)
        regularizer.add_gradient(w, grad)
        np.testing.assert_allclose(grad, 3 + regularizer.gradient(w), rtol=1e-6)
        assert grad.dtype == dtype


@numbers
def test_weights_need_not_be_contiguous(number):
    regularizer, w = case(number, "float64")
    strided = np.repeat(w, 2, axis=-1)[..., ::2]
    assert regularizer(strided) == pytest.approx(regularizer(w), rel=1e-14)
    np.testing.assert_allclose(regularizer.gradient(strided), regularizer.gradient(w), rtol=1e-12, atol=1e-15)


def test_orthogonal_regularizer_at_its_limits():
    penalty = regularizers.OrthogonalRegularizer(factor=1.0)
    assert penalty(np.eye(3)) == 0
    assert not penalty.gradient(np.eye(3)).any()
    assert penalty(np.ones((1, 3))) == 0
    assert not penalty.gradient(np.ones((1, 3))).any()
    w = np.array([[0.0, 0.0], [1.0, 2.0]])
    assert penalty(w) == 0
    assert np.isfinite(penalty.gradient(w)).all()


def test_orthogonal_regularizer_makes_rows_orthogonal():
    penalty, w = regularizers.OrthogonalRegularizer(factor=1.0), np.array([[1.0, 0.5, 0.0], [1.0, 0.0, 0.5]])
    before = penalty(w)
    for _ in range(300):
        w -= 0.01 * penalty.gradient(w)
    assert penalty(w) < 0.02 < before


@pytest.mark.parametrize("name", sorted(NAMES))
def test_names_and_defaults_are_keras_s(name):
    found = regularizers.get(name)
    expected, config = NAMES[name]
    assert type(found).__name__ == expected
    assert found.get_config() == pytest.approx(config) if "mode" not in config else found.get_config()["mode"] == "rows"


@numbers
def test_config_comes_back(number):
    regularizer, w = case(number, "float64")
    config = json.loads(json.dumps(regularizers.serialize(regularizer)))
    twin = regularizers.deserialize(config)
    assert type(twin) is type(regularizer)
    assert regularizers.serialize(twin) == config
    assert twin(w) == regularizer(w)


def test_get():
    l2 = regularizers.L2(0.5)
    assert regularizers.get(l2) is l2
    assert regularizers.get(None) is None
    assert regularizers.get("l2").l2 == 0.01
    assert regularizers.get("l1_l2").get_config() == {"l1": 0.0, "l2": 0.0}
    assert regularizers.L1(None).l1 == 0.01
    assert regularizers.L1L2(None, None).get_config() == {"l1": 0.0, "l2": 0.0}
    assert (regularizers.l1, regularizers.l2, regularizers.l1_l2) == (
        regularizers.L1,
        regularizers.L2,
        regularizers.L1L2,
    )


def test_another_penalty_does_not_keep_the_gradient_of_the_one_it_is_made_of():
    class Nothing(regularizers.L2):
        def __call__(self, w):
            return 0.0

    with pytest.raises(ArgumentError, match=r"Nothing has no gradient.*\n.*write def gradient"):
        Nothing(0.1).add_gradient(np.ones(3), np.zeros(3))


def test_a_regularizer_of_ones_own():
    class Total(regularizers.Regularizer):
        def __call__(self, w):
            return float(w.sum())

    layer = layers.Dense(2, kernel_regularizer=Total(), kernel_initializer="ones")
    layer(np.ones((1, 3)))
    assert layer.losses == [6.0]
    with pytest.raises(ArgumentError) as caught:
        layer.kernel.regularizer.add_gradient(layer.kernel.value, layer.kernel.grad)
    assert str(caught.value) == (
        "regularizer Total has no gradient, so it can't be trained with: expected a method gradient(w) beside "
        "__call__(w).\nLikely mend: write def gradient(self, w), which returns d penalty / d w as an array of w's shape."
    )
    with pytest.raises(NotImplementedError, match="Regularizer has no __call__"):
        regularizers.Regularizer()(np.ones(1))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: regularizers.get("L1_L2"), OptionError, "unknown regularizer 'L1_L2'.\nLikely mend: did you mean 'l1"),
        (
            lambda: regularizers.get(lambda w: 0.0),
            ArgumentError,
            "a regularizer needs its gradient: expected a name, or",
        ),
        (lambda: regularizers.get(0.01), ArgumentError, "received 0.01"),
        (lambda: regularizers.L1(-1), OptionError, "L1(l1=...): expected a number from 0, received -1."),
        (lambda: regularizers.L2(np.inf), OptionError, "L2(l2=...): expected a number from 0, received inf."),
        (lambda: regularizers.L1L2(l2="a"), OptionError, "L1L2(l2=...): expected a number from 0, received 'a'."),
        (lambda: regularizers.L1L2(l3=1), ArgumentError, "L1L2 has no argument 'l3'"),
        (
            lambda: regularizers.OrthogonalRegularizer(factor=-1),
            OptionError,
            "OrthogonalRegularizer(factor=...): expected a number from 0, received -1.",
        ),
        (
            lambda: regularizers.OrthogonalRegularizer(mode="row"),
            OptionError,
            "OrthogonalRegularizer(mode=...): expected one of 'rows', 'columns', received 'row'.",
        ),
        (
            lambda: regularizers.OrthogonalRegularizer()(np.ones((2, 3, 4))),
            ShapeError,
            "OrthogonalRegularizer: expected a matrix, of rank 2, received shape (2, 3, 4).",
        ),
    ],
)
def test_messages(make, error, message):
    with pytest.raises(error) as caught:
        make()
    assert message in str(caught.value)


def test_a_layer_called_by_hand_has_its_penalty():
    x = np.array([[1.0, -2.0], [3.0, 0.5]], "float32")
    layer = layers.Dense(2, use_bias=False, kernel_initializer="identity", activity_regularizer=regularizers.L1(0.5))
    assert layer.losses == []
    layer(x)
    assert layer.losses == [pytest.approx(0.5 * 6.5 / 2)]
    layer(2 * x[:1])
    assert layer.losses == [pytest.approx(0.5 * 6)]
