"""Spectra: windows, frames of a signal and their Fourier transforms, the mel scale, and the way back for gradients."""

import math

import numpy as np

WINDOWS = {"hann": (0.5, 0.5), "hamming": (0.54, 0.46)}  # a - b·cos
BREAK, PER_LOG = 700.0, 1127.0  # mel(f) = PER_LOG·log(1 + f / BREAK)


def window(name: str, length: int) -> np.ndarray:
    """A window that is one period: its first number is its smallest, its last is like its second.

    >>> window("hann", 4).round(3).tolist()
    [0.0, 0.5, 1.0, 0.5]
    """
    a, b = WINDOWS[name]
    return a - b * np.cos(2 * np.pi * np.arange(length) / length)


def mel_weights(bins: int, rate: float, count: int, low: float, high: float) -> np.ndarray:
    """The matrix ``(bins, count)`` from bins that go from 0 to rate / 2 hertz to triangles, from low to high hertz.

    In mel they are alike, each from the middle of the one before to that of the next, and 1 in its own; the bin of 0
    hertz counts in none.

    Source: O'Shaughnessy, *Speech Communication: Human and Machine* (1987), as the HTK Book has it.

    >>> mel_weights(5, 8000, 2, 0.0, 4000.0).round(2).tolist()
    [[0.0, 0.0], [0.6, 0.4], [0.0, 0.87], [0.0, 0.38], [0.0, 0.0]]
    """
    mel = PER_LOG * np.log1p(np.linspace(0, rate / 2, bins) / BREAK)
    edges = np.linspace(PER_LOG * math.log1p(low / BREAK), PER_LOG * math.log1p(high / BREAK), count + 2)
    rising = (mel[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - mel[:, None]) / (edges[2:] - edges[1:-1])
    weights = np.maximum(np.minimum(rising, falling), 0)
    weights[0] = 0
    return weights


def spectra(x: np.ndarray, shape: np.ndarray, stride: int) -> np.ndarray:
    """The Fourier transform of each frame ``(..., frames, length // 2 + 1)`` of signals x ``(..., n)``.

    A frame is as long as `shape`, which it is multiplied by, and begins `stride` after the one before it; the first
    has its middle where x begins. Beyond its ends x is as in a mirror.
    """
    length = len(shape)
    padded = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(length // 2, length // 2)], mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, length, axis=-1)[..., ::stride, :]
    return np.fft.rfft(frames * shape).astype(np.result_type(x.dtype, np.complex64), copy=False)


def spectra_gradient(dc: np.ndarray, shape: np.ndarray, stride: int, n: int) -> np.ndarray:
    """dx ``(..., n)`` for dc, the gradient of the real parts and, times i, that of the imaginary parts."""
    length, middle = len(shape), len(shape) // 2
    dc = dc.copy()
    dc[..., 1 : (length + 1) // 2] /= 2  # irfft adds the other half of the spectrum
    frames = np.fft.irfft(dc, length) * (length * shape)
    padded = np.zeros((*dc.shape[:-2], n + 2 * middle), shape.dtype)
    for t in range(frames.shape[-2]):
        padded[..., t * stride : t * stride + length] += frames[..., t, :]
    dx = padded[..., middle : middle + n].copy()
    dx[..., 1 : middle + 1] += padded[..., :middle][..., ::-1]
    dx[..., n - 1 - middle : n - 1] += padded[..., middle + n :][..., ::-1]
    return dx
