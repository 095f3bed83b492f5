"""CategoryEncoding: categories that are whole numbers as vectors."""

from typing import Unpack

import numpy as np

from ..errors import DataError, OptionError, ShapeError
from ..ops.encoding import MODES, encode, encoded_shape
from ..utils.checks import one_of, positive_int
from .base import LayerOptions, registry
from .preprocessing import Preprocessing


class CategoryEncoding(Preprocessing):
    """Turn categories 0 ... `num_tokens` - 1 into vectors of that length.

    `output_mode`: "one_hot" encodes each entry; "multi_hot" each row, 1 for every category that occurs in it; "count"
    each row, how often they occur, or the sum of the `count_weights` of the call, one for each entry. Of a float the
    whole part counts, as in Keras. `sparse` can only be False: y is an array.

    Shapes: x ``(batch, categories)``; y ``(batch, num_tokens)``, or for "one_hot" ``(batch, categories, num_tokens)``
    unless there is one category a row. There is no gradient: `backward` gives None.

    Raises OptionError for options out of range, DataError for categories that are not from 0 to `num_tokens` - 1 (Keras
    leaves those out without a word) or no numbers, ShapeError for `count_weights` that do not fit.

    >>> CategoryEncoding(4)([[0, 1], [3, 3]])
    array([[1., 1., 0., 0.],
           [0., 0., 0., 1.]], dtype=float32)
    """

    def __init__(
        self,
        num_tokens: int | None = None,
        output_mode: str = "multi_hot",
        sparse: bool = False,
        **options: Unpack[LayerOptions],
    ):
        super().__init__(**options)
        self.refuse_sparse(sparse)
        self.num_tokens = positive_int("CategoryEncoding", "num_tokens", num_tokens)
        self.output_mode = one_of("CategoryEncoding", "output_mode", output_mode, MODES)

    def __call__(self, x, training: bool = False, mask=None, count_weights=None):
        """Check x, and run `forward`."""
        if count_weights is not None and self.output_mode != "count":
            raise OptionError(f"{self.where}: count_weights", expected="output_mode='count'", received=self.output_mode)
        return self.forward(self.admit(x), training, count_weights)

    def forward(self, x, training=False, count_weights=None):
        self.saved = True
        if x.dtype.kind not in "fiub":
            raise DataError(self.where, expected="categories as numbers", received=f"an array of {x.dtype}")
        known = (x >= 0) & (x < self.num_tokens)
        if not known.all():
            place = np.unravel_index(int(np.argmin(known)), x.shape)
            raise DataError(
                f"{self.where}: x[{', '.join(map(str, place))}]",
                expected=f"a category from 0 to {self.num_tokens - 1}",
                received=str(x[place]),
            )
        weights = None if count_weights is None else self._weights_of(count_weights, x)
        return encode(x.astype(np.int64, copy=False), self.num_tokens, self.output_mode, self.dtype, weights)

    def _weights_of(self, count_weights, x) -> np.ndarray:
        weights = np.asarray(count_weights)
        if weights.dtype.kind not in "fiub":
            raise DataError(f"{self.where}: count_weights", expected="numbers", received=f"an array of {weights.dtype}")
        try:
            return np.broadcast_to(weights, x.shape)
        except ValueError:
            where = f"{self.where}: count_weights"
            raise ShapeError(where, expected=f"{x.shape}, as x has", received=str(weights.shape)) from None

    def compute_output_shape(self, input_shape):
        return encoded_shape(input_shape, self.num_tokens, self.output_mode)


registry.add(CategoryEncoding)
