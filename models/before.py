"""Before: what a step's forward pass changes besides its gradients, as it was before the step."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ..layers.base import Layer
    from ..utils.variable import Variable

SHUFFLES = "_generator"  # a model's own generator, which no step draws from


class Before:
    """The generators of a model's layers, what layers carry along (moving means), and what they remember (`get_state`).

    >>> from lamina import layers
    >>> layer = layers.Dropout(0.5, seed=1)
    >>> before = Before()
    >>> before.watch([layer])
    >>> before.remember()
    >>> y = layer(np.ones((1, 8)), training=True)
    >>> before.restore()
    >>> (layer(np.ones((1, 8)), training=True) == y).all()
    np.True_
    """

    def __init__(self) -> None:
        self.known: Any = None  # the layers that were looked up
        self.generators: list[Any] = []
        self.carried: list[tuple[Variable, np.ndarray]] = []  # what layers carry along, and as it was before the step
        self.remembering: list[Layer] = []  # stateful layers
        self.states: tuple[list[Any], list[Any]] = [], []  # of the generators and of these layers, before the step
        self.any = False  # whether there is anything to remember

    def watch(self, layers: list["Layer"]) -> None:
        """Look up what steps of these layers change."""
        weights = [weight for layer in layers for weight in layer.own_weights]
        known = layers, len(weights)
        if known == self.known:  # as an epoch before
            return
        self.known = known
        attributes = {id(value): value for layer in layers for name, value in vars(layer).items() if name != SHUFFLES}
        self.generators = [v.bit_generator for v in attributes.values() if isinstance(v, np.random.Generator)]
        carried = {id(w): w for w in weights if w.carried}
        self.carried = [(weight, weight.numpy()) for weight in carried.values()]
        self.remembering = [layer for layer in layers if _memory(layer)]
        self.any = bool(self.generators or self.carried or self.remembering)

    def remember(self) -> None:
        """A step begins: keep what its forward pass will change."""
        self.states = self._states()
        for weight, kept in self.carried:
            kept[...] = weight.value

    def restore(self) -> None:
        """Set back what the forward pass has changed."""
        self._set(self.states)
        for weight, kept in self.carried:
            weight.value[...] = kept

    @contextmanager
    def held(self) -> Iterator[None]:
        """A block that runs passes again: whatever they change is set back to what it was when the block began."""
        states, carried = self._states(), [weight.numpy() for weight, _ in self.carried]
        try:
            yield
        finally:
            self._set(states)
            for (weight, _), kept in zip(self.carried, carried, strict=True):
                weight.value[...] = kept

    def _states(self) -> tuple[list[Any], list[Any]]:
        return [generator.state for generator in self.generators], [_copied(layer) for layer in self.remembering]

    def _set(self, states: tuple[list[Any], list[Any]]) -> None:
        of_generators, of_layers = states
        for generator, state in zip(self.generators, of_generators, strict=True):
            generator.state = state
        for layer, kept in zip(self.remembering, of_layers, strict=True):
            layer.set_state(copy.deepcopy(kept))  # it may change in place what it is given


def _memory(layer: "Layer") -> dict[str, Any]:
    """What a layer remembers from batch to batch, besides generators."""
    return {name: kept for name, kept in layer.get_state().items() if not isinstance(kept, np.random.Generator)}


def _copied(layer: "Layer") -> dict[str, Any]:
    return copy.deepcopy(_memory(layer))
