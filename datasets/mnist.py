"""MNIST: 70,000 images of handwritten digits. Fetched: 11 MB."""

from .fetched import fetch, read_arrays
from .shipped import Split


def load_data(path: str = "mnist.npz") -> Split:
    """``(x_train, y_train), (x_test, y_test)``: 60,000 and 10,000 images.

    Shapes: x ``(samples, 28, 28)``, uint8 from 0 to 255; y ``(samples,)``, uint8, the digits 0 to 9. `path` is a file
    that is there already, or its name in the cache.

    Raises DownloadError if it has to be fetched and can't be.

    Source: LeCun, Cortes & Burges, *The MNIST database*; CC BY-SA 3.0.
    """
    arrays = read_arrays(fetch(path, "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"))
    return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])
