"""Cases of the constraints: the class, its arguments, and the weight; used by recorder and tests."""

import numpy as np

CASES = [
    ("NonNeg", {}, (4, 3)),
    ("NonNeg", {}, (5,)),
    ("MaxNorm", {}, (4, 3)),
    ("MaxNorm", {"max_value": 0.5}, (4, 3)),
    ("MaxNorm", {"max_value": 1.0, "axis": 1}, (4, 3)),
    ("MaxNorm", {"max_value": 1.0, "axis": [0, 1, 2]}, (2, 2, 3, 4)),
    ("UnitNorm", {}, (4, 3)),
    ("UnitNorm", {}, (5,)),
    ("UnitNorm", {"axis": -1}, (4, 3)),
    ("UnitNorm", {"axis": [0, 1]}, (2, 3, 4)),
    ("MinMaxNorm", {}, (4, 3)),
    ("MinMaxNorm", {"min_value": 1.5, "max_value": 2.5}, (4, 3)),
    ("MinMaxNorm", {"min_value": 1.5, "max_value": 2.5, "rate": 0.25, "axis": 1}, (4, 3)),
]


def weight(shape: tuple[int, ...]) -> np.ndarray:
    """Normal numbers; in a matrix the last column is 0, and the one before very small."""
    w = 1.5 * np.random.default_rng(5).normal(size=shape).astype("float32")
    if len(shape) == 2:
        w[:, -1] = 0
        w[:, -2] *= 1e-6
    return w
