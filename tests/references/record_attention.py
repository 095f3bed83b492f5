"""Record what Keras's attention layers compute: outputs, masks, gradients of the inputs and of the weights.

Run by hand, with keras and tensorflow installed (the file was made with keras 3.15.1):

    python tests/references/record_attention.py

The table `CALLS` of `cases_attention.py` says the calls; the arrays go to `attention.npz`.
"""

import os
import sys
import zlib
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))


def mask_of(lengths: list[int], steps: int) -> np.ndarray:
    """True where a step is kept: the first so many, or with a negative length the last."""
    places = np.arange(steps)
    return np.array([places < n if n >= 0 else places >= steps + n for n in lengths])


def record(keras, tf, name: str, case: dict) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    class_name, arguments = case["layer"]
    layer = getattr(keras.layers, class_name)(**arguments)
    several = class_name == "MultiHeadAttention"
    inputs = [tf.Variable(rng.normal(size=shape).astype("float32")) for shape in case["inputs"]]
    masks = [
        None if lengths is None else mask_of(lengths, shape[1])
        for lengths, shape in zip(case.get("lengths", [None] * len(inputs)), case["inputs"], strict=True)
    ]
    more = {
        key: np.asarray(value, bool) if key == "attention_mask" else value
        for key, value in case.get("call", {}).items()
    }

    def call():
        given = [tf.identity(x) for x in inputs]
        if several:
            for x, mask in zip(given, masks, strict=True):
                if mask is not None:
                    x._keras_mask = tf.constant(mask)
            query, value, *key = given * 2 if len(given) == 1 else given
            return layer(query, value, *key, **more)
        given, kept = (given * 2, masks * 2) if len(given) == 1 else (given, masks)
        kept = None if all(mask is None for mask in kept) else [None if m is None else tf.constant(m) for m in kept]
        return layer(given, mask=kept, **more)

    call()
    for weight in layer.weights:
        weight.assign(np.asarray(weight) + 0.3 * rng.normal(size=weight.shape).astype("float32"))
    with tf.GradientTape() as tape:
        y = call()
        dy = rng.normal(size=y.shape).astype("float32")
        loss = tf.reduce_sum(y * dy)
    variables = [weight.value for weight in layer.weights]
    gradients = tape.gradient(loss, [*inputs, *variables])
    arrays = {"y": y.numpy(), "dy": dy}
    arrays |= {f"x{i}": x.numpy() for i, x in enumerate(inputs)}
    arrays |= {f"mask{i}": mask for i, mask in enumerate(masks) if mask is not None}
    arrays |= {f"dx{i}": g.numpy() for i, g in enumerate(gradients[: len(inputs)])}
    arrays |= {f"weight{i}": np.asarray(weight) for i, weight in enumerate(layer.weights)}
    arrays |= {f"gradient{i}": g.numpy() for i, g in enumerate(gradients[len(inputs) :])}
    return {f"{name}/{key}": value for key, value in arrays.items()}


def main() -> None:
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    import keras
    import tensorflow as tf
    from cases_attention import CALLS

    arrays: dict[str, np.ndarray] = {}
    for name, case in CALLS.items():
        keras.utils.set_random_seed(0)
        arrays |= record(keras, tf, name, case)
    path = HERE / "attention.npz"
    np.savez_compressed(path, keras_version=np.array(keras.__version__), **arrays)
    print(f"{path.name}: {len(CALLS)} calls, {path.stat().st_size / 1000:.0f} kB, keras {keras.__version__}")


if __name__ == "__main__":
    main()
