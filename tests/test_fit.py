"""fit, evaluate, predict: what they take, what they give, and that the numbers are those of the plain steps."""

import subprocess
import sys

import numpy as np
import pytest
import scipy.sparse

import lamina
from lamina import Input, Sequential, layers, losses, optimizers
from lamina.errors import ArgumentError, DataError, LaminaWarning, OptionError
from lamina.utils import PyDataset

rng = np.random.default_rng(0)
X = rng.normal(size=(20, 4)).astype("float32")
Y = (X @ [1.0, -2.0, 0.5, 1.0] > 0).astype("int64")


def classifier(metrics=("accuracy",), optimizer="sgd", **options):
    lamina.utils.set_random_seed(1)
    model = Sequential([Input((4,)), layers.Dense(8, activation="relu"), layers.Dense(2, activation="softmax")])
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=list(metrics), **options)
    return model


def regressor():
    lamina.utils.set_random_seed(1)
    model = Sequential([Input((4,)), layers.Dense(1)])
    model.compile(optimizers.SGD(0.05), "mse")
    return model


class Slices(PyDataset):
    """X and its first column, so many rows at a time."""

    def __init__(self, rows):
        super().__init__()
        self.rows = rows

    def __len__(self):
        return len(X) // self.rows

    def __getitem__(self, index):
        part = slice(self.rows * index, self.rows * (index + 1))
        return X[part], X[part, :1]


class TestNumbers:
    def test_fit_is_the_plain_steps(self):
        model = regressor()
        w, b = (weight.numpy().astype("float64") for weight in model.weights)
        target = X.sum(axis=1, keepdims=True)
        history = model.fit(X, target, batch_size=8, epochs=2, shuffle=False, verbose=0).history["loss"]
        expected = []
        for _ in range(2):
            total = 0.0
            for start in (0, 8, 16):
                x, y = X[start : start + 8].astype("float64"), target[start : start + 8]
                error = x @ w + b - y
                total += (error**2).mean() * len(x)
                dz = 2 * error / len(x)
                w, b = w - 0.05 * x.T @ dz, b - 0.05 * dz.sum(axis=0)
            expected.append(total / 20)
        np.testing.assert_allclose(history, expected, rtol=1e-5)
        np.testing.assert_allclose(model.weights[0].value, w, rtol=1e-5)

    def test_the_joined_gradient_is_the_true_one(self):
        """Softmax and cross-entropy together train as both apart do."""
        joined, apart = classifier(), classifier()
        apart._objective.loss.joins = None
        for model in (joined, apart):
            model.fit(X, Y, epochs=3, verbose=0, shuffle=False)
        for first, second in zip(joined.get_weights(), apart.get_weights(), strict=True):
            np.testing.assert_allclose(first, second, rtol=1e-4, atol=1e-6)

    def test_a_user_loss_and_a_pair_function(self):
        class Mine(losses.Loss):
            def values(self, y_true, y_pred):
                self.saved = y_pred - y_true
                return (self.saved**2).mean(axis=-1)

            def gradient(self, dvalues):
                return 2 * self.saved * dvalues[..., None] / self.saved.shape[-1]

        def pair(y_true, y_pred):
            error = y_pred - y_true
            return (error**2).mean(axis=-1), 2 * error / error.shape[-1]

        found = []
        for loss in (
            "mse",
            Mine(),
            pair,
            losses.mean_squared_error,
            losses.MeanSquaredError,
            {"class_name": "MeanSquaredError", "config": {}},
            {"dense": "mse"},
        ):
            model = regressor()
            model.compile("sgd", loss)
            found.append(model.fit(X, X[:, :1], epochs=2, verbose=0, shuffle=False).history["loss"])
        for values in found[1:]:
            np.testing.assert_allclose(values, found[0], rtol=1e-6)

    def test_learns(self):
        model = classifier(optimizer=optimizers.Adam(0.05))
        history = model.fit(X, Y, epochs=60, verbose=0).history
        assert history["accuracy"][-1] == 1.0 and history["loss"][-1] < 0.1

    def test_weights_of_two_equal_the_sample_twice(self):
        model, twice = regressor(), regressor()
        for each in (model, twice):
            each.compile(optimizers.SGD(0.05), losses.MeanSquaredError(reduction="sum"))
        model.fit(X, X[:, :1], sample_weight=np.full(20, 2.0), batch_size=20, verbose=0, shuffle=False)
        twice.fit(np.concatenate([X, X]), np.concatenate([X, X])[:, :1], batch_size=40, verbose=0, shuffle=False)
        np.testing.assert_allclose(model.weights[0].value, twice.weights[0].value, rtol=1e-5)

    def test_class_weight_and_sample_weight_multiply(self):
        sample_weight = rng.uniform(1, 2, 20)
        both, product = classifier(), classifier()
        both.fit(X, Y, class_weight={1: 3.0}, sample_weight=sample_weight, verbose=0, shuffle=False)
        product.fit(X, Y, sample_weight=sample_weight * np.where(Y == 1, 3.0, 1.0), verbose=0, shuffle=False)
        for first, second in zip(both.get_weights(), product.get_weights(), strict=True):
            np.testing.assert_allclose(first, second, rtol=1e-6)

    def test_penalties_join_the_loss_and_the_gradient(self):
        model = Sequential([Input((4,)), layers.Dense(1, kernel_regularizer="l2", activity_regularizer="l1")])
        model.compile(optimizers.SGD(0.0), "mse")
        y = model.predict(X, verbose=0)
        expected = 0.01 * (model.weights[0].value ** 2).sum() + 0.01 * np.abs(y).sum() / 20
        assert model.fit(X, y, batch_size=20, verbose=0).history["loss"][0] == pytest.approx(float(expected), rel=1e-5)
        assert model.evaluate(X, y, batch_size=20, verbose=0) == pytest.approx(float(expected), rel=1e-5)

    def test_loss_weights(self):
        model, plain = regressor(), regressor()
        model.compile(optimizers.SGD(0.1), "mse", loss_weights=0.5)
        plain.compile(optimizers.SGD(0.05), "mse")
        loss = model.train_on_batch(X, X[:, :1]) * 2
        assert loss == pytest.approx(plain.train_on_batch(X, X[:, :1]), rel=1e-6)
        np.testing.assert_allclose(model.weights[0].value, plain.weights[0].value, rtol=1e-6)

    def test_frozen_layers_stay(self):
        model = classifier()
        model.layers[0].trainable = False
        before = model.get_weights()
        model.fit(X, Y, verbose=0)
        after = model.get_weights()
        np.testing.assert_array_equal(before[0], after[0])
        assert np.any(before[2] != after[2])
        model.layers[0].trainable = True
        model.fit(X, Y, verbose=0)
        assert np.any(model.get_weights()[0] != after[0])

    def test_two_runs_give_the_same_bits_in_two_processes(self):
        code = (
            "import numpy as np, lamina\nfrom lamina import layers\nlamina.utils.set_random_seed(3)\n"
            "x = np.random.default_rng(0).normal(size=(50, 4)); y = (x[:, 0] > 0).astype(int)\n"
            "m = lamina.Sequential([layers.Dense(8, activation='relu'), layers.Dropout(0.3), layers.Dense(2, activation='softmax')])\n"
            "m.compile('adam', 'sparse_categorical_crossentropy')\nm.fit(x, y, epochs=3, verbose=0)\n"
            "print(b''.join(w.tobytes() for w in m.get_weights()).hex())"
        )
        first, second = (
            subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/").stdout
            for _ in range(2)
        )
        assert first == second and len(first) > 100


class TestData:
    def check(self, x, y=None, **options):
        model = regressor()
        return model.fit(x, y, verbose=0, shuffle=False, batch_size=options.pop("batch_size", 8), **options).history[
            "loss"
        ][0]

    @pytest.fixture
    def expected(self):
        return self.check(X, X[:, :1])

    def test_lists(self, expected):
        assert self.check(X.tolist(), X[:, :1].tolist()) == pytest.approx(expected, rel=1e-6)

    def test_what_has_array(self, expected):
        class Frame:
            def __init__(self, data):
                self.data = data

            def __array__(self, dtype=None, copy=None):
                return np.asarray(self.data, dtype=dtype)

        assert self.check(Frame(X.astype("float64")), Frame(X[:, 0])) == pytest.approx(expected, rel=1e-6)
        assert self.check(Frame(X.astype(object)), Frame(X[:, 0])) == pytest.approx(expected, rel=1e-6)

    def test_sparse(self, expected):
        for kind in (scipy.sparse.csr_matrix, scipy.sparse.coo_array):
            assert self.check(kind(X), X[:, :1]) == pytest.approx(expected, rel=1e-6)

    @pytest.mark.parametrize("kind", [scipy.sparse.csr_matrix, scipy.sparse.coo_array])
    def test_sparse_batches(self, expected, kind):
        def batches():
            for start in range(0, 20, 8):
                yield kind(X[start : start + 8]), kind(X[start : start + 8, :1])

        assert self.check(batches(), batch_size=None) == pytest.approx(expected, rel=1e-6)
        model = regressor()
        assert model.train_on_batch(kind(X), kind(X[:, :1])) == regressor().train_on_batch(X, X[:, :1])
        assert np.array_equal(model.predict_on_batch(kind(X)), model.predict_on_batch(X))

    @pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
    def test_a_matrix_is_an_array(self):
        y = np.eye(2, dtype="float32")[Y]
        found = []
        for kind in (np.asarray, np.matrix):
            model = classifier()
            model.compile("sgd", "categorical_crossentropy")
            found.append(model.fit(kind(X), kind(y), 8, 2, 0, class_weight={0: 1.0, 1: 2.0}).history["loss"])
        assert found[0] == found[1]

    def test_masked_entries_are_said(self):
        y = np.ma.masked_array(X[:, :1], mask=np.arange(20)[:, None] == 3)
        with pytest.warns(LaminaWarning, match="y has masked entries"):
            self.check(X, y)

    def test_memory_map(self, expected, tmp_path):
        np.save(tmp_path / "x.npy", X)
        mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
        assert self.check(mapped, X[:, :1]) == pytest.approx(expected, rel=1e-6)

    def test_a_memory_map_is_never_read_whole(self, tmp_path):
        shape = (200_000, 1000)  # 800 MB of zeros that take no room on disk
        mapped = np.memmap(tmp_path / "x.bin", dtype="float32", mode="w+", shape=shape)
        model = Sequential([Input((1000,)), layers.Dense(1)])
        model.compile("sgd", "mse")
        code = "VmRSS"

        def resident():
            with open("/proc/self/status") as status:
                return next(int(line.split()[1]) for line in status if line.startswith(code)) / 1024

        before = resident()
        model.fit(mapped, np.zeros(shape[0]), batch_size=100, steps_per_epoch=20, verbose=0)
        assert resident() - before < 200

    def test_generator(self, expected):
        def batches():
            for start in range(0, 20, 8):
                yield X[start : start + 8], X[start : start + 8, :1]

        assert self.check(batches(), batch_size=None) == pytest.approx(expected, rel=1e-6)

    def test_endless_generator_in_steps(self):
        def batches():
            while True:
                yield X, X[:, :1], np.ones(20)

        history = (
            regressor()
            .fit(batches(), steps_per_epoch=3, epochs=2, verbose=0, validation_data=batches(), validation_steps=1)
            .history
        )
        assert len(history["val_loss"]) == 2

    @pytest.mark.parametrize("kind", ["dataset", "generator"])
    def test_a_batch_size_beside_batches_goes_on(self, kind):
        """As in Keras, where it is that of validation data in arrays, if anything's."""

        def data():
            return Slices(10) if kind == "dataset" else (Slices(10)[index] for index in range(2))

        expected = regressor().fit(data(), shuffle=False, verbose=0).history["loss"]
        with pytest.warns(LaminaWarning, match=rf"fit\(batch_size=5\) says nothing about it: the {kind} gives batches"):
            assert regressor().fit(data(), batch_size=5, shuffle=False, verbose=0).history["loss"] == expected
        with pytest.warns(LaminaWarning, match="predict"):
            assert regressor().predict(data(), batch_size=5, verbose=0).shape == (20, 1)

    @pytest.mark.parametrize("kind", ["arrays", "dataset", "generator", "loader"])
    def test_validation_steps_look_at_the_same_batches_after_each_epoch(self, kind):
        """As in Keras; a generator gives each batch once, and goes on."""

        class Loader:
            def __iter__(self):
                return (data[index] for index in range(5))

        data = Slices(4)
        held_out = {"arrays": (X, X[:, :1]), "dataset": data, "generator": iter(Loader()), "loader": Loader()}[kind]
        model = regressor()
        model.compile(optimizers.SGD(0.0), "mse")
        options = {"validation_steps": 2, "validation_batch_size": 4, "epochs": 2, "verbose": 0}
        first, second = model.fit(X, X[:, :1], validation_data=held_out, **options).history["val_loss"]
        assert first == pytest.approx(model.evaluate(X[:8], X[:8, :1], verbose=0))
        rows = slice(8, 16) if kind == "generator" else slice(8)
        assert second == pytest.approx(model.evaluate(X[rows], X[rows, :1], verbose=0))

    @pytest.mark.parametrize("size", [None, 3])
    def test_the_part_split_off_comes_in_batches_of_its_own_size(self, size):
        sizes = []

        class Sees(layers.Identity):
            def forward(self, x, training=False):
                sizes.append((training, len(x)))
                return super().forward(x, training)

        model = Sequential([Input((4,)), Sees(), layers.Dense(1)])
        model.compile("sgd", "mse")
        model.fit(X, X[:, :1], batch_size=5, validation_split=0.5, validation_batch_size=size, verbose=0)
        expected = [5, 5] if size is None else [3, 3, 3, 1]
        assert [count for training, count in sizes if not training][-len(expected) :] == expected

    @pytest.mark.parametrize("workers", [1, 3])
    def test_dataset(self, expected, workers):
        class Slices(PyDataset):
            ended = 0

            def __len__(self):
                return 3

            def __getitem__(self, index):
                return X[8 * index : 8 * index + 8], X[8 * index : 8 * index + 8, :1]

            def on_epoch_end(self):
                self.ended += 1

        data = Slices(workers=workers)
        assert self.check(data, batch_size=None) == pytest.approx(expected, rel=1e-6)
        assert data.ended == 1
        assert regressor().predict(data, verbose=0).shape == (20, 1)

    @pytest.mark.parametrize("shuffle", [True, False])
    def test_windows_of_a_series_come_in_their_order(self, shuffle):
        """As in Keras, whose function gives no PyDataset: there `fit` shuffles none of its batches."""
        seen = []

        class Sees(layers.Identity):
            def forward(self, x, training=False):
                seen.extend(x[:, 0, 0].tolist() if training else [])
                return super().forward(x, training)

        model = Sequential([Input((4, 1)), Sees(), layers.Flatten(), layers.Dense(1)])
        model.compile("sgd", "mse")
        series = np.arange(60.0)[:, None] / 60
        data = lamina.utils.timeseries_dataset_from_array(series, series[4:], sequence_length=4, batch_size=7)
        model.fit(data, epochs=2, shuffle=shuffle, verbose=0)
        np.testing.assert_allclose(seen, np.tile(series[:56, 0], 2), rtol=1e-6)

    def test_batches_of_a_plain_dataset_are_shuffled(self):
        numbers = []

        class Numbered(PyDataset):
            def __len__(self):
                return 12

            def __getitem__(self, index):
                numbers.append(index)
                return X[:4], X[:4, :1]

        regressor().fit(Numbered(), epochs=1, verbose=0)
        assert numbers != sorted(numbers) and sorted(numbers) == list(range(12))
        numbers.clear()
        regressor().fit(Numbered(), epochs=1, shuffle=False, verbose=0)
        assert numbers == list(range(12))

    @pytest.mark.parametrize("shuffle", [True, False])
    def test_a_dataset_may_have_fewer_or_more_batches_at_each_epoch(self, shuffle):
        numbers, counts = [], iter([2, 4, 1, 9])

        class Changing(PyDataset):
            count = 3

            def __len__(self):
                return self.count

            def __getitem__(self, index):
                numbers[-1].append(index)
                return X[:4], X[:4, :1]

            def on_epoch_begin(self):
                numbers.append([])

            def on_epoch_end(self):
                self.count = next(counts)

        regressor().fit(Changing(), epochs=4, shuffle=shuffle, verbose=0)
        assert list(map(sorted, numbers)) == [[0, 1, 2], [0, 1], [0, 1, 2, 3], [0]]

    def test_integer_images(self):
        model = Sequential([layers.Flatten(), layers.Dense(2, activation="softmax")])
        model.compile("adam", "sparse_categorical_crossentropy")
        images = rng.integers(0, 255, (6, 3, 3)).astype("uint8")
        model.fit(images, [0, 1, 0, 1, 0, 1], verbose=0)
        assert images.dtype == np.uint8 and model.predict(images, verbose=0).dtype == np.float32

    def test_y_as_rows_or_a_column(self):
        assert self.check(X, X[:, 0]) == pytest.approx(self.check(X, X[:, :1]), rel=1e-6)


class TestSurface:
    def test_history_keys_are_keras_s(self):
        model = classifier(metrics=["accuracy", "sparse_top_k_categorical_accuracy"], weighted_metrics=["accuracy"])
        history = model.fit(X, Y, epochs=2, verbose=0, validation_split=0.25)
        names = {"loss", "accuracy", "sparse_top_k_categorical_accuracy", "weighted_accuracy"}
        assert set(history.history) == names | {f"val_{name}" for name in names}
        assert all(len(values) == 2 for values in history.history.values()) and history.epoch == [0, 1]
        assert model.history is history
        assert model.metrics_names == ["loss", "accuracy", "sparse_top_k_categorical_accuracy", "weighted_accuracy"]
        assert [metric.name for metric in model.metrics][:2] == ["loss", "accuracy"]

    def test_validation_split_is_the_tail_before_the_shuffle(self):
        model = classifier()
        seen = []
        forward = model.layers[0].forward
        model.layers[0].forward = lambda x, training=False: (seen.append((training, x.copy())), forward(x, training))[1]
        model.fit(X, Y, validation_split=0.25, batch_size=15, verbose=0)
        held = np.concatenate([x for training, x in seen if not training])
        np.testing.assert_array_equal(held, X[15:])
        assert sorted(seen[0][1][:, 0]) == sorted(X[:15, 0]) and np.any(seen[0][1] != X[:15])

    def test_validation_freq(self):
        history = classifier().fit(X, Y, epochs=4, validation_data=(X, Y), validation_freq=2, verbose=0).history
        assert len(history["val_loss"]) == 2 and len(history["loss"]) == 4
        history = classifier().fit(X, Y, epochs=4, validation_data=(X, Y), validation_freq=[1], verbose=0).history
        assert len(history["val_loss"]) == 1

    def test_initial_epoch_and_limits(self):
        assert classifier().fit(X, Y, epochs=5, initial_epoch=3, verbose=0).epoch == [3, 4]
        lamina.config.set_max_epochs(1)
        lamina.config.set_max_steps_per_epoch(1)
        model = classifier()
        assert model.fit(X, Y, epochs=5, batch_size=4, verbose=0).epoch == [0] and int(model.optimizer.iterations) == 1

    def test_steps_per_epoch_goes_on_where_the_last_ended(self):
        model = regressor()
        model.fit(X, X[:, 0], batch_size=5, steps_per_epoch=3, epochs=4, verbose=0)
        assert int(model.optimizer.iterations) == 12

    def test_evaluate_and_on_batch(self):
        model = classifier()
        loss, accuracy = model.evaluate(X, Y, verbose=0)
        assert model.evaluate(X, Y, verbose=0, return_dict=True) == {"loss": loss, "accuracy": accuracy}
        assert model.test_on_batch(X, Y) == [pytest.approx(loss, rel=1e-6), accuracy]
        assert model.train_on_batch(X, Y, return_dict=True) == {
            "loss": pytest.approx(loss, rel=1e-6),
            "accuracy": accuracy,
        }
        assert model.train_on_batch(X, Y)[0] < loss
        assert isinstance(regressor().evaluate(X, X[:, 0], verbose=0), float)
        weighted = model.evaluate(X, Y, sample_weight=np.zeros(20), verbose=0)
        assert weighted[0] == 0

    def test_predict(self):
        model = classifier()
        y = model.predict(X, batch_size=7, verbose=0)
        assert y.shape == (20, 2) and y.dtype == np.float32
        np.testing.assert_allclose(y, model(X), rtol=1e-5)
        np.testing.assert_allclose(model.predict_on_batch(X), y, rtol=1e-5)
        assert model.predict(X, batch_size=7, steps=2, verbose=0).shape == (14, 2)
        y[:] = 0
        assert model.predict(X, verbose=0).any()

    def test_inference_leaves_nothing(self):
        model = classifier()
        model.predict(X, verbose=0)
        with pytest.raises(ValueError, match="backward before forward"):
            model.backward(np.ones((20, 2), "float32"))

    def test_recompile_keeps_the_weights(self):
        model = classifier()
        model.fit(X, Y, verbose=0)
        before = model.get_weights()
        model.compile("adam", "sparse_categorical_crossentropy")
        np.testing.assert_array_equal(before[0], model.get_weights()[0])

    def test_functions_as_metrics(self):
        def mean_output(y_true, y_pred):
            return y_pred.mean(axis=-1)

        model = classifier(metrics=[mean_output, lamina.metrics.SparseCategoricalAccuracy(name="acc")])
        assert set(model.fit(X, Y, verbose=0).history) == {"loss", "mean_output", "acc"}

    def test_a_subclassed_model(self):
        class Two(lamina.Model):
            def __init__(self):
                super().__init__()
                self.first, self.second = layers.Dense(8, activation="relu"), layers.Dense(1)

            def forward(self, x, training=False):
                return self.second(self.first(x))

            def backward(self, dy):
                return self.first.backward(self.second.backward(dy))

        model = Two()
        model.compile(optimizers.Adam(0.02), "mse")
        history = model.fit(X, X[:, :1], epochs=20, verbose=0).history["loss"]
        assert history[-1] < history[0] / 2 and len(model.layers) == 2

    def test_float64_throughout(self):
        lamina.config.set_floatx("float64")
        model = classifier(optimizer="adam")
        model.fit(X, Y, verbose=0)
        assert model.predict(X, verbose=0).dtype == np.float64


def test_layers_before_the_first_that_learns_are_not_asked_for_gradients():
    asked = []

    class Watched(layers.Dense):
        def backward(self, dy):
            asked.append(self.name)
            return super().backward(dy)

    x, y = np.ones((4, 3)), np.ones((4, 1))
    model = Sequential([layers.Input((3,)), *(Watched(2, name=name) for name in "abc"), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.get_layer("a").trainable = False
    model.fit(x, y, verbose=0)
    assert asked == ["c", "b"]  # b by its own backward, which knows of no `backward_weights`

    for layer in model.layers:
        layer.trainable = False
    asked.clear()
    model.fit(x, y, verbose=0)
    assert asked == []


@pytest.mark.parametrize("types", [("float16", "float32"), ("float32", "float64"), ("float64", "float32")])
@pytest.mark.parametrize("nested", [False, True])
def test_layers_of_other_types_train_together(types, nested):
    """As in mixed precision: each hands the next its type, and gets its own back."""
    first: list = [layers.Dense(3, activation="relu", dtype=types[0], kernel_initializer="ones")]
    model = Sequential([*([Sequential(first)] if nested else first), layers.Dense(1, dtype=types[1])])
    model.compile("sgd", "mse")
    x = np.linspace(0, 1, 32).reshape(8, 4)
    losses = model.fit(x, x.sum(axis=1), epochs=5, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    assert [weight.dtype for weight in model.weights] == [types[0]] * 2 + [types[1]] * 2


def test_a_table_that_lies_column_by_column_is_trained():
    table = np.arange(12.0).reshape(2, 6).T
    model = Sequential([layers.Embedding(6, 2, embeddings_initializer=lambda shape, dtype=None: table)])
    model.compile("sgd", "mse")
    model.fit(np.arange(6)[:, None], np.zeros((6, 1, 2)), epochs=1, verbose=0)
    assert not np.array_equal(model.get_weights()[0], table)


class Sharpened(layers.Dense):
    """A user's Dense, whose softmax is not the last thing that it does."""

    def forward(self, x, training=False):
        p = super().forward(x, training)
        total = (p**2).sum(axis=-1, keepdims=True)
        self.kept = p, total
        return p**2 / total

    def backward(self, dy):
        p, total = self.kept
        return super().backward(2 * p / total * (dy - (dy * p**2).sum(axis=-1, keepdims=True) / total))


def test_an_activation_that_does_not_come_last_is_not_joined_with_the_loss():
    lamina.utils.set_random_seed(0)
    x, y = np.random.default_rng(1).normal(size=(16, 4)), np.arange(16) % 3
    sharpened = Sequential([Input((4,)), Sharpened(3, activation="softmax", dtype="float64")])
    sharpened.compile(optimizers.SGD(1.0), "sparse_categorical_crossentropy")
    (kernel, bias), loss, step = sharpened.get_weights(), losses.SparseCategoricalCrossentropy(), 1e-6

    def loss_at(kernel):
        sharpened.set_weights([kernel, bias])
        return loss.forward(y, sharpened(x))

    moved = np.array([kernel + step * unit.reshape(kernel.shape) for unit in np.eye(kernel.size)])
    back = np.array([kernel - step * unit.reshape(kernel.shape) for unit in np.eye(kernel.size)])
    slopes = [(loss_at(a) - loss_at(b)) / (2 * step) for a, b in zip(moved, back, strict=True)]
    sharpened.set_weights([kernel, bias])
    sharpened.fit(x, y, batch_size=16, verbose=0)
    np.testing.assert_allclose((kernel - sharpened.get_weights()[0]).ravel(), slopes, atol=1e-7)


def test_hints_how_to_run_are_taken_and_change_nothing():
    def fitted(**hints):
        lamina.utils.set_random_seed(1)
        model = Sequential([Input((2,)), layers.Dense(1)])
        model.compile("adam", "mse", **hints)
        model.fit(np.ones((8, 2)), np.ones(8), verbose=0)
        return model.get_weights()

    hinted = fitted(run_eagerly=True, jit_compile=False, steps_per_execution=4, auto_scale_loss=False)
    assert all(np.array_equal(a, b) for a, b in zip(hinted, fitted(), strict=True))
    for wrong in ({"run_eagerly": "warn"}, {"jit_compile": "fast"}, {"steps_per_execution": 0}):
        with pytest.raises((OptionError, ArgumentError), match=f"compile.*{next(iter(wrong))}"):
            fitted(**wrong)


def batches(count):
    return ((np.ones((4, 2)), np.ones(4)) for _ in range(count))


@pytest.mark.parametrize(("count", "steps"), [(4, None), (6, 6)])
def test_a_generator_that_is_used_up_ends_the_run(count, steps):
    model = Sequential([Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.warns(LaminaWarning, match="the generator is used up: training ends after epoch 1 of 3"):
        history = model.fit(batches(count), epochs=3, steps_per_epoch=steps, verbose=0)
    assert history.epoch == [0] and len(history.history["loss"]) == 1
    with pytest.raises(DataError, match="no batch to train on"):
        model.fit(batches(0), epochs=3, verbose=0)


def test_a_validation_generator_that_is_used_up_ends_nothing():
    model = Sequential([Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    x, y = np.ones((8, 2)), np.ones(8)
    with pytest.warns(LaminaWarning, match="validation generator is used up"):
        history = model.fit(x, y, epochs=3, validation_data=batches(2), verbose=0)
    assert history.epoch == [0, 1, 2] and len(history.history["val_loss"]) == 1
    with pytest.raises(DataError, match="no batch to evaluate on"):
        model.fit(x, y, validation_data=batches(0), verbose=0)


def test_lists_of_one_array_are_that_array():
    """As Keras takes what a model of one input and one output is given."""
    x, y = np.arange(16.0).reshape(8, 2), np.arange(8.0)

    def found(x, y, weight, given):
        lamina.utils.set_random_seed(1)
        model = Sequential([*given, layers.Dense(1)])
        model.compile(optimizers.SGD(1e-3), "mse")
        model.fit(x, y, validation_data=(x, y), sample_weight=weight, epochs=2, verbose=0, shuffle=False)
        return [
            *model.get_weights(),
            model.train_on_batch(x, y),
            model.evaluate(x, y, verbose=0),
            model.predict(x, verbose=0),
            model.predict_on_batch(x),
            model(x),
            model.fit(iter([(x, y)]), verbose=0).history["loss"],
        ]

    weight = np.linspace(1, 2, 8)
    for given in ((Input((2,)),), ()):
        for listed, plain in zip(found([x], [y], [weight], given), found(x, y, weight, given), strict=True):
            np.testing.assert_array_equal(listed, plain)


def test_a_list_of_one_sample_is_a_batch_of_it():
    model = Sequential([Input((3, 4)), layers.Flatten(), layers.Dense(2)])
    sample = np.ones((3, 4))
    assert model.predict([sample], verbose=0).shape == (1, 2)
    assert model.predict([sample.tolist()], verbose=0).shape == (1, 2)
    assert Sequential([layers.Dense(2)]).predict([np.ones(4)], verbose=0).shape == (1, 2)


def test_the_values_of_an_epoch_come_by_name():
    class Zeros(lamina.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            assert list(logs) == ["loss", "mae", "val_loss", "val_mae", "val_weight", "weight"]

    model = Sequential([Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae", lamina.metrics.MeanSquaredError(name="weight")])
    history = model.fit(np.ones((4, 2)), np.ones(4), validation_split=0.5, verbose=0, callbacks=[Zeros()])
    assert list(history.history) == ["loss", "mae", "val_loss", "val_mae", "val_weight", "weight"]
