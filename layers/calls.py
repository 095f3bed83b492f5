"""Several calls of one layer, each with what it saved: for a layer that is run once a step."""

from typing import Any

from .base import Layer


class Calls:
    """What a layer, and the layers within it, saved in each of several calls.

    >>> from lamina import layers
    >>> double = layers.Rescaling(2.0)
    >>> calls = Calls(double)
    >>> y = double([[1.0]]); calls.keep()
    >>> calls.recall(0); double.backward(np.ones((1, 1), "float32"))
    array([[2.]], dtype=float32)
    """

    def __init__(self, layer: Layer):
        self._layers = within(layer)
        self._saved: list[list[Any]] = []

    def keep(self) -> None:
        """Keep what the last call saved."""
        self._saved.append([layer._saved for layer in self._layers])

    def recall(self, number: int) -> None:
        """Let `backward` find what that call saved."""
        for layer, saved in zip(self._layers, self._saved[number], strict=True):
            layer._saved = saved


def within(layer: Layer) -> list[Layer]:
    """A layer, the layers within it, those within these, and so on."""
    return [layer] + [found for inner in layer.sublayers() for found in within(inner)]
