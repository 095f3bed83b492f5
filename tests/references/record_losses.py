"""Records Keras's losses for the cases of `cases_losses.py`, in `losses.npz`: values, reduced values, gradients.

Run by hand, with keras and tensorflow installed: ``python tests/references/record_losses.py``.
The file at hand was made by keras 3.15.1 on the TensorFlow backend.
"""

import inspect
import json
from pathlib import Path

import cases_losses as cases
import keras
import numpy as np
import tensorflow as tf
from keras.src.backend import set_keras_mask  # how a mask comes with predictions
from keras.src.losses import ALL_OBJECTS_DICT  # the names that `keras.losses.get` knows


def value_and_gradient(loss, y, p, weights=None, mask=None):
    """The loss, and the gradient of its sum."""
    variable = tf.constant(p, "float32")
    with tf.GradientTape() as tape:
        tape.watch(variable)
        y_pred = tf.identity(variable)
        if mask is not None:
            set_keras_mask(y_pred, tf.constant(mask))
        value = loss(y, y_pred, sample_weight=weights)
        total = tf.reduce_sum(value)
    return value.numpy(), tape.gradient(total, variable).numpy()


def record_cases(arrays):
    """Each case in each way: reductions with and without weights and a mask."""
    for name, reduction, way in cases.ALL:
        cls, arguments, kind = cases.CASES[name]
        make = getattr(keras.losses, cls)
        y, p = cases.draw(kind)
        y = y.astype("int32" if y.dtype.kind == "i" else "float32")
        shape = tuple(make(**arguments, reduction="none")(y, tf.constant(p, "float32")).shape)
        found = value_and_gradient(make(**arguments, reduction=reduction), y, p, *cases.weights_of(shape, way))
        arrays[f"{name}/{reduction}/{way}/value"], arrays[f"{name}/{reduction}/{way}/gradient"] = found


def record_shapes(arrays):
    """What weights of each shape do to values ``(3, 2)``, and what ranks of y and y_pred give."""
    y, p = cases.draw("numbers")
    mask = cases.weights_of((3, 2), "masked")[1]
    for reduction in cases.REDUCTIONS:
        loss = keras.losses.MeanSquaredError(reduction=reduction)
        for shape in cases.WEIGHT_SHAPES:
            weights = cases.weights_of(shape, "weighted")[0]
            for way, given in (("weighted", None), ("masked and weighted", mask)):
                found = value_and_gradient(loss, y.astype("float32"), p, weights, given)
                arrays[f"shapes/{shape}/{reduction}/{way}/value"] = found[0]
                arrays[f"shapes/{shape}/{reduction}/{way}/gradient"] = found[1]
        for target, output in cases.RANKS:
            count = int(np.prod(output))
            y_true, y_pred = np.zeros(target, "float32"), np.arange(1.0, count + 1).reshape(output)
            found = value_and_gradient(loss, y_true, y_pred)
            arrays[f"ranks/{target} {output}/{reduction}/value"] = found[0]
            arrays[f"ranks/{target} {output}/{reduction}/gradient"] = found[1]


def record_circle(arrays):
    """The circle loss measured by other samples, which only the function does."""
    y, p = cases.draw("embeddings")
    p = p.astype("float32")
    for diagonal in (False, True):
        found = keras.losses.circle(y, p, np.array([0, 1, 3]), p[:3], remove_diagonal=diagonal)
        arrays[f"circle of others/{diagonal}"] = found.numpy()


def signature(target):
    """The arguments of a class or function; those without a default have None."""
    found = inspect.signature(target).parameters.values()
    return {item.name: None if item.default is item.empty else item.default for item in found}


def main():
    arrays = {}
    record_cases(arrays)
    record_shapes(arrays)
    record_circle(arrays)
    public = {name: item for name, item in vars(keras.losses).items() if not name.startswith("_")}
    facts = {
        "keras": keras.__version__,
        "signatures": {name: signature(item) for name, item in public.items() if callable(item)},
        "names": {name: item.__name__ for name, item in ALL_OBJECTS_DICT.items()},
        "shapes": {name: np.shape(array) for name, array in arrays.items()},
    }
    path = Path(__file__).with_name("losses.npz")
    values = np.concatenate([np.ravel(array) for array in arrays.values()]).astype("float32")  # few bytes
    np.savez_compressed(path, facts=np.array(json.dumps(facts)), values=values)
    print(f"{path.name}: {len(cases.CASES)} cases, {path.stat().st_size / 1000:.0f} kB, keras {keras.__version__}")


if __name__ == "__main__":
    main()
