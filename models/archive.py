"""The file: a zip of fixed members, written whole or not at all, and read only if it is as it was written.

It knows nothing of models: documents (JSON) and groups of arrays (``.npz``) go in and come out. Members are stored,
not deflated: floats hardly shrink, and what is not packed can't blow up. Dates are fixed, so equal contents are equal
bytes.

``model.json`` comes first and lists every other member and array with type, shape and sha256; from that list and the
checksums follows each byte of the file but the contents. So the reader parses no zip. It works out the headers that
`pack` would have written and compares: a member twice, a name that is a path, sizes that lie, overlaps, links,
encryption and extra bytes are all one thing, a difference. Nothing is allocated before the file's size is known to fit.
"""

import io
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

import numpy as np

from ..errors import ConfigError, FileError
from ..utils.atomic import naming, write_whole
from ..utils.zips import Buffer, Entry, npy, numbers, zipped
from .archive_reader import Reader
from .archive_table import ARRAYS, DOCUMENTS, DTYPES, Contents, make_table, sha256, to_json


def write(path: str | os.PathLike[str], documents: dict[str, Any], arrays: dict[str, dict[str, np.ndarray]]) -> None:
    """Write a file: the old one stands until the new one is whole and on the disk.

    Raises FileError, with the old file as it was and nothing left beside it, where it can't be written; ConfigError for
    a document that is no JSON or an array of a type that is not in `DTYPES`.
    """
    write_whole(path, pack(documents, arrays))


def pack(documents: dict[str, Any], arrays: dict[str, dict[str, np.ndarray]]) -> list[Buffer]:
    """The file's bytes, one after another; arrays are not copied."""
    texts = {name: to_json(name, document) for name, document in documents.items() if name != "model"}
    groups = {group: {name: _plain(name, array) for name, array in found.items()} for group, found in arrays.items()}
    table = make_table(texts, {group: dict(map(_entry, found.items())) for group, found in groups.items()})
    says, model = table.as_document(), documents.get("model", {})
    if set(model) & set(says):
        raise ConfigError("model.json says that of itself", received=", ".join(sorted(set(model) & set(says))))
    members: list[tuple[str, list[Buffer]]] = [("model.json", [to_json("model", says | model)])]
    members += [(f"{name}.json", [texts[name]]) for name in table.texts]
    members += [(f"{group}.npz", zipped(_npz(groups[group], found))) for group, found in table.entries.items()]
    return zipped(members)


def _npz(arrays: dict[str, np.ndarray], entries: dict[str, Entry]) -> Iterator[tuple[str, list[Buffer]]]:
    for name, array in arrays.items():
        yield npy(name), [entries[name].header, numbers(array)]


def _plain(name: str, array: Any) -> np.ndarray:
    array = np.asarray(array)
    if array.dtype.name not in DTYPES:
        raise ConfigError(
            f"array '{name}' can't be written", expected=f"one of {', '.join(DTYPES)}", received=array.dtype.name
        )
    return np.ascontiguousarray(array, array.dtype.newbyteorder("<")).reshape(array.shape)


def _entry(item: tuple[str, np.ndarray]) -> tuple[str, Entry]:
    name, array = item
    return name, Entry(array.dtype.name, array.shape, sha256(numbers(array)))


def read(
    path: str | os.PathLike[str], documents: Sequence[str] = DOCUMENTS, arrays: Sequence[str] = ARRAYS
) -> Contents:
    """What a file holds; only those documents and groups of arrays that are asked for are read, and checked.

    Raises FileError, naming the file and what is wrong with it, for what is not wholly as it was written.
    """
    with opened(path) as (file, size):
        return Reader(file, str(path), size).contents(documents, arrays)


@contextmanager
def opened(path: str | os.PathLike[str]) -> Iterator[tuple[IO[bytes], int]]:
    """A file to be read, and its size. Raises FileError for what is none."""
    with naming(path, "read"):
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise FileError(f"{path} can't be read", expected="a file", received="a folder or a device")
        with open(path, "rb") as file:
            yield file, os.fstat(file.fileno()).st_size


def unpack(data: bytes) -> Contents:
    """What bytes hold that `pack` gave."""
    return Reader(io.BytesIO(data), "the packed model", len(data)).contents(DOCUMENTS, ARRAYS)
