"""LSTM: a recurrent layer with a memory that gates write to, read from and clear."""

from typing import Any, Unpack

import numpy as np

from .. import activations
from ..ops.gates import in_the_loop, is_usual, pull_back
from .base import CommonOptions, registry
from .cell import GatedCell
from .recurrent import OfCell, OfCellOptions


class LSTMCell(GatedCell):
    r"""One step of an `LSTM`.

    Forward:   i = s(x·Wᵢ + h·Rᵢ + bᵢ),  f = s(x·W_f + h·R_f + b_f),  o = s(x·Wₒ + h·Rₒ + bₒ),
               g = a(x·W_c + h·R_c + b_c),  c' = f ⊙ c + i ⊙ g,  u = a(c'),  h' = o ⊙ u
    Backward:  do = dh' ⊙ u,  dc' += a'(c') ⊙ dh' ⊙ o,  df = dc' ⊙ c,  di = dc' ⊙ g,  dg = dc' ⊙ i,  dc = dc' ⊙ f;
               with dz the gradients of the sums, through s and a:  dh = dz·Rᵀ,  dx = dz·Wᵀ,  dW = xᵀ·dz,
               dR = hᵀ·dz,  db = Σ dz

    Here a is `activation`, s `recurrent_activation`; h (which is y, too) and c are the states. `units` is the length of
    each; arguments of weights as for `Dense`.

    Shapes: x ``(batch, features)``; h, c and y ``(batch, units)``; W (`kernel`) ``(features, 4 * units)``,
    R (`recurrent_kernel`) ``(units, 4 * units)``, b (`bias`) ``(4 * units,)``: the gates in the order i, f, c, o.

    With `unit_forget_bias` b_f begins as 1, so that what is remembered stays at first. Dropout and the call of a cell
    alone: see `layers.cell.GatedCell`.

    Raises OptionError if `units` is no whole number of 1 or more, or a rate of dropout not from 0 to 1.

    Source: Hochreiter & Schmidhuber, *Long Short-Term Memory* (1997); the gate f: Gers, Schmidhuber & Cummins,
    *Learning to Forget* (2000); b_f = 1: Jozefowicz, Zaremba & Sutskever, *An Empirical Exploration of Recurrent
    Network Architectures* (2015).

    >>> cell = LSTMCell(2, kernel_initializer="zeros", recurrent_initializer="zeros")
    >>> y, (h, c) = cell(np.ones((1, 3)), [np.zeros((1, 2)), np.ones((1, 2))])
    >>> c.round(4)
    array([[0.7311, 0.7311]], dtype=float32)
    """

    state_count, gates, order, keeps_extra = 2, 4, (0, 1, 3, 2), True

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
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
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = bool(unit_forget_bias)
        self.weight_rules("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        self.weight_rules("recurrent", recurrent_initializer, recurrent_regularizer, recurrent_constraint)
        self.weight_rules("bias", bias_initializer, bias_regularizer, bias_constraint)
        self.squash, self.scale = in_the_loop(self.recurrent_activation)
        self.usual = is_usual(self.activation, self.recurrent_activation)

    @property
    def scales(self):
        return (self.scale, self.scale, self.scale, 1.0)

    def build(self, input_shape):
        super().build(input_shape)
        if self.use_bias and self.unit_forget_bias:
            self.bias.value[self.units : 2 * self.units] = 1

    def step(self, run, t, old, new):
        (h, c), (h_new, c_new) = old, new
        sums, product = run.sums[t], run.recur(h)  # (4, batch, units)
        if self.usual:
            run.cells.lstm_step(sums, product, c, c_new, run.extra[t], h_new, run.spare)
            run.kept[t] = c, h_new
            return
        sums += product
        (i, f, o), of_gates = self.squash.forward(sums[:3])
        g, of_g = self.activation.forward(sums[3])
        np.multiply(f, c, out=c_new)
        c_new += i * g
        np.copyto(run.extra[t], c_new)
        u, of_u = self.activation.forward(run.extra[t])
        np.multiply(o, u, out=h_new)
        run.kept[t] = c, i, f, o, g, u, of_gates, of_g, of_u

    def step_backward(self, run, t, d_new):
        dh, dc = d_new
        if self.usual:
            c, h_new = run.kept[t]
            run.cells.lstm_step_backward(dh, dc, run.sums[t], c, run.extra[t], h_new, run.d, run.spare)
            return [run.recur_backward(), dc]
        c, i, f, o, g, u, of_gates, of_g, of_u = run.kept[t]
        by_gate = run.d.swapaxes(0, 1)
        di, df, do, dg = by_gate
        np.multiply(dh, u, out=do)  # h' = o ⊙ u
        dc += pull_back(self.activation, dh * o, of_u)  # u = a(c')
        np.multiply(dc, g, out=di)  # c' = f ⊙ c + i ⊙ g
        np.multiply(dc, c, out=df)
        np.multiply(dc, i, out=dg)
        dc *= f
        pull_back(self.squash, by_gate[:3], of_gates)
        pull_back(self.activation, dg, of_g)
        return [run.recur_backward(), dc]


class LSTM(OfCell):
    """Long short-term memory: an `RNN` with an `LSTMCell`, which has the equations.

    Arguments as for `LSTMCell` and `RNN`. `use_cudnn` and `implementation` have no effect on the numbers: there is one
    way, and no GPU. The first may be "auto" or False, the second 2, or without `dropout` 1.

    Shapes: x ``(batch, steps, features)``; y ``(batch, units)``, or ``(batch, steps, units)`` with `return_sequences`.

    >>> LSTM(3)(np.ones((2, 5, 1))).shape
    (2, 3)
    """

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer=None,
        recurrent_regularizer=None,
        bias_regularizer=None,
        activity_regularizer=None,
        kernel_constraint=None,
        recurrent_constraint=None,
        bias_constraint=None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed=None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        use_cudnn: str | bool = "auto",
        *,
        implementation: int = 2,
        **options: Unpack[OfCellOptions],
    ):
        super().__init__(LSTMCell, locals(), **options)


for cls in (LSTMCell, LSTM):
    registry.add(cls)
