"""Gradients by finite differences."""

from collections.abc import Callable

import numpy as np


def numerical_gradient(function: Callable[[], float], x: np.ndarray, h: float = 1e-5) -> np.ndarray:
    """d function() / d x, entry by entry, where `function` reads x: (f(x + h) - f(x - h)) / 2h in float64.

    >>> x = np.array([1.0, 3.0])
    >>> numerical_gradient(lambda: float((x**2).sum()), x).round(6)
    array([2., 6.])
    """
    gradient = np.zeros_like(x, dtype=np.float64)
    for index in np.ndindex(x.shape):
        kept = x[index]
        step = h * max(1.0, abs(float(kept)))
        x[index] = kept + step
        above = function()
        x[index] = kept - step
        gradient[index] = (above - function()) / (2 * step)
        x[index] = kept
    return gradient


def compare(name: str, analytic: np.ndarray, numeric: np.ndarray, tolerance: float) -> None:
    """Fail with the entry that is furthest off, ``lstm/kernel[3, 7]``, if any is off by more than the tolerance."""
    assert analytic.shape == numeric.shape, f"{name}: gradient of shape {analytic.shape}, expected {numeric.shape}"
    error = np.abs(analytic - numeric) / np.maximum(1.0, np.maximum(np.abs(analytic), np.abs(numeric)))
    if error.size and not (error <= tolerance).all():
        worst = np.unravel_index(np.nanargmax(np.where(np.isnan(error), np.inf, error)), error.shape)
        place = f"{name}[{', '.join(map(str, worst))}]"
        raise AssertionError(
            f"{place}: analytic {analytic[worst].item()}, numeric {numeric[worst].item()}, "
            f"relative error {error[worst]:.2e}"
        )
