"""Epochs: runs of batches from a source, and the place in them, which can be kept and come back to."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..utils.advice import advise
from .batches import Batch
from .sources import Source


class Epochs:
    """The epochs of a source, each a run of batches: all of them, or `steps` at a time, beginning anew at the end.

    Its place: `passes` times through the source are done, and of the next, whose order was drawn from the generator in
    the state `begun`, `taken` batches were taken.
    """

    def __init__(self, source: Source, steps: int | None, limit: int | None, rng: np.random.Generator | None = None):
        self.source, self.rng = source, rng
        self.steps = steps if steps is not None else source.steps
        self.bounded = steps is not None
        if limit is not None:
            self.steps, self.bounded = min(limit, self.steps or limit), True
        self.running: Iterator[Batch] | None = None
        self.passes = self.taken = 0
        self.begun: dict[str, Any] | None = None

    def __iter__(self) -> Iterator[Batch]:
        return self.epoch()

    def epoch(self, done: int = 0) -> Iterator[Batch]:
        """The batches of an epoch that are left when `done` of them are trained on."""
        if not self.bounded:
            while (batch := self._take()) is not None:
                yield batch
            return
        for number in range(done, self.steps or 0):
            batch = self._take() or self._take()  # a source that came to its end begins again, but for a generator
            if batch is None:
                if number:
                    advise("the generator ran out of data before the epoch's steps were done")
                return
            yield batch

    def _take(self) -> Batch | None:
        """The next batch of the way through the source, or of a new one; None at its end."""
        if self.running is None:
            self.begun = None if self.rng is None else dict(self.rng.bit_generator.state)
            self.source.begin_epoch()
            self.running, self.taken = self.source.epoch(self.rng), 0
        batch = next(self.running, None)
        if batch is None:
            self.source.finish_epoch()
            self.running, self.passes = None, self.passes + 1
        else:
            self.taken += 1
        return batch

    def begin_anew(self) -> None:
        """Let the next epoch begin with the first batch again; a generator goes on, for it gives each batch once."""
        if self.running is not None and self.source.begins_anew:
            self.source.finish_epoch()
            self.running, self.passes = None, self.passes + 1

    # -- its place
    def describe(self) -> dict[str, Any]:
        """What tells these epochs from others."""
        steps = self.steps if self.bounded else None
        return self.source.describe() | {"steps": steps, "shuffle": self.rng is not None}

    def get_state(self) -> dict[str, Any]:
        """Its place, for `set_state`."""
        return {
            "passes": self.passes,
            "taken": None if self.running is None else self.taken,
            "begun": self.begun,
            "source": self.source.get_state(),
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Go to the place that `get_state` gave."""
        self.passes, self.taken, self.begun = state["passes"], state["taken"] or 0, state["begun"]
        if self.rng is not None and state["taken"] is not None:
            self.rng.bit_generator.state = self.begun
        self.running = self.source.go_to(state["source"], self.passes, state["taken"], self.rng)
