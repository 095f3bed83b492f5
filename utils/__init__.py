"""Utilities: seeds, conversions of data, files, names for one's own classes."""

from typing import TYPE_CHECKING

from ..config import disable_interactive_logging, enable_interactive_logging, is_interactive_logging_enabled
from ..errors import refusing
from .data import PyDataset, Sequence, pack_x_y_sample_weight, unpack_x_y_sample_weight
from .files import DownloadError, get_file
from .numbers import img_to_array, normalize, standardize_dtype, to_categorical
from .padding import pad_sequences
from .registration import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register,
    register_keras_serializable,
)
from .seeds import set_random_seed
from .splits import split_dataset
from .texts import text_dataset_from_directory
from .windows import timeseries_dataset_from_array


def clear_session(free_memory: bool = True) -> None:
    """Do nothing: there is no session, and models are freed when nothing refers to them. Scripts may call it."""


_FILES = "read the files in a PyDataset of your own, image files by Pillow, say"
_ABSENT = {
    "np_utils": "utils itself has to_categorical and normalize",
    **dict.fromkeys(("deserialize_keras_object", "serialize_keras_object"), "lamina.saving has it"),
    "Progbar": "tqdm draws a bar over whatever is looped over",
    "FeatureSpace": "StringLookup, Discretization, CategoryEncoding and their kin make numbers of columns",
    **dict.fromkeys(("plot_model", "model_to_dot"), "model.summary() shows the layers"),
    **dict.fromkeys(("array_to_img", "load_img", "save_img"), "Pillow does it: PIL.Image"),
    **dict.fromkeys((f"{kind}_dataset_from_directory" for kind in ("audio", "image")), _FILES),
}

if not TYPE_CHECKING:  # editors know what is there
    __getattr__ = refusing(__name__, _ABSENT)

__all__ = [
    "CustomObjectScope",
    "DownloadError",
    "PyDataset",
    "Sequence",
    "clear_session",
    "custom_object_scope",
    "disable_interactive_logging",
    "enable_interactive_logging",
    "get_custom_objects",
    "get_file",
    "get_registered_name",
    "get_registered_object",
    "img_to_array",
    "is_interactive_logging_enabled",
    "normalize",
    "pack_x_y_sample_weight",
    "pad_sequences",
    "register",
    "register_keras_serializable",
    "set_random_seed",
    "split_dataset",
    "standardize_dtype",
    "text_dataset_from_directory",
    "timeseries_dataset_from_array",
    "to_categorical",
    "unpack_x_y_sample_weight",
]


def __dir__() -> list[str]:
    return __all__
