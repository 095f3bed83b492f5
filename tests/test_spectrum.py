"""Spectrograms: gradients, what they show of a tone, refusals. Keras's numbers: `test_layer_references.py`."""

import numpy as np
import pytest

from lamina import Input, Sequential, config, initializers, layers, models
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


# -- the transform that is trained
SIGNALS = np.random.default_rng(0).normal(size=(2, 20, 2)) + 4 * (np.arange(20) % 2 == 0)[:, None]
LAYOUTS = {  # frames begin at even places, so that no angle is near ±π
    "plain": {},
    "apart": {"expand_dims": True},
    "channels first": {"data_format": "channels_first", "padding": "same", "frame_length": 6},
    "channels first, apart": {"data_format": "channels_first", "expand_dims": True, "fft_length": 6, "window": None},
}


@pytest.mark.parametrize("mode", ["log", "magnitude", "psd", "real", "imag", "angle", "stft"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_gradients_and_contract_of_a_trained_transform(mode, layout):
    options = {"frame_length": 5, "frame_step": 2} | LAYOUTS[layout]
    x = SIGNALS.swapaxes(1, 2) if "data_format" in options else SIGNALS
    check_layer(layers.STFTSpectrogram(mode, **options), x)


def test_it_begins_as_the_transform():
    x = np.random.default_rng(0).normal(size=(1, 700, 1))
    frames = np.stack([x[0, start : start + 256, 0] for start in range(0, 445, 128)])
    shape = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(256) / 255)
    c = np.fft.rfft(frames * shape / np.linalg.norm(shape))
    inner = slice(1, 128)  # the other angles are 0, π or -π, as it is rounded
    expected = {"stft": np.concatenate([c.real, c.imag], axis=1), "magnitude": np.abs(c), "log": np.log(np.abs(c))}
    for mode, y in expected.items():
        found = layers.STFTSpectrogram(mode, dtype="float64")(x)[0]
        np.testing.assert_allclose(found, np.maximum(y, np.log(config.epsilon()) / 2), rtol=1e-8, atol=1e-3)
        assert np.abs(found - y).max() < 1e-3 and np.median(np.abs(found - y)) < 1e-12
    angles = layers.STFTSpectrogram("angle", dtype="float64")(x)[0]
    np.testing.assert_allclose(angles[:, inner], np.angle(c)[:, inner], rtol=1e-8)


def test_silence_has_no_gradient():
    for mode in ("log", "magnitude", "angle"):
        layer = layers.STFTSpectrogram(mode, 4)
        y = layer(np.zeros((1, 8, 1)))
        assert np.isfinite(y).all() and not layer.backward(np.ones_like(y)).any()


def test_kernels_of_a_transform():
    shape = (6, 1, 4)
    c = initializers.STFT("real", "hamming", "spectrum", True)(shape, "float64")
    s = initializers.get({"class_name": "STFT", "config": {"side": "imag", "window": None}})(shape, "float64")
    assert c.shape == s.shape == shape and c[:, 0, 0].sum() == pytest.approx(1)
    np.testing.assert_allclose(s[:, 0], np.fft.rfft(np.eye(6)).imag, atol=1e-12)
    for bad in ({"side": "left"}, {"window": "no such"}, {"scaling": "power"}, {"periodic": "no"}):
        with pytest.raises(OptionError, match=f"STFT.{next(iter(bad))}="):
            initializers.STFT(**bad)
    for given, wrong in (({}, (6, 2, 4)), ({}, (6, 4)), ({"window": [1.0, 2.0]}, shape)):
        with pytest.raises(ShapeError, match="STFT"):
            initializers.STFT(**given)(wrong)


@pytest.mark.parametrize(
    "options",
    [
        {"mode": "power"},
        {"frame_length": 0},
        {"frame_step": 9},
        {"fft_length": 7},
        {"window": "no such"},
        {"scaling": "power"},
        {"padding": "causal"},
        {"expand_dims": "yes"},
    ],
)
def test_options_of_a_trained_transform_out_of_range(options):
    with pytest.raises(OptionError, match=next(iter(options))):
        layers.STFTSpectrogram(**{"frame_length": 8} | options)
    with pytest.raises(ShapeError, match="no window fits"):
        layers.STFTSpectrogram(frame_length=30)(SIGNALS)


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
