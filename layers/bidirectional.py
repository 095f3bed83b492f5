"""Bidirectional: a recurrent layer, and one that takes the steps the other way."""

import math
from typing import Any, Unpack

import numpy as np

from ..errors import ArgumentError, OptionError
from ..utils.checks import one_of
from .base import LayerOptions, registry
from .cell import flat
from .chain import backward_chain
from .recurrent import RNN, Recurrent
from .spec import Shape
from .stacked_cells import output_size, state_shapes

MODES = ("concat", "sum", "mul", "ave", None)


class Bidirectional(Recurrent):
    """A recurrent layer run forwards and another one run backwards, their outputs merged.

    Forward:   p = forward_layer(x),  q = backward_layer(x), its steps in the order of x;
               y = [p, q] side by side ("concat"), p + q ("sum"), p ⊙ q ("mul"), (p + q) / 2 ("ave"), or both (None)
    Backward:  (dp, dq) = the two parts of dy ("concat"), (dy, dy), (dy ⊙ q, dy ⊙ p), (dy/2, dy/2), or as they come;
               dx is the sum of what the two layers give back

    `layer` is an `RNN`, SimpleRNN, LSTM or GRU with `go_backwards` False. The other one is made from its config, unless
    `backward_layer` says another, with `go_backwards` True. Where y has all steps, both give 0 at masked steps, as with
    `zero_output_for_mask`. `weights` are values to begin with, those of the forward layer first.

    With `return_state` the states of both follow y in one list; ``layer(x, initial_state=[...])`` takes such a list.

    Shapes: x ``(batch, steps, features)``; y ``(batch, units)`` or ``(batch, steps, units)``, with twice the units for
    "concat"; for `merge_mode` None a list of two.

    Raises ArgumentError for a layer that is none of those, OptionError for an unknown `merge_mode` or two layers that
    do not go together, ShapeError for an input, mask, states or weights that do not fit.

    Source: Schuster & Paliwal, *Bidirectional Recurrent Neural Networks* (1997).

    >>> from lamina import layers
    >>> Bidirectional(layers.GRU(3))(np.ones((2, 5, 1))).shape
    (2, 6)
    """

    not_in_config = Recurrent.not_in_config | {"weights"}

    def __init__(
        self,
        layer: Any,
        merge_mode: str | None = "concat",
        weights: Any = None,
        backward_layer: Any = None,
        **options: Unpack[LayerOptions],
    ):
        super().__init__(**options)
        self.merge_mode = one_of("Bidirectional", "merge_mode", merge_mode, MODES)
        self.layer = _recurrent("layer", layer)
        self.backward_layer = (
            _reversed(self.layer) if backward_layer is None else _recurrent("backward_layer", backward_layer)
        )
        self._check_pair()
        for name, one in (("forward", self.layer), ("backward", self.backward_layer)):
            one.name = f"{name}_{one.name.removeprefix(f'{name}_')}"
            one.zero_output_for_mask = one.return_sequences
        self.return_sequences, self.return_state = self.layer.return_sequences, self.layer.return_state
        self.stateful = self.layer.stateful
        self.input_spec = self.layer.input_spec
        self._first_weights = weights

    def _check_pair(self) -> None:
        rules = {"go_backwards": False, "return_sequences": True, "return_state": True, "stateful": True}
        for name, same in rules.items():
            mine, other = getattr(self.layer, name), getattr(self.backward_layer, name)
            if (mine == other) != same:
                raise OptionError(
                    f"Bidirectional: {name}",
                    expected="the same in both layers" if same else "False in the layer, True in the backward layer",
                    received=f"{mine} and {other}",
                )
        units = output_size(self.layer.cell), output_size(self.backward_layer.cell)
        if self.merge_mode not in ("concat", None) and units[0] != units[1]:
            raise OptionError(
                f"Bidirectional(merge_mode={self.merge_mode!r})",
                expected="layers of equal units",
                received=f"{units[0]} and {units[1]}",
            )

    def build(self, input_shape):
        for layer in self.layers:
            layer.ensure_built(input_shape)
        self.input_spec = self.layer.input_spec
        if self._first_weights is not None:
            self.set_weights(self._first_weights)

    def forward(self, x, training=False, mask=None, initial_state=None):
        states = [None, None] if initial_state is None else _halves(flat(initial_state, self.dtype))
        (p, *p_states), (q, *q_states) = (
            self._run(layer, x, training, mask, of_layer) for layer, of_layer in zip(self.layers, states, strict=True)
        )
        q = self._turned(q)
        self.saved = p.shape[-1], (p, q) if self.merge_mode == "mul" else None
        y = self._merge(p, q)
        return [*y, *p_states, *q_states] if self._gives_list else y[0]

    def backward(self, dy):
        width, factors = self.saved
        parts = list(dy) if self._gives_list else [dy]
        count = 1 if self.merge_mode else 2
        dp, dq = self._unmerge(parts[:count], width, factors)
        dp_states, dq_states = _halves(parts[count:])
        dx = self._run_backward(self.layer, dp, dp_states)
        return dx + self._run_backward(self.backward_layer, self._turned(dq), dq_states)

    def _merge(self, p: np.ndarray, q: np.ndarray) -> list[np.ndarray]:
        match self.merge_mode:
            case "concat":
                return [np.concatenate([p, q], axis=-1)]
            case "sum":
                return [p + q]
            case "mul":
                return [p * q]
            case "ave":
                return [(p + q) / 2]
        return [p, q]

    def _unmerge(self, dy: list[np.ndarray], width: int, factors: Any) -> tuple[np.ndarray, np.ndarray]:
        match self.merge_mode:
            case "concat":
                return dy[0][..., :width], dy[0][..., width:]
            case "sum":
                return dy[0], dy[0].copy()
            case "mul":
                p, q = factors
                return dy[0] * q, dy[0] * p
            case "ave":
                return dy[0] / 2, dy[0] / 2
        return dy[0], dy[1]

    # -- the two layers
    @property
    def layers(self) -> tuple[RNN, RNN]:
        """The layer that takes the steps in their order, and the other one."""
        return self.layer, self.backward_layer

    @property
    def forward_layer(self) -> RNN:
        """The layer that takes the steps in their order."""
        return self.layer

    def _run(self, layer: RNN, x, training, mask, states) -> list[np.ndarray]:
        y = layer.forward(x, training, mask, states)
        if layer.activity_regularizer is not None:  # as in Keras, on y and on each state that is given
            layer.activity = np.concatenate([_rows(part) for part in y], axis=1) if self.return_state else y
        return y if self.return_state else [y]

    def _run_backward(self, layer: RNN, dy, d_states: list[np.ndarray]) -> np.ndarray:
        if not self.return_state:
            return backward_chain([layer], dy)
        d = [dy, *d_states]
        if layer.activity_regularizer is not None and layer.activity is not None:
            penalty = layer.activity_regularizer.gradient(layer.activity) / np.asarray(len(dy), dy.dtype)
            of_parts = np.split(penalty, np.cumsum([_rows(part).shape[1] for part in d[:-1]]), axis=1)
            d = [part + more.reshape(part.shape) for part, more in zip(d, of_parts, strict=True)]
        return layer.backward(d)

    def _turned(self, y: np.ndarray) -> np.ndarray:
        """The output of the backward layer with its steps in the order of x, or the other way round."""
        return np.ascontiguousarray(y[:, ::-1]) if self.return_sequences else y

    @property
    def _gives_list(self) -> bool:
        return self.return_state or self.merge_mode is None

    reset_state = Recurrent.reset_states

    @property
    def d_initial_state(self) -> list[np.ndarray]:
        """The gradients of the initial states, after `backward`."""
        return [d for layer in self.layers for d in layer.d_initial_state or ()]

    # -- masks and shapes
    def compute_mask(self, x, mask=None):
        """The mask of x for each y that has its steps, and None for each state."""
        of_y = mask if self.return_sequences else None
        states = sum(len(state_shapes(layer.cell, None)) for layer in self.layers) if self.return_state else 0
        return [of_y] * (1 if self.merge_mode else 2) + [None] * states if self._gives_list else of_y

    def compute_output_shape(self, input_shape: Shape) -> Any:
        shapes = [layer.compute_output_shape(input_shape) for layer in self.layers]
        (p, *p_states), (q, *q_states) = shapes if self.return_state else [[shape] for shape in shapes]
        if self.merge_mode == "concat":
            p = (*p[:-1], p[-1] + q[-1])
        return (*((p,) if self.merge_mode else (p, q)), *p_states, *q_states) if self._gives_list else p


def _recurrent(name: str, layer: Any) -> RNN:
    layer = registry.get(layer) if isinstance(layer, dict) else layer
    if not isinstance(layer, RNN):
        raise ArgumentError(
            f"Bidirectional({name}=...)", expected="an RNN, SimpleRNN, LSTM or GRU", received=repr(layer)
        )
    return layer


def _reversed(layer: RNN) -> RNN:
    name = layer.name.removeprefix("forward_")
    return type(layer).from_config(layer.get_config() | {"go_backwards": True, "name": name})


def _rows(part: np.ndarray) -> np.ndarray:
    """All that a sample has, in one row."""
    return part.reshape(len(part), math.prod(part.shape[1:]))


def _halves(states: list[np.ndarray]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    return states[: len(states) // 2], states[len(states) // 2 :]


registry.add(Bidirectional)
