"""Cases of the recurrent layers, the embedding and what wraps them: see `record_layers.py` for the format."""

DENSE = ["Dense", {"units": 2}]
LENGTHS = [3, -4, 0, 5]  # the first steps kept, the last ones, none, all
STACK = ["StackedRNNCells", {"cells": [["LSTMCell", {"units": 3}], ["GRUCell", {"units": 4}]]}]


def one(name: str, mask: bool = False, **arguments) -> dict:
    """A recurrent layer and a Dense layer, with or without a mask."""
    layers = [[name, {"units": 4, **arguments}], DENSE]
    if mask:
        return {"layers": [["Masking", {}], *layers], "input": [4, 5, 3], "lengths": LENGTHS}
    return {"layers": layers, "input": [4, 5, 3]}


def wrapped(layer: list, mask: bool = False, **arguments) -> dict:
    """A Bidirectional and a Dense layer, with or without a mask."""
    layers = [["Bidirectional", {"layer": layer, **arguments}], DENSE]
    if mask:
        return {"layers": [["Masking", {}], *layers], "input": [4, 5, 3], "lengths": LENGTHS}
    return {"layers": layers, "input": [4, 5, 3]}


def embedded(*layers: list, **arguments) -> dict:
    """An Embedding with a mask, and layers after it."""
    return {
        "layers": [["Embedding", {"input_dim": 9, "output_dim": 3, "mask_zero": True}], *layers, DENSE],
        "input": [4, 5],
        "ids": 9,
        "lengths": LENGTHS,
        **arguments,
    }


CASES = {
    **{
        f"{name}{suffix}": one(name, **arguments)
        for name in ("SimpleRNN", "LSTM", "GRU")
        for suffix, arguments in {
            "": {},
            "_sequences": {"return_sequences": True},
            "_backwards": {"go_backwards": True, "return_sequences": True, "unroll": True},
            "_relu": {"activation": "relu"},
            "_no_bias": {"use_bias": False},
            "_masked": {"mask": True},
            "_masked_sequences": {"mask": True, "return_sequences": True},
            "_masked_backwards": {"mask": True, "go_backwards": True},
            "_regularized": {
                "kernel_regularizer": "l2",
                "recurrent_regularizer": "l1",
                "bias_regularizer": "l2",
                "recurrent_constraint": "max_norm",
            },
        }.items()
    },
    "LSTM_other_activations": one("LSTM", activation="softsign", recurrent_activation="hard_sigmoid", mask=True),
    "LSTM_activity": one("LSTM", activity_regularizer="l2"),
    "LSTM_no_forget_bias": one("LSTM", unit_forget_bias=False, bias_initializer="ones"),
    "GRU_reset_before": one("GRU", reset_after=False, mask=True),
    "GRU_reset_before_no_bias": one("GRU", reset_after=False, use_bias=False, recurrent_activation="hard_sigmoid"),
    "LSTM_one_step": {"layers": [["LSTM", {"units": 3}], DENSE], "input": [2, 1, 3]},
    **{
        f"{name}_of_zeros{'_sequences' if sequences else ''}": one(
            name, zero_output_for_mask=True, return_sequences=sequences, mask=True
        )
        for name in ("SimpleRNN", "LSTM", "GRU")
        for sequences in (False, True)
    },
    "RNN_of_cell": {
        "layers": [["Masking", {}], ["RNN", {"cell": ["LSTMCell", {"units": 3}], "zero_output_for_mask": True}], DENSE],
        "input": [4, 5, 3],
        "lengths": LENGTHS,
    },
    "RNN_of_cell_sequences": {
        "layers": [
            ["Masking", {}],
            ["RNN", {"cell": ["GRUCell", {"units": 3}], "zero_output_for_mask": True, "return_sequences": True}],
            DENSE,
        ],
        "input": [4, 5, 3],
        "lengths": LENGTHS,
    },
    "RNN_of_stack": {
        "layers": [["Masking", {}], ["RNN", {"cell": STACK, "return_sequences": True}], DENSE],
        "input": [4, 5, 3],
        "lengths": LENGTHS,
    },
    **{
        f"bidirectional_{mode}{suffix}": wrapped(
            ["LSTM", {"units": 3, "return_sequences": sequences}], mask=mask, merge_mode=mode
        )
        for mode in ("concat", "sum", "mul", "ave")
        for suffix, sequences, mask in (("", False, False), ("_sequences", True, True))
    },
    "bidirectional_masked": wrapped(["GRU", {"units": 3}], mask=True),
    "bidirectional_two_kinds": wrapped(
        ["SimpleRNN", {"units": 3}], backward_layer=["GRU", {"units": 3, "go_backwards": True}]
    ),
    "bidirectional_activity": wrapped(["LSTM", {"units": 3, "activity_regularizer": "l2", "return_sequences": True}]),
    "bidirectional_stack": wrapped(["RNN", {"cell": STACK}], mask=True),
    "stateful": {
        "layers": [["LSTM", {"units": 3, "stateful": True}], DENSE],
        "input": [4, 5, 3],
        "fixed_batch": True,
        "optimizer": ["SGD", {"learning_rate": 0.05}],
    },
    "time_distributed_dense": {
        "layers": [["TimeDistributed", {"layer": ["Dense", {"units": 3, "activation": "tanh"}]}], DENSE],
        "input": [3, 4, 2],
    },
    "time_distributed_normalization": {
        "layers": [["TimeDistributed", {"layer": ["BatchNormalization", {"momentum": 0.7}]}], DENSE],
        "input": [6, 3, 2],
    },
    "time_distributed_lstm": {
        "layers": [["TimeDistributed", {"layer": ["LSTM", {"units": 3}]}], ["GRU", {"units": 2}], DENSE],
        "input": [2, 3, 4, 2],
    },
    "time_distributed_images": {
        "layers": [
            ["TimeDistributed", {"layer": ["Conv2D", {"filters": 2, "kernel_size": 2, "activation": "tanh"}]}],
            ["TimeDistributed", {"layer": ["Flatten", {}]}],
            ["LSTM", {"units": 3}],
            DENSE,
        ],
        "input": [2, 3, 4, 4, 1],
    },
    "masking_value": {
        "layers": [["Masking", {"mask_value": -7.0}], ["SimpleRNN", {"units": 3}], DENSE],
        "input": [4, 5, 3],
        "lengths": LENGTHS,
        "pad": -7.0,
    },
    "mask_through_layers": {
        "layers": [
            ["Masking", {}],
            ["TimeDistributed", {"layer": ["Dense", {"units": 3}]}],
            ["LayerNormalization", {}],
            ["LSTM", {"units": 3, "return_sequences": True}],
            ["Bidirectional", {"layer": ["GRU", {"units": 3}]}],
            DENSE,
        ],
        "input": [4, 5, 3],
        "lengths": LENGTHS,
    },
    "embedding": {
        "layers": [["Embedding", {"input_dim": 7, "output_dim": 3}], ["Flatten", {}], DENSE],
        "input": [3, 4],
        "ids": 7,
        "optimizer": ["SGD", {"learning_rate": 0.05}],
    },
    "embedding_regularized": {
        "layers": [
            [
                "Embedding",
                {
                    "input_dim": 7,
                    "output_dim": 3,
                    "embeddings_regularizer": "l2",
                    "embeddings_constraint": "unit_norm",
                    "embeddings_initializer": "normal",
                },
            ],
            ["Flatten", {}],
            DENSE,
        ],
        "input": [3, 4],
        "ids": 7,
    },
    "embedding_lstm": embedded(["LSTM", {"units": 3}]),
    "embedding_lstm_sequences": embedded(["LSTM", {"units": 3, "return_sequences": True}]),
    "embedding_lstm_weighted": embedded(
        ["LSTM", {"units": 3, "kernel_regularizer": "l2", "activity_regularizer": "l1"}], sample_weight=True
    ),
    "embedding_gru_steps_weighted": embedded(
        ["GRU", {"units": 3, "return_sequences": True, "recurrent_regularizer": "l2"}], sample_weight="steps"
    ),
    "embedding_both_ways_steps_weighted": embedded(
        ["Bidirectional", {"layer": ["LSTM", {"units": 2, "return_sequences": True, "bias_regularizer": "l1"}]}],
        sample_weight="steps",
    ),
    "embedding_stacked": embedded(
        ["LSTM", {"units": 3, "return_sequences": True}],
        ["Bidirectional", {"layer": ["GRU", {"units": 2}]}],
        optimizer=["SGD", {"learning_rate": 0.05}],
    ),
    "embedding_average": embedded(["GlobalAveragePooling1D", {}], lengths=[3, -4, 2, 5]),
}
