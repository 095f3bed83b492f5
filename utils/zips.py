"""The bytes of a zip whose members are stored, and of an array in one: what a writer puts down and a reader compares.

No deflation, no dates, no extra fields, none of the format's later parts: of names, sizes and checksums there is
one zip only. Every reader of zips reads it.
"""

import math
import re
import struct
import zlib
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from ..errors import ConfigError

LOCAL, CENTRAL, END = struct.Struct("<4s5H3I2H"), struct.Struct("<4s6H3I5H2I"), struct.Struct("<4s4H2IH")
START = b"PK\3\4"
PLAIN = (0, 0, 0, 0x21)  # flags, method (stored), time and date (1980-01-01)
UNIX, NEEDED, MODE = 0x300, 10, 0o100644 << 16  # who made it, for readers of version 1.0, an ordinary file

MOST_BYTES = 2**32 - 1  # of a zip: what these headers can say
MOST_MEMBERS = 2**16 - 1
MOST_DIMENSIONS = 32

Buffer = bytes | memoryview


class Directory:
    """The headers of a zip: `head` before each member, `tail` after the last."""

    def __init__(self) -> None:
        self.position, self.entries = 0, list[bytes]()

    def head(self, name: str, size: int, crc: int) -> bytes:
        """The bytes before a member of that size and checksum."""
        text = name.encode("ascii")
        same = (*PLAIN, crc, size, size, len(text), 0)
        central = CENTRAL.pack(b"PK\1\2", UNIX + NEEDED, NEEDED, *same, 0, 0, 0, MODE, self.position)
        self.entries.append(central + text)
        self.position += LOCAL.size + len(text) + size
        return LOCAL.pack(START, NEEDED, *same) + text

    def tail(self) -> bytes:
        """The directory at the end."""
        entries, count = b"".join(self.entries), len(self.entries)
        return entries + END.pack(b"PK\5\6", 0, 0, count, count, len(entries), self.position, 0)


def crc_of(head: bytes) -> int:
    """The checksum that the bytes before a member speak of."""
    return LOCAL.unpack(head[: LOCAL.size])[6] if len(head) >= LOCAL.size else 0


def size_of(head: bytes) -> int:
    """The size of a member that the bytes before it speak of."""
    return LOCAL.unpack(head[: LOCAL.size])[7]


def zipped(members: Iterable[tuple[str, list[Buffer]]]) -> list[Buffer]:
    """The bytes of a zip, one after another; the contents are not copied."""
    directory, buffers = Directory(), list[Buffer]()
    for name, contents in members:
        crc, size = 0, sum(len(buffer) for buffer in contents)
        if directory.position + size > MOST_BYTES or len(directory.entries) == MOST_MEMBERS:
            raise ConfigError("too much for one file", expected=f"at most {MOST_BYTES} bytes, {MOST_MEMBERS} members")
        for buffer in contents:
            crc = zlib.crc32(buffer, crc)
        buffers += [directory.head(name, size, crc), *contents]
    return [*buffers, directory.tail()]


def size_of_zip(members: Iterable[tuple[str, int]]) -> int:
    """The size of a zip of members of these names and sizes."""
    return END.size + sum(LOCAL.size + CENTRAL.size + 2 * len(name) + size for name, size in members)


class Entry(NamedTuple):
    """What is said of an array."""

    dtype: str
    shape: tuple[int, ...]
    sha256: str

    @property
    def length(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)

    @property
    def size(self) -> int:
        """The bytes of its numbers."""
        return self.length * np.dtype(self.dtype).itemsize

    @property
    def header(self) -> bytes:
        """The bytes before its numbers in NumPy's format, version 1.0."""
        dtype = np.dtype(self.dtype).newbyteorder("<").str
        text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {self.shape}, }}".encode()
        text += b" " * (-(len(text) + 11) % 64) + b"\n"
        return b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text


def npy(name: str) -> str:
    """The member of an array; only letters, digits and ``_-~`` stand for themselves, so it is no path out of a folder.

    >>> npy("dense/kernel"), npy("../x")
    ('dense/kernel.npy', '%2E%2E/x.npy')
    """
    if not all(name.split("/")) or len(name) > 1000:
        raise ConfigError("the name of an array", expected="parts between strokes", received=repr(name)[:100])
    return re.sub("[^A-Za-z0-9_~/-]", _escaped, name) + ".npy"


def _escaped(character: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in character[0].encode("utf-8", "surrogatepass"))


def size_of_npz(entries: dict[str, Entry]) -> int:
    """The size of a zip of these arrays."""
    return size_of_zip((npy(name), len(entry.header) + entry.size) for name, entry in entries.items())


def numbers(array: np.ndarray) -> memoryview:
    """The bytes of a contiguous array's numbers, themselves."""
    return array.reshape(-1).view(np.uint8).data
