"""Whole batches at inference, shared by the model itself and its hands: who takes which, and in what order they come."""

import threading
from types import SimpleNamespace

import numpy as np
import pytest

from lamina import Sequential, config, layers
from lamina.models import worth
from lamina.models.batches import Batch
from lamina.models.side_by_side import SideBySide
from lamina.utils import processes


class Hands:
    """Hands of this or that speed, with a clock that moves by 1 with each batch of the model's own."""

    def __init__(self, *durations):
        self.count, self.durations, self.begun = len(durations), durations, [[] for _ in durations]
        self.taken, self.clock, self.free = [], 0.0, [0.0] * len(durations)
        self.model = SimpleNamespace(run=self.run)

    def run(self, x, training, keep):
        self.clock += 1
        self.taken.append(("model", int(x[0])))
        return x + 100, None

    def begin(self, number, x, training):
        self.taken.append((number, int(x[0])))
        self.free[number] = max(self.free[number], self.clock) + self.durations[number]
        self.begun[number].append((self.free[number], x))
        assert len(self.begun[number]) <= 2

    def is_done(self, number):
        return self.begun[number][0][0] <= self.clock

    def finish(self, number):
        at, x = self.begun[number].pop(0)
        self.clock = max(self.clock, at)
        return x + 100, None

    def end(self):
        self.taken.append(("end", -1))

    def of(self, who):
        return [x for taker, x in self.taken if taker == who]


def shared(hands, count, last=None):
    """What comes of so many batches, and what is left over."""
    side_by_side = SideBySide(hands.model, hands, (Batch(np.array([number])) for number in range(count)), last)
    found = [(int(batch.x[0]), int(y[0])) for batch, (y, mask) in side_by_side]
    assert found == [(number, number + 100) for number in range(len(found))]
    return [int(batch.x[0]) for batch in side_by_side.coming]


@pytest.mark.parametrize("count", range(12))
@pytest.mark.parametrize("durations", [(1,), (3,), (0.3,), (1, 1), (5, 0.5), (1, 2, 3)])
def test_all_batches_come_in_their_order_and_one_that_is_over_is_left(durations, count):
    hands = Hands(*durations)
    over = shared(hands, count)
    assert over == ([count - 1] if count % (len(durations) + 1) == 1 else [])
    assert sorted(x for _, x in hands.taken) == list(range(count - len(over)))


@pytest.mark.parametrize(("duration", "most"), [(3, 21), (2, 18), (0.5, 9)])
def test_who_is_faster_takes_more(duration, most):
    hands = Hands(duration)
    shared(hands, 24)
    assert hands.clock <= most
    assert (len(hands.of("model")) > len(hands.of(0))) == (duration > 1)


def test_those_of_equal_speed_take_equally_many():
    hands = Hands(1, 1)
    shared(hands, 12)
    assert [len(hands.of(who)) for who in (0, 1, "model")] == [4, 4, 4]
    assert hands.clock == 4


def test_few_batches_are_shared_evenly():
    for count in (2, 3, 4, 5):
        hands = Hands(1)
        shared(hands, count)
        assert len(hands.of(0)) == len(hands.of("model")) == count // 2


@pytest.mark.parametrize("durations", [(1,), (3,), (0.3,), (1, 1)])
def test_hands_that_are_not_wanted_any_more_end_while_the_model_does_the_last_one(durations):
    hands = Hands(*durations)
    shared(hands, 12, last=12)
    assert hands.taken[-2:] == [("end", -1), ("model", 11)]
    assert hands.of("end") == [-1]


@pytest.mark.parametrize(("count", "last"), [(12, None), (12, 13), (12, 24), (13, 13)])
def test_hands_that_may_be_wanted_stay(count, last):
    hands = Hands(1)
    over = shared(hands, count, last)  # thirteen: one is left over, and is to be split
    assert hands.of("end") == [] and len(over) == count % 2


def test_one_that_hangs_does_not_have_all_others_wait_in_memory():
    hands, drawn, most = Hands(1000), [], []
    batches = (drawn.append(number) or Batch(np.array([number])) for number in range(60))
    for number, _ in enumerate(SideBySide(hands.model, hands, batches)):
        most.append(len(drawn) - number)
    assert max(most) <= 13


def test_no_more_is_drawn_ahead_than_it_takes():
    drawn = []

    def batches():
        for number in range(9):
            drawn.append(number)
            yield Batch(np.array([number]))

    hands = Hands(1)
    next(iter(SideBySide(hands.model, hands, batches())))
    assert len(drawn) <= 6


def test_what_the_model_made_stands_while_it_makes_the_next():
    place = np.zeros(1)

    class Filling(Hands):
        def run(self, x, training, keep):
            place[...] = super().run(x, training, keep)[0]
            return place, None

    hands = Filling(4)
    shared(hands, 10)


@pytest.fixture
def three_threads():
    config.set_threads(3)
    yield
    config.set_threads(None)


@pytest.mark.usefixtures("three_threads")
def test_a_thread_does_its_batches_one_after_another(monkeypatch):
    monkeypatch.setattr(processes, "AVAILABLE", False)
    monkeypatch.setattr(worth, "ENOUGH", 1)
    within, most, forward = {}, [], layers.Flatten.forward

    def slow(self, x, training=False):
        within[id(self)] = within.get(id(self), 0) + 1
        most.append(within[id(self)])
        threading.Event().wait(0.02 if x[0, 0] % 2 else 0.001)
        within[id(self)] -= 1
        return forward(self, x, training)

    monkeypatch.setattr(layers.Flatten, "forward", slow)
    x = np.repeat(np.arange(9.0, dtype="float32"), 12)[:, None] * np.ones(64, "float32")
    assert np.array_equal(Sequential([layers.Input((64,)), layers.Flatten()]).predict(x, 12, verbose=0), x)
    assert len(within) == 3 and set(most) == {1}
