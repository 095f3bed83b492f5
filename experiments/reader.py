"""YAML files as plain data that remember where each entry stands.

Safe scalars only, read as YAML 1.2 has them: ``1e-3`` is a number, ``no`` and ``on`` are words. Keys that stand twice,
tags, and files too deep or too large are refused with their place: while they are parsed, before all of one is in
memory, and again when their aliases are followed.
"""

import functools
import re
import stat
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import ConfigError

MOST_DEPTH, MOST_NODES, MOST_ALIASES, MOST_BYTES = 40, 20_000, 1_000, 1_000_000

_NULL = re.compile(r"~|null|Null|NULL|")
_TRUE, _FALSE = re.compile(r"true|True|TRUE"), re.compile(r"false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"([-+]?)\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


_NOT_YAML = {  # what PyYAML says, and the likely mend
    "'\\t'": "indent by spaces, not by a tab",
    "cannot start any token": "put the text in quotes",
    "mapping values are not allowed": "write `key: value`, with a blank, and indent the keys of one mapping alike",
    "could not find expected ':'": "write `key: value`; the line, or the one before, has no colon",
    "expected ',' or": "close the bracket that is opened at {}",
    "expected <block end>": "indent the keys of one mapping, and the dashes of one list, alike",
    "found another document": "take out the line `---`: one experiment a file",
    "undefined alias": "put the text in quotes: a word after * or & is a mark",
    "unexpected end of stream": "close the quotes that are opened at {}",
}


class Place(NamedTuple):
    """Where something stands: a file (or an override of the command line), a line and a column, both from 1."""

    source: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}" if self.line else self.source


class Table(dict):
    """A mapping that knows where it, and each of its keys, stands."""

    place: Place
    keys_at: dict[str, Place]


class Items(list):
    """A list that knows where it, and each of its entries, stands."""

    place: Place
    items_at: list[Place]


def read_file(path: str | Path) -> Any:
    """The content of a YAML file."""
    path = Path(path)
    try:
        if not path.is_dir() and path.exists() and not stat.S_ISREG(path.stat().st_mode):
            raise ConfigError(f"can't read {path}", expected="a file", received="a pipe or a device")
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        text = data.decode("utf-8")
    except OSError as error:
        raise ConfigError(f"can't read {path}", received=error.strerror or str(error), mend="check the path") from None
    except UnicodeDecodeError:
        raise ConfigError(str(path), expected="text in UTF-8", received="other bytes") from None
    except ConfigError:
        raise
    except ValueError as error:  # a zero in the name
        raise ConfigError(f"can't read {path}", received=str(error), mend="check the path") from None
    return read_text(text, str(path))


def read_text(text: str, source: str = "text") -> Any:
    """The content of YAML text.

    >>> read_text("{rate: 1e-3, on: no}")
    {'rate': 0.001, 'on': 'no'}
    """
    import yaml

    if len(text) > MOST_BYTES:
        raise ConfigError(source, expected=f"at most {MOST_BYTES} bytes", received="more")
    try:
        node = yaml.compose(text, Loader=_loader())
    except _TooMuch as error:
        raise _too_much(Place(source, *error.at)) from None
    except _Tagged as error:
        place, tag = Place(source, *error.at), error.tag
        raise ConfigError(
            f"{place}: the tag {tag[:80]}", expected="plain data without tags", mend="take the tag out"
        ) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(source, mark.line + 1, mark.column + 1) if mark else Place(source)
        problem = error.problem or "something else"
        mend = next((mend for said, mend in _NOT_YAML.items() if said in problem), None)
        if mend is not None and error.problem_mark and error.context_mark and "{}" in mend:
            mend = mend.format(f"{error.context_mark.line + 1}:{error.context_mark.column + 1}")
        raise ConfigError(f"{place}: not YAML", received=problem, mend=mend) from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ConfigError(
            f"{source}: not YAML", received=str(error).splitlines()[0] if str(error) else "something else"
        ) from None
    return None if node is None else _Reader(source).read(node, 0)


def is_word(text: str) -> bool:
    """Whether text is read as the text that it is where it stands without quotes.

    >>> is_word("12e03"), is_word("no")
    (False, True)
    """
    return not any(kind.fullmatch(text) for kind in (_NULL, _TRUE, _FALSE, _INT, _FLOAT, _SPECIAL))


class _Refused(Exception):
    """What is refused while a file is parsed, and the line and column where that was noticed."""

    def __init__(self, event) -> None:
        super().__init__(event)
        self.at = event.start_mark.line + 1, event.start_mark.column + 1
        self.tag = str(getattr(event, "tag", None))


class _TooMuch(_Refused):
    """A file that is too deep or too large."""


class _Tagged(_Refused):
    """An entry whose tag says what to make of it."""


def _too_much(place: Place) -> ConfigError:
    most = f"{MOST_DEPTH} levels, {MOST_NODES} entries, {MOST_ALIASES} aliases"
    return ConfigError(f"{place}: too deep or too large", expected=most, received="more")


@functools.cache
def _loader() -> Any:
    """PyYAML's safe loader, which stops where there is too much, or a tag: without one, each node is plain data."""
    import yaml

    class Loader(yaml.SafeLoader):
        """Counts nodes while they are composed."""

        nodes = aliases = depth = 0

        def compose_node(self, parent, index):
            event = self.peek_event()
            self.nodes += 1
            self.aliases += isinstance(event, yaml.AliasEvent)
            if self.depth > MOST_DEPTH or self.nodes > MOST_NODES or self.aliases > MOST_ALIASES:
                raise _TooMuch(event)
            if getattr(event, "tag", None) is not None:
                raise _Tagged(event)
            self.depth += 1
            node = super().compose_node(parent, index)
            self.depth -= 1
            return node

    return Loader


class _Reader:
    """Turns the nodes of YAML into data, and counts them."""

    def __init__(self, source: str):
        self.source, self.nodes = source, 0

    def place(self, node) -> Place:
        return Place(self.source, node.start_mark.line + 1, node.start_mark.column + 1)

    def read(self, node, depth: int) -> Any:
        import yaml

        self.nodes += 1
        if depth > MOST_DEPTH or self.nodes > MOST_NODES:
            raise _too_much(self.place(node))
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node)
        if isinstance(node, yaml.SequenceNode):
            items = Items(self.read(item, depth + 1) for item in node.value)
            items.place, items.items_at = self.place(node), [self.place(item) for item in node.value]
            return items
        table = Table()
        table.place, table.keys_at = self.place(node), {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise ConfigError(
                    f"{self.place(key_node)}: a key", expected="a word or a number", received="a list or a mapping"
                )
            key = self.scalar(key_node)
            if key in table:
                raise ConfigError(
                    f"{self.place(key_node)}: the key '{key}' stands twice",
                    mend=f"the first is at {table.keys_at[key]}",
                )
            table.keys_at[key] = self.place(key_node)
            table[key] = self.read(value_node, depth + 1)
        return table

    def scalar(self, node) -> Any:
        """A scalar by the core schema of YAML 1.2 (section 10.3)."""
        text = node.value
        if node.style is not None:  # in quotes, or a block of text
            return text
        if _NULL.fullmatch(text):
            return None
        if _TRUE.fullmatch(text) or _FALSE.fullmatch(text):
            return text[0] in "tT"
        if _INT.fullmatch(text):
            self.refuse_more(node, len(text) < 20, "a whole number of at most 19 digits")
            return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
        if _FLOAT.fullmatch(text):
            self.refuse_more(node, isfinite(float(text)), "a number that a float can hold, or .inf")
            return float(text)
        special = _SPECIAL.fullmatch(text)
        if special:
            return float("nan") if special[3] else float(f"{special[1]}inf")
        return text

    def refuse_more(self, node, holds: bool, expected: str) -> None:
        """Refuse a number that would become another."""
        if not holds:
            raise ConfigError(f"{self.place(node)}: a number", expected=expected, received=node.value[:40])
