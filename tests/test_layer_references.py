"""Layers against what Keras computed: outputs, the losses of five training steps, all weights after them.

The arrays were recorded by `references/record_layers.py`, which says what the cases hold.
"""

import importlib
from pathlib import Path

import numpy as np
import pytest
from record_layers import entry, make

import lamina

FAMILIES = sorted(
    path.stem.removeprefix("layers_") for path in (Path(__file__).parent / "references").glob("layers_*.npz")
)
ARRAYS = {family: np.load(Path(__file__).parent / "references" / f"layers_{family}.npz") for family in FAMILIES}
CASES = {
    (family, name): case
    for family in FAMILIES
    for name, case in importlib.import_module(f"cases_{family}").CASES.items()
}


def close(actual, expected, relative, what):
    """Close relative to the largest number of the array: small entries of a sum carry its rounding."""
    scale = max(1e-30, float(np.max(np.abs(expected), initial=0)))
    np.testing.assert_allclose(actual, expected, rtol=relative, atol=relative * scale, err_msg=what)


@pytest.mark.parametrize(("family", "name"), CASES)
def test_equals_keras(family, name):
    case, recorded = CASES[family, name], ARRAYS[family]
    arrays = {key.removeprefix(f"{name}/"): recorded[key] for key in recorded.files if key.startswith(f"{name}/")}
    x = arrays["x"]
    model = lamina.Sequential([entry(lamina, case, x)])
    for described in case["layers"]:
        model.add(make(lamina, described))
    model.set_weights([arrays[f"before{i}"] for i in range(len(model.weights))])
    close(model(x), arrays["y"], 1e-5, "output")
    if not case.get("train", True):
        return

    optimizer, arguments = case.get("optimizer", ["SGD", {"learning_rate": 0.1}])
    model.compile(getattr(lamina.optimizers, optimizer)(**arguments), case.get("loss", "mean_squared_error"))
    losses = []
    for _ in range(5):
        model.reset_metrics()
        losses.append(model.train_on_batch(x, arrays["target"], sample_weight=arrays.get("sample_weight")))
    close(losses, arrays["losses"], 1e-5, "losses")
    for i, weight in enumerate(model.weights):
        close(weight.value, arrays[f"after{i}"], 1e-4, weight.path)


def test_each_table_of_cases_was_recorded():
    for family in FAMILIES:
        names = {key.split("/")[0] for key in ARRAYS[family].files} - {"keras_version"}
        assert names == set(importlib.import_module(f"cases_{family}").CASES)


def test_the_recorded_arrays_hold_numbers():
    for recorded in ARRAYS.values():
        assert all(np.isfinite(recorded[key]).all() for key in recorded.files if recorded[key].dtype.kind == "f")


@pytest.mark.parametrize("family", FAMILIES)
def test_no_recorded_training_diverges(family):
    """Where the losses explode, a relative tolerance says little of the weights after five steps."""
    recorded = ARRAYS[family]
    losses = {key: recorded[key] for key in recorded.files if key.endswith("/losses")}
    assert [key for key, values in losses.items() if values.max() > 1e3 * max(1, values[0])] == []
