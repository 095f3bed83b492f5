"""Windows of a series, as batches."""

from typing import Any

import numpy as np

from ..errors import DataError, OptionError
from .checks import positive_int, unless_none
from .ordered import Ordered
from .seeds import generator


class Windows(Ordered):
    """Batches of windows of a series, each made when it is asked for: see `timeseries_dataset_from_array`.

    order : where the windows begin; row i of x is ``data[order[i] + steps]``, its y ``targets[order[i]]``
    """

    def __init__(
        self,
        data: np.ndarray,
        targets: np.ndarray | None,
        starts: np.ndarray,
        steps: np.ndarray,
        batch_size: int | None,
        rng: np.random.Generator | None = None,
    ):
        self.data, self.targets, self.steps = data, targets, steps
        super().__init__(starts, batch_size, rng)

    def samples(self, numbers: Any) -> Any:
        """The windows that begin there, and their targets beside them."""
        x = self.data[numbers[..., None] + self.steps]  # (batch, steps, ...)
        return x if self.targets is None else (x, self.targets[numbers])


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
    ``targets[i * sequence_stride]``, or there are none where `targets` is None. Only the steps from `start_index` to
    before `end_index` are used. A `batch_size` of None gives single windows. `shuffle` draws the windows in a new
    order for each epoch, fixed by `seed`; it is not the order that Keras draws.

    Shapes: data ``(steps, ...)``; targets ``(steps, ...)``, or fewer steps, which bound the windows; a batch's x
    ``(batch, sequence_length, ...)``, its y ``(batch, ...)``.

    Raises OptionError for a number that is not positive, or for steps that there are not; DataError if not even one
    window fits.

    >>> x, y = timeseries_dataset_from_array(np.arange(6), np.arange(3, 9), sequence_length=3)[0]
    >>> x.tolist(), y.tolist()
    ([[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5]], [3, 4, 5, 6])
    """
    who = "timeseries_dataset_from_array"
    sequence_length = positive_int(who, "sequence_length", sequence_length)
    sequence_stride = positive_int(who, "sequence_stride", sequence_stride)
    sampling_rate = positive_int(who, "sampling_rate", sampling_rate)
    batch_size = unless_none(positive_int, who, "batch_size", batch_size)
    data = np.atleast_1d(data)
    begin = 0 if start_index is None else start_index
    end = len(data) if end_index is None else end_index
    if not 0 <= begin < end <= len(data):
        raise OptionError(
            f"{who}: start_index and end_index", expected=f"steps of 0 to {len(data)}", received=f"{begin} and {end}"
        )
    data = data[begin:end]
    targets = None if targets is None else np.atleast_1d(targets)[begin:]
    span = (sequence_length - 1) * sampling_rate + 1
    count = min(len(data) - span + 1, len(data) if targets is None else len(targets))  # places to begin at
    if count <= 0:
        received = f"{len(data)} steps" + ("" if targets is None else f" and {len(targets)} targets")
        raise DataError(who, expected=f"at least {span} steps, as a window spans, and a target", received=received)
    return Windows(
        data,
        targets,
        np.arange(0, count, sequence_stride),
        np.arange(sequence_length) * sampling_rate,
        batch_size,
        generator(seed) if shuffle else None,
    )
