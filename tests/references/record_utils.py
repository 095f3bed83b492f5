"""Record what Keras's utils give.

Run by hand, with keras and tensorflow installed (the file was made with keras 3.15.1):

    python tests/references/record_utils.py
"""

import os
from pathlib import Path

import numpy as np


def main() -> None:
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import keras

    arrays = {"keras_version": np.array(keras.__version__)}
    ragged = [[1], [2, 3, 4], [], [5, 6]]
    for padding in ("pre", "post"):
        for truncating in ("pre", "post"):
            for maxlen in (None, 2, 5):
                found = keras.utils.pad_sequences(ragged, maxlen, padding=padding, truncating=truncating, value=9)
                arrays[f"pad/{padding}/{truncating}/{maxlen}"] = found
    arrays["categorical"] = keras.utils.to_categorical([0, 2, 1])
    arrays["categorical_deep"] = keras.utils.to_categorical([[[0], [1]]], 3)
    x = np.random.default_rng(0).normal(size=(3, 4))
    arrays["normalize/x"] = x
    for axis, order in [(-1, 2), (-1, 1), (-1, 3)]:
        arrays[f"normalize/{axis}/{order}"] = keras.utils.normalize(x, axis, order)
    data = np.arange(14.0)
    options = [
        {"sequence_length": 3},
        {"sequence_length": 3, "sequence_stride": 2, "batch_size": 2},
        {"sequence_length": 2, "sampling_rate": 3, "batch_size": 4},
        {"sequence_length": 3, "start_index": 2, "end_index": 11},
    ]
    for number, chosen in enumerate(options):
        for targets in (None, data * 10):
            found = list(keras.utils.timeseries_dataset_from_array(data, targets, **chosen))
            key = f"windows/{number}/{'bare' if targets is None else 'targets'}"
            arrays[f"{key}/count"] = np.array(len(found))
            for place, batch in enumerate(found):
                x, y = (batch, None) if targets is None else batch
                arrays[f"{key}/{place}/x"] = np.asarray(x)
                if y is not None:
                    arrays[f"{key}/{place}/y"] = np.asarray(y)
    path = Path(__file__).parent / "utils.npz"
    np.savez_compressed(path, **arrays)
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
