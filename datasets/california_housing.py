"""California housing: the price of houses in 20,640 districts, by eight measurements. Fetched: 1 MB."""

from ..utils.checks import one_of
from .fetched import fetch, read_arrays, shuffled
from .shipped import Split, split


def load_data(
    version: str = "large", path: str = "california_housing.npz", test_split: float = 0.2, seed: int = 113
) -> Split:
    """``(x_train, y_train), (x_test, y_test)``, in Keras's order of that seed; a share `test_split` is the test part.

    Shapes: x ``(samples, 8)``: longitude, latitude, median age of houses, rooms, bedrooms, people, households, median
    income; y ``(samples,)``: the median price in dollars. `version` "small" takes the first 600 districts. `path` is a
    file that is there already, or its name in the cache.

    Raises DownloadError if it has to be fetched and can't be.

    Source: Pace & Barry, *Sparse Spatial Autoregressions* (1997).
    """
    arrays = read_arrays(fetch(path, "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f"))
    count = 600 if one_of("load_data", "version", version, ("large", "small")) == "small" else None
    ((x, y),) = shuffled(seed, (arrays["x"][:count], arrays["y"][:count]))
    return split(x, y, test_split)
