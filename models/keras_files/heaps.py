"""The heaps of an HDF5 file, where its texts lie: looked through before the HDF5 library walks them.

It goes round for ever in a heap whose objects have sizes that can't be, and a list of texts may name one large object
many times.
"""

import re
import struct

HEAP = re.compile(rb"GCOL\x01\x00\x00\x00")
START, OBJECT = struct.Struct("<8sQ"), struct.Struct("<HHIQ")
SIGNATURE = b"\x89HDF\r\n\x1a\n"


def largest_text(data: bytes) -> int:
    """The size of the largest object in any of a file's heaps. Raises ValueError for a heap that is damaged.

    >>> head = SIGNATURE + bytes([0, 0, 0, 0, 0, 8, 8, 0])
    >>> largest_text(head + START.pack(b"GCOL\\1\\0\\0\\0", 48) + OBJECT.pack(1, 0, 0, 3) + b"abc     " + bytes(8))
    3
    """
    sizes = data[13:15] if data[8:9] in (b"\0", b"\1") else data[9:11]  # of addresses, and of lengths
    if data[:8] != SIGNATURE or sizes != b"\x08\x08":
        raise ValueError("it does not begin as HDF5 does, with addresses of 64 bits")
    return max((_largest(data, heap.start()) for heap in HEAP.finditer(data)), default=0)


def _largest(data: bytes, start: int) -> int:
    size = START.unpack_from(data, start)[1] if start + START.size <= len(data) else 0
    place, end, largest = start + START.size, start + size, 0
    if not START.size <= size <= len(data) - start:
        raise ValueError("a heap that ends outside of the file")
    while place + OBJECT.size <= end:
        index, _, _, size = OBJECT.unpack_from(data, place)
        whole = size if index == 0 else OBJECT.size + (size + 7) // 8 * 8  # what is free counts its head, too
        if not OBJECT.size <= whole <= end - place:
            raise ValueError("an object that ends outside of its heap")
        largest = max(largest, 0 if index == 0 else size)
        place += whole
    return largest
