"""GroupNormalization: every group of channels of a sample with mean 0 and variance 1."""

from typing import Any, Unpack

from ..errors import ShapeError
from ..ops.buffers import in_place
from ..ops.moments import normalize, normalize_gradient
from ..utils.checks import positive_int
from .base import LayerOptions, registry
from .normalizer import Normalizer, counted_axes, one_axis, spec_of
from .spec import show_shape


class GroupNormalization(Normalizer):
    r"""Normalise each sample over groups of neighbouring channels and all positions.

    Forward:   x̂ = (x - μ) / √(σ² + ε) with μ and σ² of a sample's group,  y = γ ⊙ x̂ + β
    Backward:  dβ = Σ dy,  dγ = Σ dy ⊙ x̂ over batch and positions;  dx̂ = γ ⊙ dy,
               dx = (dx̂ - mean(dx̂) - x̂·mean(dx̂ ⊙ x̂)) / √(σ² + ε) with the means over the group

    Shapes: x and y ``(batch, ..., channels)``, the channels on `axis`; γ and β ``(channels,)``. `groups` is the count
    of groups; -1 gives each channel its own (instance normalisation), 1 takes all together.

    `epsilon` is ε; `center` False leaves out β, `scale` False γ; arguments of weights as for `Dense`.

    Raises OptionError for a count below 1 that is not -1, ShapeError if the channels can't be parted into so many
    groups.

    Source: Wu & He, *Group Normalization* (2018).

    >>> GroupNormalization(groups=2, epsilon=0.0)([[1.0, 3.0, 20.0, 10.0]])
    array([[-1.,  1.,  1., -1.]], dtype=float32)
    """

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
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
        super().__init__(
            one_axis("GroupNormalization", axis),
            epsilon,
            center,
            scale,
            beta_initializer,
            gamma_initializer,
            beta_regularizer,
            gamma_regularizer,
            beta_constraint,
            gamma_constraint,
            **options,
        )
        self.groups = -1 if groups == -1 else positive_int("GroupNormalization", "groups", groups)

    def build(self, input_shape):
        (axis,) = counted_axes(self.where, self.axis, input_shape)
        channels = input_shape[axis]
        groups = channels if self.groups == -1 else self.groups
        if axis == 0 or channels is None or channels % groups:
            raise ShapeError(
                self.where,
                expected=f"channels on axis {self.axis} that part into {self.groups} groups",
                received=show_shape(input_shape),
                mend="choose a count of groups that divides the channels",
            )
        self.parted = axis, groups, channels // groups
        grouped = (*input_shape[:axis], groups, channels // groups, *input_shape[axis + 1 :])
        self.add_affine((channels,), (axis, axis + 1), grouped)
        self.axes = tuple(a for a in range(1, len(grouped)) if a != axis)
        self.input_spec = spec_of([axis], input_shape)

    def forward(self, x, training=False):
        axis, groups, size = self.parted
        parted = x.reshape(*x.shape[:axis], groups, size, *x.shape[axis + 1 :])  # (batch, ..., groups, size, ...)
        gamma, beta = self.wide_gamma(), self.wide_beta()
        with in_place():  # of a sample's groups, what is taken off and scaled by lies apart in memory
            y, x_hat, inverse = normalize(parted, self.axes, self.epsilon, gamma, beta, self._room)
        self.saved = x_hat, inverse
        return y.reshape(x.shape)

    def backward(self, dy):
        x_hat, inverse = self.saved
        parted = dy.reshape(x_hat.shape)
        with in_place():
            self.affine_gradient(parted, x_hat)
            dx = normalize_gradient(parted, x_hat, inverse, self.axes, self.wide_gamma(), self._room)
        return dx.reshape(dy.shape)


registry.add(GroupNormalization)
