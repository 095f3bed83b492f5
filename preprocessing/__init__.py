"""Keras's other namespace for what makes data ready: all of it is `utils`'s."""

from typing import TYPE_CHECKING

from ..errors import refusing
from ..utils.windows import timeseries_dataset_from_array
from . import sequence

_ABSENT = {
    "image": "RandomFlip, RandomRotation and other layers change images, utils.img_to_array makes arrays of them",
    "text": "the layer TextVectorization makes numbers of text",
}

if not TYPE_CHECKING:  # editors know what is there
    __getattr__ = refusing(__name__, _ABSENT)

__all__ = ["sequence", "timeseries_dataset_from_array"]


def __dir__() -> list[str]:
    return __all__
