"""Cases of convolution, pooling, padding and upsampling: see `record_layers.py` for the format."""

GENTLE = ["SGD", {"learning_rate": 0.01}]
END = [["Flatten", {}], ["Dense", {"units": 2}]]


def case(layer, arguments, shape, *more, **options):
    return {"layers": [[layer, arguments], *more, *END], "input": list(shape)} | options


CASES = {
    "conv2d": case("Conv2D", {"filters": 3, "kernel_size": 3, "activation": "relu"}, (2, 6, 7, 2)),
    "conv2d_same": case(
        "Conv2D", {"filters": 3, "kernel_size": [2, 3], "padding": "same"}, (2, 5, 6, 2), optimizer=GENTLE
    ),
    "conv2d_strided": case("Conv2D", {"filters": 3, "kernel_size": 3, "strides": 2, "padding": "same"}, (2, 6, 7, 2)),
    "conv2d_strided_valid": case("Conv2D", {"filters": 2, "kernel_size": 2, "strides": [3, 2]}, (2, 8, 7, 2)),
    "conv2d_dilated": case(
        "Conv2D",
        {"filters": 2, "kernel_size": 3, "dilation_rate": 2, "padding": "same"},
        (2, 7, 6, 2),
        optimizer=GENTLE,
    ),
    "conv2d_grouped": case("Conv2D", {"filters": 4, "kernel_size": 3, "groups": 2}, (2, 5, 5, 4), optimizer=GENTLE),
    "conv2d_pointwise": case("Conv2D", {"filters": 4, "kernel_size": 1, "use_bias": False}, (2, 3, 3, 3)),
    "conv2d_regularized": case(
        "Conv2D",
        {"filters": 2, "kernel_size": 2, "kernel_regularizer": "l2", "activity_regularizer": "l2"},
        (3, 4, 4, 1),
    ),
    "conv1d": case("Conv1D", {"filters": 3, "kernel_size": 3, "strides": 2}, (2, 9, 2)),
    "conv1d_causal": case(
        "Conv1D", {"filters": 3, "kernel_size": 3, "padding": "causal", "dilation_rate": 2}, (2, 8, 2)
    ),
    "conv3d": case(
        "Conv3D", {"filters": 2, "kernel_size": 2, "padding": "same", "strides": [1, 2, 1]}, (1, 3, 4, 3, 2)
    ),
    "depthwise2d": case(
        "DepthwiseConv2D", {"kernel_size": 3, "depth_multiplier": 2, "padding": "same"}, (2, 5, 5, 2), optimizer=GENTLE
    ),
    "depthwise2d_strided": case(
        "DepthwiseConv2D", {"kernel_size": 3, "strides": 2, "activation": "tanh"}, (2, 6, 6, 2)
    ),
    "depthwise1d": case("DepthwiseConv1D", {"kernel_size": 2, "depth_multiplier": 3}, (2, 5, 2)),
    "separable2d": case("SeparableConv2D", {"filters": 3, "kernel_size": 3, "padding": "same"}, (2, 5, 5, 2)),
    "separable1d": case("SeparableConv1D", {"filters": 3, "kernel_size": 2, "depth_multiplier": 2}, (2, 6, 2)),
    "transpose2d": case("Conv2DTranspose", {"filters": 2, "kernel_size": 3}, (2, 3, 4, 2)),
    "transpose2d_strided": case(
        "Conv2DTranspose", {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same"}, (2, 3, 4, 2)
    ),
    "transpose2d_gaps": case("Conv2DTranspose", {"filters": 2, "kernel_size": 2, "strides": 3}, (2, 3, 2, 2)),
    "transpose2d_further": case(
        "Conv2DTranspose",
        {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same", "output_padding": 1},
        (2, 3, 3, 2),
    ),
    "transpose1d": case(
        "Conv1DTranspose", {"filters": 2, "kernel_size": 4, "strides": 2, "padding": "same"}, (2, 4, 3)
    ),
    "transpose1d_cut": case(
        "Conv1DTranspose",
        {"filters": 2, "kernel_size": 4, "strides": 2, "padding": "same", "output_padding": 0},
        (2, 4, 3),
    ),
    "transpose1d_cut_dilated": case(
        "Conv1DTranspose",
        {"filters": 2, "kernel_size": 2, "dilation_rate": 3, "padding": "same", "output_padding": 0},
        (2, 6, 3),
    ),
    "transpose2d_cut": case(
        "Conv2DTranspose",
        {"filters": 2, "kernel_size": [2, 6], "strides": [1, 3], "padding": "same", "output_padding": 0},
        (2, 3, 4, 2),
        optimizer=GENTLE,
    ),
    "transpose3d_cut": case(
        "Conv3DTranspose",
        {"filters": 2, "kernel_size": 2, "strides": 2, "padding": "same", "output_padding": 0},
        (2, 2, 2, 3, 2),
    ),
    "max2d": case("MaxPooling2D", {"pool_size": 2}, (2, 5, 6, 2)),
    "max2d_overlapping": case(
        "MaxPooling2D", {"pool_size": 3, "strides": 2, "padding": "same"}, (2, 6, 7, 2), optimizer=GENTLE
    ),
    "max1d": case("MaxPooling1D", {"pool_size": 2, "strides": 1}, (2, 5, 2)),
    "max3d": case("MaxPooling3D", {}, (1, 4, 4, 4, 1)),
    "max2d_of_ties": {
        "layers": [["Dense", {"units": 2, "activation": "relu"}], ["MaxPooling2D", {"pool_size": 2}], *END],
        "input": [2, 4, 4, 2],
    },
    "average2d": case("AveragePooling2D", {"pool_size": 2, "padding": "same"}, (2, 5, 5, 2)),
    "average1d": case("AveragePooling1D", {"pool_size": 3, "strides": 1, "padding": "same"}, (2, 5, 2)),
    "average3d": case("AveragePooling3D", {"pool_size": 2}, (1, 4, 2, 4, 2)),
    "global_max2d": case("GlobalMaxPooling2D", {}, (3, 3, 4, 2), ["Reshape", {"target_shape": [2, 1]}]),
    "global_average1d": case("GlobalAveragePooling1D", {"keepdims": True}, (3, 4, 2)),
    "global_average1d_masked": {
        "layers": [["Masking", {}], ["GlobalAveragePooling1D", {}], ["Dense", {"units": 2}]],
        "input": [3, 4, 2],
        "lengths": [2, 4, -3],
    },
    "global_average3d": case("GlobalAveragePooling3D", {}, (2, 2, 3, 2, 2), ["Reshape", {"target_shape": [2, 1]}]),
    "zero_padding2d": case("ZeroPadding2D", {"padding": [[1, 0], [2, 1]]}, (2, 2, 3, 2)),
    "zero_padding1d": case("ZeroPadding1D", {"padding": 2}, (2, 3, 2)),
    "cropping2d": case("Cropping2D", {"cropping": [[1, 0], [0, 1]]}, (2, 4, 4, 2)),
    "cropping1d": case("Cropping1D", {"cropping": 1}, (2, 5, 2)),
    "upsampling2d": case("UpSampling2D", {"size": [2, 3]}, (2, 2, 3, 2), optimizer=GENTLE),
    "upsampling2d_bilinear": case(
        "UpSampling2D", {"size": [2, 3], "interpolation": "bilinear"}, (2, 3, 2, 2), optimizer=GENTLE
    ),
    "upsampling2d_bicubic": case(
        "UpSampling2D", {"size": [2, 4], "interpolation": "bicubic"}, (2, 3, 5, 2), optimizer=GENTLE
    ),
    "upsampling2d_lanczos3": case(
        "UpSampling2D", {"size": [2, 3], "interpolation": "lanczos3"}, (2, 4, 3, 2), optimizer=GENTLE
    ),
    "upsampling2d_lanczos5": case(
        "UpSampling2D", {"size": [3, 2], "interpolation": "lanczos5"}, (1, 2, 6, 2), optimizer=GENTLE
    ),
    "upsampling2d_of_one": case("UpSampling2D", {"size": 2, "interpolation": "bicubic"}, (2, 1, 1, 2)),
    "upsampling1d": case("UpSampling1D", {"size": 3}, (2, 2, 2)),
    "classic": {
        "layers": [
            ["Conv2D", {"filters": 3, "kernel_size": 3, "activation": "relu"}],
            ["MaxPooling2D", {}],
            ["Conv2D", {"filters": 4, "kernel_size": 2, "activation": "relu"}],
            ["MaxPooling2D", {}],
            ["Flatten", {}],
            ["Dense", {"units": 3, "activation": "softmax"}],
        ],
        "input": [4, 10, 10, 1],
        "loss": "sparse_categorical_crossentropy",
        "optimizer": ["Adam", {"learning_rate": 0.01}],
    },
}
