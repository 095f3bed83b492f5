"""Windows that slide over the space of an array: their sizes, their padding, and the views that show them.

Arrays have their channels last: ``(batch, *space, channels)``. `strides` and `dilation` have one number an axis.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

Pads = list[tuple[int, int]]


def reach(window: int, dilation: int) -> int:
    """How many places a window covers, its gaps included.

    >>> reach(3, 2)
    5
    """
    return (window - 1) * dilation + 1


def output_size(size: int, window: int, stride: int, dilation: int, padding: str) -> int:
    """How many windows fit: as many as whole ones ("valid"), or one for each stride of the input ("same", "causal").

    >>> output_size(7, 3, 2, 1, "valid"), output_size(7, 3, 2, 1, "same")
    (3, 4)
    """
    return (size - reach(window, dilation)) // stride + 1 if padding == "valid" else math.ceil(size / stride)


def padding_of(size: int, window: int, stride: int, dilation: int, padding: str) -> tuple[int, int]:
    """How many places are added before and after; "same" puts the odd one after.

    >>> padding_of(6, 3, 2, 1, "same"), padding_of(6, 3, 1, 1, "causal")
    ((0, 1), (2, 0))
    """
    if padding == "valid":
        return 0, 0
    if padding == "causal":
        return reach(window, dilation) - 1, 0
    count = output_size(size, window, stride, dilation, padding)
    missing = max((count - 1) * stride + reach(window, dilation) - size, 0)
    return missing // 2, missing - missing // 2


def pad(x: np.ndarray, pads: Pads, value: float = 0.0) -> np.ndarray:
    """x with places of a value around its space; x itself where there are none to add.

    >>> pad(np.ones((1, 2, 1)), [(1, 0)]).ravel()
    array([0., 1., 1.])
    """
    if not any(before or after for before, after in pads):
        return x
    space = [size + before + after for size, (before, after) in zip(x.shape[1:-1], pads, strict=True)]
    padded = np.full((len(x), *space, x.shape[-1]), value, x.dtype)
    padded[inside(pads, x.shape)] = x
    return padded


def inside(pads: Pads, shape: Sequence[int]) -> tuple[slice, ...]:
    """Where an array of this shape lies within itself padded."""
    return (slice(None), *(slice(before, before + size) for (before, _), size in zip(pads, shape[1:-1], strict=True)))


def offsets(window: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """The places of a window, row by row."""
    return itertools.product(*(range(size) for size in window))


def at_offset(offset: Sequence[int], counts: Sequence[int], strides: Sequence[int], dilation: Sequence[int]):
    """The index of what lies at one place of all windows of a padded array: ``(batch, *counts, channels)``.

    >>> np.arange(7)[None, :, None][at_offset((1,), (3,), (2,), (1,))].ravel()
    array([1, 3, 5])
    """
    starts = [place * gap for place, gap in zip(offset, dilation, strict=True)]
    return (
        slice(None),
        *(slice(a, a + (n - 1) * s + 1, s) for a, n, s in zip(starts, counts, strides, strict=True)),
    )


def windows(x: np.ndarray, window: Sequence[int], strides: Sequence[int], dilation: Sequence[int]) -> np.ndarray:
    """All whole windows of x, as a view ``(batch, *counts, *window, channels)``.

    >>> windows(np.arange(4)[None, :, None], (2,), (1,), (1,))[..., 0].tolist()
    [[[0, 1], [1, 2], [2, 3]]]
    """
    rank = len(window)
    counts = [output_size(*sizes, "valid") for sizes in zip(x.shape[1:-1], window, strides, dilation, strict=True)]
    space = x.strides[1 : 1 + rank]
    hops = [step * stride for step, stride in zip(space, strides, strict=True)]
    gaps = [step * gap for step, gap in zip(space, dilation, strict=True)]
    return np.lib.stride_tricks.as_strided(
        x, (len(x), *counts, *window, x.shape[-1]), (x.strides[0], *hops, *gaps, x.strides[-1]), writeable=False
    )


@dataclass(frozen=True)
class Geometry:
    """How windows lie in the space of an input: all that a convolution or a pooling needs besides its arrays."""

    window: tuple[int, ...]
    strides: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: str
    groups: int = 1

    def pads(self, space: Sequence[int]) -> Pads:
        """The places added before and after each axis."""
        return [padding_of(n, k, s, d, self.padding) for n, k, s, d in self._axes(space)]

    def before(self, space: Sequence[int]) -> list[int]:
        """The places added before each axis."""
        return [before for before, _ in self.pads(space)]

    def counts(self, space: Sequence[int]) -> tuple[int, ...]:
        """How many windows there are along each axis."""
        return tuple(output_size(n, k, s, d, self.padding) for n, k, s, d in self._axes(space))

    def count(self, axis: int, size: int) -> int:
        """How many windows there are along one axis of this size."""
        return self.counts([size] * len(self.window))[axis]

    def _axes(self, space: Sequence[int]):
        return zip(space, self.window, self.strides, self.dilation, strict=True)

    def need(self, counts: Sequence[int]) -> list[int]:
        """How many places so many windows cover along each axis."""
        return [
            (n - 1) * s + reach(k, d)
            for n, k, s, d in zip(counts, self.window, self.strides, self.dilation, strict=True)
        ]
