"""Convolution steps: the way of a gated cell through a sequence of images, its products convolutions."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..ops import cells
from ..ops.convolution import convolve, input_gradient, kernel_gradient
from ..ops.room import Room
from ..ops.windows import Geometry
from .gated_steps import draw_kept

if TYPE_CHECKING:
    from .conv_lstm import ConvLSTMCell


class ConvolutionSteps:
    """The steps of a `ConvLSTMCell` through one sequence x ``(steps, batch, *data)``, as `Scan` asks for them.

    What a cell finds here is what it finds in `GatedSteps`, with states as its arrays' last axes: `sums` of each step
    are ``(gates, batch, *state)``. A step itself convolves h only; x is convolved for all steps at once before the
    first of them, and the gradients of the weights and dx are found after the last, the same way.

    What dropout leaves out is another part of x, and of h, for each gate: then each gate has channels of its own, and
    the convolution as many groups.
    """

    cells = cells  # the plain ones: the compiled ones are for states of one axis

    def __init__(self, cell: "ConvLSTMCell", x: np.ndarray, training: bool, room: Room, keep: bool = True):
        self.cell, self.room, self.count, self.keep = cell, room, len(x), keep
        state: Any = cell.compute_output_shape(x.shape[1:])
        gates, dtype = cell.gates, np.dtype(cell.dtype)

        self.x = self._channels_last(x)
        self.x_kept = self._draw(cell.dropout, self.x.shape[1:], training)
        places: Any = cell.split_shape(state)[0]
        self.h_kept = self._draw(cell.recurrent_dropout, (x.shape[1], *places, cell.filters), training)
        ones = (1,) * cell.rank  # h keeps its size
        self.geometry = _grouped(cell.geometry, self.x_kept)
        self.of_h = _grouped(Geometry(cell.kernel_size, ones, ones, "same"), self.h_kept)

        scales = np.repeat(np.array(cell.scales, dtype), cell.filters)
        bias = self._ordered(cell.input_bias()) * scales
        fed = _merged(_fed(self.x, self.x_kept))
        z = convolve(fed, self._ordered(cell.kernel.value) * scales, bias, self.geometry, room)
        sums = room.empty((self.count, gates, *state), dtype)
        np.copyto(sums.swapaxes(0, 1), self._gates_first(z.reshape(*x.shape[:2], *z.shape[1:])))
        self.sums = list(sums)  # a view for each step
        self.recurrent = self._ordered(cell.recurrent_kernel.value) * scales

        self.kept: list[Any] = [None] * self.count
        extra = room.empty((self.count if keep else 1, *state), dtype)
        self.extra = [extra[t if keep else 0] for t in range(self.count)]
        self.spare = room.empty((2 * gates, *state), dtype)

    # -- layouts
    def _channels_last(self, x: np.ndarray) -> np.ndarray:
        """Data ``(..., *data)`` with their channels last."""
        return np.moveaxis(x, -1 - self.cell.rank, -1) if self.cell.channels_first else x

    def _as_data(self, y: np.ndarray) -> np.ndarray:
        """What has its channels last in the layout of the data."""
        return np.moveaxis(y, -1, -1 - self.cell.rank) if self.cell.channels_first else y

    def _gates_first(self, z: np.ndarray) -> np.ndarray:
        """A view of sums ``(..., *space, gates·filters)`` in the layout of the data, the gates before all else."""
        apart = z.reshape(*z.shape[:-1], self.cell.gates, self.cell.filters)
        return self._as_data(np.moveaxis(apart, -2, 0))

    def _ordered(self, weights: np.ndarray) -> np.ndarray:
        """Weights with the gates, on the last axis, in the order that the steps have them in."""
        apart = weights.reshape(*weights.shape[:-1], self.cell.gates, self.cell.filters)
        return apart[..., list(self.cell.order), :].reshape(weights.shape)

    def _add(self, weight: Any, gradient: np.ndarray) -> None:
        """Add a gradient whose gates are in the order of the steps."""
        apart = gradient.reshape(*weight.shape[:-1], self.cell.gates, self.cell.filters)
        weight.grad += apart[..., np.argsort(self.cell.order), :].reshape(weight.shape)

    def _draw(self, rate: float, shape: tuple[int, ...], training: bool) -> np.ndarray | None:
        return draw_kept(self.cell, rate, (*shape[:-1], self.cell.gates, shape[-1]), training)

    # -- forward
    def begin(self, states: Sequence[np.ndarray]) -> list[np.ndarray]:
        """The states of the cell: the first one is its output."""
        return list(states)

    def step(self, t: int, old: Sequence[np.ndarray], new: Sequence[np.ndarray]) -> None:
        """The cell's step."""
        self.cell.step(self, t, old, new)
        if not self.keep:
            self.kept[t] = None

    def recur(self, h: np.ndarray) -> np.ndarray:
        """h∗R for all gates ``(gates, batch, *state)``."""
        h = _fed(self._channels_last(h), self.h_kept)
        return self._gates_first(convolve(h, self.recurrent, None, self.of_h, self.room))

    # -- backward
    def start_backward(self, before: list[np.ndarray], wants_dx: bool) -> None:
        """Before the last step: room for the gradients of the sums of one step, and of all."""
        self._h, self._wants_dx = before[0], wants_dx
        self.d = self.room.empty((len(self._h[0]), self.cell.gates, *self._h.shape[2:]), self.cell.dtype)
        places: Any = self.cell.split_shape(self._h.shape[1:])[0]
        self._dz = self.room.empty((*self._h.shape[:2], *places, self.cell.gates * self.cell.filters), self.cell.dtype)
        self.transposed = self._ordered(self.cell.recurrent_kernel.value)

    def step_backward(self, t: int, d_new: list[np.ndarray]) -> list[np.ndarray]:
        """The cell's step backward."""
        self._of_step = self._dz[t]
        return self.cell.step_backward(self, t, d_new)

    def recur_backward(self) -> np.ndarray:
        """The gradient of h for that of h∗R in `d`, which is kept for the weights."""
        dz = self._of_step
        np.copyto(self._gates_first(dz), self.d.swapaxes(0, 1))
        shape = (*dz.shape[:-1], self.of_h.groups * self.cell.filters)
        dh = input_gradient(dz, self.transposed, shape, self.of_h, self.room)
        return self._as_data(_unfed(dh, self.h_kept))

    def finish(self) -> np.ndarray | None:
        """Add to the gradients of the weights; give dx, if wanted."""
        cell, dz = self.cell, _merged(self._dz)
        x, h = _merged(_fed(self.x, self.x_kept)), _merged(_fed(self._channels_last(self._h), self.h_kept))
        dw, db = kernel_gradient(x, dz, cell.kernel.shape, self.geometry, self.room, cell.use_bias)
        self._add(cell.kernel, dw)
        if cell.use_bias:
            self._add(cell.bias, db)
        dr, _ = kernel_gradient(h, dz, cell.recurrent_kernel.shape, self.of_h, self.room, False)
        self._add(cell.recurrent_kernel, dr)
        if not self._wants_dx:
            return None
        dx = input_gradient(dz, self._ordered(cell.kernel.value), x.shape, self.geometry, self.room)
        return self._as_data(_unfed(dx.reshape(*self._dz.shape[:2], *dx.shape[1:]), self.x_kept))


def _grouped(geometry: Geometry, kept: np.ndarray | None) -> Geometry:
    return geometry if kept is None else replace(geometry, groups=kept.shape[-2])


def _merged(x: np.ndarray) -> np.ndarray:
    """All steps ``(steps, batch, ...)`` as one batch."""
    return x.reshape(x.shape[0] * x.shape[1], *x.shape[2:])


def _fed(x: np.ndarray, kept: np.ndarray | None) -> np.ndarray:
    """x ``(..., channels)`` as each gate is fed it: with `kept`, channels of its own for each."""
    if kept is None:
        return x
    return (x[..., None, :] * kept).reshape(*x.shape[:-1], kept.shape[-2] * kept.shape[-1])


def _unfed(d: np.ndarray, kept: np.ndarray | None) -> np.ndarray:
    """The gradient of x for that of what the gates were fed."""
    return d if kept is None else (d.reshape(*d.shape[:-1], *kept.shape[-2:]) * kept).sum(axis=-2)
