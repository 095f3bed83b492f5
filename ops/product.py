"""The matrix product, shared by the threads that are at work."""

from functools import partial

import numpy as np

from ..utils.threads import at_work, shares

LARGE = 2**22  # multiplications that are worth a second thread


def product(a: np.ndarray, b: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """a·b for matrices a ``(m, k)`` and b ``(k, n)``, or several b ``(..., k, n)``; written into `out` if given.

    A large product is cut along the longer of m and n, so that each thread reads the whole of the smaller factor only.

    >>> product(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]))
    array([[11.]])
    """
    crew = at_work()
    m, n = len(a), b.shape[-1]
    if crew is None or m * b.size < LARGE:
        return np.matmul(a, b, out=out)
    if out is None:
        out = np.empty((*b.shape[:-2], m, n), np.result_type(a, b))
    if n > m:
        crew.run([partial(np.matmul, a, b[..., part], out=out[..., part]) for part in shares(n, crew.size)])
    else:
        crew.run([partial(np.matmul, a[part], b, out=out[..., part, :]) for part in shares(m, crew.size)])
    return out
