"""HDF5 as plain data: arrays by path, and the few attributes that say what a group holds. It knows nothing of models.

Of what HDF5 can do only this is read: groups, hard links, whole arrays of numbers as they lie in the file. A link that
is soft or leads out of the file, data in another file or put together from others, filters, an object met twice: all
that is refused, and the arrays together are no larger than the file.
"""

import io
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from ...errors import ConfigError, FileError, LaminaError
from ...utils.zips import MOST_DIMENSIONS, MOST_MEMBERS
from ..archive_table import DTYPES
from .heaps import largest_text

MOST_DEPTH = 64
MOST_TEXTS = 2**31  # bytes of a list of texts, were each as large as the largest in the file
# attributes that are read; a list that is too long for one goes on as weight_names1, ...
TEXTS = re.compile("name|model_config|training_config|(layer|weight)_names[0-9]*")


class Tree(NamedTuple):
    """What a file holds: `arrays` by their paths, and of groups by theirs the `texts`: a text or a list, by name."""

    arrays: dict[str, np.ndarray]
    texts: dict[str, dict[str, Any]]

    def below(self, path: str) -> dict[str, np.ndarray]:
        """The arrays in a group, by the rest of their paths.

        >>> list(Tree({"a/b/0": np.zeros(1), "ab": np.zeros(1)}, {}).below("a"))
        ['b/0']
        """
        return {name[len(path) + 1 :]: array for name, array in self.arrays.items() if name.startswith(f"{path}/")}

    def listed(self, path: str, name: str) -> list[str]:
        """A list of texts that a group has as an attribute, or several attributes, of that name."""
        texts = self.texts.get(path, {})
        parts = [texts[name]] if name in texts else []
        while f"{name}{len(parts)}" in texts:
            parts.append(texts[f"{name}{len(parts)}"])
        return [text for part in parts for text in (part if isinstance(part, list) else [part])]


def read(data: bytes, who: str) -> Tree:
    """What a file of these bytes holds. Raises FileError for what is damaged, or is none of what is read."""
    import h5py

    with _refusing(who):
        found = _Reader(len(data), largest_text(data), who)
    with _refusing(who), h5py.File(io.BytesIO(data), "r") as root:
        found.group(root, "", 0)
        return found.tree


def pack(tree: Tree) -> memoryview:
    """The bytes of a file that holds these."""
    import h5py

    buffer = io.BytesIO()
    try:
        with h5py.File(buffer, "w") as root:
            for path, texts in tree.texts.items():
                group = root.require_group(path) if path else root
                for name, text in texts.items():
                    group.attrs[name] = text
            for path, array in tree.arrays.items():
                root.create_dataset(path, data=array)
    except (OSError, RuntimeError, ValueError) as error:
        raise ConfigError("HDF5 can't hold it", received=str(error)[:500]) from error
    return buffer.getbuffer()


class _Reader:
    def __init__(self, size: int, text: int, who: str):
        self.left, self.largest, self.who, self.tree = size, text, who, Tree({}, {})
        self.met: set[Any] = set()

    def group(self, group: Any, path: str, depth: int) -> None:
        import h5py

        self.meet(group, path)
        if depth > MOST_DEPTH or len(group) > MOST_MEMBERS:
            raise self.wrong(path, f"at most {MOST_DEPTH} groups in each other, and {MOST_MEMBERS} objects", "more")
        for name in group.attrs:
            if TEXTS.fullmatch(name):
                self.tree.texts.setdefault(path, {})[name] = self.text(group.attrs, name, path)
        for name in group:
            inner = f"{path}/{name}" if path else name
            link = group.get(name, getlink=True)
            if not isinstance(link, h5py.HardLink):
                raise self.wrong(inner, "an object of this file", f"a {type(link).__name__}")
            found = group[name]
            if isinstance(found, h5py.Group):
                self.group(found, inner, depth + 1)
            elif isinstance(found, h5py.Dataset):
                self.meet(found, inner)
                self.tree.arrays[inner] = self.array(found, inner)
            else:
                raise self.wrong(inner, "a group or an array", type(found).__name__)

    def meet(self, found: Any, path: str) -> None:
        import h5py

        info = h5py.h5o.get_info(found.id)
        if info.addr in self.met or len(self.met) > MOST_MEMBERS:
            raise self.wrong(path, "each object once", "one that stands elsewhere, too, or too many")
        self.met.add(info.addr)

    def array(self, found: Any, path: str) -> np.ndarray:
        import h5py

        made = found.id.get_create_plist()
        plain = made.get_layout() in (h5py.h5d.CONTIGUOUS, h5py.h5d.COMPACT)
        if not plain or made.get_nfilters() or made.get_external_count():
            mend = "write it with Keras, which stores arrays whole"
            raise self.wrong(path, "an array as it is", "one in chunks, packed, or of other files", mend)
        if found.dtype.name not in DTYPES or found.shape is None or len(found.shape) > MOST_DIMENSIONS:
            raise self.wrong(path, f"numbers: {', '.join(DTYPES)}", str(found.dtype))
        size = math.prod(found.shape) * found.dtype.itemsize
        self.left -= size
        if self.left < 0 or found.id.get_storage_size() != size:
            raise self.wrong(path, "the numbers of its shape in the file", f"shape {found.shape}, and less of them")
        return np.asarray(found[()]).astype(found.dtype.newbyteorder("="), copy=False)

    def text(self, attributes: Any, name: str, path: str) -> Any:
        import h5py

        said = attributes.get_id(name)
        if 0 in said.shape:
            return []  # of no names it is not said that they are text
        if h5py.check_string_dtype(said.dtype) is None or len(said.shape) > 1:
            raise self.wrong(f"{path}@{name}", "text", f"{said.dtype} of shape {said.shape}")
        if max(said.get_storage_size(), math.prod(said.shape) * self.largest) > MOST_TEXTS:
            raise self.wrong(f"{path}@{name}", f"text of at most {MOST_TEXTS} bytes", "what may be more")
        value = attributes[name]
        if isinstance(value, np.ndarray):
            return [_text(item) for item in value.tolist()]
        return _text(value)

    def wrong(self, path: str, expected: str, received: str, mend: str | None = None) -> FileError:
        where = f"{self.who}: '{path[:200]}' in its HDF5"
        return FileError(where, expected=expected, received=received, mend=mend)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


@contextmanager
def _refusing(who: str) -> Iterator[None]:
    try:
        yield
    except LaminaError:
        raise
    except Exception as error:  # h5py says in errors of many kinds what the HDF5 library makes of a damaged file
        received = f"{type(error).__name__}: {error}"[:300]
        raise FileError(f"{who}: its HDF5 can't be read", received=received, mend="take an earlier copy") from error
