"""Saying something about training that goes on: a LaminaWarning, at the line of the user's that called."""

import sys
import warnings
from pathlib import Path

from ..errors import LaminaWarning

PACKAGE = str(Path(__file__).parent.parent)


def advise(message: str) -> None:
    """Warn at the nearest line that is not of this package."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_code.co_filename.startswith(PACKAGE):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, LaminaWarning, stacklevel=level - 1)
