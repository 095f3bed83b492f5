"""ModelCheckpoint, `lamina inspect`, and the model that `lamina train` leaves."""

import os

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, layers
from lamina.__main__ import main
from lamina.callbacks import Callback, EarlyStopping, ModelCheckpoint
from lamina.errors import FileError, OptionError
from lamina.models import load_model

rng = np.random.default_rng(0)
X = rng.normal(size=(32, 4)).astype("float32")
Y = X.sum(axis=1)


def model_of(*extra):
    model = Sequential([Input((4,)), layers.Dense(3, activation="tanh"), *extra, layers.Dense(1)])
    model.compile("adam", "mse")
    return model


def fit(model, *callbacks, **options):
    return model.fit(X, Y, batch_size=8, verbose=0, callbacks=list(callbacks), **{"epochs": 3} | options).history


class Told(Callback):
    """Puts values of its own into the logs, as if they had been measured."""

    def __init__(self, values):
        self.values = values

    def on_epoch_end(self, epoch, logs=None):
        logs["val_loss"] = self.values[epoch]


def test_after_each_epoch(tmp_path):
    model = model_of()
    history = fit(model, ModelCheckpoint(tmp_path / "runs" / "{epoch:02d}-{loss:.3f}.lamina"))
    names = [f"{epoch:02d}-{loss:.3f}.lamina" for epoch, loss in enumerate(history["loss"], 1)]
    assert sorted(os.listdir(tmp_path / "runs")) == names
    other = load_model(tmp_path / "runs" / names[1])
    fit(other, epochs=1)
    np.testing.assert_array_equal(other.get_weights()[0], model.get_weights()[0])


@pytest.mark.parametrize(
    ("values", "options", "written"),
    [
        ([3.0, 1.0, 2.0], {}, [1, 2]),
        ([3.0, 1.0, 2.0], {"initial_value_threshold": 2.5}, [2]),
        ([3.0, 1.0, 2.0, 4.0], {"mode": "max"}, [1, 4]),
        ([float("nan"), 2.0, float("nan"), 1.0], {}, [2, 4]),
    ],
)
def test_only_the_best(tmp_path, values, options, written):
    keeper = ModelCheckpoint(tmp_path / "{epoch}.lamina", save_best_only=True, **options)
    fit(model_of(), Told(values), keeper, epochs=len(values))
    assert sorted(os.listdir(tmp_path)) == [f"{epoch}.lamina" for epoch in written]
    assert keeper.best == values[written[-1] - 1]


def test_a_value_that_is_not_there(tmp_path):
    with pytest.warns(UserWarning, match="'val_loss', which the logs of .* do not hold: give fit validation_data or"):
        fit(model := model_of(), ModelCheckpoint(tmp_path / "m.lamina", save_best_only=True))
    np.testing.assert_array_equal(load_model(tmp_path / "m.lamina").get_weights()[0], model.get_weights()[0])


def test_a_value_that_is_not_there_each_time(tmp_path):
    """Until there is one, every model is saved; from then on none that nobody looked at takes the best one's place."""
    keeper = ModelCheckpoint(tmp_path / "{epoch}.lamina", save_best_only=True)
    with pytest.warns(UserWarning, match="'val_loss', which the logs of"):
        fit(model_of(), Told([None, 2.0, None, 1.0, 3.0]), keeper, epochs=5)
    assert sorted(os.listdir(tmp_path)) == ["1.lamina", "2.lamina", "4.lamina"]


def test_after_so_many_steps(tmp_path):
    keeper = ModelCheckpoint(tmp_path / "{epoch}-{batch}.weights.lamina", save_freq=3, save_weights_only=True)
    fit(model_of(), keeper)  # 4 steps an epoch
    assert sorted(os.listdir(tmp_path)) == [f"{at}.weights.lamina" for at in ("1-3", "2-2", "3-1", "3-4")]


def test_it_says_so(tmp_path, capsys):
    fit(model_of(), ModelCheckpoint(tmp_path / "m.lamina", verbose=1), epochs=1)
    assert "Epoch 1: saved" in capsys.readouterr().out
    fit(model_of(), ModelCheckpoint(tmp_path / "m.lamina", "loss", 1, True), epochs=1)
    assert "is the best so far" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"filepath": "m.keras", "save_weights_only": True}, r"call it m\.weights\.h5"),
        ({"filepath": "m-{val_loss:.2f}.pkl"}, r"call it m-{val_loss:.2f}\.lamina"),
        ({"filepath": "m.lamina", "save_weights_only": True}, r"call it m\.weights\.lamina"),
        ({"filepath": "m.lamina", "save_freq": 0}, "save_freq"),
    ],
)
def test_arguments_out_of_range(arguments, message):
    with pytest.raises(OptionError, match=message):
        ModelCheckpoint(**arguments)


def test_a_value_that_does_not_say_what_is_better(tmp_path):
    with pytest.raises(OptionError, match="mode='min'"):
        fit(model_of(), ModelCheckpoint(tmp_path / "m.lamina", save_best_only=True, monitor="thing"))


@pytest.mark.parametrize("name", ["{val_los}", "{0}", "{loss:x}", "{loss.y}"])
def test_a_name_with_a_value_that_is_not_there(tmp_path, name):
    with pytest.raises(OptionError, match=r"ModelCheckpoint\(filepath="):
        fit(model_of(), ModelCheckpoint(str(tmp_path / (name + ".lamina"))))


def test_a_full_disk_ends_the_run_and_nothing_else(tmp_path, monkeypatch):
    model, keeper = model_of(layers.Dropout(0.2)), ModelCheckpoint(tmp_path / "m.lamina")
    fit(model, keeper, epochs=1)
    before, weights = (tmp_path / "m.lamina").read_bytes(), model.get_weights()

    def full(_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(FileError, match=r"m\.lamina can't be written: received No space left"):
            model.save(tmp_path / "m.lamina")
        assert all(np.array_equal(a, b) for a, b in zip(weights, model.get_weights(), strict=True))
        with pytest.raises(FileError, match="No space left"):
            fit(model, keeper, epochs=1)
    assert (tmp_path / "m.lamina").read_bytes() == before
    assert os.listdir(tmp_path) == ["m.lamina"]
    trained = model.get_weights()
    fit(model, keeper, epochs=1)
    assert not np.array_equal(trained[0], model.get_weights()[0])


def test_beside_early_stopping(tmp_path):
    keeper = ModelCheckpoint(tmp_path / "best.lamina", save_best_only=True)
    fit(model_of(), Told([2.0, 1.0, 3.0, 4.0]), EarlyStopping(patience=2), keeper, epochs=9)
    assert keeper.best == 1.0


# -- the command
def test_inspect(tmp_path, capsys):
    fit(model := model_of(), epochs=1)
    model.save(tmp_path / "m.lamina")
    assert main(["inspect", str(tmp_path / "m.lamina")]) == 0
    text = capsys.readouterr().out
    assert f"model, format 1, written by lamina {lamina.__version__}" in text
    assert "Dense 'dense_1'" in text
    assert "compiled with Adam, MeanSquaredError" in text
    line = next(line for line in text.splitlines() if "dense/kernel" in line)
    assert line.split()[1:6] == ["float32", "4", "x", "3", "sha256"]


def test_inspect_builds_nothing(tmp_path, capsys, monkeypatch):
    class Mine(layers.Layer):
        def forward(self, x, training=False):
            return x

    Sequential([Input((4,)), Mine(name="\x1b[31mred")]).save(tmp_path / "m.lamina")
    monkeypatch.setattr(lamina.layers.Layer, "__init__", None)
    assert main(["inspect", str(tmp_path / "m.lamina")]) == 0
    assert r"Mine '\x1b[31mred'" in capsys.readouterr().out


def test_inspect_of_a_damaged_file(tmp_path, capsys):
    path = tmp_path / "m.weights.lamina"
    model_of().save_weights(path)
    assert main(["inspect", str(path)]) == 0
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert main(["inspect", str(path)]) == 2
    assert "m.weights.lamina" in capsys.readouterr().err
