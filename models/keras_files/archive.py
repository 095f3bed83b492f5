"""A ``.keras`` file: a zip of few members, whose names are known; nothing is packed, and nothing leaves memory."""

import os
import re
import zipfile
from typing import Any, NamedTuple

from ...config import VERSION
from ...errors import FileError, LaminaError
from ...utils.atomic import write_whole
from ...utils.zips import MOST_MEMBERS, Buffer, zipped
from ..archive import opened
from ..archive_table import MOST_TEXT, MOST_VALUES, from_json, to_json
from . import hdf5

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
VOCABULARY = re.compile(r"assets/(.+)/vocabulary\.txt")
FOLLOWS = "3.15.1"  # the version of Keras whose files these are like


class Contents(NamedTuple):
    """What a file holds: the config, the arrays, and by the layers' paths their vocabularies, a term a line."""

    config: Any
    tree: hdf5.Tree
    vocabularies: dict[str, str]


def write(path: str | os.PathLike[str], config: Any, tree: hdf5.Tree) -> None:
    """Write a file, whole or not at all."""
    metadata = to_json("metadata", {"keras_version": FOLLOWS, "written_by": f"lamina {VERSION}"})
    members: list[tuple[str, list[Buffer]]] = [
        (METADATA, [metadata]),
        (CONFIG, [to_json("config", config)]),
        (WEIGHTS, [hdf5.pack(tree)]),
    ]
    write_whole(path, zipped(members))


def read(path: str | os.PathLike[str]) -> Contents:
    """What a file holds. Raises FileError for what is no such file, or is damaged."""
    who = str(path)
    with opened(path) as (file, size):
        try:
            with zipfile.ZipFile(file) as archive:
                return _contents(archive, who, size)
        except LaminaError:
            raise
        except Exception as error:  # zipfile meets a damaged file with errors of many kinds
            received = f"{type(error).__name__}: {error}"[:300]
            mend = "give one that model.save, Keras's or lamina's, made: m.keras"
            raise FileError(f"{who}: it is no .keras file, or is damaged", received=received, mend=mend) from error


def _contents(archive: zipfile.ZipFile, who: str, size: int) -> Contents:
    members = archive.infolist()
    names = [member.filename for member in members]
    if len(names) > MOST_MEMBERS or len(set(names)) < len(names):
        raise FileError(f"{who}: its members", expected="each once", received="some twice, or too many")
    for name in (CONFIG, WEIGHTS):
        if name not in names:
            listed = ", ".join(sorted(names))[:200]
            mend = "it is one of lamina's: call it m.lamina" if "model.json" in names else None
            raise FileError(f"{who}: it is no .keras file", expected=f"{name} in it", received=listed, mend=mend)
    wanted = [
        member for member in members if member.filename in (CONFIG, WEIGHTS) or VOCABULARY.fullmatch(member.filename)
    ]
    for member in wanted:
        packed = member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 1
        if packed or member.file_size != member.compress_size:
            mend = "load it with Keras, and save it again"
            raise FileError(f"{who}: {member.filename[:100]}", expected="stored as it is", received="packed", mend=mend)
    if sum(member.file_size for member in wanted) > size:
        raise FileError(f"{who}: its members", expected=f"at most {size} bytes", received="more")
    held = {member.filename: archive.read(member) for member in wanted if member.filename != WEIGHTS}
    config = document(held.pop(CONFIG), f"{who}: {CONFIG}")
    with archive.open(WEIGHTS) as file:
        data = file.read()
    tree = hdf5.read(data, who)
    vocabularies = {}
    for name, text in held.items():
        if len(text) > MOST_TEXT or text.count(b"\n") > MOST_VALUES:
            raise FileError(
                f"{who}: {name}", expected=f"at most {MOST_TEXT} bytes and {MOST_VALUES} lines", received="more"
            )
        vocabularies[VOCABULARY.sub(r"\1", name)] = text.decode("utf-8")
    return Contents(config, tree, vocabularies)


def document(text: bytes, who: str) -> Any:
    """The config that JSON of Keras's says. Raises FileError for what is no JSON, or too much of it."""
    try:
        return from_json(text)
    except ValueError as error:
        raise FileError(f"{who} can't be read", received=str(error)[:300]) from error
