"""Files from the network: fetched once, checked by their hash, kept in a cache."""

import os
from pathlib import Path

from ..config import is_interactive_logging_enabled
from ..errors import LaminaError, OptionError
from .archives import FORMATS, unpack
from .checks import one_of

SECONDS = 30  # that a server may keep silent


class DownloadError(LaminaError, OSError):
    """A file that could not be fetched, or is not what its hash says."""


def cache_folder(subfolder: str = "datasets", cache_dir: str | os.PathLike[str] | None = None) -> Path:
    """Where fetched files are kept: in `cache_dir`, or the environment's LAMINA_HOME, or ``~/.lamina``."""
    home = cache_dir or os.environ.get("LAMINA_HOME") or Path("~", ".lamina")
    return Path(home).expanduser() / subfolder


def get_file(
    fname: str | None = None,
    origin: str | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: str = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: str = "auto",
    cache_dir: str | os.PathLike[str] | None = None,
    force_download: bool = False,
) -> str:
    """The path of a file in the cache; fetched from `origin` if it is not there, and checked by its hash.

    The file is written under another name and renamed when it is whole: an interrupted fetch leaves nothing.
    With `extract` (or `untar`, its older name) the file is an archive, a tar or a zip (`archive_format`), and the path
    is that of the folder that holds what was in it: ``words_extracted`` of ``words.tar.gz``, as Keras names it.
    `hash_algorithm`: "sha256", "md5", or "auto", told by the length of `file_hash`; `md5_hash` is its older name.

    Raises DownloadError, saying what to do, if it can't be fetched or is not what `file_hash` says; DataError for a
    broken archive, or one with links or with members that would land outside its folder.
    """
    if origin is None:
        raise OptionError("get_file(origin=...)", expected="an address", received="None")
    one_of("get_file", "hash_algorithm", hash_algorithm, ("auto", "sha256", "md5"))
    one_of("get_file", "archive_format", archive_format, FORMATS)
    name = fname or _name_in(origin)
    if name in ("", "..") or name != Path(name).name:
        raise OptionError(
            "get_file(fname=...)",
            expected="the name of a file",
            received=repr(name),
            mend="give the folder as cache_dir and cache_subdir",
        )
    file_hash = (file_hash or md5_hash or "").lower()
    if hash_algorithm == "auto":
        hash_algorithm = "md5" if len(file_hash) == 32 else "sha256"
    path = folder = cache_folder(cache_subdir, cache_dir) / name
    if extract or untar:
        named = fname is not None and "." in fname
        path = path if named else path.with_name(f"{name}_archive")
        folder = folder.with_name(f"{name.split('.')[0]}_extracted") if named else folder
    missing = not path.is_file() or bool(file_hash and hash_of(path, hash_algorithm) != file_hash)
    if missing or force_download:
        download(origin, path, file_hash, hash_algorithm)
    if folder != path and (missing or force_download or not folder.is_dir()):
        unpack(path, folder, archive_format)
    return str(folder)


def _name_in(origin: str) -> str:
    """The last part of an address.

    >>> _name_in("https://example.org/sets/my%20data.zip?download=1")
    'my data.zip'
    """
    from urllib.parse import unquote, urlsplit

    return unquote(urlsplit(origin).path).rstrip("/").split("/")[-1]


def download(origin: str, path: Path, file_hash: str = "", algorithm: str = "sha256") -> None:
    """Fetch a file to `path`, where it appears when it is whole and has the hash.

    Raises DownloadError, with what to do by hand.
    """
    import http.client
    import urllib.request
    from uuid import uuid4

    advice = f"fetch {origin} on a machine with a network, and put it at {path}"
    if file_hash:
        advice += f"; its {algorithm} is {file_hash}"
    part = path.with_name(f"{path.name}.{uuid4().hex}.part")  # of its own for each process that fetches it
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with urllib.request.urlopen(origin, timeout=SECONDS) as answer:
                _write(answer, part, path.name)
            found = hash_of(part, algorithm)
            if file_hash and found != file_hash:
                raise DownloadError(
                    f"{path.name} is not what it should be",
                    expected=f"the {algorithm} {file_hash}",
                    received=found,
                    mend=advice,
                )
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
    except DownloadError:
        raise
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise DownloadError(f"can't fetch {path.name}", received=f"{error or type(error)}", mend=advice) from error


def _write(answer, part: Path, name: str) -> None:
    """Write what a server answers, with a bar; an answer that is shorter than announced is an error."""
    import shutil

    from tqdm import tqdm

    announced = int(answer.headers.get("Content-Length") or 0)
    quiet = not is_interactive_logging_enabled()
    with (
        part.open("xb") as file,
        tqdm.wrapattr(answer, "read", total=announced or None, desc=name, disable=quiet) as stream,
    ):
        shutil.copyfileobj(stream, file)
        if file.tell() < announced:
            raise OSError(f"the connection broke after {file.tell()} of {announced} bytes")


def hash_of(path: Path, algorithm: str = "sha256") -> str:
    """The hash of a file, by SHA-256 or MD5."""
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()
