"""Convolution of any rank as one matrix product of the windows with the kernel, and the gradients of it.

Shapes: x ``(batch, *space, channels)``; the kernel w ``(*window, channels / groups, filters)``; z
``(batch, *counts, filters)``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .windows import Pads, at_offset, inside, offsets, output_size, pad, padding_of, reach, windows


@dataclass(frozen=True)
class Geometry:
    """How windows lie in the space of an input: all that a convolution needs besides x and w."""

    window: tuple[int, ...]
    strides: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: str
    groups: int = 1

    def pads(self, space: Sequence[int]) -> Pads:
        """The places added before and after each axis."""
        return [padding_of(n, k, s, d, self.padding) for n, k, s, d in self._axes(space)]

    def counts(self, space: Sequence[int]) -> tuple[int, ...]:
        """How many windows there are along each axis."""
        return tuple(output_size(n, k, s, d, self.padding) for n, k, s, d in self._axes(space))

    def _axes(self, space: Sequence[int]):
        return zip(space, self.window, self.strides, self.dilation, strict=True)

    @property
    def pointwise(self) -> bool:
        """Whether a window is one place, and every place has one."""
        return all(size == 1 for size in (*self.window, *self.strides))


def columns(x: np.ndarray, geometry: Geometry, counts: Sequence[int] | None = None) -> np.ndarray:
    """The windows of x as rows: ``(batch·counts, window·channels)``, or ``(groups, batch·counts, ...)`` with groups.

    `counts` says how many windows are taken along each axis, where it is not all of them.
    """
    if not geometry.pointwise:
        x = fit(pad(x, geometry.pads(x.shape[1:-1])), geometry, counts)
        x = windows(x, geometry.window, geometry.strides, geometry.dilation)  # (batch, *counts, *window, channels)
    size = int(np.prod(geometry.window))
    if geometry.groups == 1:
        return x.reshape(-1, size * x.shape[-1])
    apart = x.reshape(-1, size, geometry.groups, x.shape[-1] // geometry.groups)
    return apart.transpose(2, 0, 1, 3).reshape(
        geometry.groups, len(apart), -1
    )  # (groups, batch·counts, window·channels)


def fit(x: np.ndarray, geometry: Geometry, counts: Sequence[int] | None) -> np.ndarray:
    """A padded x with just the places that so many windows need, zeros after it where there are fewer."""
    if counts is None:
        return x
    need = [
        (n - 1) * s + reach(k, d)
        for n, s, k, d in zip(counts, geometry.strides, geometry.window, geometry.dilation, strict=True)
    ]
    short = [(0, max(n - size, 0)) for n, size in zip(need, x.shape[1:-1], strict=True)]
    return pad(x, short)[(slice(None), *(slice(0, n) for n in need))]


def kernel_matrix(w: np.ndarray, groups: int) -> np.ndarray:
    """The kernel as the matrix ``(window·channels, filters)`` that rows of `columns` meet, or as one a group."""
    if groups == 1:
        return w.reshape(-1, w.shape[-1])
    return w.reshape(-1, groups, w.shape[-1] // groups).transpose(
        1, 0, 2
    )  # (groups, window·channels, filters / groups)


def convolve(rows: np.ndarray, w: np.ndarray, geometry: Geometry) -> np.ndarray:
    """z ``(batch·counts, filters)``: each row of windows times the kernel."""
    z = rows @ kernel_matrix(w, geometry.groups)
    return z if geometry.groups == 1 else z.transpose(1, 0, 2).reshape(rows.shape[1], -1)


def kernel_gradient(
    rows: np.ndarray, dz: np.ndarray, shape: tuple[int, ...], geometry: Geometry, out=None
) -> np.ndarray:
    """dw = rowsᵀ·dz, in the kernel's shape; written into `out` if given."""
    if geometry.groups == 1:
        target = None if out is None else out.reshape(-1, shape[-1])
        return np.matmul(rows.T, dz, out=target).reshape(shape)
    apart = dz.reshape(len(dz), geometry.groups, -1).transpose(1, 0, 2)  # (groups, batch·counts, filters / groups)
    dw = (rows.swapaxes(1, 2) @ apart).transpose(1, 0, 2).reshape(shape)
    if out is None:
        return dw
    out[...] = dw
    return out


def input_gradient(
    dz: np.ndarray, w: np.ndarray, shape: Sequence[int], geometry: Geometry, counts: Sequence[int] | None = None
) -> np.ndarray:
    """dx of an input of this shape: each window's share dz·wᵀ is added where the window lies.

    dz ``(batch·counts, filters)``; `counts`, how many windows there are along each axis, where it is not all of them.
    """
    matrix = kernel_matrix(w, geometry.groups)
    if geometry.groups == 1:
        shares = dz @ matrix.T  # (batch·counts, window·channels)
    else:
        apart = dz.reshape(len(dz), geometry.groups, -1).transpose(1, 0, 2)
        shares = (apart @ matrix.swapaxes(1, 2)).reshape(geometry.groups, len(dz), -1, shape[-1] // geometry.groups)
        shares = shares.transpose(1, 2, 0, 3).reshape(len(dz), -1)  # (batch·counts, window·channels)
    if geometry.pointwise:
        return shares.reshape(shape)
    space = shape[1:-1]
    counts, pads = geometry.counts(space) if counts is None else counts, geometry.pads(space)
    shares = shares.reshape(shape[0], *counts, -1, shape[-1])  # (batch, *counts, window, channels)
    wide = [
        max(size + before + after, (n - 1) * s + reach(k, d))
        for size, (before, after), n, s, k, d in zip(
            space, pads, counts, geometry.strides, geometry.window, geometry.dilation, strict=True
        )
    ]
    dx = np.zeros((shape[0], *wide, shape[-1]), dz.dtype)
    for number, offset in enumerate(offsets(geometry.window)):
        dx[at_offset(offset, counts, geometry.strides, geometry.dilation)] += shares[..., number, :]
    return dx[inside(pads, shape)]
