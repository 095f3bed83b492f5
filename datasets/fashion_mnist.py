"""Fashion-MNIST: 70,000 images of clothing. Fetched: 30 MB."""

import math
from pathlib import Path

import numpy as np

from ..errors import DataError
from ..utils.archives import reading
from .fetched import HOST, fetch
from .plain import MOST_BYTES
from .shipped import Split

FILES = {
    "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
    "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
    "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
}
CLASSES = ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")


def load_data(path: str | Path | None = None) -> Split:
    """``(x_train, y_train), (x_test, y_test)``: 60,000 and 10,000 images.

    Shapes: x ``(samples, 28, 28)``, uint8 from 0 to 255; y ``(samples,)``, uint8, numbers of `CLASSES`. `path` is a
    folder that holds the four files already (Keras's loader has no such argument).

    Raises DownloadError if they have to be fetched and can't be; DataError if they hold something else.

    Source: Xiao, Rasul & Vollgraf, *Fashion-MNIST* (2017); MIT licence.
    """
    x, y, x_test, y_test = (
        _read_idx(fetch(Path(path or "", name), name, hashed, HOST, "datasets/fashion-mnist"))
        for name, hashed in FILES.items()
    )
    return (x, y), (x_test, y_test)


def _read_idx(path: Path) -> np.ndarray:
    """The array of an IDX file: two zeros, the type (8 is uint8), the rank, the lengths, the bytes."""
    import gzip

    with reading(path.name), gzip.open(path) as file:
        head = file.read(4)
        if head[:3] != b"\0\0\x08":
            raise DataError(
                f"{path.name} is no IDX file of bytes", expected="0, 0, 8 at its beginning", received=str(list(head))
            )
        shape = [int.from_bytes(file.read(4), "big") for _ in range(head[3])]
        if math.prod(shape) > MOST_BYTES:
            raise DataError(path.name, expected=f"at most {MOST_BYTES} bytes", received=str(math.prod(shape)))
        return np.frombuffer(bytearray(file.read(math.prod(shape))), np.uint8).reshape(shape)
