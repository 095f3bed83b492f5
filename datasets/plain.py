"""Plain data from pickles, .npz files and archives: numbers, strings, lists, dicts and arrays, and never code."""

import io
import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import DataError
from ..utils.archives import entries, reading

MOST_BYTES = 1 << 30  # of one file in an archive, unpacked


class PlainType:
    """What stands in for `numpy.dtype` in a pickle: a type of numbers, strings or objects, in some byte order.

    NumPy's own would take over flags from the pickle, and with them believe that bytes are references to objects.
    """

    def __init__(self, code: str | bytes, align: bool = False, copy: bool = False):
        self.dtype = np.dtype(code if isinstance(code, str) else code.decode("ascii"))
        if self.dtype.kind not in "biufcSUO":
            raise DataError("a data file holds an unusual type", expected="plain data", received=str(self.dtype))

    def __setstate__(self, state: tuple) -> None:
        order: Any = state[1] if isinstance(state[1], str) else state[1].decode("ascii")
        self.dtype = self.dtype.newbyteorder(order)


class PlainArray(np.ndarray):
    """What stands in for `numpy.ndarray` in a pickle: takes its numbers only if there are as many as its shape says."""

    def __setstate__(self, state: tuple) -> None:
        _, shape, kind, fortran, numbers = state
        dtype, objects = kind.dtype, kind.dtype == object
        size = math.prod(shape) * (1 if objects else dtype.itemsize)
        if type(numbers) is not (list if objects else bytes) or len(numbers) != size or min(shape, default=0) < 0:
            raise DataError("a data file holds a broken array", expected=f"{size} items", received=repr(type(numbers)))
        super().__setstate__((1, shape, dtype, fortran, numbers))


def _new_array(*_: Any) -> PlainArray:
    return PlainArray(0)  # its state comes next


def _as_bytes(text: str = "", _: str = "latin1") -> bytes:
    return text.encode("latin1")  # as a pickle of an older protocol writes bytes, and none at all as bytes()


class PlainUnpickler(pickle.Unpickler):
    """Reads pickles of plain data, Python 2's included; whatever else one asks for is refused."""

    STAND_INS = {
        ("numpy", "dtype"): PlainType,
        ("numpy", "ndarray"): None,  # an argument of _reconstruct, not to be called
        ("numpy.core.multiarray", "_reconstruct"): _new_array,
        ("numpy._core.multiarray", "_reconstruct"): _new_array,
        ("_codecs", "encode"): _as_bytes,
        ("__builtin__", "bytes"): _as_bytes,
    }

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self.STAND_INS:
            raise DataError("a data file asks for code", expected="plain data", received=f"{module}.{name}")
        return self.STAND_INS[module, name]


def read_pickle(data: bytes, what: str) -> Any:
    """The content of a pickle of plain data; Python 2's strings are bytes."""
    with reading(what):
        return PlainUnpickler(io.BytesIO(data), encoding="bytes").load()


def read_members(path: Path, *names: str) -> list[bytes]:
    """The contents of files of an archive, by name. Nothing is written to disk."""
    found = {}
    with reading(path.name):
        for entry in entries(path):
            if entry.file is not None and entry.name in names:
                if entry.size > MOST_BYTES:
                    raise DataError(
                        f"{path.name}: {entry.name}", expected=f"at most {MOST_BYTES} bytes", received=str(entry.size)
                    )
                found[entry.name] = entry.file.read()
            if len(found) == len(names):
                break
    missing = [name for name in names if name not in found]
    if missing:
        raise DataError(f"{path.name} has no {missing[0]}", expected=", ".join(names), received=", ".join(found))
    return [found[name] for name in names]


def read_arrays(path: Path, *names: str) -> list[np.ndarray]:
    """Arrays of an .npz by name, those of lists included."""
    contents = read_members(path, *(f"{name}.npy" for name in names))
    return [_read_array(data, f"{path.name}: {name}") for data, name in zip(contents, names, strict=True)]


def _read_array(data: bytes, what: str) -> np.ndarray:
    file = io.BytesIO(data)
    with reading(what):
        old = np.lib.format.read_magic(file) == (1, 0)
        header = np.lib.format.read_array_header_1_0 if old else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = header(file)
        if dtype.hasobject:
            return np.asarray(read_pickle(file.read(), what), object).reshape(shape)
        return np.ndarray(shape, dtype, data, file.tell(), order="F" if fortran else "C").copy()
