"""Checks of arguments that many constructors share; each refuses with the argument's name and what it got."""

import functools
import inspect
import os
from collections.abc import Callable, Sequence
from typing import Any, ParamSpec, TypeVar

import numpy as np

from ..errors import ArgumentError, OptionError, did_you_mean

P = ParamSpec("P")
R = TypeVar("R")

NOT_TAKEN = {  # what methods of models take in Keras 1 and 2: what to do instead
    **dict.fromkeys(("workers", "use_multiprocessing", "max_queue_size"), "give it to the PyDataset"),
    **dict.fromkeys(("class_mode", "show_accuracy"), "give compile metrics=['accuracy']"),
    "lr": "give it to the optimizer, as its learning_rate",
    "sample_weight_mode": "leave it out: sample_weight may be (samples, steps)",
}
TRUTHS = {"False": ("false", "no", "off", "n", "f", "0"), "True": ("true", "yes", "on", "y", "t", "1")}  # as text


def truth(where: str, name: str, value: Any) -> bool:
    """The value as True or False. NumPy's are taken, and 0 and 1; a text is not, for any but "" would count as True.

    >>> truth("Dense", "use_bias", 0)
    False
    """
    if isinstance(value, bool | int | np.integer | np.bool_) and value in (0, 1):
        return bool(value)
    word = value.strip().lower() if isinstance(value, str) else None
    meant = next((meant for meant, words in TRUTHS.items() if word in words), None)
    mend = None if meant is None else f"write {meant} ({meant.lower()} in a file of YAML)"
    raise OptionError(f"{where}({name}=...)", expected="True or False", received=repr(value), mend=mend)


def positive_int(where: str, name: str, value: Any) -> int:
    """The value as an int of 1 or more.

    >>> positive_int("Dense", "units", np.int64(3))
    3
    """
    return whole_number(where, name, value, 1)


def whole_number(where: str, name: str, value: Any, low: int = 0) -> int:
    """The value as an int of `low` or more.

    >>> whole_number("EarlyStopping", "patience", 0)
    0
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < low:
        raise OptionError(f"{where}({name}=...)", expected=f"a whole number of {low} or more", received=repr(value))
    return int(value)


def number(where: str, name: str, value: Any, low: float = -np.inf, high: float = np.inf, *, open_high=False) -> float:
    """The value as a float within [low, high], or within [low, high) with `open_high`.

    >>> number("Dropout", "rate", 0.5, 0, 1)
    0.5
    """
    real = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if not (real and low <= value and (value < high if open_high else value <= high)):
        span = "a number" if low == -np.inf else f"a number from {low:g}"
        if high < np.inf:
            span += f" {'to below' if open_high else 'to'} {high:g}"
        raise OptionError(f"{where}({name}=...)", expected=span, received=repr(value))
    return float(value)


def numbers(where: str, name: str, value: Any) -> np.ndarray:
    """The value as an array, if it is a number or a list of them, none of which is NaN.

    >>> numbers("Rescaling", "scale", [1, 2])
    array([1, 2])
    """
    try:
        found = np.asarray(value)
    except ValueError:  # a list of lists that differ
        found = np.asarray(None)
    if found.dtype.kind not in "fiu" or found.size == 0 or np.isnan(found).any():
        raise OptionError(f"{where}({name}=...)", expected="a number, or a list of them", received=repr(value))
    return found


def whole_numbers(where: str, name: str, value: Any, count: int, low: int = 1) -> tuple[int, ...]:
    """One whole number for all axes, or one for each of `count` axes, as a tuple.

    >>> whole_numbers("Conv2D", "strides", 2, 2)
    (2, 2)
    """
    values = value if isinstance(value, Sequence | np.ndarray) and not isinstance(value, str) else [value] * count
    good = all(isinstance(item, int | np.integer) and not isinstance(item, bool) and item >= low for item in values)
    if len(values) != count or not good:
        many = f"a whole number of {low} or more" + (f", or {count} of them" if count > 1 else "")
        raise OptionError(f"{where}({name}=...)", expected=many, received=repr(value))
    return tuple(int(item) for item in values)


def text(where: str, name: str, value: Any) -> str:
    """The value, if it is a string.

    >>> text("EarlyStopping", "monitor", "loss")
    'loss'
    """
    if not isinstance(value, str):
        raise OptionError(f"{where}({name}=...)", expected="a string", received=repr(value))
    return value


def file_path(where: str, name: str, value: Any) -> str:
    """The value as the text of a path: a string, or a `pathlib.Path`.

    >>> file_path("CSVLogger", "filename", "log.csv")
    'log.csv'
    """
    if not isinstance(value, str | os.PathLike):
        raise OptionError(f"{where}({name}=...)", expected="a path", received=repr(value))
    return text(where, name, os.fspath(value))


def one_of(where: str, name: str, value: Any, allowed: Sequence[Any], mend: str | None = None) -> Any:
    """The value, if it is among those allowed.

    >>> one_of("Conv2D", "padding", "same", ("valid", "same"))
    'same'
    """
    if value not in allowed:
        expected = f"one of {', '.join(map(repr, allowed))}"
        raise OptionError(f"{where}({name}=...)", expected=expected, received=repr(value), mend=mend)
    return value


def word(where: str, name: str, value: Any, allowed: Sequence[str]) -> str:
    """The value in lower case, if it is among those allowed: for what Keras reads in any case.

    >>> word("Conv2D", "padding", "SAME", ("valid", "same"))
    'same'
    """
    return one_of(where, name, value.lower() if isinstance(value, str) else value, allowed)


def unless_none(check: Callable[..., Any], where: str, name: str, value: Any, *limits: Any) -> Any:
    """None, or what the check makes of the value.

    >>> unless_none(positive_int, "fit", "batch_size", None)
    """
    return None if value is None else check(where, name, value, *limits)


def refusing_unknown(method: Callable[P, R]) -> Callable[P, R]:
    """The method, which refuses an argument that it does not have with the nearest one that it has.

    >>> @refusing_unknown
    ... def fit(self, epochs=1): ...
    >>> fit(None, epoch=3)
    Traceback (most recent call last):
    lamina.errors.ArgumentError: fit has no argument 'epoch'.
    Likely mend: did you mean 'epochs'?
    """
    _, *known = inspect.signature(method).parameters

    @functools.wraps(method)
    def called(*args: P.args, **kwargs: P.kwargs) -> R:
        for name in kwargs:
            if name not in known:
                mend = NOT_TAKEN.get(name) or did_you_mean(name, known)
                raise ArgumentError(f"{method.__name__} has no argument '{name}'", mend=mend)
        return method(*args, **kwargs)

    return called
