"""Reading a file: what it must be, byte for byte, is worked out and compared."""

import os
import zlib
from collections.abc import Sequence
from typing import IO, Any

import numpy as np

from ..errors import FileError
from ..utils.zips import (
    LOCAL,
    MOST_BYTES,
    START,
    Directory,
    Entry,
    crc_of,
    npy,
    numbers,
    size_of,
    size_of_npz,
    size_of_zip,
)
from .archive_table import FORMAT, MOST_TEXT, Contents, NewerFormat, Table, from_json, sha256, take_table


class Reader:
    """A file, open at its beginning, of that name (for messages) and size."""

    def __init__(self, file: IO[bytes], name: str, size: int):
        self.file, self.name, self.size = file, name, size
        self.crc = 0  # of the bytes since the last member began

    def contents(self, documents: Sequence[str], arrays: Sequence[str]) -> Contents:
        """Those documents and groups of arrays; of the others only the headers are looked at."""
        directory = Directory()
        first = self._first()
        text = self._text("model.json", first, self._member(directory, "model.json", first))
        model = self._document("model.json", text)
        table = self._table(model)
        npz = {group: size_of_npz(found) for group, found in table.entries.items()}
        self._fit([("model.json", first), *((f"{name}.json", size) for name, (size, _) in table.texts.items())], npz)
        found_documents = {"model": model} if "model" in documents else {}
        for name, (size, checksum) in table.texts.items():
            crc = self._member(directory, f"{name}.json", size)
            if name not in documents:
                self._skip(size)
                continue
            text = self._text(f"{name}.json", size, crc)
            if sha256(text) != checksum:
                raise self._damaged(f"{name}.json")
            found_documents[name] = self._document(f"{name}.json", text)
        found_arrays = {}
        for group, found in table.entries.items():
            crc = self._member(directory, f"{group}.npz", npz[group])
            if group not in arrays:
                self._skip(npz[group])
                continue
            found_arrays[group] = self._npz(f"{group}.npz", found)
            if self.crc != crc:
                raise self._damaged(f"{group}.npz")
        self._expect(directory.tail(), "the directory")
        return Contents(table.format, table.version, table.entries, found_documents, found_arrays)

    def _fit(self, texts: list[tuple[str, int]], npz: dict[str, int]) -> None:
        """Refuse a file that is not just as large as what is said to be in it."""
        whole = size_of_zip([*texts, *((f"{group}.npz", size) for group, size in npz.items())])
        if whole != self.size:
            what = "cut short" if self.size < whole else "longer than what is in it"
            raise self._wrong(f"it is {what}", f"{whole} bytes", str(self.size), "take an earlier copy")

    def _skip(self, size: int) -> None:
        self.file.seek(size, os.SEEK_CUR)

    def _first(self) -> int:
        """The size of model.json, the first member."""
        start = self.file.read(LOCAL.size)
        if len(start) < LOCAL.size or start[:4] != START:
            mend = "give one that model.save made: m.lamina"
            raise self._wrong("it is no model file, or its beginning is damaged", mend=mend)
        self.file.seek(0)
        size = size_of(start)
        if not 0 < size <= min(MOST_TEXT, self.size) or self.size > MOST_BYTES:
            raise self._wrong("model.json has no size that can be", received=f"{size} of {self.size} bytes")
        return size

    def _member(self, directory: Directory, name: str, size: int) -> int:
        """Check the header of the next member; gives its checksum."""
        start = self.file.read(LOCAL.size + len(name))
        crc = crc_of(start)
        if start != directory.head(name, size, crc):
            raise self._damaged(f"the header of {name}")
        self.crc = 0
        return crc

    def _text(self, member: str, size: int, crc: int) -> bytes:
        text = self.file.read(size)
        if len(text) != size or zlib.crc32(text) != crc:
            raise self._damaged(member)
        return text

    def _document(self, member: str, text: bytes) -> Any:
        try:
            return from_json(text)
        except ValueError as error:
            raise self._wrong(f"{member} is no document of lamina's", received=str(error)) from error

    def _table(self, model: Any) -> Table:
        try:
            return take_table(model)
        except NewerFormat as error:
            mend = "load it with that version, or a later one"
            raise self._wrong("it is of a later lamina", f"format {FORMAT}", str(error), mend) from error
        except ValueError as error:
            raise self._wrong("model.json does not say what is in the file", received=str(error)) from error

    def _npz(self, member: str, entries: dict[str, Entry]) -> dict[str, np.ndarray]:
        directory, arrays = Directory(), {}
        for name, entry in entries.items():
            where, inner, header = f"{member}, '{name}'", npy(name), entry.header
            head = self._take(LOCAL.size + len(inner))
            self._expect(header, where)
            array = np.empty(entry.shape, np.dtype(entry.dtype).newbyteorder("<"))
            data = numbers(array)
            whole = self.file.readinto(data) == len(data)  # type: ignore[attr-defined]
            self.crc = zlib.crc32(data, self.crc)
            crc = zlib.crc32(data, zlib.crc32(header))
            same = head == directory.head(inner, len(header) + len(data), crc) and sha256(data) == entry.sha256
            if not (whole and same) or (entry.dtype == "bool" and array.size and array.view(np.uint8).max() > 1):
                raise self._damaged(where)
            arrays[name] = array.astype(entry.dtype, copy=False)
        self._expect(directory.tail(), f"the directory of {member}")
        return arrays

    def _take(self, size: int) -> bytes:
        data = self.file.read(size)
        self.crc = zlib.crc32(data, self.crc)
        return data

    def _expect(self, data: bytes, where: str) -> None:
        if self._take(len(data)) != data:
            raise self._damaged(where)

    def _damaged(self, where: str) -> FileError:
        return self._wrong(f"{where} is damaged", "what was written", "something else", "take an earlier copy")

    def _wrong(
        self, what: str, expected: str | None = None, received: str | None = None, mend: str | None = None
    ) -> FileError:
        return FileError(f"{self.name}: {what}", expected=expected, received=received, mend=mend)
