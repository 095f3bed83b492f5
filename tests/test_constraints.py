"""Constraints: Keras's numbers, the rules themselves, names, configurations and messages."""

import json
from pathlib import Path

import cases_constraints as cases
import numpy as np
import pytest

from lamina import constraints
from lamina.constraints.base import registry
from lamina.errors import ArgumentError, OptionError

RECORDED = np.load(Path(__file__).parent / "references" / "constraints.npz")
NAMES = json.loads(str(RECORDED["names"]))
CLASSES = {cls for cls in (registry.find(name) for name in registry.names()) if cls.__module__.startswith("lamina.")}
numbers = pytest.mark.parametrize("number", range(len(cases.CASES)), ids=lambda n: " ".join(map(str, cases.CASES[n])))


def case(number, dtype="float32"):
    name, arguments, shape = cases.CASES[number]
    return getattr(constraints, name)(**arguments), cases.weight(shape).astype(dtype)


def norms(w, axis):
    return np.sqrt((w**2).sum(axis=axis))


def test_every_constraint_has_a_case():
    assert {getattr(constraints, name) for name, _, _ in cases.CASES} == CLASSES


@numbers
def test_keras_computes_the_same(number):
    constraint, w = case(number)
    np.testing.assert_allclose(constraint(w), RECORDED[str(number)], rtol=1e-6, atol=1e-12)


@numbers
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_weight_and_type_stay(number, dtype):
    constraint, w = case(number, dtype)
    before = w.copy()
    held = constraint(w)
    np.testing.assert_array_equal(w, before)
    assert not np.shares_memory(held, w)
    assert (held.dtype, held.shape) == (dtype, w.shape)


def test_the_rules():
    w = np.random.default_rng(0).normal(size=(6, 50))
    assert (constraints.NonNeg()(w) == np.where(w > 0, w, 0)).all()
    assert np.isnan(constraints.NonNeg()(np.array([np.nan]))).all()
    np.testing.assert_allclose(norms(constraints.UnitNorm()(w), 0), 1, rtol=1e-6)
    np.testing.assert_allclose(norms(constraints.MaxNorm(2.0)(w), 0), np.minimum(norms(w, 0), 2), rtol=1e-6)
    held = constraints.MinMaxNorm(2.0, 2.5)(w)
    np.testing.assert_allclose(norms(held, 0), np.clip(norms(w, 0), 2, 2.5), rtol=1e-6)
    halfway = constraints.MinMaxNorm(2.0, 2.5, rate=0.5)(w)
    np.testing.assert_allclose(norms(halfway, 0), (norms(held, 0) + norms(w, 0)) / 2, rtol=1e-6)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_names_and_defaults_are_keras_s(name):
    found = constraints.get(name)
    assert [type(found).__name__, found.get_config()] == NAMES[name]
    assert name in constraints.__all__


@numbers
def test_config_comes_back(number):
    constraint, w = case(number)
    config = json.loads(json.dumps(constraints.serialize(constraint)))
    twin = constraints.deserialize(config)
    assert type(twin) is type(constraint)
    assert constraints.serialize(twin) == config
    np.testing.assert_array_equal(twin(w), constraint(w))


def test_get():
    def half(w):
        return w / 2

    class Half(constraints.Constraint):
        def __call__(self, w):
            return w / 2

    own = Half()
    assert constraints.get(own) is own
    assert constraints.get(half) is half
    assert constraints.get(None) is None
    assert isinstance(constraints.get(constraints.NonNeg), constraints.NonNeg)
    with pytest.raises(NotImplementedError, match="Constraint has no __call__"):
        constraints.Constraint()(np.ones(1))
    with pytest.raises(NotImplementedError, match="NormConstraint has no wanted"):
        constraints.norms.NormConstraint()(np.ones(1))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: constraints.get("maxnrom"),
            OptionError,
            "unknown constraint 'maxnrom'.\nLikely mend: did you mean 'max",
        ),
        (lambda: constraints.get(2.0), ArgumentError, "received 2.0"),
        (
            lambda: constraints.MaxNorm(-1),
            OptionError,
            "MaxNorm(max_value=...): expected a number from 0, received -1.",
        ),
        (
            lambda: constraints.MaxNorm(axis=0.5),
            OptionError,
            "MaxNorm(axis=...): expected a whole number, or a list of them",
        ),
        (lambda: constraints.UnitNorm([0, "a"]), OptionError, "UnitNorm(axis=...): expected a whole number, or a list"),
        (
            lambda: constraints.MinMaxNorm(2.0, 1.0),
            OptionError,
            "MinMaxNorm(max_value=...): expected a number from 2, received 1.0.",
        ),
        (
            lambda: constraints.MinMaxNorm(rate=2),
            OptionError,
            "MinMaxNorm(rate=...): expected a number from 0 to 1, received 2.",
        ),
        (lambda: constraints.NonNeg(axis=0), ArgumentError, "NonNeg has no argument 'axis'"),
    ],
)
def test_messages(make, error, message):
    with pytest.raises(error) as caught:
        make()
    assert message in str(caught.value)
