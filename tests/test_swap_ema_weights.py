"""SwapEMAWeights against Keras, and where Keras loses the weights."""

from pathlib import Path

import numpy as np
import pytest
from record_ema import CASES, data, run

import lamina
from lamina import Input, Sequential, callbacks, layers
from lamina.errors import StateError
from lamina.optimizers import SGD

RECORDED = np.load(Path(__file__).parent / "references" / "ema.npz")


def model_of_averages(**options):
    x, y, *weights = data()
    model = Sequential([Input((3,)), layers.Dense(2)])
    model.set_weights(weights)
    model.compile(SGD(0.1, use_ema=True, ema_momentum=0.8, **options), "mse")
    return model, x, y


@pytest.mark.parametrize("name", CASES)
def test_equals_keras(name, tmp_path):
    found = run(lamina, CASES[name], str(tmp_path))
    assert set(found) == {key.removeprefix(f"{name}/") for key in RECORDED.files if key.startswith(f"{name}/")}
    for key, value in found.items():
        np.testing.assert_allclose(value, RECORDED[f"{name}/{key}"], rtol=1e-5, atol=1e-7, err_msg=key)


@pytest.mark.parametrize("call", ["evaluate", "predict"])
def test_the_weights_are_put_back(call):
    """Keras leaves the averages in the model after `predict`."""
    model, x, y = model_of_averages()
    for _ in range(5):
        model.train_on_batch(x, y)
    weights, averages = model.get_weights(), [model.optimizer.slot(w, "average").copy() for w in model.weights]
    assert not np.allclose(weights[0], averages[0])
    data_of_call = (x, y) if call == "evaluate" else (x,)
    found = getattr(model, call)(*data_of_call, verbose=0, callbacks=[callbacks.SwapEMAWeights()])
    for weight, before, average in zip(model.weights, weights, averages, strict=True):
        np.testing.assert_array_equal(weight.value, before)
        np.testing.assert_array_equal(model.optimizer.slot(weight, "average"), average)
    model.set_weights(averages)
    np.testing.assert_array_equal(found, getattr(model, call)(*data_of_call, verbose=0))


def test_a_run_that_is_stopped_early_ends_with_the_averages():
    """In Keras it ends with the weights, for the two were exchanged."""
    model, x, y = model_of_averages()
    stop = callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: setattr(model, "stop_training", epoch == 1))
    plain, _, _ = model_of_averages()
    plain.fit(x, y, epochs=2, shuffle=False, verbose=0)
    swap = callbacks.SwapEMAWeights(swap_on_epoch=True)
    model.fit(x, y, epochs=9, shuffle=False, verbose=0, callbacks=[stop, swap])
    np.testing.assert_array_equal(model.weights[0].value, plain.weights[0].value)
    assert swap.kept is None


def test_a_run_that_was_killed_goes_on_as_if_it_had_not_been(tmp_path):
    class Killed(Exception):
        pass

    def kill(epoch, logs):
        if epoch == 2:
            raise Killed

    def going_on(*more):
        model, x, y = model_of_averages()
        listeners = [callbacks.SwapEMAWeights(swap_on_epoch=True), callbacks.BackupAndRestore(tmp_path / "b"), *more]
        model.fit(x, y, epochs=4, batch_size=8, verbose=0, callbacks=listeners, validation_data=(x, y))
        return model

    lamina.utils.set_random_seed(1)
    with pytest.raises(Killed):
        going_on(callbacks.LambdaCallback(on_epoch_begin=kill))
    lamina.utils.set_random_seed(1)
    resumed = going_on()
    lamina.utils.set_random_seed(1)
    whole, x, y = model_of_averages()
    swap = callbacks.SwapEMAWeights(swap_on_epoch=True)
    whole.fit(x, y, epochs=4, batch_size=8, verbose=0, callbacks=[swap], validation_data=(x, y))
    assert resumed.history.history == whole.history.history
    np.testing.assert_array_equal(resumed.weights[0].value, whole.weights[0].value)


def test_an_optimizer_without_averages_is_refused():
    model = Sequential([Input((3,)), layers.Dense(2)])
    model.compile("sgd", "mse")
    x, y, *_ = data()
    with pytest.raises(StateError, match="use_ema=True"):
        model.evaluate(x, y, verbose=0, callbacks=[callbacks.SwapEMAWeights()])
