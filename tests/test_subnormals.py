"""Subnormal numbers: a training step takes them for zero, and nobody else notices."""

import threading

import numpy as np
import pytest

import lamina
from lamina.callbacks import Callback
from lamina.layers import Dense, Embedding, Flatten
from lamina.models import Sequential
from lamina.utils import processes
from lamina.utils.subnormals import control, keep_subnormals, without_subnormals

TINY = np.full(8, np.finfo(np.float32).tiny)  # the smallest normal number
KEPT = control() is None  # where the processor's mode is not known, all stays as it was


def half() -> np.ndarray:
    return TINY / 2


def is_subnormal(x: np.ndarray) -> np.ndarray:
    return (x != 0) & (abs(x) < np.finfo(x.dtype).tiny)


def test_they_are_zero_within_and_only_there():
    def twice():
        return without_subnormals(half)().any(), half().any()

    assert without_subnormals(twice)() == (KEPT, KEPT)
    assert half().all()


def test_an_error_leaves_the_processor_as_it_was():
    with pytest.raises(ZeroDivisionError):
        without_subnormals(lambda: 1 / 0)()
    assert half().all()


def test_a_thread_can_keep_them():
    found = []

    def look():
        found.append(half().any())
        keep_subnormals()
        found.append(half().any())

    def start():
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()

    without_subnormals(start)()
    assert found == [KEPT, True]


def rare_words(monkeypatch, forks: bool) -> Sequential:
    """A model after steps in which only the first had the higher words: long enough for their momentum to vanish."""
    monkeypatch.setattr(processes, "AVAILABLE", forks)
    monkeypatch.setattr("lamina.models.passes.pays", lambda *_: True)
    lamina.utils.set_random_seed(1)
    model = Sequential([Embedding(64, 4, input_length=3), Flatten(), Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy")
    rng = np.random.default_rng(1)
    x = np.concatenate([np.arange(48).reshape(16, 3) % 64, rng.integers(0, 8, (16 * 999, 3))])
    model.fit(x, x.sum(axis=1) % 2, batch_size=16, shuffle=False, verbose=0)
    return model


@pytest.mark.parametrize("forks", [True, False], ids=["processes", "threads"])
def test_momentum_without_gradients_ends_at_zero(monkeypatch, forks):
    model = rare_words(monkeypatch, forks)
    momentum, velocity = (model.optimizer.flats[0].slots[symbol] for symbol in "mv")
    rare = slice(8 * 4, 48 * 4)  # the rows of those words
    assert is_subnormal(momentum[rare]).all() == KEPT
    assert momentum[rare].any() == KEPT
    assert velocity[rare].all()  # it shrinks more slowly


def test_processes_and_threads_agree(monkeypatch):
    ours, theirs = (rare_words(monkeypatch, forks).get_weights() for forks in (True, False))
    assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))


def test_what_is_a_users_own_runs_as_ever():
    seen = {}

    class Looks(Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen["callback"] = half().all()

    def batches():
        while True:
            seen["data"] = half().all()
            yield np.ones((4, 2), "float32"), np.ones((4, 1), "float32")

    model = Sequential([Dense(1)])
    model.compile("sgd", "mse")
    model.fit(batches(), steps_per_epoch=2, callbacks=[Looks()], verbose=0)
    assert seen == {"callback": True, "data": True}
    assert half().all()
