"""Cases of the convolutional LSTMs, recorded on the JAX backend: see `record_layers.py` for the format."""

FLAT = [["Flatten", {}], ["Dense", {"units": 2}]]


def images(first: bool = False, **arguments) -> dict:
    """A ConvLSTM2D and a Dense layer, with channels last or first."""
    layers = [["ConvLSTM2D", {"filters": 3, "kernel_size": 2, **arguments}], *FLAT]
    return {"layers": layers, "input": [4, 5, 2, 4, 3] if first else [4, 5, 4, 3, 2]}


CASES = {
    "rows": {
        "layers": [["ConvLSTM1D", {"filters": 3, "kernel_size": 3, "strides": 2}], *FLAT],
        "input": [3, 4, 7, 2],
    },
    "volumes": {
        "layers": [["ConvLSTM3D", {"filters": 2, "kernel_size": 2, "padding": "same"}], *FLAT],
        "input": [2, 3, 3, 4, 3, 2],
    },
    "images": images(),
    "sequences": images(return_sequences=True, padding="same"),
    "backwards": images(return_sequences=True, go_backwards=True, kernel_size=[3, 2]),
    "strides": images(strides=[2, 1], padding="same", kernel_size=3),
    "dilation": images(dilation_rate=2, padding="same"),
    "channels_first": images(first=True, data_format="channels_first", return_sequences=True, activation="softmax"),
    "no_bias": images(use_bias=False),
    "no_forget_bias": images(unit_forget_bias=False, bias_initializer="ones"),
    "other_activations": images(activation="softsign", recurrent_activation="hard_sigmoid"),
    "regularized": images(
        kernel_regularizer="l2", recurrent_regularizer="l1", bias_regularizer="l2", recurrent_constraint="max_norm",
        activity_regularizer="l2",
    ),
    "many_channels": {
        "layers": [["ConvLSTM2D", {"filters": 16, "kernel_size": 3, "padding": "same"}], *FLAT],
        "input": [2, 3, 4, 4, 2],
    },
    "bidirectional": {
        "layers": [["Bidirectional", {"layer": ["ConvLSTM2D", {"filters": 2, "kernel_size": 2}]}], *FLAT],
        "input": [3, 4, 4, 3, 2],
    },
    "bidirectional_channels_first": {
        "layers": [
            [
                "Bidirectional",
                {"layer": ["ConvLSTM2D", {"filters": 2, "kernel_size": 2, "data_format": "channels_first"}]},
            ],
            *FLAT,
        ],
        "input": [3, 4, 2, 4, 3],
    },
}  # fmt: skip
