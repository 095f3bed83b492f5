"""The kernels of a Fourier transform, for a convolution over frames of a signal."""

from typing import Any

import numpy as np

from ..config import floatx
from ..errors import OptionError, ShapeError
from ..utils.checks import one_of, truth
from .base import Initializer, registry


class STFT(Initializer):
    """The real or the imaginary part of a short-time Fourier transform, as the kernel of a Conv1D.

    W[t, 0, k] = w[t]·cos(-2π·t·k / n) / s for `side` "real", sin in the place of cos for "imag";  n = 2·(bins - 1)

    w is `window`: a name that `scipy.signal.get_window` knows, numbers, or None for ones, with s = 1. With `periodic` a
    window of that name is one period, without, it ends as it begins. `scaling` says s: √(Σ w²) for "density", Σ |w| for
    "spectrum", 1 for None. The shape of W is ``(length, 1, bins)``.

    Raises OptionError for options out of range, ShapeError for another shape, or a window of another length.

    >>> STFT("real", None)((4, 1, 3))[:, 0].round(3)
    array([[ 1.,  1.,  1.],
           [ 1.,  0., -1.],
           [ 1., -1.,  1.],
           [ 1., -0., -1.]], dtype=float32)
    """

    def __init__(
        self, side: str = "real", window: Any = "hann", scaling: str | None = "density", periodic: bool = False
    ):
        self.side = one_of("STFT", "side", side, ("real", "imag"))
        self.window = window.tolist() if isinstance(window, np.ndarray) else window
        self.scaling = one_of("STFT", "scaling", scaling, (None, "density", "spectrum"))
        self.periodic = truth("STFT", "periodic", periodic)
        if isinstance(window, str):
            self._window(1)

    def _window(self, length: int) -> np.ndarray | None:
        if not isinstance(self.window, str):
            return None if self.window is None else np.asarray(self.window)
        from scipy.signal import get_window  # type: ignore[import-untyped]  # not before: it takes a while to load

        try:
            return get_window(self.window, length, self.periodic)
        except ValueError:
            known = "the name of a window of scipy.signal that has no parameters of its own"
            raise OptionError("STFT(window=...)", expected=known, received=repr(self.window)) from None

    def __call__(self, shape, dtype=None, rng=None):
        if len(shape) != 3 or shape[1] != 1 or shape[2] < 2:
            raise ShapeError("STFT", expected="the shape (length, 1, bins), bins from 2", received=str(tuple(shape)))
        length, _, bins = shape
        window, scale = self._window(length), 1.0
        if window is None:
            window = np.ones(length)
        elif window.shape != (length,):
            raise ShapeError("STFT(window=...)", expected=f"{length} numbers", received=str(window.shape))
        elif self.scaling is not None:
            scale = np.sqrt(np.sum(window**2)) if self.scaling == "density" else np.sum(np.abs(window))
        angles = -2 * np.pi * np.outer(np.arange(length), np.arange(bins) / (2 * (bins - 1)))
        kernel = (np.cos(angles) if self.side == "real" else np.sin(angles)) * (window / scale)[:, None]
        return kernel[:, None].astype(dtype or floatx())


registry.add(STFT, "stft", "STFTInitializer")
