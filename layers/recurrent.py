"""RNN: any cell, taken along the steps of a sequence."""

from typing import Any, Unpack

import numpy as np

from ..errors import ArgumentError, LaminaError, ShapeError
from ..ops.room import Room
from ..ops.scan import Scan
from ..utils.checks import one_of
from ..utils.component import parameters
from .base import CommonOptions, Layer, LayerOptions, registry
from .cell import GatedCell, check_states, flat
from .single_steps import SingleSteps
from .spec import InputSpec, Shape, show_shape
from .stacked_cells import as_cell, build_cell, output_size, single_cells, state_shapes
from .states import keeps


class Recurrent(Layer):
    """A layer that can be called with states to begin with."""

    supports_masking = True
    uses_mask = True

    def __call__(self, x, training: bool = False, mask=None, initial_state=None):
        """Build the layer if need be, check x, and run `forward`, from these states on, or from zeros."""
        if isinstance(training, list | tuple | np.ndarray):  # Keras's second argument
            raise ArgumentError(
                f"{self.where}: training",
                expected="True or False",
                received=f"a {type(training).__name__}",
                mend="give states by name: layer(x, initial_state=states)",
            )
        if initial_state is None:
            return super().__call__(x, training, mask)
        return self.forward(self.admit(x), training, mask, initial_state)  # type: ignore[call-arg]


class RNN(Recurrent):
    r"""A recurrent layer: the same cell at each step of a sequence, with the states that the step before left.

    Forward:   yₜ, sₜ = cell(xₜ, sₜ₋₁) for t = 1, 2, ...;  y = yₜ of the last step, or of all steps
    Backward:  dxₜ, dsₜ₋₁ = backward of the cell for dyₜ, dsₜ, the last step first: full backpropagation through time

    `cell` is a SimpleRNNCell, LSTMCell or GRUCell, a list of cells or a StackedRNNCells (each takes the outputs of the
    one before it), or a cell of your own: a Layer with

    - `state_size`, a length or a list of lengths; `output_size`, the length of y, unless it is that of the first state;
    - ``build(input_shape)`` for x of shape ``(batch, features)``;
    - ``forward(x, states, training=False) -> (y, new_states)``, with states a list of arrays ``(batch, length)``;
    - ``backward(dy, d_new_states) -> (dx, d_states)``, with lists likewise; as in any layer, what it needs is in
      `self.saved`, and it adds to the gradients of the weights.

    `return_sequences` gives y of all steps; `return_state` gives the list [y, state, ...]; `go_backwards` takes the
    steps from the last to the first, and gives y in that order; `stateful` lets a call begin with the states that the
    call before it ended with, until `reset_states()`; `unroll` has no effect on the numbers: there is one loop.

    Called alone, a layer takes states to begin with: ``layer(x, initial_state=[...])``; without, they are zeros. After
    `backward`, `d_initial_state` holds their gradients.

    A mask ``(batch, steps)`` leaves out steps: the states stay as they were, and y is repeated; it is zero before the
    first step that counts, and with `zero_output_for_mask` at each step that does not.

    Shapes: x ``(batch, steps, features)``; y ``(batch, units)``, with `return_sequences` ``(batch, steps, units)``.

    Raises ArgumentError for a cell that is none, ShapeError for an input, mask or states that do not fit.

    Source: Goodfellow, Bengio & Courville, *Deep Learning* (2016), sections 10.1 and 10.2.2.

    >>> class Sum(Layer):
    ...     state_size = 1
    ...     def forward(self, x, states, training=False):
    ...         self.saved = x.shape
    ...         total = states[0] + x.sum(axis=1, keepdims=True)
    ...         return total, [total]
    ...     def backward(self, dy, d_states):
    ...         d_total = dy + d_states[0]
    ...         return np.broadcast_to(d_total, self.saved), [d_total]
    >>> layer = RNN(Sum(), return_sequences=True)
    >>> layer([[[1.0], [2.0], [3.0]]]).ravel()
    array([1., 3., 6.], dtype=float32)
    >>> layer.backward(np.ones((1, 3, 1), "float32")).ravel()
    array([3., 2., 1.], dtype=float32)
    """

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **options: Unpack[LayerOptions],
    ):
        super().__init__(**options)
        self.cell = as_cell(cell, "RNN(cell=...)")
        self.return_sequences, self.return_state = bool(return_sequences), bool(return_state)
        self.go_backwards, self.stateful = bool(go_backwards), bool(stateful)
        self.unroll, self.zero_output_for_mask = bool(unroll), bool(zero_output_for_mask)
        self.states: list[np.ndarray] | None = None  # where the next call begins, if `stateful`
        self.d_initial_state: list[np.ndarray] | None = None
        self.input_spec = InputSpec(ndim=3)
        self._room = Room()

    def build(self, input_shape):
        build_cell(self.cell, (None, *input_shape[2:]))
        self.input_spec = InputSpec(ndim=3, axes={-1: input_shape[-1]})

    def forward(self, x, training=False, mask=None, initial_state=None):
        self.forget()  # so that the memory of the last call is free for this one
        states, hidden = self._first_states(x, initial_state), self._hidden(x, mask)
        y = x.swapaxes(0, 1)[:: -1 if self.go_backwards else 1]  # (steps, batch, features)
        scans, last, keep, cells = [], [], keeps(), single_cells(self.cell)
        for cell in cells:
            count = len(state_shapes(cell, None))
            kind = cell.in_sequence if isinstance(cell, GatedCell) else SingleSteps
            steps = kind(cell, y, training, self._room, keep)
            scan = Scan(steps, states[:count], hidden, self._room, keep, self.return_sequences or cell is not cells[-1])
            scan.forward()
            scans.append((scan, count))
            last += [of_one[-1].copy() for of_one in scan.states[-count:]]
            y, states = scan.outputs, states[count:]
        if self.stateful:
            self.states = last

        y = y.swapaxes(0, 1) if self.return_sequences else y[-1]
        shown = self._shown(hidden)
        if keep:
            self.saved = scans, shown
        y, found = self._room.empty(y.shape, y.dtype), y
        np.copyto(y, found if shown is None else found * shown)
        return [y, *(state.copy() for state in last)] if self.return_state else y

    def backward(self, dy):
        dx = self._through_time(dy, wants_dx=True)  # (steps, batch, features)
        return dx[:: -1 if self.go_backwards else 1].swapaxes(0, 1)  # (batch, steps, features)

    def backward_weights(self, dy):
        self._through_time(dy, wants_dx=False)

    def _through_time(self, dy: Any, wants_dx: bool) -> Any:
        scans, shown = self.saved
        dy, *d_last = dy if self.return_state else [dy]
        if shown is not None:
            dy = dy * shown
        d: Any = dy.swapaxes(0, 1) if self.return_sequences else None  # (steps, batch, units)
        d_initial: list[np.ndarray] = []
        for scan, count in reversed(scans):
            d_end = [np.zeros_like(of_one[0]) for of_one in scan.states]
            if d is None:  # y is that of the last step alone
                d_end[0] += dy
            for part in reversed(d_end[-count:]) if d_last else ():
                part += d_last.pop()
            d, d_first = scan.backward(d, d_end, wants_dx or scan is not scans[0][0])
            d_initial = d_first[-count:] + d_initial
        self.d_initial_state = d_initial
        return d

    def couples_batch(self, training):
        return self.stateful or super().couples_batch(training)

    # -- states
    def _first_states(self, x: np.ndarray, given: Any) -> list[np.ndarray]:
        batch, steps = x.shape[:2]
        if steps == 0:
            raise ShapeError(self.where, expected="one step or more", received=show_shape(x.shape))
        shapes = state_shapes(self.cell, batch)
        if given is None and (not self.stateful or self.states is None):
            return [np.zeros(shape, self.dtype) for shape in shapes]
        states = flat(self.states if given is None else given, self.dtype)
        mend = "let batch_size divide the count of samples, or call reset_states() before a batch of another size"
        check_states(f"{self.where}: initial states", states, shapes, mend if given is None else None)
        return states

    def get_state(self):
        return super().get_state() | ({"states": self.states} if self.stateful else {})

    def reset_states(self) -> None:
        """Let the next call begin with zeros."""
        self.states = None

    reset_state = reset_states

    # -- masks
    def _hidden(self, x: np.ndarray, mask: Any) -> np.ndarray | None:
        """True at the steps that are left out, ``(steps, batch, 1, ...)``, in the order in which they are taken."""
        if mask is None:
            return None
        mask = np.asarray(mask, bool)
        if mask.shape != x.shape[:2]:
            raise ShapeError(
                f"{self.where}: mask",
                expected=str(x.shape[:2]),
                received=str(mask.shape),
                mend="give a mask with one entry for each step of x, True where the step counts",
            )
        hidden = ~mask.T[:: -1 if self.go_backwards else 1]
        return hidden.reshape(*hidden.shape, *[1] * (x.ndim - 2))

    def _shown(self, hidden: np.ndarray | None) -> np.ndarray | None:
        """True where y is that of the cell, and not zero; shaped as y is."""
        if hidden is None:
            return None
        shown = ~hidden if self.zero_output_for_mask else np.logical_or.accumulate(~hidden)
        return shown.swapaxes(0, 1) if self.return_sequences else shown[-1]

    def compute_mask(self, x, mask=None):
        """The mask of x if y has its steps, else None; beside it None for each state that is given."""
        of_y = mask if self.return_sequences else None
        return [of_y] + [None] * len(state_shapes(self.cell, None)) if self.return_state else of_y

    # -- shapes
    @property
    def state_size(self) -> Any:
        """The length of the state of the cell, or those of several."""
        return self.cell.state_size

    def compute_output_shape(self, input_shape: Shape) -> Any:
        batch, steps, _ = input_shape
        units = output_size(self.cell)
        y = (batch, steps, units) if self.return_sequences else (batch, units)
        return (y, *state_shapes(self.cell, batch)) if self.return_state else y


class OfCellOptions(CommonOptions, total=False):
    """The arguments that SimpleRNN, LSTM and GRU have by name alone."""

    zero_output_for_mask: bool


class OfCell(RNN):
    """The parent of SimpleRNN, LSTM and GRU, which make their own cell and show its arguments as their own.

    `given` are the arguments of such a layer by name: its cell gets those that it knows, RNN those that it knows.
    """

    not_in_config = RNN.not_in_config | {"use_cudnn", "implementation"}  # as in Keras

    def __init__(self, kind: type[GatedCell], given: dict[str, Any], **options: Unpack[OfCellOptions]):
        where = type(self).__name__
        one_of(
            where, "use_cudnn", given.get("use_cudnn", "auto"), ("auto", False), "leave it out: nothing runs on a GPU"
        )
        masks = (2,) if given["dropout"] else (1, 2)  # with 1, Keras draws what is left out of x anew for each gate
        one_of(where, "implementation", given.get("implementation", 2), masks, "leave it out")
        of_cell = {name: given[name] for name in parameters(kind) if name in given}
        of_rnn = {name: given[name] for name in parameters(RNN) if name in given}
        shared: dict[str, Any] = {name: value for name, value in options.items() if name in ("dtype", "trainable")}
        try:
            cell = kind(**of_cell, **shared)
        except LaminaError as error:  # let it name what was written
            error.problem = error.problem.replace(kind.__name__, type(self).__name__)
            raise
        super().__init__(cell, **of_rnn, **options)
        vars(self).update({name: getattr(cell, name) for name in of_cell})


registry.add(RNN)
