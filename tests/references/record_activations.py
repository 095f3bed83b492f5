"""Records what Keras's activations give for the cases of `cases_activations.py`, in `activations.npz`.

Run by hand, with keras and tensorflow installed: ``python tests/references/record_activations.py``.
The file at hand was made by keras 3.15.1 on the TensorFlow backend.
"""

import inspect
import json
from pathlib import Path

import cases_activations as cases
import keras
import numpy as np
import tensorflow as tf


def forward_and_gradient(name, arguments, dtype):
    """y, and the gradient of Σ g ⊙ y."""
    x, g = (tf.constant(array, dtype) for array in cases.inputs(name))
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = getattr(keras.activations, name)(x, **arguments)
        loss = tf.reduce_sum(cases.cut(name, arguments, g.numpy()) * y)
    return y.numpy(), tape.gradient(loss, x).numpy()


def signature(function):
    """The arguments of a function; those without a default have None."""
    found = inspect.signature(function).parameters.values()
    return {item.name: None if item.default is item.empty else item.default for item in found}


def main():
    values, shapes = {}, {}
    for dtype in ("float32", "float64"):
        pairs = {cases.case_id(*case): forward_and_gradient(*case, dtype) for case in cases.RECORDED}
        values[dtype] = np.concatenate([array.ravel() for pair in pairs.values() for array in pair])  # few bytes
        shapes = {key: [array.shape for array in pair] for key, pair in pairs.items()}
    public = {name: item for name, item in vars(keras.activations).items() if inspect.isfunction(item)}
    del public["serialize"]  # lamina's is one for all namespaces
    functions = {name: item for name, item in public.items() if name not in ("get", "deserialize")}
    facts = {
        "keras": keras.__version__,
        "signatures": {name: signature(function) for name, function in public.items()},
        "shapes": shapes,
        "names": {name: keras.activations.get(name).__name__ for name in functions},
    }
    path = Path(__file__).with_name("activations.npz")
    np.savez_compressed(path, facts=np.array(json.dumps(facts)), **values)
    print(f"{path.name}: {len(cases.RECORDED)} cases, {path.stat().st_size / 1000:.0f} kB, keras {keras.__version__}")


if __name__ == "__main__":
    main()
