"""Cases of the regularizers: the class, its arguments, and the weight; used by recorder and tests."""

import numpy as np

CASES = [
    ("L1", {}, (4, 3)),
    ("L1", {"l1": 0.3}, (5,)),
    ("L2", {}, (4, 3)),
    ("L2", {"l2": 0.3}, (2, 3, 4)),
    ("L1L2", {}, (4, 3)),
    ("L1L2", {"l1": 0.2}, (4, 3)),
    ("L1L2", {"l1": 0.2, "l2": 0.3}, (2, 3, 2, 2)),
    ("OrthogonalRegularizer", {}, (4, 3)),
    ("OrthogonalRegularizer", {"factor": 0.5}, (3, 5)),
    ("OrthogonalRegularizer", {"factor": 0.5, "mode": "columns"}, (3, 5)),
    ("OrthogonalRegularizer", {"factor": 2.0, "mode": "columns"}, (6, 2)),
]


def weight(shape: tuple[int, ...]) -> np.ndarray:
    """Normal numbers; the first is 0, where |w| has its kink."""
    w = np.random.default_rng(5).normal(size=shape)
    w.flat[0] = 0
    return w
