"""Fashion-MNIST: 70,000 images of clothing. Fetched: 30 MB."""

import gzip
from pathlib import Path

import numpy as np

from ..errors import DataError
from ..utils.files import get_file
from .fetched import HOST
from .shipped import Split

FILES = {
    "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
    "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
    "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
}
CLASSES = ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")


def load_data(path: str | None = None) -> Split:
    """``(x_train, y_train), (x_test, y_test)``: 60,000 and 10,000 images.

    Shapes: x ``(samples, 28, 28)``, uint8 from 0 to 255; y ``(samples,)``, uint8, numbers of `CLASSES`. `path` is a
    folder that holds the four files already.

    Raises DownloadError if they have to be fetched and can't be.

    Source: Xiao, Rasul & Vollgraf, *Fashion-MNIST* (2017); MIT licence.
    """
    paths = [
        Path(path) / name
        if path
        else Path(get_file(name, HOST + name, file_hash=hashed, cache_subdir="datasets/fashion-mnist"))
        for name, hashed in FILES.items()
    ]
    y, x, y_test, x_test = (_read_idx(each) for each in paths)
    return (x, y), (x_test, y_test)


def _read_idx(path: Path) -> np.ndarray:
    """The array of an IDX file: two zeros, the type (8 is uint8), the rank, the lengths, the bytes."""
    data = gzip.decompress(path.read_bytes())
    if data[:3] != b"\0\0\x08":
        raise DataError(
            f"{path.name} is no IDX file of bytes", expected="0, 0, 8 at its beginning", received=str(list(data[:3]))
        )
    rank = data[3]
    shape = np.frombuffer(data, ">u4", rank, 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape)
