"""The fixed names of a file's members, what model.json says of the others, and documents as JSON: written and read."""

import hashlib
import json
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..config import VERSION
from ..errors import ConfigError
from ..utils.zips import MOST_BYTES, MOST_DIMENSIONS, MOST_MEMBERS, Buffer, Entry, npy

FORMAT = 1
DOCUMENTS = ("model", "training")  # members model.json, training.json
ARRAYS = ("weights", "optimizer", "state", "training")  # members weights.npz, ...
DTYPES = tuple(f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64))
DTYPES = ("bool", "float16", "float32", "float64", *DTYPES)
MOST_TEXT, MOST_VALUES = 2**25, 2**20  # of a document: bytes, and numbers, strings, lists and mappings


class Contents(NamedTuple):
    """What a file holds: `entries` of all its arrays, and those documents and arrays that were asked for."""

    format: int
    version: str
    entries: dict[str, dict[str, Entry]]
    documents: dict[str, Any]
    arrays: dict[str, dict[str, np.ndarray]]


class Table(NamedTuple):
    """What model.json says of the file: sizes and sha256 of the other documents, and the entries of all arrays."""

    format: int
    version: str
    texts: dict[str, tuple[int, str]]
    entries: dict[str, dict[str, Entry]]

    def as_document(self) -> dict[str, Any]:
        """As it stands in model.json, beside what the caller puts there."""
        return {
            "format": self.format,
            "version": self.version,
            "documents": {name: {"size": size, "sha256": sha256} for name, (size, sha256) in self.texts.items()},
            "arrays": {
                group: {name: entry._asdict() for name, entry in found.items()} for group, found in self.entries.items()
            },
        }


def make_table(texts: dict[str, bytes], entries: dict[str, dict[str, Entry]]) -> Table:
    """The table of these members, in their order."""
    sizes = {name: (len(texts[name]), sha256(texts[name])) for name in in_order(DOCUMENTS, texts)}
    return Table(FORMAT, VERSION, sizes, {group: entries[group] for group in in_order(ARRAYS, entries)})


class NewerFormat(ValueError):
    """A file of a later lamina than this one."""


def take_table(document: Any) -> Table:
    """The table, checked and taken out of what model.json holds; raises ValueError for one that can't be."""
    try:
        form, version = document.pop("format"), document.pop("version")
        texts, groups = document.pop("documents"), document.pop("arrays")
        if type(form) is not int or form < 1 or type(version) is not str:
            raise ValueError("format and version")
        if form > FORMAT:
            raise NewerFormat(f"format {form}, of lamina {version[:20]}")
        sizes = {name: (_whole(text["size"], MOST_TEXT), text["sha256"]) for name, text in texts.items()}
        entries = {group: dict(map(_read_entry, found.items())) for group, found in groups.items()}
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"{type(error).__name__}: {error}"[:200]) from error
    if list(sizes) != in_order(DOCUMENTS[1:], sizes) or list(entries) != in_order(ARRAYS, entries):
        raise ValueError("the order of the members")
    if any(len(found) > MOST_MEMBERS for found in entries.values()):
        raise ValueError("the number of arrays")
    return Table(form, version, sizes, entries)


def in_order(table: Sequence[str], given: dict[str, Any]) -> list[str]:
    """The names given, in the order of the table; one that is not in it is a mistake of the caller."""
    unknown = set(given) - set(table)
    if unknown:
        raise ConfigError("a file has no such member", expected=", ".join(table), received=", ".join(sorted(unknown)))
    return [name for name in table if name in given]


def _read_entry(item: tuple[str, dict[str, Any]]) -> tuple[str, Entry]:
    name, said = item
    npy(name)
    shape = tuple(_whole(length, MOST_BYTES) for length in said["shape"])
    if set(said) != {"dtype", "shape", "sha256"} or said["dtype"] not in DTYPES or type(said["sha256"]) is not str:
        raise ValueError(f"of array '{name}'")
    if len(shape) > MOST_DIMENSIONS or math.prod(max(length, 1) for length in shape) > MOST_BYTES:
        raise ValueError(f"the shape of array '{name}'")
    return name, Entry(said["dtype"], shape, said["sha256"])


def _whole(value: Any, most: int) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError(f"{value!r} is no size")
    return value


def sha256(data: Buffer) -> str:
    """The checksum that stands in the table."""
    return hashlib.sha256(data).hexdigest()


def to_json(name: str, document: Any) -> bytes:
    """A document's bytes; raises ConfigError for what is no plain data, or more than `from_json` takes."""
    try:
        text = json.dumps(document, separators=(",", ":")).encode()
        _hold(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigError(f"{name}.json can't be written", expected="plain data", received=str(error)) from error
    return text


def from_json(text: bytes) -> Any:
    """The document of these bytes; raises ValueError for what is no JSON, has a key twice, or is too much."""
    _hold(text)
    try:
        return json.loads(text.decode("ascii"), object_pairs_hook=_unique)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


def _hold(text: bytes) -> None:
    """Refuse, before any of it is made, more than a document may hold."""
    if len(text) > MOST_TEXT:
        raise ValueError(f"at most {MOST_TEXT} bytes, not {len(text)}")
    values = sum(text.count(mark) for mark in (b",", b"[", b"{"))  # or more: some may stand in strings
    if values > MOST_VALUES:
        raise ValueError(f"at most {MOST_VALUES} values, not {values}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found
