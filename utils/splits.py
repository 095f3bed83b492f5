"""Splitting data into two parts."""

from typing import Any

import numpy as np

from ..errors import DataError, OptionError
from .seeds import generator


def split_dataset(
    dataset: Any,
    left_size: float | int | None = None,
    right_size: float | int | None = None,
    shuffle: bool = False,
    seed: int | None = None,
) -> tuple[Any, Any]:
    """Split an array, or a tuple or list of arrays with equally many rows, into a left and a right part.

    `left_size` and `right_size` are shares (floats below 1, rounded to rows) or counts of rows; one of them is enough,
    and with both the rows between are left out. `shuffle` draws the rows in a random order first, fixed by `seed`;
    without it the parts are views, and nothing is copied.

    Raises OptionError for sizes that leave a part empty or exceed the rows; DataError for arrays of different lengths,
    or without rows.

    >>> left, right = split_dataset(np.arange(10), left_size=0.8)
    >>> left.tolist(), right.tolist()
    ([0, 1, 2, 3, 4, 5, 6, 7], [8, 9])
    """
    several = isinstance(dataset, tuple | list) and len(dataset) > 0 and hasattr(dataset[0], "shape")
    arrays = [np.atleast_1d(part) for part in (dataset if several else [dataset])]
    lengths = [len(array) for array in arrays]
    count = lengths[0]
    if lengths != [count] * len(arrays) or count == 0:
        raise DataError("split_dataset", expected="at least one row, and equally many in all", received=str(lengths))
    left, right = _sizes(left_size, right_size, count)
    order = generator(seed).permutation(count) if shuffle else None

    def take(rows: slice) -> Any:
        parts = [array[rows if order is None else order[rows]] for array in arrays]
        return type(dataset)(parts) if several else parts[0]

    return take(slice(left)), take(slice(count - right, count))


def _sizes(left: Any, right: Any, count: int) -> tuple[int, int]:
    """Both sizes in rows."""
    if left is None and right is None:
        raise OptionError("split_dataset", expected="left_size or right_size", received="neither")
    first = None if left is None else _rows("left_size", left, count)
    last = None if right is None else _rows("right_size", right, count)
    if first is None or last is None:
        first, last = (count - last, last) if last is not None else (first, count - (first or 0))
    if not (first and last) or first + last > count:
        raise OptionError("split_dataset", expected=f"two parts of {count} rows", received=f"{first} and {last}")
    return first, last


def _rows(name: str, size: Any, count: int) -> int:
    """A size in rows, from a count or a share."""
    share = isinstance(size, float | np.floating) and 0 < size < 1
    whole = isinstance(size, int | np.integer) and not isinstance(size, bool) and 0 < size <= count
    if not (share or whole):
        raise OptionError(
            f"split_dataset({name}=...)", expected=f"a share below 1, or 1 to {count} rows", received=repr(size)
        )
    return round(size * count) if share else int(size)
