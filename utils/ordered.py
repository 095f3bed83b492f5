"""Samples by number, in an order that may be drawn anew for each epoch, as batches."""

import math
from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from ..errors import StateError
from .data import PyDataset
from .state import recall


class Ordered(PyDataset, ABC):
    """Batches of samples that have numbers. A subclass writes `samples`, which makes those of some numbers.

    order      : the numbers, in their order
    batch_size : of each batch but the last; None: single samples come
    rng        : what draws a new order after each epoch; None: it stays
    """

    in_order = True  # as Keras's: `shuffle` says whether they are drawn anew

    def __init__(self, order: np.ndarray, batch_size: int | None, rng: np.random.Generator | None = None):
        super().__init__()
        self.order, self.batch_size, self.rng = order, batch_size, rng
        self.on_epoch_end()

    @abstractmethod
    def samples(self, numbers: Any) -> Any:
        """The batch of these numbers, or the sample of one."""

    def __len__(self) -> int:
        return math.ceil(len(self.order) / (self.batch_size or 1))

    def __getitem__(self, index: int) -> Any:
        first = range(len(self))[index] * (self.batch_size or 1)  # refuses a batch that there is not
        return self.samples(self.order[first if self.batch_size is None else slice(first, first + self.batch_size)])

    def get_state(self) -> dict[str, Any]:
        """The order, and the generator that draws the next one, if one is drawn."""
        return {} if self.rng is None else {"order": self.order, "rng": self.rng}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from what `get_state` gave. Raises StateError for the state of other samples."""
        kept, own = (np.sort(order) for order in (state.get("order", self.order), self.order))
        if ("rng" in state) != (self.rng is not None) or not np.array_equal(kept, own):
            raise StateError("the state kept is of other samples", mend="make them as they were made then")
        recall(self, {name: part.copy() if name == "order" else part for name, part in state.items()})

    def on_epoch_end(self) -> None:
        """Draw a new order, if one is drawn."""
        if self.rng is not None:
            self.rng.shuffle(self.order)
