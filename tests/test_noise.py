"""Noise: gradients given the draws, the distribution of the draws, silence at inference, options and messages."""

import numpy as np
import pytest

from lamina import layers
from lamina.errors import OptionError, ShapeError
from lamina.testing import check_layer

rng = np.random.default_rng(1)
X2, X3, X4, X5 = (rng.normal(size=shape) for shape in [(4, 5), (3, 4, 5), (2, 3, 4, 5), (2, 3, 2, 2, 3)])
MANY = np.ones((400, 500))

CASES = {
    "gaussian noise": (layers.GaussianNoise(0.3, seed=1), X3),
    "no gaussian noise": (layers.GaussianNoise(0.0), X2),
    "gaussian dropout": (layers.GaussianDropout(0.3, seed=1), X3),
    "no gaussian dropout": (layers.GaussianDropout(0), X2),
    "alpha dropout": (layers.AlphaDropout(0.3, seed=1), X3),
    "alpha dropout in one shape": (layers.AlphaDropout(0.5, noise_shape=(None, 1, 5), seed=1), X3),
    "no alpha dropout": (layers.AlphaDropout(0.0), X2),
    "spatial dropout 1": (layers.SpatialDropout1D(0.4, seed=1), X3),
    "spatial dropout 1 of one step": (layers.SpatialDropout1D(0.4, seed=1), X3[:, :1]),
    "spatial dropout 2": (layers.SpatialDropout2D(0.4, seed=1), X4),
    "spatial dropout 2 channels first": (layers.SpatialDropout2D(0.4, "channels_first", seed=1), X4),
    "spatial dropout 3": (layers.SpatialDropout3D(0.4, seed=1), X5),
    "spatial dropout 3 channels first": (layers.SpatialDropout3D(0.4, data_format="channels_first", seed=1), X5),
    "identity": (layers.Identity(), X3),
    "activity regularization": (layers.ActivityRegularization(0.1, 0.2), X2),
}


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_layer(name, training):
    layer, x = CASES[name]
    check_layer(layer, x, training=training)


@pytest.mark.parametrize("name", CASES)
def test_inference_changes_nothing(name):
    layer, x = CASES[name]
    x = x.astype("float32")
    np.testing.assert_array_equal(layer(x), x)


@pytest.mark.parametrize("name", [name for name in CASES if not name.startswith("no")])
def test_draws_are_new_each_time_and_fixed_by_the_seed(name):
    layer, x = CASES[name]
    if isinstance(layer, layers.Identity):
        return
    twins = [type(layer).from_config(layer.get_config()) for _ in range(2)]
    first = [twin(x, training=True) for twin in twins]
    np.testing.assert_array_equal(*first)
    assert any(np.any(twins[0](x, training=True) != first[0]) for _ in range(5))


# -- the distributions
def test_gaussian_noise_has_the_deviation_asked_for():
    e = layers.GaussianNoise(0.3, seed=2)(MANY, training=True) - 1
    assert abs(e.mean()) < 0.003
    assert abs(e.std() - 0.3) < 0.003
    assert abs((e**4).mean() / 0.3**4 - 3) < 0.1  # as of a normal distribution


def test_gaussian_dropout_has_mean_1_and_the_variance_of_dropout():
    m = layers.GaussianDropout(0.2, seed=2)(MANY, training=True)
    assert abs(m.mean() - 1) < 0.005
    assert abs(m.var() - 0.2 / 0.8) < 0.005


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_alpha_dropout_keeps_mean_and_variance(rate):
    x = rng.normal(size=(400, 500))
    y = layers.AlphaDropout(rate, seed=2)(x, training=True)
    assert abs(y.mean()) < 0.01
    assert abs(y.var() - 1) < 0.02
    lowest, times = np.unique(y, return_counts=True)
    assert abs(times.max() / y.size - rate) < 0.005  # the dropped ones all have one value
    a = ((1 - rate) * (1 + rate * 1.7580993408473766**2)) ** -0.5
    np.testing.assert_allclose(lowest[times.argmax()], a * (rate - 1) * 1.7580993408473766, rtol=1e-5)


@pytest.mark.parametrize(
    ("layer", "shape", "positions"),
    [
        (layers.SpatialDropout1D(0.25, seed=2), (500, 4, 60), 1),
        (layers.SpatialDropout2D(0.25, seed=2), (500, 2, 3, 60), (1, 2)),
        (layers.SpatialDropout2D(0.25, "channels_first", seed=2), (500, 60, 2, 3), (2, 3)),
        (layers.SpatialDropout3D(0.25, seed=2), (500, 2, 1, 3, 60), (1, 2, 3)),
        (layers.SpatialDropout3D(0.25, "channels_first", seed=2), (500, 60, 2, 1, 3), (2, 3, 4)),
    ],
)
def test_spatial_dropout_drops_whole_channels(layer, shape, positions):
    y = layer(np.ones(shape), training=True)
    np.testing.assert_array_equal(y.min(axis=positions), y.max(axis=positions))
    assert set(np.unique(y).tolist()) == {0, np.float32(1 / 0.75)}
    assert abs((y == 0).mean() - 0.25) < 0.01


@pytest.mark.parametrize("name", CASES)
def test_draws_are_of_the_type_of_x(name):
    layer, x = CASES[name]
    for dtype in ("float32", "float64"):
        twin = type(layer).from_config(layer.get_config() | {"dtype": dtype})
        assert twin(x, training=True).dtype == dtype


def test_activity_regularization_is_a_penalty():
    layer = layers.ActivityRegularization(l1=0.5, l2=0.25)
    layer.activity = layer(np.array([[1.0, -2.0], [0.0, 4.0]]))
    assert layer.losses == [pytest.approx((0.5 * 7 + 0.25 * 21) / 2)]
    assert layer.get_config()["l1"] == 0.5
    assert "activity_regularizer" not in layer.get_config()


# -- messages
def message(error, function, *args, **kwargs) -> str:
    with pytest.raises(error) as caught:
        function(*args, **kwargs)
    return str(caught.value)


@pytest.mark.parametrize(
    ("cls", "argument", "value", "span"),
    [
        (layers.GaussianNoise, "stddev", 1.5, "from 0 to 1"),
        (layers.GaussianNoise, "stddev", "0.5", "from 0 to 1"),
        (layers.GaussianDropout, "rate", 1.0, "from 0 to below 1"),
        (layers.AlphaDropout, "rate", 1, "from 0 to below 1"),
        (layers.AlphaDropout, "rate", -0.1, "from 0 to below 1"),
        (layers.ActivityRegularization, "l1", -1, "from 0"),
        (layers.ActivityRegularization, "l2", None, "from 0"),
    ],
)
def test_numbers_out_of_range(cls, argument, value, span):
    assert message(OptionError, cls, **{argument: value}) == (
        f"{cls.__name__}({argument}=...): expected a number {span}, received {value!r}."
    )


def test_spatial_dropout_wants_its_rank():
    assert "SpatialDropout1D): expected (batch, any, any), received (batch, 5)" in message(
        ShapeError, layers.SpatialDropout1D(0.5), X2
    )
    assert "SpatialDropout2D): expected" in message(ShapeError, layers.SpatialDropout2D(0.5), X3)
    assert "SpatialDropout3D): expected" in message(ShapeError, layers.SpatialDropout3D(0.5), X4)
    assert "unknown data_format" in message(OptionError, layers.SpatialDropout2D, 0.5, "channels_middle")
