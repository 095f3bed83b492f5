"""Sums of products of two arrays whose axes bear letters, as in einsum, done by one matrix product."""

import math

import numpy as np


def contract(a: np.ndarray, a_labels: str, b: np.ndarray, b_labels: str, labels: str, out=None) -> np.ndarray:
    """Σ a ⊙ b over the letters that are not in `labels`, as an array with the axes `labels`.

    ``contract(a, "ij", b, "jk", "ik")`` is a @ b. Each letter stands at most once in each; every letter of `labels` is
    in a or in b. The gradient of ``y = contract(a, "ij", b, "jk", "ik")`` is made of the same:
    ``da = contract(dy, "ik", b, "jk", "ij")``.

    >>> contract(np.ones((2, 3)), "ij", np.ones((4, 3)), "kj", "ki").shape
    (4, 2)
    """
    a, a_labels = _without(a, a_labels, b_labels + labels)
    b, b_labels = _without(b, b_labels, a_labels + labels)
    sizes = dict(zip(a_labels + b_labels, a.shape + b.shape, strict=True))
    both = [letter for letter in a_labels if letter in b_labels]
    stacked = "".join(letter for letter in both if letter in labels)
    summed = "".join(letter for letter in both if letter not in labels)
    rows = "".join(letter for letter in a_labels if letter not in b_labels)
    columns = "".join(letter for letter in b_labels if letter not in a_labels)

    left = _arranged(a, a_labels, stacked, rows, summed)  # (stacked..., rows, summed)
    right = _arranged(b, b_labels, stacked, summed, columns)  # (stacked..., summed, columns)
    found = stacked + rows + columns
    product = np.matmul(left, right).reshape([sizes[letter] for letter in found])
    product = product.transpose([found.index(letter) for letter in labels])
    if out is None:
        return product
    np.copyto(out, product)
    return out


def _without(x: np.ndarray, labels: str, wanted: str) -> tuple[np.ndarray, str]:
    """x summed over the letters that nothing else wants."""
    lonely = tuple(axis for axis, letter in enumerate(labels) if letter not in wanted)
    return (x.sum(axis=lonely), "".join(c for c in labels if c in wanted)) if lonely else (x, labels)


def _arranged(x: np.ndarray, labels: str, stacked: str, first: str, second: str) -> np.ndarray:
    """x as a stack of matrices: its axes in the order given, those of `first` and of `second` as one axis each."""
    x = x.transpose([labels.index(letter) for letter in stacked + first + second])
    sizes, cut = x.shape, len(stacked)
    return x.reshape(*sizes[:cut], math.prod(sizes[cut : cut + len(first)]), math.prod(sizes[cut + len(first) :]))
