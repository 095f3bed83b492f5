"""Sunspots: how many were seen on average in each year from 1700 to 2008."""

import numpy as np

from ..errors import OptionError
from ..utils.checks import positive_int
from .shipped import Split, read, split


def load_data(test_split: float = 0.2, window: int = 12) -> Split:
    """``(x_train, y_train), (x_test, y_test)``: the years before, and the year to be forecast; in the order of time.

    Shapes: x ``(samples, window, 1)``, the counts of `window` years (float32); y ``(samples, 1)``, that of the year
    after. The last share `test_split` of the samples is the test part: what is forecast there comes after all that was
    trained on. `load_series` gives the bare series.

    Raises OptionError for a `window` that leaves no year to forecast.

    Source: NOAA's National Geophysical Data Center, as distributed with statsmodels, whose file says "This data is
    public domain".

    >>> (x, y), (x_test, y_test) = load_data()
    >>> x.shape, y.shape, x_test.shape
    ((237, 12, 1), (237, 1), (60, 12, 1))
    """
    counts = load_series()[1]
    if positive_int("load_data", "window", window) >= len(counts):
        raise OptionError("load_data(window=...)", expected=f"fewer than {len(counts)} years", received=str(window))
    windows = np.lib.stride_tricks.sliding_window_view(counts, window + 1)  # (samples, window + 1)
    return split(windows[:, :-1, None].copy(), windows[:, -1:].copy(), test_split)


def load_series() -> tuple[np.ndarray, np.ndarray]:
    """The years, and the mean count of each.

    >>> years, counts = load_series()
    >>> int(years[0]), float(counts[0]), len(years)
    (1700, 5.0, 309)
    """
    arrays = read("sunspots")
    return arrays["years"], arrays["counts"]
