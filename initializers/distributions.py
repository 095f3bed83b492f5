"""Initializers that draw every number from one distribution, whatever the weight's shape."""

import numpy as np

from ..errors import OptionError
from ..utils.checks import number
from .base import RandomInitializer, registry


class RandomNormal(RandomInitializer):
    """Normal numbers of this mean and standard deviation.

    Raises OptionError if `mean` is no number, or `stddev` none of 0 or more.

    >>> x = RandomNormal(mean=3.0, stddev=2.0, seed=0)((100, 100))
    >>> round(float(x.mean()), 1), round(float(x.std()), 1)
    (3.0, 2.0)
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | np.random.Generator | None = None):
        self.mean = number(type(self).__name__, "mean", mean)
        self.stddev = number(type(self).__name__, "stddev", stddev, 0)
        super().__init__(seed)

    def draw(self, rng, shape, dtype):
        z = standard_normal(rng, shape, dtype)
        z *= self.stddev
        z += self.mean
        return z


class TruncatedNormal(RandomNormal):
    """Normal numbers, those further than two standard deviations from the mean drawn again.

    So the standard deviation of the values is 0.8796·`stddev`.

    Raises OptionError if `mean` is no number, or `stddev` none of 0 or more.

    >>> x = TruncatedNormal(stddev=2.0, seed=0)((100, 100))
    >>> round(float(x.min()), 1), round(float(x.max()), 1)
    (-4.0, 4.0)
    """

    def draw(self, rng, shape, dtype):
        z = truncated_normal(rng, shape, dtype)
        z *= self.stddev
        z += self.mean
        return z


class RandomUniform(RandomInitializer):
    """Numbers spread evenly from `minval` to `maxval`.

    Raises OptionError if one is no number, or `maxval` lies below `minval`.

    >>> x = RandomUniform(2.0, 4.0, seed=0)((100, 100))
    >>> round(float(x.min()), 1), round(float(x.mean()), 1), round(float(x.max()), 1)
    (2.0, 3.0, 4.0)
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: int | np.random.Generator | None = None):
        self.minval = number("RandomUniform", "minval", minval)
        self.maxval = number("RandomUniform", "maxval", maxval)
        if self.maxval < self.minval:
            raise OptionError(
                "RandomUniform(maxval=...)", expected=f"a number from minval={minval}", received=repr(maxval)
            )
        super().__init__(seed)

    def draw(self, rng, shape, dtype):
        return uniform(rng, shape, dtype, self.minval, self.maxval)


def standard_normal(rng: np.random.Generator, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Normal numbers of mean 0 and standard deviation 1."""
    return np.asarray(rng.standard_normal(shape, dtype))


def truncated_normal(rng: np.random.Generator, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Standard normal numbers from -2 to 2: those outside are drawn again until none is."""
    z = standard_normal(rng, shape, dtype)
    while (outside := np.abs(z) > 2).any():
        z[outside] = standard_normal(rng, (int(np.count_nonzero(outside)),), dtype)
    return z


def uniform(rng: np.random.Generator, shape: tuple[int, ...], dtype: np.dtype, low: float, high: float) -> np.ndarray:
    """Numbers spread evenly from `low` to `high`."""
    u = np.asarray(rng.random(shape, dtype))
    u *= high - low
    u += low
    return u


registry.add(RandomNormal, "random_normal", "normal")
registry.add(TruncatedNormal, "truncated_normal")
registry.add(RandomUniform, "random_uniform", "uniform")
