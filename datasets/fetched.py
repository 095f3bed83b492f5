"""The data sets that are fetched: where from, with which hash, and how their files are read without running code."""

import io
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import DataError
from ..utils.files import get_file

HOST = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
MOST_BYTES = 2 << 30  # of a member of an archive, unpacked


def fetch(path: str, file_hash: str, origin: str | None = None) -> Path:
    """The file at that place if there is one, else the one of that name in the cache, fetched if need be."""
    if Path(path).exists():
        return Path(path)
    return Path(get_file(Path(path).name, origin or HOST + Path(path).name, file_hash=file_hash))


class PlainUnpickler(pickle.Unpickler):
    """Reads pickles of numbers, strings, lists, dicts and NumPy arrays; whatever else one asks for is refused."""

    ALLOWED = frozenset(
        {
            ("numpy", "ndarray"),
            ("numpy", "dtype"),
            ("numpy.core.multiarray", "_reconstruct"),
            ("numpy._core.multiarray", "_reconstruct"),
            ("_codecs", "encode"),
        }
    )

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self.ALLOWED:
            raise DataError("a data file asks for code", expected="plain data", received=f"{module}.{name}")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


def read_pickle(data: bytes, what: str) -> Any:
    """The content of a pickle of plain data."""
    try:
        return PlainUnpickler(io.BytesIO(data), encoding="bytes").load()
    except DataError:
        raise
    except Exception as error:
        raise DataError(f"{what} can't be read", received=f"{type(error).__name__}: {error}") from None


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an .npz, those of lists included."""
    import zipfile

    arrays = {}
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if info.file_size > MOST_BYTES:
                raise DataError(
                    f"{path.name}: {info.filename}",
                    expected=f"at most {MOST_BYTES} bytes",
                    received=str(info.file_size),
                )
            arrays[info.filename.removesuffix(".npy")] = _read_array(
                archive.read(info), f"{path.name}: {info.filename}"
            )
    return arrays


def _read_array(data: bytes, what: str) -> np.ndarray:
    file = io.BytesIO(data)
    version = np.lib.format.read_magic(file)
    header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = header(file)
    if dtype.hasobject:
        return np.asarray(read_pickle(file.read(), what)).reshape(shape)
    file.seek(0)
    return np.lib.format.read_array(file, allow_pickle=False)


def read_members(path: Path, names: list[str]) -> list[bytes]:
    """The contents of members of a tar archive, by name; nothing is written to disk."""
    import tarfile

    with tarfile.open(path) as archive:
        contents = []
        for name in names:
            try:
                member = archive.getmember(name)
            except KeyError:
                raise DataError(f"{path.name} has no member {name}", expected=", ".join(names)) from None
            file = archive.extractfile(member) if member.isfile() and member.size <= MOST_BYTES else None
            if file is None:
                raise DataError(
                    f"{path.name}: {name}", expected=f"a file of at most {MOST_BYTES} bytes", received=str(member.size)
                )
            contents.append(file.read())
    return contents


def read_words(path: str, file_hash: str) -> dict[str, int]:
    """The words of a text data set, and their numbers by frequency."""
    return json.loads(fetch(path, file_hash).read_text("utf-8"))


def shuffled(seed: int, *pairs: tuple[np.ndarray, np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Pairs of samples and labels in Keras's order of that seed."""
    rng = np.random.RandomState(seed)
    done = []
    for x, y in pairs:
        order = np.arange(len(x))
        rng.shuffle(order)
        done.append((x[order], y[order]))
    return done


def number_words(
    parts: list[tuple[np.ndarray, np.ndarray]],
    num_words: int | None,
    skip_top: int,
    maxlen: int | None,
    start_char: int | None,
    oov_char: int | None,
    index_from: int,
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Texts of word numbers with the numbers of `start_char` and `oov_char` set in, as Keras's loaders do."""
    start = [] if start_char is None else [start_char]
    texts = [[start + [int(word) + index_from for word in text] for text in x] for x, _ in parts]
    labels = [y for _, y in parts]
    if maxlen:
        kept = [[len(text) < maxlen for text in part] for part in texts]
        texts = [
            [text for text, keep in zip(part, keeps, strict=True) if keep]
            for part, keeps in zip(texts, kept, strict=True)
        ]
        labels = [y[np.array(keeps, bool)] for y, keeps in zip(labels, kept, strict=True)]
        if not all(texts):
            raise DataError(
                f"load_data(maxlen={maxlen})", expected="texts shorter than that", received="none", mend="raise maxlen"
            )
    limit = num_words or max(max(text, default=0) for part in texts for text in part)

    def known(text: list[int]) -> list[int]:
        if oov_char is None:
            return [word for word in text if skip_top <= word < limit]
        return [word if skip_top <= word < limit else oov_char for word in text]

    return [(_objects([known(text) for text in part]), y) for part, y in zip(texts, labels, strict=True)]


def _objects(texts: list[list[int]]) -> np.ndarray:
    array = np.empty(len(texts), object)
    array[:] = texts
    return array
