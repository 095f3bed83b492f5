"""Record Keras's losses: per-sample values, every reduction with and without weights and mask, gradients.

Run by hand, with keras and tensorflow installed (the file was made with keras 3.15.1):

    python tests/references/record_losses.py
"""

import os
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))


def main() -> None:
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import keras
    import tensorflow as tf
    from cases_losses import CASES, REDUCTIONS, draw

    arrays = {"keras_version": np.array(keras.__version__)}
    for name, (cls, arguments, kind) in CASES.items():
        y, p = draw(kind, np)
        y = y.astype("int32" if y.dtype.kind == "i" else "float32")
        p = p.astype("float32")
        for reduction in REDUCTIONS:
            loss = getattr(keras.losses, cls)(**arguments, reduction=reduction)
            values = np.asarray(getattr(keras.losses, cls)(**arguments, reduction="none")(y, p))
            weight = np.linspace(0.5, 2, max(1, values.size)).reshape(values.shape).astype("float32")
            for weighted in (False, True):
                with tf.GradientTape() as tape:
                    variable = tf.Variable(p)
                    value = loss(y, variable, sample_weight=weight if weighted else None)
                    total = tf.reduce_sum(value)
                key = f"{name}/{reduction}/{'weighted' if weighted else 'plain'}"
                arrays[f"{key}/value"] = np.asarray(value)
                arrays[f"{key}/gradient"] = np.asarray(tape.gradient(total, variable))
    path = HERE / "losses.npz"
    np.savez_compressed(path, **arrays)
    print(f"{path.name}: {len(CASES)} cases, {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
