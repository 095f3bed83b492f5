"""The numbers and words that `fit`, `evaluate`, `predict` and the settings take, and those that they refuse."""

import re

import numpy as np
import pytest

from lamina import Input, Sequential, config, layers
from lamina.callbacks import CallbackList, History, LambdaCallback
from lamina.errors import OptionError

X, Y = np.ones((8, 2), "float32"), np.ones((8, 1), "float32")
HELD_OUT = {"validation_data": (X, Y)}


@pytest.fixture
def model():
    made = Sequential([Input((2,)), layers.Dense(1)])
    made.compile("sgd", "mse")
    return made


COUNT, COUNT_OR_NONE = "a whole number of 1 or more", "a whole number of 0 or more"
REFUSED = [
    ("fit", {"batch_size": 0}, COUNT),
    ("fit", {"batch_size": 2.5}, COUNT),
    ("fit", {"epochs": -1}, COUNT_OR_NONE),
    ("fit", {"epochs": 1.5}, COUNT_OR_NONE),
    ("fit", {"epochs": "3"}, COUNT_OR_NONE),
    ("fit", {"epochs": None}, COUNT_OR_NONE),
    ("fit", {"initial_epoch": -1}, COUNT_OR_NONE),
    ("fit", {"steps_per_epoch": "2"}, COUNT),
    ("fit", {"steps_per_epoch": 0}, COUNT),
    ("fit", {"validation_steps": "x"}, COUNT),
    ("fit", {"validation_steps": 0}, COUNT),
    ("fit", {"validation_batch_size": 0}, COUNT),
    ("fit", {"validation_freq": 0}, COUNT),
    ("fit", {"validation_freq": ["x"]}, COUNT),
    ("fit", {"verbose": "junk"}, "one of 'auto', 0, 1, 2"),
    ("fit", {"verbose": 7}, "one of 'auto', 0, 1, 2"),
    ("fit", {"shuffle": "no"}, "True or False"),
    ("evaluate", {"batch_size": 0}, COUNT),
    ("evaluate", {"steps": "x"}, COUNT),
    ("evaluate", {"verbose": "junk"}, "one of 'auto', 0, 1, 2"),
    ("predict", {"batch_size": -1}, COUNT),
    ("predict", {"steps": 1.5}, COUNT),
    ("predict", {"verbose": 7}, "one of 'auto', 0, 1, 2"),
]


@pytest.mark.parametrize(("call", "wrong", "expected"), REFUSED, ids=lambda part: str(part))
def test_refused(model, call, wrong, expected):
    name, value = next(iter(wrong.items()))
    data = (X,) if call == "predict" else (X, Y)
    before = model.get_weights()
    with pytest.raises(OptionError, match=re.escape(f"{call}({name}=...): expected {expected}")) as error:
        getattr(model, call)(*data, **({"verbose": 0} | (HELD_OUT if call == "fit" else {}) | wrong))
    assert repr(value) in str(error.value) or name == "validation_freq"
    np.testing.assert_array_equal(before[0], model.get_weights()[0])


def test_taken(model):
    options = {"epochs": np.int64(3), "initial_epoch": np.int32(1), "batch_size": np.int64(4), "shuffle": 1}
    of_validation = {"validation_freq": np.int64(2), "validation_steps": np.int64(1), "validation_batch_size": 3}
    history = model.fit(X, Y, steps_per_epoch=np.uint8(2), verbose=False, **options, **of_validation, **HELD_OUT)
    assert history.epoch == [1, 2] and len(history.history["val_loss"]) == 1
    assert model.fit(X, Y, epochs=0, verbose=0).epoch == []
    assert model.predict(X, steps=np.int64(1), batch_size=np.int64(4), verbose=False).shape == (4, 1)
    assert model.evaluate(X, Y, steps=1, verbose=False) >= 0


@pytest.mark.parametrize("verbose", ["auto", 0, 1, 2, True, False])
def test_verbose(model, verbose, capsys):
    model.fit(X, Y, verbose=verbose)
    assert ("Epoch 1/1" in capsys.readouterr().out) == (verbose not in (0, False))


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("set_epsilon", -1, "a number above 0"),
        ("set_epsilon", "x", "a number above 0"),
        ("set_epsilon", float("nan"), "a number above 0"),
        ("set_max_epochs", "x", COUNT),
        ("set_max_epochs", -3, COUNT),
        ("set_max_epochs", 1.5, COUNT),
        ("set_max_steps_per_epoch", 0, COUNT),
        ("set_threads", True, COUNT),
    ],
)
def test_settings_refused(setting, value, expected):
    with pytest.raises(OptionError, match=f"{setting}: expected {expected}, received {value!r}"):
        getattr(config, setting)(value)


def test_settings_taken():
    config.set_epsilon(np.float32(1e-4))
    config.set_max_epochs(np.int64(2))
    config.set_max_steps_per_epoch(3)
    assert config.epsilon() == pytest.approx(1e-4) and config.max_epochs() == 2 and config.max_steps_per_epoch() == 3


class TestACallbackListOfTheUsers:
    def test_fit_gives_a_history(self, model):
        told = []
        listener = LambdaCallback(on_train_end=lambda logs: told.append(listener.model is model))
        history = model.fit(X, Y, epochs=2, callbacks=CallbackList([listener]), verbose=0)
        assert isinstance(history, History) and history.epoch == [0, 1] and told == [True]
        assert listener.params == {"verbose": 0, "epochs": 2, "steps": 1}

    def test_its_own_history_is_used(self, model):
        own = History()
        assert model.fit(X, Y, callbacks=CallbackList([own], model=model), verbose=0) is own

    def test_no_history_where_nothing_is_trained(self, model):
        given = CallbackList([], model=model)
        model.evaluate(X, Y, callbacks=given, verbose=0)
        assert given.callbacks == []
