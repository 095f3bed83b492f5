"""TimeDistributed: one layer for each step of a sequence."""

from typing import Any, Unpack

import numpy as np

from ..errors import ArgumentError, ShapeError
from .base import Layer, LayerOptions, registry
from .calls import Calls, within
from .spec import InputSpec, Shape


class TimeDistributed(Layer):
    """A layer at each step: the same layer, with the same weights.

    Forward:   y[:, t] = layer(x[:, t])
    Backward:  dx[:, t] = backward of the layer for dy[:, t]; its weights gather gradients from all steps

    The layer sees all steps of all sequences at once, as one batch of batch·steps samples. A layer that carries
    numbers along from call to call (BatchNormalization its moving mean, a stateful LSTM its states) sees one step
    after another.

    A mask ``(batch, steps)`` goes on to the next layer as it came; the layer within gets the part of a step if it sees
    one step after another. A mask with more axes is one for the layer within, too; if that layer takes it up, a step
    counts from there on if anything in it counts. An `activity_regularizer` of the layer looks at the whole y, as in
    Keras 2; Keras 3 leaves it out.

    Shapes: x ``(batch, steps, ...)``; y ``(batch, steps, ...)``, the rest as the layer gives it.

    Raises ArgumentError if `layer` is none, ShapeError for an x without steps, or a mask that does not fit.

    >>> from lamina import layers
    >>> layer = TimeDistributed(layers.Flatten())
    >>> layer(np.ones((2, 3, 4, 5))).shape
    (2, 3, 20)
    """

    supports_masking = True
    uses_mask = True

    def __init__(self, layer: Any, **options: Unpack[LayerOptions]):
        layer = registry.get(layer) if isinstance(layer, dict) else layer
        if not isinstance(layer, Layer):
            raise ArgumentError("TimeDistributed(layer=...)", expected="a layer", received=repr(layer))
        options.setdefault("activity_regularizer", layer.activity_regularizer)
        super().__init__(**options)
        self.layer = layer
        self.input_spec = InputSpec(min_ndim=3)

    def build(self, input_shape):
        self.layer.ensure_built((None, *input_shape[2:]))
        if self.layer.input_spec is not None:
            self.input_spec = self.layer.input_spec.with_steps()

    def forward(self, x, training=False, mask=None):
        mask = self._checked(mask, x)
        if self._carries():
            return self._forward_by_steps(x, training, mask)
        rows = x.reshape(-1, *x.shape[2:])  # (batch * steps, ...)
        mask = None if mask is None or mask.ndim == 2 else mask.reshape(-1, *mask.shape[2:])
        y = self._run(rows, training, mask)
        self.saved = x.shape, None
        return y.reshape(*x.shape[:2], *y.shape[1:])

    def backward(self, dy):
        shape, calls = self.saved
        if calls is not None:
            return self._backward_by_steps(dy, calls)
        dx = self.layer.backward(dy.reshape(-1, *dy.shape[2:]))
        return None if dx is None else dx.reshape(shape)

    # -- a layer that carries something along
    def _carries(self) -> bool:
        stateful = any(getattr(layer, "stateful", False) for layer in within(self.layer))
        return stateful or any(weight.carried for weight in self.layer.weights)

    def _forward_by_steps(self, x, training, mask):
        calls, parts = Calls(self.layer), []
        for t in range(x.shape[1]):
            parts.append(self._run(x[:, t], training, None if mask is None else mask[:, t]))
            calls.keep()
        self.saved = x.shape, calls
        return np.stack(parts, axis=1)

    def _backward_by_steps(self, dy, calls):
        parts = []
        for t in reversed(range(dy.shape[1])):
            calls.recall(t)
            parts.append(self.layer.backward(dy[:, t]))
        return np.stack(parts[::-1], axis=1)

    def _run(self, x, training, mask):
        layer: Any = self.layer
        return layer.forward(x, training, mask) if layer.uses_mask else layer.forward(x, training)

    # -- masks and shapes
    def _checked(self, mask: Any, x: np.ndarray) -> np.ndarray | None:
        if mask is None:
            return None
        mask = np.asarray(mask, bool)
        if mask.shape != x.shape[: mask.ndim] or mask.ndim < 2:
            raise ShapeError(f"{self.where}: mask", expected=str(x.shape[:2]), received=str(mask.shape))
        return mask

    def compute_mask(self, x, mask=None):
        """The mask of x; one with more axes than (batch, steps) as the layer leaves it."""
        if mask is None or mask.ndim == 2:
            return mask
        of_rows = self.layer.compute_mask(x.reshape(-1, *x.shape[2:]), mask.reshape(-1, *mask.shape[2:]))
        return mask.any(axis=tuple(range(2, mask.ndim))) if of_rows is None else of_rows.reshape(*x.shape[:2], -1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:2], *self.layer.compute_output_shape((input_shape[0], *input_shape[2:]))[1:])

    @property
    def casts_input(self) -> bool:  # type: ignore[override]
        """Whether the layer within wants floats."""
        return self.layer.casts_input


registry.add(TimeDistributed)
