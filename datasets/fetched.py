"""The data sets that are fetched: where from, and where they lie."""

from pathlib import Path

from ..utils.files import DownloadError, get_file

HOST = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


def fetch(path: str | Path, name: str, file_hash: str, host: str = HOST, subfolder: str = "datasets") -> Path:
    """The file at `path` if there is one, taken as it is; else that of the cache, fetched and checked if need be.

    Raises DownloadError if it can't be fetched, or if `path` names a folder that doesn't hold it.
    """
    given = Path(path).expanduser()
    if given.is_file():
        return given
    if given != Path(given.name):
        raise DownloadError(
            f"there is no file {path}",
            mend=f"fetch {host}{name} and put it there, or leave `path` out and let it be fetched into the cache",
        )
    return Path(get_file(given.name, host + name, file_hash=file_hash, cache_subdir=subfolder))
