"""Initializers that draw nothing."""

from typing import Any

import numpy as np

from ..config import floatx
from ..errors import ArgumentError, ShapeError
from ..utils.checks import number
from .base import Initializer, registry


class Zeros(Initializer):
    """All 0.

    >>> Zeros()((2,))
    array([0., 0.], dtype=float32)
    """

    def __call__(self, shape, dtype=None, rng=None):
        return np.zeros(shape, dtype or floatx())


class Ones(Initializer):
    """All 1.

    >>> Ones()((2,))
    array([1., 1.], dtype=float32)
    """

    def __call__(self, shape, dtype=None, rng=None):
        return np.ones(shape, dtype or floatx())


class Constant(Initializer):
    """One number everywhere, or the numbers of an array: word vectors for an Embedding, say.

    Raises ArgumentError if `value` is not numbers, ShapeError if an array can't be broadcast to the weight's shape.

    >>> Constant([1.0, 2.0])((2, 2))
    array([[1., 2.],
           [1., 2.]], dtype=float32)
    """

    def __init__(self, value: Any = 0.0):
        try:
            numbers = np.asarray(value).dtype.kind in "fiub"
        except ValueError:  # rows of unequal length
            numbers = False
        if not numbers:
            raise ArgumentError("Constant(value=...)", expected="a number, or an array of them", received=repr(value))
        self.value = value

    def __call__(self, shape, dtype=None, rng=None):
        filled = np.empty(shape, dtype or floatx())
        try:
            filled[...] = self.value
        except ValueError:
            raise ShapeError(
                "Constant(value=...)",
                expected=f"an array that can be broadcast to {tuple(shape)}",
                received=f"one of {np.shape(self.value)}",
            ) from None
        return filled


class Identity(Initializer):
    """1 on the diagonal and 0 elsewhere, times `gain`: for matrices.

    Raises OptionError if `gain` is no number, ShapeError if the weight is no matrix.

    >>> Identity(gain=2.0)((2, 3))
    array([[2., 0., 0.],
           [0., 2., 0.]], dtype=float32)
    """

    def __init__(self, gain: float = 1.0):
        self.gain = number("Identity", "gain", gain)

    def __call__(self, shape, dtype=None, rng=None):
        if len(shape) != 2:
            raise ShapeError("Identity", expected="the shape of a matrix, of rank 2", received=str(tuple(shape)))
        value = np.eye(*shape, dtype=np.dtype(dtype or floatx()))
        value *= self.gain
        return value


registry.add(Zeros, "zeros", "zero")
registry.add(Ones, "ones", "one")
registry.add(Constant, "constant")
registry.add(Identity, "identity", "IdentityInitializer")
