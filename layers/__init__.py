"""Layers: each file shows a forward pass and, directly under it, its backward pass."""

from typing import Any

from ..utils.component import serialize
from .activation import ELU, Activation, LeakyReLU, ReLU, Softmax
from .additive_attention import AdditiveAttention
from .attention import Attention
from .base import Layer, LayerOptions, registry
from .batch_normalization import BatchNormalization
from .category_encoding import CategoryEncoding
from .dense import Dense
from .discretization import Discretization
from .dropout import Dropout
from .einsum_dense import EinsumDense
from .group_normalization import GroupNormalization
from .hashing import Hashing
from .identity import ActivityRegularization, Identity
from .input import Input, InputLayer, KerasTensor
from .layer_normalization import LayerNormalization
from .masking import Masking
from .multi_head_attention import MultiHeadAttention
from .noise import AlphaDropout, GaussianDropout, GaussianNoise
from .normalization import Normalization
from .prelu import PReLU
from .rescaling import Rescaling
from .reshaping import Flatten, Permute, RepeatVector, Reshape
from .rms_normalization import RMSNormalization
from .spatial_dropout import SpatialDropout1D, SpatialDropout2D, SpatialDropout3D
from .spec import InputSpec
from .string_lookup import IntegerLookup, StringLookup
from .text_vectorization import TextVectorization
from .unit_normalization import UnitNormalization


def deserialize(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Layer:
    """The layer that a config describes: ``{"class_name": "Dense", "config": {"units": 3}}``."""
    return registry.from_dict(config, custom_objects)


__all__ = [
    "ELU",
    "Activation",
    "ActivityRegularization",
    "AdditiveAttention",
    "AlphaDropout",
    "Attention",
    "BatchNormalization",
    "CategoryEncoding",
    "Dense",
    "Discretization",
    "Dropout",
    "EinsumDense",
    "Flatten",
    "GaussianDropout",
    "GaussianNoise",
    "GroupNormalization",
    "Hashing",
    "Identity",
    "Input",
    "InputLayer",
    "InputSpec",
    "IntegerLookup",
    "KerasTensor",
    "Layer",
    "LayerNormalization",
    "LayerOptions",
    "LeakyReLU",
    "Masking",
    "MultiHeadAttention",
    "Normalization",
    "PReLU",
    "Permute",
    "RMSNormalization",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "StringLookup",
    "TextVectorization",
    "UnitNormalization",
    "deserialize",
    "serialize",
]
