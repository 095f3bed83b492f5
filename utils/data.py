"""Datasets of batches, and what a batch is made of."""

from collections.abc import Iterator
from typing import Any

from ..errors import DataError, OptionError
from .checks import positive_int


class PyDataset:
    """Batches by number: a subclass writes `__len__`, how many there are, and `__getitem__`, the batch of a number.

    A batch is ``x``, ``(x, y)`` or ``(x, y, sample_weight)``. `fit` fetches batches ahead on `workers` threads where
    there are more than one, at most `max_queue_size` of them. `use_multiprocessing` is refused: threads share memory.
    A subclass whose constructor takes none of the three need not call this one's.

    >>> class Squares(PyDataset):
    ...     def __len__(self):
    ...         return 2
    ...     def __getitem__(self, index):
    ...         return np.array([[index]]), np.array([[index**2]])
    >>> len(Squares()), Squares()[1][1].item()
    (2, 1)
    """

    workers: int = 1
    use_multiprocessing: bool = False
    max_queue_size: int = 10
    in_order: bool = False  # whether the batches stay in their order, though `fit` shuffles

    def __init__(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10):
        if use_multiprocessing:
            raise OptionError(
                f"{type(self).__name__}(use_multiprocessing=True)",
                expected="False",
                received="True",
                mend="use workers=4: threads share memory",
            )
        self.workers = positive_int(type(self).__name__, "workers", workers)
        self.max_queue_size = positive_int(type(self).__name__, "max_queue_size", max_queue_size)

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

    def get_state(self) -> dict[str, Any]:
        """What `on_epoch_begin` and `on_epoch_end` change, as plain data and arrays: for a run that is resumed."""
        return {}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from what `get_state` gave."""

    def on_epoch_begin(self) -> None:
        """An epoch begins."""

    def on_epoch_end(self) -> None:
        """An epoch has ended: the place to shuffle."""


Sequence = PyDataset


def pack_x_y_sample_weight(x, y=None, sample_weight=None):
    """What a batch hands on: x, (x, y) or (x, y, sample_weight).

    >>> pack_x_y_sample_weight(1, 2)
    (1, 2)
    """
    if y is None:
        return (x,) if isinstance(x, tuple | list) else x  # a bare tuple would be read as (x, y)
    return (x, y) if sample_weight is None else (x, y, sample_weight)


def unpack_x_y_sample_weight(data) -> tuple[Any, Any, Any]:
    """x, y and sample_weight of a batch, None where it has none. Raises DataError for a batch of other parts.

    >>> unpack_x_y_sample_weight((1, 2))
    (1, 2, None)
    """
    if not isinstance(data, tuple | list):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise DataError("a batch", expected="x, (x, y) or (x, y, sample_weight)", received=f"{len(data)} parts")
    return (*data, None, None)[:3]
