"""Schedules: against Keras's recorded rates, against their formulas, and what they refuse."""

import math
from pathlib import Path

import numpy as np
import pytest
from cases_schedules import CASES, STEPS

import lamina
from lamina import Variable
from lamina.errors import ArgumentError, ConfigError, OptionError, StateError
from lamina.optimizers import schedules

RECORDED = np.load(Path(__file__).parent / "references" / "schedules.npz")


def made(name):
    cls, arguments = CASES[name]
    return getattr(schedules, cls)(**arguments)


@pytest.mark.parametrize("name", CASES)
def test_equals_keras(name):
    schedule = made(name)
    rates = [schedule(step) for step in range(STEPS)]
    assert all(type(rate) is float for rate in rates)
    np.testing.assert_allclose(rates, RECORDED[name], rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("name", CASES)
def test_takes_arrays_of_steps(name):
    schedule = made(name)
    steps = np.arange(STEPS).reshape(8, 8)
    rates = schedule(steps)
    assert rates.shape == (8, 8)
    np.testing.assert_allclose(rates.ravel(), [schedule(step) for step in range(STEPS)], rtol=1e-14)


@pytest.mark.parametrize("name", CASES)
def test_config_makes_an_equal_one(name):
    config = schedules.serialize(made(name))
    assert config["class_name"] == CASES[name][0]
    assert CASES[name][1].items() <= config["config"].items()
    again = schedules.deserialize(config)
    assert [again(step) for step in range(STEPS)] == [made(name)(step) for step in range(STEPS)]


def test_every_schedule_has_cases_and_was_recorded():
    known = {cls.__name__ for cls in schedules.registry._classes.values() if cls.__module__.startswith("lamina.")}
    assert known == {cls for cls, _ in CASES.values()}
    assert set(RECORDED.files) == {*CASES, "keras_version"}


def test_names_are_keras_s():
    names = {name: schedules.serialize(made(name))["config"]["name"] for name in CASES}
    assert names["piecewise"] == "PiecewiseConstant"
    assert names["restarts"] == "SGDRDecay"
    assert names["cosine"] == "CosineDecay"


@pytest.mark.parametrize("times", [1.0, 1.5, 2.0, 3.0, 10.0])
def test_restarts_begin_where_a_period_ends(times):
    schedule = schedules.CosineDecayRestarts(1.0, 10, t_mul=times, m_mul=0.5)
    edge = 0.0
    for period in range(6):
        assert schedule(edge) == pytest.approx(0.5**period)
        edge += 10 * times**period
        assert schedule(edge * (1 - 1e-6)) == pytest.approx(0, abs=1e-9)


def test_one_of_the_user_s_own_needs_only_call():
    class Noam(schedules.LearningRateSchedule):
        def __init__(self, scale):
            self.scale = scale

        def __call__(self, step):
            return self.scale * np.minimum((step + 1) ** -0.5, (step + 1) * 0.1)

    schedule = Noam(0.5)
    optimizer = lamina.optimizers.SGD(schedule)
    w = Variable(np.zeros(1))
    rates = []
    for _ in range(3):
        before = w.numpy()
        rates.append(optimizer.learning_rate)
        optimizer.apply_gradients([([1.0], w)])
        np.testing.assert_allclose(before - w.value, rates[-1])
    np.testing.assert_allclose(rates, [0.05, 0.1, 0.15])
    assert type(rates[0]) is float
    assert optimizer.get_config()["learning_rate"] == {"class_name": "Noam", "config": {"scale": 0.5}}


def test_one_without_a_formula():
    with pytest.raises(StateError, match=r"LearningRateSchedule has no __call__.*\n.*writes __call__\(step\)"):
        schedules.LearningRateSchedule()(0)


REFUSED = {
    "no steps": (lambda s: s.ExponentialDecay(0.1, 0, 0.5), r"ExponentialDecay\(decay_steps=...\): expected a number above 0, received 0"),
    "negative steps": (lambda s: s.InverseTimeDecay(0.1, -1, 0.5), r"InverseTimeDecay\(decay_steps=...\)"),
    "no decay steps": (lambda s: s.PolynomialDecay(0.1, 0), r"PolynomialDecay\(decay_steps=...\)"),
    "no cosine steps": (lambda s: s.CosineDecay(0.1, 0), r"CosineDecay\(decay_steps=...\)"),
    "no first steps": (lambda s: s.CosineDecayRestarts(0.1, 0), r"CosineDecayRestarts\(first_decay_steps=...\)"),
    "a rate as a string": (lambda s: s.CosineDecay("0.1", 10), r"initial_learning_rate=...\): expected a number from 0, received '0.1'"),
    "a negative rate": (lambda s: s.CosineDecay(-0.1, 10), r"initial_learning_rate=...\): expected a number from 0, received -0.1"),
    "a rate of decay of 0": (lambda s: s.ExponentialDecay(0.1, 5, 0), r"decay_rate=...\): expected a number above 0"),
    "a staircase of words": (lambda s: s.ExponentialDecay(0.1, 5, 0.5, "yes"), r"staircase=...\): expected True or False, received 'yes'"),
    "a cycle of words": (lambda s: s.PolynomialDecay(0.1, 5, cycle="no"), r"cycle=...\): expected True or False, received 'no'"),
    "a negative power": (lambda s: s.PolynomialDecay(0.1, 5, power=-1), r"power=...\): expected a number from 0"),
    "a negative end": (lambda s: s.PolynomialDecay(0.1, 5, -1), r"end_learning_rate=...\): expected a number from 0"),
    "a rise without a target": (lambda s: s.CosineDecay(0.1, 10, warmup_steps=5), r"warmup_steps without a rate to rise to.\nLikely mend: add warmup_target"),
    "a negative target": (lambda s: s.CosineDecay(0.1, 10, warmup_target=-1), r"warmup_target=...\): expected a number from 0"),
    "periods that shrink": (lambda s: s.CosineDecayRestarts(0.1, 10, t_mul=0.5), r"t_mul=...\): expected a number from 1, received 0.5"),
    "a negative m_mul": (lambda s: s.CosineDecayRestarts(0.1, 10, m_mul=-1), r"m_mul=...\): expected a number from 0"),
    "a negative alpha": (lambda s: s.CosineDecay(0.1, 10, alpha=-1), r"alpha=...\): expected a number from 0"),
    "as many values as boundaries": (lambda s: s.PiecewiseConstantDecay([1, 2], [0.1, 0.2]), r"values=...\): expected 3 values, one more than boundaries, received 2"),
    "boundaries that fall": (lambda s: s.PiecewiseConstantDecay([2, 1], [0.1, 0.2, 0.3]), r"boundaries=...\): expected numbers that rise, received \[2, 1\]"),
    "a negative value": (lambda s: s.PiecewiseConstantDecay([2], [0.1, -0.2]), r"values=...\): expected a number from 0, received -0.2"),
    "an unknown argument": (lambda s: s.CosineDecay(0.1, 10, warmup_step=5), "no argument 'warmup_step'.\nLikely mend: did you mean 'warmup_steps'?"),
    "an unknown name": (lambda s: s.deserialize({"class_name": "CosineDecoy", "config": {}}), "unknown schedule 'CosineDecoy'.\nLikely mend: did you mean 'CosineDecay'?"),
    "no config": (lambda s: s.deserialize({"name": "x"}), "not the config of a schedule"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_refused(what):
    call, message = REFUSED[what]
    with pytest.raises((OptionError, ArgumentError, ConfigError), match=message):
        call(schedules)


def test_formulas_by_hand():
    assert schedules.ExponentialDecay(0.5, 4, 0.9)(6) == pytest.approx(0.5 * 0.9**1.5)
    assert schedules.ExponentialDecay(0.5, 4, 0.9, staircase=True)(6) == pytest.approx(0.5 * 0.9)
    assert schedules.InverseTimeDecay(0.5, 4, 0.9)(6) == pytest.approx(0.5 / (1 + 0.9 * 1.5))
    assert schedules.PolynomialDecay(0.5, 4, 0.1, 2.0)(1) == pytest.approx(0.4 * 0.75**2 + 0.1)
    assert schedules.PolynomialDecay(0.5, 4, 0.1, 2.0, cycle=True)(6) == pytest.approx(0.4 * 0.25**2 + 0.1)
    assert schedules.CosineDecay(0.5, 4, 0.2)(1) == pytest.approx(0.5 * (0.8 * (1 + math.cos(math.pi / 4)) / 2 + 0.2))
    warm = schedules.CosineDecay(0.1, 4, warmup_target=0.5, warmup_steps=2)
    assert [warm(0), warm(1), warm(2), warm(4), warm(6)] == pytest.approx([0.1, 0.3, 0.5, 0.25, 0.0])


# -- a function in the place of a schedule
def warm():
    return 0.25


def fitted(optimizer):
    model = lamina.Sequential([lamina.Input((2,)), lamina.layers.Dense(1, kernel_initializer="ones")])
    model.compile(optimizer, "mse")
    model.fit([[1.0, 2.0], [3.0, 4.0]], [1.0, 2.0], epochs=3, batch_size=1, verbose=0, shuffle=False)
    return model


def test_a_function_gives_the_rate_of_each_step():
    rates = iter(np.float32(1 / 2**step) for step in range(20))
    seen = []
    model = fitted(lamina.optimizers.SGD(lambda: seen.append(next(rates) / 64) or seen[-1]))
    schedule = schedules.ExponentialDecay(1 / 64, 1, 0.5)
    np.testing.assert_allclose(model.layers[0].kernel, fitted(lamina.optimizers.SGD(schedule)).layers[0].kernel, 1e-6)
    assert len(seen) == 6 and [variable.name for variable in model.optimizer.variables] == ["iteration"]


def test_a_function_is_read_and_set_and_replaced():
    optimizer = lamina.optimizers.Adam(warm)
    assert optimizer.learning_rate == 0.25 and isinstance(optimizer.learning_rate, float)
    with pytest.raises(ArgumentError, match="adam: the learning rate follows a function: expected another function"):
        optimizer.learning_rate = 0.1
    optimizer.learning_rate = lambda: 0.5
    assert optimizer.learning_rate == 0.5
    optimizer = lamina.optimizers.Adam(0.1)
    optimizer.learning_rate = warm
    assert optimizer.learning_rate == 0.25


def test_what_is_no_such_function_is_refused():
    with pytest.raises(
        OptionError, match=r"SGD\(learning_rate=...\): expected a function without arguments[^$]*__call__"
    ):
        lamina.optimizers.SGD(lambda step: 0.1)
    for wrong in (schedules.CosineDecay, "0.1"):
        with pytest.raises(OptionError, match=r"SGD\(learning_rate=...\): expected a number from 0, a LearningRateSch"):
            lamina.optimizers.SGD(wrong)
    for wrong in (-1.0, None, np.ones(2)):
        with pytest.raises(OptionError, match=r"SGD\(learning_rate=...\): [^$]*a function that gives a number"):
            fitted(lamina.optimizers.SGD(lambda wrong=wrong: wrong))


@pytest.mark.parametrize("ending", ["lamina", "keras"])
def test_a_function_stands_in_files_by_its_name(ending, tmp_path):
    model = fitted(lamina.optimizers.Adam(warm))
    assert model.optimizer.get_config()["learning_rate"] == "warm"
    model.save(tmp_path / f"m.{ending}")
    again = lamina.models.load_model(tmp_path / f"m.{ending}", {"warm": warm})
    assert again.optimizer.learning_rate == 0.25 and int(again.optimizer.iterations) == 6
    with pytest.raises(lamina.errors.FileError, match="warm"):
        lamina.models.load_model(tmp_path / f"m.{ending}")
