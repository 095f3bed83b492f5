"""Sequences: where older scripts for Keras have `utils.pad_sequences` from."""

from typing import TYPE_CHECKING

from ..errors import refusing
from ..utils.padding import pad_sequences

__all__ = ["pad_sequences"]

if not TYPE_CHECKING:  # editors know what is there
    __getattr__ = refusing(__name__, {"TimeseriesGenerator": "utils.timeseries_dataset_from_array gives such windows"})
