"""What Keras has and lamina has not: each name that scripts use is refused with what to write instead."""

import importlib

import pytest

import lamina
from lamina.errors import refusing

NAMES = {
    "layers.Lambda": "write a Layer of your own",
    "layers.Concatenate": "one line of layers",
    "layers.add": "one line of layers",
    "layers.Wrapper": "as an attribute",
    "layers.merge": "one line of layers",
    "layers.CuDNNLSTM": "LSTM is the layer",
    "layers.experimental": "layers itself",
    "constraints.maxnorm": "call it max_norm",
    "losses.mse": "call it mean_squared_error",
    "metrics.MAE": "call it mean_absolute_error",
    "optimizers.legacy": "optimizers itself",
    "utils.np_utils": "utils itself has to_categorical",
    "callbacks.TensorBoard": "CSVLogger",
    "callbacks.RemoteMonitor": "LambdaCallback",
    "utils.plot_model": "model.summary",
    "utils.Progbar": "tqdm",
    "utils.image_dataset_from_directory": "PyDataset",
    "utils.load_img": "Pillow",
    "preprocessing.image": "RandomFlip",
    "preprocessing.text": "TextVectorization",
    "preprocessing.sequence.TimeseriesGenerator": "timeseries_dataset_from_array",
    "config.set_dtype_policy": "one float type",
    "backend.set_value": "optimizer.learning_rate = value",
    "backend.function": r"Sequential\(model.layers\[:n\]\).predict\(x\)",
    "backend.eval": "leave it out",
    "backend.mean": "NumPy's functions",
    "ops.mean": "NumPy's functions",
    "mixed_precision": "one float type",
    "applications": "load_model",
    "random": "numpy.random",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_refused_with_a_mend(name):
    module, _, name_in_it = f"lamina.{name}".rpartition(".")
    with pytest.raises(AttributeError, match=f"module '{module}' has no attribute '{name_in_it}': [^$]*{NAMES[name]}"):
        getattr(importlib.import_module(module), name_in_it)
    assert not hasattr(importlib.import_module(module), name_in_it)


@pytest.mark.parametrize(
    "line",
    [
        "from lamina.layers import Dense, Lambda",
        "from lamina import mixed_precision",
        "from lamina.callbacks import TensorBoard",
        "from lamina.utils import plot_model",
        "from lamina.preprocessing import image",
        "from lamina.losses import binary_crossentropy, mse",
    ],
)
def test_an_import_line_is_refused_with_a_mend(line):
    name = line.split()[-1]
    mend = next(mend for known, mend in NAMES.items() if known.rpartition(".")[2] == name)
    with pytest.raises(ImportError, match=f"has no attribute '{name}': [^$]*{mend}"):
        exec(line)


def test_other_names_are_refused_as_python_does():
    with pytest.raises(AttributeError, match="^module 'lamina.layers' has no attribute 'Dens'$") as error:
        _ = lamina.layers.Dens
    assert error.value.name == "Dens"
    with pytest.raises(AttributeError, match="^module 'lamina' has no attribute 'Dense'$"):
        _ = lamina.Dense
    with pytest.raises(ImportError, match="cannot import name 'Dens'"):
        exec("from lamina.layers import Dens")
    exec("from lamina.ops import columns")  # a part that is loaded when it is asked for


def test_nothing_that_is_there_is_called_absent():
    for space in ("layers", "callbacks", "utils", "preprocessing", "backend", "constraints", "optimizers"):
        module = importlib.import_module(f"lamina.{space}")
        assert not set(module._ABSENT) & set(module.__all__)
    assert refusing("m", {})
