"""The identity, for a layer without an activation."""

import numpy as np

from .base import Activation, registry


class Linear(Activation):
    """y = x;  dx = dy."""

    def forward(self, x):
        return x, None

    def backward(self, dy, saved):
        return dy


def linear(x) -> np.ndarray:
    """The input as it is: y = x.

    >>> linear([1.0, -2.0])
    array([ 1., -2.], dtype=float32)
    """
    return Linear()(x)


registry.add(Linear, "linear", function=linear)
