"""A weight of 2 is the sample twice, to rounding: for every loss, every metric, for classes, and for a whole fit.

Three words on what that means for a loss. Its reductions "sum" and "mean_with_sample_weight" give the same number for
weights as for repeated samples; "sum_over_batch_size" divides by the samples, of which there are more when repeated,
so that its value times them is the same. The gradient of a sample with weight w is the sum of its w repetitions'.
"""

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, layers, losses, metrics, optimizers
from lamina.errors import DataError
from lamina.losses.base import registry as loss_registry
from lamina.metrics.base import registry as metric_registry
from lamina.models.entrance import class_weights

rng = np.random.default_rng(0)
N, K = 48, 3
W = rng.integers(1, 4, N)
W[0] = 0  # and a weight of 0 is no sample at all
LABELS = rng.integers(0, K, N)
SHARES = rng.dirichlet(np.ones(K), N) * 0.8 + 0.2 * np.eye(K)[LABELS]  # right more often than not
SIGNS = np.where(rng.random((N, K)) < 0.5, -1.0, 1.0)
ONE_HOT = np.eye(K)[LABELS]
YES = (LABELS == 0)[:, None].astype(float)
PROBABLE = np.clip(0.45 + 0.1 * YES + rng.normal(0, 0.25, (N, 1)), 0, 1)
LOSSES = sorted({cls.__name__: cls for cls in loss_registry._classes.values()}.items())
METRICS = sorted({cls.__name__: cls for cls in metric_registry._classes.values()}.items())

# the losses whose value of one sample depends on the others of the batch, so that a sample twice is another batch
COUPLED = {"Circle": "each sample is compared with all others of its class: one twice is its own partner"}


def targets(cls):
    """y and y_pred for a loss."""
    if cls is losses.CTC:
        return 1 + LABELS[:, None] % (K - 1), np.stack([SHARES, SHARES], axis=1)
    if issubclass(cls, losses.class_numbers.ClassNumbers):
        return LABELS, SHARES
    if "Crossentropy" in cls.__name__ or cls.__name__ in ("KLDivergence", "Dice", "Tversky"):
        return ONE_HOT, SHARES
    if cls.__name__ == "Circle":
        return LABELS, SHARES
    return (SIGNS if "Hinge" in cls.__name__ else ONE_HOT + 0.5), SHARES


def squares(y, p):
    return ((p - y) ** 2).sum(axis=-1), 2 * (p - y)


def made(cls, reduction):
    if cls is losses.LossFunction:
        return cls(squares, reduction)
    return cls(axis=(1,), reduction=reduction) if cls.__name__ in ("Dice", "Tversky") else cls(reduction=reduction)


class TestLosses:
    @pytest.mark.parametrize("reduction", ["sum", "sum_over_batch_size", "mean_with_sample_weight"])
    @pytest.mark.parametrize(("name", "cls"), [pair for pair in LOSSES if pair[0] not in COUPLED])
    def test_the_sample_twice(self, name, cls, reduction):
        y, p = targets(cls)
        weighted, repeated = made(cls, reduction), made(cls, reduction)
        value = weighted.forward(y, p, W)
        again = repeated.forward(np.repeat(y, W, axis=0), np.repeat(p, W, axis=0))
        gradient, gradients = weighted.backward(), repeated.backward()
        factor = W.sum() / N if reduction == "sum_over_batch_size" else 1
        assert value == pytest.approx(again * factor, rel=1e-12)
        rows = np.repeat(np.arange(N), W)
        summed = np.zeros_like(gradient)
        np.add.at(summed, rows, gradients)
        np.testing.assert_allclose(gradient, summed * factor, rtol=1e-10, atol=1e-15)

    @pytest.mark.parametrize("name", COUPLED)
    def test_losses_that_compare_samples_multiply_their_values(self, name):
        cls = dict(LOSSES)[name]
        y, p = targets(cls)
        values = cls(reduction="none").forward(y, p)
        assert cls(reduction="sum").forward(y, p, W) == pytest.approx(float((W * values).sum()), rel=1e-12)

    @pytest.mark.parametrize("name", ["MeanSquaredError", "BinaryCrossentropy", "SparseCategoricalCrossentropy"])
    def test_each_step_twice(self, name):
        cls = dict(LOSSES)[name]
        y, p = targets(cls)
        weights = W.reshape(16, 3)
        steps = cls(reduction="sum").forward(y.reshape(16, 3, *y.shape[1:]), p.reshape(16, 3, K), weights)
        assert steps == pytest.approx(cls(reduction="sum").forward(y, p, W), rel=1e-12)


MADE = {
    "IoU": lambda: metrics.IoU(num_classes=K, target_class_ids=[0, 1]),
    "MeanIoU": lambda: metrics.MeanIoU(num_classes=K),
    "OneHotIoU": lambda: metrics.OneHotIoU(num_classes=K, target_class_ids=[0, 1]),
    "OneHotMeanIoU": lambda: metrics.OneHotMeanIoU(num_classes=K),
    "PrecisionAtRecall": lambda: metrics.PrecisionAtRecall(0.6),
    "RecallAtPrecision": lambda: metrics.RecallAtPrecision(0.35),
    "SensitivityAtSpecificity": lambda: metrics.SensitivityAtSpecificity(0.6),
    "SpecificityAtSensitivity": lambda: metrics.SpecificityAtSensitivity(0.6),
    "TopKCategoricalAccuracy": lambda: metrics.TopKCategoricalAccuracy(k=2),
    "SparseTopKCategoricalAccuracy": lambda: metrics.SparseTopKCategoricalAccuracy(k=2),
    "MeanMetricWrapper": lambda: metrics.MeanMetricWrapper(lambda y, p: ((y - p) ** 2).mean(axis=-1)),
    "FBetaScore": lambda: metrics.FBetaScore(average="weighted"),
    "F1Score": lambda: metrics.F1Score(average="macro"),
}


def inputs(name):
    """What a metric is given."""
    if name in ("Mean", "Sum"):
        return (SHARES[:, 0],)
    if name in ("IoU", "MeanIoU"):
        return LABELS, SHARES.argmax(axis=-1)
    if name == "Accuracy":
        return LABELS, SHARES.argmax(axis=-1).astype(float)
    if name.startswith("Sparse"):
        return LABELS, SHARES
    if "Categorical" in name or name.startswith("OneHot") or "Score" in name or name == "KLDivergence":
        return ONE_HOT, SHARES
    if "Hinge" in name:
        return SIGNS, SHARES
    if "Squared" in name or "Absolute" in name or "Cosine" in name or "Correlation" in name or "LogCosh" in name:
        return ONE_HOT + SHARES[::-1], SHARES
    return YES, PROBABLE


class TestMetrics:
    @pytest.mark.parametrize(("name", "cls"), METRICS)
    def test_the_sample_twice(self, name, cls):
        weighted, repeated = MADE.get(name, cls)(), MADE.get(name, cls)()
        for rows in (slice(9), slice(9, None)):  # in two batches
            given = [part[rows] for part in inputs(name)]
            weighted.update_state(*given, sample_weight=W[rows])
            repeated.update_state(*(np.repeat(part, W[rows], axis=0) for part in given))
        result = np.asarray(weighted.result())
        np.testing.assert_allclose(result, repeated.result(), rtol=1e-6)
        unweighted = MADE.get(name, cls)()
        unweighted.update_state(*inputs(name))
        assert np.any(np.asarray(unweighted.result()) != result)  # the weights do count


class TestClassWeights:
    def test_balanced_is_scikit_learns(self):
        y = rng.integers(0, 5, 200)
        y[y == 3] = 4  # a class that does not occur
        counts = np.bincount(y)
        expected = {k: 200 / (4 * count) for k, count in enumerate(counts) if count}
        np.testing.assert_allclose(class_weights(y, "balanced", True), [expected[k] for k in y], rtol=1e-6)
        by_class = [class_weights(y, "balanced", True)[y == k].sum() for k in expected]
        np.testing.assert_allclose(by_class, 50, rtol=1e-5)

    def test_balanced_leaves_the_ignored_class_out(self):
        y = np.array([[0, 0, 0, 1], [-1, -1, -1, -1]])
        found = class_weights(y, "balanced", True, ignored=-1)
        np.testing.assert_allclose(found, [[2 / 3, 2 / 3, 2 / 3, 2], [1, 1, 1, 1]], rtol=1e-6)

    @pytest.mark.parametrize(
        "y", [LABELS, LABELS[:, None], LABELS.astype(float), ONE_HOT], ids=["numbers", "column", "floats", "rows"]
    )
    def test_all_shapes_of_targets(self, y):
        found = class_weights(y, {0: 3.0, 2: 0.5}, sparse=y.shape[-1:] != (K,))
        np.testing.assert_array_equal(found, np.array([3, 1, 0.5], "float32")[LABELS])

    @pytest.mark.parametrize("sparse", [True, False])
    def test_a_class_twice_is_its_samples_twice(self, sparse):
        def trained(y, x, **weights):
            lamina.utils.set_random_seed(1)
            model = Sequential([Input((4,)), layers.Dense(5, activation="tanh"), layers.Dense(K, activation="softmax")])
            loss = losses.SparseCategoricalCrossentropy if sparse else losses.CategoricalCrossentropy
            model.compile(optimizers.SGD(0.05), loss(reduction="sum"))
            model.fit(x, y, batch_size=len(x), epochs=3, verbose=0, shuffle=False, **weights)
            return model.get_weights()

        x = rng.normal(size=(N, 4))
        y = LABELS if sparse else ONE_HOT
        sample_weight = W.astype(float)
        repeats = W * np.array([2, 1, 3])[LABELS]
        weighted = trained(y, x, class_weight={0: 2, 2: 3}, sample_weight=sample_weight)
        repeated = trained(np.repeat(y, repeats, axis=0), np.repeat(x, repeats, axis=0))
        for first, second in zip(weighted, repeated, strict=True):
            np.testing.assert_allclose(first, second, rtol=1e-4, atol=1e-6)

    @pytest.mark.parametrize(
        ("loss", "units", "shape"),
        [
            ("sparse_categorical_crossentropy", K, (6, 5)),
            ("sparse_categorical_crossentropy", K, (6, 5, 1)),
            ("categorical_crossentropy", K, None),
            ("binary_crossentropy", 1, (6, 5)),
            ("binary_crossentropy", 1, (6, 5, 1)),
        ],
    )
    def test_of_each_step_times_sample_weight(self, loss, units, shape):
        """Class weights of (batch, steps) are the weights of the steps, with those of the samples multiplied in."""
        x = rng.normal(size=(6, 5, 4))
        labels = rng.integers(0, max(units, 2), (6, 5))
        labels.flat[: max(units, 2)] = range(max(units, 2))
        y = np.eye(K)[labels] if shape is None else labels.reshape(shape)
        by_sample = rng.uniform(0.5, 2, 6)
        found = []
        for weights in (
            {"class_weight": {0: 2.0, 1: 0.5}, "sample_weight": by_sample},
            {"sample_weight": np.where(labels == 0, 2.0, np.where(labels == 1, 0.5, 1.0)) * by_sample[:, None]},
        ):
            lamina.utils.set_random_seed(1)
            head = layers.Dense(units, activation="softmax" if units > 1 else "sigmoid")
            model = Sequential([Input((5, 4)), layers.LSTM(3, return_sequences=True), head])
            model.compile("sgd", loss)
            model.fit(x, y, epochs=2, verbose=0, shuffle=False, **weights)
            found.append(model.get_weights())
        for first, second in zip(*found, strict=True):
            np.testing.assert_allclose(first, second, rtol=1e-5, atol=1e-7)

    def test_balanced_in_fit(self):
        x, y = rng.normal(size=(20, 4)), (np.arange(20) < 4).astype(int)
        found = []
        for weights in ("balanced", {0: 20 / (2 * 16), 1: 20 / (2 * 4)}):
            lamina.utils.set_random_seed(1)
            model = Sequential([Input((4,)), layers.Dense(1, activation="sigmoid")])
            model.compile("sgd", "binary_crossentropy")
            found.append(model.fit(x, y, class_weight=weights, verbose=0, epochs=2).history["loss"])
        np.testing.assert_allclose(*found, rtol=1e-6)

    def test_balanced_wants_all_targets_at_hand(self):
        model = Sequential([Input((4,)), layers.Dense(1, activation="sigmoid")])
        model.compile("sgd", "binary_crossentropy")
        batches = ((np.zeros((2, 4)), np.array([0, 1])) for _ in range(2))
        with pytest.raises(DataError, match="class_weight='balanced': expected arrays, whose classes can be counted"):
            model.fit(batches, class_weight="balanced", verbose=0)

    @pytest.mark.filterwarnings("error")
    def test_a_batch_that_lacks_a_class_is_nothing_to_warn_of(self):
        model = Sequential([Input((2,)), layers.Dense(3, activation="softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy")
        batches = ((np.ones((2, 2)), np.array(labels)) for labels in ([0, 1], [1, 2], [0, 0]))
        model.fit(batches, class_weight={0: 1, 1: 2, 2: 3}, steps_per_epoch=3, verbose=0)
        model.train_on_batch(np.ones((1, 2)), np.array([1]), class_weight={0: 1, 1: 2, 2: 3})

    def test_keys_as_json_has_them(self):
        given = class_weights(LABELS, {"0": 3.0}, sparse=True)
        np.testing.assert_array_equal(given, np.where(LABELS == 0, 3, 1))

    def test_a_class_that_does_not_occur(self):
        with pytest.warns(UserWarning, match=r"do not occur in y: \[7\]"):
            class_weights(LABELS, {0: 1.0, 7: 2.0}, sparse=True)

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"a": 1.0}, "class numbers as keys, received 'a'"),
            ({0.5: 1.0}, "class numbers as keys, received 0.5"),
            ({0: np.nan}, r"class_weight\[0\]: expected a finite number of 0 or more, received nan"),
            ({0: np.inf}, "a finite number of 0 or more, received inf"),
            ({1: -1.0}, r"class_weight\[1\]: expected a finite number of 0 or more, received -1"),
            ({1: "2"}, "a finite number of 0 or more, received '2'"),
        ],
    )
    def test_a_weight_or_a_class_that_is_none(self, given, said):
        with pytest.raises(DataError, match=said):
            class_weights(LABELS, given, sparse=True)

    def test_another_word(self):
        model = Sequential([Input((4,)), layers.Dense(1, activation="sigmoid")])
        model.compile("sgd", "binary_crossentropy")
        with pytest.raises(DataError, match=r"class_weight: expected a dict, \{class: weight\}, or 'balanced'"):
            model.fit(np.zeros((2, 4)), [0, 1], class_weight="even", verbose=0)
