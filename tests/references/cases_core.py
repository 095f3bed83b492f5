"""Cases of the layers that stand in every model: see `record_layers.py` for the format."""

DENSE = ["Dense", {"units": 3}]

CASES = {
    "dense": {"layers": [["Dense", {"units": 4, "activation": "tanh"}], DENSE], "input": [5, 3]},
    "dense_no_bias": {"layers": [["Dense", {"units": 4, "use_bias": False}]], "input": [5, 3]},
    "dense_sequence": {"layers": [["Dense", {"units": 4, "activation": "relu"}], DENSE], "input": [2, 5, 3]},
    "dense_regularized": {
        "layers": [
            ["Dense", {"units": 4, "kernel_regularizer": "l2", "bias_regularizer": "l1", "activation": "sigmoid"}],
            [
                "Dense",
                {
                    "units": 2,
                    "kernel_regularizer": {"class_name": "L1L2", "config": {"l1": 0.01, "l2": 0.02}},
                    "activity_regularizer": "l2",
                },
            ],
        ],
        "input": [5, 3],
    },
    "dense_constrained": {
        "layers": [
            ["Dense", {"units": 4, "kernel_constraint": "max_norm", "bias_constraint": "non_neg"}],
            ["Dense", {"units": 2, "kernel_constraint": "unit_norm"}],
        ],
        "input": [5, 3],
    },
    "dense_weighted": {"layers": [["Dense", {"units": 2}]], "input": [6, 3], "sample_weight": True},
    "softmax_classifier": {
        "layers": [["Dense", {"units": 5, "activation": "relu"}], ["Dense", {"units": 3, "activation": "softmax"}]],
        "input": [8, 4],
        "loss": "sparse_categorical_crossentropy",
        "optimizer": ["Adam", {"learning_rate": 0.05}],
    },
    "softmax_classifier_one_hot": {
        "layers": [["Dense", {"units": 3}], ["Softmax", {}]],
        "input": [8, 4],
        "loss": "categorical_crossentropy",
        "optimizer": ["RMSprop", {"learning_rate": 0.01}],
        "sample_weight": True,
    },
    "sigmoid_classifier": {
        "layers": [["Dense", {"units": 5, "activation": "elu"}], ["Dense", {"units": 1, "activation": "sigmoid"}]],
        "input": [8, 4],
        "loss": "binary_crossentropy",
        "optimizer": ["SGD", {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True}],
        "sample_weight": True,
    },
    "activation_layers": {
        "layers": [
            ["Dense", {"units": 6}],
            ["LeakyReLU", {"negative_slope": 0.2}],
            ["Dense", {"units": 6}],
            ["ELU", {"alpha": 0.7}],
            ["Dense", {"units": 6}],
            ["ReLU", {"max_value": 1.5, "negative_slope": 0.1, "threshold": 0.2}],
            ["Activation", {"activation": "softplus"}],
            DENSE,
        ],
        "input": [7, 4],
    },
    "prelu": {"layers": [["Dense", {"units": 4}], ["PReLU", {}], DENSE], "input": [7, 4]},
    "prelu_shared": {
        "layers": [["PReLU", {"shared_axes": [1], "alpha_initializer": "ones"}], ["Flatten", {}], DENSE],
        "input": [3, 4, 2],
    },
    "reshaping": {
        "layers": [
            ["Permute", {"dims": [2, 1]}],
            ["Reshape", {"target_shape": [2, -1]}],
            ["Flatten", {}],
            ["Dense", {"units": 4}],
            ["RepeatVector", {"n": 3}],
            DENSE,
        ],
        "input": [3, 4, 5],
    },
    "flatten_channels_first": {
        "layers": [["Flatten", {"data_format": "channels_first"}], DENSE],
        "input": [2, 3, 4, 2],
    },
    "softmax_axis": {"layers": [["Dense", {"units": 3}], ["Softmax", {"axis": 1}]], "input": [2, 4, 3]},
}
