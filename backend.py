"""Keras's other namespace for settings: all of it is `config`'s and `utils`'s."""

from typing import TYPE_CHECKING

from .config import (
    backend,
    epsilon,
    floatx,
    image_data_format,
    set_epsilon,
    set_floatx,
    set_image_data_format,
)
from .errors import refusing
from .utils import clear_session, standardize_dtype

__all__ = [
    "backend",
    "clear_session",
    "epsilon",
    "floatx",
    "image_data_format",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
    "standardize_dtype",
]

_ABSENT = {
    "get_value": "a Variable's numpy() gives its numbers, float(optimizer.learning_rate) a rate",
    "set_value": "a Variable's assign(value) sets its numbers: optimizer.learning_rate = value",
    "function": "Sequential(model.layers[:n]).predict(x) gives what comes out of the n-th layer",
    "eval": "leave it out: arrays hold their numbers, and a Variable gives them by numpy()",
    "learning_phase": "layer(x, training=True) says that it trains",
    "*": "data are NumPy's arrays here, and NumPy's functions take them",
}

if not TYPE_CHECKING:  # editors know what is there
    __getattr__ = refusing(__name__, _ABSENT)
