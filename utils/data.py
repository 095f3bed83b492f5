"""Datasets of batches, and ways to split data and to cut series into windows."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import DataError, OptionError
from .checks import one_of, positive_int
from .seeds import generator


class PyDataset:
    """Batches by number: a subclass writes `__len__`, how many there are, and `__getitem__`, the batch of a number.

    A batch is ``x``, ``(x, y)`` or ``(x, y, sample_weight)``. `fit` fetches batches ahead on `workers` threads where
    there are more than one, at most `max_queue_size` of them. `use_multiprocessing` is refused: threads share memory.

    >>> class Squares(PyDataset):
    ...     def __len__(self):
    ...         return 2
    ...     def __getitem__(self, index):
    ...         return np.array([[index]]), np.array([[index**2]])
    >>> len(Squares()), Squares()[1][1].item()
    (2, 1)
    """

    def __init__(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10):
        if use_multiprocessing:
            raise OptionError(
                "PyDataset(use_multiprocessing=True)",
                expected="False",
                received="True",
                mend="use workers=4: threads share memory",
            )
        self.workers = positive_int("PyDataset", "workers", workers)
        self.max_queue_size = positive_int("PyDataset", "max_queue_size", max_queue_size)
        self.use_multiprocessing = False

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} has no __len__")

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no __getitem__")

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in range(len(self)))

    @property
    def num_batches(self) -> int | None:
        """How many batches make an epoch; None if there is no end."""
        return len(self)

    def on_epoch_begin(self) -> None:
        """An epoch begins."""

    def on_epoch_end(self) -> None:
        """An epoch has ended: the place to shuffle."""


Sequence = PyDataset


def split_dataset(
    dataset: Any,
    left_size: float | int | None = None,
    right_size: float | int | None = None,
    shuffle: bool = False,
    seed: int | None = None,
) -> tuple[Any, Any]:
    """Split an array, or a tuple or list of arrays with equally many rows, into a left and a right part.

    `left_size` and `right_size` are shares (floats below 1) or counts of rows; one of them is enough.
    `shuffle` draws the rows in a random order first, fixed by `seed`.

    Raises OptionError for sizes that do not add up, DataError for arrays of different lengths.

    >>> left, right = split_dataset(np.arange(10), left_size=0.8)
    >>> left.tolist(), right.tolist()
    ([0, 1, 2, 3, 4, 5, 6, 7], [8, 9])
    """
    several = isinstance(dataset, tuple | list) and len(dataset) > 0 and hasattr(dataset[0], "shape")
    arrays = [np.asarray(part) for part in (dataset if several else [dataset])]
    count = len(arrays[0])
    if any(len(array) != count for array in arrays):
        raise DataError(
            "split_dataset", expected="arrays of equal length", received=str([len(array) for array in arrays])
        )
    left, right = _sizes(left_size, right_size, count)
    order = generator(seed).permutation(count) if shuffle else np.arange(count)
    parts = [[array[order[rows]] for array in arrays] for rows in (slice(0, left), slice(left, left + right))]
    if not several:
        return parts[0][0], parts[1][0]
    kind = type(dataset)
    return kind(parts[0]), kind(parts[1])


def _sizes(left: Any, right: Any, count: int) -> tuple[int, int]:
    if left is None and right is None:
        raise OptionError("split_dataset", expected="left_size or right_size", received="neither")
    sizes: list[Any] = []
    for name, size in (("left_size", left), ("right_size", right)):
        if size is None:
            sizes.append(None)
        elif isinstance(size, bool) or not isinstance(size, int | float | np.number) or size <= 0 or size > count:
            raise OptionError(
                f"split_dataset({name}=...)", expected=f"a share below 1, or 1 to {count} rows", received=repr(size)
            )
        elif isinstance(size, float | np.floating):
            if size >= 1:
                raise OptionError(f"split_dataset({name}=...)", expected="a share below 1", received=repr(size))
            sizes.append(round(size * count))
        else:
            sizes.append(int(size))
    first, last = sizes
    first = count - last if first is None else first
    last = count - first if last is None else last
    if first + last > count or first == 0 or last == 0:
        raise OptionError("split_dataset", expected=f"two parts of {count} rows", received=f"{first} and {last}")
    return first, last


class Windows(PyDataset):
    """Windows of a series as batches: see `timeseries_dataset_from_array`."""

    def __init__(
        self,
        data: np.ndarray,
        targets: np.ndarray | None,
        starts: np.ndarray,
        steps: np.ndarray,
        batch_size: int | None,
    ):
        super().__init__()
        self.data, self.targets, self.starts, self.steps = data, targets, starts, steps
        self.batch_size = batch_size

    def __len__(self) -> int:
        return math.ceil(len(self.starts) / (self.batch_size or 1))

    def __getitem__(self, index: int) -> Any:
        size = self.batch_size or 1
        starts = self.starts[index * size : (index + 1) * size]
        x = self.data[starts[:, None] + self.steps]  # (batch, steps, ...)
        y = None if self.targets is None else self.targets[starts]
        if self.batch_size is None:
            x, y = x[0], None if y is None else y[0]
        return x if y is None else (x, y)


def timeseries_dataset_from_array(
    data,
    targets,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
) -> Windows:
    """Windows of a series, made batch by batch as they are asked for.

    Window i begins at step i·`sequence_stride` and holds `sequence_length` steps, `sampling_rate` apart; its target is
    ``targets[i * sequence_stride]``, or there are none where `targets` is None. `start_index` and `end_index`
    bound the steps that are used. A `batch_size` of None gives single windows.

    Shapes: data ``(steps, ...)``; a batch's x ``(batch, sequence_length, ...)``.

    >>> x, y = timeseries_dataset_from_array(np.arange(6), np.arange(3, 9), sequence_length=3)[0]
    >>> x.tolist(), y.tolist()
    ([[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5]], [3, 4, 5, 6])
    """
    who = "timeseries_dataset_from_array"
    for name, value in (
        ("sequence_length", sequence_length),
        ("sequence_stride", sequence_stride),
        ("sampling_rate", sampling_rate),
    ):
        positive_int(who, name, value)
    data = np.asarray(data)
    targets = None if targets is None else np.asarray(targets)
    begin = start_index or 0
    end = len(data) if end_index is None else end_index
    if not 0 <= begin < end <= len(data):
        raise OptionError(
            f"{who}: start_index and end_index", expected=f"steps of 0 to {len(data)}", received=f"{begin} and {end}"
        )
    count = end - begin - (sequence_length - 1) * sampling_rate
    if targets is not None:
        count = min(count, len(targets) - begin if start_index else len(targets))
    if count <= 0:
        raise DataError(
            who, expected=f"more than {(sequence_length - 1) * sampling_rate} steps", received=str(end - begin)
        )
    starts = np.arange(0, count, sequence_stride)
    if shuffle:
        starts = generator(seed).permutation(starts)
    return Windows(
        data[begin:end],
        None if targets is None else targets[begin:],
        starts,
        np.arange(sequence_length) * sampling_rate,
        batch_size,
    )


def pad_sequences(
    sequences,
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> np.ndarray:
    """Sequences of different lengths as one array ``(sequences, maxlen, ...)``.

    A shorter one is filled up with `value` before it (`padding` "pre") or after it ("post"); a longer one loses its
    beginning (`truncating` "pre") or its end ("post"). `maxlen` None: the longest's length.

    >>> pad_sequences([[1], [2, 3, 4]], maxlen=2).tolist()
    [[0, 1], [3, 4]]
    """
    one_of("pad_sequences", "padding", padding, ("pre", "post"))
    one_of("pad_sequences", "truncating", truncating, ("pre", "post"))
    try:
        lengths = [len(sequence) for sequence in sequences]
    except TypeError:
        raise DataError("pad_sequences", expected="a list of sequences", received=repr(sequences)[:80]) from None
    maxlen = max(lengths, default=0) if maxlen is None else positive_int("pad_sequences", "maxlen", maxlen)
    inner = next((np.shape(sequence)[1:] for sequence in sequences if len(sequence)), ())
    text = np.dtype(dtype).kind in "US"
    if isinstance(value, str) and np.dtype(dtype).kind != "O" and not text:
        raise OptionError(
            "pad_sequences(value=...)",
            expected=f"a number, as dtype is {dtype}",
            received=repr(value),
            mend="dtype=object",
        )
    padded = np.full((len(lengths), maxlen, *inner), value, dtype)
    for row, (sequence, length) in enumerate(zip(sequences, lengths, strict=True)):
        if not length:
            continue
        kept = np.asarray(sequence[-maxlen:] if truncating == "pre" else sequence[:maxlen], dtype)
        if kept.shape[1:] != inner:
            raise DataError(
                f"pad_sequences: sequence {row}", expected=f"steps of shape {inner}", received=str(kept.shape[1:])
            )
        place = slice(maxlen - len(kept), maxlen) if padding == "pre" else slice(0, len(kept))
        padded[row, place] = kept
    return padded
