"""The endings of files' names: of which format each is, and which of them may hold what. One place decides it."""

import importlib.util
import os
import re

from ..errors import OptionError

LAMINA, KERAS, HDF5 = "lamina", "keras", "hdf5"
_FORMATS = {".lamina": LAMINA, ".keras": KERAS, ".h5": HDF5, ".hdf5": HDF5}
MODELS, WEIGHTS = (".lamina", ".keras", ".h5", ".hdf5"), (".weights.lamina", ".weights.h5")
_OTHERS = re.compile(r"(\.weights)?(\.(lamina|keras|h5|hdf5|npz|ckpt|tf|pkl))?$")


def format_of(path: str | os.PathLike[str]) -> str:
    """The format that a file's name speaks of; any other name is taken for one of lamina's.

    >>> format_of("best.keras"), format_of("runs/w.weights.h5"), format_of("m.lamina")
    ('keras', 'hdf5', 'lamina')
    """
    name = os.fspath(path)
    return next((form for ending, form in _FORMATS.items() if name.endswith(ending)), LAMINA)


def check_ending(who: str, path: str | os.PathLike[str], weights: bool = False) -> str:
    """The path as text, if it ends as that of a model does, or of weights alone, and what writes it is installed.

    >>> check_ending("save", "runs/m.lamina"), check_ending("save", "w.weights.lamina", weights=True)
    ('runs/m.lamina', 'w.weights.lamina')
    """
    name, endings = os.fspath(path), WEIGHTS if weights else MODELS
    if not name.endswith(endings) or (not weights and name.endswith(WEIGHTS)):
        ending = endings[weights and format_of(name) != LAMINA]
        mend = _OTHERS.sub("", os.path.basename(name), count=1) + ending
        raise OptionError(
            who, expected=f"one that ends in {' or '.join(endings)}", received=repr(name), mend=f"call it {mend}"
        )
    need_h5py(who, name)
    return name


def need_h5py(who: str, path: str | os.PathLike[str]) -> None:
    """Refuse a file of Keras's where the package that reads and writes HDF5 is not installed."""
    if format_of(path) != LAMINA and importlib.util.find_spec("h5py") is None:
        ending = WEIGHTS[0] if os.fspath(path).endswith(WEIGHTS) else MODELS[0]
        mend = f"pip install h5py, or call the file {_OTHERS.sub('', os.path.basename(path), count=1)}{ending}"
        raise OptionError(f"{who}: Keras's files hold HDF5", expected="the package h5py", received="none", mend=mend)
