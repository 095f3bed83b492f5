"""A chain of layers, run forward and backward: what a Sequential and every wrapper do with the layers within."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..activations import Activation, JoinedGradient, ReLU
from ..errors import StateError
from ..utils.advice import advise
from .base import Layer
from .convolution import Convolution
from .pooling import MaxPooling
from .states import passing


def forward_chain(layers: Sequence[Layer], x, training: bool, mask=None, keep: bool = True) -> tuple[Any, Any]:
    """Run the layers one after another: y and its mask. With `keep` False nothing is left behind for `backward`."""
    with passing(training, keep):
        return _forward(layers, x, training, mask, keep)


def _forward(layers: Sequence[Layer], x, training: bool, mask, keep: bool) -> tuple[Any, Any]:
    gate: Activation | None = None  # that of the convolution before, if it comes after the pooling
    for number, layer in enumerate(layers):
        if x.dtype != layer.dtype:
            x = layer.cast(x)
        if isinstance(layer, Convolution) and (gate := _postponed_gate(layer, *layers[number + 1 : number + 2])):
            y = layer.sums(x)
        else:
            y = layer.forward(x, training, mask) if layer.uses_mask else layer.forward(x, training)  # type: ignore[call-arg]
            if gate is not None:
                (y, _), gate = gate.forward(y), None
        if mask is not None or layer.makes_mask:
            if mask is not None and not (layer.supports_masking or layer.uses_mask):
                warn_of_dropped_mask(layer)
            mask = layer.compute_mask(x, mask)
        if not keep:
            layer.forget(activity=False)
        if layer.activity_regularizer is not None:
            layer.activity = y
        x = y
    return x, mask


def _postponed_gate(layer: Convolution, following: Layer | None = None) -> Activation | None:
    """The plain ReLU that ends a convolution, if it can come after the MaxPooling that follows: y is the same.

    There it has a fourth of the numbers to do, say. Who has another `forward`, or listens to it, is left alone; so is a
    gate with an upper end: by hand, layer after layer, the pooling would look for that end where it was not cut off.
    """
    if not isinstance(following, MaxPooling):
        return None
    methods = (layer, Convolution), (following, MaxPooling)
    usual = all(getattr(one.forward, "__func__", None) is kind.forward for one, kind in methods)
    gate = _last_gate(layer, following.dtype) if usual else None
    return gate if isinstance(gate, ReLU) and gate.plain else None


def warn_of_dropped_mask(layer: Layer) -> None:
    """Say, once a layer, that it drops a mask, so that masked steps count from here on."""
    if not layer.warned_of_mask:
        layer.warned_of_mask = True
        advise(
            f"{layer.where} drops the mask that came to it: masked steps count from here on. Put it before the layer "
            "that makes the mask, or take the mask up first, by a recurrent layer or a GlobalAveragePooling1D, say"
        )


def backward_chain(layers: Sequence[Layer], dy, before: Layer | None = None):
    """Hand dy back through the layers: dx of the first. Penalties on activities join on the way.

    `before` is the layer before the first, which is to be handed dx next, if there is one.
    """
    for layer, previous in zip(reversed(layers), reversed([before, *layers][:-1]), strict=True):
        dy = _admitted(layer, dy)
        if isinstance(layer, MaxPooling) and (gate := _last_gate(previous, layer.dtype)):
            dy = gate.backward(dy, layer.largest).view(JoinedGradient)
        dy = layer.backward(dy)
        if dy is None and previous is not None:
            raise StateError(
                f"{layer.where}: what backward gives", expected="dx", received="None", mend="let it return dx"
            )
    return dy


def _last_gate(layer: Layer | None, dtype: str) -> Activation | None:
    """The activation that ends the layer before a MaxPooling of this type, if it is a gate that nothing stands behind.

    A gate for the largest numbers is one for where they lie. So dy goes through it before the pooling, a fourth as
    large, say, as after.
    """
    if layer is None or layer.activity_regularizer is not None or layer.dtype != dtype:
        return None
    head = head_of(layer)
    return head if head is not None and head.is_gate else None


def head_of(layer: Layer) -> Activation | None:
    """A layer's `head`; None where a class that knows nothing of it wrote `forward` anew."""
    return layer.head if _writes(layer, "head", "forward") else None


def backward_to_weights(layers: Sequence[Layer]) -> Callable[[Any], None]:
    """What hands dy back as far as the first layer with a weight to be trained, whose dx nobody asks for."""
    first = next((number for number, layer in enumerate(layers) if layer.trainable_weights), None)
    if first is None:
        return lambda dy: None
    last, rest = layers[first], layers[first + 1 :]
    finish = weights_alone(last)

    def backward(dy) -> None:
        dy = backward_chain(rest, dy, before=last)
        finish(_admitted(last, dy))

    return backward


def weights_alone(layer: Layer) -> Callable[[Any], Any]:
    """A layer's `backward_weights`; its `backward`, where a class that knows nothing of the former wrote that anew."""
    return layer.backward_weights if _writes(layer, "backward_weights", "backward") else layer.backward


def _writes(layer: Layer, name: str, other: str) -> bool:
    """Whether the class that wrote the last word on either of two methods wrote the first of them."""
    writer = next(cls for cls in type(layer).__mro__ if name in vars(cls) or other in vars(cls))
    return name in vars(writer)


def _admitted(layer: Layer, dy):
    """dy as the layer takes it: in its own type, and with the penalty on its activity."""
    if isinstance(dy, np.ndarray) and dy.dtype != layer.dtype:
        dy = dy.astype(layer.dtype)
    if layer.activity_regularizer is None or layer.activity is None:
        return dy
    return dy + layer.activity_regularizer.gradient(layer.activity) / np.asarray(len(layer.activity), dy.dtype)
