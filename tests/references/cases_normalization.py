"""Cases of the layers that normalise, and of those that only act in training: see `record_layers.py` for the format.

The losses of five training steps fix the moving statistics, too: they are among the weights recorded after them.
"""

DENSE = ["Dense", {"units": 3}]


def between(*layers: list) -> list:
    return [["Dense", {"units": 4}], *layers, DENSE]


CASES = {
    "batch": {"layers": between(["BatchNormalization", {}]), "input": [6, 3]},
    "batch_moving_fast": {
        "layers": [["BatchNormalization", {"momentum": 0.6, "epsilon": 0.01}], DENSE],
        "input": [6, 3],
        "optimizer": ["Adam", {"learning_rate": 0.05}],
    },
    "batch_images": {
        "layers": [["BatchNormalization", {"momentum": 0.5}], ["Flatten", {}], DENSE],
        "input": [3, 4, 5, 2],
    },
    "batch_channels_first": {
        "layers": [["BatchNormalization", {"axis": 1, "momentum": 0.5}], ["Flatten", {}], DENSE],
        "input": [3, 4, 5, 2],
    },
    "batch_no_center": {"layers": between(["BatchNormalization", {"center": False, "momentum": 0.5}]), "input": [6, 3]},
    "batch_no_scale": {"layers": between(["BatchNormalization", {"scale": False, "momentum": 0.5}]), "input": [6, 3]},
    "batch_initialized": {
        "layers": between(
            [
                "BatchNormalization",
                {
                    "beta_initializer": "ones",
                    "gamma_initializer": "zeros",
                    "moving_mean_initializer": "ones",
                    "moving_variance_initializer": "ones",
                    "gamma_regularizer": "l2",
                    "beta_regularizer": "l1",
                    "gamma_constraint": "non_neg",
                },
            ]
        ),
        "input": [6, 3],
    },
    "batch_frozen": {"layers": between(["BatchNormalization", {"trainable": False, "momentum": 0.5}]), "input": [6, 3]},
    "batch_masked": {
        "layers": [["Masking", {}], ["BatchNormalization", {"momentum": 0.5}], DENSE],
        "input": [4, 5, 2],
        "lengths": [5, 3, 1, 4],
    },
    "layer": {"layers": between(["LayerNormalization", {}]), "input": [5, 3]},
    "layer_sequence": {
        "layers": between(["LayerNormalization", {"epsilon": 1e-5}]),
        "input": [3, 4, 2],
        "optimizer": ["Adam", {"learning_rate": 0.05}],
    },
    "layer_two_axes": {"layers": between(["LayerNormalization", {"axis": [1, 2]}]), "input": [3, 5, 2]},
    "layer_two_axes_from_the_end": {"layers": between(["LayerNormalization", {"axis": [-1, 1]}]), "input": [3, 5, 2]},
    "layer_first_axis": {"layers": between(["LayerNormalization", {"axis": 1}]), "input": [3, 5, 2]},
    "layer_no_center": {"layers": between(["LayerNormalization", {"center": False}]), "input": [5, 3]},
    "layer_no_scale": {"layers": between(["LayerNormalization", {"scale": False}]), "input": [5, 3]},
    "layer_masked": {
        "layers": [["Masking", {}], ["LayerNormalization", {}], DENSE],
        "input": [3, 4, 2],
        "lengths": [4, 2, 1],
    },
    "group": {"layers": between(["GroupNormalization", {"groups": 2}]), "input": [5, 3]},
    "group_images": {
        "layers": [["GroupNormalization", {"groups": 3, "epsilon": 0.01}], ["Flatten", {}], DENSE],
        "input": [2, 3, 4, 6],
    },
    "group_channels_first": {
        "layers": [["GroupNormalization", {"groups": 2, "axis": 1}], ["Flatten", {}], DENSE],
        "input": [2, 4, 3, 2],
    },
    "group_middle_axis": {
        "layers": [["GroupNormalization", {"groups": 2, "axis": -2}], ["Flatten", {}], DENSE],
        "input": [2, 3, 4, 2],
    },
    "instance": {"layers": between(["GroupNormalization", {"groups": -1, "center": False}]), "input": [3, 5, 2]},
    "one_group": {"layers": between(["GroupNormalization", {"groups": 1, "scale": False}]), "input": [3, 5, 2]},
    "rms": {"layers": between(["RMSNormalization", {}]), "input": [5, 3]},
    "rms_two_axes": {"layers": between(["RMSNormalization", {"axis": [1, 2], "epsilon": 0.01}]), "input": [3, 5, 2]},
    "unit": {"layers": between(["UnitNormalization", {}]), "input": [5, 3]},
    "unit_two_axes": {"layers": between(["UnitNormalization", {"axis": [1, 2]}]), "input": [3, 5, 2]},
    "quiet_noise": {
        "layers": between(
            ["GaussianNoise", {"stddev": 0.0}],
            ["GaussianDropout", {"rate": 0.0}],
            ["AlphaDropout", {"rate": 0.0}],
            ["SpatialDropout1D", {"rate": 0.0}],
            ["Identity", {}],
        ),
        "input": [3, 5, 2],
    },
    "noise_at_inference": {
        "layers": between(
            ["GaussianNoise", {"stddev": 0.5}],
            ["GaussianDropout", {"rate": 0.5}],
            ["AlphaDropout", {"rate": 0.5}],
            ["SpatialDropout1D", {"rate": 0.5}],
        ),
        "input": [3, 5, 2],
        "train": False,
    },
    "activity": {"layers": between(["ActivityRegularization", {"l1": 0.02, "l2": 0.3}]), "input": [5, 3]},
    "rescaling": {"layers": [["Rescaling", {"scale": 0.5, "offset": -1.0}], DENSE], "input": [5, 3]},
    "rescaling_channels": {
        "layers": [["Rescaling", {"scale": [0.5, 2.0, 1.0], "offset": [0.0, 1.0, -1.0]}], DENSE],
        "input": [5, 3],
    },
    "normalization_given": {
        "layers": [["Normalization", {"mean": [0.5, -1.0, 2.0], "variance": [4.0, 0.25, 1.0]}], DENSE],
        "input": [5, 3],
    },
    "normalization_inverted": {
        "layers": [["Normalization", {"axis": None, "mean": 0.5, "variance": 4.0, "invert": True}], DENSE],
        "input": [5, 3],
    },
    "normalization_two_axes": {
        "layers": [["Normalization", {"axis": [1, 2], "mean": [0.5, -1.0], "variance": [4.0, 0.25]}], DENSE],
        "input": [3, 5, 2],
    },
    "spectral_dense": {
        "layers": between(["SpectralNormalization", {"layer": ["Dense", {"units": 4, "activation": "tanh"}]}]),
        "input": [5, 3],
    },
    "spectral_convolution": {
        "layers": [
            [
                "SpectralNormalization",
                {
                    "layer": ["Conv2D", {"filters": 4, "kernel_size": 2, "kernel_regularizer": "l2"}],
                    "power_iterations": 3,
                },
            ],
            ["Flatten", {}],
            DENSE,
        ],
        "input": [3, 4, 4, 2],
    },
}
