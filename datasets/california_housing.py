"""California housing: the price of houses in 20,640 districts, by eight measurements. Fetched: 1 MB."""

from pathlib import Path

from ..utils.checks import one_of
from .fetched import fetch
from .plain import read_arrays
from .shipped import Split, split
from .texts import shuffled

FILE = "california_housing.npz", "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f"
FEATURES = (
    "longitude", "latitude", "median age of houses", "rooms", "bedrooms", "people", "households", "median income",
)  # fmt: skip
SMALL = 600  # districts of the small version


def load_data(
    version: str = "large", path: str | Path = "california_housing.npz", test_split: float = 0.2, seed: int = 113
) -> Split:
    """``(x_train, y_train), (x_test, y_test)``, in Keras's order of that seed; a share `test_split` is the test part.

    Shapes: x ``(samples, 8)``, see `FEATURES`; y ``(samples,)``: the median price in dollars. `version` "small" takes
    the first 600 districts. `path` is a file that is there already, or its name in the cache.

    Raises DownloadError if it has to be fetched and can't be; DataError if the file holds something else.

    Source: Pace & Barry, *Sparse Spatial Autoregressions* (1997).
    """
    count = SMALL if one_of("load_data", "version", version, ("large", "small")) == "small" else None
    x, y = read_arrays(fetch(path, *FILE), "x", "y")
    (pair,) = shuffled(seed, (x[:count], y[:count]))
    return split(*pair, test_split)
