"""Losses of the user's own: the two methods, targets of another shape, and functions that give a pair."""

import re

import cases_losses as cases
import numpy as np
import pytest

from lamina import Input, Sequential, layers, losses
from lamina.errors import ArgumentError, ShapeError, StateError
from lamina.losses.elementwise import Elementwise

Y, P = cases.draw("numbers")


def refused(kind, *said):
    return pytest.raises(kind, match="(?s)" + ".*".join(map(re.escape, said)))


class Quantiles(losses.Loss):
    """Two quantiles of one number: y ``(batch, 1)`` against ``(batch, 2)``."""

    paired = False

    def values(self, y_true, y_pred):
        self.saved = error = y_true - y_pred
        return np.maximum(0.9 * error, -0.1 * error).sum(axis=-1)

    def gradient(self, dv):
        return np.where(self.saved > 0, -0.9, 0.1) * dv[:, None]


def test_targets_of_another_shape():
    loss = Quantiles()
    assert loss.forward([[0.0], [1.0]], np.array([[1.0, 2.0], [0.0, 0.0]])) == pytest.approx((0.3 + 1.8) / 2)
    np.testing.assert_allclose(loss.backward(), [[0.05, 0.05], [-0.45, -0.45]])
    loss.check_targets(np.zeros((5, 1)), (None, 2))
    model = Sequential([Input((3,)), layers.Dense(2)])
    model.compile("sgd", loss)
    first, second = model.fit(np.ones((4, 3)), np.full((4, 1), 9.0), epochs=2, verbose=0).history["loss"]
    assert second < first


def test_a_loss_in_another_type_gives_y_pred_s():
    class Double(losses.Loss):
        def values(self, y_true, y_pred):
            self.saved = (y_pred - y_true).astype("float64")
            return (self.saved**2).sum(axis=-1)

        def gradient(self, dv):
            return 2 * self.saved * dv[..., None]

    loss = Double(reduction="none")
    assert loss.forward(Y, P.astype("float32")).dtype == np.float32 and loss.backward().dtype == np.float32


def test_methods_that_are_missing():
    class Half(losses.Loss):
        pass

    with refused(StateError, "Half has no values", "writes values(y_true, y_pred) and gradient(dv)"):
        Half()(Y, P)
    half = Half()
    half.values = lambda y_true, y_pred: y_pred.sum(axis=-1)
    half(Y, P)
    with refused(StateError, "Half has no gradient", "gradient(dv)"):
        half.backward()
    for wrong in ((3, 2), (4, 2, 3)):
        half.gradient = lambda dv, shape=wrong: np.ones(shape)
        with refused(ShapeError, f"Half.gradient of loss 'half': expected y_pred's shape (3, 2, 4), received {wrong}"):
            half.backward()


def test_an_elementwise_loss_without_its_methods():
    class Point(Elementwise):
        pass

    point = Point()
    with refused(StateError, "Point has no element"):
        point(Y, P)
    point.element = lambda y, p: p
    point(Y, P)
    with refused(StateError, "Point has no slope"):
        point.backward()


def test_a_function_that_gives_a_pair():
    def squared(y_true, y_pred):
        error = y_pred - y_true
        return (error**2).mean(axis=-1), 2 * error / error.shape[-1]

    def squared_over_all(y_true, y_pred):
        error = y_pred - y_true
        return (error**2).mean(), 2 * error / error.size

    mse = losses.MeanSquaredError()
    weights = cases.weights_of((3, 2), "weighted")[0]
    loss = losses.get(squared)
    assert loss.name == "squared" and loss.forward(Y, P, weights) == pytest.approx(mse.forward(Y, P, weights))
    np.testing.assert_allclose(loss.backward(), mse.backward())
    loss = losses.LossFunction(squared_over_all, name="all")
    assert loss.name == "all" and loss.forward(Y, P) == pytest.approx(mse.forward(Y, P))
    np.testing.assert_allclose(loss.backward(), mse.backward())


def test_a_function_that_gives_values_alone():
    def bare(y_true, y_pred):
        return ((y_true - y_pred) ** 2).mean(axis=-1)

    said = "loss function 'bare' gives no gradient: expected the pair (values, d values / d y_pred), received a ndarray"
    with refused(ArgumentError, said):
        losses.get(bare)(Y, P)
    with refused(ShapeError, "loss 'bare': y_true does not fit the output"):
        losses.get(bare)(Y[:, :1], P)


@pytest.mark.parametrize(
    ("pair", "received"),
    [
        (lambda y, p: (y.sum(axis=(0, 1)), p), "(4,) and (3, 2, 4)"),
        (lambda y, p: (0.0, p[0]), "() and (2, 4)"),
        (lambda y, p: (y.mean(axis=-1), p.mean(axis=-1)), "(3, 2) and (3, 2)"),
    ],
    ids=["values", "gradient", "both"],
)
def test_a_pair_of_other_shapes(pair, received):
    said = (
        "loss function '<lambda>': expected values of the first axes, and a gradient of the shape, of y_pred (3, 2, 4)"
    )
    with refused(ShapeError, f"{said}, received {received}"):
        losses.get(pair)(Y, P)
