"""Losses: against Keras's numbers, against finite differences, and what they refuse."""

from pathlib import Path

import numpy as np
import pytest
from cases_losses import CASES, REDUCTIONS, draw

import lamina
from lamina import losses
from lamina.activations import JoinedGradient, Sigmoid, Softmax
from lamina.errors import ArgumentError, DataError, OptionError, ShapeError, StateError
from lamina.losses.base import registry
from lamina.testing.gradients import compare, numerical_gradient

RECORDED = np.load(Path(__file__).parent / "references" / "losses.npz")


def data(name, dtype="float64"):
    cls, arguments, kind = CASES[name]
    y, p = draw(kind, np)
    return getattr(losses, cls), arguments, y, p.astype(dtype)


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("name", CASES)
def test_equals_keras(name, reduction, weighted):
    cls, arguments, y, p = data(name, "float32")
    loss = cls(**arguments, reduction=reduction)
    shape = cls(**arguments, reduction="none")(y, p).shape
    weight = np.linspace(0.5, 2, max(1, int(np.prod(shape)))).reshape(shape).astype("float32") if weighted else None
    key = f"{name}/{reduction}/{'weighted' if weighted else 'plain'}"
    value, gradient = RECORDED[f"{key}/value"], RECORDED[f"{key}/gradient"]
    np.testing.assert_allclose(loss(y, p, weight), value, rtol=1e-5, atol=1e-5 * np.abs(value).max())
    found = loss.backward()
    assert found.dtype == np.float32 and found.shape == p.shape
    np.testing.assert_allclose(found, gradient, rtol=1e-5, atol=2e-6 * max(1e-3, np.abs(gradient).max()))


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "mean_with_sample_weight", "sum"])
@pytest.mark.parametrize("name", [name for name in CASES if "extreme" not in name])
def test_gradient_by_finite_differences(name, reduction):
    cls, arguments, y, p = data(name)
    loss = cls(**arguments, reduction=reduction)
    weight = (
        np.linspace(0.5, 2, 4)[:, None]
        if "dice" not in name and "tversky" not in name and name != "cosine_axis"
        else None
    )
    loss.forward(y, p, weight)
    compare(name, loss.backward(), numerical_gradient(lambda: loss.forward(y, p, weight), p, 1e-6), 1e-6)


@pytest.mark.parametrize(
    ("cls", "arguments", "kind", "activation"),
    [
        ("CategoricalCrossentropy", {}, "one_hot_logits", Softmax()),
        ("CategoricalCrossentropy", {"label_smoothing": 0.1}, "one_hot_logits", Softmax()),
        ("SparseCategoricalCrossentropy", {}, "sparse_logits", Softmax()),
        ("SparseCategoricalCrossentropy", {"ignore_class": 2}, "sparse_logits", Softmax()),
        ("BinaryCrossentropy", {}, "binary_logits", Sigmoid()),
        ("BinaryCrossentropy", {"label_smoothing": 0.1}, "binary_logits", Sigmoid()),
    ],
)
@pytest.mark.parametrize("shape", [(4, 3, 5), (6, 4)])
def test_joined_gradient_is_that_through_the_activation(cls, arguments, kind, activation, shape):
    y, z = draw(kind, np, shape)
    loss = getattr(losses, cls)(**arguments)
    weight = np.linspace(0.5, 2, shape[0])
    loss.forward(y, activation(z), weight)
    joined = loss.backward(joined=True)
    assert isinstance(joined, JoinedGradient)
    compare(cls, np.asarray(joined), numerical_gradient(lambda: loss.forward(y, activation(z), weight), z, 1e-6), 1e-6)


@pytest.mark.parametrize(
    ("cls", "kind"), [("CategoricalCrossentropy", "one_hot"), ("SparseCategoricalCrossentropy", "sparse")]
)
def test_joined_gradient_of_a_hopeless_sample(cls, kind):
    """Where p is exactly 0 at the true class, the joined gradient still points the right way."""
    y, _ = draw(kind, np, (1, 3))
    p = np.zeros((1, 3), "float32")
    k = int(y.argmax() if kind == "one_hot" else y[0])
    p[0, (k + 1) % 3] = 1
    loss = getattr(losses, cls)()
    assert np.isfinite(loss(y, p)) and np.isfinite(loss.backward()).all()
    joined = loss.backward(joined=True)
    assert joined[0, k] == -1 and joined[0, (k + 1) % 3] == 1


def test_no_loss_is_left_out():
    tested = {cls for cls, _, _ in CASES.values()}
    assert {cls.__name__ for cls in registry._classes.values()} == tested


@pytest.mark.parametrize("name", CASES)
def test_weight_of_two_is_the_sample_twice(name):
    cls, arguments, y, p = data(name)
    if "dice" in name or "tversky" in name or "axis" in name:
        return
    loss = cls(**arguments, reduction="sum")
    twice = loss.forward(np.concatenate([y, y[:1]]), np.concatenate([p, p[:1]]))
    assert loss.forward(y, p, np.array([2.0, 1, 1, 1])[:, None]) == pytest.approx(twice, rel=1e-9)


@pytest.mark.parametrize("name", CASES)
def test_inputs_stay_and_config_comes_back(name):
    cls, arguments, y, p = data(name)
    y_before, p_before = y.copy(), p.copy()
    loss = cls(**arguments)
    value = loss.forward(y, p)
    loss.backward()
    np.testing.assert_array_equal(y, y_before)
    np.testing.assert_array_equal(p, p_before)
    twin = losses.deserialize(losses.serialize(loss))
    assert twin.get_config() == loss.get_config() and twin.forward(y, p) == value


class TestMask:
    def test_the_mean_is_over_what_is_not_masked(self):
        y, p = draw("numbers", np)
        mask = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 0], [1, 1, 1]], bool)
        loss = losses.MeanSquaredError()
        each = losses.mean_squared_error(y, p)
        assert loss.forward(y, p, None, mask) == pytest.approx(each[mask].mean(), rel=1e-6)
        dp = loss.backward()
        assert not dp[~mask].any()
        np.testing.assert_allclose(dp[mask], 2 * (p - y)[mask] / 5 / mask.sum(), rtol=1e-6)

    def test_times_weights(self):
        y, p = draw("numbers", np)
        mask, weight = np.ones((4, 3), bool), np.linspace(1, 2, 4)
        mask[0] = False
        loss = losses.MeanSquaredError()
        each = losses.mean_squared_error(y, p) * weight[:, None]
        assert loss.forward(y, p, weight, mask) == pytest.approx(each[mask].sum() / mask.sum(), rel=1e-6)


class TestSurface:
    def test_names(self):
        for name, cls in {
            "mse": losses.MeanSquaredError, "MSE": losses.MeanSquaredError, "mean_squared_error": losses.MeanSquaredError,
            "MeanSquaredError": losses.MeanSquaredError, "mae": losses.MeanAbsoluteError, "mape": losses.MeanAbsolutePercentageError,
            "msle": losses.MeanSquaredLogarithmicError, "bce": losses.BinaryCrossentropy, "BCE": losses.BinaryCrossentropy,
            "kld": losses.KLDivergence, "kl_divergence": losses.KLDivergence, "KLD": losses.KLDivergence, "logcosh": losses.LogCosh,
            "huber": losses.Huber, "cosine_similarity": losses.CosineSimilarity, "categorical_crossentropy": losses.CategoricalCrossentropy,
            "sparse_categorical_crossentropy": losses.SparseCategoricalCrossentropy, "hinge": losses.Hinge, "dice": losses.Dice,
            "tversky": losses.Tversky, "poisson": losses.Poisson, "squared_hinge": losses.SquaredHinge,
            "categorical_hinge": losses.CategoricalHinge, "binary_focal_crossentropy": losses.BinaryFocalCrossentropy,
            "categorical_focal_crossentropy": losses.CategoricalFocalCrossentropy,
        }.items():  # fmt: skip
            assert type(losses.get(name)) is cls
        assert losses.get(None) is None and type(losses.get(losses.huber)) is losses.Huber
        assert losses.get("mse").name == "mean_squared_error" and losses.Huber().name == "huber_loss"

    @pytest.mark.parametrize("name", CASES)
    def test_functions_give_what_classes_give(self, name):
        cls, arguments, y, p = data(name)
        function = next(f for f, known in registry._functions.items() if known is cls)
        np.testing.assert_array_equal(function(y, p, **arguments), cls(**arguments, reduction="none").forward(y, p))

    def test_lists_and_types(self):
        value = losses.MeanSquaredError()([0, 1], [0, 3])
        assert value == 2 and value.dtype == np.float32
        assert losses.MeanSquaredError()([0.0], np.array([1.0])).dtype == np.float64
        half = losses.MeanSquaredError(dtype="float32")
        half.forward(np.zeros((2, 1)), np.ones((2, 1)))
        assert half.backward().dtype == np.float64

    def test_columns_meet_rows(self):
        p = np.array([[1.0], [3.0]])
        assert losses.MeanSquaredError()([0.0, 0.0], p) == 5
        assert losses.MeanSquaredError()([[0.0], [0.0]], p[:, 0]) == 5


class TestRefusals:
    @pytest.mark.parametrize(
        ("loss", "y", "p", "said"),
        [
            (
                "mse",
                (4, 1),
                (4, 3),
                r"loss 'mean_squared_error': y_true does not fit the output: expected y_true of shape \(4, 3\)",
            ),
            ("mse", (4, 3), (4, 1), "let the last layer have as many units"),
            ("mse", (4,), (4, 6, 6, 3), "add Flatten before the last Dense"),
            ("categorical_crossentropy", (4,), (4, 3), "use loss='sparse_categorical_crossentropy'"),
            ("categorical_crossentropy", (4, 1), (4, 3), "utils.to_categorical"),
            ("sparse_categorical_crossentropy", (4, 3), (4, 3), "use loss='categorical_crossentropy'"),
            ("sparse_categorical_crossentropy", (4,), (4, 6, 6, 3), "add Flatten before the last Dense"),
        ],
    )
    def test_shapes(self, loss, y, p, said):
        with pytest.raises(ShapeError, match=said):
            losses.get(loss).forward(np.zeros(y), np.ones(p))
        with pytest.raises(ShapeError, match=said.replace(r"y_true", "y").replace(r"\(4, 3\)", r"\(batch, 3\)")):
            losses.get(loss).check_targets(np.zeros(y), (None, *p[1:]), "y")

    @pytest.mark.parametrize(
        ("labels", "said"),
        [
            (
                [0, 7, 1],
                r"y\[1\] is no class: expected a whole number from 0 to 2, as the output has 3 classes, received 7",
            ),
            ([0, 1, -1], r"y\[2\] is no class.*received -1"),
            ([0, 0.5, 1], r"y\[1\] is no class.*received 0.5"),
        ],
    )
    def test_labels(self, labels, said):
        loss = losses.SparseCategoricalCrossentropy()
        with pytest.raises(DataError, match=said):
            loss.check_targets(np.array(labels), (None, 3), "y")
        with pytest.raises(DataError, match=said.replace("y\\[", "y_true\\[")):
            loss.forward(np.array(labels), np.full((3, 3), 1 / 3))

    def test_an_ignored_class_is_let_in(self):
        loss = losses.SparseCategoricalCrossentropy(ignore_class=-1)
        assert loss([-1, 0], np.full((2, 2), 0.5)) == pytest.approx(np.log(2))

    def test_others(self):
        with pytest.raises(StateError, match="loss 'mean_squared_error': backward before forward"):
            losses.MeanSquaredError().backward()
        with pytest.raises(
            OptionError, match=r"MeanSquaredError\(reduction=...\): expected one of 'sum_over_batch_size'"
        ):
            losses.MeanSquaredError(reduction="average")
        with pytest.raises(OptionError, match=r"Huber\(delta=...\): expected a number from 0, received -1"):
            losses.Huber(-1)
        with pytest.raises(ArgumentError, match="Huber has no argument 'dleta'.\nLikely mend: did you mean 'delta'?"):
            losses.Huber(dleta=1)
        with pytest.raises(ArgumentError, match="loss function 'bare' gives no gradient: expected the pair"):

            def bare(y, p):
                return (y - p) ** 2

            losses.get(bare)([1.0], [2.0])
        with pytest.raises(ShapeError, match="loss 'mean_squared_error': sample_weight: expected the first axes of"):
            losses.MeanSquaredError()([1.0, 2.0], [1.0, 2.0], [1.0, 1.0, 1.0])
        with pytest.raises(OptionError, match="unknown loss 'msee'.\nLikely mend: did you mean 'mse'?"):
            losses.get("msee")


def test_float64_throughout():
    lamina.config.set_floatx("float64")
    assert losses.CategoricalCrossentropy()([[0, 1]], [[0.5, 0.5]]).dtype == np.float64
