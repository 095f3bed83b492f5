"""Labels and predictions of small batches that wait until the metrics take in several together."""

from typing import Any

import numpy as np

from .. import metrics

# metrics whose numbers are counts of samples: they are the same however the batches come together
COUNT = (
    metrics.Accuracy,
    metrics.BinaryAccuracy,
    metrics.CategoricalAccuracy,
    metrics.SparseCategoricalAccuracy,
    metrics.SparseTopKCategoricalAccuracy,
    metrics.TopKCategoricalAccuracy,
)
FEW = 2**11  # numbers predicted for a batch up to which a metric's calls cost more than the numbers do
BATCHES = 32


class Waiting:
    """Batches of one kind, one after another, in room for so many.

    >>> waiting = Waiting()
    >>> waiting.put(np.array([1]), np.array([[0.2, 0.8]])), waiting.put(np.array([0]), np.array([[0.7, 0.3]]))
    (True, True)
    >>> waiting.take()[0].tolist(), waiting.rows
    ([1, 0], 0)
    """

    def __init__(self) -> None:
        self.rows = 0
        self._kind: Any = None
        self._room: tuple[np.ndarray, ...] = ()

    def put(self, y: np.ndarray, y_pred: np.ndarray) -> bool:
        """Keep a copy of these, if they are few, one label for each, and there is room."""
        kind = y.dtype, y.shape[1:], y_pred.dtype, y_pred.shape[1:]
        if kind != self._kind:
            if self.rows or y_pred.ndim != 2 or y.size != len(y) or y_pred.size > FEW:
                return False
            self._kind = kind
            self._room = tuple(np.empty((len(part) * BATCHES, *part.shape[1:]), part.dtype) for part in (y, y_pred))
        start, stop = self.rows, self.rows + len(y)
        if stop > len(self._room[0]):
            return False
        for room, part in zip(self._room, (y, y_pred), strict=True):
            room[start:stop] = part
        self.rows = stop
        return True

    def take(self) -> tuple[np.ndarray, ...]:
        """All that wait; the next ones begin anew."""
        rows, self.rows = self.rows, 0
        return tuple(room[:rows] for room in self._room)
