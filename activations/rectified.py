"""Rectifiers: straight lines with a kink where little or nothing passes below."""

import numpy as np

from ..utils.checks import number, unless_none
from .base import Activation, JoinedGradient, registry
from .twins import twins


class ReLU(Activation):
    """The rectifier, with Keras's three options.

    Forward:   y = max(x, 0)
    Backward:  dx = dy ⊙ [y > 0]; a `JoinedGradient` is dx already

    With s = `negative_slope`, m = `max_value` (None: no limit) and θ = `threshold`, in full:

    Forward:   y = min(x·[x > θ], m) + s·min(x - θ, 0)
    Backward:  dx = dy ⊙ ([θ < x ≤ m] + s·[x < θ])

    Raises OptionError if an option is no number of 0 or more.

    Source: Glorot, Bordes & Bengio, *Deep Sparse Rectifier Neural Networks* (2011).
    """

    def __init__(self, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0):
        self.negative_slope = number("ReLU", "negative_slope", negative_slope, 0)
        self.max_value = unless_none(number, "ReLU", "max_value", max_value, 0)
        self.threshold = number("ReLU", "threshold", threshold, 0)
        self.plain = (self.negative_slope, self.max_value, self.threshold) == (0, None, 0)
        self.simpler = None if self.plain else self._simpler()

    def forward(self, x):
        if self.plain:
            return np.maximum(x, 0, out=x), x
        if self.simpler is not None:
            return self.simpler.forward(x)
        y = np.maximum(x, 0)
        y *= x > self.threshold
        if self.max_value is not None:
            np.minimum(y, self.max_value, out=y)
        if self.negative_slope:
            below = np.minimum(x, self.threshold)
            below -= self.threshold
            below *= self.negative_slope
            y += below
        return y, x

    def backward(self, dy, saved):
        if isinstance(dy, JoinedGradient) and self.is_gate:
            return dy.view(np.ndarray)
        if self.plain:
            dy *= saved > 0
            return dy
        if self.simpler is not None:
            return self.simpler.backward(dy, saved)
        passed = saved > self.threshold
        if self.max_value is not None:
            passed &= saved <= self.max_value
        if self.negative_slope:
            slope = (saved < self.threshold) * dy.dtype.type(self.negative_slope)
            slope += passed
            dy *= slope
        else:
            dy *= passed
        return dy

    @property
    def is_gate(self):
        simple = self.plain or (self.simpler is not None and self.simpler.is_gate)
        return simple and type(self) is ReLU  # who derives from it may have another gradient

    def _simpler(self) -> Activation | None:
        """The activation that these options amount to, where there is one that needs only y for its gradient."""
        if self.threshold == 0 and self.max_value is None:
            return LeakyReLU(self.negative_slope)
        if (self.negative_slope, self.max_value, self.threshold) == (0, 6, 0):
            return ReLU6()
        return None


class LeakyReLU(Activation):
    """A rectifier that lets a share of negative inputs through; s = `negative_slope`.

    Forward:   y = max(x, 0) + s·min(x, 0)
    Backward:  dx = dy where y > 0, else s·dy

    Raises OptionError if `negative_slope` is no number of 0 or more.

    Source: Maas, Hannun & Ng, *Rectifier Nonlinearities Improve Neural Network Acoustic Models* (2013).
    """

    def __init__(self, negative_slope: float = 0.2):
        self.negative_slope = number("LeakyReLU", "negative_slope", negative_slope, 0)

    def forward(self, x):
        if self.negative_slope and (kernels := twins(x)):
            return kernels.leaky_relu(x, self.negative_slope), x
        outer = np.maximum if self.negative_slope <= 1 else np.minimum  # of the two lines x and s·x
        below = self.negative_slope * x if self.negative_slope else 0  # 0·inf would be nan
        return outer(x, below, out=x), x

    def backward(self, dy, saved):
        if kernels := twins(dy, saved):
            return kernels.leaky_relu_backward(dy, saved, self.negative_slope)
        slope = (saved > 0) * dy.dtype.type(1 - self.negative_slope)
        slope += self.negative_slope
        dy *= slope
        return dy


class ReLU6(Activation):
    """A rectifier that is full at 6.

    Forward:   y = min(max(x, 0), 6)
    Backward:  dx = dy ⊙ [0 < y < 6]; a `JoinedGradient` is dx already

    Source: Krizhevsky, *Convolutional Deep Belief Networks on CIFAR-10* (2010).
    """

    @property
    def is_gate(self):
        return type(self) is ReLU6

    def forward(self, x):
        return np.clip(x, 0, 6, out=x), x

    def backward(self, dy, saved):
        if isinstance(dy, JoinedGradient) and self.is_gate:
            return dy.view(np.ndarray)
        dy *= (saved > 0) & (saved < 6)
        return dy


def relu(x, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> np.ndarray:
    """The rectifier: y = max(x, 0).

    >>> relu([-1.0, 0.0, 2.0])
    array([0., 0., 2.], dtype=float32)
    >>> relu([-1.0, 0.5, 2.0], negative_slope=0.5, max_value=1.0)
    array([-0.5,  0.5,  1. ], dtype=float32)
    """
    return ReLU(negative_slope, max_value, threshold)(x)


def leaky_relu(x, negative_slope: float = 0.2) -> np.ndarray:
    """The rectifier with a slope below 0: y = max(x, 0) + negative_slope·min(x, 0).

    >>> leaky_relu([-1.0, 2.0], negative_slope=0.25)
    array([-0.25,  2.  ], dtype=float32)
    """
    return LeakyReLU(negative_slope)(x)


def relu6(x) -> np.ndarray:
    """The rectifier up to 6: y = min(max(x, 0), 6).

    >>> relu6([-1.0, 2.0, 8.0])
    array([0., 2., 6.], dtype=float32)
    """
    return ReLU6()(x)


registry.add(ReLU, "relu", function=relu)
registry.add(LeakyReLU, "leaky_relu", function=leaky_relu)
registry.add(ReLU6, "relu6", function=relu6)
