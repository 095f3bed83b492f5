"""Initializers: the first values of weights."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..utils.component import serialize
from .base import Initializer, RandomInitializer, initialize, registry
from .constants import Constant, Identity, Ones, Zeros
from .distributions import RandomNormal, RandomUniform, TruncatedNormal
from .fourier import STFT
from .orthogonal import Orthogonal
from .scaled import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    VarianceScaling,
)


def get(identifier: Any) -> Callable | None:
    """The initializer meant by a name, a config, an instance, a class or an array; a function comes back as it is.

    >>> get("he_normal"), get(None)
    (HeNormal(), None)
    """
    return deserialize(identifier)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Callable | None:
    """The initializer of a name or a config.

    >>> deserialize({"class_name": "RandomNormal", "config": {"stddev": 0.1}})
    RandomNormal(stddev=0.1)
    """
    if isinstance(config, np.ndarray):
        return Constant(config)
    return registry.get(config, custom_objects)


# the names in lower case, which scripts call as they do the classes
constant, zeros, ones = Constant, Zeros, Ones
identity, IdentityInitializer = Identity, Identity
orthogonal, OrthogonalInitializer = Orthogonal, Orthogonal
random_normal, random_uniform, truncated_normal = RandomNormal, RandomUniform, TruncatedNormal
variance_scaling = VarianceScaling
glorot_normal, glorot_uniform = GlorotNormal, GlorotUniform
he_normal, he_uniform = HeNormal, HeUniform
lecun_normal, lecun_uniform = LecunNormal, LecunUniform
STFTInitializer = stft = STFT

__all__ = [
    "STFT",
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "IdentityInitializer",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "OrthogonalInitializer",
    "RandomInitializer",
    "RandomNormal",
    "RandomUniform",
    "STFTInitializer",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "constant",
    "deserialize",
    "get",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "identity",
    "initialize",
    "lecun_normal",
    "lecun_uniform",
    "ones",
    "orthogonal",
    "random_normal",
    "random_uniform",
    "serialize",
    "stft",
    "truncated_normal",
    "variance_scaling",
    "zeros",
]


def __dir__() -> list[str]:
    return __all__
