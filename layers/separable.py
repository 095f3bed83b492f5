"""Separable convolution: a depthwise one, and then a product of the channels at each place."""

from typing import Any, Unpack

from .. import activations
from ..ops import depthwise
from ..ops.moments import column_sums
from ..utils.checks import positive_int
from .base import CommonOptions, registry
from .spec import Shape
from .windowed import Windowed


class SeparableConvolution(Windowed):
    r"""The parent of SeparableConv1D and SeparableConv2D.

    Forward:   h = the depthwise convolution of x with D;  z = h·P + b,  y = f(z)
    Backward:  dz = dy ⊙ f'(z);  dP = hᵀ·dz,  db = Σ dz,  dh = dz·Pᵀ;  dD and dx as in `DepthwiseConvolution`

    Shapes: x ``(batch, *space, channels)``; y ``(batch, *space', filters)``; D (`depthwise_kernel`)
    ``(*kernel_size, channels, depth_multiplier)``; P (`pointwise_kernel`) ``(1..., channels·depth_multiplier,
    filters)``; b (`bias`) ``(filters,)``.

    Arguments: `depth_multiplier`, how many channels h has for each of x; the rest as for
    `layers.convolution.Convolution`, those of D beginning with ``depthwise_``, those of P with ``pointwise_``.

    Raises OptionError for counts that are no whole numbers of 1 or more, and for strides and dilation both above 1;
    ShapeError for a space in which no window fits.

    Source: Chollet, *Xception* (2017).
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **options: Unpack[CommonOptions],
    ):
        super().__init__(data_format, activity_regularizer=activity_regularizer, **options)
        self.window_rules(kernel_size, strides, padding, dilation_rate)
        who = type(self).__name__
        self.filters = positive_int(who, "filters", filters)
        self.depth_multiplier = positive_int(who, "depth_multiplier", depth_multiplier)
        self.activation, self.use_bias = activations.get(activation), use_bias
        self.weight_rules("depthwise", depthwise_initializer, depthwise_regularizer, depthwise_constraint)
        self.weight_rules("pointwise", pointwise_initializer, pointwise_regularizer, pointwise_constraint)
        self.weight_rules("bias", bias_initializer, bias_regularizer, bias_constraint)

    def build(self, input_shape):
        channels = self.take_channels(input_shape)
        self.compute_output_shape(input_shape)
        deep, wide = self._rules["depthwise"], self._rules["pointwise"]
        self.depthwise_kernel = self.add_weight(
            "depthwise_kernel", (*self.kernel_size, channels, self.depth_multiplier), **deep
        )
        shape = (*[1] * self.rank, channels * self.depth_multiplier, self.filters)
        self.pointwise_kernel = self.add_weight("pointwise_kernel", shape, **wide)
        if self.use_bias:
            self.bias = self.add_weight("bias", (self.filters,))

    def forward(self, x, training=False):
        x = self.channels_last(x)
        h = depthwise.convolve(x, self.depthwise_kernel.value, self.geometry, self._room)
        z = h @ self.pointwise_kernel.value.reshape(-1, self.filters)  # (batch, *space', filters)
        if self.use_bias:
            z += self.bias.value
        y, of_activation = self.activation.forward(self.as_data(z))
        self.saved = x, h, of_activation
        return y

    def backward(self, dy):
        x, h, of_activation = self.saved
        dz = self.channels_last(self.activation.backward(dy, of_activation))
        rows, dz_rows = h.reshape(-1, h.shape[-1]), dz.reshape(-1, self.filters)
        self.pointwise_kernel.grad += (rows.T @ dz_rows).reshape(self.pointwise_kernel.shape)
        if self.use_bias:
            self.bias.accumulate(column_sums, dz_rows)
        dh = dz @ self.pointwise_kernel.value.reshape(-1, self.filters).T
        dw, dx = depthwise.gradients(dh, x, self.depthwise_kernel.value, self.geometry, self._room)
        self.depthwise_kernel.grad += dw
        return self.as_data(dx)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return self.join_shape(input_shape[0], self.sizes_after(input_shape, self.geometry.count), self.filters)

    @property
    def head(self):
        return None if self.channels_first else self.activation


class SeparableConv1D(SeparableConvolution):
    """Separable convolution over steps: see `layers.separable.SeparableConvolution`.

    Shapes: x ``(batch, steps, channels)``; y has the same axes.

    >>> SeparableConv1D(4, 3)(np.ones((1, 5, 2))).shape
    (1, 3, 4)
    """

    rank = 1


class SeparableConv2D(SeparableConvolution):
    """Separable convolution over images: see `layers.separable.SeparableConvolution`.

    Shapes: x ``(batch, height, width, channels)``; y has the same axes.

    >>> SeparableConv2D(4, 3)(np.ones((1, 5, 5, 2))).shape
    (1, 3, 3, 4)
    """

    rank = 2


SeparableConvolution1D, SeparableConvolution2D = SeparableConv1D, SeparableConv2D
registry.add(SeparableConv1D, "SeparableConv1D", "SeparableConvolution1D")
registry.add(SeparableConv2D, "SeparableConv2D", "SeparableConvolution2D")
