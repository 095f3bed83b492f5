"""HashedCrossing: several categories at once as one, in buckets."""

from typing import Any, Unpack

import numpy as np

from ..errors import ArgumentError, DataError, ShapeError
from ..ops.encoding import encode, encoded_shape
from ..ops.fingerprint import crossed
from ..utils.checks import one_of, positive_int
from .base import LayerOptions, registry
from .preprocessing import Preprocessing


class HashedCrossing(Preprocessing):
    """Put what several features are at once into one of `num_bins` buckets, by a hash that never changes.

    y = crossed(a, b, ...) mod num_bins. `output_mode`: "int" gives the bucket of each sample, "one_hot" a vector.
    `sparse` can only be False: y is an array.

    Shapes: x a list of two features or more, each ``(batch,)``, ``(batch, 1)`` or a single one, strings or whole
    numbers; or one array of them, with the features along its last axis. y has the shape of a feature, or with
    vectors ``(batch, num_bins)``. There is no gradient: `backward` gives None.

    Raises OptionError for options out of range; ArgumentError for fewer than two features, ShapeError for features of
    different shapes, DataError for what is neither string nor whole number.

    >>> HashedCrossing(5)([["A", "B", "A", "B", "A"], [101, 101, 101, 102, 102]])
    array([1, 4, 1, 1, 3])
    """

    takes_text = True

    def __init__(self, num_bins: int, output_mode: str = "int", sparse: bool = False, **options: Unpack[LayerOptions]):
        super().__init__(**options)
        self.refuse_sparse(sparse)
        self.num_bins = positive_int("HashedCrossing", "num_bins", num_bins)
        self.output_mode = one_of("HashedCrossing", "output_mode", output_mode, ("int", "one_hot"))

    def as_input(self, x) -> np.ndarray:
        """The features along the last axis of one array."""
        apart = x if isinstance(x, list | tuple) else np.moveaxis(np.atleast_1d(x), -1, 0)
        features = [np.asarray(part) for part in apart]
        if len(features) < 2:
            raise ArgumentError(self.where, expected="two features or more", received=f"{len(features)}")
        shapes = [feature.shape for feature in features]
        if len(set(shapes)) > 1 or len(shapes[0]) > 2 or shapes[0][1:] not in ((), (1,)):
            raise ShapeError(
                self.where, expected="features of one shape, () or (batch,) or (batch, 1)", received=str(shapes)
            )
        texts = [np.char.decode(part, "utf-8") if part.dtype.kind == "S" else part for part in features]
        together = np.stack([part.astype(object) for part in texts], axis=-1)
        if not all(isinstance(term, str | int | np.integer) and not isinstance(term, bool) for term in together.flat):
            raise DataError(
                self.where, expected="strings or whole numbers", received=", ".join(str(part.dtype) for part in texts)
            )
        return together

    def forward(self, x, training=False):
        self.saved = True
        found = [crossed(terms) % self.num_bins for terms in x.reshape(-1, x.shape[-1])]
        return encode(np.array(found, np.int64).reshape(x.shape[:-1]), self.num_bins, self.output_mode, self.dtype)

    def compute_output_shape(self, input_shape: Any):
        of_feature = input_shape[0] if isinstance(input_shape[0], tuple | list) else input_shape[:-1]
        return encoded_shape(tuple(of_feature), self.num_bins, self.output_mode)


registry.add(HashedCrossing)
