"""MNIST: 70,000 images of handwritten digits. Fetched: 11 MB."""

from pathlib import Path

from .fetched import fetch
from .plain import read_arrays
from .shipped import Split

FILE = "mnist.npz", "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"


def load_data(path: str | Path = "mnist.npz") -> Split:
    """``(x_train, y_train), (x_test, y_test)``: 60,000 and 10,000 images.

    Shapes: x ``(samples, 28, 28)``, uint8 from 0 to 255; y ``(samples,)``, uint8, the digits 0 to 9. `path` is a file
    that is there already, or its name in the cache.

    Raises DownloadError if it has to be fetched and can't be; DataError if the file holds something else.

    Source: LeCun, Cortes & Burges, *The MNIST database*; CC BY-SA 3.0.
    """
    x, y, x_test, y_test = read_arrays(fetch(path, *FILE), "x_train", "y_train", "x_test", "y_test")
    return (x, y), (x_test, y_test)
