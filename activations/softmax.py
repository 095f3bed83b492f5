"""Distributions: activations that make the entries along an axis sum to one, and their logarithm."""

import numpy as np

from ..utils.short_axes import long_stretches, row_sums
from .axes import AlongAxis
from .base import JoinedGradient, registry

TAME = {np.dtype(np.float32): 60.0, np.dtype(np.float64): 500.0}  # up to here exp(x), exp(-x) and their sums are finite


def exponentials(x: np.ndarray, axes: int | tuple[int, ...]) -> np.ndarray:
    """exp(x), or exp(x - max x) along the axes where that could be too large, or all of it zero; written into x.

    >>> exponentials(np.array([0.0]), -1), exponentials(np.array([999.0]), -1)
    (array([1.]), array([1.]))
    """
    most, numbers = TAME.get(x.dtype, 0.0), x.ravel("K")
    tame = np.vdot(numbers, numbers) <= most**2  # as mostly; then each of them is
    if not tame and not (-most <= np.minimum.reduce(x, axis=None) and np.maximum.reduce(x, axis=None) <= most):
        x -= np.maximum.reduce(x, axis=axes, keepdims=True)  # a call of x.max makes this one
    return np.exp(x, out=x)


class Softmax(AlongAxis):
    """Positive numbers that sum to one along `axis`, or over several axes.

    Forward:   e = exp(x), or exp(x - max x), which is the same in the end and can't overflow;  y = e / Σ e
    Backward:  dx = y ⊙ (dy - Σ dy ⊙ y); a `JoinedGradient` is dx already

    Sums and the maximum run along `axis`.

    Raises OptionError if `axis` is no whole number nor a list of them, ShapeError if x has no such axis.

    Source: Goodfellow, Bengio & Courville, *Deep Learning* (2016), section 6.2.2.3.
    """

    several = True

    def forward(self, x):
        self.compute_output_shape(x.shape)
        if self.axes == (-1,):
            x = exponentials(long_stretches(x), -1)
            x /= row_sums(x)
        else:
            x = exponentials(x, self.axes)
            x /= np.add.reduce(x, axis=self.axes, keepdims=True)
        return x, x

    def backward(self, dy, saved):
        if isinstance(dy, JoinedGradient):
            return dy.view(np.ndarray)
        dy -= self._sum_of_products(dy, saved)
        dy *= saved
        return dy

    def _sum_of_products(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """(a * b).sum(axis, keepdims=True) without the array a * b."""
        summed = {axis % a.ndim for axis in self.axes}
        every = list(range(a.ndim))
        return np.expand_dims(np.einsum(a, every, b, every, [n for n in every if n not in summed]), tuple(summed))


class LogSoftmax(AlongAxis):
    """The logarithm of the softmax along `axis`, or over several axes.

    Forward:   s = x - max x,  y = s - log Σ exp(s)
    Backward:  dx = dy - exp(y) ⊙ Σ dy

    Raises OptionError if `axis` is no whole number nor a list of them, ShapeError if x has no such axis.
    """

    several = True

    def forward(self, x):
        self.compute_output_shape(x.shape)
        x -= x.max(axis=self.axes, keepdims=True)
        x -= np.log(np.exp(x).sum(axis=self.axes, keepdims=True))
        return x, x

    def backward(self, dy, saved):
        share = np.exp(saved)
        share *= dy.sum(axis=self.axes, keepdims=True)
        dy -= share
        return dy


class Sparsemax(AlongAxis):
    """The point nearest to x whose entries along `axis` are not negative and sum to one; many of them are 0.

    Forward:   y = max(x - τ, 0), with τ = (Σ S - 1) / k, where S are the k largest entries of x, k as large as
               k · (the smallest of S) > Σ S - 1 allows
    Backward:  dx = [y > 0] ⊙ (dy - the mean of dy over the entries with y > 0)

    Raises OptionError if `axis` is no whole number, ShapeError if x has no such axis.

    Source: Martins & Astudillo, *From Softmax to Sparsemax* (2016).
    """

    def forward(self, x):
        self.compute_output_shape(x.shape)
        axis = self.axes[0]
        x -= x.max(axis=axis, keepdims=True)  # y stays the same, and the sums below stay small
        largest = np.flip(np.sort(x, axis=axis), axis)
        excess = np.cumsum(largest, axis=axis) - 1  # Σ S - 1 for each k
        ranks = np.arange(1, x.shape[axis] + 1, dtype=x.dtype)
        ranks = ranks.reshape([-1 if n == axis % x.ndim else 1 for n in range(x.ndim)])
        k = np.count_nonzero(ranks * largest > excess, axis=axis, keepdims=True)
        x -= np.take_along_axis(excess, k - 1, axis) / k.astype(x.dtype)
        return np.maximum(x, 0, out=x), x

    def backward(self, dy, saved):
        kept = saved > 0
        dy *= kept
        mean = dy.sum(axis=self.axes, keepdims=True) / kept.sum(axis=self.axes, keepdims=True, dtype=dy.dtype)
        dy -= kept * mean
        return dy


def softmax(x, axis: int | tuple[int, ...] = -1) -> np.ndarray:
    """Positive numbers that sum to one along the axis: y = exp(x) / Σ exp(x).

    >>> softmax([[0.0, 0.0], [1000.0, 0.0]])
    array([[0.5, 0.5],
           [1. , 0. ]], dtype=float32)
    """
    return Softmax(axis)(x)


def log_softmax(x, axis: int | tuple[int, ...] = -1) -> np.ndarray:
    """The logarithm of the softmax: y = x - log Σ exp(x).

    >>> log_softmax([[0.0, 0.0], [50.0, 0.0]]).round(4)
    array([[ -0.6931,  -0.6931],
           [  0.    , -50.    ]], dtype=float32)
    """
    return LogSoftmax(axis)(x)


def sparsemax(x, axis: int = -1) -> np.ndarray:
    """The point nearest to x whose entries along the axis are not negative and sum to one.

    >>> sparsemax([[0.0, 0.5, 1.0], [0.0, 3.0, 1.0]])
    array([[0.  , 0.25, 0.75],
           [0.  , 1.  , 0.  ]], dtype=float32)
    """
    return Sparsemax(axis)(x)


registry.add(Softmax, "softmax", function=softmax)
registry.add(LogSoftmax, "log_softmax", function=log_softmax)
registry.add(Sparsemax, "sparsemax", function=sparsemax)
