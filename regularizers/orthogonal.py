"""A penalty on vectors that point the same way."""

import numpy as np

from ..config import epsilon
from ..errors import ShapeError
from ..utils.checks import number, one_of
from .base import Regularizer, registry


class OrthogonalRegularizer(Regularizer):
    """A penalty that turns the n rows of a matrix, or its columns, towards right angles, whatever their lengths.

    With U the matrix whose rows are w's, each divided by its length r, and c = factor / (n·(n - 1)):

    R(w) = c·Σ |u_i·u_j| over i ≠ j
    dR/dw_i = (g_i - u_i·(u_i·g_i)) / r_i,  where G = 2c·S·U,  S = sign(U·Uᵀ) with 0 on the diagonal

    A row shorter than ε = `config.epsilon()` is divided by ε. `mode` is ``"rows"`` or ``"columns"``. A single row is at
    right angles to all others: its penalty is 0.

    Raises OptionError if `factor` is no finite number of 0 or more or `mode` is unknown, ShapeError if w is no matrix.

    >>> penalty = OrthogonalRegularizer(factor=1.0)
    >>> penalty(np.array([[2.0, 0.0], [0.0, 3.0]])), penalty(np.array([[2.0, 0.0], [3.0, 0.0]]))
    (0.0, 1.0)
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows"):
        self.factor = number("OrthogonalRegularizer", "factor", factor, 0, np.inf, open_high=True)
        self.mode = one_of("OrthogonalRegularizer", "mode", mode, ("rows", "columns"))

    def __call__(self, w):
        unit, _, c = self._parts(w)
        products = unit @ unit.T  # (n, n)
        np.fill_diagonal(products, 0)
        return c * float(np.abs(products).sum())

    def gradient(self, w):
        unit, length, c = self._parts(w)
        signs = np.sign(unit @ unit.T)
        np.fill_diagonal(signs, 0)
        g = 2 * c * (signs @ unit)
        along = (unit * g).sum(axis=1, keepdims=True) * (length > epsilon())
        gradient = (g - unit * along) / np.maximum(length, epsilon())
        return gradient if self.mode == "rows" else gradient.T

    def _parts(self, w: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
        """The rows, or columns, made one long; their lengths; and the factor c."""
        if w.ndim != 2:
            raise ShapeError("OrthogonalRegularizer", expected="a matrix, of rank 2", received=f"shape {w.shape}")
        rows = w if self.mode == "rows" else w.T
        length = np.sqrt(np.square(rows).sum(axis=1, keepdims=True))
        pairs = len(rows) * (len(rows) - 1)
        return rows / np.maximum(length, epsilon()), length, self.factor / max(pairs, 1)


registry.add(OrthogonalRegularizer, "orthogonal_regularizer")
