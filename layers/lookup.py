"""Lookup: terms of a vocabulary as indices. What StringLookup, IntegerLookup and TextVectorization share."""

import math
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable
from typing import Any, Unpack

import numpy as np

from ..errors import DataError, OptionError, ShapeError, StateError
from ..ops.encoding import encode
from ..utils.allowance import take
from ..utils.checks import one_of, positive_int
from .base import LayerOptions
from .preprocessing import Preprocessing

MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf")
DROPPED = -1  # the index of what no vector counts


class Lookup(Preprocessing):
    """The parent of the layers that hold a vocabulary.

    The indices begin with the mask token's, where `output_mode` is "int" and there is one; then come those of terms
    out of the vocabulary (`num_oov_indices`); then the terms, the most frequent first, equally frequent ones from
    high to low.

    The vocabulary is a list of terms, with or without those special ones at its head; no path or address is read. It
    is a setting, so a saved model has it.
    """

    def __init__(
        self,
        max_tokens: int | None,
        num_oov_indices: int,
        mask_token: Any,
        oov_token: Any,
        vocabulary: Any,
        idf_weights: Any,
        output_mode: str,
        pad_to_max_tokens: bool,
        **options: Unpack[LayerOptions],
    ):
        super().__init__(**options)
        name = type(self).__name__
        if max_tokens is not None and positive_int(name, "max_tokens", max_tokens) < 2:
            raise OptionError(f"{name}(max_tokens=...)", expected="2 or more, or None", received=repr(max_tokens))
        if pad_to_max_tokens and max_tokens is None:
            raise OptionError(f"{name}(pad_to_max_tokens=True)", expected="max_tokens", received="None")
        self.max_tokens, self.pad_to_max_tokens = max_tokens, bool(pad_to_max_tokens)
        self.num_oov_indices = 0 if num_oov_indices == 0 else positive_int(name, "num_oov_indices", num_oov_indices)
        self.mask_token, self.oov_token = mask_token, oov_token
        self.output_mode = one_of(name, "output_mode", output_mode, MODES)
        self.vocabulary: list | None = None
        self.idf_weights: list[float] | None = None
        self.adaptable = vocabulary is None
        if vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)
        elif idf_weights is not None:
            raise OptionError(f"{name}(idf_weights=...)", expected="a vocabulary beside them", received="None")

    # -- the vocabulary
    @property
    def special_tokens(self) -> list[Any]:
        """The tokens before the terms."""
        masks = self.mask_token is not None and self.output_mode == "int"
        return [self.mask_token] * masks + [self.oov_token] * self.num_oov_indices

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Take these terms, and in the mode "tf_idf" a weight for each."""
        if isinstance(vocabulary, str):
            raise OptionError(
                f"{self.where}: vocabulary",
                expected="a list of terms",
                received=repr(vocabulary),
                mend="read the file yourself, and pass its lines: no path or address is followed",
            )
        if (self.output_mode == "tf_idf") != (idf_weights is not None):
            raise OptionError(
                f"{self.where}: idf_weights",
                expected="one for each term where output_mode is 'tf_idf', else None",
                received=f"{idf_weights!r} for {self.output_mode!r}",
            )
        given = [term.item() if isinstance(term, np.generic) else term for term in vocabulary]
        start = len(self.special_tokens)
        with_special = given[:start] == self.special_tokens
        terms = given[start:] if with_special else given
        self._check_terms(terms)
        if idf_weights is not None and len(idf_weights) != len(given):
            raise ShapeError(
                f"{self.where}: idf_weights",
                expected=f"{len(given)}, one for each term",
                received=str(len(idf_weights)),
            )
        self.vocabulary = given
        self.table = {self.as_key(term): index for index, term in enumerate(terms, start)}
        if idf_weights is not None:
            self.idf_weights = weights = [float(weight) for weight in idf_weights]
            front = [] if with_special else [math.fsum(weights) / len(weights)] * start
            take(f"{self.where}: max_tokens", (self.depth(),))
            self.term_weights = np.zeros(self.depth(), self.dtype)  # of each index; those of none that is in use stay 0
            self.term_weights[: len(front) + len(weights)] = [*front, *weights]

    def _check_terms(self, terms: list) -> None:
        repeated = [term for term, times in Counter(terms).items() if times > 1]
        size = len(terms) + len(self.special_tokens)
        expected = None
        if not terms:
            expected, received = "terms", "none"
        elif repeated:
            expected, received = "each term once", f"more than one of {repeated}"
        elif self.mask_token in terms:
            expected = f"the mask token only at the head, as in {self.special_tokens}, or not at all"
            received = f"{self.mask_token!r} among the terms"
        elif self.max_tokens is not None and size > self.max_tokens:
            expected, received = f"at most {self.max_tokens} tokens, special ones included", str(size)
        if expected is not None:
            raise OptionError(f"{self.where}: vocabulary", expected=expected, received=received)

    def get_vocabulary(self, include_special_tokens: bool = True) -> list:
        """The tokens in the order of their indices, or only the terms."""
        terms = [] if self.vocabulary is None else list(self.vocabulary)
        start = len(self.special_tokens)
        if terms[:start] == self.special_tokens:
            terms = terms[start:]
        return self.special_tokens + terms if include_special_tokens else terms

    def vocabulary_size(self) -> int:
        """How many tokens there are, special ones included."""
        return len(self.get_vocabulary())

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Make the vocabulary of the most frequent terms of the data: an array or list, or an iterable of batches.

        `steps` is how many batches are taken. Raises StateError if the layer was made with a vocabulary.
        """
        if not self.adaptable:
            raise StateError(f"{self.where}: adapt on a layer that was given its vocabulary")
        batches: Iterable[Any] = data
        if isinstance(data, list | tuple | np.ndarray):
            array = self.as_input(data)
            batches = [array[:, None] if array.ndim == 1 else array]  # each entry is a document
        times: Counter = Counter()
        documents: Counter = Counter()
        count = 0
        for step, batch in enumerate(batches):
            if steps is not None and step >= steps:
                break
            for row in self.documents(self.as_input(batch)):
                times.update(row)
                documents.update(set(row) if self.output_mode == "tf_idf" else ())
                count += 1
        for special in (self.mask_token, self.oov_token):
            times.pop(None if special is None else self.as_key(special), None)
        if not times:
            raise DataError(f"{self.where}: adapt", expected="data with terms", received="none")
        room = None if self.max_tokens is None else self.max_tokens - len(self.special_tokens)
        keys = sorted(times, key=lambda key: (times[key], key), reverse=True)[:room]
        weights = [math.log1p(count / (1 + documents[key])) for key in keys] if self.output_mode == "tf_idf" else None
        self.set_vocabulary([self.as_term(key) for key in keys], weights)

    # -- to be written by each layer
    @abstractmethod
    def documents(self, batch: np.ndarray) -> list[list]:
        """The keys in each document of a batch."""

    def as_key(self, term: Any) -> Any:
        """The term as the table has it."""
        return term

    def as_term(self, key: Any) -> Any:
        """What `as_key` made a key of."""
        return key

    def unknown(self, key: Any) -> int:
        """The index of a term out of the vocabulary."""
        if self.num_oov_indices == 0:
            raise DataError(
                self.where,
                expected="terms of the vocabulary",
                received=repr(self.as_term(key)),
                mend="num_oov_indices=1 makes room for others",
            )
        return len(self.special_tokens) - self.num_oov_indices

    # -- the passes
    def need_vocabulary(self) -> None:
        """Refuse a call that comes before there is a vocabulary."""
        if self.vocabulary is None:
            raise StateError(f"{self.where} has no vocabulary", mend="call adapt on the training data first")

    def indices(self, keys: list) -> list[int]:
        """The index of each key."""
        self.need_vocabulary()
        table = self.table
        return [table[key] if key in table else self._special(key) for key in keys]

    def _special(self, key: Any) -> int:
        if self.mask_token is not None and key == self.as_key(self.mask_token):
            return 0 if self.output_mode == "int" else DROPPED
        return self.unknown(key)

    def depth(self) -> int:
        """The length of the vectors in modes other than "int"."""
        if self.pad_to_max_tokens and self.max_tokens is not None:
            return self.max_tokens
        self.need_vocabulary()
        return self.vocabulary_size()

    def encoded(self, indices: np.ndarray) -> np.ndarray:
        """The indices as `output_mode` wants them."""
        if self.output_mode == "int":
            return indices
        if self.output_mode == "tf_idf":
            return encode(indices, self.depth(), "count", self.dtype) * self.term_weights
        return encode(indices, self.depth(), self.output_mode, "int64")
