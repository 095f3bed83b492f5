"""The compiled kernels give what the plain ones give, but for rounding; and who asks for them is told what is missing."""

import importlib.util
import os
import subprocess
import sys

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, callbacks, config, layers, optimizers
from lamina.errors import LaminaError, OptionError
from lamina.models import forks, worth
from lamina.ops import cells, compiled
from lamina.ops.twins import twins
from lamina.utils import kernels

BATCH, UNITS = 3, 37  # not as many as the processor takes at once
ONE, BIAS = (BATCH, UNITS), (UNITS,)
THREE, FOUR, BY_ROW = (3, *ONE), (4, *ONE), (BATCH, 4, UNITS)
SPARE = (8, *ONE)
STEPS = {  # by name: the shapes of the arguments, and which of them it writes
    "lstm_step": ((FOUR, FOUR, ONE, ONE, ONE, ONE, SPARE), (0, 3, 4, 5)),
    "lstm_step_backward": ((ONE, ONE, FOUR, ONE, ONE, ONE, BY_ROW, SPARE), (1, 6)),
    "gru_step": ((THREE, THREE, BIAS, ONE, ONE, ONE, SPARE), (0, 4, 5)),
    "gru_step_backward": ((ONE, THREE, ONE, ONE, BY_ROW, SPARE), (0, 4)),
    "rnn_step": ((ONE, ONE, ONE), (2,)),
    "rnn_step_backward": ((ONE, ONE, ONE, ONE), (2,)),
}


def given(name):
    """Arguments of a step, in the first place with what a run must not hide: a number that is none."""
    rng = np.random.default_rng(0)
    found = [rng.normal(size=shape).astype("float32") for shape in STEPS[name][0]]
    if name == "lstm_step_backward":  # there p = o ⊙ u is known as h'
        found[5] = found[2][2] * found[4]
    found[0].flat[0] = np.nan
    return found


@pytest.mark.parametrize("name", STEPS)
def test_a_step_gives_the_same(name):
    plain, fused = given(name), given(name)
    getattr(cells, name)(*plain)
    getattr(compiled, name)(*fused)
    written = [fused[number] for number in STEPS[name][1]]
    assert np.isnan(np.concatenate([array.reshape(-1) for array in written])).any()
    for number in STEPS[name][1]:
        np.testing.assert_allclose(fused[number], plain[number], atol=3e-6)


def test_every_step_of_the_cells_has_its_twin():
    assert set(STEPS) == {name for name in vars(cells) if "_step" in name} <= set(vars(compiled))


def test_tanh_is_right_everywhere():
    x = np.concatenate([np.linspace(-12, 12, 30_001), np.geomspace(1e-30, 1, 2_000)]).astype("float32")
    y = np.array([kernels.tanh(number) for number in x])
    np.testing.assert_allclose(y, np.tanh(x.astype("float64")), rtol=4e-7, atol=0)
    assert abs(y).max() <= 1
    assert np.isnan(kernels.tanh(np.float32("nan")))


def trained(model, x, y, optimizer="adam", epochs=3):
    model.compile(optimizer, "mse")
    history = model.fit(x, y, batch_size=16, epochs=epochs, shuffle=False, verbose=0)
    return history.history["loss"], model.get_weights(), model.predict(x, verbose=0)


def sequences(cell, **options):
    lamina.utils.set_random_seed(1)
    first = layers.Bidirectional(cell(5, return_sequences=True, **options))
    return Sequential([Input((7, 3)), first, cell(4, go_backwards=True, **options)])


@pytest.fixture
def both():
    """Trains a new model by either kernels."""

    def run(make, x, y, optimizer):
        results = []
        for value in (False, True):
            config.set_compiled(value)
            results.append(trained(make(), x, y, optimizer()))
        return results

    return run


def assert_close(plain, fused):
    for a, b in zip((*plain[1], plain[2], plain[0]), (*fused[1], fused[2], fused[0]), strict=True):
        np.testing.assert_allclose(a, b, atol=2e-5)
    assert any((a != b).any() for a, b in zip(plain[1], fused[1], strict=True))  # else the kernels were not used


def assert_equal(plain, fused):
    for a, b in zip((*plain[1], plain[2], plain[0]), (*fused[1], fused[2], fused[0]), strict=True):
        np.testing.assert_array_equal(a, b)


X = np.random.default_rng(2).normal(size=(40, 7, 3)).astype("float32")
Y = np.random.default_rng(3).normal(size=(40, 4)).astype("float32")


@pytest.mark.parametrize("cell", [layers.LSTM, layers.GRU, layers.SimpleRNN])
def test_a_recurrent_model_trains_alike(cell, both):
    assert_close(*both(lambda: sequences(cell), X, Y, optimizers.SGD))
    assert_close(*both(lambda: sequences(cell, use_bias=False), X, Y, optimizers.SGD))


def test_masks_and_states_come_through(both):
    def make():
        lamina.utils.set_random_seed(1)
        return Sequential(
            [
                Input((7, 3)),
                layers.Masking(0.0),
                layers.RNN([layers.LSTMCell(5), layers.GRUCell(4)], return_sequences=True),
                layers.GRU(4),
            ]
        )

    x = X.copy()
    x[::3, 4:] = 0
    assert_close(*both(make, x, Y, optimizers.SGD))


def counted(monkeypatch, name):
    """The calls of a compiled kernel from now on."""
    calls, kernel = [], getattr(compiled, name)
    monkeypatch.setattr(compiled, name, lambda *more: calls.append(1) or kernel(*more))
    return calls


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"weight_decay": 0.01, "clipnorm": 1.0},
        {"use_ema": True},
        {"gradient_accumulation_steps": 2},
        {"amsgrad": True},
    ],
    ids=str,
)
def test_adam_moves_to_the_same_bits(options, both, monkeypatch):
    def make():
        lamina.utils.set_random_seed(1)
        return Sequential([Input((7, 3)), layers.Flatten(), layers.Dense(9, activation="relu"), layers.Dense(4)])

    calls = counted(monkeypatch, "adam")
    assert_equal(*both(make, X, Y, lambda: optimizers.Adam(0.01, **options)))
    assert bool(calls) != ("amsgrad" in options)


def test_adam_moves_a_table_by_rows_to_the_same_bits(both, monkeypatch):
    def make():
        lamina.utils.set_random_seed(1)
        return Sequential([Input((3,)), layers.Embedding(200, 6), layers.Flatten(), layers.Dense(4)])

    calls = counted(monkeypatch, "adam_rows")
    ids = np.random.default_rng(4).integers(0, 200, (40, 3))
    assert_equal(*both(make, ids, Y, optimizers.Adam))
    assert calls


def test_other_types_go_by_numpy():
    config.set_compiled(True)
    assert twins("float32") is compiled
    assert twins("float64") is twins("float16") is None


def test_processes_give_the_same_bits_each_time(monkeypatch):
    for limit in ("ENOUGH", "STEP", "CALL"):
        monkeypatch.setattr(worth, limit, 1)
    monkeypatch.setattr(forks, "LARGE", 1)
    monkeypatch.setattr(optimizers.base, "SHARED", 1)
    with config.using_threads(1):
        alone = trained(sequences(layers.LSTM), X, Y)
    config.set_compiled(True)
    with config.using_threads(2):
        first, second = (trained(sequences(layers.LSTM), X, Y) for _ in range(2))
    assert_equal(first, second)
    assert_close(alone, first)


def test_a_backup_of_the_other_kernels_is_refused(tmp_path):
    class Stop(callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    def fit(*more):
        model = sequences(layers.GRU)
        model.compile("adam", "mse")
        model.fit(X, Y, epochs=3, callbacks=[callbacks.BackupAndRestore(tmp_path / "backup"), *more], verbose=0)

    config.set_compiled(True)
    with pytest.raises(KeyboardInterrupt):
        fit(Stop())
    config.set_compiled(False)
    with pytest.raises(LaminaError, match=r"compiled: expected True.*\n.*set_compiled\(True\)"):
        fit()
    config.set_compiled(True)
    fit()


# -- asking for them
def test_without_numba_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(OptionError, match=r"(?s)Numba is not installed.*pip install numba"):
        config.set_compiled(True)
    config.set_compiled(False)
    assert config.compiled() is False


@pytest.mark.parametrize("value", [1, "yes"])
def test_it_is_true_or_false(value):
    with pytest.raises(OptionError, match="expected True, False or None"):
        config.set_compiled(value)


def asked(value):
    code = "import sys, lamina; print(lamina.config.compiled(), 'numba' in sys.modules)"
    environment = os.environ | {"LAMINA_COMPILED": value}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)


def test_the_environment_asks_for_them_and_numba_waits_for_its_use():
    assert asked("1").stdout.split() == ["True", "False"]
    assert asked("0").stdout.split() == ["False", "False"]
    assert "LAMINA_COMPILED: expected 0 or 1, received 'on'" in asked("on").stderr
