"""Cells: what SimpleRNNCell, LSTMCell and GRUCell share."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Unpack

import numpy as np

from .. import activations
from ..errors import ShapeError
from ..ops.room import Room
from ..ops.scan import Scan
from ..utils.checks import number, positive_int
from ..utils.seeds import generator
from .base import CommonOptions, Layer
from .gated_steps import GatedSteps
from .spec import InputSpec, Shape
from .stacked_cells import state_shapes


class GatedCell(Layer):
    """The parent of SimpleRNNCell, LSTMCell and GRUCell, whose gates are functions of sums x·W + h·R + b.

    A cell writes `step` and `step_backward`, the equations of one step. The `GatedSteps` that both are given hold what
    is done for all steps at once.

    Called alone, ``cell(x, states)`` takes one step: x ``(batch, features)``, `states` a list of arrays
    ``(batch, units)``, zeros if None. It gives y and the list of new states; ``backward(dy, d_states)`` gives dx and
    the list of the gradients of `states`.

    Dropout, in training: `dropout` is the share of x left out, `recurrent_dropout` that of h. What is left out is drawn
    once for all steps of a sequence; for x it is the same for all gates, for h each gate has its own.

    Source: Gal & Ghahramani, *A Theoretically Grounded Application of Dropout in Recurrent Neural Networks* (2016).
    """

    state_count: ClassVar[int] = 1
    gates: ClassVar[int] = 1
    order: ClassVar[tuple[int, ...]] = (0,)  # the gates as the steps have them, by their numbers in Keras's order
    in_sequence: ClassVar[Any] = GatedSteps  # its way through a sequence
    window: tuple[int, ...] = ()  # what the kernels look at, if the products are convolutions
    keeps_extra: ClassVar[bool] = False  # whether a step keeps one more array (batch, units), in `run.extra`

    def __init__(
        self,
        units: int,
        activation,
        use_bias: bool,
        dropout: float,
        recurrent_dropout: float,
        seed,
        **options: Unpack[CommonOptions],
    ):
        super().__init__(**options)
        kind = type(self).__name__
        self.units = positive_int(kind, "units", units)
        self.activation = activations.get(activation)
        self.use_bias = bool(use_bias)
        self.dropout = number(kind, "dropout", dropout, 0, 1)
        self.recurrent_dropout = number(kind, "recurrent_dropout", recurrent_dropout, 0, 1)
        self.seed = seed
        self.generator = generator(seed)
        self.input_spec = InputSpec(ndim=2)

    # -- what the steps ask of a cell
    @abstractmethod
    def step(self, run: GatedSteps, t: int, old: Sequence[np.ndarray], new: Sequence[np.ndarray]) -> None:
        """Write the states after step t into `new`, and what `step_backward` needs into ``run.kept[t]``."""

    @abstractmethod
    def step_backward(self, run: GatedSteps, t: int, d_new: list[np.ndarray]) -> list[np.ndarray]:
        """Write the gradients of the sums into `run.d`, and give those of the old states, over those of the new."""

    @property
    def scales(self) -> tuple[float, ...]:
        """What the sums of each gate are multiplied by beforehand."""
        return (1.0,) * self.gates

    @property
    def recurrent_order(self) -> tuple[int, ...]:
        """As `order`, for those gradients in `run.d` that go back to h: the first ones. The last ones go to x."""
        return self.order

    @property
    def sums(self) -> int:
        """How many gradients of sums there are in `run.d`."""
        return self.gates

    def fed(self, run: GatedSteps, h: np.ndarray) -> np.ndarray | None:
        """What the recurrent weights of each gate, in `recurrent_order`, were fed; None if it was h itself."""
        return None if run.h_passed is None else h * run.h_passed[:, None]

    # -- weights
    @property
    def state_size(self) -> int | list[int]:
        """The length of the state, or of each of several."""
        return self.units if self.state_count == 1 else [self.units] * self.state_count

    @property
    def output_size(self) -> int:
        """The length of y."""
        return self.units

    def build(self, input_shape):
        width = self.gates * self.units
        self.kernel = self.add_weight("kernel", (*self.window, input_shape[-1], width))
        shape = (*self.window, self.units, width)
        self.recurrent_kernel = self.add_weight("recurrent_kernel", shape, **self._rules["recurrent"])
        if self.use_bias:
            self.bias = self.add_weight("bias", self.bias_shape)
        self.input_spec = InputSpec(ndim=2, axes={-1: input_shape[-1]})
        self._check_activations()

    def _check_activations(self) -> None:
        for name in ("activation", "recurrent_activation"):
            activation = getattr(self, name, self.activation)
            y, _ = activation.forward(np.zeros((1, self.units), self.dtype))
            if y.shape != (1, self.units):
                raise ShapeError(
                    f"{self.where}: {name}",
                    expected=f"(batch, {self.units}), as long as its input",
                    received=f"(batch, {y.shape[-1]}) from {type(activation).__name__}",
                    mend="take an activation that keeps the length",
                )

    @property
    def bias_shape(self) -> tuple[int, ...]:
        """The shape of the bias."""
        return (self.gates * self.units,)

    def input_bias(self) -> np.ndarray:
        """What the sums of each gate begin with."""
        return self.bias.value if self.use_bias else np.zeros(self.gates * self.units, self.dtype)

    def add_bias_gradient(self, beside_x: np.ndarray, beside_h: np.ndarray) -> None:
        """Take up the gradient of the bias, as part of the sums that x goes into and of those that h goes into."""
        self.bias.grad += beside_x

    # -- one step alone
    def __call__(self, x, states=None, training: bool = False):  # type: ignore[override]
        """Build the cell if need be, check x, and take one step."""
        return self.forward(self.admit(x), states, training)

    def forward(self, x, states=None, training=False):  # type: ignore[override]
        shapes = state_shapes(self, len(x))
        states = [np.zeros(shape, self.dtype) for shape in shapes] if states is None else flat(states, self.dtype)
        check_states(f"{self.where}: states", states, shapes)
        room = Room()
        scan = self.saved = Scan(self.in_sequence(self, x[None], training, room), states, None, room)
        scan.forward()
        new = [states[1].copy() for states in scan.states]
        return new[0].copy(), new

    def backward(self, dy, d_states=None):
        d = [np.zeros_like(dy) for _ in range(self.state_count)] if d_states is None else list(d_states)
        dx, d_old = self.saved.backward(dy[None], d)
        return dx[0], d_old

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.units)


def flat(states: Any, dtype) -> list[np.ndarray]:
    """States that come as an array, a list, or lists within a list, as one list of arrays.

    >>> [state.shape for state in flat([np.zeros((2, 3)), [np.zeros((2, 4))]], "float32")]
    [(2, 3), (2, 4)]
    """
    if isinstance(states, list | tuple):
        return [state for part in states for state in flat(part, dtype)]
    return [np.asarray(states, dtype)]


def check_states(where: str, states: list[np.ndarray], wanted: list[Shape], mend: str | None = None) -> None:
    """Refuse states that are not of the shapes wanted."""
    found = [state.shape for state in states]
    if found != wanted:
        raise ShapeError(where, expected=str(wanted), received=str(found), mend=mend)
