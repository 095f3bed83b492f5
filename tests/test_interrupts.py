"""Ctrl-C comes between two updates, never within one; and handlers are what they were afterwards."""

import os
import signal
import threading
import time

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, callbacks, layers
from lamina.callbacks import BackupAndRestore, Callback
from lamina.optimizers import SGD

X = np.random.default_rng(0).normal(size=(32, 4)).astype("float32")
Y = X[:, :1]


@pytest.fixture(autouse=True)
def python_hears_it():
    """Also where the tests run in a background job, which a shell lets ignore the signal."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Interrupted(SGD):
    """Is interrupted in the third update, before the first of its variables or after it."""

    elementwise = False
    at = 5

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.calls = 0

    def update_step(self, g, w, rate, room, m=None):
        self.calls += 1
        if self.calls == self.at:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0)  # Python hears it here
        super().update_step(g, w, rate, room, m)


class Interrupts(Callback):
    def __init__(self, event):
        setattr(self, event, lambda *_: os.kill(os.getpid(), signal.SIGINT))


def model(optimizer=None):
    lamina.utils.set_random_seed(1)
    made = Sequential([Input((4,)), layers.Dense(1)])
    made.compile(optimizer or SGD(0.1), "mse")
    return made


def weights_after(steps):
    twin = model()
    for _ in range(steps):
        twin.train_on_batch(X, Y)
    return twin.get_weights()


def fitted(made, **options):
    return made.fit(X, Y, batch_size=32, shuffle=False, verbose=0, **options)


@pytest.mark.parametrize("at", [5, 6])
def test_an_update_is_whole(at):
    broken = model(Interrupted(0.1))
    broken.optimizer.at = at
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        fitted(broken, epochs=9)
    assert int(broken.optimizer.iterations.value) == 3 and broken.optimizer.calls == 6
    for one, other in zip(broken.get_weights(), weights_after(3), strict=True):
        np.testing.assert_array_equal(one, other)
    assert broken.history.epoch == [0, 1]
    assert signal.getsignal(signal.SIGINT) is before
    assert fitted(broken, epochs=2).epoch == [0, 1]


def test_the_last_update_of_a_run():
    broken = model(Interrupted(0.1))
    with pytest.raises(KeyboardInterrupt):
        fitted(broken, epochs=3)
    assert int(broken.optimizer.iterations.value) == 3


def test_an_average_is_set_whole(monkeypatch):
    """At the end of a run, where the weights become their averages: it is done, then the interrupt comes."""
    broken = model(SGD(0.1, use_ema=True))
    assign = lamina.Variable.assign

    def interrupted(variable, value):
        monkeypatch.undo()
        os.kill(os.getpid(), signal.SIGINT)
        return assign(variable, value)

    class AtTheEnd(Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 2:
                monkeypatch.setattr(lamina.Variable, "assign", interrupted)

    twin = model(SGD(0.1, use_ema=True))
    fitted(twin, epochs=3)
    with pytest.raises(KeyboardInterrupt):
        fitted(broken, epochs=3, callbacks=[AtTheEnd()])
    for one, other in zip(broken.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("event", ["on_train_begin", "on_train_batch_begin", "on_train_batch_end", "on_epoch_end"])
def test_elsewhere_it_comes_at_once(event):
    made = model()
    with pytest.raises(KeyboardInterrupt):
        fitted(made, callbacks=[Interrupts(event)])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_run_within_a_run_is_left_by_the_same_interrupt():
    inner, epochs = model(Interrupted(0.1)), []

    class Within(Callback):
        def on_train_batch_begin(self, batch, logs=None):
            try:
                fitted(inner, epochs=9)
            finally:
                epochs.append(len(inner.history.epoch))

    with pytest.raises(KeyboardInterrupt):
        fitted(model(), callbacks=[Within()])
    assert epochs == [2]


def test_the_backup_holds_the_step(tmp_path):
    keep = [BackupAndRestore(tmp_path, save_freq=1)]
    with pytest.raises(KeyboardInterrupt):
        fitted(model(Interrupted(0.1)), epochs=9, callbacks=keep)
    gone_on = model(Interrupted(0.1))
    gone_on.optimizer.at = 0
    fitted(gone_on, epochs=5, callbacks=keep)
    assert gone_on.optimizer.calls == 2 * 2  # the fourth and the fifth
    for one, other in zip(gone_on.get_weights(), weights_after(5), strict=True):
        np.testing.assert_array_equal(one, other)


def test_another_handler_stays():
    heard = []
    before = signal.signal(signal.SIGINT, lambda *_: heard.append(1))
    try:
        fitted(model(Interrupted(0.1)), epochs=4)
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard == [1]


def test_in_another_thread_no_handler_is_set():
    found = []

    class Look(callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=lambda: fitted(model(), callbacks=[Look()]))
    thread.start()
    thread.join()
    assert found == [signal.default_int_handler]
