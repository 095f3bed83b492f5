"""Files of lamina's: how one is there whole or not at all."""

import glob
import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from uuid import uuid4

from ..errors import FileError, LaminaError

if sys.platform != "win32":
    import fcntl

PATIENCE = 5.0  # seconds to wait for a folder that another process holds
PART = ".part"  # how the name ends under which a file is written before it is whole


def write_whole(path: str | os.PathLike[str], buffers: Iterable[bytes | memoryview]) -> None:
    """Write a file: the old one stands until the new one is whole and on the disk.

    Raises FileError where the system refuses; the old file is then as it was, and nothing is left beside it. What a
    process leaves that is killed while it writes is deleted when the file is written next.
    """
    with naming(path, "written"):
        path = Path(os.path.realpath(path))  # a link stays a link
        if path.exists() and not path.is_file():
            raise FileError(f"{path} can't be written", expected="a file", received="a folder or a device")
        sweep(path)
        with _beside(path) as file:
            for buffer in buffers:
                file.write(buffer)
            file.flush()
            os.fsync(file.fileno())
            if sys.platform == "win32":  # where an open file can't be renamed
                file.close()
            os.replace(file.name, path)
        _sync_folder(path.parent)


@contextmanager
def _beside(path: Path) -> Iterator[IO[bytes]]:
    """A new file beside that one, held so that nobody sweeps it; gone at the end unless it is renamed."""
    held = False
    while not held:  # another may have swept it before it was held
        part = path.with_name(f".{path.name}.{uuid4().hex}{PART}")
        file = open(part, "xb")  # noqa: SIM115
        with suppress(OSError):  # a file system without locks: what is left behind stays there
            _hold(file, wait=True)
        held = os.fstat(file.fileno()).st_nlink > 0
    try:
        with file:
            yield file
    finally:
        part.unlink(missing_ok=True)


def sweep(path: Path) -> None:
    """Delete what was left by processes that were killed while they wrote this file; one that still writes holds it."""
    for name in glob.glob(f".{glob.escape(path.name)}.*{PART}", root_dir=path.parent):
        part = path.with_name(name)
        with suppress(OSError):  # it is held, or gone
            if sys.platform == "win32":
                part.unlink()  # refused while it is open
            else:
                with open(part, "rb") as file:
                    _hold(file, wait=False)
                    part.unlink()


@contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """A block that writes to a folder, and that no other process runs for the same folder meanwhile.

    Raises FileError where one does, after a while: the helpers of a run that was killed hold it for some seconds still.
    """
    if sys.platform == "win32":  # where no folder can be held
        yield
        return
    with naming(folder, "written"):
        descriptor = os.open(folder, os.O_RDONLY)
    try:
        end = time.monotonic() + PATIENCE
        while not _is_ours(descriptor):
            if time.monotonic() > end:
                mend = "wait until it has ended, or give this one another folder"
                raise FileError(f"{folder}: another run is writing there", mend=mend)
            time.sleep(0.1)
        yield
    finally:
        os.close(descriptor)


def _is_ours(descriptor: int) -> bool:
    """Whether the folder is held now; where a file system has no locks, it is taken to be so."""
    try:
        _hold(descriptor, wait=False)
    except OSError as error:
        return not isinstance(error, BlockingIOError)
    return True


def _hold(file: IO[bytes] | int, wait: bool) -> None:
    """Hold a file until it is closed. Raises OSError if another holds it, or where files can't be held."""
    if sys.platform != "win32":
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


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
