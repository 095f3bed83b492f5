"""SpectralNormalization: a layer whose weights stretch nothing."""

import math
from typing import Any, Unpack

import numpy as np

from .. import config, initializers
from ..errors import ArgumentError
from ..utils.checks import positive_int
from ..utils.variable import Variable
from .base import Layer, LayerOptions, registry
from .chain import backward_chain, backward_to_weights, forward_chain


class SpectralNormalization(Layer):
    """A layer whose kernel W is divided by its largest singular value σ, at each step of training.

    Forward:   in training, `power_iterations` times  v ← u·Wᵀ / ‖u·Wᵀ‖,  u ← v·W / ‖v·W‖;  then σ = v·W·uᵀ, W ← W / σ;
               y = layer(x)
    Backward:  that of the layer, with the new W

    W itself becomes W / σ, as a constraint would make it, and the optimizer changes what it has become: so it is with
    Keras on TensorFlow. (On JAX, Keras goes back through the division, to a W that stays as it was, and that inference
    uses as it is.) A W of zeros stays. As a call changes W, no batch is split over processes in training.

    Shapes: x and y as the layer's; W is its `kernel`, or of an Embedding `embeddings`, as a matrix of all its axes but
    the last ``(..., n)``; u (`vector_u`, kept from step to step) ``(1, n)``. A mask goes on as the layer leaves it.

    Raises ArgumentError if `layer` is no layer, or has neither weight; OptionError if `power_iterations` is no whole
    number of 1 or more.

    Source: Miyato, Kataoka, Koyama & Yoshida, *Spectral Normalization for Generative Adversarial Networks* (2018).

    >>> from lamina import layers
    >>> layer = SpectralNormalization(layers.Dense(2, kernel_initializer="identity"), power_iterations=3)
    >>> layer.ensure_built((None, 2))
    >>> layer.set_weights([[[4.0, 0.0], [0.0, 2.0]], [[1.0, 0.0]], [0.0, 0.0]])
    >>> layer([[1.0, 1.0]], training=True)
    array([[1. , 0.5]], dtype=float32)
    """

    uses_mask = True

    def __init__(self, layer: Any, power_iterations: int = 1, **options: Unpack[LayerOptions]):
        super().__init__(**options)
        self.layer = registry.get(layer) if isinstance(layer, dict) else layer
        if not isinstance(self.layer, Layer):
            raise ArgumentError("SpectralNormalization(layer=...)", expected="a layer", received=repr(layer))
        self.power_iterations = positive_int("SpectralNormalization", "power_iterations", power_iterations)
        self.input_spec = self.layer.input_spec

    def build(self, input_shape):
        self.layer.ensure_built(input_shape)
        self.input_spec = self.layer.input_spec
        start = initializers.TruncatedNormal(stddev=0.02)
        shape = (1, self.normalized.shape[-1])
        self.vector_u = self.add_weight("vector_u", shape, start, self.normalized.value.dtype.name, trainable=False)

    def forward(self, x, training=False, mask=None):
        if training and len(x) and self.normalized.value.any():
            self._normalize()
        self.saved = True
        return forward_chain([self.layer], x, training, mask)[0].astype(self.dtype, copy=False)

    def backward(self, dy):
        _ = self.saved
        return backward_chain([self.layer], dy)

    def backward_weights(self, dy):
        _ = self.saved
        backward_to_weights([self.layer])(dy)

    def _normalize(self) -> None:
        w = self.normalized.value
        matrix, u = w.reshape(-1, w.shape[-1]), self.vector_u.value
        for _ in range(self.power_iterations):
            v = _unit(u @ matrix.T)
            u = _unit(v @ matrix)
        self.vector_u.assign(u)
        self.normalized.assign(w / (v @ matrix @ u.T).item())

    @property
    def normalized(self) -> Variable:
        """W, of the layer within."""
        for name in ("kernel", "embeddings"):
            if isinstance(found := getattr(self.layer, name, None), Variable):
                return found
        raise ArgumentError(
            f"{self.where}: layer", expected="one that has a kernel, or embeddings", received=self.layer.where
        )

    @property
    def weights(self) -> list[Variable]:
        """All variables, in Keras's order: W, u, then the layer's others."""
        first = self.normalized if self.built else None
        return sorted(super().weights, key=lambda weight: weight is not first)

    variables = weights

    def couples_batch(self, training):
        return training or super().couples_batch(training)

    def compute_output_shape(self, input_shape):
        return self.layer.compute_output_shape(input_shape)

    def compute_mask(self, x, mask=None):
        """The mask as the layer within leaves it."""
        return self.layer.compute_mask(x, mask)

    # -- what it says of itself is what the layer within says
    @property
    def casts_input(self) -> bool:  # type: ignore[override]
        """Whether the layer within wants floats."""
        return self.layer.casts_input

    @property
    def supports_masking(self) -> bool:  # type: ignore[override]
        """Whether a mask still holds for y."""
        return self.layer.supports_masking

    @property
    def makes_mask(self) -> bool:  # type: ignore[override]
        """Whether it finds a mask where none came."""
        return self.layer.makes_mask


def _unit(x: np.ndarray) -> np.ndarray:
    return x / max(math.sqrt(np.vdot(x, x)), config.epsilon())


registry.add(SpectralNormalization)
