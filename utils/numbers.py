"""Small conversions: classes to rows, vectors to unit length, images to arrays, types to their names."""

import contextlib
from typing import Any

import numpy as np

from .. import config
from ..errors import DataError, OptionError, ShapeError
from .checks import positive_int


def to_categorical(x, num_classes: int | None = None) -> np.ndarray:
    """Class numbers as rows with a 1 at the class: ``(...,)`` or ``(..., 1)`` to ``(..., num_classes)``, float64.

    `num_classes` None: one more than the largest number.

    Raises DataError, with the place, for what is no class number (Keras counts -1 from the end, and cuts 1.5 to 1),
    and for no numbers at all where `num_classes` isn't given.

    >>> to_categorical([0, 2]).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    x = np.asarray(x)
    if x.dtype.kind in "OUS":
        with contextlib.suppress(TypeError, ValueError):
            x = x.astype(np.float64)  # objects that are numbers, and texts of such, as tables have them
    if x.dtype.kind not in "biuf":
        mend = "number the classes: classes, y = numpy.unique(y, return_inverse=True)"
        raise DataError("to_categorical", expected="class numbers", received=f"an array of {x.dtype}", mend=mend)
    if x.ndim > 1 and x.shape[-1] == 1:
        x = x[..., 0]
    if num_classes is not None:
        num_classes = positive_int("to_categorical", "num_classes", num_classes)
    elif x.size == 0:
        raise DataError("to_categorical", expected="at least one class number, or num_classes", received="none")
    with np.errstate(invalid="ignore"):  # what NaN becomes is found out below
        labels = x.astype(np.int64)
    classes = int(labels.max()) + 1 if num_classes is None else num_classes
    wrong = (labels < 0) | (labels >= classes) | (labels != x)
    if wrong.any():
        place = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
        raise DataError(
            f"to_categorical: x[{', '.join(map(str, place))}]" if place else "to_categorical",
            expected=f"a whole number from 0 to {classes - 1}" if classes > 0 else "a whole number of 0 or more",
            received=str(x[place]),
            mend="count classes from 0: x - 1" if labels.min() == 1 and labels.max() == classes else None,
        )
    rows = np.zeros((labels.size, classes))
    rows[np.arange(labels.size), labels.ravel()] = 1
    return rows.reshape(*labels.shape, classes)


def normalize(x, axis: int | tuple[int, ...] | None = -1, order: float = 2) -> np.ndarray:
    r"""x / \|x\| along an axis, by the norm of that order; where the norm is 0, x stays.

    An array keeps its float type, anything else becomes `floatx`. The shape is x's, but for a vector in an array: that
    gives one row ``(1, n)``, as in Keras. Raises OptionError for an axis or order that NumPy's norm doesn't know.

    >>> normalize(np.array([[3.0, 4.0]])).tolist()
    [[0.6, 0.8]]
    """
    vector = isinstance(x, np.ndarray) and x.ndim == 1
    is_float = isinstance(x, np.ndarray) and x.dtype.kind == "f"
    x = np.atleast_1d(x if is_float else np.asarray(x, config.floatx()))
    try:
        length = np.linalg.norm(x, order, axis, keepdims=True)
    except (ValueError, TypeError) as error:
        raise OptionError(f"normalize(axis={axis!r}, order={order!r})", received=str(error)) from None
    length[length == 0] = 1
    y = x / length
    return y[None] if vector else y


def img_to_array(img: Any, data_format: str | None = None, dtype: Any = None) -> np.ndarray:
    """An image (anything with `__array__`) as ``(height, width, channels)``, or channels first.

    Raises ShapeError for what is neither ``(height, width)`` nor ``(height, width, channels)``.

    >>> img_to_array(np.zeros((4, 5), "uint8")).shape
    (4, 5, 1)
    """
    x = np.asarray(img, dtype or config.floatx())
    if x.ndim == 2:
        x = x[..., None]
    if x.ndim != 3:
        raise ShapeError("img_to_array", expected="(height, width) or (height, width, channels)", received=str(x.shape))
    return np.moveaxis(x, -1, 0) if config.standardize_data_format(data_format) == "channels_first" else x


def standardize_dtype(dtype: Any) -> str:
    """The name of a type given by name, as a NumPy type, or by Python's: float and None mean `floatx`.

    >>> standardize_dtype(int), standardize_dtype(float), standardize_dtype(str), standardize_dtype(np.int8)
    ('int64', 'float32', 'string', 'int8')
    """
    if dtype is None or dtype is float:
        return config.floatx()
    if dtype is str or dtype == "string":
        return "string"
    try:
        found = np.dtype(dtype)
    except TypeError:
        found = np.dtype(object)
    if found.kind not in "biufc":
        raise OptionError("unknown dtype", expected="a type of numbers or 'string'", received=repr(dtype))
    return found.name
