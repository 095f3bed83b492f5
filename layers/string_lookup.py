"""StringLookup and IntegerLookup: categories as indices, or as vectors."""

from abc import abstractmethod
from typing import Any, Unpack

import numpy as np

from ..errors import DataError, OptionError
from ..ops.encoding import encoded_shape
from ..ops.fingerprint import bucket
from ..utils.checks import one_of
from .base import LayerOptions, registry
from .hashing import salt_option
from .lookup import Lookup


class CategoryLookup(Lookup):
    """What StringLookup and IntegerLookup share: each entry of x is one term."""

    def __init__(
        self,
        max_tokens: int | None,
        num_oov_indices: int,
        mask_token: Any,
        oov_token: Any,
        vocabulary: Any,
        idf_weights: Any,
        invert: bool,
        output_mode: str,
        pad_to_max_tokens: bool,
        salt: Any,
        **options: Unpack[LayerOptions],
    ):
        if invert and output_mode != "int":
            raise OptionError(
                f"{type(self).__name__}(invert=True)", expected="output_mode='int'", received=repr(output_mode)
            )
        self.invert = bool(invert)
        self.salt = salt_option(type(self).__name__, salt)
        super().__init__(
            max_tokens,
            num_oov_indices,
            mask_token,
            oov_token,
            vocabulary,
            idf_weights,
            output_mode,
            pad_to_max_tokens,
            **options,
        )

    @abstractmethod
    def as_terms(self, x: np.ndarray) -> np.ndarray:
        """x, checked to hold terms."""

    def as_input(self, x) -> np.ndarray:
        """x as an array of terms, or with `invert` of indices."""
        x = np.asarray(x) if isinstance(x, np.ndarray) or self.invert else np.array(x, dtype=object)
        if not self.invert:
            return self.as_terms(x)
        if x.dtype.kind not in "iu":
            raise DataError(self.where, expected="indices", received=f"an array of {x.dtype}")
        return x

    def documents(self, batch: np.ndarray) -> list[list]:
        rows = np.atleast_1d(self.as_terms(batch))
        return rows.reshape(-1, rows.shape[-1]).tolist()

    def forward(self, x, training=False):
        self.saved = True
        if self.invert:
            self.need_vocabulary()
            tokens = np.array([*self.get_vocabulary(), self.oov_token])
            return tokens[np.where((x >= 0) & (x < len(tokens) - 1), x, len(tokens) - 1)]
        return self.encoded(np.array(self.indices(x.reshape(-1).tolist()), np.int64).reshape(x.shape))

    def unknown(self, key: Any) -> int:
        if self.num_oov_indices <= 1:
            return super().unknown(key)
        return len(self.special_tokens) - self.num_oov_indices + self.bucket(key)

    def bucket(self, key: Any) -> int:
        """Which of several indices for terms out of the vocabulary a term gets."""
        return bucket(key, self.num_oov_indices, self.salt)

    def compute_output_shape(self, input_shape):
        return input_shape if self.output_mode == "int" else encoded_shape(input_shape, self.depth(), self.output_mode)


class StringLookup(CategoryLookup):
    """Turn strings into indices of a vocabulary, or into vectors; with `invert`, indices into strings.

    `output_mode`: "int" gives the index of each entry; "one_hot" a vector for each entry; "multi_hot", "count" and
    "tf_idf" a vector for each row, as `TextVectorization` does. Strings out of the vocabulary get one of
    `num_oov_indices` indices, by their fingerprint if there are several, or by SipHash with a `salt`; with 0 they are
    refused.

    Shapes: x any, strings; y has x's, or with vectors those of `CategoryEncoding`. There is no gradient: `backward`
    gives None. `sparse` can only be False.

    Raises OptionError for options that do not go together, StateError before there is a vocabulary, DataError for
    what is no string or, with `num_oov_indices` 0, not in the vocabulary.

    >>> layer = StringLookup(vocabulary=["red", "green"])
    >>> layer([["green", "blue"]])
    array([[2, 0]])
    >>> StringLookup(vocabulary=layer.get_vocabulary(), invert=True)([2, 0]).tolist()
    ['green', '[UNK]']
    """

    takes_text = True

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: str | None = None,
        oov_token: str = "[UNK]",
        vocabulary: Any = None,
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        pad_to_max_tokens: bool = False,
        sparse: bool = False,
        encoding: str = "utf-8",
        salt: Any = None,
        **options: Unpack[LayerOptions],
    ):
        self.refuse_sparse(sparse)
        self.encoding = encoding
        super().__init__(
            max_tokens,
            num_oov_indices,
            mask_token,
            oov_token,
            vocabulary,
            idf_weights,
            invert,
            output_mode,
            pad_to_max_tokens,
            salt,
            **options,
        )

    def as_terms(self, x: np.ndarray) -> np.ndarray:
        if x.dtype.kind == "S":
            return np.char.decode(x, self.encoding)
        if x.dtype.kind not in "UO" or not all(isinstance(term, str) for term in x.flat):
            raise DataError(self.where, expected="strings", received=f"an array of {x.dtype}")
        return x


class IntegerLookup(CategoryLookup):
    """Turn whole numbers into indices of a vocabulary, or into vectors; with `invert`, indices into whole numbers.

    `output_mode` as for `StringLookup`. Numbers out of the vocabulary get one of `num_oov_indices` indices: the
    remainder of a division by that, or by their fingerprint with `oov_method` "farmhash", or by SipHash with a `salt`
    beside that. `sparse` can only be False.

    x is an array of whole numbers, of any shape. There is no gradient: `backward` gives None.

    Shapes, and what it raises, as for `StringLookup`, with whole numbers in place of strings.

    >>> IntegerLookup(vocabulary=[10, 20])([[20, 30]])
    array([[2, 0]])
    """

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: int | None = None,
        oov_token: int = -1,
        vocabulary: Any = None,
        vocabulary_dtype: str = "int64",
        idf_weights: Any = None,
        invert: bool = False,
        output_mode: str = "int",
        sparse: bool = False,
        pad_to_max_tokens: bool = False,
        oov_method: str = "floormod",
        salt: Any = None,
        **options: Unpack[LayerOptions],
    ):
        self.refuse_sparse(sparse)
        self.vocabulary_dtype = one_of("IntegerLookup", "vocabulary_dtype", vocabulary_dtype, ("int64",))
        self.oov_method = one_of("IntegerLookup", "oov_method", oov_method, ("floormod", "farmhash"))
        if salt is not None and oov_method != "farmhash":
            raise OptionError("IntegerLookup(salt=...)", expected="oov_method='farmhash'", received=repr(oov_method))
        super().__init__(
            max_tokens,
            num_oov_indices,
            mask_token,
            oov_token,
            vocabulary,
            idf_weights,
            invert,
            output_mode,
            pad_to_max_tokens,
            salt,
            **options,
        )

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Take these whole numbers, or texts of them, and in the mode "tf_idf" a weight for each."""
        if not isinstance(vocabulary, str):
            try:
                vocabulary = self.as_terms(np.array([int(t) if isinstance(t, str) else t for t in vocabulary], object))
            except ValueError:
                raise OptionError(
                    f"{self.where}: vocabulary", expected="whole numbers", received=repr(vocabulary)
                ) from None
        super().set_vocabulary(vocabulary, idf_weights)

    def as_terms(self, x: np.ndarray) -> np.ndarray:
        try:
            with np.errstate(invalid="ignore"):  # a float that no whole number holds is refused below
                whole = x.astype(np.int64) if x.dtype.kind in "iubfO" else None
        except (TypeError, ValueError, OverflowError):  # of the objects in an array of them
            whole = None
        if whole is None or not np.array_equal(whole, x):
            raise DataError(self.where, expected="whole numbers", received=f"an array of {x.dtype}")
        return whole

    def bucket(self, key: int) -> int:
        return key % self.num_oov_indices if self.oov_method == "floormod" else super().bucket(key)


for cls in (StringLookup, IntegerLookup):
    registry.add(cls)
