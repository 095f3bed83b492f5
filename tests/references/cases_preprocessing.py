"""Cases of the layers that turn texts, categories and bins into numbers, for `record_preprocessing.py`.

layer   [class name, arguments]
adapt   data for `adapt`, if there are any; a tuple is a list of batches
x       the input; of HashedCrossing a list of them
"""

import numpy as np

DOCUMENTS = ["The cat, sat on THE mat", "a Dog\u00a0sat É  x\x1fy", "cat!! dog", "", "  \t tab\nline "]
TERMS = ["b", "a", "b", "", "", "c", "a", "b"]
LONG = ["a", "hello", "hello world", "hello world this is long", "x" * 40, "y" * 64, "z" * 65, "w" * 200, "", "é"]
NAMES = [f"name {n}" for n in range(len(LONG))]
NUMBERS = np.random.default_rng(0).normal(size=300)


def text(**arguments) -> list:
    return ["TextVectorization", arguments]


def strings(**arguments) -> list:
    return ["StringLookup", arguments]


def integers(**arguments) -> list:
    return ["IntegerLookup", arguments]


CASES = {
    "text": {"layer": text(), "adapt": DOCUMENTS, "x": DOCUMENTS},
    "text_column": {"layer": text(), "adapt": DOCUMENTS, "x": [["cat sat"], ["unknown words here"]]},
    "text_batches": {"layer": text(), "adapt": (DOCUMENTS[:2], DOCUMENTS[2:]), "x": DOCUMENTS},
    "text_cut": {"layer": text(max_tokens=5, output_sequence_length=3), "adapt": DOCUMENTS, "x": DOCUMENTS},
    "text_padded": {"layer": text(output_sequence_length=9), "adapt": DOCUMENTS, "x": DOCUMENTS},
    "text_as_it_is": {"layer": text(standardize=None), "adapt": DOCUMENTS, "x": DOCUMENTS},
    "text_lower": {"layer": text(standardize="lower"), "adapt": DOCUMENTS, "x": DOCUMENTS},
    "text_punctuation": {"layer": text(standardize="strip_punctuation"), "adapt": DOCUMENTS, "x": DOCUMENTS},
    "text_characters": {"layer": text(split="character"), "adapt": DOCUMENTS, "x": DOCUMENTS},
    "text_unsplit": {"layer": text(split=None), "adapt": TERMS, "x": [["a", "b"], ["?", "c"]]},
    "text_unsplit_multi_hot": {
        "layer": text(split=None, output_mode="multi_hot"),
        "adapt": TERMS,
        "x": [["a", "b"], ["?", "c"]],
    },
    "text_ngrams": {"layer": text(ngrams=2), "adapt": DOCUMENTS, "x": DOCUMENTS},
    "text_four_grams": {"layer": text(ngrams=4), "adapt": DOCUMENTS, "x": DOCUMENTS},
    "text_chosen_ngrams": {"layer": text(ngrams=(3, 1)), "adapt": DOCUMENTS, "x": DOCUMENTS},
    "text_multi_hot": {"layer": text(output_mode="multi_hot"), "adapt": DOCUMENTS, "x": DOCUMENTS},
    "text_count": {
        "layer": text(output_mode="count", max_tokens=30, pad_to_max_tokens=True),
        "adapt": DOCUMENTS,
        "x": DOCUMENTS,
    },
    "text_tf_idf": {"layer": text(output_mode="tf_idf"), "adapt": DOCUMENTS, "x": DOCUMENTS},
    "text_tf_idf_padded": {
        "layer": text(output_mode="tf_idf", max_tokens=20, pad_to_max_tokens=True),
        "adapt": DOCUMENTS,
        "x": DOCUMENTS,
    },
    "text_vocabulary": {"layer": text(vocabulary=["x", "y"]), "x": ["y x q", "x"]},
    "text_special_tokens": {"layer": text(vocabulary=["", "[UNK]", "x", "y"]), "x": ["y x q", "x"]},
    "text_given_weights": {
        "layer": text(vocabulary=["x", "y"], idf_weights=[1.0, 3.0], output_mode="tf_idf"),
        "x": ["y x q y", "x"],
    },
    "text_all_given_weights": {
        "layer": text(vocabulary=["[UNK]", "x", "y"], idf_weights=[0.5, 1.0, 3.0], output_mode="tf_idf"),
        "x": ["y x q y", "x"],
    },
    "strings": {"layer": strings(), "adapt": TERMS, "x": ["a", "?", ""]},
    "strings_mask": {"layer": strings(mask_token=""), "adapt": TERMS, "x": [["a", "?"], ["", "b"]]},
    "strings_buckets": {"layer": strings(num_oov_indices=7, vocabulary=["a", "b"]), "x": LONG},
    "strings_salted": {"layer": strings(num_oov_indices=7, vocabulary=["a", "b"], salt=[5, 9]), "x": LONG},
    "strings_no_others": {"layer": strings(num_oov_indices=0, vocabulary=["a", "b"]), "x": ["b", "a"]},
    "strings_capped": {"layer": strings(max_tokens=3), "adapt": TERMS, "x": ["a", "b", "c"]},
    "strings_one_hot": {
        "layer": strings(vocabulary=["a", "b"], mask_token="", output_mode="one_hot"),
        "x": [["a", ""], ["b", "?"]],
    },
    "strings_one_hot_column": {"layer": strings(vocabulary=["a", "b"], output_mode="one_hot"), "x": [["a"], ["?"]]},
    "strings_multi_hot": {
        "layer": strings(vocabulary=["a", "b"], mask_token="", output_mode="multi_hot"),
        "x": [["a", "a"], ["", "b"]],
    },
    "strings_count": {"layer": strings(vocabulary=["a", "b"], output_mode="count"), "x": [["a", "a"], ["?", "b"]]},
    "strings_tf_idf": {
        "layer": strings(output_mode="tf_idf"),
        "adapt": [["a", "b"], ["b", "b"], ["c", "a"]],
        "x": [["a", "b", "b"], ["c", "c", "?"]],
    },
    "strings_inverted": {"layer": strings(vocabulary=["a", "b"], invert=True), "x": [0, 1, 2, 3, -1]},
    "strings_inverted_mask": {
        "layer": strings(vocabulary=["a", "b"], invert=True, mask_token=""),
        "x": [0, 1, 2, 3, 9],
    },
    "integers": {"layer": integers(), "adapt": [5, 5, 7, -1, 3], "x": [5, 9, 3, -1]},
    "integers_remainders": {"layer": integers(num_oov_indices=3, vocabulary=[10, 20]), "x": [10, 9, 3, 4, -5]},
    "integers_buckets": {
        "layer": integers(num_oov_indices=3, vocabulary=[10, 20], oov_method="farmhash"),
        "x": [10, 9, 3, 4, -5, 123456789012345678],
    },
    "integers_salted": {
        "layer": integers(num_oov_indices=3, vocabulary=[10, 20], oov_method="farmhash", salt=3),
        "x": [10, 9, 3, 4, -5],
    },
    "integers_multi_hot": {"layer": integers(vocabulary=[10, 20], output_mode="multi_hot"), "x": [[10, 9], [20, 20]]},
    "integers_inverted": {"layer": integers(vocabulary=[10, 20], mask_token=0, invert=True), "x": [0, 1, 2, 3]},
    "hashing": {"layer": ["Hashing", {"num_bins": 1000003}], "x": LONG},
    "hashing_salted": {"layer": ["Hashing", {"num_bins": 1000003, "salt": [1, 2]}], "x": LONG},
    "hashing_integers": {"layer": ["Hashing", {"num_bins": 101}], "x": [[1, 2], [-3, 400]]},
    "hashing_mask": {"layer": ["Hashing", {"num_bins": 3, "mask_value": "b"}], "x": ["a", "b", "c"]},
    "hashing_one_hot": {"layer": ["Hashing", {"num_bins": 3, "output_mode": "one_hot"}], "x": [["a", "b"], ["c", "c"]]},
    "crossing": {"layer": ["HashedCrossing", {"num_bins": 1000003}], "x": [LONG, NAMES, [*range(-5, 4), 2**62]]},
    "crossing_columns": {"layer": ["HashedCrossing", {"num_bins": 7}], "x": [[["a"], ["b"]], [[1], [2]]]},
    "crossing_one_hot": {
        "layer": ["HashedCrossing", {"num_bins": 7, "output_mode": "one_hot"}],
        "x": [["a", "b"], ["c", "c"]],
    },
    "crossing_of_one": {"layer": ["HashedCrossing", {"num_bins": 7}], "x": ["a", 3]},
    "hashing_count": {"layer": ["Hashing", {"num_bins": 3, "output_mode": "count"}], "x": [["a", "b"], ["c", "c"]]},
    "categories_one_hot": {
        "layer": ["CategoryEncoding", {"num_tokens": 4, "output_mode": "one_hot"}],
        "x": [[0, 0], [1, 3]],
    },
    "categories_multi_hot": {"layer": ["CategoryEncoding", {"num_tokens": 4}], "x": [[0, 0], [1, 3]]},
    "categories_count": {
        "layer": ["CategoryEncoding", {"num_tokens": 4, "output_mode": "count"}],
        "x": [[0, 0], [1, 3]],
    },
    "bins": {
        "layer": ["Discretization", {"bin_boundaries": [0.0, 1.0, 2.0]}],
        "x": [[-1.0, 0.0, 0.5], [1.5, 2.0, 9.0]],
    },
    "bins_one_hot": {
        "layer": ["Discretization", {"bin_boundaries": [0.0, 1.0], "output_mode": "one_hot"}],
        "x": [[-1.0, 0.0], [1.5, 2.0]],
    },
    "bins_found": {"layer": ["Discretization", {"num_bins": 4}], "adapt": NUMBERS, "x": NUMBERS},
    "bins_found_roughly": {
        "layer": ["Discretization", {"num_bins": 4, "epsilon": 0.1}],
        "adapt": NUMBERS,
        "x": NUMBERS,
    },
    "bins_found_in_batches": {
        "layer": ["Discretization", {"num_bins": 5}],
        "adapt": (NUMBERS[:100], NUMBERS[100:]),
        "x": NUMBERS,
    },
    "measured": {"layer": ["Normalization", {}], "adapt": NUMBERS.reshape(-1, 3), "x": NUMBERS.reshape(-1, 3)[:5]},
    "measured_as_one": {
        "layer": ["Normalization", {"axis": None}],
        "adapt": NUMBERS.reshape(-1, 3),
        "x": NUMBERS.reshape(-1, 3)[:5],
    },
    "measured_two_axes": {
        "layer": ["Normalization", {"axis": (-1, 1), "invert": True}],
        "adapt": NUMBERS.reshape(-1, 2, 3),
        "x": NUMBERS.reshape(-1, 2, 3)[:5],
    },
    "measured_in_batches": {
        "layer": ["Normalization", {}],
        "adapt": (NUMBERS[:120].reshape(-1, 3), NUMBERS[120:].reshape(-1, 3)),
        "x": NUMBERS.reshape(-1, 3)[:5],
    },
}
