"""Masking: what is marked, and that a dropped mask is said."""

import numpy as np
import pytest

from lamina import Input, Sequential, layers
from lamina.testing import check_layer


def test_layer():
    x = np.random.default_rng(0).normal(size=(3, 4, 2))
    check_layer(layers.Masking(), x)
    x[0, 2:] = x[1] = 5
    layer = layers.Masking(mask_value=5)
    mask = layer.compute_mask(x, None)
    assert mask.tolist() == [[True, True, False, False], [False] * 4, [True] * 4]
    y = layer(x)
    np.testing.assert_array_equal(y[mask], x[mask].astype("float32"))
    assert not y[~mask].any()
    dx = layer.backward(np.ones_like(y))
    assert (dx[mask] == 1).all() and not dx[~mask].any()


def test_a_dropped_mask_is_said_once():
    model = Sequential([Input((4, 2)), layers.Masking(), layers.Flatten(name="flat")])
    with pytest.warns(UserWarning, match=r"layer 'flat' \(Flatten\) drops the mask that came to it"):
        model(np.ones((2, 4, 2)))
    model(np.ones((2, 4, 2)))
