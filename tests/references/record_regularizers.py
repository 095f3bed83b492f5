"""Records what Keras's regularizers give, and their gradients, in `regularizers.npz`.

Run by hand, with keras and tensorflow installed: ``python tests/references/record_regularizers.py``.
The file at hand was made by keras 3.15.1 on the TensorFlow backend.
"""

import json
from pathlib import Path

import cases_regularizers as cases
import keras
import numpy as np
import tensorflow as tf

NAMES = ["l1", "l2", "L1", "L2", "L1L2", "l1l2", "OrthogonalRegularizer", "orthogonal_regularizer"]


def main():
    recorded = {}
    for number, (name, arguments, shape) in enumerate(cases.CASES):
        w = tf.constant(cases.weight(shape), "float32")
        with tf.GradientTape() as tape:
            tape.watch(w)
            penalty = getattr(keras.regularizers, name)(**arguments)(w) + 0 * tf.reduce_sum(w)
        recorded |= {f"{number} penalty": penalty.numpy(), f"{number} gradient": tape.gradient(penalty, w).numpy()}
    found = {name: keras.regularizers.get(name) for name in NAMES}
    names = {name: [type(item).__name__, item.get_config()] for name, item in found.items()}
    path = Path(__file__).with_name("regularizers.npz")
    np.savez_compressed(path, names=np.array(json.dumps(names)), **recorded)
    print(f"{path.name}: {len(cases.CASES)} cases, {path.stat().st_size / 1000:.0f} kB, keras {keras.__version__}")


if __name__ == "__main__":
    main()
