"""The entrance of a model: data become arrays here, and what can't be trained on is refused, with its place."""

import math
from typing import Any, NamedTuple, NoReturn

import numpy as np

from ..errors import ArgumentError, DataError, ShapeError
from ..utils.advice import advise

CHECKED_AT_ONCE = 1 << 17  # numbers looked at together, so that they stay in the cache, and a check needs little memory


class Takes(NamedTuple):
    """What a model takes as x: whether that may be strings, and its count of axes, the batch's too, if it is known."""

    text: bool = False
    rank: int | None = None


def check_data(x: Any) -> None:
    """Refuse what is no data for a model."""
    if x is None:
        raise ArgumentError("x is missing", expected="an array, a PyDataset or a generator", received="None")
    if isinstance(x, dict):
        raise ArgumentError("x is a dict", expected="an array: the model has one input", received=f"keys {list(x)}")


def alone(data: Any, rank: int | None) -> Any:
    """The array of so many axes in a list of one, as Keras has a model's only input: ``fit([x], [y])``.

    >>> alone([np.zeros((5, 2))], 2).shape, np.shape(alone([np.zeros(2)], 2)), np.shape(alone([[1.0, 2.0]], 2))
    ((5, 2), (1, 2), (1, 2))
    """
    axes = getattr(data[0], "ndim", 0) if isinstance(data, list | tuple) and len(data) == 1 else 0
    return data[0] if axes and (axes == rank or (rank is None and axes > 1)) else data


def of_rows(data: Any, rows: int) -> Any:
    """The array of so many rows in a list of one; else what is given."""
    found: Any = data[0] if isinstance(data, list | tuple) and len(data) == 1 else None
    return found if getattr(found, "ndim", 0) and len(found) == rows > 1 else data


def as_array(data: Any, name: str, text: bool = False) -> Any:
    """An array (or a SciPy sparse one) of numbers, or with `text` of strings, from anything that can be read as one.

    A memory-mapped array and a sparse one stay what they are; they are read batch by batch.

    >>> as_array([[1, 2], [3, 4]], "x").shape
    (2, 2)
    """
    if hasattr(data, "tocsr"):
        return data.tocsr()
    if not isinstance(data, np.ndarray):
        try:
            data = np.asarray(data, object if text else None)  # as strings each would be padded to the longest
        except (ValueError, TypeError):
            raise DataError(
                f"{name} can't be read as one array",
                expected="rows of equal shape",
                received=f"a {type(data).__name__} of rows that differ",
                mend="pad sequences to one length with utils.pad_sequences",
            ) from None
    elif type(data) not in (np.ndarray, np.memmap):  # one that reckons otherwise: a matrix, a masked array
        if np.ma.is_masked(data):
            advise(
                f"{name} has masked entries, and the numbers behind the mask count like others: fill them, or drop them"
            )
        data = np.asarray(data)
    if data.dtype.kind == "O" and data.ndim == 0:
        _refuse_object(data.item(), name)
    if data.dtype.kind == "O" and not text:
        data = _numbers_of_objects(data, name)
    if data.dtype.kind not in ("fiubUSO" if text else "fiub"):
        raise DataError(
            f"{name} holds no numbers",
            expected="floats, whole numbers or booleans",
            received=f"an array of {data.dtype}, such as {data.reshape(-1)[:1].tolist()}",
            mend=_mend_of_text(name),
        )
    if data.ndim == 0:
        raise DataError(f"{name} is one number", expected="an array of samples", received=repr(data.item()))
    return data


def _refuse_object(data: Any, name: str) -> NoReturn:
    """Refuse what is no array: a function that makes a generator, data by name."""
    mend = "call it: a generator is what the function gives" if callable(data) else None
    if isinstance(data, dict):
        mend = f"pass the array itself: {name}[{next(iter(data), '...')!r}]"
    raise DataError(
        f"{name} is no array",
        expected="an array of samples",
        received=f"an object of type {type(data).__name__}",
        mend=mend,
    )


def _numbers_of_objects(data: np.ndarray, name: str) -> np.ndarray:
    """A table of mixed columns (a pandas frame, say) as floats, if all its entries are numbers."""
    flat = data.reshape(-1)
    for place, entry in enumerate(flat):
        if not isinstance(entry, int | float | bool | np.number | np.bool_):
            where = ", ".join(str(axis) for axis in np.unravel_index(place, data.shape))
            raise DataError(
                f"{name}[{where}] is no number",
                expected="numbers in every place",
                received=repr(entry),
                mend=_mend_of_text(name)
                if isinstance(entry, str)
                else "drop or fill what is missing, and make numbers of the rest",
            )
    return data.astype(np.float64)


def _mend_of_text(name: str) -> str:
    if name.endswith("y"):
        return "number the classes: classes, y = numpy.unique(y, return_inverse=True)"
    return "turn words and categories into numbers first, with a dict or a TextVectorization layer, or leave them out"


def is_lazy(data: Any) -> bool:
    """Whether an array is read from a file as it is used, and so must not be looked at whole."""
    return isinstance(data, np.memmap)


def is_stream(x: Any) -> bool:
    """Whether x is iterated over, rather than read as an array."""
    return (
        hasattr(x, "__iter__")
        and not hasattr(x, "__array__")
        and not hasattr(x, "tocsr")
        and not isinstance(x, list | tuple)
    )


def check_finite(data: Any, name: str, dtype: str, first_row: int = 0) -> None:
    """Refuse NaN and infinity, and numbers too large for the float type, with the place of the first."""
    data = getattr(data, "data", data) if hasattr(data, "tocsr") else data
    if data.dtype.kind != "f" or data.size == 0:
        return
    if data.dtype == dtype and data.flags.c_contiguous and np.vdot(data, data) < np.inf:
        return  # as nearly always
    rows = max(1, CHECKED_AT_ONCE // max(1, math.prod(data.shape[1:])))
    with np.errstate(over="ignore"):
        for start in range(0, len(data), rows):
            finite = np.isfinite(data[start : start + rows].astype(dtype, copy=False))
            if not finite.all():
                place = np.unravel_index(int(np.argmin(finite)), finite.shape)
                value = data[start : start + rows][place]
                row = first_row + start + int(place[0])
                where = ", ".join(str(axis) for axis in (row, *(int(axis) for axis in place[1:])))
                raise DataError(
                    f"{name}[{where}] is not finite" if not np.isfinite(value) else f"{name}[{where}] is too large",
                    expected=f"finite numbers of {dtype}",
                    received=str(value),
                    mend="drop or fill such rows first (np.nan_to_num, or a mean of the column)",
                )


def same_length(x: Any, other: Any, name: str) -> None:
    """Refuse targets or weights that are not one for each sample."""
    if x.shape[0] != other.shape[0]:
        raise ShapeError(
            f"x and {name} differ in length",
            expected=f"{x.shape[0]} rows in {name}, one for each sample of x",
            received=str(other.shape[0]),
            mend=f"pass the {name} that belongs to this x",
        )


def class_labels(y: np.ndarray, sparse: bool) -> np.ndarray:
    """The class of each sample (or step): of class numbers (`sparse`), of 0 and 1, or of rows ``(..., classes)``.

    >>> class_labels(np.array([[0, 1], [1, 0]]), sparse=False), class_labels(np.array([[2.0], [0.0]]), sparse=True)
    (array([1, 0]), array([2, 0]))
    """
    if not sparse and y.ndim > 1 and y.shape[-1] > 1:
        return y.argmax(-1)
    return np.rint(y[..., 0] if y.ndim > 1 and y.shape[-1] == 1 else y).astype(np.int64)


def class_weights(
    y: np.ndarray,
    class_weight: dict[int, float] | str,
    sparse: bool,
    ignored: int | None = None,
    whole: bool = True,
) -> np.ndarray:
    """The weight of each sample (or step) by its class: 1 for a class that is not named.

    "balanced" gives each class the same weight in all: n / (k · count) for n labels of k classes, as scikit-learn; the
    class `ignored`, if any, is none of them. Where y is the `whole` of the targets, not a batch, classes that are named
    and do not occur are warned of.

    Raises DataError for a key that is no class number, or a weight that is no finite number of 0 or more.

    >>> class_weights(np.array([0, 1, 1]), {1: 3.0}, sparse=True)
    array([1., 3., 3.], dtype=float32)
    >>> class_weights(np.array([0, 0, 0, 1]), "balanced", sparse=True)
    array([0.6666667, 0.6666667, 0.6666667, 2.       ], dtype=float32)
    """
    labels = class_labels(y, sparse)
    found, place, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if isinstance(class_weight, str) and class_weight == "balanced":
        real = found != ignored
        weights = np.where(real, counts[real].sum() / (real.sum() * counts), 1.0)
    elif isinstance(class_weight, dict):
        named = dict(_class_and_weight(*item) for item in class_weight.items())
        weights = np.array([named.get(int(label), 1.0) for label in found])
        absent = sorted(set(named) - set(found.tolist()))
        if absent and whole:
            advise(f"class_weight names classes that do not occur in y: {absent}")
    else:
        listed = isinstance(class_weight, list | tuple | np.ndarray)
        raise DataError(
            "class_weight",
            expected="a dict, {class: weight}, or 'balanced'",
            received=repr(class_weight),
            mend="dict(enumerate(class_weight)), if these are the weights of classes 0, 1, ..." if listed else None,
        )
    return weights.astype(np.float32)[place].reshape(labels.shape)


def _class_and_weight(label: Any, weight: Any) -> tuple[int, float]:
    numbers = int | float | np.integer | np.floating
    label = int(label) if isinstance(label, str) and label.isdecimal() else label  # as JSON has keys
    if not isinstance(label, numbers) or label != label // 1:
        raise DataError("class_weight", expected="class numbers as keys", received=repr(label))
    if not isinstance(weight, numbers) or not 0 <= weight < np.inf:
        raise DataError(f"class_weight[{label!r}]", expected="a finite number of 0 or more", received=repr(weight))
    return int(label), float(weight)


def join_weights(first: np.ndarray | None, second: np.ndarray | None) -> np.ndarray | None:
    """The product of two weightings of the samples (or steps), where either may be missing."""
    if first is None or second is None:
        return second if first is None else first
    if first.ndim < second.ndim:
        first = first.reshape(*first.shape, *[1] * (second.ndim - first.ndim))
    if second.ndim < first.ndim:
        second = second.reshape(*second.shape, *[1] * (first.ndim - second.ndim))
    return first * second
