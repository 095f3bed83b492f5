"""What lamina raises: each error says what was expected, what came, and the likely mend."""

import difflib
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

MOST_RECEIVED = 500  # characters of what was received that a message shows


class LaminaError(Exception):
    """The parent of all of lamina's errors.

    The message is put together when it is read: the problem, what was expected, what was received, the shapes
    on the way there, the likely mend.

    >>> print(LaminaError("layer 'hid'", expected="(batch, 8)", received="(32, 7)", mend="give 8 features"))
    layer 'hid': expected (batch, 8), received (32, 7).
    Likely mend: give 8 features.
    """

    def __init__(
        self, problem: str, *, expected: str | None = None, received: str | None = None, mend: str | None = None
    ):
        super().__init__(problem)
        self.problem, self.expected, self.received, self.mend = problem, expected, received, mend
        self.chain: str | None = None  # the shapes so far, added by the model that ran the layer

    def __str__(self) -> str:
        facts = []
        if self.expected is not None:
            facts.append(f"expected {self.expected}")
        if self.received is not None:
            facts.append(f"received {_clipped(self.received)}")
        lines = [f"{self.problem}: {', '.join(facts)}" if facts else self.problem]
        if self.chain:
            lines.append(f"Shapes so far: {self.chain}")
        if self.mend:
            lines.append(f"Likely mend: {self.mend}")
        return "\n".join(line if line.endswith((".", "?", "!")) else f"{line}." for line in lines)


def _clipped(text: str) -> str:
    """What was received, as much of it as a reader wants to see: an array or a whole config may stand in it.

    >>> len(_clipped("x" * 10_000))
    503
    """
    return text if len(text) <= MOST_RECEIVED else f"{text[:MOST_RECEIVED]}..."


class ArgumentError(LaminaError, TypeError):
    """An argument that does not exist, or of the wrong type."""


class OptionError(LaminaError, ValueError):
    """An argument's value, or a name, that is not among those allowed."""


class ShapeError(LaminaError, ValueError):
    """An array or a shape that does not fit the layer, loss or metric that it was given to."""


class DataError(LaminaError, ValueError):
    """Data that can't be trained on: empty, not finite, not numbers, labels outside the classes."""


class StateError(LaminaError, ValueError):
    """A call that comes too early: `backward` before `forward`, `fit` before `compile`, weights before `build`."""


class NonFiniteError(LaminaError, FloatingPointError):
    """A loss, a gradient or a weight that is not finite while a model trains.

    layer, phase  : the path of the layer that it came from, and "forward", "backward" or "update"; None if unknown
    epoch, step   : when, counted from 0; None outside `fit`
    rows          : the rows of the batch that hold such values; `data_rows`, the same as rows of fit's x
    loss, gradient_norm, weight_norms : of the last healthy step; of each weight by its path, now
    """

    layer: str | None = None
    phase: str | None = None
    epoch: int | None = None
    step: int | None = None
    rows: Sequence[int] = ()
    data_rows: Sequence[int] = ()
    loss: float
    gradient_norm: float
    weight_norms: dict[str, float]


class LaminaWarning(UserWarning):
    """What goes on, but is likely not what was meant: a dead layer, a loss that does not fit the output."""


class ConfigError(LaminaError, ValueError):
    """A configuration, or a file of one, that doesn't say what it should; with the place where that is known."""


class FileError(LaminaError, OSError):
    """A file that can't be written or read, or that is not as it was written: which one, and what is wrong with it."""


ELSEWHERE = {  # what others, and Keras 1, call it
    "bs": "batch_size",
    "lr": "learning_rate",
    "p": "rate",
    "init": "kernel_initializer",
    "inner_init": "recurrent_initializer",
    "inner_activation": "recurrent_activation",
    "w_regularizer": "kernel_regularizer",
    "u_regularizer": "recurrent_regularizer",
    "b_regularizer": "bias_regularizer",
    "w_constraint": "kernel_constraint",
    "u_constraint": "recurrent_constraint",
    "b_constraint": "bias_constraint",
    "dropout_u": "recurrent_dropout",
    "dropout_w": "dropout",
    "output_dim": "units",
    "border_mode": "padding",
    "subsample": "strides",
    "subsample_length": "strides",
    "filter_length": "kernel_size",
    "dim_ordering": "data_format",
    "f1": "f1_score",
    "r2": "r2_score",
    "log_loss": "binary_crossentropy",
    "crossentropy": "categorical_crossentropy",
}


def nearest(name: object, known: Iterable[str]) -> str | None:
    """The known name most like a mistyped one, or None.

    >>> nearest("rleu", ["relu", "tanh"]), nearest("layers.Dense", ["Dense", "EinsumDense"])
    ('relu', 'Dense')
    """
    capital = str(name) != str(name).lower()  # of names that differ only in case, the one written alike is meant
    by_lower = {c.lower(): c for c in sorted(known, key=lambda c: (c != c.lower()) == capital)}
    word = str(name).lower()
    word = ELSEWHERE.get(word, word)
    last = re.split(r"\W", word.partition("(")[0])[-1]  # of `layers.Dense(8)`
    word = last if last in by_lower else word
    found = [other for other in by_lower if sorted(other) == sorted(word)]  # letters that changed places
    found = found or difflib.get_close_matches(word, by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def did_you_mean(name: object, known: Iterable[str], aliases: Iterable[str] = ()) -> str:
    """The mend for an unknown name: the nearest known one, or all of them (but for mere aliases).

    >>> did_you_mean("rleu", ["relu", "tanh"])
    "did you mean 'relu'?"
    >>> did_you_mean("qqq", ["relu", "tanh"])
    'use one of relu, tanh'
    """
    known = sorted(set(known))
    found = nearest(name, {*known, *aliases})
    return f"did you mean '{found}'?" if found else f"use one of {', '.join(known)}"


def refusing(module: str, mends: dict[str, str]) -> Callable[[str], NoReturn]:
    """A module's `__getattr__`, which says of names that Keras has and the module has not what to write instead.

    The mend of the name ``"*"`` is that of all others.

    >>> refusing("lamina.layers", {"Lambda": "write a Layer"})("Lambda")
    Traceback (most recent call last):
        ...
    AttributeError: module 'lamina.layers' has no attribute 'Lambda': write a Layer
    """

    def refuse(name: str) -> NoReturn:
        mend = mends.get(name) or mends.get("*")
        message = f"module '{module}' has no attribute '{name}'{f': {mend}' if mend else ''}"
        asking: Any = sys._getframe(1)
        asking = asking.f_back if asking.f_code.co_name == "__getattr__" else asking
        if name in mends and asking.f_code.co_name == "_handle_fromlist":
            raise ImportError(message)  # to `from module import name`, which does not show an AttributeError's message
        raise AttributeError(message, name=name)

    return refuse


class Absent:
    """An attribute that instances of Keras have, or had, and those of the class have not: what to write instead.

    >>> class Model:
    ...     fit_generator = Absent("fit takes generators")
    >>> Model().fit_generator
    Traceback (most recent call last):
        ...
    AttributeError: 'Model' object has no attribute 'fit_generator': fit takes generators
    """

    def __init__(self, mend: str):
        self.mend = mend

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self  # `help` looks at classes
        if self.name in vars(instance):
            return vars(instance)[self.name]
        raise self._error(owner)

    def __set__(self, instance: Any, value: Any) -> None:
        if type(instance).__module__.partition(".")[0] == __name__.partition(".")[0]:
            raise self._error(type(instance))
        vars(instance)[self.name] = value  # what a class of one's own calls so is its own affair

    def _error(self, owner: type) -> AttributeError:
        return AttributeError(f"'{owner.__name__}' object has no attribute '{self.name}': {self.mend}")
