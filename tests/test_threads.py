"""Split batches: they give what whole ones give, the same each time, and nothing is split that must not be."""

import mmap
import os
import select
import signal
import subprocess
import sys
import threading
import time
import warnings

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, activations, config, layers, losses
from lamina.errors import DataError, OptionError, StateError
from lamina.models import forks, passes, worth
from lamina.models.draws import Draws
from lamina.utils import processes
from lamina.utils.processes import Helper, SharedRoom
from lamina.utils.threads import blas_threads, shares

rng = np.random.default_rng(0)
X = rng.normal(size=(44, 8, 8, 2)).astype("float64")
Y = rng.integers(0, 3, 44)
WEIGHT = np.linspace(0.5, 1.5, len(X))


@pytest.fixture(autouse=True)
def everything_is_worth_it(monkeypatch):
    for limit in ("ENOUGH", "STEP", "CALL"):
        monkeypatch.setattr(worth, limit, 1)
    monkeypatch.setattr(forks, "LARGE", 1)
    monkeypatch.setattr(lamina.optimizers.base, "SHARED", 1)
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


def fitted(threads, *more, weight=WEIGHT, **options):
    config.set_threads(threads)
    model = images(*more)
    options = {"epochs": 3, "validation_data": (X[:9], Y[:9])} | options
    return model, model.fit(X, Y, batch_size=16, verbose=0, sample_weight=weight, **options).history


@pytest.fixture(params=["processes", "threads"])
def kind(request, monkeypatch):
    """What takes the other parts."""
    monkeypatch.setattr(processes, "AVAILABLE", request.param == "processes" and processes.AVAILABLE)
    return request.param


@pytest.fixture(params=[WEIGHT, None], ids=["weighted", "alike"])
def weight(request):
    """What each sample counts. Where all count alike, a part finds its share of the loss by itself."""
    return request.param


@pytest.mark.usefixtures("kind")
def test_a_split_batch_gives_what_a_whole_one_gives(weight):
    (whole, history), *others = [fitted(threads, weight=weight) for threads in (1, 2, 3)]
    for split, other in others:
        for a, b in zip(whole.get_weights(), split.get_weights(), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
        for name, values in history.items():
            np.testing.assert_allclose(values, other[name], rtol=1e-9)
        np.testing.assert_allclose(whole.predict(X, verbose=0), split.predict(X, verbose=0), rtol=1e-9)


def test_the_batch_is_split(monkeypatch):
    monkeypatch.setattr(processes, "AVAILABLE", False)
    ran = set()
    forward = layers.Conv2D.forward

    def watched(self, x, training=False):
        ran.add((threading.current_thread() is threading.main_thread(), len(x)))
        return forward(self, x, training)

    monkeypatch.setattr(layers.Conv2D, "forward", watched)
    fitted(2)
    assert ran == {(True, 8), (False, 8), (True, 6), (False, 6), (True, 5), (False, 4)}


def test_processes_take_parts_gradients_and_updates(monkeypatch, weight):
    asked = []
    ask = Helper.ask

    def watched(self, *request):
        asked.append(request[0])
        return ask(self, *request)

    monkeypatch.setattr(Helper, "ask", watched)
    fitted(2, weight=weight, epochs=1)
    passes_of_a_step = ["train"] if weight is None else ["forward", "backward"]
    assert asked == [*passes_of_a_step, "add_up", "sweep"] * 3 + ["forward"]


@pytest.mark.parametrize(
    "more",
    [
        (),
        (layers.Dropout(0.3, seed=1), layers.GaussianNoise(0.1, seed=2)),
        (layers.RandomFlip(seed=1), layers.RandomRotation(0.2, seed=2), layers.RandomBrightness(0.1, (-1, 1), seed=3)),
    ],
)
def test_threads_and_processes_give_the_same_numbers(monkeypatch, more, weight):
    def run():
        again = (type(layer)(**layer.get_config()) for layer in more)
        (model, history), place = fitted(3, *again, weight=weight), rng.normal()
        return [*model.get_weights(), *map(np.asarray, history.values()), model.predict(X, verbose=0)], place

    ours, _ = run()
    monkeypatch.setattr(processes, "AVAILABLE", False)
    theirs, _ = run()
    assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))


@pytest.mark.usefixtures("kind")
def test_the_same_each_time_with_draws(weight):
    runs = []
    for _ in range(2):
        draws = layers.Dropout(0.3, seed=1), layers.GaussianNoise(0.1, seed=2)
        runs.append(fitted(2, *draws, weight=weight)[0].get_weights())
    assert all(np.array_equal(a, b) for a, b in zip(*runs, strict=True))


@pytest.mark.usefixtures("kind")
def test_each_part_draws_for_itself():
    config.set_threads(2)
    model = Sequential([Input((50,)), layers.Dropout(0.5)])
    with passes.Passes(model) as both:
        y = both.forward(np.ones((16, 50)), training=True)[0].copy()
        again, _ = both.forward(np.ones((16, 50)), training=True)
    assert not np.array_equal(y[:8], y[8:])
    assert not np.array_equal(y, again)
    assert 0.35 < (y == 0).mean() < 0.65


@pytest.mark.parametrize("kind", [np.random.PCG64, np.random.PCG64DXSM, np.random.MT19937])
def test_parts_draw_from_where_numpy_jumps_to(kind):
    ours = np.random.Generator(kind(3))
    ours.random(5, np.float32)  # an odd number of halves: the other half is left for the next
    model = Sequential([Input((2,)), layers.Dropout(0.5, seed=ours), layers.Dropout(0.5, seed=4)])
    draws = Draws(model, 2)
    assert draws.states == [[], []]
    draws.look()
    before = draws.states
    for number, (state, _) in enumerate(before, start=1):
        np.testing.assert_equal(state, ours.bit_generator.jumped(number).state)
    draws.look()
    assert draws.states is before
    ours.random()
    draws.look()
    np.testing.assert_equal(draws.states[1][0], ours.bit_generator.jumped(2).state)
    np.testing.assert_equal(draws.states[1][1], before[1][1])


def test_a_part_draws_the_same_again_where_the_model_itself_drew_nothing():
    class Chance(layers.Layer):
        """Noise where x is 0."""

        def __init__(self):
            super().__init__()
            self.generator = np.random.default_rng(0)

        def forward(self, x, training=False):
            return self.generator.random(x.shape) if not x.any() else x

        def couples_batch(self, training):
            return False

    config.set_threads(2)
    x = np.array([[1.0]] * 8 + [[0.0]] * 8)
    with passes.Passes(Sequential([Input((1,)), Chance()])) as both:
        y, again = (both.forward(x, training=True)[0].copy() for _ in range(2))
    assert y[8:].all()
    np.testing.assert_array_equal(y, again)


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
    "a softmax over samples": (lambda: [layers.Softmax(axis=0)], (False, False)),
    "one over steps": (lambda: [layers.Reshape((3, 1)), layers.Softmax(axis=1)], (True, True)),
    "one of a dense layer": (lambda: [layers.Dense(2, activation=activations.Softmax((0, 1)))], (False, False)),
    "vectors of all samples": (lambda: [layers.UnitNormalization(axis=-2)], (False, False)),
    "vectors of one": (lambda: [layers.Reshape((3, 1)), layers.UnitNormalization(axis=-2)], (True, True)),
    "means of all samples": (lambda: [layers.LayerNormalization([0, 1], center=False, scale=False)], (False, False)),
    "a user's layer": (lambda: [Mean()], (False, False)),
    "a user's layer that says it may": (lambda: [Twice()], (True, True)),
    "dropout shared by samples": (lambda: [layers.Dropout(0.5, noise_shape=(1, 3))], (False, True)),
    "draws that can't be told apart": (
        lambda: [layers.Dropout(0.5, seed=np.random.Generator(np.random.SFC64(1)))],
        (False, False),
    ),
    "a penalty on activities": (lambda: [layers.Dense(2, activity_regularizer="l2")], (False, False)),
    "recurrence": (lambda: [layers.Reshape((3, 1)), layers.LSTM(2)], (True, True)),
    "images, each by a draw of its own": (
        lambda: [layers.Reshape((3, 1, 1)), layers.RandomRotation(0.1)],
        (True, True),
    ),
    "a crop drawn for all images": (lambda: [layers.Reshape((3, 1, 1)), layers.RandomCrop(2, 1)], (False, True)),
    "a recurrence that goes on": (lambda: [layers.Reshape((3, 1)), layers.LSTM(2, stateful=True)], (False, False)),
}


@pytest.mark.parametrize("name", SPLIT)
def test_what_may_be_split(name):
    make, expected = SPLIT[name]
    model = Sequential([Input((3,)), *make()])
    assert tuple(worth.pays(model, (16, 3), 2, training) for training in (True, False)) == expected
    assert not worth.pays(model, (7, 3), 2, training=False)


def test_threads_do_not_take_recurrences(monkeypatch):
    model = Sequential([Input((5, 3)), layers.LSTM(2)])
    assert worth.pays(model, (16, 5, 3), 2, training=True)
    monkeypatch.setattr(processes, "AVAILABLE", False)
    assert not worth.pays(model, (16, 5, 3), 2, training=True)


def test_few_steps_are_not_worth_a_fork(monkeypatch):
    monkeypatch.setattr(worth, "CALL", 10**4)
    model = Sequential([Input((3,)), layers.Dense(2)])  # a sample takes (8 weights and 2 numbers · 16) · 3
    assert [worth.pays(model, (16, 3), 2, True, steps) for steps in (5, 6, None)] == [False, True, True]


def test_an_embedding_is_no_product():
    model = Sequential([Input((4,)), layers.Embedding(1000, 2), layers.Flatten(), layers.Dense(1)])
    assert worth.work(model, (10, 4)) == (10 * (8 + 8 + 1), 10 * 9)


@pytest.mark.usefixtures("kind")
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


@pytest.mark.usefixtures("kind")
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


class Largest(losses.MeanSquaredError):
    """A loss of a user's, in which samples meet."""

    def values(self, y_true, y_pred):
        v = super().values(y_true, y_pred)
        self.share = (v == v.max()) * v.size
        return v * self.share

    def gradient(self, dv):
        return super().gradient(dv * self.share)


LOSSES = {
    "binary_crossentropy": "binary_crossentropy",
    "dice": losses.Dice(),
    "a sum": losses.MeanSquaredError(reduction="sum"),
    "along the batch": losses.BinaryCrossentropy(axis=0),
    "a user's": Largest(),
    "cosine_similarity": "cosine_similarity",
}


@pytest.mark.usefixtures("kind")
@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("weights", [{}, {"loss_weights": 0.5}])
def test_a_loss_of_parts_is_that_of_the_whole(name, weights):
    def run(threads):
        config.set_threads(threads)
        lamina.utils.set_random_seed(1)
        model = Sequential([Input((8, 8, 2)), layers.Flatten(), layers.Dense(3, "sigmoid")])
        model.compile("sgd", LOSSES[name], **weights)
        history = model.fit(X, np.eye(3)[Y], 22, 2, 0).history
        return [*model.get_weights(), np.array(history["loss"])]

    for whole, split in zip(run(1), run(2), strict=True):
        np.testing.assert_allclose(split, whole, rtol=1e-9, atol=1e-12)


@pytest.mark.usefixtures("kind")
def test_a_mask_counts_in_the_whole_batch():
    words = np.random.default_rng(1).integers(1, 9, (24, 5)) * (np.arange(24) < 9)[:, None]
    y = np.random.default_rng(2).normal(size=(24, 5, 2))

    def run(threads):
        config.set_threads(threads)
        lamina.utils.set_random_seed(1)
        model = Sequential([layers.Embedding(9, 3, mask_zero=True), layers.Dense(2)])
        model.compile("sgd", "mse")
        before = losses.MeanSquaredError()(y[:9], model.predict(words[:9], verbose=0))
        history = model.fit(words, y, 24, 2, 0).history["loss"]
        assert history[0] == pytest.approx(before)
        return [*history, *model.get_weights()]

    for whole, split in zip(run(1), run(2), strict=True):
        np.testing.assert_allclose(split, whole, rtol=1e-9)


@pytest.mark.usefixtures("kind")
def test_an_activation_that_is_replaced_between_epochs_is_so_in_every_part():
    class Replace(lamina.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.layers[0].activation = lamina.activations.get("tanh")

    def run(threads):
        config.set_threads(threads)
        model = images()
        model.fit(X, Y, 16, 3, 0, callbacks=[Replace()])
        return model.get_weights()

    for whole, split in zip(run(1), run(2), strict=True):
        np.testing.assert_allclose(split, whole, rtol=1e-9, atol=1e-12)


@pytest.mark.usefixtures("kind")
def test_a_loss_that_changes_between_epochs_changes_in_every_part():
    class Smooth(lamina.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            loss.label_smoothing = 0.4

    def run(threads):
        config.set_threads(threads)
        model = images()
        model.compile("adam", loss)
        model.fit(X, np.eye(3)[Y], 16, 3, 0, callbacks=[Smooth()])
        return model.get_weights()

    found = []
    for threads in (1, 2):
        loss = losses.CategoricalCrossentropy()
        found.append(run(threads))
    for whole, split in zip(*found, strict=True):
        np.testing.assert_allclose(split, whole, rtol=1e-9, atol=1e-12)


@pytest.mark.usefixtures("kind")
@pytest.mark.parametrize("hook", ["on_epoch_end", "on_train_batch_end"])
@pytest.mark.parametrize("trains", ["train_on_batch", "fit", "compile"])
def test_weights_that_another_moves_meanwhile_are_seen_in_every_part(hook, trains):
    """A layer that two models share lies in the buffers of the optimizer that moved it last."""

    def run(threads):
        def meanwhile(*_):
            if trains == "compile" and isinstance(models[0].optimizer, lamina.optimizers.Adam):
                models[0].compile(lamina.optimizers.SGD(0.1, momentum=0.5), "mse")
            elif trains == "fit":
                models[1].fit(X, target, 22, verbose=0)
            elif trains == "train_on_batch":
                models[1].train_on_batch(X[:8], target[:8])

        config.set_threads(threads)
        lamina.utils.set_random_seed(1)
        shared = layers.Dense(5, "tanh")
        models = [Sequential([Input((8, 8, 2)), layers.Flatten(), shared, layers.Dense(3)]) for _ in range(2)]
        for model in models:
            model.compile("adam", "mse")
        history = models[0].fit(X, target, 11, 3, 0, callbacks=[lamina.callbacks.LambdaCallback(**{hook: meanwhile})])
        return [*models[0].get_weights(), *models[1].get_weights(), np.array(history.history["loss"])]

    target = np.eye(3)[Y]
    for whole, split in zip(run(1), run(2), strict=True):
        np.testing.assert_allclose(split, whole, rtol=1e-9, atol=1e-12)


class Scaled(Twice):
    """A layer of a user's with a factor."""

    rate = 1.0

    def forward(self, x, training=False):
        return x * self.rate

    def backward(self, dy):
        return dy * self.rate


def of_layer(model):
    model.layers[3].rate /= 2


def of_list(model):
    model.layers[2].scale[0] /= 2


def of_optimizer(model):
    model.optimizer.momentum /= 2


def of_variable(model):
    model.layers[1].kernel.trainable ^= True


CHANGES = [(of_layer, "on_train_batch_end"), (of_optimizer, "on_train_batch_end"), (of_list, "on_epoch_end")]


@pytest.mark.usefixtures("kind")
@pytest.mark.parametrize(("change", "hook"), [*CHANGES, (of_variable, "on_epoch_end")])
def test_what_a_callback_changes_is_changed_in_every_part(monkeypatch, change, hook):
    monkeypatch.setattr(lamina.optimizers.layout, "BLOCK", 2**10)

    def run(threads):
        config.set_threads(threads)
        lamina.utils.set_random_seed(1)
        middle = layers.Rescaling([1.0, 2.0, 1.0, 1.0]), Scaled()
        model = Sequential([Input((8, 8, 2)), layers.Flatten(), layers.Dense(4), *middle, layers.Dense(3)])
        model.compile(lamina.optimizers.SGD(0.01, momentum=0.9), "mse")
        changing = lamina.callbacks.LambdaCallback(**{hook: lambda *_: change(model)})
        model.fit(X, np.eye(3)[Y], 11, 3, 0, callbacks=[changing])
        return model.get_weights()

    for whole, split in zip(run(1), run(2), strict=True):
        np.testing.assert_allclose(split, whole, rtol=1e-9, atol=1e-12)


class Kept(lamina.metrics.Metric):
    """A metric of a user's that keeps what it is given."""

    def __init__(self):
        super().__init__(name="kept")
        self.reset_state()

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.kept.append(y_pred)

    def result(self):
        return float(np.concatenate(self.kept)[:, 0].sum())

    def reset_state(self):
        self.kept = []


@pytest.mark.usefixtures("kind")
def test_a_metric_may_keep_what_comes_out():
    config.set_threads(2)
    model = images()
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=[Kept()])
    found = model.evaluate(X, Y, 8, verbose=0)[1]
    assert found == pytest.approx(model.predict(X, verbose=0)[:, 0].sum())


@pytest.mark.parametrize("phase", ["forward", "backward"])
def test_a_process_that_met_an_error_begins_anew(weight, phase):
    """Nothing that it had gathered before the error is in its next gradients."""

    class Fails(Twice):
        def failing(self, value):
            if os.getpid() != parent and not self.failed:
                self.failed = True
                raise MemoryError
            return 2 * value

        failed = False

        def forward(self, x, training=False):
            return self.failing(x) if phase == "forward" else 2 * x

        def backward(self, dy):
            return self.failing(dy) if phase == "backward" else 2 * dy

    parent, found = os.getpid(), []
    for kind in (Twice, Fails):
        config.set_threads(2)
        lamina.utils.set_random_seed(1)
        model = Sequential([Input((8, 8, 2)), layers.Flatten(), layers.Dense(4), kind(), layers.Dense(3)])
        model.compile("sgd", "mse")
        model.fit(X, np.eye(3)[Y], 22, 2, 0, sample_weight=weight)
        found.append(model.get_weights())
    for undisturbed, disturbed in zip(*found, strict=True):
        assert np.array_equal(undisturbed, disturbed)


@pytest.mark.usefixtures("kind")
def test_a_layer_that_leaves_the_batch_unknown_may_be_split():
    class Vague(Twice):
        def compute_output_shape(self, input_shape):
            return (None, *input_shape[1:])

    def run(threads):
        config.set_threads(threads)
        lamina.utils.set_random_seed(1)
        model = Sequential([Input((8, 8, 2)), layers.Flatten(), layers.Dense(3), Vague()])
        model.compile("sgd", "mse")
        model.fit(X, np.eye(3)[Y], 22, 2, 0)
        return model.predict(X, verbose=0)

    np.testing.assert_allclose(run(2), run(1), rtol=1e-9)


def test_a_process_that_can_not_be_forked_leaves_no_pipe_open(monkeypatch):
    def refuse():
        raise BlockingIOError("no more processes")

    monkeypatch.setattr(os, "fork", refuse)
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(BlockingIOError):
        Helper(print)
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_convolution_that_another_thread_asks_meanwhile():
    """What that one's end lets go of, in the midst of this call, this one does not need."""

    class Meanwhile(lamina.activations.Linear):
        def forward(self, x):
            layer.forget()
            return super().forward(x)

    layer = layers.Conv2D(2, 3)
    expected = layer(X)
    layer.activation = Meanwhile()
    np.testing.assert_array_equal(layer(X), expected)


@pytest.mark.usefixtures("kind")
def test_two_models_in_two_threads():
    alone = [fitted(2)[0].get_weights() for _ in range(2)]
    config.set_threads(2)
    models = [images(), images()]
    threads = [
        threading.Thread(
            target=model.fit, args=(X, Y, 16, 3, 0), kwargs={"sample_weight": WEIGHT, "validation_data": (X[:9], Y[:9])}
        )
        for model in models
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for model, weights in zip(models, alone, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), weights, strict=True))


# -- at inference
@pytest.mark.usefixtures("kind")
def test_batches_side_by_side_give_what_they_give_one_by_one():
    def found(threads, size):
        config.set_threads(threads)
        model = images()
        return model.predict(X, size, verbose=0), np.array(model.evaluate(X, Y, size, verbose=0))

    for one, others in zip(found(1, 11), found(2, 11), strict=True):
        assert np.array_equal(one, others)
    for one, others in zip(found(1, 16), found(3, 16), strict=True):  # a last one that is smaller
        assert np.array_equal(one, others)
    for one, others in zip(found(1, 16), found(2, 16), strict=True):  # and one that is left over, and split
        np.testing.assert_allclose(one, others, rtol=1e-12)


def test_whole_batches_go_side_by_side_and_one_that_is_alone_is_split(monkeypatch):
    monkeypatch.setattr(processes, "AVAILABLE", False)
    ran, forward = [], layers.Flatten.forward

    def watched(self, x, training=False):
        ran.append((threading.current_thread() is threading.main_thread(), len(x)))
        return forward(self, x, training)

    monkeypatch.setattr(layers.Flatten, "forward", watched)
    config.set_threads(2)
    images().predict(X, batch_size=16, verbose=0)
    assert sorted(ran) == [(False, 6), (False, 16), (True, 6), (True, 16)]


@pytest.mark.usefixtures("kind")
def test_a_generator_may_fill_one_array_again_and_again():
    def batches():
        x, y = np.empty((11, 8, 8, 2)), np.empty(11)
        for start in range(0, len(X), 11):
            x[...], y[...] = X[start : start + 11], Y[start : start + 11]
            yield x, y

    config.set_threads(2)
    model = images()
    assert np.array_equal(model.predict(batches(), verbose=0), model.predict(X, batch_size=11, verbose=0))
    assert model.evaluate(batches(), verbose=0) == model.evaluate(X, Y, batch_size=11, verbose=0)


class OfLengths(lamina.utils.PyDataset):
    """Sequences of other lengths in each batch, some words of which are padding."""

    lengths = (5, 5, 7, 3, 3, 3)

    def __len__(self):
        return len(self.lengths)

    def __getitem__(self, index):
        words = np.random.default_rng(index).integers(0, 9, (16 - index, self.lengths[index]))
        return words, (words % 2)[..., None]


@pytest.mark.usefixtures("kind")
def test_batches_of_other_shapes_and_masks():
    def found(threads):
        config.set_threads(threads)
        lamina.utils.set_random_seed(1)
        model = Sequential([layers.Embedding(9, 3, mask_zero=True), layers.Dense(1, activation="sigmoid")])
        model.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
        return model.evaluate(OfLengths(), verbose=0)

    np.testing.assert_allclose(found(2), found(1), rtol=1e-12)


def test_outputs_that_do_not_fit_together_are_refused():
    model = Sequential([layers.Embedding(9, 3)])
    with pytest.raises(DataError, match=r"(?s)expected \(batch, 5, 3\).*received \(14, 7, 3\).*predict_on_batch"):
        model.predict(OfLengths(), verbose=0)


def test_a_penalty_on_activities_is_that_of_the_whole_batch():
    def found(threads):
        config.set_threads(threads)
        lamina.utils.set_random_seed(1)
        model = Sequential([Input((8, 8, 2)), layers.Flatten(), layers.Dense(3, activity_regularizer="l2")])
        model.compile("sgd", "mse")
        return model.evaluate(X, np.zeros((44, 3)), batch_size=22, verbose=0)

    np.testing.assert_allclose(found(2), found(1), rtol=1e-12)


def test_a_process_that_is_killed_between_batches_is_no_loss(monkeypatch):
    class Kill(lamina.callbacks.Callback):
        def on_predict_batch_end(self, batch, logs=None):
            if batch == 1:
                os.kill(begun.pop().pid, signal.SIGKILL)

    begun, begin = [], Helper.__init__
    monkeypatch.setattr(Helper, "__init__", lambda self, *work: begun.append(self) or begin(self, *work))
    model = images()
    config.set_threads(1)
    expected = model.predict(X, batch_size=11, verbose=0)
    config.set_threads(2)
    assert np.array_equal(model.predict(X, batch_size=11, verbose=0, callbacks=[Kill()]), expected)
    assert not begun


# -- processes
class Warns(Twice):
    def backward(self, dy):
        np.float64(1e308) * (10.0 if (self.saved > 15).any() else 1.0)
        return dy

    def forward(self, x, training=False):
        self.saved = x
        return x


def test_a_warning_in_a_process_reaches_the_caller():
    def run(threads):
        config.set_threads(threads)
        lamina.utils.set_random_seed(1)
        model = Sequential([Input((1,)), layers.Dense(2), Warns(), layers.Dense(1)])
        model.layers[0].kernel.assign([[1.0, 1.0]])
        model.compile("sgd", "mse")
        with warnings.catch_warnings(record=True) as given:
            warnings.simplefilter("always")
            model.fit(np.arange(17.0)[:, None], np.ones(17), batch_size=17, shuffle=False, verbose=0)
        return [str(warning.message) for warning in given if warning.category is RuntimeWarning], model.get_weights()

    (whole, weights), (split, others) = run(1), run(2)
    assert split == whole and len(split) == 1 and "overflow" in split[0]
    for a, b in zip(weights, others, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


class Kill(lamina.callbacks.Callback):
    """Kills the helping process once, before a step."""

    def on_train_batch_begin(self, batch, logs=None):
        found = [helper.pid for helper in HELPERS if helper.pid]
        if batch == 1 and found:
            os.kill(found[0], signal.SIGKILL)
            HELPERS.clear()


HELPERS: list = []


def test_a_process_that_is_killed_is_no_loss(monkeypatch, weight):
    begin = Helper.__init__

    def watched(self, *work):
        begin(self, *work)
        HELPERS.append(self)

    monkeypatch.setattr(Helper, "__init__", watched)
    expected = fitted(2, layers.Dropout(0.3, seed=1), weight=weight)[0].get_weights()
    HELPERS.clear()
    model, _ = fitted(2, layers.Dropout(0.3, seed=1), weight=weight, callbacks=[Kill()])
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), expected, strict=True))


def test_the_weights_are_no_longer_shared_after_a_run():
    model, _ = fitted(2)
    model.fit(X, Y, epochs=1, verbose=0)
    for weight in model.weights:
        bottom = weight.value if weight.value.base is None else weight.value.base
        assert bottom.flags.owndata


def test_what_a_callback_assigns_is_seen_in_every_part():
    class Assign(lamina.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            if batch == 1:
                for weight in self.model.layers[0].weights:  # a frozen layer's too
                    weight.assign(weight.value * 2)

    def run(threads):
        config.set_threads(threads)
        model = images()
        model.layers[0].trainable = False
        model.compile("adam", "sparse_categorical_crossentropy")
        return model.fit(X, Y, 16, 2, 0, callbacks=[Assign()]).history["loss"]

    np.testing.assert_allclose(run(2), run(1), rtol=1e-9)


def test_a_process_ends_with_the_call(monkeypatch):
    begun, begin = [], Helper.__init__
    monkeypatch.setattr(Helper, "__init__", lambda self, *work: begun.append(self) or begin(self, *work))
    fitted(3)
    assert len(begun) == 2
    for helper in begun:
        with pytest.raises(ChildProcessError):
            os.waitpid(helper.pid, os.WNOHANG)


def test_shared_memory_is_used_again_but_not_while_it_is_held_nor_in_another_process():
    room = SharedRoom()
    held = room.empty((4, 2), "float32")
    held.fill(1)
    other = room.empty((4, 2), "float32")
    other.fill(2)
    place = other.ctypes.data
    assert place != held.ctypes.data
    del other
    again = room.empty(8, "float32")
    again.fill(0)
    assert again.ctypes.data == place and held.all()
    del again

    def serve():
        mine = room.empty(8, "float32")
        mine.fill(3)
        return float(mine.sum())

    helper = Helper(serve)
    helper.ask()
    assert helper.answer()[0] == 24.0
    helper.close()
    assert not np.frombuffer(room._blocks[1], "float32").any()
    room.empty(3, "float64")  # of another size: what nobody holds makes way
    assert len(room._blocks) == 2


def test_a_second_run_uses_the_shared_memory_of_the_first(monkeypatch):
    made, make = [], mmap.mmap
    monkeypatch.setattr(mmap, "mmap", lambda *args, **flags: made.append(flags) or make(*args, **flags))
    model, _ = fitted(2, weight=None)
    shared_blocks = made.count({})  # a Room's maps have flags
    model.fit(X, Y, 16, 2, 0)
    assert shared_blocks > 0 and made.count({}) == shared_blocks


def test_a_helper_sees_shared_memory_and_answers():
    numbers = SharedRoom().empty(3, "float64")
    numbers.fill(0)

    def serve(what, place, value):
        if what == "fail":
            raise ArithmeticError("no")
        numbers[place] = value
        return [place, float(numbers.sum())]

    helper = Helper(serve)
    helper.ask("set", 1, 2.5)
    assert helper.answer() == ([1, 2.5], [])
    assert numbers.tolist() == [0, 2.5, 0]
    helper.ask("fail", 0, 0)
    with pytest.raises(StateError, match="could not do its part: received ArithmeticError: no"):
        helper.answer()
    helper.ask("set", 0, 1.0)
    assert helper.answer()[0] == [0, 3.5]
    os.kill(helper.pid, signal.SIGKILL)
    with pytest.raises((StateError, BrokenPipeError)):
        helper.ask("set", 0, 1.0)
        helper.answer()
    helper.close()


def test_a_helper_answers_requests_that_came_together_in_their_order():
    helper = Helper(lambda number: number)
    for number in range(3):
        helper.ask(number)
    assert [helper.answer() for _ in range(3)] == [(0, []), (1, []), (2, [])]
    helper.close()


def test_a_helper_that_is_told_to_end_answers_what_it_was_asked_before():
    helper = Helper(lambda number: time.sleep(0.05) or number)
    try:
        for number in range(2):
            helper.ask(number)
        helper.end()
        assert [helper.answer() for _ in range(2)] == [(0, []), (1, [])]
        assert os.waitpid(helper.pid, 0)[1] == 0  # before `close`
        with pytest.raises(StateError, match="gone"):
            helper.answer()
    finally:
        helper.close()
        helper.close()  # once more closes no other file


def test_a_helper_says_whether_it_has_answered():
    go = SharedRoom().empty(1, "int64")
    go.fill(0)

    def serve():
        while not go[0]:
            time.sleep(0.001)
        return 5

    helper = Helper(serve)
    helper.ask()
    assert not helper.has_answered()
    go.fill(1)
    while not helper.has_answered():
        time.sleep(0.001)
    assert helper.answer() == (5, [])
    os.kill(helper.pid, signal.SIGKILL)
    while not helper.has_answered():  # that it is gone
        time.sleep(0.01)
    with pytest.raises(StateError, match="gone"):
        helper.answer()
    helper.close()


def test_helpers_of_a_program_that_has_many_files_open():
    text = """
import os, resource, time
from lamina.utils.processes import Helper
limit, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 4096), most))
held = [os.dup(0) for _ in range(1100)]
helper = Helper(lambda: time.sleep(0.05) or 5)
helper.ask()
print(helper.answer())
helper.close()
"""
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)
    assert done.stdout == "(5, [])\n", done.stderr


def test_a_helper_rests_after_each_answer():
    rests = SharedRoom().empty(1, "int64")
    rests.fill(0)

    def rest():
        rests[0] += 1

    helper = Helper(lambda: int(rests[0]), rest)
    for before in range(3):
        helper.ask()
        assert helper.answer() == (before, [])
    helper.close()
    assert rests[0] == 3


def test_a_helper_ends_when_its_parent_is_killed():
    code = """
import os, signal
from lamina.utils import processes
processes.LOOK = 0.05
print(processes.Helper(print).pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    ran = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == -signal.SIGKILL  # and that its output came to an end says that no helper holds it


def test_a_helper_holds_none_of_its_parents_files():
    """Or a client would wait for the end of a connection that was closed, and a reader for that of a pipe."""
    reader, writer = os.pipe()
    helper = Helper(lambda: sorted(map(int, os.listdir("/proc/self/fd")))[:-1])  # the last one lists them
    os.close(writer)
    assert select.select([reader], [], [], 20)[0] and os.read(reader, 1) == b""
    os.close(reader)
    helper.ask()
    held, _ = helper.answer()
    assert len([descriptor for descriptor in held if descriptor > 2]) == 2
    helper.close()


def test_what_a_program_does_at_a_signal_no_helper_does():
    heard = SharedRoom().empty(1, "int64")
    heard.fill(0)
    numbers = [signal.SIGUSR1, signal.SIGHUP, signal.SIGALRM]

    def hear(number, frame):
        heard[0] += 1

    before = [signal.signal(number, hear) for number in numbers]
    try:
        helper = Helper(lambda: int(heard[0]))
        helper.ask()
        helper.answer()
        for number in numbers:
            os.kill(helper.pid, number)
        helper.ask()
        assert helper.answer() == (0, [])
        helper.close()
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


@pytest.mark.parametrize("leaves", [False, True])
def test_a_process_that_a_callback_forks_has_weights_of_its_own(monkeypatch, weight, leaves):
    """It may train them, or leave the call: neither is heard of in the process that it came from."""
    asked, ask = [], Helper.ask
    monkeypatch.setattr(Helper, "ask", lambda self, *request: asked.append(request[0]) or ask(self, *request))

    class Fork(lamina.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch != 1:
                return
            pid = os.fork()
            if pid == 0:
                for variable in self.model.weights:
                    variable.value += 1
                if leaves:
                    raise Left
                os._exit(0)
            assert os.waitpid(pid, 0)[1] == 0

    class Left(Exception):
        pass

    parent = os.getpid()
    try:
        expected = fitted(2, weight=weight, callbacks=[lamina.callbacks.Callback()])[0].get_weights()
        alone, asked[:] = len(asked), []
        found = fitted(2, weight=weight, callbacks=[Fork()])[0].get_weights()
    finally:
        if os.getpid() != parent:
            os._exit(0)
    assert len(asked) == alone  # the helper was there to the end
    assert all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))


# -- shares and the BLAS
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
    assert threads(OMP_NUM_THREADS=" 4,2") == "4"  # a number for each level of nested loops
    for nothing in ("0", "many", "-1", ",", "²"):  # other libraries' to judge
        assert threads(OPENBLAS_NUM_THREADS=nothing, OMP_NUM_THREADS="2") == "2"
    assert "expected a whole number of 1 or more, received 0" in threads(LAMINA_THREADS="0")
    assert "LAMINA_THREADS: expected a whole number of 1 or more, received 'many'" in threads(LAMINA_THREADS="many")
    config.set_threads(4)
    assert config.threads() == 4
    with pytest.raises(OptionError, match=r"set_threads: expected a whole number of 1 or more, received 0"):
        config.set_threads(0)


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


def test_threads_take_the_parts_where_no_process_can_be_forked(monkeypatch, weight):
    expected = fitted(2, weight=weight)[0].get_weights()

    def refuse():
        raise BlockingIOError("no more processes")

    monkeypatch.setattr(os, "fork", refuse)
    with pytest.warns(
        lamina.errors.LaminaWarning, match="no process can be forked, threads take its place: no more processes"
    ):
        model, _ = fitted(2, weight=weight)
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), expected, strict=True))


@pytest.mark.parametrize("dtype", [object, str])
def test_texts_may_be_split_too(dtype):
    """Strings of a fixed width go through shared memory as numbers do; other objects can't."""
    texts = np.array([["a b c"], ["b"], ["c c a d e f"], ["e"]] * 6, dtype)
    split = layers.TextVectorization(output_sequence_length=4)
    split.adapt(texts)
    predicted = []
    for threads in (1, 2):
        config.set_threads(threads)
        lamina.utils.set_random_seed(1)
        model = Sequential([split, layers.Embedding(9, 3), layers.LSTM(4), layers.Dense(1)])
        model.compile("adam", "mse")
        model.fit(texts, np.arange(24.0), batch_size=10, epochs=2, verbose=0)
        predicted.append(model.predict(texts, verbose=0))
    np.testing.assert_allclose(*predicted, rtol=1e-9)
