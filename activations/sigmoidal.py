"""S-shaped activations: from one level to another."""

import numpy as np

from .base import Activation, JoinedGradient, registry
from .twins import twins


def logistic(x: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)), written into x: accurate in both tails, where (1 + tanh(x/2)) / 2 loses small values."""
    if kernels := twins(x):
        return kernels.logistic(x)
    np.negative(x, out=x)
    with np.errstate(over="ignore"):  # exp may become inf, and y then is 0
        np.exp(x, out=x)
    x += 1
    return np.reciprocal(x, out=x)


class Sigmoid(Activation):
    """The logistic function, from 0 to 1.

    Forward:   y = 1 / (1 + exp(-x))
    Backward:  dx = dy ⊙ y ⊙ (1 - y); a `JoinedGradient` is dx already

    Source: Goodfellow, Bengio & Courville, *Deep Learning* (2016), section 3.10.
    """

    def forward(self, x):
        return logistic(x), x

    def backward(self, dy, saved):
        if isinstance(dy, JoinedGradient):
            return dy.view(np.ndarray)
        if kernels := twins(dy, saved):
            return kernels.sigmoid_backward(dy, saved)
        dy *= saved * (1 - saved)
        return dy


class HardSigmoid(Activation):
    """The sigmoid as three straight lines.

    Forward:   y = min(max(x + 3, 0), 6) / 6
    Backward:  dx = dy/6 ⊙ [0 < y < 1]

    Source: Howard et al., *Searching for MobileNetV3* (2019).
    """

    def forward(self, x):
        x += 3
        np.clip(x, 0, 6, out=x)
        x /= 6
        return x, x

    def backward(self, dy, saved):
        dy *= (saved > 0) & (saved < 1)
        dy /= 6
        return dy


class SparseSigmoid(Activation):
    """The sigmoid that reaches 0 and 1: the derivative of `sparse_plus`.

    Forward:   y = min(max(x + 1, 0), 2) / 2
    Backward:  dx = dy/2 ⊙ [0 < y < 1]

    Source: Blondel, Martins & Niculae, *Learning with Fenchel-Young Losses* (2020), for two classes.
    """

    def forward(self, x):
        x += 1
        np.clip(x, 0, 2, out=x)
        x /= 2
        return x, x

    def backward(self, dy, saved):
        dy *= (saved > 0) & (saved < 1)
        dy /= 2
        return dy


class Tanh(Activation):
    """The hyperbolic tangent, from -1 to 1.

    Forward:   y = tanh(x)
    Backward:  dx = dy ⊙ (1 - y²)

    Source: LeCun, Bottou, Orr & Müller, *Efficient BackProp* (1998).
    """

    def forward(self, x):
        return np.tanh(x, out=x), x

    def backward(self, dy, saved):
        dy *= 1 - saved * saved
        return dy


class HardTanh(Activation):
    """The hyperbolic tangent as three straight lines.

    Forward:   y = min(max(x, -1), 1)
    Backward:  dx = dy ⊙ [|x| ≤ 1]

    Source: Collobert, *Large Scale Machine Learning* (2004).
    """

    def forward(self, x):
        return np.clip(x, -1, 1), x

    def backward(self, dy, saved):
        dy *= np.abs(saved) <= 1
        return dy


class Softsign(Activation):
    """From -1 to 1 like tanh, but slower.

    Forward:   y = x / (1 + |x|)
    Backward:  dx = dy ⊙ (1 - |y|)²

    Source: Glorot & Bengio, *Understanding the Difficulty of Training Deep Feedforward Neural Networks* (2010).
    """

    def forward(self, x):
        size = np.abs(x)
        size += 1
        x /= size
        return x, x

    def backward(self, dy, saved):
        root = 1 - np.abs(saved)
        root *= root
        dy *= root
        return dy


def sigmoid(x) -> np.ndarray:
    """The logistic function: y = 1 / (1 + exp(-x)).

    >>> sigmoid([-2.0, 0.0, 2.0]).round(4)
    array([0.1192, 0.5   , 0.8808], dtype=float32)
    """
    return Sigmoid()(x)


def hard_sigmoid(x) -> np.ndarray:
    """The sigmoid as three lines: y = min(max(x + 3, 0), 6) / 6.

    >>> hard_sigmoid([-4.0, 0.0, 1.5])
    array([0.  , 0.5 , 0.75], dtype=float32)
    """
    return HardSigmoid()(x)


def sparse_sigmoid(x) -> np.ndarray:
    """The sigmoid that reaches 0 and 1: y = min(max(x + 1, 0), 2) / 2.

    >>> sparse_sigmoid([-2.0, 0.0, 0.5])
    array([0.  , 0.5 , 0.75], dtype=float32)
    """
    return SparseSigmoid()(x)


def tanh(x) -> np.ndarray:
    """The hyperbolic tangent.

    >>> tanh([-1.0, 0.0, 1.0]).round(4)
    array([-0.7616,  0.    ,  0.7616], dtype=float32)
    """
    return Tanh()(x)


def hard_tanh(x) -> np.ndarray:
    """The hyperbolic tangent as three lines: y = min(max(x, -1), 1).

    >>> hard_tanh([-2.0, 0.5, 3.0])
    array([-1. ,  0.5,  1. ], dtype=float32)
    """
    return HardTanh()(x)


def softsign(x) -> np.ndarray:
    """y = x / (1 + |x|).

    >>> softsign([-1.0, 0.0, 3.0])
    array([-0.5 ,  0.  ,  0.75], dtype=float32)
    """
    return Softsign()(x)


registry.add(Sigmoid, "sigmoid", function=sigmoid)
registry.add(HardSigmoid, "hard_sigmoid", function=hard_sigmoid)
registry.add(SparseSigmoid, "sparse_sigmoid", function=sparse_sigmoid)
registry.add(Tanh, "tanh", function=tanh)
registry.add(HardTanh, "hard_tanh", function=hard_tanh)
registry.add(Softsign, "softsign", function=softsign)
