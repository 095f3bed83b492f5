"""Optimizers and schedules: against Keras's steps, against plain formulas, and what is done around a rule."""

import math
from pathlib import Path

import numpy as np
import pytest
from cases_optimizers import RULES, SCHEDULES, SHAPES, STEPS, draw

from lamina import Variable, constraints, optimizers
from lamina.errors import ArgumentError, OptionError, StateError
from lamina.optimizers import schedules
from lamina.optimizers.base import registry

RECORDED = np.load(Path(__file__).parent / "references" / "optimizers.npz")


def made(name):
    cls, arguments = RULES[name]
    return getattr(optimizers, cls)(**arguments)


def fresh(dtype="float32"):
    values, grads = draw(np)
    variables = [Variable(value.astype(dtype), name=f"v{i}") for i, value in enumerate(values)]
    return variables, [[g.astype(dtype) for g in of_step] for of_step in grads]


def flat(variables):
    return np.concatenate([np.ravel(variable.value) for variable in variables])


@pytest.mark.parametrize("name", RULES)
def test_equals_keras(name):
    optimizer, (variables, grads) = made(name), fresh()
    for step, of_step in enumerate(grads):
        optimizer.apply_gradients(zip(of_step, variables, strict=True))
        np.testing.assert_allclose(
            flat(variables), RECORDED[f"{name}/{step}"], rtol=1e-5, atol=2e-6, err_msg=f"step {step}"
        )
    if f"{name}/final" in RECORDED:
        optimizer.finalize_variable_values(variables)
        np.testing.assert_allclose(flat(variables), RECORDED[f"{name}/final"], rtol=1e-5, atol=2e-6)
    assert all(variable.dtype == "float32" for variable in variables)


def test_no_optimizer_is_left_out():
    assert {cls.__name__ for cls in registry._classes.values()} == {cls for cls, _ in RULES.values()}
    assert {cls.__name__ for cls in schedules.registry._classes.values()} == {cls for cls, _ in SCHEDULES.values()}


class TestFormulas:
    """Each rule once more, as its formula says, in float64 on one number at a time."""

    def run(self, optimizer, rule):
        variables, grads = fresh("float64")
        expected = [np.array(variable.value) for variable in variables]
        slots = [{} for _ in variables]
        for t, of_step in enumerate(grads, 1):
            optimizer.apply_gradients(zip(of_step, variables, strict=True))
            for i, g in enumerate(of_step):
                expected[i] = rule(expected[i], g, t, slots[i])
        for variable, value in zip(variables, expected, strict=True):
            np.testing.assert_allclose(variable.value, value, rtol=1e-12, atol=1e-14)

    def test_sgd(self):
        def rule(w, g, t, s):
            s["v"] = 0.9 * s.get("v", 0) - 0.1 * g
            return w + 0.9 * s["v"] - 0.1 * g

        self.run(optimizers.SGD(0.1, momentum=0.9, nesterov=True), rule)

    def test_rmsprop(self):
        def rule(w, g, t, s):
            s["s"] = 0.9 * s.get("s", 0) + 0.1 * g**2
            s["a"] = 0.9 * s.get("a", 0) + 0.1 * g
            s["p"] = 0.5 * s.get("p", 0) + 0.01 * g / np.sqrt(s["s"] - s["a"] ** 2 + 1e-7)
            return w - s["p"]

        self.run(optimizers.RMSprop(0.01, momentum=0.5, centered=True), rule)

    def test_adam(self):
        def rule(w, g, t, s):
            s["m"] = 0.9 * s.get("m", 0) + 0.1 * g
            s["v"] = 0.999 * s.get("v", 0) + 0.001 * g**2
            alpha = 0.01 * math.sqrt(1 - 0.999**t) / (1 - 0.9**t)
            return w - alpha * s["m"] / (np.sqrt(s["v"]) + 1e-7)

        self.run(optimizers.Adam(0.01), rule)
        self.run(optimizers.AdamW(0.01, 0.1), lambda w, g, t, s: rule(w * (1 - 0.01 * 0.1), g, t, s))

    def test_adamax(self):
        def rule(w, g, t, s):
            s["m"] = 0.9 * s.get("m", 0) + 0.1 * g
            s["u"] = np.maximum(0.999 * s.get("u", 0), abs(g))
            return w - 0.01 / (1 - 0.9**t) * s["m"] / (s["u"] + 1e-7)

        self.run(optimizers.Adamax(0.01), rule)

    def test_nadam(self):
        def rule(w, g, t, s):
            mu = [0.9 * (1 - 0.5 * 0.96**i) for i in range(1, t + 2)]
            s["m"] = 0.9 * s.get("m", 0) + 0.1 * g
            s["v"] = 0.999 * s.get("v", 0) + 0.001 * g**2
            m = mu[t] * s["m"] / (1 - math.prod(mu)) + (1 - mu[t - 1]) * g / (1 - math.prod(mu[:-1]))
            return w - 0.01 * m / (np.sqrt(s["v"] / (1 - 0.999**t)) + 1e-7)

        self.run(optimizers.Nadam(0.01), rule)

    def test_adagrad_and_adadelta(self):
        def adagrad(w, g, t, s):
            s["s"] = s.get("s", 0.1) + g**2
            return w - 0.1 * g / np.sqrt(s["s"] + 1e-7)

        def adadelta(w, g, t, s):
            s["s"] = 0.95 * s.get("s", 0) + 0.05 * g**2
            d = g * np.sqrt(s.get("q", 0) + 1e-7) / np.sqrt(s["s"] + 1e-7)
            s["q"] = 0.95 * s.get("q", 0) + 0.05 * d**2
            return w - d

        self.run(optimizers.Adagrad(0.1), adagrad)
        self.run(optimizers.Adadelta(1.0), adadelta)

    def test_lion(self):
        def rule(w, g, t, s):
            m = s.get("m", 0)
            s["m"] = 0.99 * m + 0.01 * g
            return w - 0.01 * np.sign(0.9 * m + 0.1 * g)

        self.run(optimizers.Lion(0.01), rule)

    def test_lamb(self):
        def rule(w, g, t, s):
            s["m"] = 0.9 * s.get("m", 0) + 0.1 * g
            s["v"] = 0.999 * s.get("v", 0) + 0.001 * g**2
            u = s["m"] / (1 - 0.9**t) / (np.sqrt(s["v"] / (1 - 0.999**t)) + 1e-7)
            return w - 0.05 * np.linalg.norm(w) / np.linalg.norm(u) * u

        self.run(optimizers.Lamb(0.05), rule)

    def test_ftrl(self):
        def rule(w, g, t, s):
            n, z = s.get("n", 0.1), s.get("z", 0)
            s["n"] = n + g**2
            s["z"] = z + g - (np.sqrt(s["n"]) - np.sqrt(n)) / 0.1 * w
            return (np.clip(s["z"], -0.05, 0.05) - s["z"]) / (np.sqrt(s["n"]) / 0.1 + 2 * 0.2)

        self.run(optimizers.Ftrl(0.1, l1_regularization_strength=0.05, l2_regularization_strength=0.2), rule)

    def test_adafactor(self):
        def rms(x):
            return np.sqrt(np.mean(x**2))

        def rule(w, g, t, s):
            beta, squares = 1 - t**-0.8, g**2 + 1e-30
            size = max(1e-3, rms(w)) * min(0.1, 1 / math.sqrt(t))
            if w.ndim < 2:
                s["v"] = v = beta * s.get("v", 0) + (1 - beta) * squares
            else:
                s["r"] = beta * s.get("r", 0) + (1 - beta) * squares.mean(axis=-1)
                s["c"] = beta * s.get("c", 0) + (1 - beta) * squares.mean(axis=-2)
                v = (s["r"] / s["r"].mean(axis=-1, keepdims=True))[..., None] * s["c"][..., None, :]
            u = g / np.sqrt(v)
            return w - size * u / max(1, rms(u))

        self.run(optimizers.Adafactor(0.1), rule)


class TestAround:
    def test_a_layout_larger_than_a_block(self):
        rng = np.random.default_rng(0)
        w, grads = rng.normal(size=(300, 200)), rng.normal(size=(3, 300, 200))
        whole, halves = Variable(w), [Variable(w[:150]), Variable(w[150:])]
        one, two = optimizers.Adam(0.1), optimizers.Adam(0.1)
        for g in grads:
            one.apply_gradients([(g, whole)])
            two.apply_gradients([(g[:150], halves[0]), (g[150:], halves[1])])
        np.testing.assert_array_equal(whole.value, np.concatenate([half.value for half in halves]))

    def test_types_live_side_by_side(self):
        variables = [Variable(np.ones(3, "float32")), Variable(np.ones(3, "float64"))]
        optimizers.SGD(0.5).apply([np.ones(3), np.ones(3)], variables)
        assert [v.dtype for v in variables] == ["float32", "float64"] and all((v.value == 0.5).all() for v in variables)

    def test_freezing_keeps_the_slots(self):
        def run(frozen):
            variables, grads = fresh()
            optimizer = optimizers.Adam(0.1)
            for number, of_step in enumerate(grads):
                chosen = variables[1:] if frozen and number == 2 else variables
                for variable, g in zip(variables, of_step, strict=True):
                    variable.grad = g
                if chosen is not variables:
                    variables[0].reset_grad()
                optimizer.step(chosen)
            return variables

        plain, frozen = run(False), run(True)
        for a, b in zip(plain[1:], frozen[1:], strict=True):
            np.testing.assert_array_equal(a.value, b.value)
        assert np.any(plain[0].value != frozen[0].value)

    def test_two_optimizers_share_a_variable(self):
        w = Variable(np.ones(3))
        first, second = optimizers.SGD(0.1), optimizers.SGD(0.2)
        for optimizer in (first, second, first):
            optimizer.apply([np.ones(3)], [w])
        np.testing.assert_allclose(w.value, 1 - 0.1 - 0.2 - 0.1)

    def test_untouched_gradients_are_zero(self):
        w = Variable(np.ones(3))
        optimizer = optimizers.SGD(1.0)
        optimizer.apply([np.ones(3)], [w])
        optimizer.step([w])
        assert (w.value == 0).all()

    def test_constraints(self):
        w = Variable(np.ones(3), constraint=constraints.NonNeg())
        optimizers.SGD(1.0).apply([[0.5, 2.0, 3.0]], [w])
        assert w.value.tolist() == [0.5, 0.0, 0.0]

    def test_excluded_from_decay(self):
        kernel, bias, gain = (Variable(np.ones(2), name=name) for name in ("kernel", "bias", "gain"))
        optimizer = optimizers.SGD(0.5, weight_decay=0.5)
        optimizer.exclude_from_weight_decay([gain], ["bias"])
        optimizer.apply([np.zeros(2)] * 3, [kernel, bias, gain])
        assert [v.value[0] for v in (kernel, bias, gain)] == [0.75, 1.0, 1.0]

    def test_learning_rate(self):
        optimizer = optimizers.SGD(0.1)
        assert float(optimizer.learning_rate) == 0.1 and optimizer.learning_rate.numpy() == 0.1
        optimizer.learning_rate = 0.5
        optimizer.learning_rate.assign(optimizer.learning_rate * 2)
        w = Variable([0.0])
        optimizer.apply([[1.0]], [w])
        assert w.value == -1 and int(optimizer.iterations) == 1 and optimizer.iterations.dtype == "int64"
        scheduled = optimizers.SGD(schedules.ExponentialDecay(1.0, 1, 0.5))
        scheduled.apply([[1.0]], [w])
        assert float(scheduled.learning_rate) == 0.5
        with pytest.raises(StateError, match="follows a schedule"):
            scheduled.learning_rate = 0.1

    @pytest.mark.parametrize("name", RULES)
    def test_config_comes_back(self, name):
        optimizer = made(name)
        twin = optimizers.deserialize(optimizers.serialize(optimizer))
        assert twin.get_config() == optimizer.get_config()
        for each in (optimizer, twin):
            variables, grads = fresh()
            for of_step in grads:
                each.apply(of_step, variables)
            each.ran = flat(variables)
        np.testing.assert_array_equal(optimizer.ran, twin.ran)

    def test_variables(self):
        optimizer = optimizers.Adam()
        optimizer.build([Variable(np.ones((2, 3)), name="kernel")])
        assert [v.name for v in optimizer.variables] == ["iterations", "learning_rate", "kernel_m", "kernel_v"]
        assert optimizer.variables[2].shape == (2, 3)

    def test_gradient_norm(self):
        w = Variable(np.zeros(2))
        optimizer = optimizers.SGD(0.0)
        optimizer.apply([[3.0, 4.0]], [w])
        assert optimizer.gradient_norm() == 5.0

    def test_a_rule_of_ones_own(self):
        class Sign(optimizers.Optimizer):
            def update(self, w, g, room, lr):
                w -= lr * np.sign(g, out=room)

        w = Variable(np.zeros(3))
        Sign(0.1).apply([[3.0, -2.0, 0.0]], [w])
        np.testing.assert_allclose(w.value, [-0.1, 0.1, 0.0])

    def test_names(self):
        for name in (
            "adam",
            "Adam",
            "sgd",
            "SGD",
            "rmsprop",
            "RMSprop",
            "adamw",
            "nadam",
            "ftrl",
            "lion",
            "lamb",
            "adafactor",
        ):
            assert type(optimizers.get(name)).__name__.lower() == name.lower()
        assert isinstance(optimizers.get({"class_name": "Adam", "config": {"learning_rate": 0.5}}), optimizers.Adam)


class TestSchedules:
    @pytest.mark.parametrize("name", SCHEDULES)
    def test_equals_keras(self, name):
        cls, arguments = SCHEDULES[name]
        schedule = getattr(schedules, cls)(**arguments)
        found = [schedule(step) for step in range(40)]
        np.testing.assert_allclose(found, RECORDED[f"schedule/{name}"], rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(schedule(np.arange(40)), found, rtol=1e-12)
        assert all(type(rate) is float for rate in found)
        assert schedules.deserialize(schedules.serialize(schedule)).get_config() == schedule.get_config()

    def test_refused(self):
        with pytest.raises(OptionError, match="one value more than boundaries"):
            schedules.PiecewiseConstantDecay([1, 2], [1.0, 0.5])
        with pytest.raises(OptionError, match=r"ExponentialDecay\(decay_steps=...\)"):
            schedules.ExponentialDecay(0.1, 0, 0.5)


class TestRefusals:
    @pytest.mark.parametrize(
        ("call", "said"),
        [
            (
                lambda: optimizers.Adam(learning_rate=-1),
                r"Adam\(learning_rate=...\): expected a number from 0, received -1",
            ),
            (
                lambda: optimizers.Adam(learning_rate="auto"),
                r"Adam\(learning_rate=...\): expected a number from 0, received 'auto'",
            ),
            (
                lambda: optimizers.Adam(beta_1=1.0),
                r"Adam\(beta_1=...\): expected a number from 0 to below 1, received 1.0",
            ),
            (lambda: optimizers.SGD(momentum=2), r"SGD\(momentum=...\): expected a number from 0 to 1, received 2"),
            (
                lambda: optimizers.SGD(clipnorm=1, clipvalue=1),
                "one kind of clipping: expected one of clipnorm, clipvalue, global_clipnorm",
            ),
            (lambda: optimizers.SGD(clipnorm=0), r"SGD\(clipnorm=...\)"),
            (
                lambda: optimizers.SGD(gradient_accumulation_steps=0),
                "gradient_accumulation_steps=...\\): expected a whole number of 1",
            ),
            (lambda: optimizers.Ftrl(learning_rate_power=1), "expected a number of 0 or less"),
            (lambda: optimizers.get("adma"), "unknown optimizer 'adma'.\nLikely mend: did you mean 'adam'?"),
        ],
    )
    def test_options(self, call, said):
        with pytest.raises(OptionError, match=said):
            call()

    def test_arguments(self):
        with pytest.raises(ArgumentError, match="Adam has no argument 'lr'"):
            optimizers.Adam(lr=0.1)
        with pytest.raises(ArgumentError, match="expected a name, an instance of Optimizer or a config, received 3"):
            optimizers.get(3)
        with pytest.raises(ArgumentError, match="expected 1 gradients, received 2"):
            optimizers.SGD().apply([1.0, 2.0], [Variable(1.0)])


def test_the_recorded_run_is_long_enough():
    assert STEPS >= 5 and len(SHAPES) >= 4
