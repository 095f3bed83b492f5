"""Keras's files: what Keras wrote is read, and what lamina writes has the parts of what Keras wrote for the same model.

The files were recorded by `references/record_keras_files.py`, which says what they hold.
"""

import io
import json
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

import lamina
from lamina import layers
from lamina.callbacks import ModelCheckpoint
from lamina.errors import FileError, LaminaWarning, OptionError
from lamina.models import load_model
from lamina.models.inspection import inspect

RECORDED = Path(__file__).parent / "references" / "keras_files.zip"
WHOLE = (
    "recurrent.keras",
    "recurrent.h5",
    "images.keras",
    "images.h5",
    "line.keras",
    "line.h5",
    "words.keras",
    "terms.keras",
)
TRAINED = ("recurrent.keras", "line.keras", "recurrent.h5", "line.h5")


@pytest.fixture(scope="session")
def kept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keras_files")
    with zipfile.ZipFile(RECORDED) as archive:
        archive.extractall(folder)
    return folder


def arrays_of(path):
    return np.load(path.with_name(path.name.split(".")[0] + ".npz"))


def close(actual, expected, relative=1e-5):
    np.testing.assert_allclose(actual, expected, rtol=relative, atol=relative * float(np.max(np.abs(expected))))


# -- what Keras wrote
@pytest.mark.parametrize("name", WHOLE)
def test_a_model_of_keras_predicts_the_same(kept, name):
    recorded = arrays_of(kept / name)
    close(load_model(kept / name).predict(recorded["x"], verbose=0), recorded["y"])


@pytest.mark.parametrize("name", TRAINED)
def test_its_training_goes_on_where_it_stood(kept, name):
    model, recorded = load_model(kept / name), arrays_of(kept / name)
    assert int(model.optimizer.iterations) == (1 if "line" in name else 3)  # of which two steps make an update
    loss = model.train_on_batch(recorded["x"], recorded["target"])
    close(np.ravel(loss)[0], recorded["loss"])
    close(model(recorded["x"]), recorded["after"])


def test_what_it_was_compiled_with_is_kept(kept):
    model = load_model(kept / "recurrent.keras")
    assert (
        type(model.optimizer).__name__ == "Adam"
        and model.optimizer.get_config()["learning_rate"]["class_name"] == "ExponentialDecay"
    )
    recorded = arrays_of(kept / "recurrent.keras")
    assert list(model.evaluate(recorded["x"], recorded["target"], verbose=0, return_dict=True)) == [
        "loss",
        "mae",
        "root_mean_squared_error",
    ]
    assert not load_model(kept / "recurrent.keras", compile=False).compiled
    assert not load_model(kept / "terms.keras").compiled


def test_weights_of_keras_are_loaded(kept):
    model = load_model(kept / "recurrent.keras")
    wanted = model.get_weights()
    for name in ("recurrent.weights.h5", "recurrent.keras", "recurrent.h5"):
        model.set_weights([np.zeros_like(weight) for weight in wanted])
        model.load_weights(kept / name)
        for weight, expected in zip(model.get_weights(), wanted, strict=True):
            np.testing.assert_array_equal(weight, expected)


def test_a_line_becomes_a_sequential_and_stays_frozen_where_it_was(kept):
    model = load_model(kept / "line.keras")
    assert [type(layer).__name__ for layer in model.layers] == ["Dense", "Sequential", "Sequential", "Dense"]
    assert not model.layers[0].trainable and model.layers[1].trainable


def test_a_model_that_parts_is_refused_by_the_layer_where_it_does(kept):
    with pytest.raises(FileError, match=r"'branched': layer 'sum' \(Add\): expected one input, received 2 of them"):
        load_model(kept / "branched.keras")


# -- what lamina writes
def tree_of(data):
    found = {}
    with h5py.File(io.BytesIO(data), "r") as root:
        root.visititems(lambda name, item: found.update({name: getattr(item, "shape", None)}))
    return found


def arguments_missing(written, recorded, path=""):
    """Where a written config has what the recorded one has not, or another value."""
    if isinstance(written, dict) and isinstance(recorded, dict):
        for key, value in written.items():
            if key not in recorded:
                yield f"{path}/{key}"
            elif key not in ("build_config", "build_input_shape"):
                yield from arguments_missing(value, recorded[key], f"{path}/{key}")
    elif isinstance(written, list) and isinstance(recorded, list) and len(written) == len(recorded):
        for index, pair in enumerate(zip(written, recorded, strict=True)):
            yield from arguments_missing(*pair, f"{path}/{index}")
    elif written != recorded:
        yield f"{path}: {written} for {recorded}"


@pytest.mark.parametrize("name", ["recurrent.keras", "images.keras", "terms.keras"])
def test_what_is_written_has_the_form_of_what_keras_wrote(kept, name, tmp_path):
    load_model(kept / name).save(tmp_path / name)
    with zipfile.ZipFile(tmp_path / name) as written, zipfile.ZipFile(kept / name) as recorded:
        assert set(written.namelist()) == {"config.json", "metadata.json", "model.weights.h5"}
        ours, theirs = (tree_of(archive.read("model.weights.h5")) for archive in (written, recorded))
        assert {path: shape for path, shape in theirs.items() if path in ours} == ours
        assert {path for path, shape in theirs.items() if shape is not None} <= set(ours)
        ours, theirs = (json.loads(archive.read("config.json")) for archive in (written, recorded))
    others = list(arguments_missing(ours, theirs))
    allowed = (
        "/compile_config/loss: ",  # given by its name; written whole
        "/loss/config/delta",  # of Huber; Keras forgets it
        "/backward_layer/config/name: ",  # lamina gives both layers of a Bidirectional their direction
        "/config/layers/6/config/dtype: ",  # of a SpatialDropout2D, the one layer that Keras writes without a policy
        "/config/seed",  # of a SimpleRNN; Keras forgets it
        "/vocabulary: ",  # written into the config rather than into a file of its own
        "/idf_weights: ",
    )
    assert [place for place in others if not any(part in place for part in allowed)] == []


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_there_and_back_nothing_changes(kept, name, ending, tmp_path):
    model, recorded = load_model(kept / name), arrays_of(kept / name)
    model.save(tmp_path / f"m{ending}")
    again = load_model(tmp_path / f"m{ending}")
    for weight, other in zip(model.weights, again.weights, strict=True):
        np.testing.assert_array_equal(weight.value, other.value)
    np.testing.assert_array_equal(model(recorded["x"]), again(recorded["x"]))
    assert again.compiled == model.compiled
    for mine, other in zip(*(one.optimizer.variables if one.compiled else () for one in (model, again)), strict=True):
        np.testing.assert_array_equal(mine.value, other.value)
    if model.compiled:
        assert again.optimizer.get_config() == model.optimizer.get_config()


def test_equal_models_are_equal_bytes(kept, tmp_path):
    for name in ("a.keras", "b.keras"):
        load_model(kept / "line.keras").save(tmp_path / name)
    assert (tmp_path / "a.keras").read_bytes() == (tmp_path / "b.keras").read_bytes()


OPTIMIZERS = [
    *({"name": name} for name in ("SGD", "Adam", "AdamW", "Adamax", "Nadam", "RMSprop", "Adagrad", "Adadelta")),
    *({"name": name} for name in ("Adafactor", "Ftrl", "Lion", "Lamb", "Muon")),
    {"name": "Adam", "amsgrad": True, "use_ema": True},
    {"name": "SGD", "momentum": 0.9, "gradient_accumulation_steps": 2},
    {"name": "SGD", "learning_rate": lamina.optimizers.schedules.CosineDecay(0.1, 10)},
]


@pytest.mark.parametrize("given", OPTIMIZERS, ids=str)
@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_every_optimizer_goes_on_with_the_same_bits(given, ending, tmp_path):
    arguments = {"learning_rate": 0.05} | given
    optimizer = getattr(lamina.optimizers, arguments.pop("name"))(**arguments)
    model = lamina.Sequential([layers.Input((3,)), layers.Dense(4, activation="tanh"), layers.Dense(2)])
    model.compile(optimizer, "mse")
    x, y = np.ones((4, 3)), np.zeros((4, 2))
    for _ in range(3):
        model.train_on_batch(x, y)
    model.save(tmp_path / f"m{ending}")
    again = load_model(tmp_path / f"m{ending}")
    for one in (model, again):
        one.train_on_batch(x, y)
    for weight, other in zip(model.weights, again.weights, strict=True):
        np.testing.assert_array_equal(weight.value, other.value)


def test_the_kernel_of_a_spectral_normalization_stands_twice_and_muon_lists_what_it_has(tmp_path):
    """As in a file of Keras 3.15.1's for the same model: a matrix that Muon moves has no velocity."""
    model = lamina.Sequential(
        [layers.Input((6,)), layers.SpectralNormalization(layers.Dense(5)), layers.Dense(4), layers.Dense(2)]
    )
    model.compile(lamina.optimizers.Muon(exclude_layers=[model.layers[-1].name]), "mse")
    x, y = np.random.default_rng(0).normal(size=(2, 8, 6))
    model.train_on_batch(x, y[:, :2])
    model.save(tmp_path / "m.keras")
    with zipfile.ZipFile(tmp_path / "m.keras") as archive:
        shapes = tree_of(archive.read("model.weights.h5"))
    of_wrapper = [shapes[f"layers/spectral_normalization/{place}"] for place in ("vars/0", "vars/1", "layer/vars/0")]
    assert of_wrapper == [(6, 5), (1, 5), (6, 5)]
    listed = [
        shape
        for name, shape in sorted(shapes.items(), key=lambda item: (len(item[0]), item[0]))
        if "optimizer/vars/" in name
    ]
    assert listed == [(), (), (6, 5), (5,), (5,), (5, 4), (4,), (4,), (4, 2), (4, 2), (2,), (2,)]
    again = load_model(tmp_path / "m.keras")
    assert again.train_on_batch(x, y[:, :2]) == model.train_on_batch(x, y[:, :2])


def test_the_memory_of_a_layer_that_was_frozen_since_is_left_out(tmp_path):
    model = lamina.Sequential([layers.Input((3,)), layers.Dense(4), layers.Dense(2)])
    model.compile("adam", "mse")
    model.train_on_batch(np.ones((2, 3)), np.zeros((2, 2)))
    model.layers[0].trainable = False
    model.save(tmp_path / "m.keras")
    again = load_model(tmp_path / "m.keras")
    assert [variable.path for variable in again.optimizer.met] == [
        "sequential/dense_1/kernel",
        "sequential/dense_1/bias",
    ]
    np.testing.assert_array_equal(
        again.optimizer.slot(again.layers[1].kernel, "momentum"),
        model.optimizer.slot(model.layers[1].kernel, "momentum"),
    )


def test_a_model_without_a_shape_is_kept_as_it_is(tmp_path):
    model = lamina.Sequential([layers.Dense(2)])
    model.save(tmp_path / "m.keras")
    assert not load_model(tmp_path / "m.keras").built
    model.build((None, 3))
    model.save(tmp_path / "m.keras")
    assert load_model(tmp_path / "m.keras").input_shape == (None, 3)


class Twice(layers.Layer):
    def __init__(self, factor=2.0, **options):
        super().__init__(**options)
        self.factor = factor
        self.inner = layers.Dense(2)

    def forward(self, x, training=False):
        self.saved = True
        return self.inner(x) * self.factor

    def backward(self, dy):
        _ = self.saved
        return self.inner.backward(dy * self.factor)


def test_a_layer_of_one_s_own_needs_its_class(tmp_path):
    with lamina.saving.custom_object_scope({"mine>Twice": Twice}):
        model = lamina.Sequential([layers.Input((3,)), Twice(3.0)])
        model.save(tmp_path / "m.keras")
        again = load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(again(np.ones((1, 3))), model(np.ones((1, 3))))
    with pytest.raises(FileError, match=r"'twice' \(Twice\) is nothing that lamina has(.|\n)*custom_objects"):
        load_model(tmp_path / "m.keras")
    assert load_model(tmp_path / "m.keras", custom_objects={"Twice": Twice}).layers[0].factor == 3.0


class Net(lamina.Model):
    def __init__(self, **options):
        super().__init__(**options)
        self.parts = [layers.Dense(2), layers.Dense(2)]

    def forward(self, x, training=False):
        self.saved = True
        for part in self.parts:
            x = part(x)
        return x

    def backward(self, dy):
        _ = self.saved
        for part in reversed(self.parts):
            dy = part.backward(dy)
        return dy


def test_a_model_of_one_s_own_keeps_its_layers_by_the_names_of_its_attributes(tmp_path):
    model = Net()
    model.compile("adam", "mse")
    model.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0)
    model.save(tmp_path / "m.keras")
    again = load_model(tmp_path / "m.keras", custom_objects={"Net": Net})
    np.testing.assert_array_equal(again(np.ones((1, 3))), model(np.ones((1, 3))))
    model.save_weights(tmp_path / "m.weights.h5")
    with h5py.File(tmp_path / "m.weights.h5") as root:
        assert list(root["parts"]) == ["dense", "dense_1"]
    with pytest.raises(lamina.errors.ConfigError, match="expected a Sequential, received a Net"):
        model.save(tmp_path / "m.h5")


def halved(y_true, y_pred):
    return (y_true - y_pred) ** 2 / 2, y_pred - y_true


def test_a_loss_of_one_s_own_goes_by_its_name(tmp_path):
    model = lamina.Sequential([layers.Input((3,)), layers.Dense(1)])
    model.compile("sgd", halved)
    for name in ("m.keras", "m.h5"):
        model.save(tmp_path / name)
        again = load_model(tmp_path / name, custom_objects={"halved": halved})
        assert again.evaluate(np.ones((2, 3)), np.ones(2), verbose=0) == model.evaluate(
            np.ones((2, 3)), np.ones(2), verbose=0
        )
        with pytest.raises(FileError, match="halved(.|\n)*compile=False"):
            load_model(tmp_path / name)


@pytest.mark.parametrize("name", ["line.keras", "line.h5", "recurrent.weights.h5"])
def test_a_file_is_described(kept, name):
    said = inspect(kept / name)
    assert "in Keras's format" in said and ("weights" in name or "Functional" in said)
    assert "optimizer" in said and "x" in said


def test_what_keras_has_not_is_refused_before_anything_is_written(tmp_path):
    model = lamina.Sequential(
        [layers.Input((3,)), layers.Dense(2, activation=lamina.activations.GELU(approximate=True))]
    )
    with pytest.raises(lamina.errors.ConfigError, match=r"GELU\(approximate=True\)(.|\n)*save the model as m\.lamina"):
        model.save(tmp_path / "m.keras")
    assert not list(tmp_path.iterdir())


# -- Keras 2
def test_a_file_of_keras_2_is_read(tmp_path):
    kernel, bias = np.arange(6, dtype="float32").reshape(3, 2), np.ones(2, "float32")
    config = {
        "class_name": "Sequential",
        "config": {
            "name": "sequential",
            "layers": [
                {"class_name": "Dense", "config": {"name": "dense", "trainable": True, "batch_input_shape": [None, 3], "dtype": "float32", "units": 2, "activation": "relu", "use_bias": True}},
                {"class_name": "Dropout", "config": {"name": "dropout", "rate": 0.5, "noise_shape": None, "seed": None}},
            ],
        },
    }  # fmt: skip
    metric = {
        "class_name": "MeanMetricWrapper",
        "config": {"name": "accuracy", "dtype": "float32", "fn": "binary_accuracy"},
    }
    training = {
        "loss": "mse", "metrics": [[metric]], "weighted_metrics": None, "loss_weights": None,
        "optimizer_config": {"class_name": "Adam", "config": {"name": "Adam", "lr": 0.25, "decay": 0.0, "beta_1": 0.8}},
    }  # fmt: skip
    with h5py.File(tmp_path / "m.h5", "w") as root:
        root.attrs["model_config"] = json.dumps(config).encode()
        root.attrs["training_config"] = json.dumps(training).encode()
        group = root.create_group("model_weights")
        group.attrs["layer_names"] = np.array([b"dense", b"dropout"])
        group.create_group("dropout").attrs["weight_names"] = []
        group.create_group("dense").attrs["weight_names"] = np.array([b"dense/kernel:0", b"dense/bias:0"])
        group["dense"]["dense/kernel:0"], group["dense"]["dense/bias:0"] = kernel, bias
    model = load_model(tmp_path / "m.h5")
    np.testing.assert_array_equal(model(np.ones((1, 3))), [[7.0, 10.0]])
    assert float(model.optimizer.learning_rate) == 0.25 and model.optimizer.beta_1 == 0.8
    assert list(model.evaluate(np.ones((1, 3)), [[0.0, 0.0]], verbose=0, return_dict=True)) == ["accuracy", "loss"]


# -- names, and the package
def test_a_checkpoint_goes_by_its_name(tmp_path):
    model = lamina.Sequential([layers.Input((3,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    checkpoints = [
        ModelCheckpoint(tmp_path / "m.keras"),
        ModelCheckpoint(tmp_path / "m-{epoch}.h5"),
        ModelCheckpoint(tmp_path / "m.weights.h5", save_weights_only=True),
    ]
    model.fit(np.ones((4, 3)), np.zeros(4), verbose=0, callbacks=checkpoints)
    for name in ("m.keras", "m-1.h5"):
        np.testing.assert_array_equal(load_model(tmp_path / name).get_weights()[0], model.get_weights()[0])
    other = lamina.Sequential([layers.Input((3,)), layers.Dense(1)])
    other.load_weights(tmp_path / "m.weights.h5")
    np.testing.assert_array_equal(other.get_weights()[0], model.get_weights()[0])


def test_without_h5py_it_is_said_at_once(tmp_path, monkeypatch, kept):
    model = load_model(kept / "line.keras")
    monkeypatch.setitem(sys.modules, "h5py", None)
    mend = r"the package h5py(.|\n)*pip install h5py, or call the file m(\.weights)?\.lamina"
    for call in (
        lambda: ModelCheckpoint(tmp_path / "m.keras"),
        lambda: model.save(tmp_path / "m.h5"),
        lambda: model.save_weights(tmp_path / "m.weights.h5"),
        lambda: load_model(kept / "m.keras"),
        lambda: model.load_weights(kept / "m.keras"),
    ):
        with pytest.raises(OptionError, match=mend):
            call()
    model.save(tmp_path / "m.lamina")


def test_an_optimizer_of_other_weights_begins_anew_and_says_so(tmp_path):
    model = lamina.Sequential([layers.Input((3,)), layers.Dense(1)])
    model.compile("adam", "mse")
    model.train_on_batch(np.ones((2, 3)), np.ones(2))
    model.save(tmp_path / "m.keras")
    with zipfile.ZipFile(tmp_path / "m.keras") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["config.json"] = members["config.json"].replace(b'"Adam"', b'"SGD"').replace(b'"beta_1": 0.9, ', b"")
    config = json.loads(members["config.json"])
    config["compile_config"]["optimizer"] = {"class_name": "SGD", "config": {}}
    members["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    with pytest.warns(LaminaWarning, match="sgd begins anew"):
        assert int(load_model(tmp_path / "m.keras").optimizer.iterations) == 0
