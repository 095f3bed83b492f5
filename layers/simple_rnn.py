"""SimpleRNN: a recurrent layer whose state is its last output."""

from typing import Any, Unpack

from ..ops.gates import is_usual, pull_back
from .base import CommonOptions, registry
from .cell import GatedCell
from .recurrent import OfCell, OfCellOptions


class SimpleRNNCell(GatedCell):
    r"""One step of a `SimpleRNN`.

    Forward:   h' = a(x·W + h·R + b)
    Backward:  dz = dh' ⊙ a'(x·W + h·R + b),  dh = dz·Rᵀ,  dx = dz·Wᵀ,  dW = xᵀ·dz,  dR = hᵀ·dz,  db = Σ dz

    Here a is `activation`; h, which is y, too, is the state. `units` is the length of h; arguments of weights as for
    `Dense`.

    Shapes: x ``(batch, features)``; h and y ``(batch, units)``; W (`kernel`) ``(features, units)``,
    R (`recurrent_kernel`) ``(units, units)``, b (`bias`) ``(units,)``.

    Dropout and the call of a cell alone: see `layers.cell.GatedCell`.

    Raises OptionError if `units` is no whole number of 1 or more, or a rate of dropout not from 0 to 1.

    Source: Elman, *Finding Structure in Time* (1990).

    >>> cell = SimpleRNNCell(1, kernel_initializer="ones", recurrent_initializer="ones", activation="linear")
    >>> y, states = cell([[1.0, 2.0]], [np.array([[10.0]])])
    >>> y
    array([[13.]], dtype=float32)
    """

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer=None,
        recurrent_regularizer=None,
        bias_regularizer=None,
        kernel_constraint=None,
        recurrent_constraint=None,
        bias_constraint=None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed=None,
        **options: Unpack[CommonOptions],
    ):
        super().__init__(units, activation, use_bias, dropout, recurrent_dropout, seed, **options)
        self.weight_rules("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        self.weight_rules("recurrent", recurrent_initializer, recurrent_regularizer, recurrent_constraint)
        self.weight_rules("bias", bias_initializer, bias_regularizer, bias_constraint)
        self.usual = is_usual(self.activation)

    def step(self, run, t, old, new):
        (h,), (h_new,) = old, new
        sums, product = run.sums[t][0], run.recur(h)[0]  # (batch, units); faster than to unpack an array
        if self.usual:
            run.cells.rnn_step(sums, product, h_new)
            run.kept[t] = h_new
            return
        sums += product
        y, of_y = self.activation.forward(sums)
        h_new[...] = y
        run.kept[t] = of_y

    def step_backward(self, run, t, d_new):
        (dh,), dz = d_new, run.d[:, 0]
        if self.usual:
            run.cells.rnn_step_backward(dh, run.kept[t], dz, run.spare[0])
        else:
            dz[...] = dh
            pull_back(self.activation, dz, run.kept[t])
        return [run.recur_backward()]


class SimpleRNN(OfCell):
    """A recurrent layer whose state is its last output: an `RNN` with a `SimpleRNNCell`, which has the equations.

    Arguments as for `SimpleRNNCell` and `RNN`.

    Shapes: x ``(batch, steps, features)``; y ``(batch, units)``, or ``(batch, steps, units)`` with `return_sequences`.

    >>> SimpleRNN(3)(np.ones((2, 5, 1))).shape
    (2, 3)
    """

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer=None,
        recurrent_regularizer=None,
        bias_regularizer=None,
        activity_regularizer=None,
        kernel_constraint=None,
        recurrent_constraint=None,
        bias_constraint=None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed=None,
        **options: Unpack[OfCellOptions],
    ):
        super().__init__(SimpleRNNCell, locals(), **options)


for cls in (SimpleRNNCell, SimpleRNN):
    registry.add(cls)
