"""Saying that something goes on, but is likely not meant: a LaminaWarning, at the line of the user's that called."""

import sys
import warnings

from ..errors import LaminaWarning

PACKAGE = __name__.partition(".")[0]


def advise(message: str) -> None:
    """Warn at the nearest line that is not of this package."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == PACKAGE:
        frame, level = frame.f_back, level + 1
    warnings.warn(message, LaminaWarning, stacklevel=level)
