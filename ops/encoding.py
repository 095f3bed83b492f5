"""Indices as vectors: one-hot, multi-hot and counts; or left as indices."""

import math

import numpy as np

MODES = ("one_hot", "multi_hot", "count")


def encode(indices: np.ndarray, depth: int, mode: str, dtype, weights: np.ndarray | None = None) -> np.ndarray:
    """The indices as vectors of length `depth`; an index outside 0 ... depth - 1 adds nothing.

    ``"int"``: the indices as they are.
    ``"one_hot"``: each index by itself, ``(..., depth)``, where a last axis of length 1 gives way to the vector.
    ``"multi_hot"`` and ``"count"``: the last axis is one sample; which indices it has, or how often each (or the sum
    of its `weights`).

    >>> encode(np.array([[0, 2, 2]]), 3, "count", "int64")
    array([[1, 0, 2]])
    """
    if mode == "int":
        return indices
    if mode == "one_hot":
        indices = indices[..., 0] if indices.ndim > 1 and indices.shape[-1] == 1 else indices
        return (indices[..., None] == np.arange(depth)).astype(dtype)
    indices = np.atleast_1d(indices)  # a single one is a sample
    samples = indices.reshape(math.prod(indices.shape[:-1]), indices.shape[-1])  # (samples, length)
    known = (samples >= 0) & (samples < depth)
    places = (np.arange(len(samples))[:, None] * depth + samples)[known]
    amounts = None if weights is None else np.broadcast_to(weights, indices.shape).reshape(samples.shape)[known]
    counts = np.bincount(places, amounts, minlength=len(samples) * depth)
    found = counts > 0 if mode == "multi_hot" else counts
    return found.astype(dtype).reshape(*indices.shape[:-1], depth)


def encoded_shape(shape: tuple, depth: int | None, mode: str) -> tuple:
    """The shape that `encode` gives.

    >>> encoded_shape((None, 1), 3, "one_hot"), encoded_shape((None, 5), 3, "count")
    ((None, 3), (None, 3))
    """
    if mode == "int":
        return shape
    if mode == "one_hot" and (len(shape) == 1 or shape[-1] != 1):
        return (*shape, depth)
    return (*shape[:-1], depth)
