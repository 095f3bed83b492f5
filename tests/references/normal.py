"""Fits the polynomial in `lamina/activations/normal.py`, and prints it. Needs SciPy and NumPy alone."""

import math

import numpy as np
from numpy.polynomial import Polynomial
from numpy.polynomial.chebyshev import Chebyshev
from scipy.special import log_ndtr

DEGREE, FURTHEST = 9, 9.5


def fit() -> list[float]:
    """Of log(Φ(-|x|)·exp(x²/2) / t) in t = 1 / (1 + |x| / √8), the highest power first."""
    least = 1 / (1 + FURTHEST / math.sqrt(8))
    nodes = np.cos(np.pi * (np.arange(400) + 0.5) / 400)
    t = (1 + least) / 2 + (1 - least) / 2 * nodes
    x = (1 / t - 1) * math.sqrt(8)
    values = log_ndtr(-x) + x * x / 2 - np.log(t)
    series = Chebyshev.fit(t, values, DEGREE, domain=[least, 1])
    return series.convert(kind=Polynomial, domain=[-1, 1]).coef[::-1].tolist()


if __name__ == "__main__":
    for coefficient in fit():
        print(f"    {coefficient!r},")
