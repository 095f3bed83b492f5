"""MelSpectrogram: sound as an image, time along one axis and pitch along the other."""

from typing import Any, Unpack

import numpy as np

from ..errors import OptionError, ShapeError
from ..ops.spectrum import WINDOWS, mel_weights, spectra, spectra_gradient, window
from ..utils.checks import number, positive_int, truth, unless_none
from .base import Layer, LayerOptions, registry
from .spec import InputSpec, Shape, show_shape

DECIBELS = 10 / np.log(10)  # 10·log10(x) = DECIBELS·log(x)


class MelSpectrogram(Layer):
    """How strong each pitch is at each time.

    Forward:   c = the Fourier transform of each frame of x, times the window;  m = |c|ᵉ·A;
               with `power_to_db`  d = 10·log10(max(m, `min_power`)) - 10·log10(max(|`ref_power`|, `min_power`)),
               y = max(d, max over all of d - `top_db`);  without, y = m
    Backward:  dd = dy where d is not raised, and what comes to the others goes to the largest d;
               dm = 10 / ln 10·dd / m where m > `min_power`, else 0;  dc = e·|c|ᵉ⁻²·c ⊙ (dm·Aᵀ);
               dx = the window times the inverse transform of dc, each frame added where it lies

    A ``(fft_length // 2 + 1, num_mel_bins)`` sums up the pitches in triangles that are alike on the mel scale, from
    `min_freq` to `max_freq` (None: half of the `sampling_rate`). Frames of `fft_length` begin every `sequence_stride`,
    x mirrored at its ends. `window` is "hann", "hamming", None for ones, or numbers, `sequence_length` long (None:
    `fft_length`), with zeros on both sides. e is `mag_exp`: 1 for magnitudes, 2 for powers.

    As the largest d is that of all samples, no batch is split over processes with `power_to_db`.

    Shapes: x ``(batch, n)`` or ``(n,)``; y ``(batch, num_mel_bins, frames)``, or without batch.

    Raises OptionError for arguments out of range, ShapeError for an x of no more than `fft_length` / 2 numbers.

    Source: Davis & Mermelstein, *Comparison of Parametric Representations for Monosyllabic Word Recognition in
    Continuously Spoken Sentences* (1980).

    >>> tone = np.sin(2 * np.pi * 1000 / 16000 * np.arange(4096))
    >>> y = MelSpectrogram(fft_length=512, sequence_stride=256, num_mel_bins=8)(tone[None])
    >>> y.shape, y[0, :, 8].argmax()
    ((1, 8, 17), np.int64(2))
    """

    def __init__(
        self,
        fft_length: int = 2048,
        sequence_stride: int = 512,
        sequence_length: int | None = None,
        window: Any = "hann",
        sampling_rate: float = 16000,
        num_mel_bins: int = 128,
        min_freq: float = 20.0,
        max_freq: float | None = None,
        power_to_db: bool = True,
        top_db: float = 80.0,
        mag_exp: float = 2.0,
        min_power: float = 1e-10,
        ref_power: float = 1.0,
        **options: Unpack[LayerOptions],
    ):
        super().__init__(**options)
        who = "MelSpectrogram"
        self.fft_length = positive_int(who, "fft_length", fft_length)
        self.sequence_stride = positive_int(who, "sequence_stride", sequence_stride)
        self.sequence_length = unless_none(positive_int, who, "sequence_length", sequence_length)
        if (self.sequence_length or 0) > self.fft_length:
            expected = f"fft_length={fft_length} at most"
            raise OptionError(f"{who}(sequence_length=...)", expected=expected, received=repr(sequence_length))
        self.window = window.tolist() if isinstance(window, np.ndarray) else window
        self.sampling_rate = number(who, "sampling_rate", sampling_rate, 0)
        self.num_mel_bins = positive_int(who, "num_mel_bins", num_mel_bins)
        self.min_freq = number(who, "min_freq", min_freq, 0)
        self.max_freq = unless_none(number, who, "max_freq", max_freq, 0)
        if self.min_freq >= self._highest:
            raise OptionError(f"{who}(min_freq=...)", expected=f"below {self._highest:g}", received=repr(min_freq))
        self.power_to_db = truth(who, "power_to_db", power_to_db)
        self.top_db, self.mag_exp = number(who, "top_db", top_db), number(who, "mag_exp", mag_exp)
        self.min_power, self.ref_power = number(who, "min_power", min_power), number(who, "ref_power", ref_power)
        self._frame(np.dtype("float32"))
        self.input_spec = InputSpec(min_ndim=1)

    @property
    def _highest(self) -> float:
        return self.max_freq or int(self.sampling_rate / 2)

    def _frame(self, dtype: np.dtype) -> np.ndarray:
        """What each frame is multiplied by, ``(fft_length,)``."""
        length = self.sequence_length or self.fft_length
        if isinstance(self.window, str) and self.window in WINDOWS:
            found = window(self.window, length)
        else:
            found = np.ones(length) if self.window is None else np.asarray(self.window)
        if found.shape != (length,) or found.dtype.kind not in "fiu":
            names = ", ".join(map(repr, WINDOWS))
            raise OptionError(
                "MelSpectrogram(window=...)",
                expected=f"{names}, None or {length} numbers",
                received=repr(self.window) if self.window is None or found.ndim != 1 else f"{len(found)} of them",
            )
        before = (self.fft_length - length) // 2
        return np.pad(found, (before, self.fft_length - length - before)).astype(dtype)

    def _weights_of_pitch(self, dtype: np.dtype) -> np.ndarray:
        bins = self.fft_length // 2 + 1
        return mel_weights(bins, self.sampling_rate, self.num_mel_bins, self.min_freq, self._highest).astype(dtype)

    def forward(self, x, training=False):
        x = x.astype(np.promote_types(x.dtype, "float32"), copy=False)  # a float16 ends too soon
        c = spectra(x, self._frame(x.dtype), self.sequence_stride)
        m = np.abs(c) ** self.mag_exp @ self._weights_of_pitch(x.dtype)
        self.saved = x.shape[-1], c, m
        y = m
        if self.power_to_db:
            y = self._decibels(m)
            y = np.maximum(y, y.max(initial=-np.inf) - self.top_db)
        return y.swapaxes(-1, -2).astype(self.dtype, copy=False)

    def backward(self, dy):
        n, c, m = self.saved
        d = dy.swapaxes(-1, -2).astype(m.dtype)  # (..., frames, num_mel_bins)
        if self.power_to_db:
            y = self._decibels(m)
            top = y.max(initial=-np.inf)
            raised, largest = y < top - self.top_db, y == top
            d += largest * (d[raised].sum() / max(np.count_nonzero(largest), 1))
            d[raised] = 0
            d *= np.divide(DECIBELS, m, out=np.zeros_like(m), where=m > self.min_power)
        size = np.abs(c)
        slope = np.power(size, self.mag_exp - 2, out=np.zeros_like(size), where=size > 0)
        slope *= self.mag_exp * (d @ self._weights_of_pitch(m.dtype).T)
        dx = spectra_gradient(c * slope, self._frame(m.dtype), self.sequence_stride, n)
        return dx.astype(self.dtype, copy=False)

    def _decibels(self, m: np.ndarray) -> np.ndarray:
        reference = max(abs(self.ref_power), self.min_power)
        return 10 * np.log10(np.maximum(m, self.min_power)) - m.dtype.type(10 * np.log10(reference))

    def couples_batch(self, training):
        return self.power_to_db or super().couples_batch(training)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        *batch, n = input_shape
        middle = self.fft_length // 2
        if n is not None and n <= middle:
            raise ShapeError(
                f"{self.where}: a signal",
                expected=f"more than {middle} numbers, half of fft_length",
                received=show_shape(input_shape),
                mend="take a smaller fft_length",
            )
        frames = None if n is None else (n + 2 * middle - self.fft_length) // self.sequence_stride + 1
        return (*batch, self.num_mel_bins, frames)

    def ensure_built(self, input_shape) -> None:
        """Build the layer if need be; refuse signals that are too short."""
        super().ensure_built(input_shape)
        self.compute_output_shape(tuple(input_shape))


registry.add(MelSpectrogram)
