"""Sources of batches: arrays, datasets that give batches by number, and generators."""

import itertools
import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from ..errors import ArgumentError, DataError, OptionError, StateError
from ..utils import PyDataset
from ..utils.advice import advise
from ..utils.checks import positive_int
from .batches import Batch, as_batch, as_samples, checksum
from .entrance import Takes, check_data, is_lazy, is_stream

LOOKED_AT = 16  # rows that tell one set of samples from another


class Resumable:
    """What sources share: a place in their epochs that a run can come back to in another process.

    `passes` epochs of the source are done, and `taken` batches of the one under way (None if none is under way).
    """

    begins_anew = True  # whether its first batch can be had again before the last was taken
    lasting = False  # whether a batch stays as it is when the next one is taken, which no code of the user's makes

    def describe(self) -> dict[str, Any]:
        """What tells this source from others."""
        raise NotImplementedError(f"{type(self).__name__} has no describe")

    def epoch(self, rng: np.random.Generator | None = None, done: int = 0) -> Iterator[Batch]:
        """The batches of one epoch after the first `done`; their order, if it is drawn, is drawn at once."""
        raise NotImplementedError(f"{type(self).__name__} has no epoch")

    def begin_epoch(self) -> None:
        """What is to be done before an epoch's first batch."""

    def finish_epoch(self) -> None:
        """What is to be done after an epoch's last batch."""

    def remember(self) -> None:
        """Be told that `get_state` will be called. Raises StateError where that can't be."""

    def get_state(self) -> dict[str, Any]:
        """What it remembers besides its place."""
        return {}

    def go_to(
        self, state: dict[str, Any], passes: int, taken: int | None, rng: np.random.Generator | None
    ) -> Iterator[Batch] | None:
        """Go to a place, and give the batches that are left of the epoch under way."""
        return None if taken is None else self.epoch(rng, taken)


class Arrays(Resumable):
    """Samples that lie in arrays: NumPy's own, memory-mapped ones, SciPy's sparse ones."""

    lasting = True

    def __init__(self, samples: Batch, batch_size: int):
        self.samples, self.batch_size = samples, batch_size
        self.lazy = any(is_lazy(part) for part in samples)  # not looked at whole, but batch by batch
        self.count: int = samples.x.shape[0]
        self.steps: int | None = math.ceil(self.count / batch_size)
        self.drawn: Any = range(0)  # the rows of the last batch
        self.ready = False  # whether its batches were looked at, and the model takes them as they are

    def epoch(self, rng: np.random.Generator | None = None, done: int = 0) -> Iterator[Batch]:
        """The batches of one epoch after the first `done`: in the order of the rows, or in one drawn from `rng`."""
        order = None if rng is None else rng.permutation(self.count)
        return (self._drawn(order, start) for start in range(done * self.batch_size, self.count, self.batch_size))

    def _drawn(self, order: np.ndarray | None, start: int) -> Batch:
        rows: Any = slice(start, start + self.batch_size)
        self.drawn = range(self.count)[rows] if order is None else order[rows]
        return self.take(rows if order is None else self.drawn)

    def take(self, rows) -> Batch:
        """The samples at these rows, dense and in memory."""
        x, y, weight = self.samples
        return Batch(
            _dense(x, rows), None if y is None else _dense(y, rows), None if weight is None else _dense(weight, rows)
        )

    def split(self, fraction: float, batch_size: int) -> tuple["Arrays", "Arrays"]:
        """The first part of the rows, and the last `fraction`, in batches of that size: Keras's `validation_split`."""
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
        first, last = halves
        return Arrays(first, self.batch_size), Arrays(last, batch_size)

    def describe(self) -> dict[str, Any]:
        """What tells these samples from others: shapes, types, and some of the rows."""
        parts = {name: part for name, part in self.samples._asdict().items() if part is not None}
        some = self.take(np.unique(np.linspace(0, self.count - 1, LOOKED_AT).astype(int)))
        shapes = {name: f"{part.dtype} {tuple(part.shape)}" for name, part in parts.items()}
        return {"kind": "arrays", **shapes, "checksum of some rows": checksum(some), "batch_size": self.batch_size}


def _dense(part, rows):
    if not isinstance(part, np.ndarray):
        return part[rows].toarray()
    return np.asarray(part[rows] if isinstance(rows, slice) else part.take(rows, axis=0))


class Numbered(Resumable):
    """A `PyDataset`: batches by number, in a new order at each epoch where `shuffle` asks for it and it allows that."""

    def __init__(self, dataset: PyDataset, takes: Takes):
        self.dataset, self.takes = dataset, takes
        self.count: int | None = None

    @property
    def steps(self) -> int | None:
        """How many batches the dataset has: it may have others at each epoch."""
        return self.dataset.num_batches

    def epoch(self, rng=None, done=0):
        steps = self.steps
        numbers: Iterable[int] = itertools.count(done) if steps is None else range(done, steps)
        if rng is not None and steps is not None and not self.dataset.in_order:
            numbers = rng.permutation(steps)[done:].tolist()
        items = _ahead(self.dataset.__getitem__, iter(numbers), self.dataset)
        return (as_batch(item, self.takes) for item in items)

    def begin_epoch(self) -> None:
        self.dataset.on_epoch_begin()

    def finish_epoch(self) -> None:
        self.dataset.on_epoch_end()

    def describe(self) -> dict[str, Any]:
        return {"kind": type(self.dataset).__name__, "batches": self.steps}

    def remember(self) -> None:
        kind = type(self.dataset)
        changes = [name for name in ("on_epoch_begin", "on_epoch_end") if overrides(kind, name, PyDataset)]
        if changes and not (overrides(kind, "get_state", PyDataset) and overrides(kind, "set_state", PyDataset)):
            raise StateError(
                f"a run on {kind.__name__} can't be resumed: its {changes[0]} may change it",
                expected="get_state() and set_state(state) that give and take what changes",
                received="a dataset without them",
                mend="write them in the class; get_state may return {} if nothing changes",
            )

    def get_state(self) -> dict[str, Any]:
        return self.dataset.get_state()

    def go_to(self, state, passes, taken, rng):
        self.dataset.set_state(state)
        return super().go_to(state, passes, taken, rng)


def overrides(cls: type, name: str, parent: type) -> bool:
    """Whether a class has a method of its own in place of its parent's."""
    return getattr(cls, name) is not getattr(parent, name)


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


class Stream(Resumable):
    """A generator, which gives each batch once, or what is iterated over again and again.

    The place in it is found by running over all batches up to there once more; a checksum holds that they are those
    that came before.
    """

    steps: int | None = None
    count: int | None = None

    def __init__(self, batches: Iterable, takes: Takes):
        self.batches, self.takes = batches, takes
        self.begins_anew = not isinstance(batches, Iterator)
        self.remembers, self.seen, self.checksum = False, 0, 0
        self.ways: list[int | None] = []  # how many batches each way through it took; None: all

    def epoch(self, rng=None, done=0):
        """The batches that are left (of a generator), or all of them again."""
        self.ways.append(0)
        return itertools.islice(self._way(), done, None)

    def _way(self) -> Iterator[Batch]:
        for number, item in enumerate(self.batches, start=1):
            self.ways[-1] = number
            yield self._batch(item)
        self.ways[-1] = None

    def _batch(self, item: Any) -> Batch:
        batch = as_batch(item, self.takes)
        if self.remembers:
            self.seen += 1
            self.checksum = checksum(Batch(*(None if part is None else part[[0, -1]] for part in batch)), self.checksum)
        return batch

    def describe(self) -> dict[str, Any]:
        return {"kind": "generator"}

    def remember(self) -> None:
        self.remembers = True

    def get_state(self) -> dict[str, Any]:
        return {"ways": list(self.ways), "seen": self.seen, "checksum": self.checksum}

    def go_to(self, state, passes, taken, rng):
        for count in state.get("ways", [])[:passes]:
            deque(itertools.islice(self.epoch(), count), maxlen=0)
        left = None if taken is None else self.epoch()
        if left is not None:
            deque(itertools.islice(left, taken), maxlen=0)
        if self.get_state() != state:
            raise DataError(
                "the generator does not give the batches that it gave before the run was stopped",
                expected=f"the same {state['seen']} batches again, which are run over",
                received=f"{self.seen} batches, not all of them the same",
                mend="make it anew, from a fixed seed; or train on arrays or a PyDataset, which need no running over",
            )
        return left


Source = Arrays | Numbered | Stream


def as_source(x: Any, y: Any, sample_weight: Any, batch_size: int | None, takes: Takes, call: str = "fit") -> Source:
    """The source that the arguments of `fit`, `evaluate` or `predict`, the `call`, mean."""
    check_data(x)
    dataset = isinstance(x, PyDataset)
    if not (dataset or is_stream(x)):
        batch_size = positive_int(call, "batch_size", 32 if batch_size is None else batch_size)
        return Arrays(as_samples(x, y, sample_weight, takes), batch_size)
    gives = f"the {'dataset' if dataset else 'generator'} gives batches (x, y) itself"
    for name, value in (("y", y), ("sample_weight", sample_weight)):
        if value is not None:
            beside = f"{name} can't be given beside a {type(x).__name__}"
            raise ArgumentError(beside, expected=f"None: {gives}", received=f"a {type(value).__name__}")
    if batch_size is not None:
        advise(f"{call}(batch_size={batch_size}) says nothing about it: {gives}")
    return Numbered(x, takes) if dataset else Stream(x, takes)
