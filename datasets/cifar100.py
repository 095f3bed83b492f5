"""CIFAR-100: 60,000 small colour images of a hundred kinds of things. Fetched: 170 MB."""

from pathlib import Path

from ..utils.checks import one_of
from .cifar10 import HOST, images
from .fetched import fetch
from .plain import read_members
from .shipped import Split

FILE = "cifar-100-python.tar.gz", "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7", HOST


def load_data(label_mode: str = "fine", path: str | Path = "cifar-100-python.tar.gz") -> Split:
    """``(x_train, y_train), (x_test, y_test)``: 50,000 and 10,000 images.

    Shapes: x ``(samples, 32, 32, 3)`` (channels first if the image data format says so), uint8; y ``(samples, 1)``,
    uint8: one of 100 classes (`label_mode` "fine") or of 20 ("coarse"). `path` is an archive that is there already, or
    its name in the cache.

    Raises DownloadError if it has to be fetched and can't be; DataError if the archive holds something else.

    Source: Krizhevsky, *Learning Multiple Layers of Features from Tiny Images* (2009).
    """
    labels = f"{one_of('load_data', 'label_mode', label_mode, ('fine', 'coarse'))}_labels".encode()
    archive = fetch(path, *FILE)
    train, test = read_members(archive, "cifar-100-python/train", "cifar-100-python/test")
    return images(train, labels, archive.name), images(test, labels, archive.name)
