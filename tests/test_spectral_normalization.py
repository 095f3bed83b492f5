"""SpectralNormalization: gradients, the norm in training, files. Keras's numbers: `test_layer_references.py`."""

import numpy as np
import pytest

from lamina import Input, Sequential, layers, models
from lamina.errors import ArgumentError, OptionError
from lamina.testing import check_layer

RNG = np.random.default_rng(0)


def largest_stretch(weight):
    return np.linalg.norm(weight.reshape(-1, weight.shape[-1]), 2)


@pytest.mark.parametrize(
    ("layer", "x"),
    [
        (layers.Dense(3, activation="tanh"), RNG.normal(size=(4, 5))),
        (layers.Conv2D(2, 2), RNG.normal(size=(2, 4, 3, 2))),
        (layers.Embedding(6, 3), np.array([[1, 5], [0, 1]])),
    ],
)
def test_gradients_and_contract(layer, x):
    check_layer(layers.SpectralNormalization(layer), x)


def test_in_training_the_kernel_stretches_nothing():
    layer = layers.SpectralNormalization(layers.Conv2D(4, 3, kernel_initializer="random_normal"), power_iterations=30)
    x = RNG.normal(size=(2, 5, 5, 3)).astype("float32")
    before = layer(x)
    assert largest_stretch(layer.layer.kernel.value) != pytest.approx(1, rel=0.01)
    u = layer.vector_u.numpy()
    y = layer(x, training=True)
    assert largest_stretch(layer.layer.kernel.value) == pytest.approx(1, rel=1e-3) != np.abs(y - before).max()
    np.testing.assert_array_equal(layer(x), y)  # inference finds the kernel so
    assert not np.array_equal(u, layer.vector_u.value) and np.linalg.norm(layer.vector_u.value) == pytest.approx(1)


def test_the_gradient_is_that_of_the_layer_with_its_new_kernel():
    wrapped, bare, x = layers.SpectralNormalization(layers.Dense(3)), layers.Dense(3), RNG.normal(size=(4, 5))
    y = wrapped(x, training=True)
    bare(x)
    bare.set_weights([wrapped.layer.kernel.value, wrapped.layer.bias.value])
    np.testing.assert_array_equal(bare(x), y)
    dy = RNG.normal(size=y.shape).astype("float32")
    np.testing.assert_array_equal(wrapped.backward(dy.copy()), bare.backward(dy.copy()))
    np.testing.assert_array_equal(wrapped.layer.kernel.grad, bare.kernel.grad)


def test_a_kernel_of_zeros_stays():
    layer = layers.SpectralNormalization(layers.Dense(2, kernel_initializer="zeros"))
    x = np.ones((1, 3))
    layer.ensure_built(x.shape)
    u = layer.vector_u.numpy()
    assert not layer(x, training=True).any() and not layer.layer.kernel.value.any()
    np.testing.assert_array_equal(layer.vector_u.value, u)


def test_penalties_and_types_of_the_layer_within_count():
    layer = layers.SpectralNormalization(layers.Dense(2, kernel_regularizer="l2", dtype="float64"))
    assert layer(np.ones((1, 3), "float32")).dtype == np.float32
    assert layer.losses == [pytest.approx(0.01 * (layer.layer.kernel.value**2).sum())]


def test_a_mask_goes_on_as_the_layer_within_leaves_it():
    dense = layers.SpectralNormalization(layers.Dense(2))
    lookup = layers.SpectralNormalization(layers.Embedding(5, 2, mask_zero=True))
    ids = np.array([[1, 2, 0], [3, 0, 0]])
    for head in (
        [layers.Embedding(5, 2, mask_zero=True), dense],
        [lookup],
    ):
        model = Sequential([Input((3,), dtype="int32"), *head, layers.GlobalAveragePooling1D()])
        steps = head[-1](head[0](ids)) if len(head) > 1 else lookup(ids)
        np.testing.assert_allclose(model(ids), [steps[0, :2].mean(axis=0), steps[1, 0]], rtol=1e-6)


def test_fit_save_and_load(tmp_path):
    x, y = RNG.normal(size=(64, 4)).astype("float32"), RNG.normal(size=(64, 1)).astype("float32")
    model = Sequential([Input((4,)), layers.SpectralNormalization(layers.Dense(8, "relu")), layers.Dense(1)])
    model.compile("adam", "mse")
    model.fit(x, y, epochs=3, batch_size=16, verbose=0)
    model.save(tmp_path / "m.lamina")
    again = models.load_model(tmp_path / "m.lamina")
    assert [w.path for w in again.weights] == [w.path for w in model.weights]
    a, b = (m.fit(x, y, epochs=2, batch_size=16, shuffle=False, verbose=0).history for m in (model, again))
    assert a == b  # u and the optimizer's state went along
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))


def test_refusals():
    with pytest.raises(ArgumentError, match="expected a layer"):
        layers.SpectralNormalization(3)
    with pytest.raises(OptionError, match="power_iterations"):
        layers.SpectralNormalization(layers.Dense(2), power_iterations=0)
    with pytest.raises(ArgumentError, match="a kernel, or embeddings"):
        layers.SpectralNormalization(layers.Flatten())(np.ones((2, 3)))
