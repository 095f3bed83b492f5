"""Gradients by rows: a table of which few rows are looked up trains to the same numbers as with its whole gradient."""

import os
import signal

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, Variable, config, layers, optimizers
from lamina.models import forks, passes
from lamina.utils import processes
from lamina.utils.processes import Helper
from lamina.utils.rows import Rows, add_rows, merge, sum_of_squares, sum_rows

ROWS, WIDTH, STEPS = 400, 6, 5
X = np.random.default_rng(0).integers(0, ROWS, (48, STEPS))
X[:, 0] = 7  # a word of every sentence
Y = np.random.default_rng(1).integers(0, 2, 48)


@pytest.fixture(autouse=True)
def everything_is_worth_it(monkeypatch):
    monkeypatch.setattr(forks, "LARGE", 1)
    monkeypatch.setattr(optimizers.base, "SHARED", 1)
    monkeypatch.setattr(optimizers.layout, "BLOCK", 2**11)  # so that a table is cut into several pieces
    monkeypatch.setattr(passes, "pays", lambda model, shape, parts, *rest: shape[0] >= 4 * parts)  # for threads, too
    yield
    config.set_threads(None)


def drawn(count, rows, width, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, rows, count), rng.normal(size=(count, width)).astype("float32")


# -- tables
@pytest.mark.parametrize(("count", "rows"), [(0, 5), (1, 5), (40, 5), (40, 1000)])
def test_sums_by_id_are_the_rows_of_the_table(count, rows):
    ids, values = drawn(count, rows, 3)
    table = np.zeros((rows, 3), "float32")
    add_rows(table, ids, values)
    found = sum_rows(ids, values)
    assert found.ids.tolist() == sorted(set(ids.tolist()))
    np.testing.assert_array_equal(found.values, table[found.ids])
    part = found.within(1, 3)
    np.testing.assert_array_equal(part.values, table[1:4][part.ids])


def test_merged_tables_and_their_squares():
    tables = [sum_rows(*drawn(30, 40, 2, seed)) for seed in range(3)]
    whole = np.zeros((40, 2), "float32")
    for table in tables:
        whole[table.ids] += table.values
    found = merge(tables)
    np.testing.assert_allclose(found.values, whole[found.ids], rtol=1e-6)
    np.testing.assert_allclose(sum_of_squares(tables), np.sum(whole.astype("float64") ** 2), rtol=1e-5)


# -- a variable
def test_reading_the_gradient_ends_the_rows():
    w = Variable(np.zeros((10, 2), "float32"))
    ids, values = drawn(4, 10, 2)
    expected = np.zeros((10, 2), "float32")
    for _ in range(2):  # the second time, what the first one left is not seen
        w.add_rows(ids, values)
        w.add_rows(ids, values)
        assert len(w.rows) == 2
        expected[...] = 0
        add_rows(expected, np.tile(ids, 2), np.tile(values, (2, 1)))
        np.testing.assert_allclose(w.grad, expected, rtol=1e-6)
        assert not w.rows
        w.add_rows(ids, values)  # to what is whole now
        assert not w.rows
        w.reset_grad()
        w.add_rows(ids, values)
        w.reset_grad()
        assert not w.rows and not w.grad.any()
        w.reset_grad()


def test_many_rows_come_whole():
    w = Variable(np.zeros((10, 2), "float32"))
    w.add_rows(*drawn(6, 10, 2))
    assert not w.rows and w.grad.any()


@pytest.mark.parametrize("mine", ["rows", "whole", "none"])
@pytest.mark.parametrize("theirs", ["rows", "whole", "none"])
def test_taken_from_another(mine, theirs):
    a, b = (Variable(np.zeros((10, 2), "float32")) for _ in range(2))
    expected = np.zeros((10, 2), "float32")
    for w, kind, seed in ((a, mine, 1), (b, theirs, 2)):
        ids, values = drawn(4, 10, 2, seed)
        if kind == "none":
            continue
        w.add_rows(ids, values)
        add_rows(expected, ids, values)
        if kind == "whole":
            _ = w.grad
    a.take(b)
    np.testing.assert_allclose(a.grad, expected, rtol=1e-6)
    assert not b.grad.any()


# -- an optimizer
class Own(optimizers.Adam):
    """Another rule, made of Adam's, that knows nothing of rows."""

    def update_step(self, g, w, rate, room, m, v, largest=None):
        w -= g


RULES = {
    "adam": lambda: optimizers.Adam(0.01),
    "amsgrad": lambda: optimizers.Adam(0.01, amsgrad=True),
    "adamw": lambda: optimizers.AdamW(0.01, weight_decay=0.1),
    "average": lambda: optimizers.Adam(0.01, use_ema=True, ema_overwrite_frequency=3),
    "sgd": lambda: optimizers.SGD(0.1),
    "sgd decay": lambda: optimizers.SGD(0.1, weight_decay=0.1),
    "momentum": lambda: optimizers.SGD(0.1, momentum=0.9),
    "adagrad": lambda: optimizers.Adagrad(0.1),
    "rmsprop": lambda: optimizers.RMSprop(0.01),
    "clipped": lambda: optimizers.Adam(0.01, clipnorm=0.1),
    "gathered": lambda: optimizers.SGD(0.1, gradient_accumulation_steps=2),
    "own": Own,
}
BY_ROWS = {"adam", "amsgrad", "adamw", "average", "sgd", "sgd decay", "adagrad"}


@pytest.mark.parametrize("rule", RULES)
def test_an_optimizer_moves_a_table_as_by_its_whole_gradient(rule):
    found = []
    for whole in (False, True):
        table, other = Variable(np.ones((300, 4), "float32"), name="table"), Variable(np.ones(3, "float32"))
        table.by_rows = True
        optimizer = RULES[rule]()
        for step in range(6):
            table.add_rows(*drawn(20, 300, 4, step))
            if step == 3:
                _ = table.grad  # somebody looks at it
            other.grad += 0.5
            _ = table.grad if whole else None
            optimizer.step([table, other])
            assert not table.rows
        found.append([table.value, other.value, *(v.value for v in optimizer.variables)])
        assert any(flat.by_rows for flat in optimizer.flats) == (rule in BY_ROWS)
    for by_rows, by_array in zip(*found, strict=True):
        np.testing.assert_array_equal(by_rows, by_array)


def test_the_norm_of_a_gradient_by_rows():
    table = Variable(np.ones((300, 4), "float32"))
    table.by_rows = True
    optimizer = optimizers.Adam()
    optimizer.build([table])
    ids, values = drawn(20, 300, 4)
    table.add_rows(ids, values)
    expected = np.zeros((300, 4))
    add_rows(expected, ids, values.astype("float64"))
    squares = optimizer.flats[0].sum_of_squares()
    np.testing.assert_allclose(squares, (expected**2).sum(), rtol=1e-5)
    np.testing.assert_allclose(optimizer.gradient_norm(), np.sqrt(squares), rtol=1e-6)


# -- a model
def fitted(threads, optimizer="adam", regularizer=None, rows=ROWS, more=(), **options):
    config.set_threads(threads)
    lamina.utils.set_random_seed(3)
    model = Sequential(
        [
            Input((STEPS,)),
            layers.Embedding(rows, WIDTH, embeddings_regularizer=regularizer),
            *more,
            layers.GlobalAveragePooling1D(),
            layers.Dense(4, activation="tanh"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(RULES.get(optimizer, lambda: optimizer)(), "binary_crossentropy")
    model.fit(X % rows, Y, batch_size=22, epochs=3, verbose=0, **options)
    return model


def close(a, b):
    for mine, other in zip(a.get_weights(), b.get_weights(), strict=True):
        np.testing.assert_allclose(mine, other, rtol=2e-4, atol=2e-5)


@pytest.fixture(params=["processes", "threads"])
def kind(request, monkeypatch):
    monkeypatch.setattr(processes, "AVAILABLE", request.param == "processes" and processes.AVAILABLE)


@pytest.mark.usefixtures("kind")
@pytest.mark.parametrize("regularizer", [None, "l2"])
@pytest.mark.parametrize("optimizer", ["adam", "sgd", "adagrad", "rmsprop", "clipped"])
def test_a_split_batch_gives_what_a_whole_one_gives(optimizer, regularizer):
    whole = fitted(1, optimizer, regularizer)
    for threads in (2, 3):
        close(fitted(threads, optimizer, regularizer), whole)


@pytest.mark.usefixtures("kind")
def test_a_small_table_in_split_batches():
    """Some parts have few of its ids, others many: those come whole."""
    close(fitted(2, rows=90), fitted(1, rows=90))


def test_rows_go_between_processes_and_are_swept_by_rows(monkeypatch):
    asked, ask = [], Helper.ask
    monkeypatch.setattr(Helper, "ask", lambda self, *request: asked.append(request) or ask(self, *request))
    fitted(2)
    if processes.AVAILABLE:
        sweeps = [request[4] for request in asked if request[0] == "sweep" and request[1] == 0]
        assert sweeps == [True] * 6  # of three epochs, whose last batch is too small to be split


def test_threads_and_processes_give_the_same_numbers(monkeypatch):
    first = fitted(2).get_weights()
    monkeypatch.setattr(processes, "AVAILABLE", False)
    for mine, other in zip(first, fitted(2).get_weights(), strict=True):
        np.testing.assert_array_equal(mine, other)


def test_a_process_that_is_killed_is_no_loss(monkeypatch):
    begun, killed, begin = [], [], Helper.__init__
    monkeypatch.setattr(Helper, "__init__", lambda self, *work: begun.append(self) or begin(self, *work))

    class Kill(lamina.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            if batch == 1 and begun and not killed:
                killed.append(begun[-1].pid)
                os.kill(killed[0], signal.SIGKILL)

    model = fitted(3, callbacks=[Kill()])
    assert bool(killed) == processes.AVAILABLE
    close(model, fitted(3))


class Elsewhere(layers.Layer):
    """A layer that fails in its third pass in another process than the first one, which does the part again then."""

    def __init__(self):
        super().__init__()
        self.home, self.passed = [os.getpid()], []

    def forward(self, x, training=False):
        self.passed.append(len(x))
        if os.getpid() not in self.home and len(self.passed) == 3:
            raise ArithmeticError("here not")
        return x

    def backward(self, dy):
        return dy

    def compute_output_shape(self, input_shape):
        return input_shape


@pytest.mark.parametrize("threads", [2, 3])
def test_a_part_that_is_done_again_is_in_every_process_gradient(threads):
    """The process lives on, and sweeps its share of the table: not by the rows of the step before."""
    found = []
    for layer in (Elsewhere(), layers.Activation("linear")):
        found.append(fitted(threads, more=[layer]))
    close(*found)


def test_rows_that_are_empty():
    assert Rows(np.empty(0, int), np.empty((0, 2))).within(0, 9).ids.size == 0
