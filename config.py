"""The declared settings of the library: the only module-level state there is.

Names and defaults are those of `keras.config`.
"""

import importlib.util
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .errors import OptionError, refusing

VERSION = "0.1.0"
FLOATS = ("float16", "float32", "float64")
DATA_FORMATS = ("channels_last", "channels_first")


@dataclass
class _Settings:
    floatx: str = "float32"
    epsilon: float = 1e-7
    image_data_format: str = "channels_last"
    interactive_logging: bool = True
    max_epochs: int | None = None
    max_steps_per_epoch: int | None = None
    threads: int | None = None
    compiled: bool | None = None


_settings = _Settings()


def backend() -> str:
    """The name of what computes: always ``"numpy"``.

    >>> backend()
    'numpy'
    """
    return "numpy"


def floatx() -> str:
    """The float type of weights and activations where none is given.

    >>> floatx()
    'float32'
    """
    return _settings.floatx


def set_floatx(value: str) -> None:
    """Set the default float type: ``"float16"``, ``"float32"`` or ``"float64"``.

    Layers made from now on use it. ``float64`` is what gradient checks want.

    >>> set_floatx("float64")
    >>> floatx()
    'float64'
    >>> set_floatx("float32")
    """
    _settings.floatx = standardize_float(value)


def standardize_float(dtype) -> str:
    """The name of a float type given by name or as a NumPy type; any other is refused.

    >>> standardize_float(np.float32)
    'float32'
    """
    try:
        name = np.dtype(dtype).name
    except TypeError:
        name = str(dtype)
    if name not in FLOATS:
        mend = "a layer computes in one float type: take float32" if "mixed" in name else None
        expected = f"one of {', '.join(FLOATS)}"
        raise OptionError("unknown float type", expected=expected, received=repr(dtype), mend=mend)
    return name


def epsilon() -> float:
    """The small number that keeps logarithms and quotients finite (1e-7)."""
    return _settings.epsilon


def set_epsilon(value: float) -> None:
    """Set the small number that `epsilon` returns."""
    real = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if not (real and 0 < value < np.inf):
        raise OptionError("set_epsilon", expected="a number above 0", received=repr(value))
    _settings.epsilon = float(value)


def image_data_format() -> str:
    """Where images keep their channels where no layer says: ``"channels_last"`` unless set."""
    return _settings.image_data_format


def set_image_data_format(data_format: str) -> None:
    """Set the default layout of images: ``"channels_last"`` or ``"channels_first"``."""
    _settings.image_data_format = standardize_data_format(data_format)


def standardize_data_format(data_format: str | None) -> str:
    """The layout asked for, in any case, or the default one for None; any other is refused.

    >>> standardize_data_format(None)
    'channels_last'
    """
    if data_format is None:
        return _settings.image_data_format
    name = data_format.lower() if isinstance(data_format, str) else data_format
    if name not in DATA_FORMATS:
        raise OptionError(
            "unknown data_format", expected=f"one of {', '.join(DATA_FORMATS)}", received=repr(data_format)
        )
    return name


def max_epochs() -> int | None:
    """The most epochs that `fit` runs, whatever it is asked for; None for no limit."""
    return _settings.max_epochs


def set_max_epochs(max_epochs: int | None) -> None:
    """Limit the epochs of every `fit` (a smoke test of a long script)."""
    _settings.max_epochs = None if max_epochs is None else _count("set_max_epochs", max_epochs)


def max_steps_per_epoch() -> int | None:
    """The most steps that an epoch of `fit`, `evaluate` or `predict` takes; None for no limit."""
    return _settings.max_steps_per_epoch


def set_max_steps_per_epoch(max_steps_per_epoch: int | None) -> None:
    """Limit the steps of every epoch (a smoke test of a long script)."""
    steps = max_steps_per_epoch
    _settings.max_steps_per_epoch = None if steps is None else _count("set_max_steps_per_epoch", steps)


def enable_interactive_logging() -> None:
    """Let `fit` show a bar when `verbose="auto"` and somebody watches."""
    _settings.interactive_logging = True


def disable_interactive_logging() -> None:
    """Let `fit` print one plain line an epoch when `verbose="auto"`."""
    _settings.interactive_logging = False


def is_interactive_logging_enabled() -> bool:
    """Whether `verbose="auto"` may show a bar."""
    return _settings.interactive_logging


def threads() -> int:
    """How many threads `fit`, `evaluate` and `predict` use: at most so many cores are at work at once.

    Where a batch is worth it each takes a part of it: on Linux in a process of its own, for the length of the call.

    What `set_threads` said; else the environment's ``LAMINA_THREADS``, ``OPENBLAS_NUM_THREADS`` or ``OMP_NUM_THREADS``
    (of a list, such as ``4,2``, the first; what is no count there is others' business); else one for each core that the
    process may run on. Results are equal, bit for bit, for an equal number.
    """
    if _settings.threads is not None:
        return _settings.threads
    if own := os.environ.get("LAMINA_THREADS"):
        return _count("LAMINA_THREADS", int(own) if own.isdecimal() else own)
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        first = os.environ.get(name, "").partition(",")[0].strip()
        if first.isdecimal() and int(first) > 0:
            return int(first)
    return cores()


def cores() -> int:
    """How many cores the process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def set_threads(count: int | None) -> None:
    """Set how many threads `fit`, `evaluate` and `predict` use from now on; None for what the machine has.

    >>> set_threads(1)
    >>> threads()
    1
    >>> set_threads(None)  # as many as there are cores, or as LAMINA_THREADS says
    """
    _settings.threads = None if count is None else _count("set_threads", count)


@contextmanager
def using_threads(count: int | None) -> Iterator[None]:
    """Within the block, let `threads` be this number; None leaves it as it is."""
    before = _settings.threads
    if count is not None:
        set_threads(count)
    try:
        yield
    finally:
        _settings.threads = before


def compiled() -> bool:
    """Whether kernels that Numba compiles are used: what `set_compiled` said; else whether ``LAMINA_COMPILED`` is 1."""
    if _settings.compiled is None:
        asked = os.environ.get("LAMINA_COMPILED", "0")
        if asked not in ("0", "1"):
            raise OptionError("LAMINA_COMPILED", expected="0 or 1", received=repr(asked))
        set_compiled(asked == "1")
    return bool(_settings.compiled)


def set_compiled(value: bool | None) -> None:
    """Have kernels that Numba compiles do what NumPy does in many calls or passes, or NumPy again.

    There are such for the steps of LSTM, GRU, SimpleRNN and Adam; for normalisation and max pooling; for sigmoid, SiLU,
    GELU and LeakyReLU. They are for float32; other types go by NumPy. Adam's numbers are the same, those of the others
    but for rounding. Compiling takes some seconds, the first time on a machine. None: as the environment's
    ``LAMINA_COMPILED`` says, 0 or 1.

    Raises OptionError where Numba is not installed.

    >>> set_compiled(False)
    >>> compiled()
    False
    >>> set_compiled(None)
    """
    if not isinstance(value, bool | np.bool_ | None):
        raise OptionError("set_compiled", expected="True, False or None", received=repr(value))
    if value and importlib.util.find_spec("numba") is None:
        raise OptionError("set_compiled: Numba is not installed", mend="pip install numba")
    _settings.compiled = None if value is None else bool(value)


def _count(where: str, count: int | str) -> int:
    if isinstance(count, bool) or not isinstance(count, int | np.integer) or count < 1:
        raise OptionError(where, expected="a whole number of 1 or more", received=repr(count))
    return int(count)


if not TYPE_CHECKING:  # editors know what is there
    _ONE_TYPE = "leave it out: a layer computes in one float type, its dtype or what set_floatx says"
    __getattr__ = refusing(__name__, dict.fromkeys(("dtype_policy", "set_dtype_policy"), _ONE_TYPE))
