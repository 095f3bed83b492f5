"""Small conversions of arrays: classes to rows, vectors to unit length, images to arrays."""

from typing import Any

import numpy as np

from .. import config
from ..errors import DataError, OptionError, ShapeError


def to_categorical(x, num_classes: int | None = None) -> np.ndarray:
    """Class numbers as rows with a 1 at the class: ``(...,)`` or ``(..., 1)`` to ``(..., num_classes)``.

    Raises DataError, with the place, for a number that is no class.

    >>> to_categorical([0, 2]).tolist()
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    x = np.asarray(x)
    labels = x.astype(np.int64)
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    if labels.size == 0:
        raise DataError("to_categorical", expected="at least one class number", received=f"shape {x.shape}")
    classes = int(labels.max()) + 1 if num_classes is None else num_classes
    wrong = (labels < 0) | (labels >= classes) | (labels != x.reshape(labels.shape))
    if wrong.any():
        place = np.unravel_index(int(np.argmax(wrong)), labels.shape)
        raise DataError(
            f"to_categorical: x[{', '.join(str(int(axis)) for axis in place)}]",
            expected=f"a whole number from 0 to {classes - 1}",
            received=str(x.reshape(labels.shape)[place]),
        )
    return np.eye(classes)[labels]


def normalize(x, axis: int = -1, order: int = 2) -> np.ndarray:
    r"""x / \|x\| along an axis, by the norm of that order; where the norm is 0, x stays.

    >>> normalize(np.array([[3.0, 4.0]])).tolist()
    [[0.6, 0.8]]
    """
    x = np.atleast_1d(np.asarray(x, config.floatx() if np.asarray(x).dtype.kind != "f" else None))
    length = np.atleast_1d(np.linalg.norm(x, order, axis))
    length[length == 0] = 1
    return x / np.expand_dims(length, axis)


def img_to_array(img: Any, data_format: str | None = None, dtype: Any = None) -> np.ndarray:
    """An image (anything with `__array__`) as ``(height, width, channels)``, or channels first.

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
    """The name of a type given by name, as a NumPy type, or by Python's.

    >>> standardize_dtype(int), standardize_dtype(None)
    ('int64', 'float32')
    """
    if dtype is None:
        return config.floatx()
    try:
        return np.dtype(dtype).name
    except TypeError:
        raise OptionError("unknown dtype", expected="a type of NumPy", received=repr(dtype)) from None


def pack_x_y_sample_weight(x, y=None, sample_weight=None):
    """What a batch hands on: x, (x, y) or (x, y, sample_weight).

    >>> pack_x_y_sample_weight(1, 2)
    (1, 2)
    """
    if y is None:
        return x if not isinstance(x, tuple | list) else (x,)
    return (x, y) if sample_weight is None else (x, y, sample_weight)


def unpack_x_y_sample_weight(data) -> tuple[Any, Any, Any]:
    """x, y and sample_weight of a batch, None where it has none.

    >>> unpack_x_y_sample_weight((1, 2))
    (1, 2, None)
    """
    if isinstance(data, list):
        data = tuple(data)
    if not isinstance(data, tuple):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise DataError("a batch", expected="x, (x, y) or (x, y, sample_weight)", received=f"{len(data)} parts")
    return (*data, None, None)[:3]
