"""Discretization: numbers as the bins that they fall into."""

from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np

from ..errors import DataError, OptionError, StateError
from ..ops.encoding import MODES, encode, encoded_shape
from ..utils.checks import number, one_of, positive_int, unless_none
from .base import LayerOptions, registry
from .preprocessing import Preprocessing


class Discretization(Preprocessing):
    """Turn each number into the index of its bin: how many of the boundaries it reaches.

    `bin_boundaries` are given in rising order, n of them for n + 1 bins; or `num_bins` is given, and `adapt` finds
    boundaries that part the data into so many bins of about equal counts, `epsilon` being the share that a count may
    be off. `output_mode`: "int" gives the bin of each entry, "one_hot", "multi_hot" and "count" vectors. `sparse` can
    only be False: y is an array.

    Shapes: any; y has x's, or with vectors those of `CategoryEncoding`. There is no gradient: `backward` gives None.

    Raises OptionError unless one of `bin_boundaries` and `num_bins` is given, or for boundaries that do not rise;
    StateError before there are boundaries.

    >>> Discretization([0.0, 1.0])([[-5.0, 0.0, 0.5, 1.0]])
    array([[0, 1, 1, 2]], dtype=int32)
    >>> layer = Discretization(num_bins=4)
    >>> layer.adapt(np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
    >>> layer.bin_boundaries
    [1.25, 2.5, 3.75]
    """

    def __init__(
        self,
        bin_boundaries: Sequence[float] | None = None,
        num_bins: int | None = None,
        epsilon: float = 0.01,
        output_mode: str = "int",
        sparse: bool = False,
        **options: Unpack[LayerOptions],
    ):
        super().__init__(**options)
        self.refuse_sparse(sparse)
        if (bin_boundaries is None) == (num_bins is None):
            raise OptionError(
                "Discretization",
                expected="bin_boundaries or num_bins",
                received="both" if bin_boundaries is not None else "neither",
            )
        self.bin_boundaries = None if bin_boundaries is None else [float(edge) for edge in bin_boundaries]
        if self.bin_boundaries is not None and self.bin_boundaries != sorted(self.bin_boundaries):
            raise OptionError(
                "Discretization(bin_boundaries=...)", expected="numbers in rising order", received=repr(bin_boundaries)
            )
        self.num_bins = unless_none(positive_int, "Discretization", "num_bins", num_bins)
        self.epsilon = number("Discretization", "epsilon", epsilon, 0, 1)
        self.output_mode = one_of("Discretization", "output_mode", output_mode, ("int", *MODES))

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Find the boundaries from an array, or from an iterable of batches, of which at most `steps` are taken."""
        if self.num_bins is None:
            raise StateError(f"{self.where}: adapt on a layer that was given its boundaries")
        known = np.zeros((2, 0), np.float32)  # points, and the weight of each
        for step, batch in enumerate([data] if isinstance(data, np.ndarray) else data):
            if steps is not None and step >= steps:
                break
            joined = np.concatenate([_sampled(np.asarray(batch, np.float32), self.epsilon), known], axis=1)
            known = _thinned(joined[:, np.argsort(joined[0])], self.epsilon)
        if known.shape[1] == 0:
            raise DataError(f"{self.where}: adapt", expected="numbers", received="none")
        edges = _thinned(known, 1 / self.num_bins)[0, :-1]
        self.bin_boundaries = edges[: self.num_bins - 1].tolist()  # 49·(1 / 49) < 1 would make one more, as in Keras

    def forward(self, x, training=False):
        self.saved = True
        if self.bin_boundaries is None:
            raise StateError(f"{self.where} has no boundaries", mend="call adapt on the training data first")
        bins = np.searchsorted(np.array(self.bin_boundaries, self.dtype), x.astype(self.dtype), side="right")
        return encode(bins.astype(np.int32), len(self.bin_boundaries) + 1, self.output_mode, self.dtype)

    def compute_output_shape(self, input_shape):
        depth = self.num_bins if self.bin_boundaries is None else len(self.bin_boundaries) + 1
        return encoded_shape(input_shape, depth, self.output_mode)

    @classmethod
    def from_config(cls, config: dict[str, Any]):
        """Make one from what `get_config` returned: an adapted one has its boundaries beside `num_bins`."""
        config = dict(config)
        found = config.pop("bin_boundaries", None) if config.get("num_bins") is not None else None
        layer = cls(**config)
        if found is not None:
            layer.bin_boundaries = list(found)
        return layer


def _sampled(values: np.ndarray, epsilon: float) -> np.ndarray:
    """About 1 / epsilon of the values in rising order, evenly placed, and how many values each stands for."""
    values = np.sort(values, axis=None)
    step = max(1.0, values.size * epsilon)
    points = values[int(step - 1) :: int(step)]
    return np.stack([points, np.full_like(points, step)])


def _thinned(known: np.ndarray, epsilon: float) -> np.ndarray:
    """The points, in rising order with weights, at the shares epsilon, 2·epsilon, ..., 1 of the weight."""
    points, weights = known
    if len(points) * epsilon < 1:
        return known
    below = weights.cumsum()
    shares = np.arange(0.0, 1.0, epsilon) + epsilon
    found = np.interp(shares, below / below[-1], points)
    reached = np.interp(shares, below / below[-1], below)
    return np.stack([found, np.diff(reached, prepend=0)]).astype(np.float32)


registry.add(Discretization)
