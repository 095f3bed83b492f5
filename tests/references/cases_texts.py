"""Small text data sets in the form of the public ones, and the arguments that their loaders are recorded for."""

import numpy as np


def texts(count: int, seed: int) -> np.ndarray:
    """Texts of 1 to 8 words, numbered from 1 to 11."""
    rng = np.random.default_rng(seed)
    found = np.empty(count, object)
    for place in range(count):
        found[place] = rng.integers(1, 12, rng.integers(1, 9)).tolist()
    return found


IMDB = {"x_train": texts(8, 1), "y_train": np.arange(8) % 2, "x_test": texts(7, 2), "y_test": np.arange(7) % 2}
REUTERS = {"x": texts(11, 3), "y": np.arange(11)}
HOUSES = {"x": np.arange(5600.0).reshape(700, 8), "y": np.arange(700.0)}

NUMBERINGS = {
    "plain": {},
    "few words": {"num_words": 8},
    "short": {"maxlen": 6},
    "short, few words, not the commonest": {"maxlen": 6, "num_words": 9, "skip_top": 5},
    "the unknown left out": {"oov_char": None, "skip_top": 6, "num_words": 12},
    "no start": {"start_char": None},
    "bare numbers": {"start_char": None, "index_from": None},
    "other marks": {"start_char": 20, "oov_char": 21, "index_from": 5, "num_words": 30},
    "another order": {"seed": 5},
}
SPLITS = {"split": {"test_split": 0.3}, "whole": {"test_split": 0}}
