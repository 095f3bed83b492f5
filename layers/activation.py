"""Activations as layers of their own."""

from typing import Unpack

from .. import activations
from .base import Layer, LayerOptions, registry


class Activation(Layer):
    """An activation as a layer: y = f(x);  dx = dy ⊙ f'(x).

    Shapes: any; y has x's (``"glu"`` halves the last axis).

    >>> Activation("relu")([[-1.0, 2.0]])
    array([[0., 2.]], dtype=float32)
    """

    supports_masking = True

    def __init__(self, activation, **options: Unpack[LayerOptions]):
        super().__init__(**options)
        self.activation = activations.get(activation)

    def forward(self, x, training=False):
        y, self.saved = self.activation.forward(x.copy())  # it may write into what it is given
        return y

    def backward(self, dy):
        return self.activation.backward(dy, self.saved)

    def compute_output_shape(self, input_shape):
        return self.activation.compute_output_shape(input_shape)

    @property
    def head(self):
        return self.activation

    @property
    def as_activation(self) -> activations.Activation | None:
        """What another layer takes as its ``activation=``; None where this one does more than that."""
        alone = type(self).forward is Activation.forward and self.activity_regularizer is None
        return self.activation if alone else None


class ReLU(Activation):
    """y = x where x > `threshold`, else `negative_slope`·(x - `threshold`); at most `max_value`.

    >>> ReLU(max_value=1.0)([[-1.0, 0.5, 3.0]])
    array([[0. , 0.5, 1. ]], dtype=float32)
    """

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **options: Unpack[LayerOptions],
    ):
        self.max_value, self.negative_slope, self.threshold = max_value, negative_slope, threshold
        super().__init__(activations.ReLU(negative_slope, max_value, threshold), **options)


class LeakyReLU(Activation):
    """y = x where x > 0, else `negative_slope`·x. `alpha` is the older name of the slope, and counts where it is given.

    >>> LeakyReLU(0.5)([[-2.0, 2.0]])
    array([[-1.,  2.]], dtype=float32)
    """

    not_in_config = Activation.not_in_config | {"alpha"}

    def __init__(self, negative_slope: float = 0.3, *, alpha: float | None = None, **options: Unpack[LayerOptions]):
        self.negative_slope = negative_slope if alpha is None else alpha
        super().__init__(activations.LeakyReLU(self.negative_slope), **options)


class ELU(Activation):
    """y = x where x > 0, else `alpha`·(exp(x) - 1).

    >>> ELU()([[0.0, 2.0]])
    array([[0., 2.]], dtype=float32)
    """

    def __init__(self, alpha: float = 1.0, **options: Unpack[LayerOptions]):
        self.alpha = alpha
        super().__init__(activations.ELU(alpha), **options)


class Softmax(Activation):
    """y = exp(x) / Σ exp(x) along `axis`.

    >>> Softmax()([[0.0, 0.0]])
    array([[0.5, 0.5]], dtype=float32)
    """

    def __init__(self, axis: int = -1, **options: Unpack[LayerOptions]):
        self.axis = axis
        super().__init__(activations.Softmax(axis), **options)


for cls in (Activation, ReLU, LeakyReLU, ELU, Softmax):
    registry.add(cls)
