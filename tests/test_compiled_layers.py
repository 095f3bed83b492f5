"""The compiled kernels of layers and activations give what NumPy gives, but for rounding, forward and backward."""

import numpy as np
import pytest

import lamina
from lamina import activations, config, layers
from lamina.activations import compiled as compiled_activations
from lamina.activations.sigmoidal import logistic
from lamina.ops import compiled
from lamina.utils import kernels

NAN = np.float32("nan")


def passes(make, x, dy=None):
    """y, dx and the gradients of the weights."""
    layer = make()
    layer.ensure_built(x.shape)
    rng = np.random.default_rng(1)
    for weight in layer.weights:
        weight.assign(1 + 0.5 * rng.normal(size=weight.shape))
    y = np.array(layer.forward(x, training=True))
    dx = layer.backward(rng.normal(size=y.shape).astype("float32") if dy is None else dy)
    return [y, np.array(dx), *(np.array(weight.grad) for weight in layer.trainable_weights)]


def either(make, x, dy=None):
    """What `passes` gives by NumPy, and by the kernels."""
    found = []
    for value in (False, True):
        config.set_compiled(value)
        found.append(passes(make, x, dy))
    return found


def assert_close(plain, fused, tolerance=3e-6):
    for a, b in zip(plain, fused, strict=True):
        assert b.dtype == np.float32
        largest = max(np.nanmax(np.abs(a), initial=0, where=np.isfinite(a)), 1)
        np.testing.assert_allclose(b, a, rtol=0, atol=tolerance * largest)


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def calls(monkeypatch, module, *names):
    """How often each of these kernels is called from now on."""
    counts = dict.fromkeys(names, 0)

    def counted(name, kernel):
        def call(*arguments):
            counts[name] += 1
            return kernel(*arguments)

        return call

    for name in names:
        monkeypatch.setattr(module, name, counted(name, getattr(module, name)))
    return counts


# -- activations
ACTIVATIONS = [
    (activations.Sigmoid(), ("logistic", "sigmoid_backward")),
    (activations.SiLU(), ("silu", "silu_backward")),
    (activations.GELU(), ("distribution", "gelu_backward")),
    (activations.GELU(approximate=True), ("tanh_gate", "tanh_gelu_backward")),
    (activations.LeakyReLU(0.3), ("leaky_relu", "leaky_relu_backward")),
    (activations.LeakyReLU(1.5), ("leaky_relu", "leaky_relu_backward")),
]
WIDE = np.concatenate([numbers(3, 37), 30 * numbers(2, 37), np.geomspace(1e-30, 1e30, 37, dtype="float32")[None]])
ENDS = np.array([0, -0.0, np.inf, -np.inf, NAN, 89, -89, 104, -104, 3e38, -3e38], "float32")


@pytest.mark.parametrize(("activation", "names"), ACTIVATIONS, ids=lambda value: getattr(value, "__name__", ""))
@pytest.mark.parametrize("x", [WIDE, -WIDE, ENDS, WIDE[:1, :1]], ids=["wide", "negative", "ends", "one"])
@pytest.mark.filterwarnings("ignore:invalid value|overflow")
def test_an_activation(activation, names, x, monkeypatch):
    counts = calls(monkeypatch, compiled_activations, *names)
    dy, found = numbers(*x.shape), []
    for value in (False, True):
        config.set_compiled(value)
        y, saved = activation.forward(x.copy())
        y = y.copy()  # its gradient may be written over it
        found.append((y, activation.backward(dy.copy(), saved)))
    assert all(counts.values())
    for plain, fused in zip(*found, strict=True):
        np.testing.assert_allclose(fused, plain, rtol=1e-5, atol=3e-7)


def test_what_does_not_lie_together_goes_by_numpy(monkeypatch):
    counts = calls(monkeypatch, compiled_activations, "leaky_relu")
    config.set_compiled(True)
    activations.LeakyReLU().forward(numbers(4, 6)[:, ::2])
    activations.LeakyReLU(0.0).forward(np.array([-np.inf], "float32"))  # 0·inf
    assert not counts["leaky_relu"]


def test_a_joined_gradient_passes_the_sigmoid():
    config.set_compiled(True)
    dy = numbers(3).view(activations.JoinedGradient)
    assert (activations.Sigmoid().backward(dy.copy(), np.ones(3, "float32")) == dy).all()


def test_exp_is_right_everywhere():
    x = np.concatenate([np.linspace(-110, 95, 30_001), ENDS]).astype("float32")
    y = np.array([kernels.exp(number) for number in x])
    with np.errstate(over="ignore"):
        expected = np.exp(x.astype("float64")).astype("float32")
    np.testing.assert_allclose(y, expected, rtol=2e-7, atol=3e-45)


def test_logistic_keeps_small_values():
    config.set_compiled(True)
    x = np.linspace(-87, 20, 1001, dtype="float32")
    np.testing.assert_allclose(logistic(x.copy()), 1 / (1 + np.exp(-x.astype("float64"))), rtol=4e-7)


# -- normalisation
NORMALIZERS = [
    (layers.LayerNormalization, {}, (3, 5, 37), "normalize"),
    (layers.LayerNormalization, {"axis": [1, 2]}, (1, 5, 9), "normalize"),
    (layers.LayerNormalization, {"center": False, "scale": False}, (2, 64), "normalize"),
    (layers.LayerNormalization, {"axis": 1, "scale": False}, (2, 11, 13), None),
    (layers.LayerNormalization, {"axis": 1}, (2, 9, 9), None),  # γ is as long as a row, but runs across
    (layers.LayerNormalization, {}, (4, 10), None),  # too short to gain
    (layers.GroupNormalization, {"groups": 3}, (2, 5, 7, 9), "normalize"),
    (layers.GroupNormalization, {"groups": -1}, (3, 4, 11), "normalize"),
    (layers.GroupNormalization, {"groups": 1, "center": False}, (2, 3, 3, 8), "normalize"),
    (layers.GroupNormalization, {"groups": 2, "axis": 1}, (2, 4, 5, 6), None),
    (layers.RMSNormalization, {}, (3, 5, 37), "normalize"),
    (layers.RMSNormalization, {"axis": [1, 2]}, (2, 5, 9), "normalize"),
    (layers.RMSNormalization, {"axis": 1}, (2, 9, 9), None),
    (layers.BatchNormalization, {}, (6, 5, 7, 9), "centre"),
    (layers.BatchNormalization, {}, (1, 8), None),
    (layers.BatchNormalization, {"axis": 1}, (3, 8, 5, 4), "centre"),
    (layers.BatchNormalization, {"scale": False}, (7, 33), "centre"),
    (layers.BatchNormalization, {"center": False}, (7, 3), None),
]


@pytest.mark.parametrize(("kind", "options", "shape", "name"), NORMALIZERS, ids=str)
def test_a_normalisation(kind, options, shape, name, monkeypatch):
    counts = calls(monkeypatch, compiled, "normalize", "centre")
    for x in (numbers(*shape), 10 + numbers(*shape)):
        assert_close(*either(lambda: kind(**options), x), tolerance=1e-5)
    assert [name for name in counts if counts[name]] == ([] if name is None else [name])


@pytest.mark.parametrize(("kind", "options", "shape", "_"), NORMALIZERS[::3], ids=str)
def test_what_is_no_number_stays_where_it_belongs(kind, options, shape, _):
    x = numbers(*shape)
    x[0, 0] = NAN
    assert_close(*either(lambda: kind(**options), x), tolerance=1e-5)


def test_statistics_move_alike():
    moved = []
    for value in (False, True):
        config.set_compiled(value)
        layer = layers.BatchNormalization()
        y = [layer(5 + numbers(40, 9), training=training) for training in (True, False)]
        moved.append([*y, layer.moving_mean.numpy(), layer.moving_variance.numpy()])
    assert_close(*moved)


@pytest.mark.parametrize("kind", [layers.BatchNormalization, layers.GroupNormalization, layers.LayerNormalization])
def test_the_moments_of_many_numbers_do_not_drift(kind):
    x = 1000 + numbers(1, 200_000, 8) if kind is not layers.LayerNormalization else 1000 + numbers(2, 8000)
    config.set_compiled(True)
    layer = kind(epsilon=0.0, **({"groups": 1} if kind is layers.GroupNormalization else {}))
    y = layer(x, training=True)
    axes = (0, 1) if kind is layers.BatchNormalization else tuple(range(1, x.ndim))
    whole = x.astype("float64")
    centred = whole - whole.mean(axis=axes, keepdims=True)
    np.testing.assert_allclose(y, centred / whole.std(axis=axes, keepdims=True), atol=2e-4)


def test_what_can_not_be_written_to_is_taken_all_the_same():
    x = numbers(2, 4, 5, 8)
    x.flags.writeable = False
    for make in (
        lambda: layers.DepthwiseConv2D(3),
        lambda: layers.BatchNormalization(),
        lambda: layers.GroupNormalization(2),
        lambda: layers.Activation("silu"),
    ):
        assert_close(*either(make, x))


# -- max pooling
POOLING = [
    (layers.MaxPooling2D, {}, (2, 6, 8, 9), True),
    (layers.MaxPooling2D, {"pool_size": 3, "strides": 2}, (2, 8, 7, 17), True),
    (layers.MaxPooling2D, {"pool_size": (2, 3), "strides": 1, "padding": "same"}, (1, 5, 4, 8), True),
    (layers.MaxPooling2D, {"pool_size": 2, "strides": 3}, (3, 9, 8, 11), True),  # places that lie in no window
    (layers.MaxPooling2D, {"pool_size": 1}, (2, 3, 3, 8), True),
    (layers.MaxPooling2D, {"data_format": "channels_first"}, (2, 10, 5, 6), True),
    (layers.MaxPooling1D, {"pool_size": 3, "strides": 2, "padding": "same"}, (2, 10, 9), True),
    (layers.MaxPooling2D, {}, (2, 6, 8, 3), False),
    (layers.MaxPooling3D, {}, (1, 4, 4, 4, 8), False),
]


@pytest.mark.parametrize(("kind", "options", "shape", "compiles"), POOLING, ids=str)
def test_a_max_pooling(kind, options, shape, compiles, monkeypatch):
    counts = calls(monkeypatch, compiled, "largest_back")
    for x in (numbers(*shape), np.round(numbers(*shape)), np.full(shape, -np.inf, "float32")):  # of some, all are equal
        assert_close(*either(lambda: kind(**options), x), tolerance=1e-6)
    x = numbers(*shape)
    x[..., 2:4, :] = NAN
    assert_close(*either(lambda: kind(**options), x), tolerance=1e-6)
    assert bool(counts["largest_back"]) == compiles


def test_a_joined_gradient_stays_one_in_a_max_pooling():
    config.set_compiled(True)
    layer = layers.MaxPooling2D()
    dy = np.ones_like(layer(numbers(2, 4, 4, 8))).view(activations.JoinedGradient)
    dx = layer.backward(dy)
    assert isinstance(dx, activations.JoinedGradient) and dx.sum() == dy.size


# -- all of them in a model
def test_a_model_of_such_layers_trains_alike(monkeypatch):
    names = (
        "normalize",
        "normalize_gradient",
        "centre",
        "totals",
        "largest_back",
    )
    counts = calls(monkeypatch, compiled, *names)
    x, y = numbers(24, 12, 12, 3), numbers(24, 2, seed=1)
    runs = []
    for value in (False, True):
        config.set_compiled(value)
        lamina.utils.set_random_seed(1)
        model = lamina.Sequential(
            [
                lamina.Input((12, 12, 3)),
                layers.Conv2D(8, 3, activation="silu"),
                layers.DepthwiseConv2D(3, padding="same", activation="gelu"),
                layers.BatchNormalization(),
                layers.MaxPooling2D(3, 2),
                layers.SeparableConv2D(16, 2, activation="sigmoid"),
                layers.GroupNormalization(4),
                layers.LeakyReLU(),
                layers.Flatten(),
                layers.LayerNormalization(),
                layers.Dense(2),
            ]
        )
        model.compile("sgd", "mse")
        losses = model.fit(x, y, batch_size=8, epochs=3, shuffle=False, verbose=0).history["loss"]
        runs.append([np.float32(losses), model.predict(x, verbose=0), *model.get_weights()])
    assert all(counts.values())
    assert_close(*runs, tolerance=2e-5)
