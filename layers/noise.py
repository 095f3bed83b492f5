"""Layers that disturb what they are given while training, and leave it alone at inference."""

import math
from typing import Unpack

import numpy as np

from ..utils.checks import number
from ..utils.seeds import generator
from .base import Layer, LayerOptions, registry
from .dropout import Dropout

LOWEST = -1.0507009873554805 * 1.6732632423543772  # SELU's limit at -∞, the negative of scale·alpha


def normal_like(rng: np.random.Generator, x: np.ndarray, stddev: float) -> np.ndarray:
    """Normal draws with mean 0 in x's shape and type."""
    drawn = rng.standard_normal(x.shape, dtype=np.float64 if x.dtype == np.float64 else np.float32)
    drawn *= stddev
    return drawn.astype(x.dtype, copy=False)


class GaussianNoise(Layer):
    r"""Add normal noise while training.

    Forward:   y = x + e, e drawn from N(0, `stddev`²); at inference y = x
    Backward:  dx = dy

    Shapes: any; y has x's. `seed`, a whole number or a `numpy.random.Generator`, fixes the draws.

    Raises OptionError if `stddev` is no number from 0 to 1.

    >>> GaussianNoise(0.1)([[1.0, 2.0]])
    array([[1., 2.]], dtype=float32)
    """

    supports_masking = True

    def __init__(self, stddev: float, seed=None, **options: Unpack[LayerOptions]):
        super().__init__(**options)
        self.stddev = number("GaussianNoise", "stddev", stddev, 0, 1)
        self.seed = seed
        self.generator = generator(seed)

    def forward(self, x, training=False):
        self.saved = True
        if not training or self.stddev == 0:
            return x
        y = normal_like(self.generator, x, self.stddev)
        y += x
        return y

    def backward(self, dy):
        _ = self.saved
        return dy

    def compute_output_shape(self, input_shape):
        return input_shape


class GaussianDropout(Dropout):
    r"""Multiply by normal noise of mean 1 while training.

    Forward:   y = x ⊙ m, m drawn from N(1, rate / (1 - rate)); at inference y = x
    Backward:  dx = dy ⊙ m

    Shapes: any; y has x's. `seed` as for `GaussianNoise`.

    Raises OptionError if `rate` is no number from 0 to below 1.

    Source: Srivastava et al., *Dropout* (2014), section 10.

    >>> GaussianDropout(0.5)([[1.0, 2.0]])
    array([[1., 2.]], dtype=float32)
    """

    def __init__(self, rate: float, seed=None, **options: Unpack[LayerOptions]):
        super().__init__(number("GaussianDropout", "rate", rate, 0, 1, open_high=True), seed=seed, **options)

    def _draw(self, x):
        m = normal_like(self.generator, x, math.sqrt(self.rate / (1 - self.rate)))
        m += 1
        return m


class AlphaDropout(Dropout):
    r"""Set a share of the activations to SELU's lowest value while training; mean and variance stay.

    Forward:   y = a·(x ⊙ m + α′·(1 - m)) + b, with m = 0 at a share `rate` of the places and 1 at the others,
               α′ = -1.7581 (SELU's limit at -∞), a = ((1 - rate)·(1 + rate·α′²))^(-1/2), b = -a·α′·rate;
               at inference y = x
    Backward:  dx = a·dy ⊙ m

    Shapes: any; y has x's. `noise_shape` and `seed` as for `Dropout`.

    Raises OptionError if `rate` is no number from 0 to below 1.

    Source: Klambauer et al., *Self-Normalizing Neural Networks* (2017).

    >>> AlphaDropout(0.5)([[1.0, 2.0]])
    array([[1., 2.]], dtype=float32)
    """

    def __init__(self, rate: float, noise_shape=None, seed=None, **options: Unpack[LayerOptions]):
        super().__init__(number("AlphaDropout", "rate", rate, 0, 1, open_high=True), noise_shape, seed, **options)

    def forward(self, x, training=False):
        if not training or self.rate == 0:
            self.saved = None
            return x
        a = ((1 - self.rate) * (1 + self.rate * LOWEST**2)) ** -0.5
        b = -a * LOWEST * self.rate
        kept = self._kept(x)
        m = kept * x.dtype.type(a)
        self.saved = m
        y = x * m
        y += np.where(kept, x.dtype.type(b), x.dtype.type(a * LOWEST + b))
        return y


for cls in (GaussianNoise, GaussianDropout, AlphaDropout):
    registry.add(cls)
