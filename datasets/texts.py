"""Texts as numbers of words: their order, their words' numbers, and what is left out of them, as in Keras's loaders."""

import itertools
import json
from pathlib import Path

import numpy as np

from ..errors import DataError
from ..utils.archives import reading
from .fetched import fetch

Pair = tuple[np.ndarray, np.ndarray]


def shuffled(seed: int, *parts: Pair) -> list[Pair]:
    """Samples and labels of each part in Keras's order of that seed, which shuffles one part after the other."""
    rng = np.random.RandomState(seed)
    orders = []
    for x, _ in parts:
        orders.append(np.arange(len(x)))
        rng.shuffle(orders[-1])
    return [(x[order], y[order]) for (x, y), order in zip(parts, orders, strict=True)]


def number_words(
    parts: list[Pair],
    num_words: int | None,
    skip_top: int,
    maxlen: int | None,
    start_char: int | None,
    oov_char: int | None,
    index_from: int | None,
) -> list[Pair]:
    """Each part's texts and labels: words numbered from `index_from`, rare ones replaced, long texts left out.

    All texts lie in one array of words while they are worked on, with the number of words of each.
    """
    texts, labels = (np.concatenate(both) for both in zip(*parts, strict=True))
    part = np.repeat(np.arange(len(parts)), [len(x) for x, _ in parts])
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    words = np.fromiter(itertools.chain.from_iterable(texts), np.int64, lengths.sum())
    words += index_from or 0
    if start_char is not None:
        words = np.insert(words, np.cumsum(lengths) - lengths, start_char)
        lengths += 1
    if maxlen:
        kept = lengths < maxlen
        words, lengths, labels, part = words[np.repeat(kept, lengths)], lengths[kept], labels[kept], part[kept]
    if len(np.unique(part)) < len(parts):
        raise DataError(
            f"load_data(maxlen={maxlen})", expected="texts shorter than that", received="none", mend="raise maxlen"
        )
    known = (words >= skip_top) & (words < (num_words or words.max(initial=0)))
    if oov_char is None:
        upto = np.concatenate([[0], np.cumsum(known)])  # how many known words stand before each place
        ends = np.cumsum(lengths)
        words, lengths = words[known], upto[ends] - upto[ends - lengths]
    else:
        words[~known] = oov_char
    numbered = _lists(words, lengths)
    return [(numbered[part == number], labels[part == number]) for number in range(len(parts))]


def _lists(words: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """An array of lists of Python's numbers, as Keras gives them."""
    flat, ends = words.tolist(), np.cumsum(lengths).tolist()
    return np.fromiter((flat[begin:end] for begin, end in zip([0, *ends], ends, strict=False)), object, len(ends))


def read_words(path: str | Path, name: str, file_hash: str) -> dict[str, int]:
    """The words of a text data set, and their numbers by frequency."""
    file = fetch(path, name, file_hash)
    with reading(file.name):
        return dict(json.loads(file.read_text("utf-8")))
