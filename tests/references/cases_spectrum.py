"""Cases of spectrograms, recorded on the JAX backend: see `record_layers.py` for the format.

TensorFlow's windows of an odd length are another period.
"""

SMALL = {"fft_length": 16, "sequence_stride": 5, "num_mel_bins": 4, "sampling_rate": 100, "min_freq": 1.0}


def after_dense(**arguments) -> dict:
    """A spectrogram whose gradient goes on to a Dense layer before it."""
    layers = [["Dense", {"units": 40}], ["MelSpectrogram", SMALL | arguments], ["Flatten", {}], ["Dense", {"units": 2}]]
    return {"layers": layers, "input": [3, 7], "optimizer": ["SGD", {"learning_rate": 1e-4}]}


def stft(first: bool = False, **arguments) -> dict:
    """A trained transform."""
    layers = [["STFTSpectrogram", {"frame_length": 8, **arguments}], ["Flatten", {}], ["Dense", {"units": 2}]]
    return {
        "layers": layers,
        "input": [3, 2, 21] if first else [3, 21, 2],
        "optimizer": ["SGD", {"learning_rate": 1e-3}],
    }


CASES = {
    "stft_log": stft(),
    "stft_magnitude": stft(mode="magnitude", frame_step=3, window="hamming", scaling="spectrum"),
    "stft_psd": stft(mode="psd", fft_length=16, scaling="spectrum", padding="same"),
    "stft_real": stft(mode="real", periodic=True, window="blackman", expand_dims=True),
    "stft_imag": stft(mode="imag", scaling=None),
    "stft": stft(mode="stft", window=[1.0, 2.0, 3.0, 4.0, 4.0, 3.0, 2.0, 1.0]),
    "stft_channels_first": stft(True, data_format="channels_first", mode="stft", padding="same"),
    "stft_channels_first_apart": stft(True, data_format="channels_first", mode="psd", expand_dims=True),
    "mel": after_dense(),
    "mel_top": after_dense(top_db=6.0),
    "mel_magnitudes": after_dense(power_to_db=False, mag_exp=1.0),
    "mel_window": after_dense(sequence_length=11, window="hamming", ref_power=3.0, max_freq=40.0),
    "mel_numbers": after_dense(fft_length=6, window=[1.0, 2.0, 4.0, 3.0, 0.5, 1.0]),
    "mel_no_window": after_dense(fft_length=14, window=None, min_power=3.0),
    "mel_default": {"layers": [["MelSpectrogram", {}]], "input": [2, 4000], "train": False},
}
