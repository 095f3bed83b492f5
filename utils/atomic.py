"""Files of lamina's: their names, and how one is there whole or not at all."""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from ..errors import FileError, LaminaError, OptionError

PART = ".part"  # how the name ends under which a file is written before it is whole

SUFFIX, WEIGHTS_SUFFIX = ".lamina", ".weights.lamina"
_OTHERS = re.compile(r"(\.weights)?(\.(lamina|keras|h5|hdf5|npz|ckpt|tf|pkl))?$")


def check_suffix(who: str, path: str | os.PathLike[str], suffix: str) -> str:
    """The path as text, if it ends as it should: a model's in ``.lamina``, that of weights in ``.weights.lamina``.

    >>> check_suffix("save", "runs/m.lamina", SUFFIX)
    'runs/m.lamina'
    """
    name = os.fspath(path)
    if not name.endswith(suffix) or (suffix == SUFFIX and name.endswith(WEIGHTS_SUFFIX)):
        mend = _OTHERS.sub("", os.path.basename(name), count=1) + suffix
        raise OptionError(who, expected=f"one that ends in {suffix}", received=repr(name), mend=f"call it {mend}")
    return name


def write_whole(path: str | os.PathLike[str], buffers: Iterable[bytes | memoryview]) -> None:
    """Write a file: the old one stands until the new one is whole and on the disk.

    Raises FileError where the system refuses; the old file is then as it was, and nothing is left beside it.
    """
    with naming(path, "written"):
        path = Path(os.path.realpath(path))  # a link stays a link
        if path.exists() and not path.is_file():
            raise FileError(f"{path} can't be written", expected="a file", received="a folder or a device")
        part = path.with_name(f".{path.name}.{uuid4().hex}{PART}")
        try:
            with open(part, "xb") as file:
                for buffer in buffers:
                    file.write(buffer)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Let the new name be on the disk too, where the system can be asked for it."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def naming(path: str | os.PathLike[str], done: str) -> Iterator[None]:
    """A block that reads or writes a file: whatever the system refuses, as one error that names the file."""
    try:
        yield
    except LaminaError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a name with a zero in it
        raise FileError(f"{path} can't be {done}", received=getattr(error, "strerror", None) or str(error)) from error
