"""Record what Keras's layers that prepare images make of the cases in `cases_images.py`, in training.

Run by hand, with keras and jax installed (the file was made with keras 3.15.1 on its JAX backend: TensorFlow wraps
otherwise between the last place and the first, and looks up rounded weights for "bicubic"):

    python tests/references/record_images.py
"""

import os
import sys
import zlib
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))


def draw(name: str, shape, dtype: str) -> np.ndarray:
    """The images of a case."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    whole = np.dtype(dtype).kind in "iu"
    return (rng.integers(0, 256, shape) if whole else rng.normal(size=shape)).astype(dtype)


def main() -> None:
    os.environ["KERAS_BACKEND"] = "jax"
    import keras
    from cases_images import CASES, FLIPS, HUES, IMAGES, SHEARS

    arrays = {"keras_version": np.array(keras.__version__)}
    for name, case in CASES.items():
        kind, arguments = case["layer"]
        x = keras.ops.convert_to_tensor(draw(name, case["x"], case["dtype"]))
        layer = getattr(keras.layers, kind)(**arguments)
        for attribute, value in case.get("set", {}).items():
            setattr(layer, attribute, value)
        arrays[name] = np.asarray(layer(x, training=True))
    for name, (mode, data_format, shape) in FLIPS.items():
        layer = keras.layers.RandomFlip(mode, data_format=data_format)
        flips = {"flips": np.ones([1] * len(shape), bool), "input_shape": shape}
        x = keras.ops.convert_to_tensor(draw(name, shape, "float32"))
        arrays[name] = np.asarray(layer.transform_images(x, flips))
    for name, arguments in SHEARS.items():
        slopes = [[arguments["x_factor"][0], arguments["y_factor"][0]]] * IMAGES[0]
        shear = {"shear_factor": keras.ops.convert_to_tensor(slopes), "input_shape": IMAGES}
        x = keras.ops.convert_to_tensor(draw(name, IMAGES, "float32"))
        arrays[name] = np.asarray(keras.layers.RandomShear(**arguments).transform_images(x, shear))
    for name, (arguments, shape) in HUES.items():
        images = draw(name, shape if len(shape) == 4 else (1, *shape), "float32")
        turns = {"factor": keras.ops.convert_to_tensor([arguments["factor"][0] / 2] * len(images))}
        y = keras.layers.RandomHue(**arguments).transform_images(keras.ops.convert_to_tensor(images), turns)
        arrays[name] = np.asarray(y).reshape(shape)
    path = HERE / "images.npz"
    np.savez_compressed(path, **arrays)
    print(f"{path.name}: {len(arrays)} arrays, {path.stat().st_size / 1000:.0f} kB, keras {keras.__version__}")


if __name__ == "__main__":
    main()
