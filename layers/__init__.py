"""Layers: each file shows a forward pass and, directly under it, its backward pass."""

from typing import TYPE_CHECKING, Any

from ..errors import refusing
from ..utils.component import serialize
from .activation import ELU, Activation, LeakyReLU, ReLU, Softmax
from .adaptive_pooling import (
    AdaptiveAveragePooling1D,
    AdaptiveAveragePooling2D,
    AdaptiveAveragePooling3D,
    AdaptiveMaxPooling1D,
    AdaptiveMaxPooling2D,
    AdaptiveMaxPooling3D,
)
from .additive_attention import AdditiveAttention
from .attention import Attention
from .base import Layer, LayerOptions, registry
from .batch_normalization import BatchNormalization
from .bidirectional import Bidirectional
from .category_encoding import CategoryEncoding
from .conv_lstm import ConvLSTM1D, ConvLSTM2D, ConvLSTM3D
from .convolution import Conv1D, Conv2D, Conv3D, Convolution1D, Convolution2D, Convolution3D
from .dense import Dense
from .depthwise import DepthwiseConv1D, DepthwiseConv2D
from .discretization import Discretization
from .dropout import Dropout
from .einsum_dense import EinsumDense
from .embedding import Embedding
from .global_pooling import (
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAveragePooling3D,
    GlobalAvgPool1D,
    GlobalAvgPool2D,
    GlobalAvgPool3D,
    GlobalMaxPool1D,
    GlobalMaxPool2D,
    GlobalMaxPool3D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GlobalMaxPooling3D,
)
from .group_normalization import GroupNormalization
from .gru import GRU, GRUCell
from .hashed_crossing import HashedCrossing
from .hashing import Hashing
from .identity import ActivityRegularization, Identity
from .input import Input, InputLayer, KerasTensor
from .layer_normalization import LayerNormalization
from .lstm import LSTM, LSTMCell
from .masking import Masking
from .mel_spectrogram import MelSpectrogram
from .multi_head_attention import MultiHeadAttention
from .noise import AlphaDropout, GaussianDropout, GaussianNoise
from .normalization import Normalization
from .padding import Cropping1D, Cropping2D, Cropping3D, ZeroPadding1D, ZeroPadding2D, ZeroPadding3D
from .pooling import (
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    AvgPool1D,
    AvgPool2D,
    AvgPool3D,
    MaxPool1D,
    MaxPool2D,
    MaxPool3D,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
)
from .prelu import PReLU
from .random_colors import RandomBrightness, RandomContrast, RandomGrayscale, RandomInvert
from .random_erasing import RandomErasing
from .random_tints import RandomHue, RandomSaturation
from .random_warps import RandomFlip, RandomRotation, RandomShear, RandomTranslation, RandomZoom
from .recurrent import RNN
from .rescaling import Rescaling
from .reshaping import Flatten, Permute, RepeatVector, Reshape
from .resizing import CenterCrop, RandomCrop, Resizing
from .rms_normalization import RMSNormalization
from .separable import SeparableConv1D, SeparableConv2D, SeparableConvolution1D, SeparableConvolution2D
from .simple_rnn import SimpleRNN, SimpleRNNCell
from .spatial_dropout import SpatialDropout1D, SpatialDropout2D, SpatialDropout3D
from .spec import InputSpec
from .spectral_normalization import SpectralNormalization
from .stacked_cells import StackedRNNCells
from .stft_spectrogram import STFTSpectrogram
from .string_lookup import IntegerLookup, StringLookup
from .text_vectorization import TextVectorization
from .time_distributed import TimeDistributed
from .transposed_convolution import (
    Conv1DTranspose,
    Conv2DTranspose,
    Conv3DTranspose,
    Convolution1DTranspose,
    Convolution2DTranspose,
    Convolution3DTranspose,
)
from .unit_normalization import UnitNormalization
from .upsampling import UpSampling1D, UpSampling2D, UpSampling3D


def deserialize(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Layer:
    """The layer that a config describes: ``{"class_name": "Dense", "config": {"units": 3}}``.

    >>> deserialize({"class_name": "Dense", "config": {"units": 3}})
    Dense(units=3)
    """
    return registry.from_dict(config, custom_objects)


_MERGING = ("Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract")
_ABSENT = {
    "Lambda": "write a Layer of your own, whose forward is that function, with its backward",
    "Wrapper": "write a Layer that keeps the one within as an attribute",
    "CuDNNLSTM": "LSTM is the layer",
    "CuDNNGRU": "GRU is the layer",
    "experimental": "layers itself has what experimental.preprocessing had",
} | dict.fromkeys(
    (*_MERGING, *map(str.lower, _MERGING), "Merge", "merge"),
    "a Sequential is one line of layers: a Layer of your own may keep several and put their outputs together",
)

if not TYPE_CHECKING:  # editors know what is there
    __getattr__ = refusing(__name__, _ABSENT)

__all__ = [
    "ELU",
    "GRU",
    "LSTM",
    "RNN",
    "Activation",
    "ActivityRegularization",
    "AdaptiveAveragePooling1D",
    "AdaptiveAveragePooling2D",
    "AdaptiveAveragePooling3D",
    "AdaptiveMaxPooling1D",
    "AdaptiveMaxPooling2D",
    "AdaptiveMaxPooling3D",
    "AdditiveAttention",
    "AlphaDropout",
    "Attention",
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "AvgPool1D",
    "AvgPool2D",
    "AvgPool3D",
    "BatchNormalization",
    "Bidirectional",
    "CategoryEncoding",
    "CenterCrop",
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "ConvLSTM1D",
    "ConvLSTM2D",
    "ConvLSTM3D",
    "Convolution1D",
    "Convolution1DTranspose",
    "Convolution2D",
    "Convolution2DTranspose",
    "Convolution3D",
    "Convolution3DTranspose",
    "Cropping1D",
    "Cropping2D",
    "Cropping3D",
    "Dense",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "Discretization",
    "Dropout",
    "EinsumDense",
    "Embedding",
    "Flatten",
    "GRUCell",
    "GaussianDropout",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalAvgPool3D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPool3D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
    "GroupNormalization",
    "HashedCrossing",
    "Hashing",
    "Identity",
    "Input",
    "InputLayer",
    "InputSpec",
    "IntegerLookup",
    "KerasTensor",
    "LSTMCell",
    "Layer",
    "LayerNormalization",
    "LayerOptions",
    "LeakyReLU",
    "Masking",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPool3D",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
    "MelSpectrogram",
    "MultiHeadAttention",
    "Normalization",
    "PReLU",
    "Permute",
    "RMSNormalization",
    "RandomBrightness",
    "RandomContrast",
    "RandomCrop",
    "RandomErasing",
    "RandomFlip",
    "RandomGrayscale",
    "RandomHue",
    "RandomInvert",
    "RandomRotation",
    "RandomSaturation",
    "RandomShear",
    "RandomTranslation",
    "RandomZoom",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "Resizing",
    "STFTSpectrogram",
    "SeparableConv1D",
    "SeparableConv2D",
    "SeparableConvolution1D",
    "SeparableConvolution2D",
    "SimpleRNN",
    "SimpleRNNCell",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "SpectralNormalization",
    "StackedRNNCells",
    "StringLookup",
    "TextVectorization",
    "TimeDistributed",
    "UnitNormalization",
    "UpSampling1D",
    "UpSampling2D",
    "UpSampling3D",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "ZeroPadding3D",
    "deserialize",
    "serialize",
]


def __dir__() -> list[str]:
    return __all__
