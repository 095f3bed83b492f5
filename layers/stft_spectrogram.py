"""STFTSpectrogram: the spectra of the frames of a signal, by convolutions that can be trained."""

import math
from typing import Any, Unpack

import numpy as np

from .. import config, initializers
from ..errors import OptionError
from ..ops.convolution import convolve, input_gradient, kernel_gradient
from ..utils.checks import one_of, positive_int, truth, unless_none
from .base import LayerOptions, registry
from .spec import Shape
from .windowed import Windowed

MODES = ("log", "magnitude", "psd", "real", "imag", "angle", "stft")


class STFTSpectrogram(Windowed):
    """The short-time Fourier transform of each channel of a signal: convolutions that begin as cosines and sines.

    Forward:   r = x∗C,  i = x∗S, each channel by itself;  p = r² + i²,  q = max(p, ε);  y by `mode`:
               "real" r;  "imag" i;  "stft" r, then i;  "angle" atan2(i, r);  "magnitude" √q;  "log" log √q;
               "psd" p, twice but for the first and the last pitch
    Backward:  "angle" dr = -i / p·dy, di = r / p·dy;  "magnitude" dp = dy / (2·y) where p > ε;  "log" dp = dy / (2·q)
               where p > ε;  "psd" dp = dy, twice as in y;  dr = 2·r·dp, di = 2·i·dp;  then those of the convolutions

    Frames of `frame_length` begin every `frame_step` (None: half of that); C and S begin as `initializers.STFT` makes
    them with `window`, `scaling` and `periodic`, for `fft_length` (None: the power of two from `frame_length`).
    `padding` is "valid" or "same", `data_format` as for `Conv1D`. ε is `config.epsilon()`.

    Shapes: x ``(batch, n, channels)``; C (`real_kernel`, not for "imag") and S (`imag_kernel`, not for "real")
    ``(frame_length, 1, pitches)``, pitches = fft_length // 2 + 1, twice as many in y for "stft"; y ``(batch, frames,
    channels·pitches)``, with `expand_dims` ``(batch, frames, pitches, channels)``. For "channels_first" x ``(batch,
    channels, n)``, y ``(batch, channels·pitches, frames)`` or ``(batch, channels, frames, pitches)``.

    Raises OptionError for options out of range; ShapeError for a signal in which no frame fits.

    Source: Allen, *Short Term Spectral Analysis, Synthesis, and Modification by Discrete Fourier Transform* (1977).

    >>> tone = np.sin(2 * np.pi * 3 / 16 * np.arange(32))
    >>> y = STFTSpectrogram("magnitude", 16)(tone[None, :, None])
    >>> y.shape, y[0, 0].argmax()
    ((1, 3, 9), np.int64(3))
    """

    rank = 1

    def __init__(
        self,
        mode: str = "log",
        frame_length: int = 256,
        frame_step: int | None = None,
        fft_length: int | None = None,
        window: Any = "hann",
        periodic: bool = False,
        scaling: str | None = "density",
        padding: str = "valid",
        expand_dims: bool = False,
        data_format: str | None = None,
        **options: Unpack[LayerOptions],
    ):
        super().__init__(data_format, **options)
        who = "STFTSpectrogram"
        self.mode = one_of(who, "mode", mode, MODES)
        self.frame_length = positive_int(who, "frame_length", frame_length)
        self.frame_step = unless_none(positive_int, who, "frame_step", frame_step)
        if (self.frame_step or 0) > self.frame_length:
            expected = f"frame_length={frame_length} at most"
            raise OptionError(f"{who}(frame_step=...)", expected=expected, received=repr(frame_step))
        self.fft_length = unless_none(positive_int, who, "fft_length", fft_length)
        if self._fft_length < max(self.frame_length, 2):
            expected = f"frame_length={frame_length}, and 2, or more"
            raise OptionError(f"{who}(fft_length=...)", expected=expected, received=str(self._fft_length))
        self.expand_dims = truth(who, "expand_dims", expand_dims)
        starts = [initializers.STFT(side, window, scaling, periodic) for side in ("real", "imag")]
        self.window, self.scaling, self.periodic = starts[0].window, starts[0].scaling, starts[0].periodic
        self.weight_rules("real_kernel", starts[0])
        self.weight_rules("imag_kernel", starts[1])
        self.window_rules(frame_length, self.frame_step or max(self.frame_length // 2, 1), padding, 1)

    @property
    def _fft_length(self) -> int:
        return self.fft_length or 2 ** math.ceil(math.log2(self.frame_length))

    def build(self, input_shape):
        self.compute_output_shape(input_shape)
        shape = (self.frame_length, 1, self._fft_length // 2 + 1)
        sides = [side for side in ("real", "imag") if self.mode in (side, *MODES[:3], *MODES[5:])]
        self._kernels = [self.add_weight(f"{side}_kernel", shape) for side in sides]

    def forward(self, x, training=False):
        x = np.swapaxes(x, 1, 2) if not self.channels_first else x  # (batch, channels, n)
        shape, x = x.shape, x.reshape(x.shape[0] * x.shape[1], x.shape[2], 1)
        z = convolve(x, self._kernel(), None, self.geometry, self._room)  # r and i beside each other
        self.saved = shape, x, z
        y = self._shown(z)
        return self._arranged(y.reshape(*shape[:2], *y.shape[1:]))

    def backward(self, dy):
        dz = self.backward_weights(dy)
        shape, x, _ = self.saved
        dx = input_gradient(dz, self._kernel(), x.shape, self.geometry, self._room).reshape(shape)
        return dx if self.channels_first else np.swapaxes(dx, 1, 2)

    def backward_weights(self, dy):
        shape, x, z = self.saved
        d = self._disarranged(dy, shape)
        dz = self._of_shown(d.reshape(shape[0] * shape[1], *d.shape[2:]), z)
        dw, _ = kernel_gradient(x, dz, self._kernel().shape, self.geometry, self._room, False)
        for weight, gradient in zip(self._kernels, np.split(dw, len(self._kernels), axis=-1), strict=True):
            weight.grad += gradient
        return dz

    def _kernel(self) -> np.ndarray:
        return np.concatenate([weight.value for weight in self._kernels], axis=-1)

    def _shown(self, z: np.ndarray) -> np.ndarray:
        if self.mode in ("real", "imag", "stft"):
            return z
        r, i = np.split(z, 2, axis=-1)
        if self.mode == "angle":
            return np.arctan2(i, r)
        p = r * r + i * i
        if self.mode == "psd":
            return self._twice(p)
        q = np.maximum(p, z.dtype.type(config.epsilon()))
        return np.sqrt(q) if self.mode == "magnitude" else np.log(q) / 2

    def _of_shown(self, d: np.ndarray, z: np.ndarray) -> np.ndarray:
        """The gradient of z for that of what is shown of it."""
        if self.mode in ("real", "imag", "stft"):
            return np.ascontiguousarray(d)
        r, i = np.split(z, 2, axis=-1)
        p = r * r + i * i
        if self.mode == "angle":
            d = np.divide(d, p, out=np.zeros_like(p), where=p > 0)
            return np.concatenate([-i * d, r * d], axis=-1)
        if self.mode == "psd":
            d = 2 * self._twice(d)
        else:
            above = p > config.epsilon()
            d = np.divide(d, np.sqrt(p) if self.mode == "magnitude" else p, out=np.zeros_like(p), where=above)
        return np.concatenate([r * d, i * d], axis=-1)

    @staticmethod
    def _twice(p: np.ndarray) -> np.ndarray:
        p = p.copy()
        p[..., 1:-1] *= 2
        return p

    # -- layouts
    def _arranged(self, y: np.ndarray) -> np.ndarray:
        """y ``(batch, channels, frames, pitches)`` as the layer gives it."""
        if self.expand_dims:
            return y if self.channels_first else y.transpose(0, 2, 3, 1)
        batch, channels, frames, pitches = y.shape
        if self.channels_first:
            return y.swapaxes(2, 3).reshape(batch, channels * pitches, frames)
        return y.swapaxes(1, 2).reshape(batch, frames, channels * pitches)

    def _disarranged(self, dy: np.ndarray, shape: tuple) -> np.ndarray:
        """What `_arranged` undoes, for an x ``(batch, channels, n)`` of this shape."""
        if self.expand_dims:
            return dy if self.channels_first else dy.transpose(0, 3, 1, 2)
        batch, channels, _ = shape
        if self.channels_first:
            return dy.reshape(batch, channels, dy.shape[1] // channels, dy.shape[2]).swapaxes(2, 3)
        return dy.reshape(batch, dy.shape[1], channels, dy.shape[2] // channels).swapaxes(1, 2)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        (frames,) = self.sizes_after(input_shape, self.geometry.count)
        channels = self.split_shape(input_shape)[1]
        pitches = (self._fft_length // 2 + 1) * (2 if self.mode == "stft" else 1)
        if self.expand_dims:
            inner = (channels, frames, pitches) if self.channels_first else (frames, pitches, channels)
            return (input_shape[0], *inner)
        return self.join_shape(input_shape[0], (frames,), None if channels is None else channels * pitches)


registry.add(STFTSpectrogram)
