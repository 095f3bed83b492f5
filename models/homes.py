"""Homes: where the gradients that a part of a split batch gives lie, in memory that every process sees."""

from collections.abc import Callable

import numpy as np

from ..optimizers.layout import Flat, end_to_end
from ..utils.rows import Rows, merge

WHOLE = -1  # the count of rows where the gradient came whole


class Home:
    """The home of the gradients of one flat buffer's variables.

    grad : (numbers,), all of them end to end
    rows : of a table whose gradient came by rows, these; else None
    """

    def __init__(self, flat: Flat, empty: Callable[..., np.ndarray]):
        self.flat = flat
        self.grad, self._views = end_to_end([v.shape for v in flat.variables], flat.grad.dtype, empty)
        if flat.by_rows:
            self._count, self._ids = empty(1, np.int64), empty(len(self._views[0]), np.intp)

    @property
    def rows(self) -> Rows | None:
        """The table's rows, where they lie."""
        if not self.flat.by_rows or self._count[0] == WHOLE:
            return None
        count = self._count[0]
        return Rows(self._ids[:count], self._views[0][:count])

    def gather_in(self) -> None:
        """Have the variables gather their gradients here from now on."""
        for variable, view in zip(self.flat.variables, self._views, strict=True):
            variable.gather_in(view)

    def put(self) -> None:
        """Have what the variables gathered here, zeros included; they begin anew."""
        if self.flat.rows:
            self.put_rows(merge(self.flat.rows))
        else:
            self.flat.settle()
            if self.flat.by_rows:
                self._count[0] = WHOLE
        for variable in self.flat.variables:
            variable.reset_grad()

    def put_rows(self, rows: Rows) -> None:
        """Have these rows here."""
        count = self._count[0] = len(rows.ids)
        self._ids[:count], self._views[0][:count] = rows

    def add_to(self, grad: np.ndarray) -> None:
        """Add a table's gradient, whole or by rows, to one that is whole."""
        rows = self.rows
        if rows is None:
            grad += self._views[0]
        else:
            grad[rows.ids] += rows.values
