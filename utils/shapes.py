"""Shapes: how they are read, how a message writes them, and which weights fit them."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..errors import ShapeError

Shape = tuple[int | None, ...]


def show_shape(shape: Sequence[int | None]) -> str:
    """A shape as messages and summaries write it: the batch axis, and others of no fixed length, by name.

    >>> show_shape((None, 28, 28)), show_shape((None, None, 8)), show_shape((4,))
    ('(batch, 28, 28)', '(batch, any, 8)', '(4,)')
    """
    names = ["batch" if axis == 0 else "any" for axis in range(len(shape))]
    sizes = [name if size is None else str(size) for name, size in zip(names, shape, strict=True)]
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"


def as_shape(where: str, shape: Any) -> Shape:
    """A shape given by the user, the batch axis not counted, as a tuple.

    >>> as_shape("Input", [28, None])
    (28, None)
    """
    sizes = tuple(shape) if isinstance(shape, Iterable) else (shape,)
    for size in sizes:
        if size is not None and (isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1):
            raise ShapeError(f"{where}: shape", expected="whole numbers of 1 or more, or None", received=repr(shape))
    return tuple(None if size is None else int(size) for size in sizes)


def same_shape(a: Shape, b: Shape) -> bool:
    """Whether two shapes are equal, as far as their lengths are known.

    >>> same_shape((None, 3), (5, 3)), same_shape((5,), (5, 1))
    (True, False)
    """
    return len(a) == len(b) and all(m == n or None in (m, n) for m, n in zip(a, b, strict=True))


def broadcasts(where: str, numbers: np.ndarray, shape: Shape) -> None:
    """Refuse numbers that do not go with an array of this shape, its last axis with their last.

    >>> broadcasts("scale", np.ones(3), (None, 5, 3))
    """
    pairs = zip(numbers.shape[::-1], shape[::-1], strict=False)
    if numbers.ndim > len(shape) or not all(m in (1, n) or n is None for m, n in pairs):
        expected = f"a number, or what can be broadcast to {show_shape(shape)}" if shape else "a number"
        raise ShapeError(where, expected=expected, received=f"an array of shape {numbers.shape}")


def align_weights(where: str, weights: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Weights of samples or steps, with axes of 1 added at the end, so that they broadcast to values of this shape.

    Their axes are those of the values from the first on: ``(batch,)``, ``(batch, 1)``, ``(batch, steps)``; or it is a
    number. Raises ShapeError for weights that don't fit.

    >>> align_weights("mse", [1.0, 2.0], (2, 5)).shape
    (2, 1)
    """
    weights = np.asarray(weights)
    given = weights.shape
    if weights.ndim == len(shape) + 1 and weights.shape[-1] == 1:
        weights = weights[..., 0]
    fits = weights.ndim <= len(shape) and all(n in (1, m) for n, m in zip(weights.shape, shape, strict=False))
    if not fits:
        raise ShapeError(
            f"{where}: sample_weight",
            expected=f"the first axes of {shape}",
            received=str(given),
            mend="give one weight for each sample, or for each step of each sample",
        )
    return weights.reshape(weights.shape + (1,) * (len(shape) - weights.ndim))
