"""Shrinkage: activations that set what is small to a level, mostly 0."""

import numpy as np

from ..utils.checks import number
from .base import Activation, registry


class HardShrink(Activation):
    """Small numbers become 0; λ = `threshold`.

    Forward:   y = x ⊙ [|x| > λ]
    Backward:  dx = dy ⊙ [y ≠ 0]

    Raises OptionError if `threshold` is no number of 0 or more.

    Source: Donoho & Johnstone, *Ideal Spatial Adaptation by Wavelet Shrinkage* (1994).
    """

    def __init__(self, threshold: float = 0.5):
        self.threshold = number("HardShrink", "threshold", threshold, 0)

    def forward(self, x):
        x *= np.abs(x) > self.threshold
        return x, x

    def backward(self, dy, saved):
        dy *= saved != 0
        return dy


class SoftShrink(Activation):
    """All numbers move towards 0 by λ = `threshold`, and none beyond.

    Forward:   y = x - min(max(x, -λ), λ)
    Backward:  dx = dy ⊙ [y ≠ 0]

    Raises OptionError if `threshold` is no number of 0 or more.

    Source: Donoho & Johnstone, *Ideal Spatial Adaptation by Wavelet Shrinkage* (1994).
    """

    def __init__(self, threshold: float = 0.5):
        self.threshold = number("SoftShrink", "threshold", threshold, 0)

    def forward(self, x):
        x -= np.clip(x, -self.threshold, self.threshold)
        return x, x

    def backward(self, dy, saved):
        dy *= saved != 0
        return dy


class TanhShrink(Activation):
    """The input less its hyperbolic tangent.

    Forward:   t = tanh(x),  y = x - t
    Backward:  dx = dy ⊙ t²
    """

    def forward(self, x):
        t = np.tanh(x)
        x -= t
        return x, t

    def backward(self, dy, saved):
        dy *= saved
        dy *= saved
        return dy


class Threshold(Activation):
    """A fixed number stands where the input is not above θ = `threshold`.

    Forward:   y = x where x > θ, else `default_value`
    Backward:  dx = dy ⊙ [x > θ]

    Raises OptionError if `threshold` or `default_value` is no number.
    """

    def __init__(self, threshold: float, default_value: float):
        self.threshold = number("Threshold", "threshold", threshold)
        self.default_value = number("Threshold", "default_value", default_value)

    def forward(self, x):
        below = x <= self.threshold
        np.copyto(x, self.default_value, where=below)
        return x, below

    def backward(self, dy, saved):
        dy *= ~saved
        return dy


def hard_shrink(x, threshold: float = 0.5) -> np.ndarray:
    """Small numbers become 0: y = x where |x| > threshold, else 0.

    >>> hard_shrink([-1.0, 0.5, 2.0])
    array([-1.,  0.,  2.], dtype=float32)
    """
    return HardShrink(threshold)(x)


def soft_shrink(x, threshold: float = 0.5) -> np.ndarray:
    """All numbers move towards 0: y = x - min(max(x, -threshold), threshold).

    >>> soft_shrink([-1.0, 0.5, 2.0])
    array([-0.5,  0. ,  1.5], dtype=float32)
    """
    return SoftShrink(threshold)(x)


def tanh_shrink(x) -> np.ndarray:
    """y = x - tanh(x).

    >>> tanh_shrink([-1.0, 0.0, 1.0]).round(4)
    array([-0.2384,  0.    ,  0.2384], dtype=float32)
    """
    return TanhShrink()(x)


def threshold(x, threshold: float, default_value: float) -> np.ndarray:
    """y = x where x > threshold, else default_value.

    >>> threshold([-1.0, 0.5, 2.0], threshold=0.5, default_value=9.0)
    array([9., 9., 2.], dtype=float32)
    """
    return Threshold(threshold, default_value)(x)


registry.add(HardShrink, "hard_shrink", function=hard_shrink)
registry.add(SoftShrink, "soft_shrink", function=soft_shrink)
registry.add(TanhShrink, "tanh_shrink", function=tanh_shrink)
registry.add(Threshold, "threshold", function=threshold)
