"""Adaptive pooling: gradients, and what it has in common with pooling. Keras's numbers: `test_layer_references.py`."""

import numpy as np
import pytest

from lamina import Input, Sequential, layers
from lamina.errors import OptionError, ShapeError
from lamina.testing import check_layer

X = np.random.default_rng(0).permutation(np.arange(240.0)).reshape(2, 3, 4, 5, 2)  # no two numbers alike
CASES = {
    "average 1": (layers.AdaptiveAveragePooling1D(3), X[:, 0, 0]),
    "average 2": (layers.AdaptiveAveragePooling2D((2, 3)), X[:, 0]),
    "average 3": (layers.AdaptiveAveragePooling3D((2, 4, 1)), X),
    "average, channels first": (layers.AdaptiveAveragePooling2D(3, "channels_first"), X[:, 0]),
    "max 1": (layers.AdaptiveMaxPooling1D(3), X[:, 0, 0]),
    "max 2": (layers.AdaptiveMaxPooling2D((2, 3)), X[:, 0]),
    "max 3": (layers.AdaptiveMaxPooling3D((2, 4, 1)), X),
    "max, channels first": (layers.AdaptiveMaxPooling2D((4, 3), "channels_first"), X[:, 0]),
    "larger": (layers.AdaptiveMaxPooling2D((4, 7)), X[:, 0]),
}


@pytest.mark.parametrize("name", CASES)
def test_gradients_and_contract(name):
    check_layer(*CASES[name])


@pytest.mark.parametrize("kind", ["Average", "Max"])
def test_where_its_size_divides_that_of_x_it_is_pooling(kind):
    x = X[:, :2, :, :4]
    adaptive = getattr(layers, f"Adaptive{kind}Pooling3D")((1, 2, 2))
    plain = getattr(layers, f"{kind}Pooling3D")((2, 2, 2))
    np.testing.assert_allclose(adaptive(x), plain(x), rtol=1e-6)
    dy = np.random.default_rng(1).normal(size=(2, 1, 2, 2, 2)).astype("float32")
    np.testing.assert_allclose(adaptive.backward(dy.copy()), plain.backward(dy.copy()), rtol=1e-6)
    whole = getattr(layers, f"Global{kind}Pooling3D")()
    one = getattr(layers, f"Adaptive{kind}Pooling3D")(1)
    np.testing.assert_allclose(one(X).reshape(2, 2), whole(X), rtol=1e-6)


def test_the_same_model_takes_images_of_all_sizes():
    model = Sequential([Input((None, None, 1)), layers.AdaptiveMaxPooling2D(2), layers.Flatten(), layers.Dense(3)])
    assert model.output_shape == (None, 3)
    assert model(np.ones((2, 5, 7, 1))).shape == model(np.ones((2, 4, 3, 1))).shape == (2, 3)


def test_refusals():
    for size in (0, (2, 2, 2), 1.5):
        with pytest.raises(OptionError, match="output_size"):
            layers.AdaptiveMaxPooling2D(size)
    with pytest.raises(ShapeError):
        layers.AdaptiveAveragePooling1D(2)(np.ones((2, 0, 3)))
