"""TextVectorization: texts as indices of their words, or as vectors."""

import contextlib
import string
from collections.abc import Callable
from typing import Any, Unpack

import numpy as np

from ..errors import DataError, OptionError, ShapeError
from ..utils.allowance import take
from ..utils.checks import one_of, positive_int
from ..utils.component import Registry
from .base import LayerOptions, registry
from .lookup import DROPPED, Lookup
from .spec import show_shape

STANDARDS = ("lower_and_strip_punctuation", "lower", "strip_punctuation", None)
SPLITS = ("whitespace", "character", None)
OUTPUTS = ("int", "multi_hot", "count", "tf_idf")
PUNCTUATION = string.punctuation.encode()


class TextVectorization(Lookup):
    """Turn each text into the indices of its words, or into a vector that counts them.

    A text is standardised (`standardize`: "lower", "strip_punctuation", both or None), split (`split`: at
    "whitespace", into each "character", or not at all, for data that are words already), and joined to n-grams
    (`ngrams`: up to that many words, or the lengths in a tuple). As in Keras, lower case, punctuation and whitespace
    are those of ASCII. `standardize` and `split` may be functions: of an array of strings to such an array; of an
    array of strings to a list of lists of strings.

    `output_mode`: "int" gives indices ``(batch, words)``, 0 for padding and 1 for words out of the vocabulary, cut or
    padded to `output_sequence_length`; "multi_hot", "count" and "tf_idf" give vectors ``(batch, vocabulary)``: which
    words occur, how often, and how often times log(1 + documents / (1 + documents with the word)).

    `sparse` and `ragged` can only be False: y is an array.

    x is an array or list of strings, ``(batch,)`` or ``(batch, 1)``. There is no gradient: `backward` gives None.

    Raises OptionError for options that do not go together, StateError before there is a vocabulary, ShapeError and
    DataError for data that are no such strings.

    >>> layer = TextVectorization()
    >>> layer.adapt(["The cat sat.", "The dog sat; the cat ran!"])
    >>> layer.get_vocabulary()
    ['', '[UNK]', 'the', 'sat', 'cat', 'ran', 'dog']
    >>> layer(["the bird sat", "ran"])
    array([[2, 1, 3],
           [5, 0, 0]])
    """

    takes_text = True
    not_in_config = Lookup.not_in_config | {"ragged"}

    def __init__(
        self,
        max_tokens: int | None = None,
        standardize: str | Callable | None = "lower_and_strip_punctuation",
        split: str | Callable | None = "whitespace",
        ngrams: int | tuple[int, ...] | None = None,
        output_mode: str = "int",
        output_sequence_length: int | None = None,
        pad_to_max_tokens: bool = False,
        vocabulary: Any = None,
        idf_weights: Any = None,
        sparse: bool = False,
        ragged: bool = False,
        encoding: str = "utf-8",
        **options: Unpack[LayerOptions],
    ):
        name = type(self).__name__
        self.refuse_sparse(sparse)
        one_of(name, "ragged", ragged, (False,), "y is an array here: its rows are padded with 0")
        self.standardize = _function(name, "standardize", standardize, STANDARDS)
        self.split = _function(name, "split", split, SPLITS)
        self.ngrams = list(ngrams) if isinstance(ngrams, list | tuple) else ngrams
        if isinstance(self.ngrams, list):
            self.widths = [positive_int(name, "ngrams", width) for width in self.ngrams]
        else:
            most = 1 if ngrams is None else positive_int(name, "ngrams", ngrams)
            take(f"{name}: ngrams", (most,))
            self.widths = list(range(1, most + 1))
        self.encoding = encoding
        if output_sequence_length is not None:
            positive_int(name, "output_sequence_length", output_sequence_length)
            if output_mode != "int":
                raise OptionError(
                    f"{name}(output_sequence_length=...)",
                    expected="output_mode='int' beside it",
                    received=repr(output_mode),
                )
        self.output_sequence_length = output_sequence_length
        one_of(name, "output_mode", output_mode, OUTPUTS)
        super().__init__(max_tokens, 1, "", "[UNK]", vocabulary, idf_weights, output_mode, pad_to_max_tokens, **options)

    def as_input(self, x) -> np.ndarray:
        """x as an array of strings."""
        x = x if isinstance(x, np.ndarray) else np.array(x, dtype=object)  # as objects, long texts need no padding
        if x.dtype.kind not in "USO" or not all(isinstance(text, str | bytes) for text in x.flat):
            raise DataError(
                self.where, expected="strings", received=f"an array of {x.dtype}, such as {x.reshape(-1)[:1].tolist()}"
            )
        return x

    def forward(self, x, training=False):
        self.saved = True
        rows = [self.indices(keys) for keys in self.documents(x)]
        width = self.output_sequence_length or max((len(row) for row in rows), default=0)
        padded = np.full((len(rows), width), 0 if self.output_mode == "int" else DROPPED)  # (batch, words)
        for place, row in zip(padded, rows, strict=True):
            place[: len(row)] = row[:width]
        y = self.encoded(padded)
        lead = x.shape[:-1] if self.split is None or x.ndim > 1 else x.shape
        return y.reshape(*lead, y.shape[-1])

    def documents(self, batch: np.ndarray) -> list[list[bytes]]:
        """The words of each text: standardised, split and joined to n-grams, as UTF-8."""
        if self.split is not None and not (batch.ndim < 2 or (batch.ndim == 2 and batch.shape[1] == 1)):
            raise ShapeError(
                self.where,
                expected="texts (batch,) or (batch, 1)",
                received=show_shape(batch.shape),
                mend="split=None is for data that are words already",
            )
        if callable(self.standardize):
            batch = np.array(self.standardize(batch.reshape(-1).astype(str)), dtype=object).reshape(batch.shape)
        if self.split is None:
            rows = np.atleast_1d(batch)
            found = [[self._clean(word) for word in row] for row in rows.reshape(-1, rows.shape[-1])]
        elif callable(self.split):
            texts = np.array([self._clean(text).decode() for text in batch.flat], dtype=object)
            found = [[word.encode() for word in words] for words in self.split(texts)]
        elif self.split == "character":
            found = [[letter.encode() for letter in self._clean(text).decode()] for text in batch.flat]
        else:
            found = [self._clean(text).split() for text in batch.flat]
        return found if self.ngrams is None else [self._joined(words) for words in found]

    def _clean(self, text: str | bytes) -> bytes:
        data = text.encode() if isinstance(text, str) else text.decode(self.encoding).encode()
        if self.standardize in ("lower", "lower_and_strip_punctuation"):
            data = data.lower()
        if self.standardize in ("strip_punctuation", "lower_and_strip_punctuation"):
            data = data.translate(None, PUNCTUATION)
        return data

    def _joined(self, words: list[bytes]) -> list[bytes]:
        return [b" ".join(words[i : i + n]) for n in self.widths for i in range(len(words) - n + 1)]

    def as_key(self, term: str) -> bytes:
        return term.encode()

    def as_term(self, key: bytes) -> str:
        return key.decode()

    def compute_output_shape(self, input_shape):
        lead = input_shape[:-1] if self.split is None or len(input_shape) > 1 else input_shape
        return (*lead, self.output_sequence_length if self.output_mode == "int" else self.depth())


def _function(where: str, name: str, value: Any, allowed: tuple) -> Any:
    """One of the options, a function, or the name of a function that the user registered."""
    if isinstance(value, str) and value not in allowed:
        with contextlib.suppress(OptionError):
            return Registry(name, object).find(value)
    return value if callable(value) else one_of(where, name, value, allowed)


registry.add(TextVectorization)
