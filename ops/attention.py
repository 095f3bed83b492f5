"""Scaled dot-product attention and the masked softmax within it, forward and backward."""

import numpy as np

from ..activations.softmax import exponentials
from ..utils.short_axes import row_sums

NOTHING = 1e-30  # weights below this become 0: float32 below 1e-38 would slow matrix products down tenfold


def softmax_over_keys(scores: np.ndarray, hidden: np.ndarray | None = None) -> np.ndarray:
    """exp(s) / Σ exp(s) along the last axis, without what is `hidden` (True); written into the scores.

    Where all is hidden, the weights are equal.

    >>> softmax_over_keys(np.array([[0.0, 0.0, 5.0]]), np.array([[False, False, True]]))
    array([[0.5, 0.5, 0. ]])
    """
    if hidden is not None:
        np.copyto(scores, np.finfo(scores.dtype).min / 2, where=hidden)
    exponentials(scores, -1)
    scores /= row_sums(scores)
    np.copyto(scores, 0, where=scores < NOTHING)
    return scores


def softmax_over_keys_gradient(
    d_weights: np.ndarray, weights: np.ndarray, hidden: np.ndarray | None = None
) -> np.ndarray:
    """ds = w ⊙ (dw - Σ dw ⊙ w), and 0 where hidden; written into `d_weights`.

    >>> softmax_over_keys_gradient(np.array([[1.0, 3.0]]), np.array([[0.5, 0.5]]))
    array([[-0.5,  0.5]])
    """
    d_weights -= np.einsum("...s,...s->...", d_weights, weights)[..., None]
    d_weights *= weights
    if hidden is not None:
        np.copyto(d_weights, 0, where=hidden)
    return d_weights


def swap(x: np.ndarray) -> np.ndarray:
    """Each matrix of a stack transposed."""
    return x.swapaxes(-1, -2)


def tanh_of_sums(q: np.ndarray, k: np.ndarray, scale=None) -> np.ndarray:
    """t = tanh(scale·(q_i + k_j)) for every query i and key j: shape ``(batch, queries, keys, features)``.

    >>> tanh_of_sums(np.zeros((1, 2, 4)), np.zeros((1, 3, 4))).shape
    (1, 2, 3, 4)
    """
    t = q[:, :, None] + k[:, None]
    if scale is not None:
        t *= scale
    return np.tanh(t, out=t)


def sum_gradient(ds: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Σ_j ds_ij·(1 - t²) for each query and Σ_i ds_ij·(1 - t²) for each key: the gradient through Σ tanh of sums.

    >>> sum_gradient(np.ones((1, 1, 2)), np.zeros((1, 1, 2, 1)))[0]
    array([[[2.]]])
    """
    slope = t * t
    np.subtract(1, slope, out=slope)
    return np.einsum("bij,bijf->bif", ds, slope), np.einsum("bij,bijf->bjf", ds, slope)


def causal(queries: int, keys: int) -> np.ndarray:
    """True where key j comes after query i, which must not see it: shape ``(queries, keys)``.

    >>> causal(2, 3)
    array([[False,  True,  True],
           [False, False,  True]])
    """
    return ~np.tri(queries, keys, dtype=bool)


def beyond_window(queries: int, keys: int, window: int) -> np.ndarray:
    """True where key j is `window` steps or more away from query i: shape ``(queries, keys)``.

    >>> beyond_window(2, 3, 1)
    array([[False,  True,  True],
           [ True, False,  True]])
    """
    return np.abs(np.arange(queries)[:, None] - np.arange(keys)) >= window
