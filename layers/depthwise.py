"""Depthwise convolution: each channel is looked at by itself."""

from typing import Any, Unpack

from .. import activations
from ..ops import depthwise
from ..ops.moments import column_sums
from ..utils.checks import positive_int
from .base import CommonOptions, registry
from .spec import Shape
from .windowed import Windowed


class DepthwiseConvolution(Windowed):
    r"""The parent of DepthwiseConv1D and DepthwiseConv2D.

    Forward:   z[b, i, c, m] = Σ over j of x[b, i·stride + j·dilation, c]·W[j, c, m], then + b[c, m];  y = f(z)
    Backward:  dz = dy ⊙ f'(z);  dW[j, c, m] = Σ over b, i of x[b, i·stride + j·dilation, c]·dz[b, i, c, m],  db = Σ dz,
               dx[b, i·stride + j·dilation, c] += Σ over m of dz[b, i, c, m]·W[j, c, m]

    Shapes: x ``(batch, *space, channels)``; y ``(batch, *space', channels·depth_multiplier)``, channel by channel; W
    (`kernel`) ``(*kernel_size, channels, depth_multiplier)``; b (`bias`) ``(channels·depth_multiplier,)``.

    Arguments: `depth_multiplier`, how many channels y has for each of x; the rest as for
    `layers.convolution.Convolution`, those of W beginning with ``depthwise_``.

    Raises OptionError for counts that are no whole numbers of 1 or more, and for strides and dilation both above 1;
    ShapeError for a space in which no window fits.

    Source: Chollet, *Xception* (2017).
    """

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        **options: Unpack[CommonOptions],
    ):
        super().__init__(data_format, activity_regularizer=activity_regularizer, **options)
        self.window_rules(kernel_size, strides, padding, dilation_rate)
        who = type(self).__name__
        self.depth_multiplier = positive_int(who, "depth_multiplier", depth_multiplier)
        self.activation, self.use_bias = activations.get(activation), use_bias
        self.weight_rules("depthwise", depthwise_initializer, depthwise_regularizer, depthwise_constraint)
        self.weight_rules("bias", bias_initializer, bias_regularizer, bias_constraint)

    def build(self, input_shape):
        channels = self.take_channels(input_shape)
        self.compute_output_shape(input_shape)
        shape = (*self.kernel_size, channels, self.depth_multiplier)
        self.kernel = self.add_weight("kernel", shape, **self._rules["depthwise"])
        if self.use_bias:
            self.bias = self.add_weight("bias", (channels * self.depth_multiplier,))

    def forward(self, x, training=False):
        x = self.channels_last(x)
        z = depthwise.convolve(x, self.kernel.value, self.geometry, self._room)  # (batch, *space', channels·multiplier)
        if self.use_bias:
            z += self.bias.value
        y, of_activation = self.activation.forward(self.as_data(z))
        self.saved = x, of_activation
        return y

    def backward(self, dy):
        x, of_activation = self.saved
        dz = self.channels_last(self.activation.backward(dy, of_activation))
        dw, dx = depthwise.gradients(dz, x, self.kernel.value, self.geometry, self._room)
        self.kernel.grad += dw
        if self.use_bias:
            self.bias.accumulate(column_sums, dz.reshape(-1, dz.shape[-1]))
        return self.as_data(dx)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        sizes = self.sizes_after(input_shape, self.geometry.count)
        _, channels = self.split_shape(input_shape)
        return self.join_shape(input_shape[0], sizes, None if channels is None else channels * self.depth_multiplier)

    @property
    def head(self):
        return None if self.channels_first else self.activation


class DepthwiseConv1D(DepthwiseConvolution):
    """Depthwise convolution over steps: see `layers.depthwise.DepthwiseConvolution`.

    Shapes: x ``(batch, steps, channels)``; y has the same axes.

    >>> DepthwiseConv1D(2, depthwise_initializer="ones")([[[1.0, 5.0], [2.0, 6.0]]])
    array([[[ 3., 11.]]], dtype=float32)
    """

    rank = 1


class DepthwiseConv2D(DepthwiseConvolution):
    """Depthwise convolution over images: see `layers.depthwise.DepthwiseConvolution`.

    Shapes: x ``(batch, height, width, channels)``; y has the same axes.

    >>> DepthwiseConv2D(2, depth_multiplier=3)(np.ones((1, 4, 4, 2))).shape
    (1, 3, 3, 6)
    """

    rank = 2


registry.add(DepthwiseConv1D)
registry.add(DepthwiseConv2D)
