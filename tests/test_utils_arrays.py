"""utils that make arrays: padded sequences, rows of classes, unit vectors, images; and the names of types."""

from pathlib import Path

import cases_utils as cases
import numpy as np
import pytest

import lamina
from lamina import utils
from lamina.errors import DataError, OptionError, ShapeError

RECORDED = np.load(Path(__file__).parent / "references" / "utils.npz")


class TestPadSequences:
    @pytest.mark.parametrize("name", cases.PADDED)
    def test_equals_keras(self, name):
        sequences, options = cases.PADDED[name]
        found = utils.pad_sequences(sequences, **options)
        np.testing.assert_array_equal(found, RECORDED[f"pad/{name}"])
        assert found.dtype == RECORDED[f"pad/{name}"].dtype

    def test_any_iterable_and_objects(self):
        assert utils.pad_sequences(iter(cases.RAGGED)).shape == (4, 3)
        assert utils.pad_sequences([["a"], ["b", "c"]], dtype=object, value="").tolist() == [["", "a"], ["b", "c"]]

    @pytest.mark.parametrize(
        ("sequences", "options", "error", "said"),
        [
            (cases.RAGGED, {"padding": "left"}, OptionError, "expected one of 'pre', 'post', received 'left'"),
            (cases.RAGGED, {"truncating": "end"}, OptionError, r"truncating=...\): expected one of 'pre', 'post'"),
            (cases.RAGGED, {"maxlen": 0}, OptionError, r"maxlen=...\): expected a whole number of 1 or more"),
            (cases.RAGGED, {"maxlen": 2.5}, OptionError, "a whole number of 1 or more, received 2.5"),
            (
                cases.RAGGED,
                {"value": "x"},
                OptionError,
                "expected a number, as dtype is int32, received 'x'.\n.*object",
            ),
            (cases.RAGGED, {"value": 300, "dtype": "int8"}, OptionError, "what dtype int8 can hold, received 300.\n"),
            (cases.RAGGED, {"value": -1, "dtype": "uint8"}, OptionError, "what dtype uint8 can hold, received -1.\n"),
            (cases.RAGGED, {"value": None}, OptionError, "what dtype int32 can hold, received None.\n"),
            (cases.RAGGED, {"value": [1, 2]}, OptionError, r"what dtype int32 can hold, received \[1, 2\].\n"),
            ([1, 2], {}, DataError, r"expected a list of sequences, received \[1, 2\]"),
            (5, {}, DataError, "expected a list of sequences, received 5"),
            ([], {}, DataError, "at least one sequence, or a maxlen"),
            ([[1], ["a"]], {}, DataError, "sequence 1: expected int32 numbers, received invalid literal"),
            ([[1], [2**40]], {}, DataError, "sequence 1: expected int32 numbers, received .*out of bounds"),
            ([[[1, 2]], [[1, 2, 3]]], {}, DataError, r"sequence 1: expected steps of shape \(2,\), received \(3,\)"),
            ([[[1], [1, 2]]], {}, DataError, "sequence 0: expected int32 numbers, received .*inhomogeneous"),
        ],
    )
    def test_refused(self, sequences, options, error, said):
        with pytest.raises(error, match=said):
            utils.pad_sequences(sequences, **options)


class TestToCategorical:
    @pytest.mark.parametrize("name", cases.CLASSES)
    def test_equals_keras(self, name):
        found = utils.to_categorical(*cases.CLASSES[name])
        np.testing.assert_array_equal(found, RECORDED[f"categorical/{name}"])
        assert found.dtype == RECORDED[f"categorical/{name}"].dtype == np.float64

    @pytest.mark.parametrize(
        ("x", "classes", "error", "said"),
        [
            ([0, 3], 3, DataError, r"to_categorical: x\[1\]: expected a whole number from 0 to 2, received 3"),
            ([1, -1], None, DataError, r"x\[1\]: expected a whole number from 0 to 1, received -1"),
            ([-1], None, DataError, r"x\[0\]: expected a whole number of 0 or more, received -1"),
            ([[0, 1], [1, 1.5]], 2, DataError, r"x\[1, 1\].*received 1.5"),
            ([1.0, np.nan], None, DataError, r"x\[1\].*received nan"),
            (7, 3, DataError, "to_categorical: expected a whole number from 0 to 2, received 7"),
            ([], None, DataError, "at least one class number, or num_classes"),
            (["a"], None, DataError, "(?s)expected class numbers, received an array of <U1.*numpy.unique"),
            ([1, 2, 3], 3, DataError, r"(?s)x\[2\]: expected .* 0 to 2, received 3.*count classes from 0: x - 1"),
            ([0], 0, OptionError, r"num_classes=...\): expected a whole number of 1 or more, received 0"),
        ],
    )
    def test_refused(self, x, classes, error, said):
        with pytest.raises(error, match=said):
            utils.to_categorical(x, classes)


class TestNormalize:
    @pytest.mark.parametrize("name", cases.LENGTHS)
    def test_equals_keras(self, name):
        x, axis, order = cases.LENGTHS[name]
        before, expected = x.copy(), RECORDED[f"normalize/{name}"]
        found = utils.normalize(x, axis, order)
        np.testing.assert_allclose(found, expected, rtol={2: 1e-3, 4: 1e-6, 8: 1e-12}[found.itemsize])
        assert found.dtype == expected.dtype and found.shape == expected.shape
        np.testing.assert_array_equal(x, before)

    def test_first_axis(self):
        """Where Keras fails, and for a square gives other numbers."""
        found = utils.normalize(cases.VECTORS[0, :4, :4], axis=0)
        np.testing.assert_allclose((found**2).sum(axis=0), np.ones(4), rtol=1e-12)

    def test_float_types(self):
        assert utils.normalize([[1, 2]]).dtype == utils.normalize(np.arange(3)).dtype == np.float32
        lamina.config.set_floatx("float64")
        assert utils.normalize([[1.0, 2.0]]).dtype == np.float64

    @pytest.mark.parametrize(("axis", "order"), [(5, 2), (-1, "fro"), ("x", 2)])
    def test_refused(self, axis, order):
        with pytest.raises(OptionError, match=rf"normalize\(axis={axis!r}, order={order!r}\)"):
            utils.normalize(np.ones((2, 3)), axis, order)


class TestImages:
    def test_shapes_and_types(self):
        image = np.arange(18, dtype="uint8").reshape(2, 3, 3)
        found = utils.img_to_array(image)
        assert found.dtype == np.float32 and found.shape == (2, 3, 3)
        first = utils.img_to_array(image, "channels_first", "float64")
        assert first.dtype == np.float64
        np.testing.assert_array_equal(first[1], image[:, :, 1])
        assert utils.img_to_array(np.zeros((2, 3)), "channels_first").shape == (1, 2, 3)
        lamina.config.set_image_data_format("channels_first")
        assert utils.img_to_array(np.zeros((2, 4, 3))).shape == (3, 2, 4)

    def test_anything_that_is_like_an_array(self):
        class Picture:
            def __array__(self, dtype=None, copy=None):
                return np.ones((2, 2), dtype)

        assert utils.img_to_array(Picture()).sum() == 4

    @pytest.mark.parametrize("shape", [(3,), (1, 2, 3, 4)])
    def test_refused(self, shape):
        with pytest.raises(ShapeError, match=r"img_to_array: expected \(height, width\) or .*, received \("):
            utils.img_to_array(np.zeros(shape))
        with pytest.raises(OptionError, match="unknown data_format"):
            utils.img_to_array(np.zeros((2, 2)), "middle")


class TestTypes:
    @pytest.mark.parametrize(
        ("dtype", "name"),
        [
            (None, "float32"), (float, "float32"), (int, "int64"), (bool, "bool"), (str, "string"),
            ("string", "string"), ("float64", "float64"), (np.float16, "float16"), (np.dtype("int8"), "int8"),
            (complex, "complex128"), ("int", "int64"),
        ],
    )  # fmt: skip
    def test_names(self, dtype, name):
        assert utils.standardize_dtype(dtype) == name

    @pytest.mark.parametrize("dtype", ["floaty", "object", np.str_, "timedelta64", "bfloat16", 5])
    def test_refused(self, dtype):
        with pytest.raises(OptionError, match="unknown dtype: expected a type of numbers or 'string', received"):
            utils.standardize_dtype(dtype)


def test_to_categorical_of_what_a_table_holds():
    expected = [[0, 1, 0], [0, 0, 1]]
    for x in (np.array([1, 2], object), np.array(["1", "2"]), np.array([[b"1"], [b"2"]]), np.array(["1", 2.0], object)):
        assert utils.to_categorical(x).tolist() == expected
    for wrong in (["a"], [None], ["1.5"], ["nan"]):
        with pytest.raises(DataError):
            utils.to_categorical(np.array(wrong, object))
