"""Small batches wait for one another before metrics that count take them in: the numbers are the same."""

import numpy as np
import pytest

import lamina
from lamina import layers, metrics
from lamina.models import waiting

rng = np.random.default_rng(0)
X, Y = rng.standard_normal((70, 4)), rng.integers(0, 3, 70)
ONE_HOT = np.eye(3)[Y]


@pytest.fixture(params=[0, waiting.FEW], ids=["at once", "waiting"])
def few(request, monkeypatch):
    monkeypatch.setattr(waiting, "FEW", request.param)
    monkeypatch.setattr(waiting, "BATCHES", 3)


def made(*asked):
    lamina.utils.set_random_seed(0)
    model = lamina.Sequential([layers.Input((4,)), layers.Dense(3, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=list(asked) or ["accuracy"])
    return model


class Counted(metrics.SparseCategoricalAccuracy):
    """One of the user's own, which is told of each batch."""

    batches = 0

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.batches += 1
        super().update_state(y_true, y_pred, sample_weight)


@pytest.mark.usefixtures("few")
def test_the_history_is_that_of_batches_taken_in_one_by_one():
    own = Counted(name="own")
    model, watched = made("accuracy"), made("accuracy", own)
    histories = [m.fit(X, Y, 8, 3, verbose=0, validation_data=(X, Y)).history for m in (model, watched)]
    assert own.batches == 2 * 3 * 9
    for name in ("accuracy", "val_accuracy"):
        assert histories[0][name] == histories[1][name] == histories[1][name.replace("accuracy", "own")]
    assert histories[0]["val_accuracy"][-1] == np.mean(model.predict(X, verbose=0).argmax(1) == Y)


@pytest.mark.usefixtures("few")
def test_what_a_metric_says_holds_for_every_batch_so_far():
    class Looks(lamina.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append((logs["accuracy"], self.model.metrics[1].result(), self.model.metrics[1].count.numpy()))

    seen = []
    made().fit(X, Y, 8, verbose=0, callbacks=[Looks()])
    assert [count for _, _, count in seen] == [8, 16, 24, 32, 40, 48, 56, 64, 70]
    assert all(told == looked for told, looked, _ in seen)


def test_a_reset_forgets_those_that_wait():
    model = made()
    model.evaluate(X, Y, verbose=0)
    model._objective.update(Y, np.eye(3, dtype="float32")[Y], None, None, 0.0)
    model.reset_metrics()
    assert model.metrics[1].result() == model.metrics[1].count == 0


def test_only_few_numbers_with_one_label_each_wait():
    room = waiting.Waiting()
    assert not room.put(ONE_HOT, ONE_HOT)
    assert not room.put(np.zeros((4, 2)), np.zeros((4, 2, 3)))
    assert not room.put(Y[:64], np.zeros((64, waiting.FEW // 64 + 1)))
    assert room.put(Y[:8], ONE_HOT[:8])
    assert not room.put(Y[:8], ONE_HOT[:8].astype("float32"))  # of another type: after those that wait
    assert sum(room.put(Y[:8], ONE_HOT[:8]) for _ in range(99)) == waiting.BATCHES - 1
    y, y_pred = room.take()
    assert np.array_equal(y, np.tile(Y[:8], waiting.BATCHES)) and len(y_pred) == len(y)


def test_weights_are_taken_in_at_once():
    weight = np.linspace(0, 1, 70)
    lamina.utils.set_random_seed(0)
    model = lamina.Sequential([layers.Input((4,)), layers.Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", weighted_metrics=["accuracy"])
    found = model.evaluate(X, Y, 8, sample_weight=weight, verbose=0)[1]
    hits = model.predict(X, verbose=0).argmax(1) == Y
    assert found == pytest.approx(np.average(hits, weights=weight), rel=1e-6)


def batches(read):
    for start in range(0, 70, 8):
        yield X[start : start + 8], Y[start : start + 8]
        read()


@pytest.mark.parametrize("call", ["fit", "evaluate"])
def test_a_metric_that_is_read_where_the_data_are_made_knows_all_batches(call):
    held, seen = metrics.SparseCategoricalAccuracy(), []
    getattr(made(held), call)(batches(lambda: seen.append(int(held.count))), verbose=0)
    assert seen == [8, 16, 24, 32, 40, 48, 56, 64, 70]


@pytest.mark.parametrize("call", ["fit", "evaluate"])
def test_a_run_broken_off_leaves_metrics_that_know_all_batches(monkeypatch, call):
    def fail_at_70(self, y, y_pred, *more, **options):
        if len(y) == 6:
            raise KeyboardInterrupt
        return forward(self, y, y_pred, *more, **options)

    forward, held = lamina.losses.SparseCategoricalCrossentropy.forward, metrics.SparseCategoricalAccuracy()
    model = made(held)
    monkeypatch.setattr(lamina.losses.SparseCategoricalCrossentropy, "forward", fail_at_70)
    with pytest.raises(KeyboardInterrupt):
        getattr(model, call)(X, Y, 8, verbose=0)
    assert held.count == 64
