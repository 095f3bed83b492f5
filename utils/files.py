"""Files from the network: fetched once, checked by their hash, kept in a cache."""

import os
from pathlib import Path

from ..errors import LaminaError, OptionError
from .checks import one_of


class DownloadError(LaminaError, OSError):
    """A file that could not be fetched, or is not what its hash says."""


def cache_folder(subfolder: str = "datasets", cache_dir: str | os.PathLike | None = None) -> Path:
    """Where fetched files are kept: `cache_dir`, or the environment's LAMINA_HOME, or ``~/.lamina``."""
    home = Path(cache_dir) if cache_dir is not None else Path(os.environ.get("LAMINA_HOME") or Path.home() / ".lamina")
    return home / subfolder


def get_file(
    fname: str | None = None,
    origin: str | None = None,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: str = "datasets",
    hash_algorithm: str = "auto",
    cache_dir: str | os.PathLike | None = None,
    force_download: bool = False,
) -> str:
    """The path of a file in the cache; fetched from `origin` if it is not there, and checked by its hash.

    The file is written under another name and renamed when it is whole: an interrupted fetch leaves nothing.
    Archives are not unpacked.

    Raises DownloadError, saying what to do, if it can't be fetched or is not what `file_hash` says.
    """
    if origin is None:
        raise OptionError("get_file(origin=...)", expected="an address", received="None")
    name = Path(fname or origin.rstrip("/").split("/")[-1]).name
    file_hash, hash_algorithm = file_hash or md5_hash, "md5" if md5_hash and not file_hash else hash_algorithm
    one_of("get_file", "hash_algorithm", hash_algorithm, ("auto", "sha256", "md5"))
    path = cache_folder(cache_subdir, cache_dir) / name
    if (
        path.exists()
        and not force_download
        and (file_hash is None or hash_of(path, file_hash, hash_algorithm) == file_hash)
    ):
        return str(path)
    _fetch(origin, path, file_hash, hash_algorithm)
    return str(path)


def _fetch(origin: str, path: Path, file_hash: str | None, algorithm: str) -> None:
    import shutil
    import tempfile
    import urllib.request

    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    advice = f"fetch {origin} on a machine with a network, and put it at {path}"
    if file_hash:
        advice += f" (its hash is {file_hash}); or pass its place as path="
    try:
        try:
            with os.fdopen(handle, "wb") as file, urllib.request.urlopen(origin, timeout=30) as answer:
                shutil.copyfileobj(answer, file)
        except OSError as error:
            raise DownloadError(f"can't fetch {path.name}", received=str(error), mend=advice) from None
        if file_hash is not None and hash_of(part, file_hash, algorithm) != file_hash:
            raise DownloadError(
                f"{path.name} is not what it should be",
                expected=f"the hash {file_hash}",
                received=hash_of(part, file_hash, algorithm),
                mend=advice,
            )
        os.replace(part, path)
    finally:
        Path(part).unlink(missing_ok=True)


def hash_of(path: str | os.PathLike, like: str, algorithm: str = "auto") -> str:
    """The hash of a file, by SHA-256 or MD5 (told from the length of `like` if "auto")."""
    import hashlib

    if algorithm == "auto":
        algorithm = "md5" if len(like) == 32 else "sha256"
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()
