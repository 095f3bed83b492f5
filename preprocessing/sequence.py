"""Sequences: where older scripts for Keras have `utils.pad_sequences` from."""

from ..utils.padding import pad_sequences

__all__ = ["pad_sequences"]
