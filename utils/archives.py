"""Archives: the files in them one by one, and unpacking that stays inside its folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from ..errors import DataError, LaminaError

FORMATS = ("auto", "tar", "zip")


class Entry(NamedTuple):
    """A file of an archive, open for reading; or, where `file` is None, a folder."""

    name: str
    size: int
    file: IO[bytes] | None


@contextmanager
def reading(what: str) -> Iterator[None]:
    """A block that reads a file of the world: whatever a broken one raises, as a DataError that names it."""
    try:
        yield
    except LaminaError:
        raise
    except Exception as error:
        raise DataError(f"{what} can't be read", received=f"{type(error).__name__}: {error}") from error


def entries(path: Path, archive_format: str = "auto") -> Iterator[Entry]:
    """The files and folders of a tar archive (compressed or not) or a zip, in order; links and devices are refused."""
    import tarfile

    is_tar = tarfile.is_tarfile(path) if archive_format == "auto" else archive_format == "tar"
    yield from _tar(path) if is_tar else _zip(path)


def _tar(path: Path) -> Iterator[Entry]:
    import tarfile

    with tarfile.open(path) as archive:
        for member in archive:
            if not (member.isfile() or member.isdir()):
                raise DataError(
                    f"{path.name}: {member.name}", expected="a file or a folder", received="a link or device"
                )
            yield Entry(member.name, member.size, archive.extractfile(member))


def _zip(path: Path) -> Iterator[Entry]:
    import zipfile

    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if info.is_dir():
                yield Entry(info.filename, 0, None)
            else:
                with archive.open(info) as file:
                    yield Entry(info.filename, info.file_size, file)


def unpack(path: Path, folder: Path, archive_format: str = "auto") -> None:
    """Unpack an archive into `folder`, which appears when it is whole, in the place of one that was there.

    Raises DataError for what is no archive, for a member that would land outside the folder, and for more than the disk
    has room for.
    """
    import shutil
    import tempfile

    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=folder.name) as held:
        whole, before = Path(held, "whole"), Path(held, "before")
        whole.mkdir()
        room = shutil.disk_usage(held).free
        with reading(path.name):
            for entry in entries(path, archive_format):
                room -= entry.size  # no more than that is read, whatever lies behind it
                if room < 0:
                    raise DataError(f"{path.name}: {entry.name}", expected="room for it on the disk", received="none")
                target = _inside(whole, entry.name, path.name)
                (target if entry.file is None else target.parent).mkdir(parents=True, exist_ok=True)
                if entry.file is not None:
                    with target.open("wb") as file:
                        shutil.copyfileobj(entry.file, file)
        if folder.exists():
            folder.rename(before)  # and gone with the temporary folder
        whole.rename(folder)


def _inside(folder: Path, name: str, archive: str) -> Path:
    """The place of a member in the folder; no link is ever made there, so its path is what it seems."""
    target = (folder / name).resolve()
    if not target.is_relative_to(folder.resolve()):
        raise DataError(f"{archive}: {name}", expected="a place inside the archive's folder", received="one outside")
    return target
