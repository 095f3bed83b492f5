"""Optimizers, stepped by hand: each rule written plainly from its formula, in float64, with all that stands around it."""

import math
from collections import defaultdict

import numpy as np
import pytest
from cases_optimizers import CASES, RULES, VARIABLES, draw, extras, make

import lamina
from lamina import Variable

DEFAULTS = {
    "momentum": 0.0, "nesterov": False, "centered": False, "amsgrad": False, "rho": 0.9, "beta_1": 0.9, "beta_2": 0.999,
    "epsilon": 1e-7, "initial_accumulator_value": 0.1, "learning_rate_power": -0.5, "l1_regularization_strength": 0.0,
    "l2_regularization_strength": 0.0, "l2_shrinkage_regularization_strength": 0.0, "beta": 0.0, "beta_2_decay": -0.8,
    "epsilon_1": 1e-30, "epsilon_2": 1e-3, "clip_threshold": 1.0, "relative_step": True,
}  # fmt: skip
OF_RULE = {
    "SGD": {"learning_rate": 0.01},
    "Adadelta": {"rho": 0.95},
    "Lion": {"beta_2": 0.99},
    "AdamW": {"weight_decay": 0.004},
    "Muon": {
        "weight_decay": 0.004, "adam_weight_decay": 0.004, "adam_beta_1": 0.9, "adam_beta_2": 0.999, "momentum": 0.95,
        "muon_a": 3.4445, "muon_b": -4.775, "muon_c": 2.0315, "ns_steps": 5, "nesterov": True, "rms_rate": 0.2,
        "adam_lr_ratio": 1, "exclude_layers": [],
    },
}  # fmt: skip


class Numbers(dict):
    """Hyperparameters by attribute."""

    __getattr__ = dict.__getitem__


def sgd(h, s, w, g, lr, t):
    if not h.momentum:
        return w - lr * g
    s["m"] = h.momentum * s["m"] - lr * g
    return w + h.momentum * s["m"] - lr * g if h.nesterov else w + s["m"]


def rmsprop(h, s, w, g, lr, t):
    s["v"] = h.rho * s["v"] + (1 - h.rho) * g**2
    variance = s["v"]
    if h.centered:
        s["a"] = h.rho * s["a"] + (1 - h.rho) * g
        variance = s["v"] - s["a"] ** 2
    u = lr * g / np.sqrt(variance + h.epsilon)
    if h.momentum:
        s["p"] = u = h.momentum * s["p"] + u
    return w - u


def moments(h, s, g):
    s["m"] = h.beta_1 * s["m"] + (1 - h.beta_1) * g
    s["v"] = h.beta_2 * s["v"] + (1 - h.beta_2) * g**2


def adam(h, s, w, g, lr, t):
    moments(h, s, g)
    s["largest"] = np.maximum(s["largest"], s["v"])
    v = s["largest"] if h.amsgrad else s["v"]
    return w - lr * math.sqrt(1 - h.beta_2**t) / (1 - h.beta_1**t) * s["m"] / (np.sqrt(v) + h.epsilon)


def adadelta(h, s, w, g, lr, t):
    s["a"] = h.rho * s["a"] + (1 - h.rho) * g**2
    u = np.sqrt(s["d"] + h.epsilon) / np.sqrt(s["a"] + h.epsilon) * g
    s["d"] = h.rho * s["d"] + (1 - h.rho) * u**2
    return w - lr * u


def adagrad(h, s, w, g, lr, t):
    s["a"] = s["a"] + g**2
    return w - lr * g / np.sqrt(h.initial_accumulator_value + s["a"] + h.epsilon)


def adamax(h, s, w, g, lr, t):
    s["m"] = h.beta_1 * s["m"] + (1 - h.beta_1) * g
    s["u"] = np.maximum(h.beta_2 * s["u"], np.abs(g))
    return w - lr / (1 - h.beta_1**t) * s["m"] / (s["u"] + h.epsilon)


def nadam(h, s, w, g, lr, t):
    moments(h, s, g)
    mu = [h.beta_1 * (1 - 0.5 * 0.96**i) for i in range(1, t + 2)]
    ahead = mu[t] * s["m"] / (1 - math.prod(mu)) + (1 - mu[t - 1]) * g / (1 - math.prod(mu[:t]))
    return w - lr * ahead / (np.sqrt(s["v"] / (1 - h.beta_2**t)) + h.epsilon)


def ftrl(h, s, w, g, lr, t):
    p, l1 = -h.learning_rate_power, h.l1_regularization_strength
    old = h.initial_accumulator_value + s["n"]
    new = old + g**2
    s["n"] = s["n"] + g**2
    s["z"] = s["z"] + g + 2 * h.l2_shrinkage_regularization_strength * w - (new**p - old**p) / lr * w
    return (np.clip(s["z"], -l1, l1) - s["z"]) / ((h.beta + new**p) / lr + 2 * h.l2_regularization_strength)


def lion(h, s, w, g, lr, t):
    u = np.sign(h.beta_1 * s["m"] + (1 - h.beta_1) * g)
    s["m"] = h.beta_2 * s["m"] + (1 - h.beta_2) * g
    return w - lr * u


def adafactor(h, s, w, g, lr, t):
    def rms(x):
        return math.sqrt(np.mean(x**2))

    squares, beta = g**2 + h.epsilon_1, 1 - t**h.beta_2_decay
    if w.ndim < 2:
        s["v"] = v = beta * s["v"] + (1 - beta) * squares
    else:
        s["r"] = beta * s["r"] + (1 - beta) * squares.mean(axis=-1)
        s["c"] = beta * s["c"] + (1 - beta) * squares.mean(axis=-2)
        r = s["r"] / s["r"].mean(axis=-1, keepdims=True)
        v = np.einsum("...r,...c->...rc", r, s["c"])
    u = g / np.sqrt(v)
    rho = min(lr, 1 / math.sqrt(t)) if h.relative_step else lr
    return w - max(h.epsilon_2, rms(w)) * rho * u / max(1, rms(u) / h.clip_threshold)


def lamb(h, s, w, g, lr, t):
    moments(h, s, g)
    u = s["m"] / (1 - h.beta_1**t) / (np.sqrt(s["v"] / (1 - h.beta_2**t)) + h.epsilon)
    both = np.linalg.norm(w) * np.linalg.norm(u)
    return w - lr * (np.linalg.norm(w) / np.linalg.norm(u) if both else 1.0) * u


def is_muons(h, shape):
    """Of the variables here the words leave out the row alone."""
    return len(shape) == 2 and not (h.exclude_layers and shape[0] == 1)


def muon(h, s, w, g, lr, t):
    if not is_muons(h, w.shape):
        of_adam = Numbers(DEFAULTS | {"beta_1": h.adam_beta_1, "beta_2": h.adam_beta_2, "epsilon": h.epsilon})
        return adam(of_adam, s, w, g, lr * h.adam_lr_ratio, t)
    s["m"] = h.momentum * s["m"] + g
    u = g + h.momentum * s["m"] if h.nesterov else s["m"]
    left, sizes, right = np.linalg.svd(u / (np.linalg.norm(u) + 1e-7), full_matrices=False)
    for _ in range(h.ns_steps):
        sizes = h.muon_a * sizes + h.muon_b * sizes**3 + h.muon_c * sizes**5
    return w - lr * (1 if h.rms_rate is None else h.rms_rate * math.sqrt(max(w.shape))) * (left * sizes) @ right


FORMULAS = {
    "SGD": sgd, "RMSprop": rmsprop, "Adam": adam, "AdamW": adam, "Adadelta": adadelta, "Adagrad": adagrad,
    "Adamax": adamax, "Nadam": nadam, "Ftrl": ftrl, "Lion": lion, "Adafactor": adafactor, "Lamb": lamb,
    "Muon": muon,
}  # fmt: skip


def clipped(gradients, given):
    if "clipnorm" in given:
        return [g * min(1, given["clipnorm"] / np.linalg.norm(g)) for g in gradients]
    if "clipvalue" in given:
        return [np.clip(g, -given["clipvalue"], given["clipvalue"]) for g in gradients]
    if "global_clipnorm" in given:
        norm = math.sqrt(sum(np.sum(g**2) for g in gradients))
        return [g * min(1, given["global_clipnorm"] / norm) for g in gradients]
    return gradients


def constrained(case, w):
    name, arguments = extras(case).get("constraint", ("", {}))
    if name == "NonNeg" and w.ndim:
        return np.maximum(w, 0)
    if name == "MaxNorm" and w.ndim:
        norms = np.sqrt(np.sum(w**2, axis=0, keepdims=True))
        return w * np.clip(norms, 0, arguments["max_value"]) / (1e-7 + norms)
    return w


def stepped(name):
    """The variables' numbers after each step of a case, and their averages in the end, as the docstrings say."""
    case = CASES[name]
    given = {"learning_rate": 0.001} | OF_RULE.get(case[0], {}) | case[1]
    h, formula = Numbers(DEFAULTS | given), FORMULAS[case[0]]
    values, steps = draw(name)
    w = [value.astype("float64") for value in values]
    memory = [defaultdict(float) for _ in w]
    averages, gathered = [0.0] * len(w), [0.0] * len(w)
    every, updates, history = given.get("gradient_accumulation_steps", 1), 0, []
    for step, gradients in enumerate(steps):
        lr = given["learning_rate"]
        if isinstance(lr, list):
            lr = lr[1]["values"][sum(step > edge for edge in lr[1]["boundaries"])]
        gathered = [a + g.astype("float64") for a, g in zip(gathered, gradients, strict=True)]
        t = updates + 1
        if (step + 1) % every == 0:
            mean, gathered = clipped([a / every for a in gathered], given), [0.0] * len(w)
            free = {"bias", "gain"} if "exclude" in extras(case) else set()
            muons = [case[0] != "Muon" or is_muons(h, x.shape) for x in w]
            decays = [given.get("weight_decay" if mine else "adam_weight_decay") or 0 for mine in muons]
            rates = [0 if key in free else lr * decay for key, decay in zip(VARIABLES, decays, strict=True)]
            w = [x - rate * x for x, rate in zip(w, rates, strict=True)]
            w = [formula(h, s, x, g, lr, t) for s, x, g in zip(memory, w, mean, strict=True)]
            updates += 1
        if "use_ema" in given:
            keep = 0 if t == 1 else given.get("ema_momentum", 0.99)
            averages = [keep * a + (1 - keep) * x for a, x in zip(averages, w, strict=True)]
            if t % given.get("ema_overwrite_frequency", t + 1) == 0:
                w = [average.copy() for average in averages]
        w = [constrained(case, x) for x in w]
        history.append(w)
    return history, averages if "use_ema" in given else w


@pytest.mark.parametrize("name", CASES)
def test_does_what_the_formula_says(name):
    values, steps = draw(name)
    variables = [Variable(value, dtype="float64", name=key) for key, value in zip(VARIABLES, values, strict=True)]
    if "constraint" in extras(CASES[name]):
        cls, arguments = extras(CASES[name])["constraint"]
        for variable in variables:
            variable.constraint = getattr(lamina.constraints, cls)(**arguments) if variable.ndim else None
    optimizer = make(lamina.optimizers, CASES[name])
    history, final = stepped(name)
    for number, (gradients, expected) in enumerate(zip(steps, history, strict=True)):
        for variable, gradient in zip(variables, gradients, strict=True):
            variable.grad += gradient.astype("float64")
        optimizer.step(variables)
        for variable, value in zip(variables, expected, strict=True):
            assert variable.dtype == "float64"
            np.testing.assert_allclose(
                variable.value, value, rtol=1e-11, atol=1e-13, err_msg=f"{variable.name}, step {number}"
            )
    optimizer.finalize_variable_values(variables)
    for variable, value in zip(variables, final, strict=True):
        np.testing.assert_allclose(variable.value, value, rtol=1e-11, atol=1e-13, err_msg=variable.name)


def test_every_rule_has_a_formula():
    assert set(FORMULAS) == set(RULES)


@pytest.mark.parametrize(("relative", "size"), [(True, 0.5), (False, 3.0)])
def test_adafactor_s_relative_step(relative, size):
    # at t = 4 a relative step is at most 1 / 2; u is of size 1, and so are the weights
    optimizer = lamina.optimizers.Adafactor(3.0, relative_step=relative)
    optimizer.iterations.assign(3)
    w = Variable(np.ones(4))
    optimizer.apply_gradients([(np.ones(4), w)])
    np.testing.assert_allclose(w.value, 1 - size)


@pytest.mark.parametrize("rule", RULES)
def test_a_gradient_of_zero_makes_no_nan(rule):
    optimizer = getattr(lamina.optimizers, rule)(0.1)
    w, b = Variable(np.ones((2, 3), "float32")), Variable(np.zeros(3, "float32"))
    for _ in range(3):
        optimizer.step([w, b])  # nothing was gathered
    assert np.isfinite(w.value).all()
    assert (b.value == 0).all()


def test_centered_rmsprop_survives_a_constant_gradient():
    # v - a² is 0 but for rounding, which takes it below 0
    w = Variable(np.ones(1000, "float32"))
    optimizer = lamina.optimizers.RMSprop(1e-6, centered=True)
    gradient = np.linspace(100, 5000, 1000).astype("float32")
    for _ in range(300):
        optimizer.apply_gradients([(gradient, w)])
    assert np.isfinite(w.value).all()


def test_ftrl_leaves_what_no_gradient_reached_finite():
    w = Variable(np.ones(3, "float32"))
    optimizer = lamina.optimizers.Ftrl(0.1, initial_accumulator_value=0.0)
    optimizer.apply_gradients([([0.0, 1.0, -1.0], w)])
    np.testing.assert_allclose(w.value, [0, 0.9, 1.1], atol=1e-6)
    optimizer.learning_rate = 0
    before = w.numpy()
    optimizer.apply_gradients([([1.0, 1.0, 1.0], w)])
    np.testing.assert_array_equal(w.value, before)


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e4])
def test_adafactor_leaves_a_dead_weight_where_it_is(scale):
    """A dead input that meets a dead unit: the gradient of its row and of its column is 0."""
    gradient = np.random.default_rng(0).normal(size=(4, 3)).astype("float32") * scale
    gradient[1] = gradient[:, 2] = 0
    start = np.random.default_rng(1).normal(size=(4, 3)).astype("float32")
    moved = {}
    for dtype in ("float32", "float64"):
        weight, optimizer = Variable(start.astype(dtype)), lamina.optimizers.Adafactor(0.1)
        for _ in range(3):
            optimizer.apply_gradients([(gradient, weight)])
        moved[dtype] = weight.value
    assert (moved["float32"][gradient == 0] == start[gradient == 0]).all()
    np.testing.assert_allclose(moved["float32"], moved["float64"], rtol=1e-5)
