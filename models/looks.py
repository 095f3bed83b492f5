"""Looks: what somebody may change in the course of a run, and what hands that were called in before do not see."""

from typing import TYPE_CHECKING, Any

from ..activations import Activation
from ..layers.calls import within
from ..losses import Loss
from .replicas import OF_A_PASS

if TYPE_CHECKING:
    from .model import Model

PLAIN = (int, str, type(None), float)
LEFT_BEHIND = OF_A_PASS | {"saved", "_reduced"}  # by a pass in a layer, or in a loss


def looks(model: "Model", loss: Loss | None) -> list[Any]:
    """What somebody may change in the course of a run: the plain attributes of layers, their activations, and so on."""
    layers = within(model)
    held = [value for layer in layers for value in vars(layer).values() if isinstance(value, Activation)]
    objects = [*layers, *held, *(each for each in (model.optimizer, loss) if each is not None)]
    found: list[Any] = [(id(each), _plain(vars(each))) for each in objects]
    return [*found, [weight.trainable for layer in layers for weight in layer.own_weights]]


def _plain(attributes: dict[str, Any]) -> list[tuple[str, Any]]:
    """Those that are plain data, alone or in a list, which is copied: it may be changed in its place."""
    found: list[tuple[str, Any]] = []
    for name, value in attributes.items():
        if name not in LEFT_BEHIND:
            if isinstance(value, PLAIN):
                found.append((name, value))
            elif isinstance(value, list | tuple):
                found.append((name, [item for item in value if isinstance(item, PLAIN)]))
    return found
