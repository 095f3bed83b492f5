"""Gated activations: the input times a gate between 0 and 1 that the input itself sets."""

import math

import numpy as np

from ..errors import ShapeError
from .axes import AlongAxis
from .base import Activation, registry
from .normal import distribution
from .sigmoidal import logistic
from .twins import twins

LEVEL = 40.0  # from here on the normal distribution function is 0 or 1 in every float type
CUBIC = 0.044715


class SiLU(Activation):
    """The input times its sigmoid; also known as swish.

    Forward:   s = sigmoid(x),  y = x ⊙ s
    Backward:  dx = dy ⊙ (s + y ⊙ (1 - s))

    Source: Elfwing, Uchibe & Doya, *Sigmoid-Weighted Linear Units* (2018).
    """

    def forward(self, x):
        if kernels := twins(x):
            s = np.empty_like(x)
            return kernels.silu(x, s), (x, s)
        s = logistic(x.copy())
        x *= s
        return x, (x, s)

    def backward(self, dy, saved):
        y, s = saved
        if kernels := twins(dy, y, s):
            return kernels.silu_backward(dy, y, s)
        slope = 1 - s
        slope *= y
        slope += s
        dy *= slope
        return dy


class HardSiLU(Activation):
    """The input times its hard sigmoid; also known as hard swish.

    Forward:   h = min(max(x + 3, 0), 6) / 6,  y = x ⊙ h
    Backward:  dx = dy ⊙ (h + x/6 ⊙ [|x| < 3])

    Source: Howard et al., *Searching for MobileNetV3* (2019).
    """

    def forward(self, x):
        h = x + 3
        np.clip(h, 0, 6, out=h)
        h /= 6
        return x * h, (x, h)

    def backward(self, dy, saved):
        x, h = saved
        slope = np.where(np.abs(x) < 3, x, 0)  # 0 for an infinite x, too
        slope /= 6
        slope += h
        dy *= slope
        return dy


class GELU(Activation):
    """The input times the chance that a standard normal number is smaller: Φ(x).

    Forward:   y = x ⊙ Φ(x)
    Backward:  dx = dy ⊙ (Φ(x) + x ⊙ φ(x)),  φ(x) = exp(-x²/2) / √(2π)

    With `approximate`, by way of u = √(2/π)·(x + 0.044715·x³):

    Forward:   Φ(x) ≈ (1 + tanh u) / 2
    Backward:  φ(x) ≈ (1 - tanh² u) / 2 · √(2/π)·(1 + 0.134145·x²)

    Source: Hendrycks & Gimpel, *Gaussian Error Linear Units* (2016).
    """

    def __init__(self, approximate: bool = False):
        self.approximate = approximate

    def forward(self, x):
        gate = self._tanh_gate(x) if self.approximate else distribution(x)
        return x * gate, (x, gate)

    def backward(self, dy, saved):
        x, gate = saved
        if kernels := twins(dy, x, gate):
            return (kernels.tanh_gelu_backward if self.approximate else kernels.gelu_backward)(dy, x, gate)
        near = np.clip(x, -LEVEL, LEVEL)  # the slope no longer changes further out, and no square overflows
        square = near * near
        if self.approximate:
            slope = gate * (1 - gate)  # (1 - tanh² u) / 4
            square *= 3 * CUBIC
            square += 1
            square *= 2 * math.sqrt(2 / math.pi)
            slope *= square
        else:
            square *= -0.5
            slope = np.exp(square, out=square)
            slope *= 1 / math.sqrt(2 * math.pi)
        slope *= near
        slope += gate
        dy *= slope
        return dy

    def _tanh_gate(self, x: np.ndarray) -> np.ndarray:
        if kernels := twins(x):
            return kernels.tanh_gate(np.empty_like(x), x)
        near = np.clip(x, -LEVEL, LEVEL)
        u = near * near
        u *= CUBIC
        u += 1
        u *= near
        u *= math.sqrt(2 / math.pi)
        np.tanh(u, out=u)
        u += 1
        u /= 2
        return u


class Mish(Activation):
    """The input times the tanh of its softplus.

    Forward:   e = exp(x),  w = e ⊙ (e + 2),  t = w / (w + 2), which is tanh(log(1 + e)),  y = x ⊙ t
    Backward:  dx = dy ⊙ (t + x ⊙ sigmoid(x) ⊙ (1 - t²))

    Source: Misra, *Mish: A Self Regularized Non-Monotonic Activation Function* (2019).
    """

    def forward(self, x):
        e = np.minimum(x, 5 if x.dtype == np.float16 else 20)  # from here on t is 1, and w does not overflow
        np.exp(e, out=e)
        w = e + 2
        w *= e
        t = np.divide(w, w + 2, out=w)
        return x * t, (x, t)

    def backward(self, dy, saved):
        x, t = saved
        slope = logistic(x.copy())
        slope *= x
        slope *= 1 - t * t
        slope += t
        dy *= slope
        return dy


class GLU(AlongAxis):
    """The gated linear unit: one half of the features gates the other.

    Forward:   x = [a, b] along `axis`,  s = sigmoid(b),  y = a ⊙ s
    Backward:  da = dy ⊙ s,  db = dy ⊙ a ⊙ s ⊙ (1 - s)

    Shapes: x any; y and dy half as long along `axis`.

    Raises OptionError if `axis` is no whole number, ShapeError if x has no such axis or its length is odd.

    Source: Dauphin, Fan, Auli & Grangier, *Language Modeling with Gated Convolutional Networks* (2017).
    """

    def forward(self, x):
        self.compute_output_shape(x.shape)
        a, b = np.split(x, 2, axis=self.axes[0])
        s = logistic(b)
        return a * s, (a, s)

    def backward(self, dy, saved):
        a, s = saved
        dx = np.concatenate([dy, dy], axis=self.axes[0])
        dx *= np.concatenate([s, s], axis=self.axes[0])
        _, db = np.split(dx, 2, axis=self.axes[0])
        db *= a
        db *= 1 - s
        return dx

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        axis = self.axes[0] % len(super().compute_output_shape(input_shape))
        length = input_shape[axis]
        if length is not None and length % 2:
            raise ShapeError(
                f"GLU along axis {self.axis}", expected="an even length there", received=f"{length} in {input_shape}"
            )
        return (*input_shape[:axis], None if length is None else length // 2, *input_shape[axis + 1 :])


def silu(x) -> np.ndarray:
    """The input times its sigmoid: y = x / (1 + exp(-x)).

    >>> silu([-1.0, 0.0, 1.0]).round(4)
    array([-0.2689,  0.    ,  0.7311], dtype=float32)
    """
    return SiLU()(x)


def hard_silu(x) -> np.ndarray:
    """The input times its hard sigmoid: y = x·min(max(x + 3, 0), 6) / 6.

    >>> hard_silu([-1.5, 0.0, 1.5])
    array([-0.375,  0.   ,  1.125], dtype=float32)
    """
    return HardSiLU()(x)


def gelu(x, approximate: bool = False) -> np.ndarray:
    """The input times the standard normal distribution function: y = x·Φ(x).

    >>> gelu([-1.0, 0.0, 1.0]).round(4)
    array([-0.1587,  0.    ,  0.8413], dtype=float32)
    """
    return GELU(approximate)(x)


def mish(x) -> np.ndarray:
    """The input times the tanh of its softplus: y = x·tanh(log(1 + exp(x))).

    >>> mish([-1.0, 0.0, 1.0]).round(4)
    array([-0.3034,  0.    ,  0.8651], dtype=float32)
    """
    return Mish()(x)


def glu(x, axis: int = -1) -> np.ndarray:
    """One half of x along the axis, times the sigmoid of the other half.

    >>> glu([[2.0, 3.0, 0.0, 100.0]])
    array([[1., 3.]], dtype=float32)
    """
    return GLU(axis)(x)


swish, hard_swish = silu, hard_silu  # the names by which they are also known

registry.add(SiLU, "silu", "swish", function=silu)
registry.add(HardSiLU, "hard_silu", "hard_swish", function=hard_silu)
registry.add(GELU, "gelu", function=gelu)
registry.add(Mish, "mish", function=mish)
registry.add(GLU, "glu", function=glu)
