"""Exponential linear units: the identity above 0, an exponential that levels off below."""

from typing import ClassVar

import numpy as np

from ..errors import OptionError
from ..utils.checks import number
from .base import Activation, registry


class ExponentialUnit(Activation):
    """What ELU, SELU and CELU share; each sets the `scale` a, the `depth` d and the `width` w.

    Forward:   y = a·max(x, 0) + d·(exp(min(x, 0) / w) - 1)
    Backward:  dx = a·dy where y > 0, else dy ⊙ (y + d) / w
    """

    scale: float = 1.0
    depth: float = 1.0
    width: float = 1.0
    above: ClassVar[np.ufunc] = np.greater  # on which side of the kink y = 0 counts; as in Keras

    def forward(self, x):
        below = np.minimum(x, 0)
        _multiply(below, 1 / self.width)
        np.expm1(below, out=below)
        _multiply(below, self.depth)
        np.maximum(x, 0, out=x)
        _multiply(x, self.scale)
        x += below
        return x, x

    def backward(self, dy, saved):
        slope = np.minimum(saved, 0)
        slope += self.depth
        _multiply(slope, 1 / self.width)  # where y > 0 it now is d / w
        step = self.scale - self.depth / self.width
        if step:
            slope += self.above(saved, 0) * dy.dtype.type(step)
        dy *= slope
        return dy


def _multiply(array: np.ndarray, factor: float) -> None:
    """Multiply in place; by 1 costs no pass."""
    if factor != 1:
        array *= factor


class ELU(ExponentialUnit):
    """The exponential linear unit, down to -α = -`alpha`.

    Forward:   y = x where x > 0, else α·(exp(x) - 1)
    Backward:  dx = dy where y > 0, else dy ⊙ (y + α)

    Raises OptionError if `alpha` is no number of 0 or more.

    Source: Clevert, Unterthiner & Hochreiter, *Fast and Accurate Deep Network Learning by Exponential Linear Units
    (ELUs)* (2016).
    """

    def __init__(self, alpha: float = 1.0):
        self.alpha = self.depth = number("ELU", "alpha", alpha, 0)


class SELU(ExponentialUnit):
    """The scaled ELU, which draws activations to mean 0 and variance 1; λ ≈ 1.0507, α ≈ 1.6733.

    Forward:   y = λx where x > 0, else λα·(exp(x) - 1)
    Backward:  dx = λ·dy where y ≥ 0, else dy ⊙ (y + λα)

    Source: Klambauer, Unterthiner, Mayr & Hochreiter, *Self-Normalizing Neural Networks* (2017).
    """

    scale = 1.0507009873554805
    depth = scale * 1.6732632423543772
    above = np.greater_equal


class CELU(ExponentialUnit):
    """The ELU whose slope is 1 at 0 for every α = `alpha`.

    Forward:   y = x where x > 0, else α·(exp(x/α) - 1)
    Backward:  dx = dy where y > 0, else dy ⊙ (y/α + 1)

    Raises OptionError if `alpha` is no number above 0.

    Source: Barron, *Continuously Differentiable Exponential Linear Units* (2017).
    """

    def __init__(self, alpha: float = 1.0):
        self.alpha = self.depth = self.width = number("CELU", "alpha", alpha, 0)
        if self.alpha == 0:
            raise OptionError("CELU(alpha=...)", expected="a number above 0", received=repr(alpha))


def elu(x, alpha: float = 1.0) -> np.ndarray:
    """The exponential linear unit: y = x where x > 0, else alpha·(exp(x) - 1).

    >>> elu([-1.0, 0.0, 2.0]).round(4)
    array([-0.6321,  0.    ,  2.    ], dtype=float32)
    """
    return ELU(alpha)(x)


def selu(x) -> np.ndarray:
    """The scaled exponential linear unit: y = 1.0507·elu(x, 1.6733).

    >>> selu([-1.0, 0.0, 1.0]).round(4)
    array([-1.1113,  0.    ,  1.0507], dtype=float32)
    """
    return SELU()(x)


def celu(x, alpha: float = 1.0) -> np.ndarray:
    """The continuously differentiable ELU: y = x where x > 0, else alpha·(exp(x/alpha) - 1).

    >>> celu([-2.0, 0.0, 1.0], alpha=2.0).round(4)
    array([-1.2642,  0.    ,  1.    ], dtype=float32)
    """
    return CELU(alpha)(x)


registry.add(ELU, "elu", function=elu)
registry.add(SELU, "selu", function=selu)
registry.add(CELU, "celu", function=celu)
