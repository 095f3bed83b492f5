"""What Keras's utils are recorded for, and lamina's are checked with."""

import numpy as np

RAGGED = [[1], [2, 3, 4], [], [5, 6]]
PADDED = {  # name: (sequences, options)
    **{
        f"{padding} {truncating} {maxlen}": (
            RAGGED,
            {"padding": padding, "truncating": truncating, "maxlen": maxlen, "value": 9},
        )
        for padding in ("pre", "post")
        for truncating in ("pre", "post")
        for maxlen in (None, 1, 2, 5)
    },
    "floats cut to whole numbers": ([[1.7], [2, 3]], {}),
    "floats": ([[1.7], [2, 3]], {"dtype": "float32", "value": 0.5}),
    "bytes": ([[True], [1, 0]], {"dtype": "uint8"}),
    "strings": ([["a"], ["b", "cc"]], {"dtype": "<U3", "value": "x"}),
    "arrays": ([np.arange(3), np.arange(2)], {"maxlen": 4}),
    "steps of two": ([np.ones((2, 2)), np.zeros((1, 2))], {"dtype": "float32", "value": 9, "padding": "post"}),
    "an empty one, and steps of two": ([[], [[1, 2]]], {}),
    "all empty": ([[], []], {}),
    "none, but a length": ([], {"maxlen": 3}),
}

CLASSES = {  # name: (x, num_classes)
    "numbers": ([0, 2, 1], None),
    "more classes": (np.array([0, 2], "uint8"), 5),
    "floats": (np.array([0.0, 2.0], "float32"), None),
    "booleans": ([True, False], None),
    "one": (2, 4),
    "a column": ([[2], [0]], 3),
    "a column in a box": ([[[0], [1]]], 3),
    "a table": ([[0, 1, 2], [2, 1, 0]], None),
    "none, but classes": ([], 3),
}

VECTORS = np.random.default_rng(0).normal(size=(3, 4, 5))
LENGTHS = {  # name: (x, axis, order)
    "last axis": (VECTORS, -1, 2),
    "middle axis": (VECTORS, 1, 2),
    "sum of sizes": (VECTORS, -1, 1),
    "cubes": (VECTORS, -1, 3),
    "largest": (VECTORS, 2, np.inf),
    "smallest": (VECTORS, 2, -np.inf),
    "how many": (VECTORS, -1, 0),
    "all in one": (VECTORS[0], None, 2),
    "float32": (VECTORS.astype("float32"), -1, 2),
    "float16": (VECTORS.astype("float16"), -1, 2),
    "one vector": (VECTORS[0, 0], -1, 2),
    "a zero vector": (np.array([[0.0, 0.0], [3.0, 4.0]]), -1, 2),
}

STEPS = 14
SERIES = np.arange(2.0 * STEPS, dtype="float32").reshape(STEPS, 2)
TARGETS = {"bare": None, "targets": 10 * np.arange(STEPS), "few": 10 * np.arange(5), "rows": SERIES + 0.5}
WINDOWS = [  # Keras fails for few targets with a start_index, so these have none
    {"sequence_length": 3},
    {"sequence_length": 1, "batch_size": 5},
    {"sequence_length": 3, "sequence_stride": 2, "batch_size": 2},
    {"sequence_length": 2, "sampling_rate": 3, "batch_size": 4},
    {"sequence_length": 4, "sampling_rate": 2, "sequence_stride": 3, "batch_size": 3},
    {"sequence_length": 14},
    {"sequence_length": 12, "batch_size": None},
    {"sequence_length": 3, "end_index": 9},
    {"sequence_length": 3, "start_index": 0, "end_index": 13, "sequence_stride": 13},
    {"sequence_length": 3, "start_index": 2, "end_index": 11},
    {"sequence_length": 2, "start_index": 1, "sequence_stride": 3, "sampling_rate": 2, "batch_size": 2},
]
WINDOW_CASES = [
    (number, targets)
    for number, options in enumerate(WINDOWS)
    for targets in TARGETS
    if not (targets == "few" and options.get("start_index"))
]

ROWS = np.arange(10)
SIZES = [  # (left_size, right_size)
    (0.7, None), (None, 0.3), (0.75, None), (None, 0.25), (0.25, None), (0.65, None), (0.45, None), (2, None),
    (None, 2), (2, 3), (0.5, 0.3), (0.5, 2), (9, None), (9, 1),
]  # fmt: skip
