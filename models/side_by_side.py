"""Side by side: batches at inference, each taken whole by whoever is free, the model itself or one of the hands."""

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from .batches import Batch
from .hands import AHEAD, Hands, Ran, standing

if TYPE_CHECKING:
    from .model import Model

SEEN = 3  # batches that are looked at before they are begun: two to share, and one that may be left over
ITSELF = -1  # in place of the number of one of the hands
LATE = 4  # batches for each that takes part, that may be finished before an earlier one is


class Taken:
    """A batch that one of the hands takes, or the model itself; and what came of it, once that is known."""

    def __init__(self, batch: Batch, by: int, ran: Ran | None = None):
        self.batch, self.by, self.ran = batch, by, ran


class SideBySide:
    """Batches of one shape, the last one perhaps smaller, each with what came of it, in their order.

    The hands are given a batch ahead, so that they never wait; the model takes one where all hands have enough to do.
    Who takes a batch depends on how fast each is, its numbers do not.

    coming : after all others, the batch that is left over, where these could be shared evenly: it is to be split
    last   : how many come, if it is known that the hands are not wanted after these: they end while the model does one
    """

    def __init__(self, model: "Model", hands: Hands, batches: Iterator[Batch], last: int | None = None):
        self.model, self.hands, self._batches, self._last = model, hands, batches, last
        self.coming: deque[Batch] = deque()
        self._number = 0  # of the next one
        self._taken: deque[Taken] = deque()  # in their order
        self._theirs: list[deque[Taken]] = [deque() for _ in range(hands.count)]  # what each of the hands has begun

    def __iter__(self) -> Iterator[tuple[Batch, Ran]]:
        late = LATE * (self.hands.count + 1)
        while left := self._left():
            hand = min(range(self.hands.count), key=lambda number: len(self._theirs[number]))
            if left > 1 and len(self._theirs[hand]) < AHEAD:
                self._give(hand)
            else:
                self._take()
            for number, begun in enumerate(self._theirs):
                while begun and self.hands.is_done(number):
                    self._receive(number)
            while self._taken and (self._taken[0].ran or len(self._taken) > late):
                yield self._first()
        while self._taken:
            yield self._first()

    def _left(self) -> int:
        """How many batches are left to take whole, as far as they are looked at."""
        self.coming.extend(islice(self._batches, SEEN - len(self.coming)))
        left, sharing = len(self.coming), self.hands.count + 1
        return left - 1 if left < SEEN and (self._number + left) % sharing == 1 else left

    def _next(self) -> Batch:
        self._number += 1
        return self.coming.popleft()

    def _give(self, number: int) -> None:
        taken = Taken(self._next(), number)
        self.hands.begin(number, taken.batch.x, training=False)
        self._taken.append(taken)
        self._theirs[number].append(taken)

    def _take(self) -> None:
        if self._number + 1 == self._last:
            self.hands.end()
        run = standing(self.model.run) if self._taken else self.model.run  # it may be done before those are
        batch = self._next()
        self._taken.append(Taken(batch, ITSELF, run(batch.x, training=False, keep=False)))

    def _receive(self, number: int) -> Ran:
        ran = self._theirs[number].popleft().ran = self.hands.finish(number)
        return ran

    def _first(self) -> tuple[Batch, Ran]:
        """The first of those that were taken; waits for it."""
        first = self._taken.popleft()
        return first.batch, first.ran or self._receive(first.by)
