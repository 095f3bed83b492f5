"""Activations: small, pure functions, each with its formula and its gradient."""

from typing import Any

from ..errors import ArgumentError, nearest
from ..utils.component import serialize
from .base import Activation, JoinedGradient, registry
from .exponential_units import CELU, ELU, SELU, celu, elu, selu
from .gated import GELU, GLU, HardSiLU, Mish, SiLU, gelu, glu, hard_silu, hard_swish, mish, silu, swish
from .linear import Linear, linear
from .rectified import LeakyReLU, ReLU, ReLU6, leaky_relu, relu, relu6
from .shrink import HardShrink, SoftShrink, TanhShrink, Threshold, hard_shrink, soft_shrink, tanh_shrink, threshold
from .sigmoidal import (
    HardSigmoid,
    HardTanh,
    Sigmoid,
    Softsign,
    SparseSigmoid,
    Tanh,
    hard_sigmoid,
    hard_tanh,
    sigmoid,
    softsign,
    sparse_sigmoid,
    tanh,
)
from .smooth import (
    Exponential,
    LogSigmoid,
    Softplus,
    SparsePlus,
    Squareplus,
    exponential,
    log_sigmoid,
    softplus,
    sparse_plus,
    squareplus,
)
from .softmax import LogSoftmax, Softmax, Sparsemax, log_softmax, softmax, sparsemax


def get(identifier: Any) -> Activation:
    """The activation meant by a name, a config, an instance or one of this module's functions; None is linear.

    A layer that is an activation and nothing else, as `layers.LeakyReLU(0.2)`, stands for that activation.

    >>> get("tanh")
    Tanh()
    """
    alone = None if isinstance(identifier, type) else getattr(identifier, "as_activation", None)
    return deserialize("linear" if identifier is None else alone or identifier)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Activation:
    """The activation of a name or a config.

    >>> deserialize({"class_name": "ELU", "config": {"alpha": 0.5}})
    ELU(alpha=0.5)
    """
    found = registry.get(config, custom_objects)
    if not isinstance(found, Activation):
        known = nearest(getattr(found, "__name__", ""), registry.names())
        mend = known and f"give the name, '{known}'"
        if not isinstance(found, type) and hasattr(found, "backward_weights"):  # a layer, which this floor knows not
            mend = "add it as a layer of its own, after the one that was to have it as its activation"
        raise ArgumentError(
            "an activation needs its gradient",
            expected="a name, or an instance of a subclass of lamina.activations.Activation with forward and backward",
            received=repr(config),
            mend=mend,
        )
    return found


__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "SELU",
    "Activation",
    "Exponential",
    "HardShrink",
    "HardSiLU",
    "HardSigmoid",
    "HardTanh",
    "JoinedGradient",
    "LeakyReLU",
    "Linear",
    "LogSigmoid",
    "LogSoftmax",
    "Mish",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "SoftShrink",
    "Softmax",
    "Softplus",
    "Softsign",
    "SparsePlus",
    "SparseSigmoid",
    "Sparsemax",
    "Squareplus",
    "Tanh",
    "TanhShrink",
    "Threshold",
    "celu",
    "deserialize",
    "elu",
    "exponential",
    "gelu",
    "get",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "serialize",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
    "threshold",
]


def __dir__() -> list[str]:
    return __all__
