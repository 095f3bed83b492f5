"""Record what Keras computes with layers: outputs, the losses of five training steps, all weights after them.

Run by hand, with keras and tensorflow installed (the files were made with keras 3.15.1):

    python tests/references/record_layers.py core [convolution ...]

The cases "transpose..._cut" were made on the JAX backend (KERAS_BACKEND=jax): TensorFlow has no such output padding;
and so were those of conv_lstm, some of which have channels first, and of spectrum.

Each family has its table of cases in `cases_<family>.py` and its arrays in `layers_<family>.npz`.

A case is plain data:
    layers         list of [class name, arguments]; a layer or cell within another is such a pair too
    input          shape of x with its batch
    ids            x holds whole numbers from 0 to ids - 1 (default 0: normal numbers)
    lengths        steps kept in each row, to make masks: 3 keeps the first three, -3 the last three; others become `pad`
    pad            the number at steps that are not kept (default 0)
    loss           default "mean_squared_error"; targets are normal numbers, or whole ones for "sparse_..." losses,
                   or rows that sum to one for "categorical_crossentropy", or 0 and 1 for "binary_crossentropy"
    optimizer      [class name, arguments], default ["SGD", {"learning_rate": 0.1}]
    sample_weight  whether samples are weighted, or "steps" for weights of the steps of each sample
    fixed_batch    whether the model's Input says the batch size, as Keras wants it for `stateful` (default False)
    train          whether there are training steps (default True)
"""

import importlib
import os
import sys
import zlib
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))


def draw_input(case: dict, rng: np.random.Generator) -> np.ndarray:
    shape = tuple(case["input"])
    ids = case.get("ids", 0)
    x = rng.integers(1, ids, shape).astype("int32") if ids else rng.normal(size=shape).astype("float32")
    for row, length in enumerate(case.get("lengths", ())):
        steps = np.arange(shape[1])
        kept = steps < length if length >= 0 else steps >= shape[1] + length
        x[row][~kept] = case.get("pad", 0)
    return x


def draw_target(case: dict, shape: tuple, rng: np.random.Generator) -> np.ndarray:
    loss = case.get("loss", "mean_squared_error")
    if loss.startswith("sparse_"):
        return rng.integers(0, shape[-1], shape[:-1]).astype("int32")
    if loss == "categorical_crossentropy":
        return np.eye(shape[-1], dtype="float32")[rng.integers(0, shape[-1], shape[:-1])]
    if loss == "binary_crossentropy":
        return rng.integers(0, 2, shape).astype("float32")
    return rng.normal(size=shape).astype("float32")


def make(keras, described):
    """The layer of a [class name, arguments] pair."""
    name, arguments = described
    return getattr(keras.layers, name)(**{key: make_within(keras, value) for key, value in arguments.items()})


def entry(keras, case: dict, x: np.ndarray):
    """The Input of a model for a case."""
    return keras.Input(shape=x.shape[1:], batch_size=len(x) if case.get("fixed_batch") else None, dtype=x.dtype.name)


def make_within(keras, value):
    if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], dict):
        return make(keras, value)
    if isinstance(value, list) and value and isinstance(value[0], list):
        return [make_within(keras, item) for item in value]
    return value


def record(keras, name: str, case: dict) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    keras.utils.set_random_seed(0)
    x = draw_input(case, rng)
    model = keras.Sequential([entry(keras, case, x)])
    for described in case["layers"]:
        model.add(make(keras, described))
    for weight in model.weights:
        if weight.trainable:
            weight.assign(np.asarray(weight) + 0.1 * rng.normal(size=weight.shape).astype("float32"))
    arrays = {"x": x} | {f"before{i}": np.asarray(w) for i, w in enumerate(model.get_weights())}
    arrays["y"] = np.asarray(model(x, training=False))
    if case.get("train", True):
        arrays["target"] = draw_target(case, arrays["y"].shape, rng)
        weighted = arrays["y"].shape[:2] if case.get("sample_weight") == "steps" else len(x)
        weight = rng.uniform(0.5, 2.0, weighted).astype("float32") if case.get("sample_weight") else None
        if weight is not None:
            arrays["sample_weight"] = weight
        optimizer, arguments = case.get("optimizer", ["SGD", {"learning_rate": 0.1}])
        model.compile(getattr(keras.optimizers, optimizer)(**arguments), case.get("loss", "mean_squared_error"))
        losses = []
        for _ in range(5):
            model.reset_metrics()
            losses.append(float(np.ravel(model.train_on_batch(x, arrays["target"], sample_weight=weight))[0]))
        arrays["losses"] = np.array(losses)
        arrays |= {f"after{i}": np.asarray(w) for i, w in enumerate(model.get_weights())}
    return {f"{name}/{key}": value for key, value in arrays.items()}


def main(families: list[str]) -> None:
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    import keras

    for family in families:
        cases = importlib.import_module(f"cases_{family}").CASES
        arrays: dict[str, np.ndarray] = {}
        for name, case in cases.items():
            arrays |= record(keras, name, case)
        path = HERE / f"layers_{family}.npz"
        np.savez_compressed(path, keras_version=np.array(keras.__version__), **arrays)
        print(f"{path.name}: {len(cases)} cases, {path.stat().st_size / 1000:.0f} kB, keras {keras.__version__}")


if __name__ == "__main__":
    main(sys.argv[1:])
