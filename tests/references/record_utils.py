"""Record what Keras's utils give.

Run by hand, with keras and tensorflow installed (the file was made with keras 3.15.1):

    python tests/references/record_utils.py
"""

import os
from pathlib import Path

import cases_utils as cases
import numpy as np


def main() -> None:
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import keras

    utils = keras.utils
    arrays = {"keras_version": np.array(keras.__version__)}
    for name, (sequences, options) in cases.PADDED.items():
        arrays[f"pad/{name}"] = utils.pad_sequences(sequences, **options)
    for name, (x, classes) in cases.CLASSES.items():
        arrays[f"categorical/{name}"] = utils.to_categorical(x, classes)
    for name, (x, axis, order) in cases.LENGTHS.items():
        arrays[f"normalize/{name}"] = utils.normalize(x, axis, order)
    for number, targets in cases.WINDOW_CASES:
        found = utils.timeseries_dataset_from_array(cases.SERIES, cases.TARGETS[targets], **cases.WINDOWS[number])
        batches = [batch if isinstance(batch, tuple) else (batch,) for batch in found]
        key = f"windows/{number}/{targets}"
        arrays[f"{key}/lengths"] = np.array([len(x) for x, *_ in batches])
        for part, several in zip("xy", zip(*batches, strict=True), strict=False):
            rows = [np.asarray(rows) for rows in several]
            arrays[f"{key}/{part}"] = np.concatenate([row if row.ndim else row[None] for row in rows])
    for number, (left, right) in enumerate(cases.SIZES):
        for side, part in zip("lr", utils.split_dataset(cases.ROWS, left, right), strict=True):
            arrays[f"split/{number}/{side}"] = np.array([int(row) for row in part])
    path = Path(__file__).parent / "utils.npz"
    np.savez_compressed(path, **arrays)
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
