"""Batches: the samples of one step, read and told from others."""

import zlib
from typing import Any, NamedTuple

import numpy as np

from ..errors import DataError
from ..utils import unpack_x_y_sample_weight
from .entrance import Takes, alone, as_array, of_rows, same_length


class Batch(NamedTuple):
    """The samples of one step: x, and y and the weights of the samples where there are any."""

    x: Any
    y: Any = None
    sample_weight: Any = None

    def copy(self) -> "Batch":
        """One in arrays of its own."""
        return Batch(*(None if part is None else part.copy() for part in self))


def checksum(batch: Batch, before: int = 0) -> int:
    """A number that tells batches from others, carried on from that of the batches before.

    >>> checksum(Batch(np.zeros(2))) == checksum(Batch(np.ones(2)))
    False
    """
    for part in batch:
        if part is not None:
            text = part.dtype.kind in "OSUT"
            content = repr((part.dtype.name, part.shape, part.tolist() if text else None)).encode()
            before = zlib.crc32(content if text else content + np.ascontiguousarray(part).tobytes(), before)
    return before


def as_batch(item: Any, takes: Takes) -> Batch:
    """A batch from what a generator gave: x, (x,), (x, y) or (x, y, sample_weight); SciPy's sparse ones made dense."""
    batch = as_samples(*unpack_x_y_sample_weight(item), takes)
    return Batch(*(part.toarray() if hasattr(part, "tocsr") else part for part in batch))


def as_samples(x: Any, y: Any, sample_weight: Any, takes: Takes) -> Batch:
    """Arrays of equal length, with at least one row; any of them may stand in a list of one."""
    x = as_array(alone(x, takes.rank), "x", takes.text)
    if x.shape[0] == 0:
        raise DataError("x is empty", expected="at least one sample", received=f"shape {x.shape}")
    y, sample_weight = (
        None if part is None else as_array(of_rows(part, x.shape[0]), name)
        for part, name in ((y, "y"), (sample_weight, "sample_weight"))
    )
    for other, name in ((y, "y"), (sample_weight, "sample_weight")):
        if other is not None:
            same_length(x, other, name)
    return Batch(x, y, sample_weight)
