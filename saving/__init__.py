"""Keras's other namespace for files of models, and for the names that classes of one's own have in them."""

from ..models import load_model, load_weights, save_model, save_weights
from ..utils.registration import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)

__all__ = [
    "CustomObjectScope",
    "custom_object_scope",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "load_model",
    "load_weights",
    "register_keras_serializable",
    "save_model",
    "save_weights",
]


def __dir__() -> list[str]:
    return __all__
