"""Record what becomes of a mask in each of Keras's layers: whether it is supported, and the mask of y.

Run by hand, with keras and tensorflow installed (the file was made with keras 3.15.1):

    python tests/references/record_masks.py
"""

import json
import os
import sys
import warnings
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))


def main() -> None:
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import keras
    from cases_masks import CASES, MASK, draw
    from record_layers import make

    found: dict = {"keras_version": keras.__version__}
    for name, (described, shape) in CASES.items():
        layer = make(keras, described)
        x = keras.ops.convert_to_tensor(draw(shape))
        x._keras_mask = keras.ops.convert_to_tensor(np.array(MASK, bool))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            y = layer(x, x) if name == "MultiHeadAttention" else layer(x)
        mask = getattr(y, "_keras_mask", None)
        found[name] = {
            "supports": bool(layer.supports_masking),
            "mask": None if mask is None else np.asarray(mask).astype(int).tolist(),
            "warns": any("destroy the mask" in str(warning.message) for warning in caught),
        }
    path = HERE / "masks.json"
    path.write_text(json.dumps(found, indent=0) + "\n")
    print(f"{path.name}: {len(CASES)} cases, {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
