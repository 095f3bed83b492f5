"""GRU: a recurrent layer whose gates mix what was with what is new."""

from typing import Any, Unpack

import numpy as np

from .. import activations
from ..ops.gates import in_the_loop, is_usual, pull_back
from .base import CommonOptions, registry
from .cell import GatedCell
from .recurrent import OfCell, OfCellOptions

ALL, Z_AND_R, N = slice(None), slice(2), slice(2, 3)  # of the gates


class GRUCell(GatedCell):
    r"""One step of a `GRU`.

    Forward:   z = s(x·W_z + h·R_z + b_z),  r = s(x·W_r + h·R_r + b_r),  n = a(x·Wₙ + bₙ + r ⊙ m),  m = h·Rₙ + cₙ,
               h' = z ⊙ h + (1 - z) ⊙ n
    Backward:  dz = dh' ⊙ (h - n),  dn = dh' ⊙ (1 - z);  with dsₙ the gradient of n's sum, dr = dsₙ ⊙ m,
               dm = dsₙ ⊙ r,  dh = dh' ⊙ z + ds_z·R_zᵀ + ds_r·R_rᵀ + dm·Rₙᵀ;  with ds those of all three sums,
               dx = ds·Wᵀ,  dW = xᵀ·ds,  dR = hᵀ·[ds_z, ds_r, dm],  db = Σ ds

    Here a is `activation`, s `recurrent_activation`; h, which is y, too, is the state. `units` is the length of h;
    arguments of weights as for `Dense`. With `reset_after` False, r comes before the product:
    n = a(x·Wₙ + bₙ + (r ⊙ h)·Rₙ), and d(r ⊙ h) = dsₙ·Rₙᵀ.

    Shapes: x ``(batch, features)``; h and y ``(batch, units)``; W (`kernel`) ``(features, 3 * units)``,
    R (`recurrent_kernel`) ``(units, 3 * units)``: the gates in the order z, r, n. b (`bias`) ``(2, 3 * units)``: the
    biases of x·W and those of h·R; without `reset_after` ``(3 * units,)``.

    Dropout and the call of a cell alone: see `layers.cell.GatedCell`.

    Raises OptionError if `units` is no whole number of 1 or more, or a rate of dropout not from 0 to 1.

    Source: Cho et al., *Learning Phrase Representations using RNN Encoder-Decoder* (2014); `reset_after`: Appleyard,
    Kociský & Blunsom, *Optimizing Performance of Recurrent Neural Networks on GPUs* (2016).

    >>> cell = GRUCell(1, kernel_initializer="zeros", recurrent_initializer="zeros")
    >>> y, states = cell([[1.0, 2.0]], [np.array([[10.0]])])
    >>> y
    array([[5.]], dtype=float32)
    """

    gates, order, keeps_extra = 3, (0, 1, 2), True

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
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
        reset_after: bool = True,
        seed=None,
        **options: Unpack[CommonOptions],
    ):
        super().__init__(units, activation, use_bias, dropout, recurrent_dropout, seed, **options)
        self.recurrent_activation = activations.get(recurrent_activation)
        self.reset_after = bool(reset_after)
        self.weight_rules("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        self.weight_rules("recurrent", recurrent_initializer, recurrent_regularizer, recurrent_constraint)
        self.weight_rules("bias", bias_initializer, bias_regularizer, bias_constraint)
        self.squash, self.scale = in_the_loop(self.recurrent_activation)
        self.usual = self.reset_after and is_usual(self.activation, self.recurrent_activation)

    # -- one step
    def step(self, run, t, old, new):
        (h,), (h_new,) = old, new
        sums = run.sums[t]
        product = run.recur(h, ALL if self.reset_after else Z_AND_R)  # (3 or 2, batch, units)
        if self.usual:
            run.cells.gru_step(sums, product, self._bias_of_m(), h, run.extra[t], h_new, run.spare)
            run.kept[t] = h_new
            return
        sums[Z_AND_R] += product[Z_AND_R]
        (z, r), of_gates = self.squash.forward(sums[Z_AND_R])
        if self.reset_after:
            m = np.add(product[2], self._bias_of_m(), out=run.extra[t])
            sums[2] += r * m
        else:
            sums[N] += run.recur(np.multiply(r, h, out=run.extra[t]), N)
        n, of_n = self.activation.forward(sums[2])
        np.subtract(h, n, out=h_new)  # h' = n + z ⊙ (h - n)
        h_new *= z
        h_new += n
        run.kept[t] = h, z, r, n, of_gates, of_n

    def step_backward(self, run, t, d_new):
        (dh,) = d_new
        if self.usual:
            run.cells.gru_step_backward(dh, run.sums[t], run.extra[t], run.kept[t], run.d, run.spare)
            dh += run.recur_backward()
            return [dh]
        h, z, r, n, of_gates, of_n = run.kept[t]
        by_gate = run.d.swapaxes(0, 1)
        dz, dr, dn = by_gate[-3:]
        np.multiply(dh, h - n, out=dz)  # h' = z ⊙ h + (1 - z) ⊙ n
        np.multiply(dh, 1 - z, out=dn)
        dh *= z
        pull_back(self.activation, dn, of_n)
        if self.reset_after:
            np.multiply(dn, run.extra[t], out=dr)  # r ⊙ m
            np.multiply(dn, r, out=by_gate[0])
            pull_back(self.squash, by_gate[1:3], of_gates)
            dh += run.recur_backward()
        else:
            d_rh = run.recur_backward(N)  # (r ⊙ h)·Rₙ
            np.multiply(d_rh, h, out=dr)
            d_rh *= r
            dh += d_rh
            pull_back(self.squash, by_gate[Z_AND_R], of_gates)
            dh += run.recur_backward(Z_AND_R)
        return [dh]

    # -- what the gated steps ask
    @property
    def scales(self):
        return (self.scale, self.scale, 1.0)

    @property
    def sums(self):
        return 4 if self.reset_after else 3  # with `reset_after` those of m, z, r, n

    @property
    def recurrent_order(self):
        return (2, 0, 1) if self.reset_after else self.order

    def fed(self, run, h):
        if self.reset_after:
            return super().fed(run, h)
        fed = np.stack([h, h, run.extra])  # (gates, steps, batch, units)
        return fed if run.h_passed is None else fed * run.h_passed[:, None]

    # -- the bias
    @property
    def bias_shape(self):
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

    def input_bias(self):
        if not self.use_bias or not self.reset_after:
            return super().input_bias()
        beside_x, beside_h = self.bias.value.reshape(2, 3, self.units)
        bias = beside_x.copy()
        bias[Z_AND_R] += beside_h[Z_AND_R]  # both stand in one sum
        return bias.reshape(-1)

    def _bias_of_m(self):
        return self.bias.value[1, 2 * self.units :] if self.use_bias else np.zeros(self.units, self.dtype)

    def add_bias_gradient(self, beside_x, beside_h):
        self.bias.grad += np.stack([beside_x, beside_h]) if self.reset_after else beside_x


class GRU(OfCell):
    """A gated recurrent unit: an `RNN` with a `GRUCell`, which has the equations.

    Arguments as for `GRUCell` and `RNN`. `use_cudnn` and `implementation` have no effect on the numbers: there is one
    way, and no GPU. The first may be "auto" or False, the second 2, or without `dropout` 1.

    Shapes: x ``(batch, steps, features)``; y ``(batch, units)``, or ``(batch, steps, units)`` with `return_sequences`.

    >>> GRU(3)(np.ones((2, 5, 1))).shape
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
        reset_after: bool = True,
        use_cudnn: str | bool = "auto",
        *,
        implementation: int = 2,
        **options: Unpack[OfCellOptions],
    ):
        super().__init__(GRUCell, locals(), **options)


for cls in (GRUCell, GRU):
    registry.add(cls)
