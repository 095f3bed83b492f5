"""Smooth relatives of the rectifier and of the exponential."""

import numpy as np

from ..errors import OptionError
from ..utils.checks import number
from .base import Activation, registry


class Exponential(Activation):
    """Forward:   y = exp(x)
    Backward:  dx = dy ⊙ y
    """

    def forward(self, x):
        with np.errstate(over="ignore"):  # y is inf there, as in Keras
            return np.exp(x, out=x), x

    def backward(self, dy, saved):
        dy *= saved
        return dy


def _log_tail(x: np.ndarray) -> np.ndarray:
    """log(1 + exp(-|x|)): what softplus adds to the rectifier. It can't overflow."""
    tail = np.abs(x)
    np.negative(tail, out=tail)
    np.exp(tail, out=tail)
    return np.log1p(tail, out=tail)


class Softplus(Activation):
    """The smooth rectifier.

    Forward:   y = log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|))
    Backward:  dx = dy ⊙ (1 - exp(-y)), which is dy ⊙ sigmoid(x)

    Source: Glorot, Bordes & Bengio, *Deep Sparse Rectifier Neural Networks* (2011).
    """

    def forward(self, x):
        tail = _log_tail(x)
        np.maximum(x, 0, out=x)
        x += tail
        return x, x

    def backward(self, dy, saved):
        dy *= -np.expm1(-saved)
        return dy


class LogSigmoid(Activation):
    """The logarithm of the sigmoid.

    Forward:   y = -log(1 + exp(-x)) = min(x, 0) - log(1 + exp(-|x|))
    Backward:  dx = dy ⊙ (1 - exp(y)), which is dy ⊙ sigmoid(-x)
    """

    def forward(self, x):
        tail = _log_tail(x)
        np.minimum(x, 0, out=x)
        x -= tail
        return x, x

    def backward(self, dy, saved):
        dy *= -np.expm1(saved)
        return dy


class Squareplus(Activation):
    """The smooth rectifier from a square root.

    Forward:   r = √(x² + b),  y = (x + r) / 2 = max(x, 0) + (b/2) / (r + |x|)
    Backward:  dx = dy / (1 + b / 4y²), which is dy ⊙ y / r

    Raises OptionError if `b` is no number above 0.

    Source: Barron, *Squareplus: A Softplus-Like Algebraic Rectifier* (2021).
    """

    def __init__(self, b: float = 4):
        self.b = number("Squareplus", "b", b, 0)
        if self.b == 0:
            raise OptionError("Squareplus(b=...)", expected="a number above 0", received=repr(b))

    def forward(self, x):
        with np.errstate(over="ignore"):  # where x² is inf the second term is 0, as it should be
            root = x * x
        root += self.b
        np.sqrt(root, out=root)
        root += np.abs(x)
        np.maximum(x, 0, out=x)
        x += np.divide(self.b / 2, root, out=root)
        return x, x

    def backward(self, dy, saved):
        with np.errstate(over="ignore", divide="ignore"):  # b / 4y² is 0 where y² is inf, and inf where it is 0
            ratio = saved * saved
            np.divide(self.b / 4, ratio, out=ratio)
        ratio += 1
        dy /= ratio
        return dy


class SparsePlus(Activation):
    """The smooth rectifier that reaches 0.

    Forward:   y = 0 where x ≤ -1, (x + 1)²/4 up to 1, x above
    Backward:  dx = dy ⊙ min(√y, 1), which is dy ⊙ sparse_sigmoid(x)

    Source: Blondel, Martins & Niculae, *Learning with Fenchel-Young Losses* (2020), for two classes.
    """

    def forward(self, x):
        root = np.clip(x, -1, 1)
        root += 1
        root *= root
        root /= 4
        np.maximum(x, 1, out=x)
        x -= 1
        x += root
        return x, x

    def backward(self, dy, saved):
        slope = np.sqrt(saved)
        dy *= np.minimum(slope, 1, out=slope)
        return dy


def exponential(x) -> np.ndarray:
    """y = exp(x).

    >>> exponential([-1.0, 0.0, 1.0]).round(4)
    array([0.3679, 1.    , 2.7183], dtype=float32)
    """
    return Exponential()(x)


def softplus(x) -> np.ndarray:
    """The smooth rectifier: y = log(1 + exp(x)).

    >>> softplus([-1.0, 0.0, 20.0]).round(4)
    array([ 0.3133,  0.6931, 20.    ], dtype=float32)
    """
    return Softplus()(x)


def log_sigmoid(x) -> np.ndarray:
    """The logarithm of the sigmoid: y = -log(1 + exp(-x)).

    >>> log_sigmoid([-20.0, 0.0, 1.0]).round(4)
    array([-20.    ,  -0.6931,  -0.3133], dtype=float32)
    """
    return LogSigmoid()(x)


def squareplus(x, b: float = 4) -> np.ndarray:
    """The smooth rectifier from a square root: y = (x + √(x² + b)) / 2.

    >>> squareplus([-1.5, 0.0, 1.5])
    array([0.5, 1. , 2. ], dtype=float32)
    """
    return Squareplus(b)(x)


def sparse_plus(x) -> np.ndarray:
    """The smooth rectifier that reaches 0: y = 0 where x ≤ -1, (x + 1)²/4 up to 1, x above.

    >>> sparse_plus([-2.0, 0.0, 3.0])
    array([0.  , 0.25, 3.  ], dtype=float32)
    """
    return SparsePlus()(x)


registry.add(Exponential, "exponential", function=exponential)
registry.add(Softplus, "softplus", function=softplus)
registry.add(LogSigmoid, "log_sigmoid", function=log_sigmoid)
registry.add(Squareplus, "squareplus", function=squareplus)
registry.add(SparsePlus, "sparse_plus", function=sparse_plus)
