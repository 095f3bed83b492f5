"""Layers that give what they are given."""

from typing import Unpack

from .. import regularizers
from ..utils.checks import number
from .base import CommonOptions, Layer, LayerOptions, registry


class Identity(Layer):
    """y = x;  dx = dy.

    Shapes: any; y has x's.

    >>> Identity()([[1.0, 2.0]])
    array([[1., 2.]], dtype=float32)
    """

    supports_masking = True
    keeps_whole = True

    def __init__(self, **options: Unpack[LayerOptions]):
        super().__init__(**options)

    def forward(self, x, training=False):
        self.saved = True
        return x

    def backward(self, dy):
        _ = self.saved
        return dy

    def compute_output_shape(self, input_shape):
        return input_shape


class ActivityRegularization(Identity):
    """y = x, and the loss grows by (l1·Σ|x| + l2·Σx²) / batch;  dx = dy + (l1·sign(x) + 2·l2·x) / batch.

    The model adds the penalty and its gradient, as for any layer with an `activity_regularizer`.

    Shapes: any; y has x's.

    Raises OptionError if `l1` or `l2` is no number of 0 or more.

    >>> ActivityRegularization(l1=0.5)([[1.0, -2.0]])
    array([[ 1., -2.]], dtype=float32)
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **options: Unpack[CommonOptions]):
        self.l1 = number("ActivityRegularization", "l1", l1, 0)
        self.l2 = number("ActivityRegularization", "l2", l2, 0)
        super().__init__(**options)
        self.activity_regularizer = regularizers.L1L2(l1=self.l1, l2=self.l2)


for cls in (Identity, ActivityRegularization):
    registry.add(cls)
