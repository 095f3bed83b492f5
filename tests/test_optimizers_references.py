"""Optimizers against what Keras computed: the variables after the first and the last step, averages, slots.

The arrays were recorded by `references/record_optimizers.py`, which says what they hold.
"""

from pathlib import Path

import numpy as np
import pytest
from cases_optimizers import CASES, OPTIONS, RULES, VARIABLES, constrain, draw, make

import lamina
from lamina import Variable

RECORDED = np.load(Path(__file__).parent / "references" / "optimizers.npz")
NAMES = RECORDED["cases"].tolist()
ROWS = {key: dict(zip(NAMES, RECORDED[key], strict=True)) for key in ("first", "last", "final")}


def run(name: str):
    """The optimizer and its variables after the steps of a case, and the variables' numbers after the first of them."""
    values, gradients = draw(name)
    variables = [Variable(value, name=key) for key, value in zip(VARIABLES, values, strict=True)]
    constrain(lamina.constraints, CASES[name], variables)
    optimizer = make(lamina.optimizers, CASES[name])
    first = None
    for step in gradients:
        optimizer.apply_gradients(list(zip(step, variables, strict=True)))
        first = flat(variables) if first is None else first
    return optimizer, variables, first


def flat(variables) -> np.ndarray:
    return np.concatenate([np.ravel(variable.value) for variable in variables])


def close(variables, expected: np.ndarray, what: str) -> None:
    """Close, variable by variable, relative to the largest number of each: small ones carry the rounding of sums."""
    start = 0
    for variable in variables:
        part = expected[start : start + variable.size].reshape(variable.shape)
        scale = 1e-5 * float(np.max(np.abs(part)))
        np.testing.assert_allclose(variable.value, part, rtol=1e-5, atol=scale, err_msg=f"{variable.path} {what}")
        start += variable.size
    assert start == len(expected)


@pytest.mark.parametrize("name", CASES)
def test_equals_keras(name):
    optimizer, variables, first = run(name)
    assert all(variable.dtype == "float32" for variable in variables)
    after = [Variable(variable.value, name=variable.name) for variable in variables]
    optimizer.finalize_variable_values(variables)
    close(variables, ROWS["final"][name], "in the end")
    close(after, ROWS["last"][name], "after the last step")
    scale = 1e-5 * float(np.max(np.abs(first)))
    np.testing.assert_allclose(first, ROWS["first"][name], rtol=1e-5, atol=scale, err_msg="after the first step")


@pytest.mark.parametrize("name", [key.removeprefix("slots/") for key in RECORDED.files if key.startswith("slots/")])
def test_remembers_what_keras_does_in_its_order(name):
    optimizer, _, _ = run(name)
    slots = [variable for variable in optimizer.variables if variable.name.startswith(tuple(VARIABLES))]
    assert [slot.name for slot in slots] == str(RECORDED[f"names/{name}"]).split("\n")
    close(slots, RECORDED[f"slots/{name}"], "slot")


def test_the_table_and_the_recording_fit():
    assert list(CASES) == NAMES
    assert np.isfinite(RECORDED["last"]).all()


def test_every_optimizer_has_cases_with_every_option():
    known = {cls for cls in lamina.optimizers.registry._classes.values() if cls.__module__.startswith("lamina.")}
    assert {cls.__name__ for cls in known} == set(RULES)
    common = set(lamina.optimizers.Optimizer(0.1).get_config()) - {"name", "learning_rate"}
    tried = {key for option in OPTIONS.values() for key in option} | {"ema_momentum"}
    assert common <= tried
    for rule in RULES:
        cls = getattr(lamina.optimizers, rule)
        own = set(lamina.utils.component.parameters(cls)) - common - {"name", "learning_rate", "loss_scale_factor"}
        used = {key for case in CASES.values() if case[0] == rule for key in case[1]}
        assert own <= used, f"{rule}: no case with {own - used}"
