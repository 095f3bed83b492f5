"""Threads: a split batch gives what a whole one gives, the same each time, and nothing is split that must not be."""

import os
import subprocess
import sys
import threading

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, config, layers
from lamina.errors import OptionError
from lamina.models import passes
from lamina.ops.product import product
from lamina.utils.threads import Crew, at_work, blas_threads, shares

rng = np.random.default_rng(0)
X = rng.normal(size=(44, 8, 8, 2)).astype("float64")
Y = rng.integers(0, 3, 44)


@pytest.fixture(autouse=True)
def everything_is_worth_it(monkeypatch):
    monkeypatch.setattr(passes, "ENOUGH", 1)
    lamina.config.set_floatx("float64")
    yield
    lamina.config.set_floatx("float32")
    config.set_threads(None)


def images(*more):
    lamina.utils.set_random_seed(3)
    model = Sequential(
        [
            Input((8, 8, 2)),
            layers.Conv2D(4, 3, activation="relu", kernel_regularizer="l2"),
            layers.MaxPooling2D(),
            Sequential([layers.Conv2D(3, 2, activation="tanh")]),
            *more,
            layers.Flatten(),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def fitted(threads, *more, epochs=3):
    config.set_threads(threads)
    model = images(*more)
    weight = np.linspace(0.5, 1.5, len(X))
    data = X[:9], Y[:9]
    history = model.fit(X, Y, batch_size=16, epochs=epochs, verbose=0, sample_weight=weight, validation_data=data)
    return model, history.history


def test_a_split_batch_gives_what_a_whole_one_gives():
    (whole, history), *others = [fitted(threads) for threads in (1, 2, 3)]
    for split, other in others:
        for a, b in zip(whole.get_weights(), split.get_weights(), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
        for name, values in history.items():
            np.testing.assert_allclose(values, other[name], rtol=1e-9)
        np.testing.assert_allclose(whole.predict(X, verbose=0), split.predict(X, verbose=0), rtol=1e-9)


def test_the_batch_is_split(monkeypatch):
    ran = set()
    forward = layers.Conv2D.forward

    def watched(self, x, training=False):
        ran.add((threading.current_thread() is threading.main_thread(), len(x)))
        return forward(self, x, training)

    monkeypatch.setattr(layers.Conv2D, "forward", watched)
    fitted(2)
    assert ran == {(True, 8), (False, 8), (True, 6), (False, 6), (True, 5), (False, 4)}


def test_the_same_each_time_with_draws():
    runs = [
        fitted(2, layers.Dropout(0.3, seed=1), layers.GaussianNoise(0.1, seed=2))[0].get_weights() for _ in range(2)
    ]
    assert all(np.array_equal(a, b) for a, b in zip(*runs, strict=True))


def test_each_part_draws_for_itself():
    config.set_threads(2)
    model = Sequential([Input((50,)), layers.Dropout(0.5)])
    with passes.Passes(model) as both:
        y, _ = both.forward(np.ones((16, 50)), training=True)
        again, _ = both.forward(np.ones((16, 50)), training=True)
    assert not np.array_equal(y[:8], y[8:])
    assert not np.array_equal(y, again)
    assert 0.35 < (y == 0).mean() < 0.65


class Mean(layers.Layer):
    """A layer of a user's, in which samples meet."""

    def forward(self, x, training=False):
        return x - x.mean(axis=0)

    def backward(self, dy):
        return dy - dy.mean(axis=0)


class Twice(layers.Layer):
    """A layer of a user's, which says that they do not."""

    def forward(self, x, training=False):
        return 2 * x

    def backward(self, dy):
        return 2 * dy

    def couples_batch(self, training):
        return False


SPLIT = {
    "own": (lambda: [layers.Dense(2)], (True, True)),
    "batch normalization": (lambda: [layers.BatchNormalization()], (False, True)),
    "a frozen one": (lambda: [layers.BatchNormalization(trainable=False)], (True, True)),
    "one within a model": (lambda: [Sequential([layers.BatchNormalization()])], (False, True)),
    "a user's layer": (lambda: [Mean()], (False, False)),
    "a user's layer that says it may": (lambda: [Twice()], (True, True)),
    "dropout shared by samples": (lambda: [layers.Dropout(0.5, noise_shape=(1, 3))], (False, True)),
    "draws that can't be told apart": (
        lambda: [layers.Dropout(0.5, seed=np.random.Generator(np.random.SFC64(1)))],
        (False, False),
    ),
    "a penalty on activities": (lambda: [layers.Dense(2, activity_regularizer="l2")], (False, True)),
    "recurrence": (lambda: [layers.Reshape((3, 1)), layers.LSTM(2)], (False, False)),
}


@pytest.mark.parametrize("name", SPLIT)
def test_what_may_be_split(name):
    make, expected = SPLIT[name]
    model = Sequential([Input((3,)), *make()])
    assert tuple(passes.pays(model, (16, 3), 2, training) for training in (True, False)) == expected
    assert not passes.pays(model, (7, 3), 2, training=False)


def test_a_layer_that_is_frozen_between_epochs_is_frozen_in_every_part():
    class Freeze(lamina.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.layers[0].trainable = epoch > 0
            self.kernels = [*getattr(self, "kernels", []), self.model.layers[0].kernel.numpy()]

    config.set_threads(2)
    model, freeze = images(), Freeze()
    model.fit(X, Y, batch_size=16, epochs=3, verbose=0, callbacks=[freeze])
    first, second, third = freeze.kernels
    assert np.array_equal(first, second) and not np.array_equal(second, third)
    whole = images()
    config.set_threads(1)
    whole.fit(X, Y, batch_size=16, epochs=3, verbose=0, callbacks=[Freeze()])
    np.testing.assert_allclose(third, whole.layers[0].kernel.value, rtol=1e-9, atol=1e-12)


def test_an_error_in_a_part_reaches_the_caller():
    class Fussy(Twice):
        def forward(self, x, training=False):
            if (x > 15).any():
                raise ArithmeticError("too large")
            return x

    config.set_threads(2)
    model = Sequential([Input((1,)), Fussy()])
    with passes.Passes(model) as both, pytest.raises(ArithmeticError, match="too large"):
        both.forward(np.arange(17.0)[:, None], training=False)


def test_two_models_in_two_threads():
    alone = [fitted(2)[0].get_weights() for _ in range(2)]
    config.set_threads(2)
    models = [images(), images()]
    weight = np.linspace(0.5, 1.5, len(X))
    threads = [
        threading.Thread(
            target=model.fit, args=(X, Y, 16, 3, 0), kwargs={"sample_weight": weight, "validation_data": (X[:9], Y[:9])}
        )
        for model in models
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for model, weights in zip(models, alone, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), weights, strict=True))


def test_crew_gives_results_in_order_and_keeps_the_context():
    with Crew(3) as crew, np.errstate(over="raise"):
        parts = [lambda n=n: (n, np.geterr()["over"]) for n in range(7)]
        assert crew.run(parts) == [(n, "raise") for n in range(7)]


@pytest.mark.parametrize("count, parts", [(7, 2), (6, 3), (2, 3), (0, 2)])
def test_shares_cover_all(count, parts):
    found = [list(range(count))[part] for part in shares(count, parts)]
    assert [number for part in found for number in part] == list(range(count))
    assert max(map(len, found)) - min(map(len, found)) <= 1


def test_blas_has_as_few_threads_as_anyone_asks_for():
    from threadpoolctl import threadpool_info

    with blas_threads(1):
        held = {
            library.filepath for library in lamina.utils.threads._blas.libraries
        }  # NumPy's; SciPy brings its own when it is used

    def now():
        return [library["num_threads"] for library in threadpool_info() if library["filepath"] in held]

    before = now()
    with blas_threads(1):
        assert set(now()) == {1}
        with blas_threads(2):
            assert set(now()) == {1}
    assert now() == before


def test_how_many_threads():
    code = "from lamina import config; print(config.threads())"

    def threads(**environment):
        own = {name: value for name, value in os.environ.items() if not name.endswith("_THREADS")}
        run = subprocess.run(
            [sys.executable, "-P", "-c", code], env=own | environment, capture_output=True, text=True, check=False
        )
        return run.stdout.strip() or run.stderr.strip().splitlines()[-1]

    assert threads() == str(config.cores())
    assert threads(OMP_NUM_THREADS="5") == "5"
    assert threads(OMP_NUM_THREADS="5", LAMINA_THREADS="3") == "3"
    assert "LAMINA_THREADS: expected a whole number of 1 or more, received 'many'" in threads(LAMINA_THREADS="many")
    config.set_threads(4)
    assert config.threads() == 4
    with pytest.raises(OptionError, match=r"set_threads: expected a whole number of 1 or more, received 0"):
        config.set_threads(0)


@pytest.mark.parametrize("shape", [(5, 3, 9), (9, 3, 5), (1, 4, 1), (8, 6, 8)])
def test_a_shared_product_is_the_product(monkeypatch, shape):
    monkeypatch.setattr(lamina.ops.product, "LARGE", 1)
    m, k, n = shape
    a, b = rng.normal(size=(k, m)).T, rng.normal(size=(k, n))
    room = np.zeros((m, n))
    with Crew(2):
        shared, written = product(a, b), product(a, b, out=room)
    assert written is room
    np.testing.assert_allclose(shared, a @ b, rtol=1e-14)
    np.testing.assert_allclose(room, a @ b, rtol=1e-14)


def test_a_large_product_is_shared_and_a_part_shares_no_more(monkeypatch):
    monkeypatch.setattr(lamina.ops.product, "LARGE", 1)
    at, shapes = [], []
    matmul = np.matmul

    def watched(a, b, out):
        at.append(at_work())
        shapes.append(out.shape)
        return matmul(a, b, out=out)

    monkeypatch.setattr(np, "matmul", watched)
    with Crew(2) as crew:
        assert at_work() is crew
        product(np.ones((2, 3)), np.ones((3, 6)))
    assert at_work() is None
    assert at == [None, None] and shapes == [(2, 3), (2, 3)]


def test_wide_dense_layers_give_the_same_with_threads(monkeypatch):
    monkeypatch.setattr(lamina.ops.product, "LARGE", 1)
    monkeypatch.setattr(lamina.optimizers.base, "SHARED", 1)
    monkeypatch.setattr(passes, "ENOUGH", 10**9)

    def weights(threads):
        config.set_threads(threads)
        lamina.utils.set_random_seed(5)
        model = Sequential([Input((6,)), layers.Dense(40, activation="tanh"), layers.Dense(3, activation="softmax")])
        model.compile("adam", "sparse_categorical_crossentropy")
        model.fit(X[:, 0, :3].reshape(44, 6), Y, epochs=3, verbose=0)
        return model.get_weights()

    for a, b in zip(weights(1), weights(2), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def test_any_thread_may_limit_the_blas():
    """Whoever limited it first is not the only one who can."""
    found = []

    def limited():
        with blas_threads(1):
            found.extend(library.get_num_threads() for library in lamina.utils.threads._blas.libraries)

    limited()
    thread = threading.Thread(target=limited)
    thread.start()
    thread.join()
    assert found and set(found) == {1}
