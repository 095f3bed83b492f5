"""What the normalisation layers share: the axes, and the scale γ and shift β that are learnt."""

from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np

from ..errors import OptionError, ShapeError
from ..ops.moments import total, totals
from ..ops.room import Room
from ..utils.checks import number
from .base import Layer, LayerOptions
from .spec import InputSpec, Shape, show_shape


def axis_option(where: str, axis: Any, name: str = "axis") -> int | list[int]:
    """The argument `axis` of a layer, or another of that kind: a whole number, or a list of several.

    >>> axis_option("LayerNormalization", (1, 2))
    [1, 2]
    """
    axes = list(axis) if isinstance(axis, list | tuple) else [axis]
    if not axes or not all(isinstance(a, int | np.integer) and not isinstance(a, bool) for a in axes):
        raise OptionError(f"{where}({name}=...)", expected="a whole number, or a list of them", received=repr(axis))
    return [int(a) for a in axes] if isinstance(axis, list | tuple) else int(axis)


def one_axis(where: str, axis: Any) -> int:
    """The argument `axis` of a layer that takes only one.

    >>> one_axis("BatchNormalization", -1)
    -1
    """
    found = axis_option(where, axis)
    if isinstance(found, list):
        raise OptionError(f"{where}(axis=...)", expected="one axis", received=repr(axis))
    return found


def counted_axes(where: str, axis: int | list[int], input_shape: Shape) -> tuple[int, ...]:
    """The axes meant, in the order given, counted from the front.

    >>> counted_axes("layer", [-1, 1], (None, 5, 3))
    (2, 1)
    """
    axes = axis if isinstance(axis, list) else [axis]
    ndim = len(input_shape)
    if not all(-ndim <= a < ndim for a in axes):
        raise ShapeError(
            where,
            expected=f"an input of rank {max(a + 1 if a >= 0 else -a for a in axes)} or more, for axis={axis}",
            received=show_shape(input_shape),
            mend="choose an axis that the input has; -1 is the last",
        )
    counted = tuple(a % ndim for a in axes)
    if len(set(counted)) < len(counted):
        raise ShapeError(where, expected=f"axes that differ, of {show_shape(input_shape)}", received=f"axis={axis}")
    return counted


def lengths_along(axis: int | list[int], input_shape: Shape) -> tuple[Any, ...]:
    """The shape of a weight for these axes: as in Keras, in the order of the sorted list.

    >>> lengths_along([-1, 1], (None, 5, 3))
    (3, 5)
    """
    return tuple(input_shape[a] for a in (sorted(axis) if isinstance(axis, list) else [axis]))


def spec_of(axes: Sequence[int], input_shape: Shape) -> InputSpec:
    """What a layer may be given from now on that has weights for these axes of an input.

    >>> spec_of([2], (None, 5, 3)).describe(ndim=3)
    '(batch, any, 3)'
    """
    return InputSpec(ndim=len(input_shape), axes={axis: input_shape[axis] for axis in axes})  # type: ignore[misc]


class Normalizer(Layer):
    """The parent of the layers that give y = γ ⊙ x̂ + β for a normalised x̂.

    `center` and `scale` say whether β (`beta`) and γ (`gamma`) are learnt; without, β = 0 and γ = 1.
    """

    supports_masking = True

    def __init__(
        self,
        axis: Any = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer=None,
        gamma_regularizer=None,
        beta_constraint=None,
        gamma_constraint=None,
        **options: Unpack[LayerOptions],
    ):
        super().__init__(**options)
        name = type(self).__name__
        self.axis = axis_option(name, axis)
        self.epsilon = number(name, "epsilon", epsilon, 0)
        self.center, self.scale = bool(center), bool(scale)
        self._room = Room()
        self.weight_rules("gamma", gamma_initializer, gamma_regularizer, gamma_constraint)
        self.weight_rules("beta", beta_initializer, beta_regularizer, beta_constraint)

    def add_affine(self, shape: Any, axes: tuple[int, ...], input_shape: Shape) -> None:
        """Make γ and β of this shape, for `axes` of an input of `input_shape`."""
        self.gamma = self.add_weight("gamma", shape) if self.scale else None
        self.beta = self.add_weight("beta", shape) if self.center else None
        self.wide = [size if axis in axes else 1 for axis, size in enumerate(input_shape)]  # γ's shape beside x
        self.summed = tuple(axis for axis in range(len(input_shape)) if axis not in axes)

    def wide_gamma(self):
        """γ in the shape that goes with x; 1 where there is none."""
        return 1.0 if self.gamma is None else self.gamma.value.reshape(self.wide)

    def wide_beta(self):
        """β in the shape that goes with x; 0 where there is none."""
        return 0.0 if self.beta is None else self.beta.value.reshape(self.wide)

    def affine_gradient(self, dy: np.ndarray, x_hat: np.ndarray) -> None:
        """dγ = Σ dy ⊙ x̂ and dβ = Σ dy go to the weights."""
        if self.gamma is not None and self.beta is not None:
            d_beta, d_gamma = totals(dy, x_hat, self.summed)
            self.gamma.grad += d_gamma.reshape(self.gamma.shape)
            self.beta.grad += d_beta.reshape(self.beta.shape)
        elif self.gamma is not None:
            self.gamma.grad += total(dy, self.summed, x_hat).reshape(self.gamma.shape)
        elif self.beta is not None:
            self.beta.grad += total(dy, self.summed).reshape(self.beta.shape)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        counted_axes(self.where, self.axis, input_shape)
        return input_shape
