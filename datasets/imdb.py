"""IMDB: 50,000 film reviews as numbers of words, good or bad. Fetched: 17 MB."""

from pathlib import Path

from .fetched import fetch
from .plain import read_arrays
from .shipped import Split
from .texts import number_words, read_words, shuffled

FILE = "imdb.npz", "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"
WORDS = "imdb_word_index.json", "bfafd718b763782e994055a2d397834f"


def load_data(
    path: str | Path = "imdb.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int | None = 3,
) -> Split:
    """``(x_train, y_train), (x_test, y_test)``: 25,000 reviews each, lists of word numbers; y is 1 for a good one.

    Words are numbered by frequency from `index_from` + 1; each review begins with `start_char`. Words outside
    `skip_top` to below `num_words` (None: the largest number, as in Keras) become `oov_char` (None: they are left
    out). Reviews of `maxlen` words or more are left out. `path` is a file that is there already, or its name in the
    cache. The order is Keras's of that seed.

    Raises DownloadError if it has to be fetched and can't be; DataError if `maxlen` leaves no review, or if the file
    holds something else, code among it: its pickles are read as plain data only.

    Source: Maas et al., *Learning Word Vectors for Sentiment Analysis* (2011).
    """
    x, y, x_test, y_test = read_arrays(fetch(path, *FILE), "x_train", "y_train", "x_test", "y_test")
    parts = shuffled(seed, (x, y), (x_test, y_test))
    train, test = number_words(parts, num_words, skip_top, maxlen, start_char, oov_char, index_from)
    return train, test


def get_word_index(path: str | Path = "imdb_word_index.json") -> dict[str, int]:
    """The words and their numbers by frequency, from 1 (without `index_from`). `path`: as that of `load_data`."""
    return read_words(path, *WORDS)
