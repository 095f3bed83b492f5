"""Models in files: what is saved is loaded, predicts the same, and trains on as if nothing had been."""

import copy
import importlib
import os
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import record_golden
from record_layers import make

import lamina
from lamina import Input, Sequential, layers, losses, metrics, optimizers, regularizers
from lamina.errors import ConfigError, FileError, OptionError, StateError
from lamina.models import load_model
from lamina.models.archive_table import FORMAT

rng = np.random.default_rng(5)
X = rng.normal(size=(24, 6, 4)).astype("float32")
Y = (X.sum(axis=(1, 2)) > 0).astype(int)
TEXTS = np.array(["the cat sat", "a dog ran off", "the dog", "cat and dog"] * 3, dtype=object)


def mixed(**options):
    """Layers that draw, that carry numbers along, and that hold layers."""
    return Sequential(
        [
            Input((6, 4)),
            layers.Bidirectional(layers.LSTM(3, return_sequences=True, dropout=0.2, recurrent_dropout=0.1)),
            layers.GaussianNoise(0.1),
            layers.TimeDistributed(layers.Dense(4, kernel_regularizer=regularizers.L2(0.01))),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(2, activation="softmax", name="last/layer"),
        ],
        **options,
    )


def compiled(optimizer="adam", **options):
    model = mixed()
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"], **options)
    return model


def same(a, b):
    """Whether two models hold the same numbers."""
    return all(np.array_equal(x, y) for x, y in zip(a.get_weights(), b.get_weights(), strict=True))


def fit(model, epochs=2):
    return model.fit(X, Y, epochs=epochs, batch_size=8, verbose=0, validation_split=0.25).history


def saved(model, folder, **options):
    model.save(folder / "m.lamina")
    return load_model(folder / "m.lamina", **options)


# -- whole models
def test_training_goes_on_where_it_stood(tmp_path):
    model = compiled()
    fit(model)
    other = saved(model, tmp_path)
    np.testing.assert_array_equal(model.predict(X, verbose=0), other.predict(X, verbose=0))
    assert fit(model) == fit(other)
    assert same(model, other)


@pytest.mark.parametrize("of", ["names", "variables"])
def test_what_weight_decay_leaves_out(tmp_path, of):
    model = compiled(optimizers.AdamW(0.1, weight_decay=0.5))
    biases = [weight for weight in model.weights if weight.name == "bias"]
    model.optimizer.exclude_from_weight_decay(*([biases] if of == "variables" else [None, ["bias"]]))
    other = saved(model, tmp_path)
    assert fit(model) == fit(other)
    assert same(model, other)


@pytest.mark.parametrize(
    "optimizer",
    [
        optimizers.SGD(0.01, momentum=0.9, nesterov=True),
        optimizers.Adam(optimizers.schedules.ExponentialDecay(0.01, 3, 0.5), use_ema=True, ema_overwrite_frequency=3),
        optimizers.AdamW(weight_decay=0.1, clipnorm=1.0),
        optimizers.Nadam(gradient_accumulation_steps=4),
        optimizers.Adafactor(),
        optimizers.Ftrl(),
    ],
    ids=lambda optimizer: type(optimizer).__name__,
)
def test_the_optimizer_s_memory(tmp_path, optimizer):
    model = compiled(optimizer)
    fit(model)
    model.optimizer.exclude_from_weight_decay(var_names=["bias"])
    other = saved(model, tmp_path)
    assert fit(model) == fit(other)
    assert same(model, other)


def test_frozen_and_thawed_layers(tmp_path):
    model = compiled()
    fit(model)
    model.layers[0].trainable = False
    fit(model)
    model.get_layer("last/layer").bias.trainable = False
    other = saved(model, tmp_path)
    assert [w.trainable for w in model.weights] == [w.trainable for w in other.weights]
    for one in (model, other):
        fit(one)
        for weight in one.weights:  # frozen layers gather gradients that no step uses up
            weight.reset_grad()
        one.layers[0].trainable = True
        fit(one)
    assert same(model, other)


@pytest.mark.parametrize("learning_rate", [0.125, 1 / 3])
def test_the_learning_rate_that_was_set(tmp_path, learning_rate):
    model = compiled()
    model.optimizer.learning_rate = learning_rate
    assert float(saved(model, tmp_path).optimizer.learning_rate) == learning_rate


def test_what_it_is_compiled_with(tmp_path):
    model = mixed()
    loss = losses.SparseCategoricalCrossentropy(ignore_class=0)
    model.compile(
        "sgd", loss, 0.5, [metrics.SparseTopKCategoricalAccuracy(1, name="top")], ["accuracy"], on_nonfinite="warn"
    )
    other = saved(model, tmp_path)
    assert other._objective.health.mode == "warn"
    assert (other._objective.loss_weight, other._objective.loss.ignore_class) == (0.5, 0)
    assert model.evaluate(X, Y, verbose=0, return_dict=True) == other.evaluate(X, Y, verbose=0, return_dict=True)
    assert not saved(model, tmp_path, compile=False).compiled


def test_not_compiled_and_not_built(tmp_path):
    assert not saved(mixed(), tmp_path).compiled
    other = saved(Sequential([layers.Dense(2)], name="open"), tmp_path)
    assert (other.built, other.name, len(other.layers)) == (False, "open", 1)
    with pytest.raises(StateError, match="save_weights before build"):
        other.save_weights(tmp_path / "m.weights.lamina")


def test_equal_models_are_equal_files(tmp_path):
    model = compiled()
    model.save(tmp_path / "a.lamina")
    load_model(tmp_path / "a.lamina").save(tmp_path / "b.lamina")
    assert (tmp_path / "a.lamina").read_bytes() == (tmp_path / "b.lamina").read_bytes()


FAMILIES = [
    path.stem.removeprefix("layers_") for path in sorted((Path(__file__).parent / "references").glob("layers_*.npz"))
]


@pytest.mark.parametrize("family", FAMILIES)
def test_each_layer_of_the_references(family, tmp_path):
    arrays = np.load(Path(__file__).parent / "references" / f"layers_{family}.npz")
    for name, case in importlib.import_module(f"cases_{family}").CASES.items():
        x = arrays[f"{name}/x"]
        model = Sequential([Input(shape=x.shape[1:], dtype=x.dtype.name), *(make(lamina, d) for d in case["layers"])])
        other = saved(model, tmp_path)
        assert same(model, other), name
        np.testing.assert_array_equal(model(x, training=True), other(x, training=True), err_msg=name)
        np.testing.assert_array_equal(model(x), other(x), err_msg=name)


@pytest.mark.parametrize("mode", ["int", "tf_idf"])
def test_a_vocabulary_is_in_the_file(tmp_path, mode):
    layer = layers.TextVectorization(output_mode=mode)
    layer.adapt(TEXTS)
    model = Sequential([Input((1,), dtype="string"), layer])
    other = saved(model, tmp_path)
    assert other.layers[0].get_vocabulary() == layer.get_vocabulary()
    np.testing.assert_array_equal(model(TEXTS[:, None]), other(TEXTS[:, None]))


def test_what_was_measured_is_in_the_file(tmp_path):
    model = Sequential([Input((4,)), layers.Normalization(), layers.Discretization(num_bins=3)])
    model.layers[0].adapt(X[:, 0])
    model.layers[1].adapt(X[:, 1])
    np.testing.assert_array_equal(model(X[:, 2]), saved(model, tmp_path)(X[:, 2]))


class Doubled(layers.Layer):
    def forward(self, x, training=False):
        return 2 * x

    def backward(self, dy):
        return 2 * dy


class Two(lamina.Model):
    """A model that is no Sequential."""

    def __init__(self, units, **options):
        super().__init__(**options)
        self.units = units
        self.first, self.second = layers.Dense(units, name="dense"), layers.Dense(1, name="dense")

    def forward(self, x, training=False):
        return self.second(self.first(x), training)

    def backward(self, dy):
        return self.first.backward(self.second.backward(dy))


def rows_right(y_true, y_pred):
    return (y_true == y_pred).mean(axis=-1)


def test_classes_of_one_s_own(tmp_path):
    model = Sequential([Input((4,)), Doubled(), layers.Dense(1)])
    model.compile("sgd", "mse", metrics=[rows_right])
    mine = {"Doubled": Doubled, "rows_right": rows_right}
    other = saved(model, tmp_path, custom_objects=mine)
    np.testing.assert_array_equal(model(X[:, 0]), other(X[:, 0]))
    with pytest.raises(FileError, match=r"m\.lamina: unknown layer 'Doubled'") as refused:
        load_model(tmp_path / "m.lamina")
    assert "@lamina.register" in str(refused.value)
    with pytest.raises(FileError, match=r"unknown metric 'rows_right'(.|\n)*compile=False"):
        load_model(tmp_path / "m.lamina", custom_objects={"Doubled": Doubled})
    assert load_model(tmp_path / "m.lamina", {"Doubled": Doubled}, compile=False).built


def test_a_model_of_one_s_own(tmp_path):
    model = Two(3)
    model.compile("adam", "mse")
    x, y = X[:, 0], Y.astype("float32")
    model.fit(x, y, epochs=1, verbose=0)
    other = saved(model, tmp_path, custom_objects={"Two": Two})
    assert model.fit(x, y, epochs=2, verbose=0).history == other.fit(x, y, epochs=2, verbose=0).history
    assert same(model, other)


def test_two_threads_load_with_names_of_their_own(tmp_path):
    model = Sequential([Input((4,)), Doubled(), layers.Dense(1)])
    model.save(tmp_path / "m.lamina")
    kinds = [type(f"Doubled{i}", (Doubled,), {}) for i in range(4)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda i: load_model(tmp_path / "m.lamina", {"Doubled": kinds[i % 4]}), range(40)))
    assert [type(other.layers[0]) for other in found] == [kinds[i % 4] for i in range(40)]


# -- weights alone
def test_weights_alone(tmp_path):
    model, other = mixed(), mixed()
    model.save_weights(tmp_path / "m.weights.lamina")
    other.load_weights(tmp_path / "m.weights.lamina")
    assert same(model, other)
    with pytest.raises(FileError, match=r"holds no model(.|\n)*load_weights"):
        load_model(tmp_path / "m.weights.lamina")


def test_weights_out_of_a_whole_model(tmp_path):
    model, other = compiled(), mixed()
    model.save(tmp_path / "m.lamina")
    other.load_weights(tmp_path / "m.lamina")
    assert same(model, other)


def test_weights_that_do_not_fit_are_named(tmp_path):
    Sequential([Input((4,)), layers.Dense(3), layers.Dense(2, name="out")]).save_weights(tmp_path / "m.weights.lamina")
    other = Sequential([Input((4,)), layers.Dense(5), layers.Dense(2, name="head")])
    before = other.get_weights()
    with pytest.raises(FileError) as refused:
        other.load_weights(tmp_path / "m.weights.lamina")
    message = str(refused.value)
    assert "m.weights.lamina" in message
    assert "'dense/kernel': expected (4, 5), received (4, 3)" in message
    assert "'head/kernel' of shape (5, 2) is not in the file" in message
    assert all(np.array_equal(a, b) for a, b in zip(before, other.get_weights(), strict=True))


def test_weights_that_do_not_fit_can_be_left_out(tmp_path):
    model = Sequential([Input((4,)), layers.Dense(3), layers.Dense(2)])
    model.save_weights(tmp_path / "m.weights.lamina")
    other = Sequential([Input((4,)), layers.Dense(3), layers.Dense(7)])
    with pytest.warns(UserWarning, match=r"not loaded: 'dense_1/kernel': expected \(3, 7\), received \(3, 2\)"):
        other.load_weights(tmp_path / "m.weights.lamina", skip_mismatch=True)
    np.testing.assert_array_equal(model.get_weights()[0], other.get_weights()[0])


# -- names of files
@pytest.mark.parametrize("name", ["m.ckpt", "m.pkl", "m", "m.weights.lamina", "m.keras.npz"])
def test_another_ending_is_refused(tmp_path, name):
    with pytest.raises(OptionError, match=r"ends in \.lamina or \.keras(.|\n)*call it m(\.keras)?\.lamina"):
        mixed().save(tmp_path / name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "other"), [("m.lamina", "m.weights.lamina"), ("m.h5", "m.weights.h5"), ("m.keras", "m.weights.h5")]
)
def test_another_ending_of_weights_is_refused(tmp_path, name, other):
    with pytest.raises(OptionError, match=f"call it {other}"):
        mixed().save_weights(tmp_path / name)


def test_a_file_that_is_there(tmp_path):
    path = tmp_path / "m.lamina"
    mixed().save(path)
    before = path.read_bytes()
    with pytest.raises(FileError, match="overwrite=True replaces it"):
        mixed().save(path, overwrite=False)
    assert path.read_bytes() == before
    mixed().save(path)
    assert os.listdir(tmp_path) == ["m.lamina"]


def test_what_can_not_be_saved_is_said_before_anything_is_written(tmp_path):
    model = Sequential([Input((4,)), layers.Dropout(0.5, seed=np.random.default_rng(1))])
    said = r"^Dropout\(seed=...\): a Generator can't stand in a configuration.\nLikely mend: give the seed as a whole"
    with pytest.raises(ConfigError, match=said):
        model.save(tmp_path / "m.lamina")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["MT19937", "PCG64DXSM", "Philox", "SFC64"])
def test_a_generator_that_a_file_can_not_hold_is_named(tmp_path, kind):
    """One of the kind PCG64DXSM would have come back as a PCG64, which draws other numbers from the same state."""
    model = Sequential([Input((4,)), layers.Dropout(0.5)])
    name = next(name for name, value in vars(model.layers[0]).items() if isinstance(value, np.random.Generator))
    setattr(model.layers[0], name, np.random.Generator(getattr(np.random, kind)(1)))
    with pytest.raises(
        ConfigError, match=f"the generator 'dropout/.*' can't be written: expected PCG64, received {kind}"
    ):
        model.save(tmp_path / "m.lamina")
    assert not list(tmp_path.iterdir())


# -- other processes
def test_pickled(tmp_path):
    model = Sequential([Input((6, 4)), Doubled(), layers.Flatten(), layers.Dense(2, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    fit(model)
    other = pickle.loads(pickle.dumps(model))
    assert fit(model) == fit(other)
    assert same(model, other)


class Dense(layers.Dense):
    """One of the user's own, of a name that the library has."""


def test_pickled_with_two_classes_of_one_name():
    """The file has the name alone: Dense(3) would come back as the user's own Dense."""
    model = Sequential([Input((2,)), Dense(2), layers.Dense(3)])
    with pytest.raises(OptionError, match=r"pickle: two classes in the model are called 'Dense'[^$]*register"):
        pickle.dumps(model)


def score(y, y_pred):
    return np.abs(y - y_pred)


def twice_score(y, y_pred):
    return 2 * score(y, y_pred)


def test_pickled_with_two_functions_of_one_name(monkeypatch):
    monkeypatch.setattr(twice_score, "__name__", "score")
    model = Sequential([Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse", metrics=[score, twice_score])
    with pytest.raises(OptionError, match=r"pickle: two functions in the model are called 'score'[^$]*register"):
        pickle.dumps(model)


def test_copied():
    model = compiled()
    fit(model)
    other = copy.deepcopy(model)
    before = other.get_weights()
    fit(model)
    assert all(np.array_equal(a, b) for a, b in zip(before, other.get_weights(), strict=True))
    fit(other)
    assert same(model, other)


# -- files of every format there was
GOLDEN = sorted((Path(__file__).parent / "references" / "golden").glob("format-*.lamina"))


def test_there_is_a_golden_file_of_this_format():
    assert f"format-{FORMAT}.lamina" in [path.name for path in GOLDEN]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_file_of_that_format_is_loaded_and_trained_on(path):
    recorded = np.load(path.with_suffix(".npz"))
    x, y = record_golden.texts()
    model = load_model(path)
    np.testing.assert_allclose(model.predict(x, verbose=0), recorded["predicted"], rtol=1e-5)
    history = record_golden.go_on(model, x, y)
    for name, values in history.items():
        np.testing.assert_allclose(values, recorded[name], rtol=1e-4, err_msg=name)
    for index, weight in enumerate(model.weights):
        np.testing.assert_allclose(weight, recorded[f"weight{index}"], rtol=1e-3, atol=1e-5, err_msg=weight.path)


def test_layers_that_were_built_elsewhere(tmp_path):
    source = Sequential([Input((4,)), layers.Dense(3), layers.Dense(2)])
    part = Sequential(source.layers[:1])
    for _ in range(2):  # before its first data, and after
        part.save(tmp_path / "part.lamina")
        loaded = load_model(tmp_path / "part.lamina")
        np.testing.assert_array_equal(loaded(np.ones((2, 4))), part(np.ones((2, 4))))


def test_what_a_layer_that_was_popped_left_in_the_optimizer_is_not_kept(tmp_path):
    model = Sequential([Input((4,)), layers.Dense(3), layers.Dense(2)])
    model.compile("adam", "mse")
    x = np.ones((8, 4))
    model.fit(x, np.ones((8, 2)), verbose=0)
    model.pop()
    model.add(layers.Dense(1))
    model.save(tmp_path / "popped.lamina")
    loaded = load_model(tmp_path / "popped.lamina")
    for each in (model, loaded):
        each.fit(x, np.ones(8), verbose=0, shuffle=False)
    for mine, other in zip(model.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, other)


def squares(y_true, y_pred):
    return (y_true - y_pred) ** 2, 2 * (y_pred - y_true)


def test_a_function_as_loss(tmp_path):
    model = Sequential([Input((4,)), layers.Dense(1)])
    model.compile("sgd", squares)
    model.save(tmp_path / "own.lamina")
    loaded = load_model(tmp_path / "own.lamina", custom_objects={"squares": squares})
    x, y = np.ones((8, 4)), np.ones((8, 1))
    assert loaded.evaluate(x, y, verbose=0) == model.evaluate(x, y, verbose=0)
    with pytest.raises(FileError, match="unknown loss 'squares'"):
        load_model(tmp_path / "own.lamina")
    with pytest.raises(ConfigError, match="fn: expected a function that is registered, received <class"):
        losses.LossFunction.from_config({"fn": "Huber"})
