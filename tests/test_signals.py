"""Signals while helpers are called in and sent away: none is lost, and none leaves a process or a limit behind."""

import os
import signal
import threading
import time

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, config, layers
from lamina.models import worth
from lamina.utils import threads
from lamina.utils.processes import Helper
from lamina.utils.signals import heard_later

X = np.random.default_rng(0).normal(size=(64, 6)).astype("float32")
Y = X[:, :1]
ROUND = {"batch_size": 32, "verbose": 0}
CALLS = {
    "fit": lambda model, **options: model.fit(X, Y, **ROUND, **options),
    "evaluate": lambda model, **options: model.evaluate(X, Y, **ROUND, **options),
    "predict": lambda model, **options: model.predict(X, **ROUND, **options),
}


def interrupt():
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0)  # Python hears it here


@pytest.fixture(autouse=True)
def python_hears_it(monkeypatch):
    """Also where the tests run in a background job, which a shell lets ignore the signal."""
    for limit in ("ENOUGH", "STEP", "CALL"):
        monkeypatch.setattr(worth, limit, 1)
    config.set_threads(2)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def forked(monkeypatch):
    """The processes that are forked."""
    found, fork = [], os.fork

    def watched():
        found.append(fork())
        return found[-1]

    monkeypatch.setattr(os, "fork", watched)
    return found


@pytest.fixture
def model():
    made = Sequential([Input((6,)), layers.Dense(8, activation="relu"), layers.Dense(1)])
    made.compile("adam", "mse")
    for call in CALLS.values():
        call(made)
    return made


def nothing_is_left(model, forked, files):
    for pid in forked:
        with pytest.raises(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
    assert forked and len(os.listdir("/proc/self/fd")) == files
    assert not threads._blas.limits
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    for weight in model.weights:
        bottom = weight.value if weight.value.base is None else weight.value.base
        assert bottom.flags.owndata


@pytest.mark.parametrize("call", CALLS)
def test_one_that_comes_while_python_forks(monkeypatch, forked, model, call):
    """What a handler raises there is not heard of: hooks of modules run then, and Python goes on after an error in one."""
    files, fork = len(os.listdir("/proc/self/fd")), os.fork

    def interrupted():
        pid = fork()
        if pid != 0:
            try:
                interrupt()
            except KeyboardInterrupt:
                pytest.fail("it is lost")
        return pid

    monkeypatch.setattr(os, "fork", interrupted)
    with pytest.raises(KeyboardInterrupt):
        CALLS[call](model)
    nothing_is_left(model, forked, files)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("place", [(Helper, "close"), (threads._Blas, "leave")], ids=["process", "limit"])
def test_again_and_again(monkeypatch, forked, model, call, place):
    class Stop(lamina.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            interrupt()

        on_test_batch_end = on_predict_batch_end = on_train_batch_end

    files, do = len(os.listdir("/proc/self/fd")), getattr(*place)

    def interrupted(self, *given):
        interrupt()
        do(self, *given)

    monkeypatch.setattr(*place, interrupted)
    with pytest.raises(KeyboardInterrupt):
        CALLS[call](model, callbacks=[Stop()])
    nothing_is_left(model, forked, files)


def test_one_that_comes_while_the_blas_is_limited(monkeypatch, model):
    put = threads._Blas.set

    def interrupted(self):
        put(self)
        monkeypatch.undo()
        interrupt()

    monkeypatch.setattr(threads._Blas, "set", interrupted)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, verbose=0)
    assert not threads._blas.limits


class TestHeardLater:
    def test_at_the_end(self):
        heard = []
        before = signal.signal(signal.SIGUSR1, lambda number, frame: heard.append(number))
        mine = signal.getsignal(signal.SIGUSR1)
        try:
            with pytest.raises(KeyboardInterrupt), heard_later():
                interrupt()
                os.kill(os.getpid(), signal.SIGUSR1)
                time.sleep(0)
                assert not heard
            assert heard == [signal.SIGUSR1]
            assert signal.getsignal(signal.SIGUSR1) is mine
        finally:
            signal.signal(signal.SIGUSR1, before)

    def test_one_that_comes_while_handlers_are_put_back(self, monkeypatch):
        put, calls = signal.signal, []

        def raising(number, handler):
            calls.append(number)
            if len(calls) == 2:  # the first one of those that are put back
                raise KeyboardInterrupt
            return put(number, handler)

        before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
        monkeypatch.setattr(signal, "signal", raising)
        with pytest.raises(KeyboardInterrupt), heard_later():
            pass
        assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before

    def test_in_another_thread_nothing_changes(self):
        found = []

        def look():
            with heard_later():
                found.append(signal.getsignal(signal.SIGINT))

        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        assert found == [signal.default_int_handler]
