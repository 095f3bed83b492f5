"""Preprocessing: Keras's numbers and vocabularies, the contract, options and messages."""

import string
from pathlib import Path

import numpy as np
import pytest
from cases_preprocessing import CASES, DOCUMENTS

import lamina
from lamina import layers
from lamina.errors import ArgumentError, DataError, OptionError, ShapeError, StateError
from lamina.ops.encoding import encode, encoded_shape
from lamina.ops.fingerprint import bucket, fingerprint, siphash
from lamina.testing import check_layer

RECORDED = np.load(Path(__file__).parent / "references" / "preprocessing.npz")
rng = np.random.default_rng(1)
X2, X3 = rng.normal(size=(4, 3)), rng.normal(size=(4, 2, 3))
WORDS = np.array(["x y", "y", "q x x"])
ENTRIES = np.array([["x", "y"], ["q", "x"], ["x", "x"]])
NUMBERS = np.array([[1, 2], [0, 2], [3, 3]])

CHECKED = {
    "rescaling": (layers.Rescaling(0.5, offset=-1), X2),
    "rescaling channels": (layers.Rescaling([1.0, 2.0, 3.0], offset=[0.0, 1.0, 2.0]), X3),
    "normalization": (layers.Normalization(), X2),
    "normalization given": (layers.Normalization(mean=[1.0, 2.0, 3.0], variance=[4.0, 0.01, 0.25]), X3),
    "normalization of all": (layers.Normalization(axis=None, mean=0.5, variance=4.0), X3),
    "normalization inverted": (layers.Normalization(axis=(1, -1), mean=0.5, variance=4.0, invert=True), X3),
    "text": (layers.TextVectorization(vocabulary=["x", "y"]), WORDS),
    "text column": (layers.TextVectorization(vocabulary=["x", "y"], output_sequence_length=2), WORDS[:, None]),
    "text counts": (layers.TextVectorization(vocabulary=["x", "y"], output_mode="count"), WORDS),
    "text ngrams": (layers.TextVectorization(vocabulary=["x", "x y"], ngrams=(1, 2)), WORDS),
    "text tf-idf": (
        layers.TextVectorization(vocabulary=["x", "y"], output_mode="tf_idf", idf_weights=[1.0, 2.0]),
        WORDS,
    ),
    "strings": (layers.StringLookup(vocabulary=["x", "y"]), ENTRIES),
    "strings one-hot": (layers.StringLookup(vocabulary=["x", "y"], output_mode="one_hot", num_oov_indices=2), ENTRIES),
    "integers": (layers.IntegerLookup(vocabulary=[2, 3], output_mode="multi_hot"), NUMBERS),
    "hashing": (layers.Hashing(5, salt=3), ENTRIES),
    "hashing counts": (layers.Hashing(5, output_mode="count"), NUMBERS),
    "crossing": (layers.HashedCrossing(5), ENTRIES),
    "crossing one-hot": (layers.HashedCrossing(5, "one_hot"), NUMBERS),
    "categories": (layers.CategoryEncoding(4), NUMBERS),
    "categories one-hot": (layers.CategoryEncoding(4, "one_hot"), NUMBERS[:, :1]),
    "bins": (layers.Discretization([-1.0, 0.0, 1.0]), X2),
    "bins multi-hot": (layers.Discretization([-1.0, 0.0, 1.0], output_mode="multi_hot"), X2),
}


@pytest.mark.parametrize("name", CHECKED)
def test_layer(name):
    check_layer(*CHECKED[name])


@pytest.mark.parametrize("name", CASES)
def test_equals_keras(name):
    case = CASES[name]
    class_name, arguments = case["layer"]
    layer = getattr(layers, class_name)(**arguments)
    if "adapt" in case:
        data = case["adapt"]
        layer.adapt((batch for batch in data) if isinstance(data, tuple) else data)
    y, expected = layer(case["x"]), RECORDED[f"{name}/y"]
    assert y.dtype.kind == expected.dtype.kind
    if y.dtype.kind == "f":
        np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-6)
    else:
        np.testing.assert_array_equal(y, expected)
    if f"{name}/vocabulary" in RECORDED:
        assert layer.get_vocabulary() == RECORDED[f"{name}/vocabulary"].tolist()
        assert layer.vocabulary_size() == len(RECORDED[f"{name}/vocabulary"])
    if class_name == "HashedCrossing":
        assert layer.compute_output_shape([np.shape(part) for part in case["x"]]) == y.shape
        return
    assert np.ndim(case["x"]) < 2 or layer.compute_output_shape((None, *np.shape(case["x"])[1:]))[0] is None


def test_every_case_was_recorded():
    assert {key.split("/")[0] for key in RECORDED.files} - {"keras_version"} == set(CASES)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "adapt" in case])
def test_what_was_learnt_is_in_the_config_or_the_weights(name):
    case = CASES[name]
    class_name, arguments = case["layer"]
    layer = getattr(layers, class_name)(**arguments)
    data = case["adapt"]
    layer.adapt((batch for batch in data) if isinstance(data, tuple) else data)
    expected = layer(case["x"])
    twin = type(layer).from_config(layer.get_config())
    twin.ensure_built(np.shape(case["x"]))
    twin.set_weights(layer.get_weights())
    np.testing.assert_array_equal(twin(case["x"]), expected)


# -- texts
def test_one_text_is_one_row():
    layer = layers.TextVectorization(vocabulary=["cat", "sat"])
    assert layer("the cat sat").tolist() == [1, 2, 3]
    assert layer(["the cat sat"]).tolist() == layer([["the cat sat"]]).tolist() == [[1, 2, 3]]
    assert layer(np.array([b"cat"])).tolist() == [[2]]


def test_a_model_that_begins_with_text():
    texts = ["a good film", "a bad film", "good", "bad, bad"] * 4
    vectorize = layers.TextVectorization(output_mode="multi_hot")
    vectorize.adapt(texts)
    model = lamina.Sequential([vectorize, layers.Dense(1, activation="sigmoid")])
    model.compile(lamina.optimizers.Adam(0.1), "binary_crossentropy")
    model.fit(np.array(texts), np.array([1, 0, 1, 0] * 4), epochs=40, verbose=0)
    good, bad = model.predict(np.array(["so good", "so bad"]), verbose=0)[:, 0]
    assert good > 0.9
    assert bad < 0.1


def test_functions_that_standardise_and_split():
    def without_vowels(texts):
        return [text.translate(str.maketrans("", "", "aeiou")) for text in texts]

    def at_commas(texts):
        return [text.split(",") for text in texts]

    layer = layers.TextVectorization(standardize=without_vowels, split=at_commas)
    layer.adapt(["one,two", "two,three"])
    assert layer.get_vocabulary() == ["", "[UNK]", "tw", "thr", "n"]
    assert layer(["two,six"]).tolist() == [[2, 1]]


def test_a_registered_function_is_found_by_its_name():
    @lamina.register(name="loud_text")
    def loud(texts):
        return [text.upper() for text in texts]

    layer = layers.TextVectorization(standardize=loud, vocabulary=["CAT"])
    twin = layers.TextVectorization.from_config(layer.get_config())
    assert layer.get_config()["standardize"] == "loud_text"
    assert twin(["cat dog"]).tolist() == [[2, 1]]


def test_an_encoding_is_for_bytes():
    layer = layers.TextVectorization(vocabulary=["für"], encoding="latin-1")
    assert layer(np.array(["für".encode("latin-1")])).tolist() == layer(["für"]).tolist() == [[2]]
    layer = layers.StringLookup(vocabulary=["für"], encoding="latin-1")
    assert layer(np.array(["für".encode("latin-1")])).tolist() == [1]


def test_adapt_takes_so_many_batches():
    layer = layers.TextVectorization()
    layer.adapt((batch for batch in [["a b"], ["b c"], ["d"]]), steps=2)
    assert layer.get_vocabulary(include_special_tokens=False) == ["b", "c", "a"]
    layer.adapt(["e"])
    assert layer.get_vocabulary(include_special_tokens=False) == ["e"]


def test_set_vocabulary():
    layer = layers.TextVectorization(output_mode="tf_idf")
    layer.set_vocabulary(["a", "b"], [1.0, 3.0])
    assert layer.idf_weights == [1.0, 3.0]
    np.testing.assert_allclose(layer(["a b b q"]), [[2.0, 1.0, 6.0]])


# -- numbers
def test_normalization_measures():
    x = rng.normal(size=(50, 3)) * [1, 2, 3] + [5, 0, -5]
    layer = layers.Normalization()
    layer.adapt(x)
    np.testing.assert_allclose(layer.mean.value, x.mean(axis=0, keepdims=True), rtol=1e-6)
    np.testing.assert_allclose(layer.variance.value, x.var(axis=0, keepdims=True), rtol=1e-6)
    assert [weight.shape for weight in layer.weights] == [(3,), (3,), ()]
    y = layer(x)
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(y.std(axis=0), 1, rtol=1e-5)
    assert [weight.name for weight in layer.weights] == ["mean", "variance", "count"]
    assert layer.trainable_weights == []
    back = layers.Normalization(invert=True)
    back.adapt(x)
    np.testing.assert_allclose(back(y), x, rtol=1e-4, atol=1e-5)


def test_normalization_refuses_what_it_did_not_measure():
    layer = layers.Normalization()
    layer.adapt(np.ones((4, 3)))
    for wrong in (np.ones((2, 4)), np.ones((2, 1)), np.ones((2, 5, 3)), np.ones(3)):
        with pytest.raises(ShapeError, match=r"layer 'normalization' \(Normalization\): expected \(batch, 3\)"):
            layer(wrong)


def test_normalization_of_all_numbers_alike_takes_any_rank():
    layer = layers.Normalization(axis=None)
    layer.adapt(np.array([[1.0], [3.0]]))
    assert layer(np.array([1.0, 3.0, 5.0])).tolist() == [-1, 1, 3]


def test_normalization_shows_its_numbers_in_the_rank_of_x():
    given = layers.Normalization(axis=(1, -1), mean=[1.0, 2.0], variance=[4.0, 9.0])
    assert given.mean is None
    given(np.ones((5, 3, 4, 2)))
    assert given.mean.shape == given.variance.shape == (1, 3, 1, 2)
    assert given.mean.numpy().tolist() == [[[[1.0, 2.0]], [[1.0, 2.0]], [[1.0, 2.0]]]]
    alike = layers.Normalization(axis=None)
    alike.adapt(np.array([[1.0], [3.0]]))
    assert alike.mean.numpy().tolist() == [[2.0]] and alike.variance.numpy().tolist() == [[1.0]]
    alike.set_weights([5.0, 7.0, 0])
    assert alike.mean.numpy().tolist() == [[5.0]]


def test_normalization_takes_what_is_like_an_array():
    class Table:
        def __array__(self, dtype=None, copy=None):
            return np.array([[1.0], [3.0]])

    layer = layers.Normalization()
    layer.adapt(Table())
    assert layer.get_weights()[:2] == [2, 1]


def test_normalization_measures_x_of_batches_with_targets():
    x = rng.normal(size=(6, 2))
    whole, parts = layers.Normalization(), layers.Normalization()
    whole.adapt(x)
    parts.adapt((x[i : i + 2], np.zeros(2)) for i in (0, 2, 4))
    np.testing.assert_allclose(parts.mean, whole.mean, rtol=1e-6)
    np.testing.assert_allclose(parts.variance, whole.variance, rtol=1e-6)
    windows = layers.Normalization()
    windows.adapt(lamina.utils.timeseries_dataset_from_array(x, np.zeros(6), sequence_length=1))
    np.testing.assert_allclose(windows.mean[0], whole.mean, rtol=1e-6)


def test_rescaling_channels_first():
    lamina.config.set_image_data_format("channels_first")
    for size in (2, 3):  # of which the one fits the channels' number, too
        y = layers.Rescaling([1.0, 10.0], offset=[5.0, 6.0])(np.ones((1, 2, size, size)))
        np.testing.assert_array_equal(y, np.broadcast_to(np.reshape([6, 16], (1, 2, 1, 1)), y.shape))


@pytest.mark.parametrize("num_bins", [2, 48, 49, 98, 103, 107, 196, 200])
def test_as_many_bins_as_asked_for(num_bins):
    layer = layers.Discretization(num_bins=num_bins, epsilon=0.001, output_mode="one_hot")
    data = rng.normal(size=1000)
    layer.adapt(data)
    counts = layer(data).sum(axis=0)
    assert len(counts) == num_bins == layer.compute_output_shape((None,))[-1]
    assert np.abs(counts - len(data) / num_bins).max() <= 2


def test_count_weights():
    layer = layers.CategoryEncoding(4, "count")
    assert layer([[0, 1, 1]], count_weights=[[0.5, 2.0, 3.0]]).tolist() == [[0.5, 5.0, 0.0, 0.0]]


# -- the array maths
@pytest.mark.parametrize("shape", [(5,), (2, 1), (2, 5), (2, 3, 4)])
def test_encode_in_a_plain_loop(shape):
    indices = rng.integers(-1, 4, shape)
    rows = indices.reshape(-1, shape[-1])
    for mode in ("multi_hot", "count"):
        expected = np.zeros((len(rows), 3))
        for row, index in np.ndindex(rows.shape):
            if 0 <= rows[row, index] < 3:
                expected[row, rows[row, index]] += 1
        expected = np.minimum(expected, 1) if mode == "multi_hot" else expected
        y = encode(indices, 3, mode, "float32")
        np.testing.assert_array_equal(y, expected.reshape(*shape[:-1], 3))
        assert y.shape == encoded_shape(shape, 3, mode)
    y = encode(indices, 3, "one_hot", "int64")
    assert y.shape == encoded_shape(shape, 3, "one_hot")
    for place in np.ndindex(indices.shape):
        row = y[place[:-1]] if shape[-1] == 1 and len(shape) > 1 else y[place]
        assert row.tolist() == [int(indices[place] == j) for j in range(3)]


def test_siphash_of_its_paper():
    """The first numbers of the table in Aumasson & Bernstein's reference code: key 0 ... 15, data 0 ... n - 1."""
    key = (0x0706050403020100, 0x0F0E0D0C0B0A0908)
    assert siphash(b"", key) == 0x726FDB47DD0E0E31
    assert siphash(bytes(range(15)), key) == 0xA129CA6149BE45E5


def test_fingerprints_spread():
    words = [f"{a}{b}" * n for a in string.ascii_letters for b in string.digits for n in (1, 9, 20, 40)]
    assert len({fingerprint(word.encode()) for word in words}) == len(words)
    buckets = np.bincount([bucket(word, 8) for word in words])
    assert buckets.min() > 0.8 * len(words) / 8


# -- messages
def message(error, function, *args, **kwargs) -> str:
    with pytest.raises(error) as caught:
        function(*args, **kwargs)
    return str(caught.value)


@pytest.mark.parametrize(
    ("x", "error", "said"),
    [
        ([["a"]], ArgumentError, "two features or more"),
        ([["a", "b"], ["c"]], ShapeError, "features of one shape"),
        (np.zeros((2, 3, 2), int), ShapeError, "features of one shape"),
        ([[1.5], [2]], DataError, "expected strings or whole numbers, received float64, int64"),
        ([[True], [1]], DataError, "expected strings or whole numbers"),
    ],
)
def test_what_can_not_be_crossed(x, error, said):
    assert said in message(error, layers.HashedCrossing(5), x)


def test_no_vocabulary_yet():
    for layer in (layers.TextVectorization(), layers.StringLookup()):
        assert message(StateError, layer, ["a"]) == (
            f"layer '{layer.name}' ({type(layer).__name__}) has no vocabulary.\n"
            "Likely mend: call adapt on the training data first."
        )
    assert "has no vocabulary" in message(StateError, layers.TextVectorization(output_mode="count"), ["a"])
    for cls in (layers.StringLookup, layers.IntegerLookup):
        assert "has no vocabulary" in message(StateError, cls(invert=True), [1])
    assert "has no boundaries" in message(StateError, layers.Discretization(num_bins=2), [[1.0]])


def test_no_path_is_read():
    for path in ("words.txt", "https://example.org/words.txt"):
        assert message(OptionError, layers.TextVectorization, vocabulary=path) == (
            f"layer 'text_vectorization' (TextVectorization): vocabulary: expected a list of terms, received '{path}'.\n"
            "Likely mend: read the file yourself, and pass its lines: no path or address is followed."
        )


@pytest.mark.parametrize(
    ("vocabulary", "text"),
    [
        ([], "expected terms, received none."),
        (["a", "b", "a"], "expected each term once, received more than one of ['a']."),
        (["a", ""], "expected the mask token only at the head, as in ['', '[UNK]'], or not at all, received '' among"),
        (["a", "b", "c"], "expected at most 4 tokens, special ones included, received 5."),
    ],
)
def test_vocabularies_that_are_refused(vocabulary, text):
    assert f"vocabulary: {text}" in message(OptionError, layers.TextVectorization, 4, vocabulary=vocabulary)


def test_weights_that_do_not_go_with_the_vocabulary():
    cls = layers.TextVectorization
    assert (
        "idf_weights: expected one for each term where output_mode is 'tf_idf', else None, received None for 'tf_idf'"
        in (message(OptionError, cls, output_mode="tf_idf", vocabulary=["a"]))
    )
    assert "received [1] for 'int'" in message(OptionError, cls, vocabulary=["a"], idf_weights=[1])
    assert "idf_weights: expected 1, one for each term, received 2" in (
        message(ShapeError, cls, output_mode="tf_idf", vocabulary=["a"], idf_weights=[1, 2])
    )
    assert message(OptionError, cls, output_mode="tf_idf", idf_weights=[1]) == (
        "TextVectorization(idf_weights=...): expected a vocabulary beside them, received None."
    )


def test_adapt_passes_over_empty_batches():
    layer = layers.Normalization()
    layer.adapt(iter([np.ones((0, 1)), np.array([[1.0], [3.0]]), np.ones((0, 1))]))
    assert [layer.mean.numpy().tolist(), layer.variance.numpy().tolist()] == [[[2.0]], [[1.0]]]
    assert message(DataError, layers.Normalization().adapt, np.ones((0, 3))) == (
        "layer 'normalization' (Normalization): adapt: expected samples, received none."
    )


def test_adapt_refuses():
    layer = layers.TextVectorization(vocabulary=["a"])
    assert message(StateError, layer.adapt, ["b"]) == (
        "layer 'text_vectorization' (TextVectorization): adapt on a layer that was given its vocabulary."
    )
    assert "adapt: expected data with terms, received none" in message(
        DataError, layers.TextVectorization().adapt, [""]
    )
    assert "adapt on a layer that was given mean and variance" in (
        message(StateError, layers.Normalization(mean=1, variance=1).adapt, X2)
    )
    assert (
        "adapt: expected an array, or batches that are arrays, received [1.0, 2.0].\nLikely mend: adapt(np.asarray"
        in (message(DataError, layers.Normalization().adapt, [[1.0, 2.0]]))
    )
    assert "adapt: expected finite numbers, received NaN or infinity" in (
        message(DataError, layers.Normalization().adapt, np.array([[np.nan]]))
    )
    layer = layers.Normalization()
    layer.adapt(X2)
    assert "adapt: expected (batch, 3), received (4, 2)" in message(ShapeError, layer.adapt, X2[:, :2])
    assert "adapt on a layer that was given its boundaries" in message(
        StateError, layers.Discretization([1.0]).adapt, X2
    )
    assert "adapt: expected numbers, received none" in message(DataError, layers.Discretization(num_bins=2).adapt, [])


def test_data_of_the_wrong_kind():
    assert "TextVectorization): expected strings, received an array of object, such as [1]" in (
        message(DataError, layers.TextVectorization(vocabulary=["a"]), [1, 2])
    )
    assert message(ShapeError, layers.TextVectorization(vocabulary=["a"]), [["a", "b"]]) == (
        "layer 'text_vectorization' (TextVectorization): expected texts (batch,) or (batch, 1), received (1, 2).\n"
        "Likely mend: split=None is for data that are words already."
    )
    assert "StringLookup): expected strings" in message(DataError, layers.StringLookup(vocabulary=["a"]), [1])
    assert "IntegerLookup): expected whole numbers" in message(DataError, layers.IntegerLookup(vocabulary=[1]), [1.5])
    assert "StringLookup): expected indices" in message(
        DataError, layers.StringLookup(vocabulary=["a"], invert=True), ["a"]
    )
    assert "Hashing): expected strings or whole numbers" in message(DataError, layers.Hashing(3), [1j])
    assert message(DataError, layers.StringLookup(vocabulary=["a"], num_oov_indices=0), ["b"]) == (
        "layer 'string_lookup' (StringLookup): expected terms of the vocabulary, received 'b'.\n"
        "Likely mend: num_oov_indices=1 makes room for others."
    )
    assert message(DataError, layers.CategoryEncoding(4), [[0, 4]]) == (
        "layer 'category_encoding' (CategoryEncoding): x[0, 1]: expected a category from 0 to 3, received 4."
    )


@pytest.mark.parametrize("terms", [["a"], [None], [2**80], [np.nan]])
def test_integer_lookup_of_what_is_no_whole_number(terms):
    assert "IntegerLookup): expected whole numbers, received an array of" in (
        message(DataError, layers.IntegerLookup(vocabulary=[1]), terms)
    )


def test_categories_and_their_weights_are_numbers():
    layer = layers.CategoryEncoding(4, "count")
    assert "CategoryEncoding): expected categories as numbers, received an array of <U1" in (
        message(DataError, layer, np.array([["a"]]))
    )
    assert "count_weights: expected (1, 2), as x has, received (1, 3)" in (
        message(ShapeError, layer, [[0, 1]], count_weights=[[1, 2, 3]])
    )
    assert "count_weights: expected numbers, received an array of <U1" in (
        message(DataError, layer, [[0, 1]], count_weights=[["a", "b"]])
    )


def test_the_whole_part_of_a_category_counts():
    """As in Keras."""
    assert layers.CategoryEncoding(3)([[1.7]]).tolist() == [[0, 1, 0]]
    assert len(set(layers.Hashing(50)([1.2, 1.9, 1.0]).tolist())) == 1


@pytest.mark.parametrize(
    ("cls", "arguments", "text"),
    [
        (layers.TextVectorization, {"standardize": "lowr"}, "(standardize=...): expected one of"),
        (layers.TextVectorization, {"split": 7}, "(split=...): expected one of 'whitespace', 'character', None"),
        (layers.TextVectorization, {"ngrams": 0}, "(ngrams=...): expected a whole number of 1 or more, received 0"),
        (layers.TextVectorization, {"ngrams": (1, "2")}, "(ngrams=...): expected a whole number of 1 or more"),
        (layers.TextVectorization, {"output_mode": "one_hot"}, "(output_mode=...): expected one of 'int', 'multi_hot'"),
        (layers.TextVectorization, {"output_sequence_length": 0}, "(output_sequence_length=...): expected a whole"),
        (
            layers.TextVectorization,
            {"output_mode": "count", "output_sequence_length": 3},
            "(output_sequence_length=...): expected output_mode='int' beside it, received 'count'",
        ),
        (layers.TextVectorization, {"max_tokens": 1}, "(max_tokens=...): expected 2 or more, or None, received 1"),
        (layers.TextVectorization, {"pad_to_max_tokens": True}, "(pad_to_max_tokens=True): expected max_tokens"),
        (layers.StringLookup, {"num_oov_indices": -1}, "(num_oov_indices=...): expected a whole number of 1 or more"),
        (layers.StringLookup, {"invert": True, "output_mode": "count"}, "(invert=True): expected output_mode='int'"),
        (layers.StringLookup, {"salt": "a"}, "(salt=...): expected None, a whole number or two of them, received 'a'"),
        (layers.IntegerLookup, {"salt": 3}, "(salt=...): expected oov_method='farmhash', received 'floormod'"),
        (layers.IntegerLookup, {"oov_method": "x"}, "(oov_method=...): expected one of 'floormod', 'farmhash'"),
        (layers.IntegerLookup, {"vocabulary_dtype": "int8"}, "(vocabulary_dtype=...): expected one of 'int64'"),
        (layers.Hashing, {"num_bins": 0}, "(num_bins=...): expected a whole number of 1 or more, received 0"),
        (layers.Hashing, {"num_bins": 2, "output_mode": "tf_idf"}, "(output_mode=...): expected one of 'int'"),
        (layers.CategoryEncoding, {}, "(num_tokens=...): expected a whole number of 1 or more, received None"),
        (
            layers.CategoryEncoding,
            {"num_tokens": 2, "output_mode": "int"},
            "(output_mode=...): expected one of 'one_hot'",
        ),
        (layers.Discretization, {}, ": expected bin_boundaries or num_bins, received neither"),
        (
            layers.Discretization,
            {"num_bins": 2, "bin_boundaries": [1]},
            ": expected bin_boundaries or num_bins, received both",
        ),
        (layers.Discretization, {"bin_boundaries": [1, 0]}, "(bin_boundaries=...): expected numbers in rising order"),
        (layers.Normalization, {"mean": 1}, ": expected mean and variance, or neither, received mean=1, variance=None"),
        (layers.Normalization, {"mean": [1], "variance": 1}, "expected two numbers, or two arrays of equal shape"),
        (layers.Normalization, {"axis": "last"}, "(axis=...): expected a whole number, or a list of them"),
    ],
)
def test_options_out_of_range(cls, arguments, text):
    where = "" if text.startswith("expected") else cls.__name__
    assert f"{where}{text}" in message((OptionError, ShapeError), cls, **arguments)


def test_count_weights_are_for_counts():
    assert message(OptionError, layers.CategoryEncoding(4), [[1]], count_weights=[[1]]) == (
        "layer 'category_encoding' (CategoryEncoding): count_weights: expected output_mode='count', received multi_hot."
    )


def test_normalization_needs_lengths():
    assert "axis=1: expected axes of fixed length, received (batch, any, 2)" in (
        message(ShapeError, layers.Normalization(axis=1).build, (None, None, 2))
    )


def test_documents_are_left_as_they_are():
    kept = list(DOCUMENTS)
    layers.TextVectorization(vocabulary=["cat"])(DOCUMENTS)
    assert kept == DOCUMENTS


@pytest.mark.parametrize(
    "layer",
    [
        layers.CategoryEncoding(3, "multi_hot"),
        layers.CategoryEncoding(3, "count"),
        layers.Discretization([1.0, 2.0], output_mode="multi_hot"),
        layers.IntegerLookup(vocabulary=[1, 2], output_mode="count"),
        layers.Hashing(3, output_mode="multi_hot"),
    ],
)
def test_vectors_of_nothing_and_of_one_number(layer):
    assert layer(np.zeros((2, 0), "int64")).tolist() == [[0, 0, 0], [0, 0, 0]]
    assert layer(np.zeros((0, 2), "int64")).shape == (0, 3)
    assert layer(np.array(1)).tolist() == layer(np.array([1])).tolist()


def test_no_texts_are_no_vectors():
    layer = layers.TextVectorization(vocabulary=["a", "b"], output_mode="count")
    assert layer(np.zeros(0, "U1")).shape == (0, 3)


def test_a_vocabulary_of_numbers_may_be_texts():
    layer = layers.IntegerLookup(vocabulary=["10", "20"])
    assert layer([20, 30, 10]).tolist() == [2, 0, 1]
    assert layer.get_vocabulary() == [-1, 10, 20]
    assert layers.IntegerLookup(vocabulary=np.array([10.0, 20.0])).get_vocabulary() == [-1, 10, 20]
    for wrong in (["a"], [1.5], [None]):
        with pytest.raises(OptionError, match="vocabulary: expected whole numbers"):
            layers.IntegerLookup(vocabulary=wrong)


@pytest.mark.parametrize(
    ("cls", "arguments"),
    [
        (layers.CategoryEncoding, (3, "count")),
        (layers.Discretization, ([1.0], None, 0.01, "count")),
        (layers.Hashing, (3, None, None, "count")),
        (layers.StringLookup, (None, 1, None, "[UNK]", ["a"], None, False, "count", False)),
        (layers.IntegerLookup, (None, 1, None, -1, [1], "int64", None, False, "count")),
    ],
)
def test_sparse_stands_where_keras_has_it_and_can_only_be_false(cls, arguments):
    layer = cls(*arguments, False)
    assert layer.output_mode == "count" and "sparse" not in layer.get_config()
    with pytest.raises(OptionError, match=rf"{cls.__name__}\(sparse=\.\.\.\): expected one of False, received True"):
        cls(*arguments, True)


def test_hashing_of_truths_and_bytes():
    """Truths are hashed as their words, as in Keras: the numbers are its."""
    truths = np.array([True, False])
    assert layers.Hashing(1000)(truths).tolist() == [570, 757]
    assert layers.Hashing(1000, salt=7)(truths).tolist() == [129, 690]
    assert layers.Hashing(17, mask_value=True)(truths).tolist()[0] == 0
    assert layers.Hashing(17)(np.array([b"ab", b"c"])).tolist() == layers.Hashing(17)(np.array(["ab", "c"])).tolist()
