"""Spectrograms: gradients, what they show of a tone, refusals. Keras's numbers: `test_layer_references.py`."""

import numpy as np
import pytest

from lamina import Input, Sequential, layers, models
from lamina.errors import OptionError, ShapeError
from lamina.ops.spectrum import mel_weights, spectra
from lamina.testing import check_layer

X = np.random.default_rng(0).normal(size=(2, 40))
SMALL = {"fft_length": 16, "sequence_stride": 5, "num_mel_bins": 4, "sampling_rate": 100, "min_freq": 1.0}
OPTIONS = {
    "decibels": {},
    "powers": {"power_to_db": False},
    "magnitudes": {"power_to_db": False, "mag_exp": 1.0},
    "raised to the top": {"top_db": 6.0},
    "window": {"sequence_length": 11, "window": "hamming", "ref_power": 3.0},
    "odd": {"fft_length": 15, "window": None, "power_to_db": False},
    "window of numbers": {"fft_length": 6, "window": np.arange(1.0, 7)},
    "least power": {"min_power": 3.0},
}


@pytest.mark.parametrize("name", OPTIONS)
def test_gradients_and_contract(name):
    check_layer(layers.MelSpectrogram(**SMALL | OPTIONS[name]), X)


def test_a_single_signal():
    layer = layers.MelSpectrogram(**SMALL)
    check_layer(layer, X[0])
    np.testing.assert_allclose(layer(X[:1])[0], layer(X[0]), rtol=1e-6)


def test_a_tone_is_where_its_pitch_is():
    rate, layer = 8000, layers.MelSpectrogram(1024, 256, sampling_rate=8000, num_mel_bins=40, min_freq=0)
    weights = mel_weights(513, rate, 40, 0.0, 4000.0)
    for pitch in (300, 1000, 2500):
        y = layer(np.sin(2 * np.pi * pitch / rate * np.arange(8000))[None])
        assert set(y[0, :, 5:-5].argmax(axis=0)) == {weights[round(pitch / rate * 1024)].argmax()}


def test_a_spectrum_is_the_sum_it_stands_for():
    x, shape = X[0], np.linspace(1, 2, 7)
    padded = np.concatenate([x[3:0:-1], x, x[-2:-5:-1]])
    turns = np.exp(-2j * np.pi * np.outer(np.arange(4), np.arange(7)) / 7)
    expected = [turns @ (padded[start : start + 7] * shape) for start in range(0, 40, 3)]
    np.testing.assert_allclose(spectra(x, shape, 3), expected, rtol=1e-12, atol=1e-12)


def test_the_largest_number_is_that_of_the_batch():
    """So a batch of one is another thing, and no batch is split."""
    loud = layers.MelSpectrogram(**SMALL, top_db=10.0)
    x = np.stack([X[0], 100 * X[1]])
    assert (loud(x)[0] > loud(x[:1])[0]).any() and loud.couples_batch(True)
    assert not layers.MelSpectrogram(**SMALL, power_to_db=False).couples_batch(True)


def test_short_types_and_files(tmp_path):
    assert layers.MelSpectrogram(**SMALL, dtype="float16")(X).dtype == np.float16
    model = Sequential([Input((40,)), layers.MelSpectrogram(**SMALL, window=np.ones(16)), layers.Flatten()])
    model.save(tmp_path / "m.lamina")
    np.testing.assert_array_equal(models.load_model(tmp_path / "m.lamina")(X), model(X))
    assert Sequential([Input((None,)), layers.MelSpectrogram(**SMALL)]).output_shape == (None, 4, None)


@pytest.mark.parametrize(
    "options",
    [
        {"fft_length": 0},
        {"sequence_length": 17},
        {"window": "kaiser"},
        {"window": [1.0, 2.0]},
        {"min_freq": 50.0},
        {"num_mel_bins": 0},
        {"power_to_db": "yes"},
    ],
)
def test_options_out_of_range(options):
    with pytest.raises(OptionError, match=next(iter(options))):
        layers.MelSpectrogram(**SMALL | options)


def test_a_signal_that_is_too_short():
    with pytest.raises(ShapeError, match="more than 8 numbers"):
        layers.MelSpectrogram(**SMALL)(X[:, :8])
    assert layers.MelSpectrogram(**SMALL)(X[:, :9]).shape == (2, 4, 2)
