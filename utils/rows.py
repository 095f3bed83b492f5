"""Rows of a table, taken and given back; and tables that are zero but in some rows."""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class Rows(NamedTuple):
    """A table that is zero but in some rows.

    ids    : (n,), ascending, each once
    values : (n, width), the rows of these ids
    """

    ids: np.ndarray
    values: np.ndarray

    def within(self, start: int, count: int) -> "Rows":
        """Those of so many rows of the table from `start` on, counted from there."""
        low, high = np.searchsorted(self.ids, (start, start + count))
        return Rows(self.ids[low:high] - start, self.values[low:high])


def take_rows(table: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """y[n] = table[ids[n]], for ids ``(n,)`` that are known to be within the table.

    >>> take_rows(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1, 0, 1])).tolist()
    [[3.0, 4.0], [1.0, 2.0], [3.0, 4.0]]
    """
    return np.take(table, ids, axis=0, mode="clip")


def add_rows(table: np.ndarray, ids: np.ndarray, rows: np.ndarray) -> None:
    """table[ids[n]] += rows[n], each time that an id comes: the gradient of `take_rows`.

    The table is contiguous. Number by number, `add.at` takes a third of the time that it takes row by row, or that
    sorting the ids takes.

    >>> table = np.zeros((2, 2))
    >>> add_rows(table, np.array([1, 0, 1]), np.ones((3, 2)))
    >>> table.tolist()
    [[1.0, 1.0], [2.0, 2.0]]
    """
    width = table.shape[1]
    places = ids[:, None] * width + np.arange(width)  # (n, width)
    np.add.at(table.reshape(-1), places.reshape(-1), rows.reshape(-1))


def sum_rows(ids: np.ndarray, rows: np.ndarray) -> Rows:
    """What `add_rows` makes of a table of zeros, in the same order, without the rows that stay zero.

    >>> sum_rows(np.array([7, 2, 7]), np.array([[1.0], [2.0], [3.0]]))
    Rows(ids=array([2, 7]), values=array([[2.],
           [4.]]))
    """
    order = np.argsort(ids, kind="stable")
    ascending = ids[order]
    first = np.ones(len(ids), bool)
    np.not_equal(ascending[1:], ascending[:-1], out=first[1:])
    values = rows[order[first]]
    (again,) = np.nonzero(~first)
    if len(again):
        add_rows(values, np.cumsum(first)[again] - 1, rows[order[again]])
    return Rows(ascending[first], values)


def merge(tables: Sequence[Rows]) -> Rows:
    """The sum of tables, added in that order.

    >>> merge([Rows(np.array([2]), np.array([[1.0]])), Rows(np.array([0, 2]), np.array([[2.0], [3.0]]))]).values
    array([[2.],
           [4.]])
    """
    if len(tables) == 1:
        return tables[0]
    return sum_rows(np.concatenate([table.ids for table in tables]), np.concatenate([table.values for table in tables]))


def sum_of_squares(tables: Sequence[Rows]) -> float:
    """The sum of the squares of all numbers in the sum of tables.

    >>> sum_of_squares([Rows(np.array([2]), np.array([[1.0]])), Rows(np.array([0, 2]), np.array([[2.0], [3.0]]))])
    20.0
    """
    total = sum(float(np.vdot(table.values, table.values)) for table in tables)
    for a, b in itertools.combinations(tables, 2):  # (a + b)² = a² + b² + 2ab
        _, of_a, of_b = np.intersect1d(a.ids, b.ids, assume_unique=True, return_indices=True)
        total += 2 * float(np.vdot(a.values[of_a], b.values[of_b]))
    return total
