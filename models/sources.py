"""Sources of batches: arrays, datasets that give batches by number, and generators."""

import itertools
import math
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from ..errors import ArgumentError, DataError, OptionError
from ..utils import PyDataset, unpack_x_y_sample_weight
from ..utils.checks import positive_int
from .entrance import as_array, same_length


class Batch(NamedTuple):
    """The samples of one step: x, and y and the weights of the samples where there are any."""

    x: Any
    y: Any = None
    sample_weight: Any = None


class Arrays:
    """Samples that lie in arrays: NumPy's own, memory-mapped ones, SciPy's sparse ones."""

    def __init__(self, samples: Batch, batch_size: int):
        self.samples, self.batch_size = samples, batch_size
        self.count: int = samples.x.shape[0]
        self.steps: int | None = math.ceil(self.count / batch_size)
        self.drawn: Any = range(0)  # the rows of the last batch

    def epoch(self, rng: np.random.Generator | None = None) -> Iterator[Batch]:
        """The batches of one epoch: in the order of the rows, or drawn from `rng` in a new one."""
        order = None if rng is None else rng.permutation(self.count)
        for start in range(0, self.count, self.batch_size):
            rows: Any = slice(start, start + self.batch_size)
            self.drawn = range(self.count)[rows] if order is None else order[rows]
            yield self.take(rows if order is None else self.drawn)

    def take(self, rows) -> Batch:
        """The samples at these rows, dense and in memory."""
        return Batch(*(None if part is None else _dense(part, rows) for part in self.samples))

    def split(self, fraction: float) -> tuple["Arrays", "Arrays"]:
        """The first part of the rows, and the last `fraction` of them, as Keras's `validation_split`."""
        if isinstance(fraction, bool) or not isinstance(fraction, int | float) or not 0 < fraction < 1:
            raise OptionError("fit(validation_split=...)", expected="a number between 0 and 1", received=repr(fraction))
        cut = math.floor(self.count * (1 - fraction))
        if cut in (0, self.count):
            raise DataError(
                f"validation_split={fraction} leaves a part without samples",
                expected="at least one sample on each side",
                received=f"{self.count} samples",
            )
        halves = (
            Batch(*(None if part is None else part[rows] for part in self.samples))
            for rows in (slice(cut), slice(cut, None))
        )
        first, last = (Arrays(half, self.batch_size) for half in halves)
        return first, last

    def finish_epoch(self) -> None:
        """Nothing is to be done between epochs."""


def _dense(part, rows):
    taken = part[rows]
    return taken.toarray() if hasattr(taken, "toarray") else np.asarray(taken)


class Numbered:
    """A `PyDataset`: batches by number, in a new order at each epoch where `shuffle` asks for it and it allows that."""

    def __init__(self, dataset: PyDataset, text: bool):
        self.dataset, self.text = dataset, text
        self.steps: int | None = dataset.num_batches
        self.count: int | None = None

    def epoch(self, rng: np.random.Generator | None = None) -> Iterator[Batch]:
        """The batches of one epoch."""
        self.dataset.on_epoch_begin()
        numbers: Iterable[int] = itertools.count() if self.steps is None else range(self.steps)
        if rng is not None and self.steps is not None and not self.dataset.in_order:
            numbers = rng.permutation(self.steps).tolist()
        for item in _ahead(self.dataset.__getitem__, iter(numbers), self.dataset):
            yield as_batch(item, self.text)

    def finish_epoch(self) -> None:
        """Let the dataset do what it does between epochs."""
        self.dataset.on_epoch_end()


def _ahead(get: Callable[[int], Any], numbers: Iterator[int], dataset: PyDataset) -> Iterator[Any]:
    """The items at these numbers, fetched ahead by the dataset's worker threads where it has more than one."""
    if dataset.workers < 2:
        yield from map(get, numbers)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(dataset.workers) as pool:
        waiting = deque(pool.submit(get, number) for number in itertools.islice(numbers, dataset.max_queue_size))
        while waiting:
            yield waiting.popleft().result()
            waiting.extend(pool.submit(get, number) for number in itertools.islice(numbers, 1))


class Stream:
    """A generator, or anything that is iterated over: batches as they come, each of them once."""

    steps: int | None = None
    count: int | None = None

    def __init__(self, batches: Iterable, text: bool):
        self.batches, self.text = batches, text
        self.once = iter(batches) is batches

    def epoch(self, rng: np.random.Generator | None = None) -> Iterator[Batch]:
        """The batches that are left (of a generator), or all of them again."""
        return (as_batch(item, self.text) for item in self.batches)

    def finish_epoch(self) -> None:
        """Nothing is to be done between epochs."""


Source = Arrays | Numbered | Stream


def as_batch(item: Any, text: bool) -> Batch:
    """A batch from what a generator gave: x, (x,), (x, y) or (x, y, sample_weight)."""
    return as_samples(*unpack_x_y_sample_weight(item), text)


def as_samples(x, y=None, sample_weight=None, text: bool = False) -> Batch:
    """Arrays of equal length, with at least one row."""
    x = as_array(x, "x", text)
    if x.shape[0] == 0:
        raise DataError("x is empty", expected="at least one sample", received=f"shape {x.shape}")
    y = None if y is None else as_array(y, "y")
    sample_weight = None if sample_weight is None else as_array(sample_weight, "sample_weight")
    for other, name in ((y, "y"), (sample_weight, "sample_weight")):
        if other is not None:
            same_length(x, other, name)
    return Batch(x, y, sample_weight)


def as_source(x, y=None, sample_weight=None, batch_size: int | None = None, text: bool = False) -> Source:
    """The source that the arguments of `fit`, `evaluate` or `predict` mean."""
    dataset = isinstance(x, PyDataset)
    if not (dataset or is_stream(x)):
        if x is None:
            raise ArgumentError("x is missing", expected="an array, a PyDataset or a generator", received="None")
        return Arrays(as_samples(x, y, sample_weight, text), positive_int("fit", "batch_size", batch_size or 32))
    for name, value in (("y", y), ("sample_weight", sample_weight), ("batch_size", batch_size)):
        if value is not None:
            raise ArgumentError(
                f"{name} can't be given beside a {type(x).__name__}",
                expected=f"None: the {'dataset' if dataset else 'generator'} gives batches (x, y) itself",
                received=f"a {type(value).__name__}",
            )
    return Numbered(x, text) if dataset else Stream(x, text)


def is_stream(x: Any) -> bool:
    """Whether x is iterated over, rather than read as an array."""
    return (
        hasattr(x, "__iter__")
        and not hasattr(x, "__array__")
        and not hasattr(x, "tocsr")
        and not isinstance(x, list | tuple)
    )


class Epochs:
    """The epochs of a source, each a run of batches: all of them, or `steps` at a time, beginning anew at the end."""

    def __init__(self, source: Source, steps: int | None, limit: int | None, rng: np.random.Generator | None = None):
        self.source, self.rng = source, rng
        self.steps = steps if steps is not None else source.steps
        self.bounded = steps is not None
        if limit is not None:
            self.steps, self.bounded = min(limit, self.steps or limit), True
        self.running: Iterator[Batch] | None = None

    def __iter__(self) -> Iterator[Batch]:
        if not self.bounded:
            yield from self.source.epoch(self.rng)
            self.source.finish_epoch()
            return
        for _ in range(self.steps or 0):
            batch = self._next()
            if batch is None:
                warnings.warn("the generator ran out of data before the epoch's steps were done", stacklevel=5)
                return
            yield batch

    def _next(self) -> Batch | None:
        """The next batch; a source that came to its end begins again, but for a generator."""
        for _ in range(2):
            if self.running is None:
                self.running = iter(self.source.epoch(self.rng))
            batch = next(self.running, None)
            if batch is not None:
                return batch
            self.source.finish_epoch()
            self.running = None
        return None
