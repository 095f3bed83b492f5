"""CIFAR-10: 60,000 small colour images of ten kinds of things. Fetched: 170 MB."""

from pathlib import Path

import numpy as np

from .. import config
from ..utils.archives import reading
from .fetched import fetch
from .plain import read_members, read_pickle
from .shipped import Split

HOST = "https://www.cs.toronto.edu/~kriz/"
FILE = "cifar-10-python.tar.gz", "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce", HOST
BATCHES = (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch")
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def load_data(path: str | Path = "cifar-10-python.tar.gz") -> Split:
    """``(x_train, y_train), (x_test, y_test)``: 50,000 and 10,000 images.

    Shapes: x ``(samples, 32, 32, 3)`` (channels first if the image data format says so), uint8; y ``(samples, 1)``,
    uint8, numbers of `CLASSES`. `path` is an archive that is there already, or its name in the cache.

    Raises DownloadError if it has to be fetched and can't be; DataError if the archive holds something else, code
    among it: its pickles are read as plain data only.

    Source: Krizhevsky, *Learning Multiple Layers of Features from Tiny Images* (2009).
    """
    archive = fetch(path, *FILE)
    contents = read_members(archive, *(f"cifar-10-batches-py/{name}" for name in BATCHES))
    *train, test = (images(content, b"labels", archive.name) for content in contents)
    x, y = (np.concatenate(both) for both in zip(*train, strict=True))
    return (x, y), test


def images(content: bytes, labels: bytes, what: str) -> tuple[np.ndarray, np.ndarray]:
    """The images and labels of one of CIFAR's batches."""
    batch = read_pickle(content, what)
    with reading(what):
        x = np.asarray(batch[b"data"], np.uint8).reshape(-1, 3, 32, 32)
        y = np.asarray(batch[labels], np.uint8).reshape(len(x), 1)
    if config.image_data_format() == "channels_last":
        x = np.ascontiguousarray(x.transpose(0, 2, 3, 1))  # (samples, 32, 32, 3)
    return x, y
