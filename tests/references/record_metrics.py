"""Records what Keras's metrics give for the cases of `cases_metrics.py`, in `metrics.npz`.

Run by hand, with keras and tensorflow installed: ``python tests/references/record_metrics.py``.
The file at hand was made by keras 3.15.1 on the TensorFlow backend.
"""

import inspect
import json
from pathlib import Path

import cases_metrics as cases
import keras
import numpy as np


def results(name, arguments, kind, weights):
    """The result after each of the three batches."""
    metric = getattr(keras.metrics, name)(**arguments)
    found = []
    for y_true, y_pred, sample_weight in cases.batches(kind, weights):
        inputs = (y_true,) if y_pred is None else (y_true, y_pred)
        metric.update_state(*inputs, sample_weight=sample_weight)
        found.append(np.asarray(metric.result()))
    return np.stack(found)


def chosen_accuracy(y_shape, output_shape):
    """The class that Keras makes of "accuracy" for labels and outputs of these shapes."""
    model = keras.Sequential([keras.Input(output_shape[1:])])
    model.compile(loss=lambda y_true, y_pred: keras.ops.mean(y_pred), metrics=["accuracy"])
    model.evaluate(np.ones(output_shape), np.zeros(y_shape), verbose=0)
    return type(model._compile_metrics.metrics[0]).__name__


def signature(name):
    """The arguments of a class and their defaults."""
    own = list(inspect.signature(getattr(keras.metrics, name).__init__).parameters.values())[1:]
    return {item.name: None if item.default is item.empty else item.default for item in own}


def main():
    recorded = {}
    for name, arguments, kind, weightings in cases.CASES:
        for weights in weightings:
            recorded[cases.case_id(name, arguments, kind, weights)] = results(name, arguments, kind, weights)
    for name, arguments, kind in cases.FUNCTION_CASES:
        y_true, y_pred, _ = cases.batches(kind, "none")[0]
        values = getattr(keras.metrics, name)(y_true, y_pred, **arguments)
        recorded[cases.case_id(name, arguments, kind)] = np.asarray(values)
    classes = [name for name in dir(keras.metrics) if inspect.isclass(getattr(keras.metrics, name))]
    names = {}
    for name in cases.NAMES:
        try:
            names[name] = type(keras.metrics.get(name)).__name__
        except (TypeError, ValueError):  # unknown, or a class that needs arguments
            continue
    facts = {
        "keras": keras.__version__,
        "signatures": {name: signature(name) for name in classes},
        "functions": [name for name in dir(keras.metrics) if inspect.isfunction(getattr(keras.metrics, name))],
        "names": names,
        "accuracy": [chosen_accuracy(*shapes) for shapes in cases.TARGETS],
        "shapes": {key: result.shape for key, result in recorded.items()},
    }
    values = np.concatenate([result.ravel() for result in recorded.values()])  # one array: a file of few bytes
    np.savez_compressed(Path(__file__).with_name("metrics.npz"), values=values, facts=np.array(json.dumps(facts)))


if __name__ == "__main__":
    main()
