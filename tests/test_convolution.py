"""Convolution, pooling, padding and upsampling: gradients and contract, plain loops, options, refusals."""

import itertools
from pathlib import Path

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, layers
from lamina.errors import OptionError, ShapeError
from lamina.experiments import load
from lamina.testing import check_layer

rng = np.random.default_rng(3)


def draw(*shape):
    return rng.normal(size=shape)


CASES = {
    "conv1d": (layers.Conv1D(3, 3), draw(2, 5, 2)),
    "conv1d one step": (layers.Conv1D(3, 3, padding="same"), draw(1, 1, 2)),
    "conv1d causal": (layers.Conv1D(2, 3, padding="causal", dilation_rate=2), draw(2, 6, 2)),
    "conv2d": (layers.Conv2D(3, 3, activation="tanh"), draw(2, 5, 6, 2)),
    "conv2d one sample": (layers.Conv2D(2, (2, 3), use_bias=False), draw(1, 3, 4, 1)),
    "conv2d same": (layers.Conv2D(2, (3, 2), padding="same", strides=2), draw(2, 5, 4, 2)),
    "conv2d gaps": (layers.Conv2D(2, 2, strides=3), draw(2, 7, 8, 1)),
    "conv2d dilated": (layers.Conv2D(2, 3, dilation_rate=(2, 1), padding="same"), draw(1, 6, 5, 2)),
    "conv2d grouped": (layers.Conv2D(4, 3, groups=2, padding="same"), draw(2, 4, 4, 4)),
    "conv2d pointwise": (layers.Conv2D(3, 1, activation="softmax"), draw(2, 3, 3, 2)),
    "conv2d channels first": (layers.Conv2D(3, 3, data_format="channels_first"), draw(2, 2, 5, 4)),
    "conv3d": (layers.Conv3D(2, 2, strides=(1, 2, 1), padding="same"), draw(1, 2, 3, 3, 2)),
    "transpose1d": (layers.Conv1DTranspose(2, 3, strides=2), draw(2, 3, 2)),
    "transpose2d": (layers.Conv2DTranspose(2, 3, strides=2, padding="same", activation="tanh"), draw(1, 3, 2, 2)),
    "transpose2d gaps": (layers.Conv2DTranspose(2, 2, strides=3), draw(1, 2, 3, 2)),
    "transpose2d further": (layers.Conv2DTranspose(2, 3, strides=2, output_padding=1), draw(1, 2, 3, 2)),
    "transpose1d cut": (layers.Conv1DTranspose(2, 4, padding="same", output_padding=0), draw(2, 4, 2)),
    "transpose2d cut": (
        layers.Conv2DTranspose(1, (2, 4), strides=2, padding="same", output_padding=0),
        draw(1, 3, 2, 2),
    ),
    "transpose2d channels first": (layers.Conv2DTranspose(2, 3, data_format="channels_first"), draw(1, 2, 3, 2)),
    "transpose3d": (layers.Conv3DTranspose(1, 2, strides=2, use_bias=False), draw(1, 2, 2, 2, 1)),
    "depthwise1d": (layers.DepthwiseConv1D(2, strides=2, padding="same"), draw(2, 5, 2)),
    "depthwise2d": (layers.DepthwiseConv2D(3, depth_multiplier=2, activation="tanh"), draw(2, 4, 5, 2)),
    "depthwise2d dilated": (layers.DepthwiseConv2D(2, dilation_rate=2, data_format="channels_first"), draw(1, 2, 4, 4)),
    "separable1d": (layers.SeparableConv1D(2, 2, depth_multiplier=2), draw(2, 4, 2)),
    "separable2d": (layers.SeparableConv2D(3, 3, padding="same", strides=2, activation="tanh"), draw(1, 4, 5, 2)),
    "max1d": (layers.MaxPooling1D(2, strides=1), draw(2, 5, 2)),
    "max2d": (layers.MaxPooling2D(), draw(2, 5, 4, 2)),
    "max2d overlapping": (layers.MaxPooling2D(3, strides=2, padding="same"), draw(2, 5, 6, 2)),
    "max2d channels first": (layers.MaxPooling2D(2, data_format="channels_first"), draw(1, 2, 4, 4)),
    "max3d": (layers.MaxPooling3D(2, padding="same"), draw(1, 3, 2, 3, 1)),
    "average1d": (layers.AveragePooling1D(3, strides=2, padding="same"), draw(2, 6, 2)),
    "average2d": (layers.AveragePooling2D(2, strides=3), draw(2, 5, 5, 2)),
    "average3d": (layers.AveragePooling3D(2), draw(1, 2, 4, 2, 2)),
    "global max1d": (layers.GlobalMaxPooling1D(), draw(2, 4, 3)),
    "global max2d": (layers.GlobalMaxPooling2D(keepdims=True), draw(2, 3, 3, 2)),
    "global max3d": (layers.GlobalMaxPooling3D("channels_first"), draw(2, 2, 2, 2, 2)),
    "global average1d": (layers.GlobalAveragePooling1D(), draw(2, 4, 3)),
    "global average2d": (layers.GlobalAveragePooling2D(), draw(2, 3, 3, 2)),
    "global average3d": (layers.GlobalAveragePooling3D(keepdims=True), draw(2, 2, 2, 2, 2)),
    "zero padding1d": (layers.ZeroPadding1D((1, 2)), draw(2, 3, 2)),
    "zero padding2d": (layers.ZeroPadding2D(((1, 0), (2, 1))), draw(1, 2, 3, 2)),
    "zero padding3d": (layers.ZeroPadding3D(1, "channels_first"), draw(1, 2, 2, 1, 2)),
    "cropping1d": (layers.Cropping1D((1, 0)), draw(2, 4, 2)),
    "cropping2d": (layers.Cropping2D(((1, 0), (0, 1))), draw(1, 3, 3, 2)),
    "cropping3d": (layers.Cropping3D(((0, 1), (1, 0), (0, 0))), draw(1, 2, 3, 2, 2)),
    "upsampling1d": (layers.UpSampling1D(3), draw(2, 2, 2)),
    "upsampling2d": (layers.UpSampling2D((2, 3)), draw(1, 3, 2, 2)),
    "upsampling2d bilinear": (layers.UpSampling2D(2, interpolation="bilinear"), draw(1, 3, 2, 2)),
    "upsampling2d bicubic": (layers.UpSampling2D((2, 3), interpolation="bicubic"), draw(1, 4, 2, 2)),
    "upsampling2d bicubic channels first": (layers.UpSampling2D(2, "channels_first", "bicubic"), draw(1, 2, 3, 2)),
    "upsampling2d lanczos3": (layers.UpSampling2D((1, 2), interpolation="lanczos3"), draw(1, 2, 5, 2)),
    "upsampling2d lanczos5": (layers.UpSampling2D((3, 2), interpolation="lanczos5"), draw(2, 1, 3, 2)),
    "upsampling3d": (layers.UpSampling3D(2, "channels_first"), draw(1, 2, 2, 1, 2)),
}


@pytest.mark.parametrize("name", CASES)
def test_layer(name):
    check_layer(*CASES[name])


CHANNELS_FIRST = {
    "conv1d": lambda **o: layers.Conv1D(4, 2, **o),
    "conv2d": lambda **o: layers.Conv2D(4, 2, **o),
    "transpose2d": lambda **o: layers.Conv2DTranspose(4, 2, **o),
    "depthwise2d": lambda **o: layers.DepthwiseConv2D(2, **o),
    "separable2d": lambda **o: layers.SeparableConv2D(4, 2, **o),
}


@pytest.mark.parametrize("activation", ["softmax", "relu"])
@pytest.mark.parametrize("name", CHANNELS_FIRST)
def test_an_activation_sees_the_data_as_they_lie(name, activation):
    """As in Keras: along the last axis, whichever that is, as an Activation layer behind does."""
    x = draw(2, 3, 5) if name == "conv1d" else draw(2, 3, 5, 6)
    with_it = CHANNELS_FIRST[name](activation=activation, data_format="channels_first")
    check_layer(with_it, x, zero_gradients=("bias",))  # one number added along the axis of a softmax changes nothing
    without = CHANNELS_FIRST[name](data_format="channels_first")
    without(x)
    with_it(x)
    without.set_weights(with_it.get_weights())
    np.testing.assert_array_equal(with_it(x), layers.Activation(activation)(without(x)))


def test_a_mean_over_a_mask():
    mask = np.array([[True, True, False], [False, True, True]])
    check_layer(layers.GlobalAveragePooling1D(), draw(2, 3, 2), mask=mask)


def test_the_mean_over_no_steps_is_zero():
    layer = layers.GlobalAveragePooling1D()
    y = layer(draw(2, 3, 2), mask=np.array([[True, False, True], [False, False, False]]))
    assert y[0].all() and not y[1].any()
    assert not layer.backward(np.ones((2, 2)))[1].any()


def test_convolution_by_plain_loops():
    lamina.config.set_floatx("float64")
    x, layer = draw(2, 6, 7, 2), layers.Conv2D(3, (2, 3), strides=(2, 1), bias_initializer="random_normal")
    y = layer(x)
    expected = np.zeros((2, 3, 5, 3))
    for b, i, j, f in np.ndindex(expected.shape):
        window = x[b, 2 * i : 2 * i + 2, j : j + 3]
        expected[b, i, j, f] = (window * layer.kernel.value[..., f]).sum() + layer.bias.value[f]
    np.testing.assert_allclose(y, expected, rtol=1e-12)


@pytest.mark.parametrize(("size", "pool", "stride"), list(itertools.product([5, 6], [2, 3], [1, 2, 3])))
def test_pooling_by_plain_loops(size, pool, stride):
    x = draw(2, size, 3).astype("float32")
    windows = [x[:, start : start + pool] for start in range(0, size - pool + 1, stride)]
    for cls, of in ((layers.MaxPooling1D, np.max), (layers.AveragePooling1D, np.mean)):
        np.testing.assert_allclose(cls(pool, stride)(x), np.stack([of(w, axis=1) for w in windows], axis=1), rtol=1e-6)


def test_a_tie_sends_its_gradient_to_the_first():
    layer = layers.MaxPooling2D()
    layer(np.ones((1, 2, 2, 1)))
    assert layer.backward(np.ones((1, 1, 1, 1), "float32")).ravel().tolist() == [1, 0, 0, 0]


def test_the_layout_of_the_settings():
    lamina.config.set_image_data_format("channels_first")
    assert layers.Conv2D(4, 3)(np.ones((1, 2, 5, 5))).shape == (1, 4, 3, 3)


class TestRefusals:
    def test_no_window_fits(self):
        model = Sequential([Input((5, 5, 1)), layers.Conv2D(2, 3), layers.MaxPooling2D(2)])
        with pytest.raises(ShapeError) as refused:
            model.add(layers.Conv2D(2, 3, name="last"))
        for part in (
            "layer 'last' (Conv2D): no window fits: expected an input of at least (batch, 3, 3, 2), received (batch, 1, 1, 2)",
            'Likely mend: take a smaller window or padding="same"',
            "Shapes so far: (batch, 5, 5, 1) -> conv2d (batch, 3, 3, 2) -> max_pooling2d (batch, 1, 1, 2) -> last",
        ):
            assert part in str(refused.value)

    @pytest.mark.parametrize(
        ("call", "said"),
        [
            (lambda: layers.Conv2D(0, 3), r"Conv2D\(filters=...\): expected a whole number of 1 or more, received 0"),
            (
                lambda: layers.Conv2D(2, (3, 0)),
                r"Conv2D\(kernel_size=...\): expected a whole number of 1 or more, or 2 of them",
            ),
            (lambda: layers.Conv2D(2, (3, 3, 3)), "or 2 of them, received"),
            (
                lambda: layers.Conv2D(3, 3, groups=2),
                r"Conv2D\(filters=...\): expected a multiple of groups=2, received 3",
            ),
            (lambda: layers.Conv2D(2, 3, padding="causal"), "expected one of 'valid', 'same', received 'causal'"),
            (lambda: layers.Conv2D(2, 3, strides=2, dilation_rate=2), "expected one of them 1, received both above 1"),
            (
                lambda: layers.Conv2DTranspose(2, 3, strides=2, output_padding=2),
                "output_padding=...\\): expected less than",
            ),
            (lambda: layers.MaxPooling2D(0), r"MaxPooling2D\(pool_size=...\)"),
            (
                lambda: layers.UpSampling2D(2, interpolation="cubic"),
                "expected one of 'nearest', 'bilinear', 'bicubic', 'lanczos3', 'lanczos5'",
            ),
            (lambda: layers.ZeroPadding2D((1, 2, 3)), "expected a number, or 2 numbers or pairs"),
        ],
    )
    def test_options(self, call, said):
        with pytest.raises(OptionError, match=said):
            call()

    def test_shapes(self):
        with pytest.raises(ShapeError, match=r"channels: expected a multiple of groups=2, received \(batch, 4, 4, 3\)"):
            layers.Conv2D(2, 3, groups=2)(np.ones((1, 4, 4, 3)))
        layer = layers.Conv2D(2, 3)
        layer(np.ones((1, 4, 4, 3)))
        with pytest.raises(ShapeError, match=r"expected \(batch, any, any, 3\), received \(1, 4, 4, 2\)"):
            layer(np.ones((1, 4, 4, 2)))
        with pytest.raises(ShapeError, match=r"layer 'conv2d' \(Conv2D\): expected \(batch, any, any, any\)"):
            layers.Conv2D(2, 3)(np.ones((4, 4, 3)))

    def test_a_missing_flatten_is_said_by_the_loss(self):
        model = Sequential([Input((6, 6, 1)), layers.Conv2D(2, 3), layers.Dense(3, activation="softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy")
        with pytest.raises(ShapeError, match="add Flatten before the last Dense"):
            model.fit(np.ones((4, 6, 6, 1)), [0, 1, 2, 0], verbose=0)


@pytest.mark.slow
def test_learns():
    result = load(Path(lamina.__file__).parent / "configs" / "digits_cnn.yaml").run(verbose=0)
    assert result.validation["accuracy"] >= 0.985
