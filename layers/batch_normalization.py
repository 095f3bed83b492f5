"""BatchNormalization: every feature with mean 0 and variance 1 over the batch."""

from typing import Any, Unpack

import numpy as np

from ..errors import ShapeError
from ..ops.moments import beside, centre, scaled, tilt, totals
from ..utils.checks import number, one_of
from .base import LayerOptions, registry
from .normalizer import Normalizer, counted_axes, one_axis, spec_of


class BatchNormalization(Normalizer):
    r"""Normalise each feature over the batch and all other axes but its own.

    Forward:   x̂ = (x - μ) / √(σ² + ε),  y = γ·x̂ + β
    Backward:  dβ = Σ dy,  dγ = Σ dy ⊙ x̂,  dx = γ / √(σ² + ε) · (dy - dβ / n - x̂·dγ / n)  for n numbers a feature

    In training μ and σ² are the batch's, and each step moves the statistics that inference uses:
    moving ← momentum·moving + (1 - momentum)·(μ or σ²). At inference, and where `trainable` is False, μ and σ² are
    those moving ones; then dx = γ / √(σ² + ε) · dy.

    Shapes: x and y ``(batch, ..., features)``, the features on `axis`; γ, β, `moving_mean` and `moving_variance`
    ``(features,)``. A mask has all of x's axes but the last; what it leaves out is normalised, but not counted.
    `synchronized` has no effect on the numbers, and can only be False: the whole batch is here.

    `epsilon` is ε; `center` False leaves out β, `scale` False γ; arguments of weights as for `Dense`.

    Raises ShapeError for an axis that x does not have, or a mask of another shape.

    Source: Ioffe & Szegedy, *Batch Normalization* (2015).

    >>> layer = BatchNormalization(momentum=0.5, epsilon=0.0)
    >>> layer([[1.0], [3.0]], training=True)
    array([[-1.],
           [ 1.]], dtype=float32)
    >>> layer.moving_mean.value, layer.moving_variance.value
    (array([1.], dtype=float32), array([1.], dtype=float32))
    """

    uses_mask = True
    not_in_config = Normalizer.not_in_config | {"synchronized"}
    not_taken = Normalizer.not_taken | dict.fromkeys(
        ("renorm", "renorm_clipping", "renorm_momentum"), "leave it out: a batch is normalised by its own statistics"
    )

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer=None,
        gamma_regularizer=None,
        beta_constraint=None,
        gamma_constraint=None,
        *,
        synchronized: bool = False,
        **options: Unpack[LayerOptions],
    ):
        one_of("BatchNormalization", "synchronized", synchronized, (False,), "leave it out: there is one machine")
        super().__init__(
            one_axis("BatchNormalization", axis),
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
        self.momentum = number("BatchNormalization", "momentum", momentum, 0, 1)
        self.weight_rules("moving_mean", moving_mean_initializer)
        self.weight_rules("moving_variance", moving_variance_initializer)

    def build(self, input_shape):
        (axis,) = counted_axes(self.where, self.axis, input_shape)
        features = input_shape[axis]
        self.add_affine((features,), (axis,), input_shape)
        self.moving_mean = self.add_weight("moving_mean", (features,), trainable=False)
        self.moving_variance = self.add_weight("moving_variance", (features,), trainable=False)
        self.input_spec = spec_of([axis], input_shape)

    def forward(self, x, training=False, mask=None):
        weights = n = None
        if training and self.trainable and x.size:  # an empty batch has no statistics
            weights = self._weights_of(mask, x)
            x, mean, variance, n = centre(x, self.summed, self._room, weights)
            self._move(self.moving_mean, mean)
            self._move(self.moving_variance, variance)
            mean = 0.0  # that of x now
        else:
            mean, variance = self.moving_mean.value.reshape(self.wide), self.moving_variance.value.reshape(self.wide)
        inverse = 1 / np.sqrt(variance + self.epsilon)
        self.saved = x, mean, inverse, n, weights
        scale = self.wide_gamma() * inverse
        return scaled(x, scale, self.wide_beta() - mean * scale, self._room)

    def backward(self, dy):
        x, mean, inverse, n, weights = self.saved
        d_beta, with_x = totals(dy, x, self.summed)
        d_gamma = (with_x - mean * d_beta) * inverse
        if self.gamma is not None:
            self.gamma.grad += d_gamma.reshape(-1)
        if self.beta is not None:
            self.beta.grad += d_beta.reshape(-1)
        scale = self.wide_gamma() * inverse
        if n is None:  # the moving statistics do not depend on x
            dy *= beside(scale, dy)
            return dy
        return tilt(dy, x, inverse * d_gamma / n, scale, self._room, offset=d_beta / n, weights=weights)

    def couples_batch(self, training):
        return training and self.trainable

    def _move(self, moving, value) -> None:
        moving.assign(moving.value * self.momentum + value.reshape(-1) * (1 - self.momentum))

    def _weights_of(self, mask, x):
        """1 for what counts and 0 for what does not, beside x."""
        if mask is None:
            return None
        if np.shape(mask) != x.shape[:-1]:
            raise ShapeError(
                f"{self.where}: mask", expected=f"a mask of shape {x.shape[:-1]}", received=str(np.shape(mask))
            )
        return np.asarray(mask, bool)[..., None].astype(x.dtype)


registry.add(BatchNormalization)
