"""Data files of one's own: arrays from an .npz, a table of numbers from a .csv."""

import csv
from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import DataError, did_you_mean
from ..utils.archives import reading
from ..utils.atomic import naming

OTHER_MARKS = {";": "semicolons", "\t": "tabs", "|": "strokes"}  # between cells, in files that are no CSV
IN_UTF_8 = "save it as UTF-8, as an editor or a spreadsheet offers"
MOST_EXACT = 2.0**53  # up to which floats hold every whole number

Row = tuple[int, list[str]]  # the line of a file that it ends on, and its cells


def read_npz(path: Path, *names: str) -> list[np.ndarray]:
    """Arrays of an .npz file by name."""
    import zipfile

    with naming(path, "read"), path.open("rb") as file:
        if not zipfile.is_zipfile(file):  # NumPy would take it for a pickle
            raise DataError(str(path), expected=f"an .npz file of {', '.join(names)}, or a .csv", received="neither")
        file.seek(0)
        with reading(str(path)), np.load(file, allow_pickle=False) as members:
            if not set(names) <= set(members):
                raise DataError(str(path), expected=", ".join(names), received=", ".join(members) or "no arrays")
            arrays = [_member(members, name, f"{path}: {name}") for name in names]
    for name, array in zip(names, arrays, strict=True):
        if array.ndim == 0:
            raise DataError(f"{path}: {name}", expected="an array of samples", received=f"{array!r}, a single value")
    return arrays


def _member(members: Any, name: str, what: str) -> np.ndarray:
    try:
        return members[name]
    except ValueError as error:
        if "allow_pickle" not in str(error):
            raise
        mend = "save numbers, or texts with dtype=str, in rows of one length"
        raise DataError(what, expected="numbers or texts", received="Python's objects", mend=mend) from None


def read_csv(path: Path, target: str | None) -> tuple[np.ndarray, np.ndarray]:
    """x and y of a table with a headline: y is the column `target`, or the last; whole numbers are classes.

    Raises DataError that names the line and the column of what is no number.
    """
    (_, head), *body = _rows(path)
    head = [name.strip() for name in head]
    if all(_is_number(name) for name in head):
        mend = "write the columns' names in a line above"
        raise DataError(f"{path}", expected="a headline", received=f"numbers, {','.join(head[:3])}", mend=mend)
    for place, name in enumerate(head):
        if name in head[:place]:
            raise DataError(f"{path} has two columns '{name}'", mend="give each a name of its own")
    if len(head) == 1:
        mends = [f"separate cells by commas, not {name}" for mark, name in OTHER_MARKS.items() if mark in head[0]]
        raise DataError(
            str(path),
            expected="a column besides the target",
            received=f"one column, {head[0]!r}",
            mend=mends[0] if mends else None,
        )
    if target is None:
        target = head[-1]
    if target not in head:
        raise DataError(f"{path} has no column '{target}'", mend=did_you_mean(target, head))
    table = np.array([_numbers(path, head, *row) for row in body])
    y, x = table[:, head.index(target)], np.delete(table, head.index(target), axis=1)
    classes = np.array_equal(y, np.rint(y)) and np.abs(y).max() < MOST_EXACT
    return x, y.astype(np.int64) if classes else y


def _rows(path: Path) -> list[Row]:
    """The rows that are not empty; a mark of the order of bytes before the first is left out."""
    with naming(path, "read"), path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file)
        try:
            rows = [(reader.line_num, cells) for cells in reader if "".join(cells).strip()]
        except csv.Error as error:  # a cell that is too long
            raise DataError(f"{path}:{reader.line_num} can't be read", received=str(error)) from None
        except UnicodeDecodeError:
            raise DataError(str(path), expected="text in UTF-8", received="other bytes", mend=IN_UTF_8) from None
    if len(rows) < 2:
        raise DataError(str(path), expected="a headline and a line for each sample", received=f"{len(rows)} lines")
    return rows


def _numbers(path: Path, head: Sequence[str], line: int, cells: Sequence[str]) -> list[float]:
    if len(cells) != len(head):
        raise DataError(f"{path}:{line}", expected=f"{len(head)} cells, as in the headline", received=str(len(cells)))
    try:
        return [_number(cell) for cell in cells]
    except ValueError:
        name, cell = next(pair for pair in zip(head, cells, strict=True) if not _is_number(pair[1]))
    received = repr(cell[:40]) if cell.strip() else "an empty cell"
    mend = "fill such cells or leave the rows out, and turn words into numbers, before training"
    raise DataError(f"{path}:{line}: column '{name}'", expected="a number", received=received, mend=mend)


def _number(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise ValueError(text)
    return value


def _is_number(text: str) -> bool:
    try:
        _number(text)
    except ValueError:
        return False
    return True
