"""Orthogonal weights, which keep the lengths of vectors."""

import math

import numpy as np

from ..errors import ShapeError
from ..utils.checks import number
from .base import RandomInitializer, registry
from .distributions import standard_normal


class Orthogonal(RandomInitializer):
    """A random orthogonal matrix times `gain`; of a matrix that isn't square, the rows or columns are orthonormal.

    A weight of more axes is taken as a matrix whose columns belong to the last axis.

    The matrix is Q of a QR decomposition of normal numbers, each column with the sign of R's diagonal, without which
    not all orthogonal matrices were equally likely.

    Raises OptionError if `gain` is no number, ShapeError if the weight has fewer than two axes.

    Sources: Saxe, McClelland & Ganguli, *Exact Solutions to the Nonlinear Dynamics of Learning in Deep Linear Neural
    Networks* (2014); Mezzadri, *How to Generate Random Matrices from the Classical Compact Groups* (2007).

    >>> q = Orthogonal(seed=0)((3, 2))
    >>> bool(np.allclose(q.T @ q, np.eye(2), atol=1e-6))
    True
    """

    def __init__(self, gain: float = 1.0, seed: int | np.random.Generator | None = None):
        self.gain = number("Orthogonal", "gain", gain)
        super().__init__(seed)

    def draw(self, rng, shape, dtype):
        if len(shape) < 2:
            raise ShapeError("Orthogonal", expected="a shape of rank 2 or more", received=str(shape))
        rows, columns = math.prod(shape[:-1]), shape[-1]
        q, r = np.linalg.qr(standard_normal(rng, (max(rows, columns), min(rows, columns)), dtype))
        q *= np.sign(np.diag(r))
        q *= self.gain
        return (q if rows >= columns else np.ascontiguousarray(q.T)).reshape(shape)


registry.add(Orthogonal, "orthogonal", "OrthogonalInitializer")
