"""Kernels compiled by Numba, an extra: each does in one pass what its plain twin does in several.

Only `twins` imports this package. Compiling takes some seconds, once on a machine.
"""

from .normalization import centre, normalize, normalize_gradient, scaled, tilt, totals
from .pooling import largest_back
from .recurrent import gru_step, gru_step_backward, lstm_step, lstm_step_backward, rnn_step, rnn_step_backward
from .updates import adam, adam_rows

__all__ = [
    "adam",
    "adam_rows",
    "centre",
    "gru_step",
    "gru_step_backward",
    "largest_back",
    "lstm_step",
    "lstm_step_backward",
    "normalize",
    "normalize_gradient",
    "rnn_step",
    "rnn_step_backward",
    "scaled",
    "tilt",
    "totals",
]
