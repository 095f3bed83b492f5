"""The normal distribution function in float32, which SciPy finds one number at a time, by passes of NumPy."""

import math

import numpy as np

from .twins import twins

PIECE = 2**16  # numbers that all passes go over before the next: they stay in the cache
# of log(Φ(-|x|)·exp(x²/2) / t) as a polynomial in t = 1 / (1 + |x| / √8), the highest power first: a Chebyshev fit for
# |x| < 9.5, made by `tests/references/normal.py`
TAIL = (
    0.0999918826962315,
    -0.4292350480785756,
    0.545787012440006,
    0.14659065531695273,
    -0.8066936889476163,
    0.4059729922056409,
    -0.11082500911011245,
    0.4190751876080715,
    0.9945658814156522,
    -1.958377022691931,
)


def distribution(x: np.ndarray) -> np.ndarray:
    """Φ(x), the chance that a standard normal number is smaller, as a new array.

    In float32, Φ(-|x|) = t·exp(p(t) - x²/2), right to 3e-7, and in the tail to a hundred-thousandth of itself. In other
    types it is SciPy's.

    >>> distribution(np.array([-1.0, 0.0, 1.0], "float32")).round(4)
    array([0.1587, 0.5   , 0.8413], dtype=float32)
    """
    if x.dtype != np.float32:
        from scipy.special import ndtr  # type: ignore[import-untyped]

        return ndtr(x).astype(x.dtype, copy=False)
    y = np.empty_like(x, order="C")
    if kernels := twins(x):
        return kernels.distribution(y, x)
    numbers, results = x.reshape(-1), y.reshape(-1)
    for start in range(0, len(numbers), PIECE):
        some = slice(start, start + PIECE)
        _distribution(numbers[some], results[some])
    return y


def _distribution(x: np.ndarray, y: np.ndarray) -> None:
    t = np.abs(x)
    t *= 1 / math.sqrt(8)
    t += 1
    np.reciprocal(t, out=t)
    np.multiply(t, TAIL[0], out=y)
    for coefficient in TAIL[1:-1]:
        y += coefficient
        y *= t
    y += TAIL[-1]
    square = np.minimum(np.abs(x), 40)  # beyond, Φ(-|x|) is 0
    square *= square
    square *= 0.5
    y -= square
    np.exp(y, out=y)
    y *= t
    np.abs(np.subtract(x > 0, y, out=y), out=y)  # 1 - Φ(-|x|) for what is above 0
