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


def __getattr__(name: str) -> Any:
    """Load these namespaces when they are first used: most scripts need none of them."""
    if name in ("backend", "datasets", "experiments", "preprocessing", "testing"):
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module 'lamina' has no attribute '{name}'")


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
