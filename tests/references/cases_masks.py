"""Cases of layers that a mask comes to: [class name, arguments] and the shape of x; the mask covers its first two axes.

`MASK` has a row padded on the right, one on the left, one with nothing but padding, and one with gaps.
"""

MASK = [[1, 1, 1, 0], [0, 0, 1, 1], [0, 0, 0, 0], [1, 0, 1, 0]]
SEQUENCES, IMAGES, VOLUMES = [4, 4, 4], [4, 4, 4, 2], [4, 4, 4, 4, 1]
LSTM = ["LSTM", {"units": 2}]


def rank(number: int) -> list[int]:
    """The shape of x for a layer of that many dimensions in space."""
    return [SEQUENCES, IMAGES, VOLUMES][number - 1]


CASES = {
    **{
        name: ([name, arguments], SEQUENCES)
        for name, arguments in {
            "Activation": {"activation": "tanh"},
            "ActivityRegularization": {},
            "AlphaDropout": {"rate": 0.5},
            "BatchNormalization": {},
            "Dense": {"units": 3},
            "Dropout": {"rate": 0.5},
            "EinsumDense": {"equation": "abc,cd->abd", "output_shape": [None, 3]},
            "ELU": {},
            "Flatten": {},
            "GaussianDropout": {"rate": 0.5},
            "GaussianNoise": {"stddev": 0.5},
            "GlobalAveragePooling1D": {},
            "GlobalMaxPooling1D": {},
            "GroupNormalization": {"groups": 2},
            "Identity": {},
            "LayerNormalization": {},
            "LeakyReLU": {},
            "MultiHeadAttention": {"num_heads": 1, "key_dim": 2},
            "Normalization": {"mean": 0.0, "variance": 1.0},
            "PReLU": {},
            "Permute": {"dims": [2, 1]},
            "ReLU": {},
            "Rescaling": {"scale": 2.0},
            "Reshape": {"target_shape": [2, 8]},
            "RMSNormalization": {},
            "Softmax": {},
            "SpatialDropout1D": {"rate": 0.5},
            "UnitNormalization": {},
            "Cropping1D": {"cropping": 1},
            "ZeroPadding1D": {"padding": 1},
            "UpSampling1D": {"size": 2},
        }.items()
    },
    **{
        f"{kind}{number}D": ([f"{kind}{number}D", arguments], rank(number))
        for kind, arguments, ranks in (
            ("Conv", {"filters": 2, "kernel_size": 2}, (1, 2, 3)),
            ("DepthwiseConv", {"kernel_size": 2}, (1, 2)),
            ("SeparableConv", {"filters": 2, "kernel_size": 2}, (1, 2)),
            ("MaxPooling", {}, (1, 2, 3)),
            ("AveragePooling", {"pool_size": 2}, (1, 2, 3)),
            ("GlobalMaxPooling", {}, (2, 3)),
            ("GlobalAveragePooling", {}, (2, 3)),
            ("Cropping", {}, (2, 3)),
            ("ZeroPadding", {}, (2, 3)),
            ("UpSampling", {}, (2, 3)),
            ("SpatialDropout", {"rate": 0.5}, (2, 3)),
        )
        for number in ranks
    },
    **{
        f"Conv{number}DTranspose": ([f"Conv{number}DTranspose", {"filters": 2, "kernel_size": 2}], rank(number))
        for number in (1, 2, 3)
    },
    **{
        f"{name}{suffix}": ([name, {"units": 2, **arguments}], SEQUENCES)
        for name in ("SimpleRNN", "LSTM", "GRU")
        for suffix, arguments in {
            "": {},
            " sequences": {"return_sequences": True},
            " backwards": {"return_sequences": True, "go_backwards": True},
        }.items()
    },
    **{
        f"ConvLSTM{n}D{suffix}": ([f"ConvLSTM{n}D", {"filters": 2, "kernel_size": 1, **arguments}], [4, *rank(n)])
        for n in (1, 2, 3)
        for suffix, arguments in {"": {}, " sequences": {"return_sequences": True}}.items()
    },
    "RNN": (["RNN", {"cell": ["GRUCell", {"units": 2}]}], SEQUENCES),
    "RNN sequences": (["RNN", {"cell": ["GRUCell", {"units": 2}], "return_sequences": True}], SEQUENCES),
    "Bidirectional": (["Bidirectional", {"layer": LSTM}], SEQUENCES),
    "Bidirectional sequences": (
        ["Bidirectional", {"layer": ["LSTM", {"units": 2, "return_sequences": True}]}],
        SEQUENCES,
    ),
    "TimeDistributed": (["TimeDistributed", {"layer": ["Dense", {"units": 2}]}], SEQUENCES),
    **{
        f"Adaptive{kind}Pooling{n}D": ([f"Adaptive{kind}Pooling{n}D", {"output_size": 2}], rank(n))
        for kind in ("Average", "Max")
        for n in (1, 2, 3)
    },
    "MelSpectrogram": (["MelSpectrogram", {"fft_length": 4, "sequence_stride": 2, "num_mel_bins": 2}], [4, 4]),
    "STFTSpectrogram": (["STFTSpectrogram", {"frame_length": 2, "window": None}], SEQUENCES),
    "TimeDistributed flat": (["TimeDistributed", {"layer": ["Flatten", {}]}], IMAGES),
    "Embedding": (["Embedding", {"input_dim": 3, "output_dim": 2}], [4, 4]),
    "Embedding zero": (["Embedding", {"input_dim": 3, "output_dim": 2, "mask_zero": True}], [4, 4]),
    "Masking": (["Masking", {"mask_value": 1.0}], SEQUENCES),
    "RepeatVector": (["RepeatVector", {"n": 2}], [4, 4]),
}


def draw(shape: list[int]):
    """x for a case: small whole numbers, so that ids and masked values are among them."""
    import numpy as np

    return np.random.default_rng(0).integers(0, 2, shape).astype("int32" if len(shape) == 2 else "float32")
