"""Padding: sequences of different lengths as one array."""

from typing import Any

import numpy as np

from ..errors import DataError, OptionError
from .checks import one_of, positive_int


def pad_sequences(
    sequences,
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> np.ndarray:
    """Sequences of different lengths as one array ``(sequences, maxlen, ...)``.

    A shorter one is filled up with `value` before it (`padding` "pre") or after it ("post"); a longer one loses its
    beginning (`truncating` "pre") or its end ("post"). `maxlen` None: the longest's length. The default `dtype` cuts
    fractions off, as Keras's does.

    Raises OptionError for an unknown `padding` or `truncating`, or a `value` that `dtype` can't hold; DataError, with
    its number, for a sequence of other things than the rest.

    >>> pad_sequences([[1], [2, 3, 4]], maxlen=2).tolist()
    [[0, 1], [3, 4]]
    """
    one_of("pad_sequences", "padding", padding, ("pre", "post"))
    one_of("pad_sequences", "truncating", truncating, ("pre", "post"))
    try:
        sequences = list(sequences)
        lengths = [len(sequence) for sequence in sequences]
    except TypeError:
        raise DataError("pad_sequences", expected="a list of sequences", received=repr(sequences)[:80]) from None
    if not sequences and maxlen is None:
        raise DataError("pad_sequences", expected="at least one sequence, or a maxlen", received="none")
    maxlen = max(lengths) if maxlen is None else positive_int("pad_sequences", "maxlen", maxlen)
    inner = next((np.shape(sequence[0]) for sequence in sequences if len(sequence)), ())
    padded = np.empty((len(lengths), maxlen, *inner), dtype)
    text = isinstance(value, str)
    try:
        if text and padded.dtype.kind not in "OUST":
            raise ValueError
        padded[...] = value
    except (TypeError, ValueError, OverflowError):
        raise OptionError(
            "pad_sequences(value=...)",
            expected=f"a number, as dtype is {dtype}" if text else f"what dtype {dtype} can hold",
            received=repr(value),
            mend="dtype=object" if text else "another value, or another dtype",
        ) from None
    for row, (sequence, length) in enumerate(zip(sequences, lengths, strict=True)):
        if not length:
            continue
        kept = sequence[-maxlen:] if truncating == "pre" else sequence[:maxlen]
        place = slice(maxlen - len(kept), maxlen) if padding == "pre" else slice(len(kept))
        padded[row, place] = _steps(kept, dtype, inner, row)
    return padded


def _steps(sequence: Any, dtype: Any, inner: tuple[int, ...], row: int) -> np.ndarray:
    """One sequence as an array ``(steps, *inner)``."""
    try:
        steps = np.asarray(sequence, dtype)
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(f"pad_sequences: sequence {row}", expected=f"{dtype} numbers", received=str(error)) from None
    if steps.shape[1:] != inner:
        raise DataError(
            f"pad_sequences: sequence {row}", expected=f"steps of shape {inner}", received=str(steps.shape[1:])
        )
    return steps
