"""Activations as layers of their own."""

from typing import Unpack

import numpy as np

from .. import activations
from ..activations import JoinedGradient
from ..errors import ShapeError
from .base import Layer, LayerOptions, registry

HIDDEN = {"float16": -3e4}  # what stands for minus infinity, where it is not -1e9


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
        alone = type(self).forward in (Activation.forward, Softmax.forward) and self.activity_regularizer is None
        return self.activation if alone else None


class ReLU(Activation):
    """y = x where x > `threshold`, else `negative_slope`·(x - `threshold`); at most `max_value`.

    Backward:  dx = dy where `threshold` < x ≤ `max_value`, `negative_slope`·dy where x < `threshold`, else 0

    Shapes: any; y has x's.

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
    """y = x where x > 0, else `negative_slope`·x;  dx = dy where x > 0, else `negative_slope`·dy.

    `alpha` is the older name of the slope, and counts where it is given.

    Shapes: any; y has x's.

    >>> LeakyReLU(0.5)([[-2.0, 2.0]])
    array([[-1.,  2.]], dtype=float32)
    """

    not_in_config = Activation.not_in_config | {"alpha"}

    def __init__(self, negative_slope: float = 0.3, *, alpha: float | None = None, **options: Unpack[LayerOptions]):
        self.negative_slope = negative_slope if alpha is None else alpha
        super().__init__(activations.LeakyReLU(self.negative_slope), **options)


class ELU(Activation):
    """y = x where x > 0, else `alpha`·(exp(x) - 1);  dx = dy where x > 0, else `alpha`·exp(x)·dy.

    Shapes: any; y has x's.

    >>> ELU()([[0.0, 2.0]])
    array([[0., 2.]], dtype=float32)
    """

    def __init__(self, alpha: float = 1.0, **options: Unpack[LayerOptions]):
        self.alpha = alpha
        super().__init__(activations.ELU(alpha), **options)


class Softmax(Activation):
    """y = exp(x) / Σ exp(x) along `axis`.

    Forward:   with a mask m, x is -1e9 (float16: -3e4) where m is 0, and y ⊙ m is given
    Backward:  dx = y ⊙ (dy - Σ dy ⊙ y): 0 where m is

    A mask is True, or above 0.5, at what counts; its shape broadcasts to x's from the last axis on, as NumPy's do.
    That of steps which comes through a Sequential, ``(batch, steps)``, seldom does so.

    Raises ShapeError for another mask.

    >>> Softmax()([[0.0, 0.0, 0.0]], mask=[[True, True, False]])
    array([[0.5, 0.5, 0. ]], dtype=float32)
    """

    uses_mask = True

    def __init__(self, axis: int = -1, **options: Unpack[LayerOptions]):
        self.axis = axis
        super().__init__(activations.Softmax(axis), **options)

    def forward(self, x, training=False, mask=None):
        kept = None if mask is None else self._kept(mask, x.shape)
        y, _ = self.activation.forward(x.copy() if kept is None else np.where(kept, x, HIDDEN.get(self.dtype, -1e9)))
        self.saved = y if kept is None else np.where(kept, y, 0), kept
        return self.saved[0]

    def backward(self, dy):
        y, kept = self.saved
        joined = isinstance(dy, JoinedGradient)
        dx = self.activation.backward(dy, y)
        if joined and kept is not None:  # y - labels, say: those at hidden places draw no y towards them
            dx += y * np.where(kept, 0, dx).sum(axis=-1, keepdims=True)
            dx *= kept
        return dx

    def _kept(self, mask, shape: tuple[int, ...]) -> np.ndarray:
        mask = np.asarray(mask)
        if mask.ndim > len(shape) or any(m not in (1, n) for m, n in zip(mask.shape[::-1], shape[::-1], strict=False)):
            raise ShapeError(
                f"{self.where}: mask",
                expected=f"what broadcasts to x, {shape}",
                received=str(mask.shape),
                mend="give a mask with x's axes, or Activation('softmax') in its place if the mask is one of steps",
            )
        return mask > 0.5

    @property
    def head(self):
        return self.activation


for cls in (Activation, ReLU, LeakyReLU, ELU, Softmax):
    registry.add(cls)
