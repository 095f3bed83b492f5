"""Texts in files, as batches."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import DataError, OptionError
from .checks import file_path, number, one_of, positive_int, truth, unless_none
from .numbers import to_categorical
from .ordered import Ordered
from .seeds import generator

WHO = "text_dataset_from_directory"


class Texts(Ordered):
    """Batches of texts, each file read when it is asked for: see `text_dataset_from_directory`.

    paths       : of all files that were found, by number, those of other parts among them
    targets     : y of all these, ``(files, ...)``; None where there is none
    class_names : by class number; None where there are no classes
    max_length  : how many characters of a text to keep at most
    """

    def __init__(
        self,
        paths: list[str],
        targets: np.ndarray | None,
        class_names: list[str] | None,
        max_length: int | None,
        order: np.ndarray,
        batch_size: int | None,
        rng: np.random.Generator | None,
    ):
        self.paths, self.targets, self.class_names, self.max_length = paths, targets, class_names, max_length
        super().__init__(order, batch_size, rng)

    @property
    def file_paths(self) -> list[str]:
        """The paths of its texts, in their order."""
        return [self.paths[number] for number in self.order]

    def samples(self, numbers: Any) -> Any:
        """These texts, and their labels beside them."""
        texts = [self._read(self.paths[number]) for number in np.atleast_1d(numbers)]
        x = np.array(texts).reshape(np.shape(numbers))
        return x if self.targets is None else (x, self.targets[numbers])

    def _read(self, path: str) -> str:
        try:
            text = Path(path).read_bytes().decode()
        except UnicodeDecodeError as error:
            raise DataError(path, expected="text in UTF-8", received=str(error), mend="convert the file") from None
        return text[: self.max_length]


def text_dataset_from_directory(
    directory: str | os.PathLike[str],
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    batch_size: int | None = 32,
    max_length: int | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    follow_links: bool = False,
    verbose: bool = True,
) -> Texts | list[Texts]:
    """Texts of the ``.txt`` files below a folder, in batches read as they are asked for.

    With `labels` "inferred" each folder in it is a class, in the order of their names or in that of `class_names`,
    which may leave some out. Else `labels` is None, or has a class number for each file, in the order of their paths.

    `label_mode` says what y is: "int", "binary" for two classes, "categorical", or None for no y. A text is cut off
    after `max_length` characters. A `batch_size` of None gives single texts. `shuffle` draws the texts in a new order
    for each epoch, fixed by `seed`; it is not the order that Keras draws. `validation_split` holds a share of the files
    back, the last ones in the order drawn first; `subset` is "training" or "validation", or "both" for a list of the
    two, of which the second stays in its order. What comes has `class_names` and `file_paths`.

    Shapes: x ``(batch,)``, strings; y ``(batch,)`` as int32, float32 ``(batch, 1)`` for "binary", float32
    ``(batch, classes)`` for "categorical".

    Raises OptionError for options that do not fit each other or the folders; DataError where a part has no file, and
    for a file that is not in UTF-8, when it is read.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for kind, text in (("bad", "dull"), ("good", "fun")):
    ...         os.mkdir(f"{folder}/{kind}")
    ...         _ = Path(f"{folder}/{kind}/1.txt").write_text(text)
    ...     text_dataset_from_directory(folder, shuffle=False, verbose=False)[0]
    (array(['dull', 'fun'], dtype='<U4'), array([0, 1], dtype=int32))
    """
    one_of(WHO, "label_mode", label_mode, ("int", "binary", "categorical", None))
    shuffle, follow_links = truth(WHO, "shuffle", shuffle), truth(WHO, "follow_links", follow_links)
    batch_size = unless_none(positive_int, WHO, "batch_size", batch_size)
    max_length = unless_none(positive_int, WHO, "max_length", max_length)
    _check_split(validation_split, subset, shuffle, seed)
    folder = file_path(WHO, "directory", directory)
    paths, numbers, names = _found(folder, None if label_mode is None else labels, class_names, follow_links)
    if verbose:
        print(f"Found {len(paths)} files" + (f" belonging to {len(names)} classes." if names else "."))
    targets = None if numbers is None or names is None else _targets(numbers, names, label_mode)

    rng = generator(seed)
    order = rng.permutation(len(paths)) if shuffle else np.arange(len(paths))
    cut = len(paths) - int((validation_split or 0) * len(paths))
    parts = {None: order, "training": order[:cut], "validation": order[cut:]}
    made = []
    for part in ("training", "validation") if subset == "both" else (subset,):
        chosen = parts[part]
        if len(chosen) == 0:
            raise DataError(f"{WHO}: no text", expected=f"files in {folder} that end in .txt", received=f"{len(paths)}")
        if verbose and part is not None:
            print(f"Using {len(chosen)} files for {part}.")
        draws = rng if shuffle and not (subset == "both" and part == "validation") else None
        made.append(Texts(paths, targets, names, max_length, chosen.copy(), batch_size, draws))
    return made if subset == "both" else made[0]


def _check_split(share: Any, subset: Any, shuffle: bool, seed: Any) -> None:
    """Refuse what names no part, or a part that another call may draw otherwise."""
    one_of(WHO, "subset", subset, ("training", "validation", "both", None))
    if share is not None:
        number(WHO, "validation_split", share, 0, 1)
    if (share is None) != (subset is None):
        received = f"validation_split={share} and subset={subset!r}"
        raise OptionError(WHO, expected="both of validation_split and subset, or none", received=received)
    if subset in ("training", "validation") and shuffle and seed is None:
        mend = "give both calls one seed, or shuffle=False: else the parts may share files"
        raise OptionError(f"{WHO}(subset={subset!r})", expected="a seed", received="none", mend=mend)


def _found(
    folder: str, labels: Any, names: Sequence[str] | None, follow_links: bool
) -> tuple[list[str], np.ndarray | None, list[str] | None]:
    """The paths of the files, the class number of each, and the names of the classes."""
    if isinstance(labels, str) and labels == "inferred":
        folders = sorted(entry.name for entry in os.scandir(folder) if entry.is_dir() and entry.name[0] != ".")
        names = folders if names is None else list(names)
        if not set(names) <= set(folders):
            raise OptionError(f"{WHO}(class_names=...)", expected=f"folders of {folders}", received=repr(names))
        files = [_files(os.path.join(folder, name), follow_links) for name in names]
        counts = [len(of_class) for of_class in files]
        return [path for of_class in files for path in of_class], np.repeat(np.arange(len(names)), counts), list(names)
    if names is not None:
        raise OptionError(f"{WHO}(class_names=...)", expected='labels="inferred"', received=f"labels={labels!r}")
    paths = _files(folder, follow_links)
    if labels is None:
        return paths, None, None
    numbers = np.asarray(labels)
    if numbers.shape != (len(paths),) or numbers.dtype.kind not in "iu":
        expected = f'"inferred", None, or a class number for each of the {len(paths)} files'
        raise OptionError(f"{WHO}(labels=...)", expected=expected, received=f"shape {numbers.shape}, {numbers.dtype}")
    return paths, numbers, [str(label) for label in sorted(set(numbers.tolist()))]


def _files(folder: str, follow_links: bool) -> list[str]:
    """The paths of the texts in a folder and below it, in the order of their names."""
    found = sorted(os.walk(folder, followlinks=follow_links))
    paths = [os.path.join(root, name) for root, _, names in found for name in sorted(names)]
    return [path for path in paths if path.lower().endswith(".txt")]


def _targets(numbers: np.ndarray, names: list[str], mode: str | None) -> np.ndarray:
    """y of all texts."""
    if mode == "binary" and len(names) != 2:
        raise OptionError(f'{WHO}(label_mode="binary")', expected="two classes", received=f"{len(names)}: {names}")
    if mode == "categorical":
        return to_categorical(numbers, len(names)).astype(np.float32)
    return numbers.astype(np.int32) if mode == "int" else numbers.astype(np.float32)[:, np.newaxis]
