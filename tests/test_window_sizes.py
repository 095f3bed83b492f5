"""Windows that do not fit: every layer with windows says which layer, the input's size, and the smallest that would do."""

import numpy as np
import pytest

from lamina import Input, Sequential, layers
from lamina.errors import ShapeError

MEND = 'take a smaller window or padding="same", or fewer layers that shrink the space before it'
CROP = "crop less, or put fewer layers that shrink the space before it"
GROW = "take a smaller kernel or a larger output_padding"
FITS, LEFT, NONE = "no window fits", "nothing is left", "the output would have no places"

# the layer, the space that is too small, the smallest that would do (channels come on top)
CASES = {
    "Conv1D": (lambda **o: layers.Conv1D(2, 3, **o), (2,), (3,), FITS, MEND),
    "Conv1D dilated": (lambda **o: layers.Conv1D(2, 3, dilation_rate=3, **o), (6,), (7,), FITS, MEND),
    "Conv1D strided": (lambda **o: layers.Conv1D(2, 3, strides=4, **o), (1,), (3,), FITS, MEND),
    "Conv2D": (lambda **o: layers.Conv2D(2, (2, 4), **o), (5, 3), (2, 4), FITS, MEND),
    "Conv2D grouped": (lambda **o: layers.Conv2D(2, 3, groups=2, **o), (1, 9), (3, 3), FITS, MEND),
    "Conv3D": (lambda **o: layers.Conv3D(2, 2, **o), (3, 1, 3), (2, 2, 2), FITS, MEND),
    "DepthwiseConv1D": (lambda **o: layers.DepthwiseConv1D(4, **o), (3,), (4,), FITS, MEND),
    "DepthwiseConv2D": (lambda **o: layers.DepthwiseConv2D(3, dilation_rate=2, **o), (4, 4), (5, 5), FITS, MEND),
    "SeparableConv1D": (lambda **o: layers.SeparableConv1D(2, 4, **o), (3,), (4,), FITS, MEND),
    "SeparableConv2D": (lambda **o: layers.SeparableConv2D(2, (1, 3), **o), (4, 2), (1, 3), FITS, MEND),
    "MaxPooling1D": (lambda **o: layers.MaxPooling1D(4, strides=1, **o), (3,), (4,), FITS, MEND),
    "MaxPooling2D": (lambda **o: layers.MaxPooling2D((3, 2), **o), (2, 2), (3, 2), FITS, MEND),
    "MaxPooling3D": (lambda **o: layers.MaxPooling3D(2, **o), (2, 2, 1), (2, 2, 2), FITS, MEND),
    "AveragePooling1D": (lambda **o: layers.AveragePooling1D(2, **o), (1,), (2,), FITS, MEND),
    "AveragePooling2D": (lambda **o: layers.AveragePooling2D(3, strides=1, **o), (4, 2), (3, 3), FITS, MEND),
    "AveragePooling3D": (lambda **o: layers.AveragePooling3D((1, 1, 3), **o), (1, 1, 2), (1, 1, 3), FITS, MEND),
    "Cropping2D": (lambda **o: layers.Cropping2D(((1, 2), (0, 0)), **o), (3, 3), (4, 1), LEFT, CROP),
    "Cropping3D": (lambda **o: layers.Cropping3D(1, **o), (3, 2, 3), (3, 3, 3), LEFT, CROP),
    "Conv1DTranspose": (
        lambda **o: layers.Conv1DTranspose(2, 4, padding="same", output_padding=0, **o), (1,), (2,), NONE, GROW,
    ),
    "Conv2DTranspose": (
        lambda **o: layers.Conv2DTranspose(2, (1, 2), padding="same", output_padding=0, **o), (1, 1), (1, 2), NONE, GROW,
    ),
    "Conv3DTranspose": (
        lambda **o: layers.Conv3DTranspose(2, 2, padding="same", output_padding=0, **o), (1, 2, 2), (2, 2, 2), NONE, GROW,
    ),
}  # fmt: skip
LAST_ONLY = {"Cropping1D": (lambda: layers.Cropping1D((2, 1)), (3,), (4,), LEFT, CROP)}


def shapes(space, data_format, channels=2):
    return (channels, *space) if data_format == "channels_first" else (*space, channels)


def message(layer, x):
    with pytest.raises(ShapeError) as refused:
        layer(x)
    return str(refused.value)


def expected(layer, small, least, problem, mend, batch="batch"):
    said = ", ".join(map(str, small))
    return (
        f"layer '{layer.name}' ({type(layer).__name__}): {problem}: expected an input of at least "
        f"(batch, {', '.join(map(str, least))}), received ({batch}, {said}).\nLikely mend: {mend}."
    )


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("name", CASES)
def test_a_space_that_is_too_small(name, data_format):
    make, small, least, problem, mend = CASES[name]
    layer = make(data_format=data_format)
    low, enough = shapes(small, data_format), shapes(least, data_format)
    assert message(layer, np.ones((3, *low))) == expected(layer, low, enough, problem, mend)
    y = layer(np.ones((3, *enough)))  # the smallest does; and the layer, built by now, still refuses the other
    assert 0 not in y.shape and layer.compute_output_shape((None, *enough))[1:] == y.shape[1:]
    assert message(layer, np.ones((3, *low))) == expected(layer, low, enough, problem, mend, batch="3")
    with pytest.raises(ShapeError, match=f"{problem}: expected an input of at least"):
        layer.compute_output_shape((None, *low))


def test_cropping_of_steps():
    make, small, least, problem, mend = LAST_ONLY["Cropping1D"]
    layer = make()
    assert message(layer, np.ones((3, *small, 2))) == expected(layer, (*small, 2), (*least, 2), problem, mend)
    assert layer(np.ones((3, *least, 2))).shape == (3, 1, 2)


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("name", CASES)
def test_in_a_model_the_shapes_so_far_are_said(name, data_format):
    make, small, _, problem, mend = CASES[name]
    low = shapes(small, data_format)
    model = Sequential([Input(low), layers.Identity()])
    with pytest.raises(ShapeError) as refused:
        model.add(make(data_format=data_format, name="last"))
    sizes = ", ".join(map(str, low))
    for part in (
        "layer 'last'",
        problem,
        f"received (batch, {sizes})",
        f"Shapes so far: (batch, {sizes}) -> identity (batch, {sizes}) -> last.",
        mend,
    ):
        assert part in str(refused.value)
    assert len(model.layers) == 1  # the layer that was refused is not in it


@pytest.mark.parametrize("kind", [layers.Conv1D, layers.SeparableConv1D, layers.Conv1DTranspose])
def test_padding_lets_every_size_do(kind):
    assert kind(2, 5, padding="same")(np.ones((1, 1, 2))).shape == (1, 1, 2)
    assert layers.Conv1D(2, 5, padding="causal")(np.ones((1, 1, 2))).shape == (1, 1, 2)
    assert layers.MaxPooling1D(5, padding="same")(np.ones((1, 1, 2))).shape == (1, 1, 2)


def test_steps_of_no_fixed_length_are_looked_at_when_they_come():
    model = Sequential([Input((None, 2)), layers.Conv1D(3, 4), layers.GlobalMaxPooling1D()])
    assert model(np.ones((2, 4, 2))).shape == (2, 3)
    with pytest.raises(
        ShapeError, match=r"layer 'conv1d' .*no window fits: expected an input of at least \(batch, 4, 2\)"
    ):
        model(np.ones((2, 3, 2)))


@pytest.mark.parametrize(
    "make",
    [
        lambda: layers.Conv1D(2, 3, padding="same"), lambda: layers.MaxPooling1D(2, padding="same"),
        lambda: layers.Conv1DTranspose(2, 3), lambda: layers.ZeroPadding1D(2), lambda: layers.UpSampling1D(2),
        layers.GlobalMaxPooling1D, layers.GlobalAveragePooling1D, lambda: layers.LSTM(2), lambda: layers.Dense(2),
        lambda: layers.TimeDistributed(layers.Dense(2)),
    ],
)  # fmt: skip
def test_an_axis_of_no_length(make):
    layer = make()
    said = message(layer, np.ones((3, 0, 2)))
    assert f"layer '{layer.name}' ({type(layer).__name__}): expected " in said and "received (batch, 0, 2)" in said
    assert "Likely mend: an axis of length 0 holds nothing: look how the data were made." in said
    layer(np.ones((3, 4, 2)))
    assert "received (3, 0, 2)" in message(layer, np.ones((3, 0, 2)))


def test_a_batch_of_no_samples_is_a_batch():
    assert layers.Conv1D(2, 3)(np.ones((0, 4, 2))).shape == (0, 2, 2)
