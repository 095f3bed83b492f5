"""Reuters: 11,228 news texts as numbers of words, of 46 topics. Fetched: 2 MB."""

from pathlib import Path

from .fetched import fetch
from .plain import read_arrays
from .shipped import Split, split
from .texts import number_words, read_words, shuffled

FILE = "reuters.npz", "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916"
WORDS = "reuters_word_index.json", "4d44cc38712099c9e383dc6e5f11a921"
LABELS = (
    "cocoa", "grain", "veg-oil", "earn", "acq", "wheat", "copper", "housing", "money-supply", "coffee", "sugar",
    "trade", "reserves", "ship", "cotton", "carcass", "crude", "nat-gas", "cpi", "money-fx", "interest", "gnp",
    "meal-feed", "alum", "oilseed", "gold", "tin", "strategic-metal", "livestock", "retail", "ipi", "iron-steel",
    "rubber", "heat", "jobs", "lei", "bop", "zinc", "orange", "pet-chem", "dlr", "gas", "silver", "wpi", "hog",
    "lead",
)  # fmt: skip


def load_data(
    path: str | Path = "reuters.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int | None = 3,
) -> Split:
    """``(x_train, y_train), (x_test, y_test)``: lists of word numbers, and topics 0 to 45, see `get_label_names`.

    A share `test_split` of the texts is the test part; the other arguments are those of `imdb.load_data`.

    Raises DownloadError if it has to be fetched and can't be; DataError if `maxlen` leaves no text, or if the file
    holds something else.

    Source: Lewis, *Reuters-21578*.
    """
    x, y = read_arrays(fetch(path, *FILE), "x", "y")
    parts = shuffled(seed, (x, y))
    (numbered,) = number_words(parts, num_words, skip_top, maxlen, start_char, oov_char, index_from)
    return split(*numbered, test_split)


def get_word_index(path: str | Path = "reuters_word_index.json") -> dict[str, int]:
    """The words and their numbers by frequency, from 1 (without `index_from`). `path`: as that of `load_data`."""
    return read_words(path, *WORDS)


def get_label_names() -> tuple[str, ...]:
    """The topics, by their number."""
    return LABELS
