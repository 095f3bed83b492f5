"""What a file holds, as text: nothing is built, and no code of the user's is looked for."""

import os
from collections.abc import Iterator
from typing import Any

from ..utils.endings import LAMINA, format_of
from . import archive

MOST_SIGNS, MOST_DEPTH = 500, 20  # of a line, of layers in layers


def inspect(path: str | os.PathLike[str]) -> str:
    """Version, layers, shapes and checksums of a file, all of which is checked.

    Raises FileError, as `load_model` does.
    """
    if format_of(path) != LAMINA:
        return _describe_keras(os.fspath(path))
    return describe(archive.read(path), str(path), os.path.getsize(path))


def _describe_keras(path: str) -> str:
    """The same of a file of Keras's: there are no checksums in it."""
    from .keras_files import contents_of

    config, arrays = contents_of(path)
    weights = [array for name, array in arrays.items() if not name.startswith("optimizer")]
    lines = [
        f"{path}: {'weights' if config is None else 'model'}, in Keras's format",
        f"{os.path.getsize(path):,} bytes; {sum(array.size for array in weights):,} weights",
    ]
    lines += [] if config is None else [*_layers(config), *_compiled(config.get("compile_config"))]
    lines += ["", *_table({name: (array.dtype.name, array.shape, "") for name, array in arrays.items()})]
    return "\n".join(_printable(line).rstrip() for line in lines)


def describe(contents: archive.Contents, where: str, size: int) -> str:
    """The same of a file's contents, its name and its size."""
    document = contents.documents["model"]
    kind = document.get("kind", "state of a run")
    weights = contents.entries.get("weights", {})
    lines = [
        f"{where}: {kind}, format {contents.format}, written by lamina {contents.version}",
        f"{size:,} bytes, all checksums right; {sum(e.length for e in weights.values()):,} weights",
    ]
    lines += _layers(document.get("model"))
    lines += _compiled(document.get("compile"))
    for group, entries in contents.entries.items():
        lines += ["", f"{group}:", *_table(dict(entries))]
    return "\n".join(_printable(line) for line in lines)


def _printable(line: str) -> str:
    """The text of a file, which may say anything, without what would steer a terminal; not too long."""
    plain = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in line[:MOST_SIGNS])
    return plain + "..." if len(line) > MOST_SIGNS else plain


def _layers(described: Any, depth: int = 0) -> Iterator[str]:
    """The class of a model and, where its config lists them, of its layers."""
    if not isinstance(described, dict) or not isinstance(described.get("config"), dict) or depth == MOST_DEPTH:
        return
    config = described["config"]
    yield f"{'  ' * depth}{described.get('class_name')} '{config.get('name')}'"
    layers = config.get("layers")
    inner = layers if isinstance(layers, list) else [config.get("layer")]
    for layer in inner:
        yield from _layers(layer, depth + 1)


def _compiled(described: Any) -> Iterator[str]:
    if isinstance(described, dict):
        names = [_name(described.get(key)) for key in ("optimizer", "loss")]
        metrics = described.get("metrics")
        yield f"compiled with {', '.join([*names, *map(_name, metrics if isinstance(metrics, list) else [])])}"


def _name(described: Any) -> str:
    return str(described.get("class_name") if isinstance(described, dict) else described)


def _table(entries: dict[str, tuple[str, tuple[int, ...], str]]) -> Iterator[str]:
    width = max(map(len, entries), default=0)
    for name, (dtype, shape, sha256) in entries.items():
        lengths = " x ".join(map(str, shape)) or "number"
        yield f"  {name:<{width}}  {dtype:<8} {lengths:<16}" + (f" sha256 {sha256[:16]}" if sha256 else "")
