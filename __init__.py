"""lamina: Keras's layers, trained on NumPy alone, with every forward and backward pass in plain sight."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import (
    activations,
    callbacks,
    config,
    constraints,
    errors,
    initializers,
    layers,
    losses,
    metrics,
    models,
    optimizers,
    regularizers,
    saving,
    utils,
)
from .initializers import Initializer
from .layers import Input, InputSpec, KerasTensor, Layer
from .losses import Loss
from .metrics import Metric
from .models import Model, Sequential
from .optimizers import Optimizer
from .regularizers import Regularizer
from .utils.registration import register
from .utils.variable import Variable

if TYPE_CHECKING:  # what `__getattr__` loads, for editors
    from . import backend, datasets, experiments, preprocessing, testing

__version__ = config.VERSION


_ONE_TYPE = "leave it out: a layer computes in one float type, its dtype or config.floatx()"
_refuse = errors.refusing(
    __name__,
    {
        "applications": "no trained models come with lamina; load_model reads a line of layers that Keras saved",
        "random": "numpy.random draws numbers",
        **dict.fromkeys(("DTypePolicy", "dtype_policies", "mixed_precision"), _ONE_TYPE),
        **dict.fromkeys(("Function", "Operation"), "there is no functional API: write a Layer of your own"),
    },
)


def __getattr__(name: str) -> Any:
    """Load these namespaces when they are first used: most scripts need none of them."""
    if name in ("backend", "datasets", "experiments", "preprocessing", "testing"):
        return import_module(f".{name}", __name__)
    return _refuse(name)


def version() -> str:
    """The version of the library."""
    return __version__


__all__ = [
    "Initializer",
    "Input",
    "InputSpec",
    "KerasTensor",
    "Layer",
    "Loss",
    "Metric",
    "Model",
    "Optimizer",
    "Regularizer",
    "Sequential",
    "Variable",
    "__version__",
    "activations",
    "backend",
    "callbacks",
    "config",
    "constraints",
    "datasets",
    "errors",
    "experiments",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "models",
    "optimizers",
    "preprocessing",
    "register",
    "regularizers",
    "saving",
    "testing",
    "utils",
    "version",
]


def __dir__() -> list[str]:
    """What completion offers: what is loaded when first used, too, and nothing that serves the library alone."""
    return __all__
