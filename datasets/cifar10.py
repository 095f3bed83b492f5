"""CIFAR-10: 60,000 small colour images of ten kinds of things. Fetched: 170 MB."""

import numpy as np

from .. import config
from .fetched import fetch, read_members, read_pickle
from .shipped import Split

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def load_data(path: str = "cifar-10-python.tar.gz") -> Split:
    """``(x_train, y_train), (x_test, y_test)``: 50,000 and 10,000 images.

    Shapes: x ``(samples, 32, 32, 3)`` (channels first if the image data format says so), uint8; y ``(samples, 1)``,
    uint8, numbers of `CLASSES`. `path` is an archive that is there already, or its name in the cache.

    Raises DownloadError if it has to be fetched and can't be.

    Source: Krizhevsky, *Learning Multiple Layers of Features from Tiny Images* (2009).
    """
    archive = fetch(
        path,
        "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
        "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
    )
    names = [f"cifar-10-batches-py/{name}" for name in (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch")]
    parts = [images(content, b"labels", archive.name) for content in read_members(archive, names)]
    x, y = (np.concatenate(both) for both in zip(*parts[:-1], strict=True))
    return (x, y), parts[-1]


def images(content: bytes, labels: bytes, what: str) -> tuple[np.ndarray, np.ndarray]:
    """The images and labels of one of CIFAR's batches."""
    batch = read_pickle(content, what)
    x = np.asarray(batch[b"data"], np.uint8).reshape(-1, 3, 32, 32)
    if config.image_data_format() == "channels_last":
        x = x.transpose(0, 2, 3, 1)
    return x, np.asarray(batch[labels], np.uint8)[:, None]
