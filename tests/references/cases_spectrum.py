"""Cases of spectrograms, recorded on the JAX backend: see `record_layers.py` for the format.

TensorFlow's windows of an odd length are another period.
"""

SMALL = {"fft_length": 16, "sequence_stride": 5, "num_mel_bins": 4, "sampling_rate": 100, "min_freq": 1.0}


def after_dense(**arguments) -> dict:
    """A spectrogram whose gradient goes on to a Dense layer before it."""
    layers = [["Dense", {"units": 40}], ["MelSpectrogram", SMALL | arguments], ["Flatten", {}], ["Dense", {"units": 2}]]
    return {"layers": layers, "input": [3, 7], "optimizer": ["SGD", {"learning_rate": 1e-4}]}


CASES = {
    "mel": after_dense(),
    "mel_top": after_dense(top_db=6.0),
    "mel_magnitudes": after_dense(power_to_db=False, mag_exp=1.0),
    "mel_window": after_dense(sequence_length=11, window="hamming", ref_power=3.0, max_freq=40.0),
    "mel_numbers": after_dense(fft_length=6, window=[1.0, 2.0, 4.0, 3.0, 0.5, 1.0]),
    "mel_no_window": after_dense(fft_length=14, window=None, min_power=3.0),
    "mel_default": {"layers": [["MelSpectrogram", {}]], "input": [2, 4000], "train": False},
}
