"""Hashing: categories in buckets, without a vocabulary."""

from typing import Any, Unpack

import numpy as np

from ..errors import DataError, OptionError
from ..ops.encoding import MODES, encode, encoded_shape
from ..ops.fingerprint import bucket
from ..utils.checks import one_of, positive_int
from .base import LayerOptions, registry
from .preprocessing import Preprocessing

TRUTHS = ("true", "false")  # what is hashed of True and of False, as in Keras


def salt_option(where: str, salt: Any) -> tuple[int, int] | None:
    """The argument `salt`: None, a whole number that is used twice, or two.

    >>> salt_option("Hashing", 3)
    (3, 3)
    """
    pair = (salt, salt) if isinstance(salt, int) else salt
    if pair is not None and not (
        isinstance(pair, list | tuple) and len(pair) == 2 and all(isinstance(part, int) for part in pair)
    ):
        raise OptionError(f"{where}(salt=...)", expected="None, a whole number or two of them", received=repr(salt))
    return None if pair is None else (pair[0], pair[1])


class Hashing(Preprocessing):
    """Put each string or whole number into one of `num_bins` buckets, by a hash that never changes.

    y = fingerprint(x) mod num_bins, or with a `salt` (a whole number, or two) by SipHash. With a `mask_value` the
    bucket 0 is for that value alone. `output_mode`: "int" gives the bucket of each entry, "one_hot", "multi_hot" and
    "count" vectors. `sparse` can only be False: y is an array.

    Shapes: x any, strings (or bytes in UTF-8) or whole numbers (of a float the whole part counts, as in Keras); y has
    x's, or with vectors those of `CategoryEncoding`. There is no gradient: `backward` gives None.

    Raises OptionError for options out of range, DataError for what is neither string nor number.

    >>> Hashing(3)([["a", "b", "c"]])
    array([[0, 1, 1]])
    """

    takes_text = True

    def __init__(
        self,
        num_bins: int,
        mask_value: Any = None,
        salt: Any = None,
        output_mode: str = "int",
        sparse: bool = False,
        **options: Unpack[LayerOptions],
    ):
        super().__init__(**options)
        self.refuse_sparse(sparse)
        self.num_bins = positive_int("Hashing", "num_bins", num_bins)
        self.mask_value = mask_value
        self.salt = salt_option("Hashing", salt)
        self.output_mode = one_of("Hashing", "output_mode", output_mode, ("int", *MODES))

    def as_input(self, x) -> np.ndarray:
        """x as an array of strings or whole numbers."""
        x = np.asarray(x)
        if x.dtype.kind == "f":
            x = x.astype(np.int64)
        elif x.dtype.kind == "b":
            x = np.where(x, *TRUTHS)
        elif x.dtype.kind == "S":
            x = np.char.decode(x, "utf-8")
        if x.dtype.kind not in "iuUO" or not all(isinstance(term, str | int | np.integer) for term in x.flat):
            raise DataError(self.where, expected="strings or whole numbers", received=f"an array of {x.dtype}")
        return x

    def forward(self, x, training=False):
        self.saved = True
        first = int(self.mask_value is not None and self.num_bins > 1)  # the bucket after that of the mask
        mask = self.mask_value if not isinstance(self.mask_value, bool) else TRUTHS[not self.mask_value]
        found = [
            0 if first and term == mask else first + bucket(term, self.num_bins - first, self.salt)
            for term in x.reshape(-1).tolist()
        ]
        return encode(np.array(found, np.int64).reshape(x.shape), self.num_bins, self.output_mode, self.dtype)

    def compute_output_shape(self, input_shape):
        return encoded_shape(input_shape, self.num_bins, self.output_mode)


registry.add(Hashing)
