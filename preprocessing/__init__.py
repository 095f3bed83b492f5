"""Keras's other namespace for what makes data ready: all of it is `utils`'s."""

from ..utils.windows import timeseries_dataset_from_array
from . import sequence

__all__ = ["sequence", "timeseries_dataset_from_array"]


def __dir__() -> list[str]:
    return __all__
