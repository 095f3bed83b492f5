"""Normalization: features with mean 0 and variance 1, by what was measured on data before training."""

import itertools
from typing import Any, Unpack

import numpy as np

from .. import config
from ..errors import DataError, OptionError, ShapeError, StateError
from ..ops.moments import count
from ..utils.component import serialize
from ..utils.shapes import broadcasts
from ..utils.variable import Variable
from .base import Layer, LayerOptions, registry
from .normalizer import axis_option, counted_axes, spec_of
from .spec import show_shape


class Normalization(Layer):
    r"""Shift and scale each feature by a mean and a variance that are given, or measured by `adapt`.

    Forward:   y = (x - mean) / d with d = max(√variance, 1e-7), or with `invert` y = x·d + mean
    Backward:  dx = dy / d, or with `invert` dx = dy·d

    Shapes: x and y ``(batch, ..., features)``. `axis`, an axis or several, has the positions with a mean and a
    variance of their own; None takes all numbers together. `mean` and `variance`, given as numbers or arrays for
    those axes, are settings; measured ones are the weights `adapt_mean` and `adapt_variance`, which are never
    trained. A third, `count`, stays 0, as in Keras: it is there for weights to go from one to the other. Once the layer
    is built, its `mean` and `variance` are those in use, in the rank of x.

    Raises OptionError if only one of `mean` and `variance` is given, ShapeError if they or the data do not fit,
    StateError if `adapt` is called on a layer that was given them.

    >>> layer = Normalization()
    >>> layer.adapt(np.array([[1.0, 10.0], [3.0, 30.0]]))
    >>> layer([[3.0, 20.0]])
    array([[1., 0.]], dtype=float32)
    >>> layer.mean.numpy()
    array([[ 2., 20.]], dtype=float32)
    """

    supports_masking = True
    not_in_config = Layer.not_in_config | {"mean", "variance"}  # once built, these are the measured ones

    def __init__(
        self,
        axis: Any = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        **options: Unpack[LayerOptions],
    ):
        super().__init__(**options)
        several = isinstance(axis, list | tuple)
        self.axis = [] if axis is None or (several and not axis) else axis_option("Normalization", axis)
        self.invert = bool(invert)
        if (mean is None) != (variance is None):
            raise OptionError(
                "Normalization", expected="mean and variance, or neither", received=f"{mean=}, {variance=}"
            )
        self.given = mean, variance
        self.rank = 0  # of x, once it is known
        kept = len(self.axis) if isinstance(self.axis, list) else 1
        if np.shape(mean) != np.shape(variance) or np.ndim(mean) > kept:
            raise ShapeError(
                "Normalization(mean=..., variance=...)",
                expected=f"two numbers, or two arrays of equal shape and of rank {kept} at most",
                received=f"{np.shape(mean)} and {np.shape(variance)}",
            )

    def build(self, input_shape):
        kept = sorted(counted_axes(self.where, self.axis, input_shape)) if self.axis != [] else []
        shape = tuple(input_shape[axis] for axis in kept)
        if None in shape:
            raise ShapeError(
                f"{self.where}: axis={self.axis}", expected="axes of fixed length", received=show_shape(input_shape)
            )
        if kept:
            self.input_spec = spec_of(kept, input_shape)
        broadcasts(f"{self.where}: mean and variance", np.asarray(0 if self.given[0] is None else self.given[0]), shape)
        self.rank, self.lengths = len(input_shape), shape
        self.wide = [size if axis in kept else 1 for axis, size in enumerate(input_shape)] if kept else []
        self.kept, self.summed = kept, tuple(axis for axis in range(len(input_shape)) if axis not in kept)
        if self.given[0] is None:
            self.adapt_mean = self.add_weight("mean", shape, initializer="zeros", trainable=False)
            self.adapt_variance = self.add_weight("variance", shape, initializer="ones", trainable=False)
            self.count = self.add_weight("count", (), initializer="zeros", dtype="int64", trainable=False)

    @property
    def mean(self) -> Any:
        """The means, given or measured, with an axis for each of x's; None before the layer is built."""
        return self._shown("mean")

    @property
    def variance(self) -> Any:
        """The variances, as `mean`."""
        return self._shown("variance")

    def _shown(self, name: str) -> Any:
        if not self.rank:
            return None
        numbers = self._numbers(name)
        return Variable.of(numbers.reshape(self.wide or [1] * self.rank), name)

    def _numbers(self, name: str) -> np.ndarray:
        """What was given or measured, in the shape that goes with x."""
        given = self.given[name == "variance"]
        if given is None:
            return np.reshape(getattr(self, f"adapt_{name}").value, self.wide)
        return np.reshape(np.broadcast_to(np.asarray(given, self.dtype), self.lengths), self.wide)

    def forward(self, x, training=False):
        mean, d = self._numbers("mean"), self._deviation()
        self.saved = d
        y = x * d if self.invert else x - mean
        if self.invert:
            y += mean
        else:
            y /= d
        return y

    def backward(self, dy):
        d = self.saved
        return np.multiply(dy, d, out=dy) if self.invert else np.divide(dy, d, out=dy)

    def _deviation(self) -> np.ndarray:
        return np.maximum(np.sqrt(self._numbers("variance")), config.epsilon())

    def adapt(self, data) -> None:
        """Measure mean and variance on an array of samples, or on batches: each an array, or a tuple that x begins."""
        if self.given[0] is not None:
            raise StateError(f"{self.where}: adapt on a layer that was given mean and variance")
        batches = iter([np.asarray(data)] if hasattr(data, "__array__") else data)
        batches = (batch[0] if isinstance(batch, tuple) and batch else batch for batch in batches)
        first: Any = next(batches, None)
        if not hasattr(first, "__array__"):
            raise DataError(
                f"{self.where}: adapt",
                expected="an array, or batches that are arrays",
                received=repr(first),
                mend="adapt(np.asarray(data))",
            )
        self.ensure_built(np.shape(first))
        n, mean, variance = 0, np.zeros(self.lengths), np.zeros(self.lengths)
        for batch in map(np.asarray, itertools.chain([first], batches)):
            self._check(batch)
            more = count(batch.shape, self.summed)
            if more == 0:
                continue
            share = more / (n + more)
            gap = batch.mean(axis=self.summed, dtype=np.float64) - mean
            variance += share * (batch.var(axis=self.summed, dtype=np.float64) - variance + (1 - share) * gap**2)
            mean += share * gap
            n += more
        if n == 0:
            raise DataError(f"{self.where}: adapt", expected="samples", received="none")
        if not np.isfinite(mean).all():
            raise DataError(f"{self.where}: adapt", expected="finite numbers", received="NaN or infinity in the data")
        self.adapt_mean.assign(mean)
        self.adapt_variance.assign(variance)

    def _check(self, batch: np.ndarray) -> None:
        ndim = len(self.kept) + len(self.summed)
        if batch.ndim != ndim or any(batch.shape[axis] != self.wide[axis] for axis in self.kept):
            raise ShapeError(
                f"{self.where}: adapt",
                expected=show_shape([self.wide[axis] if axis in self.kept else None for axis in range(ndim)]),
                received=str(batch.shape),
            )

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer; what was measured is in the weights."""
        mean, variance = self.given
        return super().get_config() | {"mean": serialize(mean), "variance": serialize(variance)}


registry.add(Normalization)
