"""Losses: Keras's numbers, its names and its signatures; masks, types and what a loss leaves alone."""

import inspect
import json
from pathlib import Path

import cases_losses as cases
import numpy as np
import pytest

import lamina
from lamina import losses
from lamina.losses.base import registry
from lamina.utils.component import parameters

RECORDED = np.load(Path(__file__).parent / "references" / "losses.npz")
FACTS = json.loads(str(RECORDED["facts"]))
ENDS = np.cumsum([int(np.prod(shape)) for shape in FACTS["shapes"].values()])
PARTS = dict(zip(FACTS["shapes"], np.split(RECORDED["values"], ENDS[:-1]), strict=True))
LEFT_OUT = {"Loss", "LossFunctionWrapper"}  # no loss of lamina's, or no loss at all
all_cases = pytest.mark.parametrize("name", cases.CASES)


def recorded(key):
    return PARTS[key].reshape(FACTS["shapes"][key])


def make(case, /, **more):
    """The loss of a case, and y and y_pred in float32."""
    cls, arguments, kind = cases.CASES[case]
    y, p = cases.draw(kind)
    return getattr(losses, cls)(**arguments, **more), y, p.astype("float32")


def function_of(loss):
    return next(function for function, cls in registry._functions.items() if cls is type(loss))


def near(found, expected):
    scale = np.abs(expected).max(initial=1e-3)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6 * scale)


# -- numbers
@pytest.mark.parametrize(("name", "reduction", "way"), cases.ALL)
def test_keras_computes_the_same(name, reduction, way):
    loss, y, p = make(name, reduction=reduction)
    shape = make(name, reduction="none")[0](y, p).shape
    value = loss.forward(y, p, *cases.weights_of(shape, way))
    assert value.dtype == p.dtype if reduction == "none" else type(value) is float
    gradient = loss.backward()
    assert gradient.dtype == p.dtype and type(gradient) is np.ndarray
    near(value, recorded(f"{name}/{reduction}/{way}/value"))
    near(gradient, recorded(f"{name}/{reduction}/{way}/gradient"))


@pytest.mark.parametrize("way", ["weighted", "masked and weighted"])
@pytest.mark.parametrize("reduction", cases.REDUCTIONS)
@pytest.mark.parametrize("shape", cases.WEIGHT_SHAPES, ids=str)
def test_weights_of_each_shape(shape, reduction, way):
    loss, y, p = make("mse", reduction=reduction)
    weights, mask = cases.weights_of(shape, "weighted")[0], cases.weights_of((3, 2), way)[1]
    near(loss.forward(y, p, weights, mask), recorded(f"shapes/{shape}/{reduction}/{way}/value"))
    near(loss.backward(), recorded(f"shapes/{shape}/{reduction}/{way}/gradient"))


@pytest.mark.parametrize("reduction", cases.REDUCTIONS)
def test_one_weight_a_sample_counts_for_all_its_steps(reduction):
    """Keras takes ``(batch, 1)`` for this alone; for ``(batch,)`` it stops."""
    loss, y, p = make("mse", reduction=reduction)
    weights = cases.weights_of((3, 1), "weighted")[0]
    np.testing.assert_array_equal(loss.forward(y, p, weights[:, 0]), loss.forward(y, p, weights))


@pytest.mark.parametrize("reduction", cases.REDUCTIONS)
@pytest.mark.parametrize(("target", "output"), cases.RANKS, ids=str)
def test_a_last_axis_of_one(target, output, reduction):
    p = np.arange(1, np.prod(output) + 1, dtype="float32").reshape(output)
    loss = losses.MeanSquaredError(reduction=reduction)
    near(loss(np.zeros(target), p), recorded(f"ranks/{target} {output}/{reduction}/value"))
    assert loss.backward().shape == output
    near(loss.backward(), recorded(f"ranks/{target} {output}/{reduction}/gradient"))


def test_a_mask_keeps_each_step_of_an_output_of_one_unit():
    """Keras stops here; lamina gives what it gives for y of ``(batch, steps, 1)``."""
    p, mask = np.arange(6.0).reshape(3, 2, 1), np.array([[1, 1], [1, 0], [0, 0]], bool)
    loss = losses.MeanSquaredError()
    assert loss.forward(np.ones((3, 2)), p, None, mask) == loss.forward(np.ones((3, 2, 1)), p, None, mask)
    assert loss.forward(np.ones((3, 2)), p, None, mask) == pytest.approx((1 + 0 + 1) / 3)
    np.testing.assert_allclose(loss.backward()[..., 0] * 3, [[-2, 0], [2, 0], [0, 0]], rtol=1e-6, atol=1e-12)


def test_all_masked_or_without_weight_is_zero():
    loss, y, p = make("mse")
    assert loss.forward(y, p, None, np.zeros((3, 2), bool)) == 0 and not loss.backward().any()
    loss = losses.MeanSquaredError(reduction="mean_with_sample_weight")
    assert loss.forward(y, p, np.zeros((3, 2))) == 0 and not loss.backward().any()


def test_an_ignored_class_joins_a_mask():
    """What is masked and what is ignored are left out together; the mean is over the rest."""
    loss, y, p = make("scce_ignored_stranger")
    mask = np.array([[1, 0], [1, 1], [0, 1]], bool)
    counted = mask & (y != -1)
    assert 0 < counted.sum() < mask.sum()
    each = losses.sparse_categorical_crossentropy(y, p, ignore_class=-1)
    assert loss.forward(y, p, None, mask) == pytest.approx(each[counted].mean(), rel=1e-6)
    assert not loss.backward()[~counted].any() and loss.backward(joined=True)[counted].any(axis=-1).all()


@pytest.mark.parametrize("diagonal", [False, True])
def test_circle_measured_by_other_samples(diagonal):
    _, y, p = make("circle")
    found = losses.circle(y, p, np.array([0, 1, 3]), p[:3], remove_diagonal=diagonal)
    near(found, recorded(f"circle of others/{diagonal}"))


def test_circle_of_embeddings_that_are_longer_than_1():
    """A similarity beyond 1 counts as 1, and does not change: the numbers are Keras's."""
    loss, p = losses.Circle(gamma=2.0, reduction="none"), np.array([[1.5, 0.5], [0.5, 1.0], [1.0, -0.5], [1.2, 0.8]])
    near(loss([0, 1, 0, 1], p), [2.1738863, 1.6907388, 1.2307434, 1.9158447])
    loss.reduction = "mean"
    loss([0, 1, 0, 1], p)
    near(loss.backward(), [[0, 0], [0, 0], [0.7997862, 0.5331908], [0.6664885, -0.33324426]])


@pytest.mark.parametrize("name", ["scce", "scce_logits", "scce_ignored"])
@pytest.mark.parametrize("axis", [1, 2, -2])
def test_sparse_losses_along_another_axis(name, axis):
    """Keras on TensorFlow knows the last axis alone; the numbers are the same wherever the classes lie."""
    last, y, p = make(name)
    loss, _, _ = make(name, axis=axis)
    moved = np.moveaxis(p, -1, axis)
    assert loss.forward(y, moved) == last.forward(y, p)
    np.testing.assert_array_equal(loss.backward(), np.moveaxis(last.backward(), -1, axis))
    assert loss.joins is None


def test_alphas_lie_along_the_classes():
    """Keras can't do this along another axis than the last."""
    last, y, p = make("categorical_focal_alphas")
    loss, _, _ = make("categorical_focal_alphas", axis=1)
    assert loss.forward(y.swapaxes(1, 2), p.swapaxes(1, 2)) == pytest.approx(last.forward(y, p), rel=1e-6)
    np.testing.assert_allclose(loss.backward(), last.backward().swapaxes(1, 2), rtol=1e-5)


# -- one formula, two ways to call it
@all_cases
def test_functions_give_what_classes_give(name):
    loss, y, p = make(name, reduction="none")
    arguments = cases.CASES[name][1] or ({"q": 0.5} if name == "gce" else {})
    found = function_of(loss)(y, p, **arguments)
    np.testing.assert_array_equal(found, loss.forward(y, p))
    assert found.dtype == np.float32


def test_no_loss_is_left_out():
    found = {cls.__name__ for cls in registry._classes.values()}
    assert found - {"LossFunction"} == {cls for cls, _, _ in cases.CASES.values()}
    assert set(registry._functions) == {function_of(getattr(losses, cls)()) for cls, _, _ in cases.CASES.values()}


# -- Keras's surface
@pytest.mark.parametrize("name", sorted(set(FACTS["names"]) - LEFT_OUT))
def test_names_that_keras_knows(name):
    target = FACTS["names"][name]
    loss = losses.get(name)
    assert type(loss).__name__ == target or function_of(loss).__name__ == target


@pytest.mark.parametrize(
    "name", ["logcosh", "huber_loss", "kullback_leibler_divergence", "CosineSimilarity", "log_cosh"]
)
def test_other_names(name):
    assert isinstance(losses.get(name), losses.Loss)


def signature(target):
    """The arguments of a class or function and their defaults; None where there is none."""
    found = parameters(target) if isinstance(target, type) else inspect.signature(target).parameters
    return {name: None if item.default is item.empty else item.default for name, item in found.items()}


@pytest.mark.parametrize("name", sorted(set(FACTS["signatures"]) - LEFT_OUT - {"serialize"}))
def test_signatures(name):
    """Arguments, their order and their defaults; that of a class's `name` is read off an instance."""
    target, expected = getattr(losses, name), FACTS["signatures"][name]
    found = signature(target)
    if isinstance(target, type):
        found["name"] = target().name
        assert target(name="mine").name == "mine"
    assert list(found.items()) == list(expected.items())


def test_get():
    assert losses.get(None) is None
    loss = losses.Huber(2.0)
    assert losses.get(loss) is loss
    assert type(losses.get(losses.Huber)) is losses.Huber
    assert type(losses.get(losses.huber)) is losses.Huber
    assert losses.get({"class_name": "Huber", "config": {"delta": 3.0}}).delta == 3
    assert losses.get("mse").name == "mean_squared_error"

    def mine(y_true, y_pred):
        return (y_pred - y_true)[..., 0], np.ones_like(y_pred)

    for found in (losses.get(mine), losses.deserialize("mine", {"mine": mine})):
        assert type(found) is losses.LossFunction and found.name == "mine"
        assert found([[1.0], [2.0]], [[3.0], [5.0]]) == 2.5
        np.testing.assert_array_equal(found.backward(), [[0.5], [0.5]])


@all_cases
def test_config_comes_back(name):
    loss, y, p = make(name, reduction="sum", name="mine", dtype="float64")
    config = losses.serialize(loss)
    assert config["config"] | cases.CASES[name][1] == config["config"]
    twin = losses.deserialize(json.loads(json.dumps(config)))
    assert twin.get_config() == loss.get_config() and twin.name == "mine"
    assert twin.forward(y, p) == loss.forward(y, p)


# -- types, and what is left alone
@all_cases
def test_inputs_stay_and_backward_can_be_called_twice(name):
    loss, y, p = make(name)
    y_before, p_before = y.copy(), p.copy()
    y.flags.writeable = p.flags.writeable = False
    loss.forward(y, p)
    first = loss.backward()
    kept = first.copy()
    first.fill(np.nan)  # it belongs to the caller
    np.testing.assert_array_equal(loss.backward(), kept)
    np.testing.assert_array_equal(y, y_before)
    np.testing.assert_array_equal(p, p_before)


@all_cases
def test_types(name):
    loss, y, p = make(name, reduction="none")
    for dtype in ("float32", "float64"):
        other = "float64" if dtype == "float32" else "float32"
        assert loss.forward(y.astype(other) if y.dtype.kind == "f" else y, p.astype(dtype)).dtype == dtype
        assert loss.backward().dtype == dtype
    double, _, _ = make(name, dtype="float64")
    assert double(y, p).dtype == np.float64  # computed in float64, yet
    assert double.backward().dtype == np.float32  # the gradient has y_pred's type


@all_cases
def test_memory_layout_does_not_matter(name):
    loss, y, p = make(name)
    value = loss.forward(y, p)
    gradient = loss.backward()
    wide = np.repeat(p, 2, axis=-1)[..., ::2]
    assert not wide.flags.c_contiguous
    assert loss.forward(np.asfortranarray(y), wide) == pytest.approx(value, rel=1e-6, abs=1e-6)
    np.testing.assert_allclose(loss.backward(), gradient, rtol=1e-5, atol=1e-6 * max(1, np.abs(gradient).max()))


def test_lists_and_numbers_of_any_type():
    value = losses.MeanSquaredError()([0, 1], [0, 3])
    assert value == 2 and value.dtype == np.float32
    assert losses.MeanSquaredError()([0.0], np.array([1.0])).dtype == np.float64
    assert losses.MeanSquaredError().forward([[1], [2]], [[1], [4]]) == 2
    lamina.config.set_floatx("float64")
    assert losses.CategoricalCrossentropy()([[0, 1]], [[0.5, 0.5]]).dtype == np.float64


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "uint64", "float32", "float64", ">i4", "bool"])
def test_labels_of_any_type(dtype):
    y, p = np.array([0, 1, 1, 0]), np.array([[0.25, 0.75]] * 4)
    expected = losses.SparseCategoricalCrossentropy().forward(y, p)
    for labels in (y.astype(dtype), y.astype(dtype)[:, None]):
        assert losses.SparseCategoricalCrossentropy().forward(labels, p) == expected


def test_an_empty_batch_is_zero():
    for loss, y in ((losses.MeanSquaredError(), np.ones((0, 3))), (losses.SparseCategoricalCrossentropy(), np.ones(0))):
        assert loss.forward(y, np.ones((0, 3))) == 0 and loss.backward().shape == (0, 3)
