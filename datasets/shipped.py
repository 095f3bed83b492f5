"""The data sets that lie inside the package: how they are read and split."""

from pathlib import Path

import numpy as np

from ..utils.checks import number
from ..utils.seeds import generator

FOLDER = Path(__file__).parent / "data"
Split = tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


def read(name: str) -> dict[str, np.ndarray]:
    """The arrays of a shipped file."""
    with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as arrays:
        return {key: arrays[key] for key in arrays.files}


def load(name: str, test_split: float, seed: int) -> Split:
    """``(x_train, y_train), (x_test, y_test)`` of a shipped file, in an order drawn with `seed`."""
    arrays = read(name)
    order = generator(seed).permutation(len(arrays["x"]))
    return split(arrays["x"][order], arrays["y"][order], test_split)


def split(x: np.ndarray, y: np.ndarray, test_split: float) -> Split:
    """The first part of the rows to train on, the last share `test_split` of them to test on; 0: none of them."""
    cut = int(len(x) * (1 - number("load_data", "test_split", test_split, 0, 1, open_high=True)))
    return (x[:cut], y[:cut]), (x[cut:], y[cut:])
