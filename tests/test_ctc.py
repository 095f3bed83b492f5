"""CTC beyond what all losses are tested for: against all ways one by one, in training, and what it refuses."""

import itertools

import numpy as np
import pytest

from lamina import Input, Sequential, layers, losses
from lamina.errors import DataError, ShapeError
from lamina.optimizers import Adam

RNG = np.random.default_rng(0)


def reads(way):
    """What a way says: without repetitions, then without blanks."""
    return [label for label, _ in itertools.groupby(way) if label]


@pytest.mark.parametrize("labels", [[1], [1, 2], [1, 1], [2, 1, 2], []])
def test_it_is_the_sum_over_all_ways(labels):
    z = RNG.normal(size=(1, 5, 3))
    p = np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)
    ways = [way for way in itertools.product(range(3), repeat=5) if reads(way) == labels]
    total = sum(np.prod([p[0, t, k] for t, k in enumerate(way)]) for way in ways)
    filled = np.array([labels + [0] * (3 - len(labels))])
    np.testing.assert_allclose(losses.ctc(filled, z), -np.log(total), rtol=1e-12)
    np.testing.assert_allclose(losses.ctc(filled[:, : len(labels)], z), -np.log(total), rtol=1e-12)


def test_long_and_certain_predictions_stay_finite():
    y, z = RNG.integers(1, 20, (3, 40)), 1e3 * RNG.normal(size=(3, 300, 20)).astype("float32")
    loss = losses.CTC()
    assert np.isfinite(loss(y, z)) and np.isfinite(loss.backward()).all()
    np.testing.assert_allclose(loss.backward().sum(axis=-1), 0, atol=1e-4)  # of each step, for p and shares sum to 1


def test_a_model_learns_where_its_labels_are():
    y = RNG.integers(1, 4, (64, 3))
    x = np.zeros((64, 12, 4), "float32")
    for row, labels in enumerate(y):
        x[row, np.sort(RNG.choice(12, 3, replace=False)), labels] = 1
    model = Sequential([Input((12, 4)), layers.GRU(16, return_sequences=True), layers.Dense(4)])
    model.compile(Adam(0.02), "ctc")
    history = model.fit(x, y, epochs=40, batch_size=16, validation_split=0.25, verbose=0).history
    assert history["loss"][-1] < 0.5 * history["loss"][0] and history["val_loss"][-1] < 0.6 * history["val_loss"][0]


@pytest.mark.parametrize(
    ("y", "error", "said"),
    [
        ([[1, 0, 2], [1, 0, 0]], DataError, r"y_true\[0\] has zeros between labels"),
        ([[1, 0, 0], [2, 2, 1]], DataError, r"y_true\[1\] does not fit.*4 steps or more.*received 3"),
        ([[1, 0, 0], [3, 0, 0]], DataError, r"y_true\[1, 0\] is no class"),
        ([[1, -1, 0], [1, 0, 0]], DataError, r"y_true\[0, 1\] is no class"),
        ([[1.5, 0, 0], [1, 0, 0]], DataError, "is no class"),
        ([1, 2], ShapeError, r"y_true \(batch, labels\)"),
        ([[1, 2]], ShapeError, r"y_true \(batch, labels\)"),
    ],
)
def test_refusals(y, error, said):
    with pytest.raises(error, match=said):
        losses.CTC()(y, np.zeros((2, 3, 3)))


def test_targets_are_refused_before_training():
    model = Sequential([Input((3, 2)), layers.Dense(3)])
    model.compile("sgd", losses.CTC())
    with pytest.raises(DataError, match=r"y\[1\] does not fit"):
        model.fit(np.zeros((2, 3, 2)), np.array([[1, 2], [1, 1]])[:, [0, 1, 1]], verbose=0)
