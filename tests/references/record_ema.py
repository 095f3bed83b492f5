"""Record what Keras's SwapEMAWeights does in `fit`: the history, what a checkpoint after it saves, the last weights.

Run by hand, with keras and tensorflow installed (the file was made with keras 3.15.1):

    python tests/references/record_ema.py
"""

import os
import tempfile
from pathlib import Path

import numpy as np

CASES = {"": {}, "on_epoch": {"swap_on_epoch": True}}


def data() -> tuple[np.ndarray, ...]:
    """x, y and the first kernel and bias."""
    rng = np.random.default_rng(0)
    return tuple(rng.normal(size=shape).astype("float32") for shape in ((24, 3), (24, 2), (3, 2), (2,)))


def run(keras, given: dict, folder: str, **more) -> dict[str, np.ndarray]:
    """Three epochs with the callback and a checkpoint after it, and what is left of them."""
    x, y, *weights = data()
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.set_weights(weights)
    optimizer = keras.optimizers.SGD(0.1, momentum=0.5, use_ema=True, ema_momentum=0.8)
    model.compile(optimizer, "mse")
    path = f"{folder}/{{epoch}}.weights.{'h5' if keras.__name__ == 'keras' else 'lamina'}"
    callbacks = [
        keras.callbacks.SwapEMAWeights(**given),
        keras.callbacks.ModelCheckpoint(path, save_weights_only=True),
    ]
    fitted = model.fit(
        x[:16], y[:16], 8, 3, 0, callbacks, validation_data=(x[16:], y[16:]), shuffle=False, **more
    ).history
    found = {name: np.array(values) for name, values in fitted.items()}
    found |= {f"after{i}": np.array(weight) for i, weight in enumerate(model.get_weights())}
    for epoch in (1, 2, 3):
        model.load_weights(path.format(epoch=epoch))
        found |= {f"saved{epoch}/{i}": np.array(weight) for i, weight in enumerate(model.get_weights())}
    return found


def main() -> None:
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    import keras

    arrays = {}
    for name, given in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            arrays |= {f"{name}/{key}": value for key, value in run(keras, given, folder).items()}
    path = Path(__file__).with_name("ema.npz")
    np.savez_compressed(path, keras_version=np.array(keras.__version__), **arrays)
    print(f"{path.name}: {len(arrays)} arrays, {path.stat().st_size / 1000:.0f} kB, keras {keras.__version__}")


if __name__ == "__main__":
    main()
