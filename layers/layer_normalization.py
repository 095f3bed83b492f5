"""LayerNormalization: every sample with mean 0 and variance 1 over its own features."""

from ..ops.moments import normalize, normalize_gradient
from .base import registry
from .normalizer import Normalizer, counted_axes, lengths_along, spec_of


class LayerNormalization(Normalizer):
    r"""Normalise each sample over `axis`, in training as at inference.

    Forward:   x̂ = (x - μ) / √(σ² + ε) with μ and σ² along `axis`,  y = γ ⊙ x̂ + β
    Backward:  dβ = Σ dy,  dγ = Σ dy ⊙ x̂ over the other axes;  dx̂ = γ ⊙ dy,
               dx = (dx̂ - mean(dx̂) - x̂·mean(dx̂ ⊙ x̂)) / √(σ² + ε) with the means along `axis`

    Shapes: x and y ``(batch, ..., features)``; γ and β have the lengths of `axis` (an axis, or a list of several; as in
    Keras in the order of the sorted list).

    `epsilon` is ε; `center` False leaves out β, `scale` False γ; arguments of weights as for `Dense`.

    Raises ShapeError for an axis that x does not have, or one of no fixed length.

    Source: Ba, Kiros & Hinton, *Layer Normalization* (2016).

    >>> LayerNormalization(epsilon=0.0)([[1.0, 3.0], [20.0, 10.0]])
    array([[-1.,  1.],
           [ 1., -1.]], dtype=float32)
    """

    not_taken = Normalizer.not_taken | {"rms_scaling": "RMSNormalization does it"}

    def build(self, input_shape):
        self.axes = counted_axes(self.where, self.axis, input_shape)
        self.input_spec = spec_of(self.axes, input_shape)
        self.add_affine(lengths_along(self.axis, input_shape), self.axes, input_shape)

    def forward(self, x, training=False):
        gamma, beta = self.wide_gamma(), self.wide_beta()
        y, x_hat, inverse = normalize(x, self.axes, self.epsilon, gamma, beta, self._room)
        self.saved = x_hat, inverse
        return y

    def backward(self, dy):
        x_hat, inverse = self.saved
        self.affine_gradient(dy, x_hat)
        return normalize_gradient(dy, x_hat, inverse, self.axes, self.wide_gamma(), self._room)

    def couples_batch(self, training):
        return 0 in self.axes or super().couples_batch(training)


registry.add(LayerNormalization)
