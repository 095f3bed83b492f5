"""Checks that a layer of yours is right: its gradients against finite differences, and the contract of `Layer`."""

from .check_layer import check_layer
from .gradients import numerical_gradient

__all__ = ["check_layer", "numerical_gradient"]


def __dir__() -> list[str]:
    return __all__
