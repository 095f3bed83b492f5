"""Cases of the attention layers, and of EinsumDense.

`CASES` is in the format of `record_layers.py`. `CALLS`, for `record_attention.py`, are calls of one layer, because Keras's
attention layers take several inputs:
    layer     [class name, arguments]
    inputs    shapes of query, value and key: three, two (the value is the key), or one for all
    lengths   steps kept in each row of each input, to make its mask; None for no mask
    call      further arguments of the call
"""


def einsum(equation: str, output_shape, **arguments) -> list:
    return ["EinsumDense", {"equation": equation, "output_shape": output_shape, **arguments}]


def heads(**arguments) -> list:
    return ["MultiHeadAttention", {"num_heads": 2, "key_dim": 3, "bias_initializer": "ones", **arguments}]


CASES = {
    "einsum_dense": {"layers": [einsum("ab,bc->ac", 4, bias_axes="c", activation="tanh")], "input": [5, 3]},
    "einsum_sequence": {"layers": [einsum("abc,cd->abd", [None, 4], bias_axes="d")], "input": [3, 5, 2]},
    "einsum_heads": {"layers": [einsum("abc,cde->abde", [None, 2, 3], bias_axes="de")], "input": [3, 5, 2]},
    "einsum_from_heads": {"layers": [einsum("abcd,cde->abe", [None, 4], bias_axes="e")], "input": [3, 2, 4, 3]},
    "einsum_shared_letter": {"layers": [einsum("abc,bcd->abd", [3, 4], bias_axes="bd")], "input": [2, 3, 5]},
    "einsum_summed_letter": {"layers": [einsum("abc,cd->ad", 4)], "input": [2, 3, 5]},
    "einsum_other_order": {"layers": [einsum("abc,ce->acbe", [2, 3, 4], bias_axes="be")], "input": [2, 3, 2]},
    "einsum_left_ellipsis": {"layers": [einsum("...x,xy->...y", 4, bias_axes="y")], "input": [2, 3, 2, 5]},
    "einsum_right_ellipsis": {"layers": [einsum("ab...,bc->ac...", 4, bias_axes="c")], "input": [2, 3, 2, 5]},
    "einsum_regularized": {
        "layers": [
            einsum(
                "abc,cd->abd",
                [None, 4],
                bias_axes="d",
                kernel_regularizer="l2",
                bias_regularizer="l1",
                kernel_constraint="max_norm",
                bias_constraint="non_neg",
            )
        ],
        "input": [3, 5, 2],
    },
}

SELF = [[3, 4, 2]]
PAIR = [[2, 3, 4], [2, 5, 4]]
TRIPLE = [[2, 3, 4], [2, 5, 3], [2, 5, 4]]
GRID = [[2, 3, 4, 5]]

CALLS = {
    "dot": {"layer": ["Attention", {}], "inputs": SELF},
    "dot_scaled": {"layer": ["Attention", {"use_scale": True}], "inputs": TRIPLE},
    "dot_pair": {"layer": ["Attention", {}], "inputs": PAIR},
    "dot_masked": {"layer": ["Attention", {"use_scale": True}], "inputs": SELF, "lengths": [[4, 2, -3]]},
    "dot_masked_pair": {"layer": ["Attention", {}], "inputs": PAIR, "lengths": [[3, 1], [5, -2]]},
    "dot_value_mask": {"layer": ["Attention", {}], "inputs": PAIR, "lengths": [None, [4, 2]]},
    "dot_causal": {"layer": ["Attention", {}], "inputs": SELF, "call": {"use_causal_mask": True}},
    "dot_causal_masked": {
        "layer": ["Attention", {}],
        "inputs": SELF,
        "lengths": [[4, 2, -3]],
        "call": {"use_causal_mask": True},
    },
    "concat": {"layer": ["Attention", {"score_mode": "concat"}], "inputs": SELF},
    "concat_scaled": {"layer": ["Attention", {"score_mode": "concat", "use_scale": True}], "inputs": TRIPLE},
    "additive": {"layer": ["AdditiveAttention", {}], "inputs": TRIPLE},
    "additive_no_scale": {"layer": ["AdditiveAttention", {"use_scale": False}], "inputs": PAIR},
    "additive_masked": {"layer": ["AdditiveAttention", {}], "inputs": SELF, "lengths": [[4, 2, -3]]},
    "heads": {"layer": heads(), "inputs": SELF},
    "heads_pair": {"layer": heads(value_dim=4), "inputs": PAIR},
    "heads_triple": {"layer": heads(use_bias=False), "inputs": TRIPLE},
    "heads_output_shape": {"layer": heads(output_shape=5), "inputs": SELF},
    "heads_output_shape_two": {"layer": heads(output_shape=[2, 3]), "inputs": SELF},
    "heads_gate": {"layer": heads(use_gate=True, value_dim=2), "inputs": PAIR},
    "heads_masked": {"layer": heads(), "inputs": SELF, "lengths": [[4, 2, -3]]},
    "heads_masked_pair": {"layer": heads(), "inputs": PAIR, "lengths": [[3, 1], [5, -2]]},
    "heads_masked_triple": {"layer": heads(), "inputs": TRIPLE, "lengths": [None, [4, 5], [5, -2]]},
    "heads_causal": {"layer": heads(), "inputs": SELF, "call": {"use_causal_mask": True}},
    "heads_causal_masked": {
        "layer": heads(),
        "inputs": SELF,
        "lengths": [[4, 2, -3]],
        "call": {"use_causal_mask": True},
    },
    "heads_window": {"layer": heads(sliding_window=2), "inputs": PAIR},
    "heads_window_causal": {"layer": heads(sliding_window=2), "inputs": SELF, "call": {"use_causal_mask": True}},
    "heads_attention_mask": {
        "layer": heads(),
        "inputs": PAIR,
        "call": {"attention_mask": [[[1, 0, 1, 0, 1]] * 3, [[0, 1, 1, 1, 1], [1, 0, 0, 0, 0], [1, 1, 1, 1, 1]]]},
    },
    "heads_dropout_at_inference": {"layer": heads(dropout=0.5), "inputs": SELF, "lengths": [[4, 2, -3]]},
    "heads_grid": {"layer": heads(), "inputs": GRID},
    "heads_rows": {"layer": heads(attention_axes=[2]), "inputs": GRID},
    "heads_columns": {"layer": heads(attention_axes=1), "inputs": GRID},
}
