"""Gradients by rows: how a rule takes that of a table of which few rows were looked up."""

from collections.abc import Sequence
from typing import Any

import numpy as np


class ByRows:
    """The half of `Optimizer` for tables. A rule with `takes_rows` gets their gradients by rows, and is faster for it.

    To be said beside `update_step`: a class made of the rule's, with an `update_step` of its own, says it anew, if it
    is so there, too.
    """

    takes_rows: bool = False  # whether `update_rows` does what `update_step` would with the whole gradient
    _clips: Sequence[Any]
    _gathered: Any

    def update_step(self, g: np.ndarray, w: np.ndarray, rate: Any, room: np.ndarray, *args: Any, **slots: Any) -> None:
        """See `Optimizer`."""

    def update_rows(
        self, ids: np.ndarray, g: np.ndarray, w: np.ndarray, rate: Any, room: np.ndarray, *args: Any, **slots: Any
    ) -> None:
        """The same for a table w ``(rows, width)`` whose gradient is g in the rows of these ids, and else zero.

        This one changes these rows only: right for a rule that a gradient of zero makes do nothing.
        """
        of_rows = w[ids], *(slot[ids] for slot in slots.values())
        room = room.reshape(-1)[: g.size].reshape(g.shape)
        self.update_step(g, of_rows[0], rate, room, **dict(zip(slots, of_rows[1:], strict=True)))
        for table, rows in zip((w, *slots.values()), of_rows, strict=True):
            table[ids] = rows

    @property
    def by_rows(self) -> bool:
        """Whether gradients come by rows: the rule takes them so, and nothing wants them whole."""
        kinds = type(self).__mro__
        rule, taking = (next(k for k in kinds if name in vars(k)) for name in ("update_step", "takes_rows"))
        return self.takes_rows and issubclass(taking, rule) and not self._clips and self._gathered is None
