"""Depthwise convolution: each channel has kernels of its own.

Shapes: x ``(batch, *space, channels)``; the kernel w ``(*window, channels, multiplier)``; z
``(batch, *counts, channels·multiplier)``, the multiplier innermost.
"""

import numpy as np

from .windows import Geometry, at_offset, inside, offsets, pad


def convolve(x: np.ndarray, w: np.ndarray, geometry: Geometry) -> tuple[np.ndarray, np.ndarray]:
    """z, and the padded x: for each place of the kernel, what lies there in all windows times its numbers."""
    padded = pad(x, geometry.pads(x.shape[1:-1]))
    counts = geometry.counts(x.shape[1:-1])
    z = np.zeros((len(x), *counts, *w.shape[-2:]), x.dtype)
    for offset, place in _places(geometry, counts):
        z += padded[place][..., None] * w[offset]  # (batch, *counts, channels, multiplier)
    return z.reshape(len(x), *counts, -1), padded


def gradients(
    dz: np.ndarray, padded: np.ndarray, w: np.ndarray, shape: tuple, geometry: Geometry
) -> tuple[np.ndarray, np.ndarray]:
    """dw, and dx of an input of this shape."""
    counts = geometry.counts(shape[1:-1])
    dz = dz.reshape(len(dz), *counts, *w.shape[-2:])  # (batch, *counts, channels, multiplier)
    dw, dx = np.empty_like(w), np.zeros(padded.shape, dz.dtype)
    for offset, place in _places(geometry, counts):
        dw[offset] = np.einsum("nc,ncm->cm", padded[place].reshape(-1, shape[-1]), dz.reshape(-1, *w.shape[-2:]))
        dx[place] += np.einsum("...cm,cm->...c", dz, w[offset])
    return dw, dx[inside(geometry.pads(shape[1:-1]), shape)]


def _places(geometry: Geometry, counts):
    for offset in offsets(geometry.window):
        yield offset, at_offset(offset, counts, geometry.strides, geometry.dilation)
