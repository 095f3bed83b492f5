"""Normalisation: gradients, plain formulas, moving statistics, masks, options and messages."""

import numpy as np
import pytest

from lamina import initializers, layers
from lamina.errors import OptionError, ShapeError
from lamina.ops.moments import beside, centre, column_sums, largest, normalize, normalize_gradient, tilt, total
from lamina.ops.room import Room
from lamina.testing import check_layer

rng = np.random.default_rng(1)
X2, X3, X4 = rng.normal(size=(5, 4)), rng.normal(size=(3, 5, 2)), rng.normal(size=(2, 3, 4, 6))
MASK = np.array([[1, 1, 0, 1, 0], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]], bool)
DRAWN = {"gamma_initializer": "random_normal", "beta_initializer": "random_normal"}

EVERYWHERE = {  # the same in training as at inference
    "layer": (layers.LayerNormalization(**DRAWN), X2),
    "layer one sample": (layers.LayerNormalization(), X2[:1]),
    "layer sequence": (layers.LayerNormalization(epsilon=0.1, **DRAWN), X3),
    "layer axis 1": (layers.LayerNormalization(axis=1, **DRAWN), X3),
    "layer two axes": (layers.LayerNormalization(axis=[1, 2], **DRAWN), X3),
    "layer two axes from the end": (layers.LayerNormalization(axis=(-1, 1), **DRAWN), X3),
    "layer no center": (layers.LayerNormalization(center=False), X4),
    "layer no scale": (layers.LayerNormalization(scale=False), X3),
    "layer bare": (layers.LayerNormalization(center=False, scale=False), X3),
    "group": (layers.GroupNormalization(2, **DRAWN), X2),
    "group one sample": (layers.GroupNormalization(2), X2[:1]),
    "group images": (layers.GroupNormalization(3, **DRAWN), X4),
    "group channels first": (layers.GroupNormalization(3, axis=1), X4),
    "group middle axis": (layers.GroupNormalization(2, axis=-2, **DRAWN), X4),
    "instance": (layers.GroupNormalization(-1, center=False), X3),
    "one group": (layers.GroupNormalization(1, scale=False), X3),
    "rms": (layers.RMSNormalization(), X2),
    "rms one sample": (layers.RMSNormalization(epsilon=0.1), X2[:1]),
    "rms two axes": (layers.RMSNormalization(axis=[-1, 1]), X3),
    "unit": (layers.UnitNormalization(), X2),
    "unit axis 1": (layers.UnitNormalization(axis=1), X3),
    "unit two axes": (layers.UnitNormalization(axis=[1, 2]), X3),
    "unit of the batch": (layers.UnitNormalization(axis=0), X2),
}
BATCH = {
    "batch": (layers.BatchNormalization(**DRAWN), X2, None),
    "batch sequence": (layers.BatchNormalization(epsilon=0.1, **DRAWN), X3, None),
    "batch images": (layers.BatchNormalization(), X4, None),
    "batch one image": (layers.BatchNormalization(), X4[:1], None),
    "batch channels first": (layers.BatchNormalization(axis=1, **DRAWN), X4, None),
    "batch no center": (layers.BatchNormalization(center=False), X2, None),
    "batch no scale": (layers.BatchNormalization(scale=False), X3, None),
    "batch bare": (layers.BatchNormalization(center=False, scale=False), X3, None),
    "batch moved": (
        layers.BatchNormalization(
            moving_mean_initializer="ones", moving_variance_initializer=initializers.RandomUniform(0.5, 2)
        ),
        X2,
        None,
    ),
    "batch masked": (layers.BatchNormalization(**DRAWN), X3, MASK),
    "batch masked steps": (layers.BatchNormalization(axis=1), X3, MASK),
    "batch frozen": (layers.BatchNormalization(trainable=False), X2, None),
}


@pytest.mark.parametrize("name", EVERYWHERE)
def test_layer(name):
    check_layer(*EVERYWHERE[name])


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", BATCH)
def test_batch_normalization(name, training):
    layer, x, mask = BATCH[name]
    check_layer(layer, x, training=training, mask=mask)


# -- forward, in plain formulas
def test_batch_normalization_is_what_the_formula_says():
    layer = layers.BatchNormalization(gamma_initializer="random_normal", beta_initializer="random_normal")
    x = X4.astype("float32")
    y = layer(x, training=True)
    for c in range(6):
        part = x[..., c].astype("float64")
        expected = (part - part.mean()) / np.sqrt(part.var() + 1e-3) * layer.gamma[c] + layer.beta[c]
        np.testing.assert_allclose(y[..., c], expected, rtol=1e-5, atol=1e-5)


def test_layer_normalization_is_what_the_formula_says():
    layer = layers.LayerNormalization(gamma_initializer="random_normal", beta_initializer="random_normal")
    for row, y in zip(X2, layer(X2), strict=True):
        expected = (row - row.mean()) / np.sqrt(row.var() + 1e-3) * layer.gamma.value + layer.beta.value
        np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-6)


def test_group_normalization_is_what_the_formula_says():
    y = layers.GroupNormalization(2)(X4)
    for n in range(2):
        for g in range(2):
            part = X4[n, :, :, 3 * g : 3 * g + 3]
            expected = (part - part.mean()) / np.sqrt(part.var() + 1e-3)
            np.testing.assert_allclose(y[n, :, :, 3 * g : 3 * g + 3], expected, rtol=1e-5, atol=1e-6)


def test_rms_normalization_keeps_the_direction():
    y = layers.RMSNormalization()(X2)
    np.testing.assert_allclose((y**2).mean(axis=-1), 1, rtol=1e-5)
    np.testing.assert_allclose(y / X2, (y / X2)[:, :1] * np.ones(4), rtol=1e-5)


def test_unit_normalization_of_nothing_is_nothing():
    layer = layers.UnitNormalization()
    y = layer([[0.0, 0.0], [1e-13, 0.0], [3.0, 4.0]])
    np.testing.assert_allclose(y, [[0, 0], [0.1, 0], [0.6, 0.8]], rtol=1e-6)
    assert np.isfinite(layer.backward(np.ones((3, 2), "float32"))).all()


# -- the moving statistics
def test_moving_statistics_approach_those_of_the_data():
    layer = layers.BatchNormalization(momentum=0.75)
    mean, variance = np.zeros(4), np.ones(4)
    for step in range(5):
        x = rng.normal(size=(6, 4)) * (step + 1)
        layer(x, training=True)
        mean = 0.75 * mean + 0.25 * x.mean(axis=0)
        variance = 0.75 * variance + 0.25 * x.var(axis=0)
    np.testing.assert_allclose(layer.moving_mean.value, mean, rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance.value, variance, rtol=1e-5)
    y = layer(x)
    np.testing.assert_allclose(y, (x - mean) / np.sqrt(variance + 1e-3), rtol=1e-4, atol=1e-5)


def test_inference_and_a_frozen_layer_leave_the_statistics_alone():
    layer = layers.BatchNormalization(momentum=0.5)
    at_rest = layer(X2)
    assert layer.moving_mean.value.tolist() == [0] * 4
    layer.trainable = False
    np.testing.assert_array_equal(layer(X2, training=True), at_rest)
    assert layer.moving_mean.value.tolist() == [0] * 4
    assert layer.trainable_weights == []
    layer.trainable = True
    layer(X2, training=True)
    assert layer.moving_mean.value.all()


def test_weights_are_in_the_order_of_keras():
    layer = layers.BatchNormalization()
    layer(X2)
    assert [weight.name for weight in layer.weights] == ["gamma", "beta", "moving_mean", "moving_variance"]
    assert [weight.trainable for weight in layer.weights] == [True, True, False, False]
    layer.trainable = False
    layer.trainable = True
    assert [weight.name for weight in layer.trainable_weights] == ["gamma", "beta"]


def test_a_mask_leaves_steps_out_of_the_statistics_only():
    layer = layers.BatchNormalization(momentum=0.0)
    y = layer(X3, training=True, mask=MASK)
    np.testing.assert_allclose(layer.moving_mean.value, X3[MASK].mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(layer.moving_variance.value, X3[MASK].var(axis=0), rtol=1e-5)
    assert np.all(y[~MASK] != 0)


def test_a_batch_that_is_all_masked_counts_nothing():
    layer = layers.BatchNormalization(momentum=0.0)
    assert np.isfinite(layer(X3, training=True, mask=np.zeros_like(MASK))).all()
    assert layer.moving_mean.value.tolist() == layer.moving_variance.value.tolist() == [0, 0]


# -- the array maths
@pytest.mark.parametrize("axes", [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2), ()])
def test_total(axes):
    np.testing.assert_allclose(total(X3, axes), X3.sum(axis=axes, keepdims=True), rtol=1e-12)
    weights = rng.normal(size=X3.shape)
    np.testing.assert_allclose(total(X3, axes, weights), (X3 * weights).sum(axis=axes, keepdims=True), rtol=1e-10)


@pytest.mark.parametrize("axes", [(0, 2), (1, 3), (0, 1, 3), (2,)])
@pytest.mark.parametrize("batch", [0, 1, 700])
def test_total_of_many_samples_and_of_axes_apart(batch, axes):
    x, weights = rng.normal(size=(2, batch, 9, 4, 20))
    np.testing.assert_allclose(total(x, axes), x.sum(axis=axes, keepdims=True), rtol=1e-10, atol=1e-10)
    wanted = (x * weights).sum(axis=axes, keepdims=True)
    np.testing.assert_allclose(total(x, axes, weights), wanted, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("shape", [(0, 3), (5, 3), (256, 3), (700, 3), (700, 1), (2, 0, 3), (2, 600, 3)])
def test_column_sums(shape):
    x = rng.normal(size=shape)
    out = np.full((*shape[:-2], shape[-1]), np.nan)
    assert column_sums(x, out=out) is out
    np.testing.assert_allclose(out, x.sum(axis=-2), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("axes", [(0,), (1,), (1, 2), (2, 3), (3,), (0, 1, 2, 3)])
@pytest.mark.parametrize("space", [(1, 1), (3, 7), (20, 16)])
def test_largest(space, axes):
    x = rng.normal(size=(2, *space, 3))
    assert (largest(x, axes) == x.max(axis=axes, keepdims=True)).all()
    x[0, 0, 0, 0] = np.nan
    np.testing.assert_array_equal(largest(x, axes), x.max(axis=axes, keepdims=True))


@pytest.mark.parametrize("shape", [(1, 1, 1, 8), (50, 1, 1, 1), (50, 1, 4, 1), (1, 1, 4, 8), (50, 30, 4, 1), ()])
def test_beside_repeats_and_changes_nothing_else(shape):
    v, x = rng.normal(size=shape), np.ones((50, 30, 4, 8))
    stretched = beside(v, x)
    assert stretched.size <= max(v.size, x.size / 8)
    assert (x * stretched == x * v).all()


@pytest.mark.parametrize("seed", [26, 69])  # with which the runs' sums, added up in float32, were off by 1.5e-6
def test_total_stays_exact_in_float32(seed):
    x = np.random.default_rng(seed).uniform(0.5, 1.5, (300_001, 2)).astype("float32")
    np.testing.assert_allclose(total(x, (0,))[0], x.sum(axis=0, dtype="float64"), rtol=1e-6)
    np.testing.assert_allclose(total(x, (0,), x)[0], (x.astype("float64") ** 2).sum(axis=0), rtol=1e-6)


@pytest.mark.parametrize("axes", [(0,), (1,), (0, 2)])
def test_centre_and_normalize(axes):
    centred, mean, variance, n = centre(X3, axes, Room())
    np.testing.assert_allclose(mean, X3.mean(axis=axes, keepdims=True), rtol=1e-12)
    np.testing.assert_allclose(variance, X3.var(axis=axes, keepdims=True), rtol=1e-12)
    np.testing.assert_allclose(centred, X3 - mean, rtol=1e-12)
    assert n == np.prod([X3.shape[axis] for axis in axes])
    y, x_hat, inverse = normalize(X3, axes, 0.5, 2.0, 1.0, Room())
    np.testing.assert_allclose(x_hat, (X3 - mean) / np.sqrt(variance + 0.5), rtol=1e-12)
    np.testing.assert_allclose(inverse, 1 / np.sqrt(variance + 0.5), rtol=1e-12)
    np.testing.assert_allclose(y, 2 * x_hat + 1, rtol=1e-12)


def test_centre_with_weights_counts_what_they_choose():
    weights = MASK[..., None].astype(float)
    _, mean, variance, n = centre(X3, (0, 1), Room(), weights)
    np.testing.assert_allclose(mean[0, 0], X3[MASK].mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(variance[0, 0], X3[MASK].var(axis=0), rtol=1e-12)
    assert n.tolist() == [[[MASK.sum()] * 2]]


def test_the_gradient_of_normalize_has_no_mean_and_nothing_along_x():
    _, x_hat, inverse = normalize(X2, (1,), 0.0, 1.0, 0.0, Room())
    dx = normalize_gradient(rng.normal(size=X2.shape), x_hat, inverse, (1,), 1.0, Room())
    np.testing.assert_allclose(dx.sum(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose((dx * x_hat).sum(axis=1), 0, atol=1e-12)


def test_tilt_writes_into_what_it_is_given():
    dy = np.ones((2, 3))
    weights = np.array([[1.0], [0.0]])
    assert tilt(dy, np.ones((2, 3)), 0.25, 2.0, Room(), offset=0.5, weights=weights) is dy
    assert dy.tolist() == [[0.5] * 3, [2.0] * 3]


# -- messages
def message(error, function, *args, **kwargs) -> str:
    with pytest.raises(error) as caught:
        function(*args, **kwargs)
    return str(caught.value)


def test_unit_normalization_takes_another_rank_than_the_first():
    layer, fresh = layers.UnitNormalization(), layers.UnitNormalization()
    layer(X2)
    np.testing.assert_array_equal(layer(X3), fresh(X3))
    dy = rng.normal(size=X3.shape).astype("float32")
    np.testing.assert_array_equal(layer.backward(dy.copy()), fresh.backward(dy.copy()))


@pytest.mark.parametrize("cls", [layers.LayerNormalization, layers.RMSNormalization, layers.UnitNormalization])
def test_an_axis_that_is_none(cls):
    assert message(OptionError, cls, axis="last") == (
        f"{cls.__name__}(axis=...): expected a whole number, or a list of them, received 'last'."
    )
    assert "received []" in message(OptionError, cls, axis=[])
    name = cls(axis=2).name
    assert message(ShapeError, cls(axis=2), X2) == (
        f"layer '{name}' ({cls.__name__}): expected an input of rank 3 or more, for axis=2, received (batch, 4).\n"
        "Likely mend: choose an axis that the input has; -1 is the last."
    )
    assert "rank 3 or more, for axis=[-3]" in message(ShapeError, cls(axis=[-3]).compute_output_shape, (None, 4))


def test_an_axis_of_no_fixed_length():
    assert message(ShapeError, layers.LayerNormalization().build, (None, None)) == (
        "layer 'layer_normalization' (LayerNormalization): weight 'gamma': expected lengths that are known, "
        "received (None,).\n"
        "Likely mend: give the Input a number in the place of the None that this length comes from."
    )


def test_groups_that_do_not_part_the_channels():
    assert message(ShapeError, layers.GroupNormalization(3), X2) == (
        "layer 'group_normalization' (GroupNormalization): expected channels on axis -1 that part into 3 groups, "
        "received (batch, 4).\nLikely mend: choose a count of groups that divides the channels."
    )
    assert "expected a whole number of 1 or more, received 0" in message(OptionError, layers.GroupNormalization, 0)
    assert message(OptionError, layers.GroupNormalization, 2, axis=[1, 2]) == (
        "GroupNormalization(axis=...): expected one axis, received [1, 2]."
    )


def test_batch_normalization_refuses():
    assert message(OptionError, layers.BatchNormalization, momentum=1.5) == (
        "BatchNormalization(momentum=...): expected a number from 0 to 1, received 1.5."
    )
    assert "BatchNormalization(epsilon=...)" in message(OptionError, layers.BatchNormalization, epsilon=-1)
    assert message(OptionError, layers.BatchNormalization, axis=[1, 2]) == (
        "BatchNormalization(axis=...): expected one axis, received [1, 2]."
    )
    layer = layers.BatchNormalization()
    assert message(ShapeError, layer, X3, training=True, mask=MASK[0]) == (
        "layer 'batch_normalization' (BatchNormalization): mask: expected a mask of shape (3, 5), received (5,)."
    )
    assert "expected a mask of shape (3, 5), received (3, 2)." in (
        message(ShapeError, layer, X3, training=True, mask=MASK[:, :2])
    )
    assert "expected (batch, any, 2), received (3, 5, 4)" in message(ShapeError, layer, np.zeros((3, 5, 4)))


@pytest.mark.parametrize("kind", [layers.LayerNormalization, layers.RMSNormalization], ids=lambda kind: kind.__name__)
def test_other_features_than_a_layer_was_built_for_are_refused(kind):
    layer = kind()
    layer(X3)
    features = X3.shape[-1]
    for wrong in (X3[..., :1], np.ones((3, 5, 2 * features)), X3[0]):
        assert f"({kind.__name__}): expected (batch, any, {features}), received" in message(ShapeError, layer, wrong)
