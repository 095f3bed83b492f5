"""Transposed convolution: every place of the input lays the kernel onto a larger space."""

from dataclasses import dataclass
from typing import Any, Unpack

from .. import activations
from ..errors import OptionError
from ..ops.convolution import convolve, input_gradient, kernel_gradient
from ..ops.moments import column_sums
from ..ops.windows import Geometry, reach
from ..utils.checks import positive_int, whole_numbers
from .base import CommonOptions, registry
from .spec import Shape
from .windowed import Windowed


@dataclass(frozen=True)
class Cut(Geometry):
    """How windows lie that reach beyond the space by so many places along each axis, the odd one after it."""

    cut: tuple[int, ...] = ()

    def pads(self, space):
        return [(lost // 2, lost - lost // 2) for lost in (max(lost, 0) for lost in self.cut)]


class TransposedConvolution(Windowed):
    r"""The parent of Conv1DTranspose, Conv2DTranspose and Conv3DTranspose.

    Forward:   z[b, i·stride + j·dilation, f] += Σ over c of x[b, i, c]·W[j, f, c], then + b[f];  y = f(z)
    Backward:  dz = dy ⊙ f'(z);  dx[b, i, c] = Σ over j, f of dz[b, i·stride + j·dilation, f]·W[j, f, c],
               dW[j, f, c] = Σ over b, i of dz[b, i·stride + j·dilation, f]·x[b, i, c],  db = Σ dz

    So forward is what a convolution's backward does with dz, and backward is a convolution.

    Shapes: x ``(batch, *space, channels)``; y ``(batch, *space', filters)``; W (`kernel`)
    ``(*kernel_size, filters, channels)``; b (`bias`) ``(filters,)``. A length n becomes n·stride with "same" `padding`,
    which cuts y at both ends; with "valid" what the kernels reach beyond that is added. `output_padding` says how much
    further an output reaches than it must. Arguments as for `layers.convolution.Convolution`.

    Raises OptionError for counts that are no whole numbers, for strides and dilation both above 1, and for an output
    padding that is not below the stride; ShapeError for a space that would become none.

    Source: Dumoulin & Visin, *A guide to convolution arithmetic for deep learning* (2016), chapter 4.
    """

    geometry: Cut
    no_place = ("the output would have no places", "take a smaller kernel or a larger output_padding")

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **options: Unpack[CommonOptions],
    ):
        super().__init__(data_format, activity_regularizer=activity_regularizer, **options)
        self.window_rules(kernel_size, strides, padding, dilation_rate)
        who = type(self).__name__
        self.filters = positive_int(who, "filters", filters)
        self.output_padding = None
        if output_padding is not None:
            self.output_padding = whole_numbers(who, "output_padding", output_padding, self.rank, low=0)
            if any(more >= stride for more, stride in zip(self.output_padding, self.strides, strict=True)):
                raise OptionError(
                    f"{who}(output_padding=...)",
                    expected=f"less than strides={self.strides}",
                    received=repr(output_padding),
                )
        self.activation, self.use_bias = activations.get(activation), use_bias
        self.weight_rules("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        self.weight_rules("bias", bias_initializer, bias_regularizer, bias_constraint)
        cut = tuple(map(self._cut, range(self.rank)))
        self.geometry = Cut(**vars(self.geometry), cut=cut)

    def build(self, input_shape):
        channels = self.take_channels(input_shape)
        self.compute_output_shape(input_shape)
        self.kernel = self.add_weight("kernel", (*self.kernel_size, self.filters, channels))
        if self.use_bias:
            self.bias = self.add_weight("bias", (self.filters,))

    def forward(self, x, training=False):
        x = self.channels_last(x)
        shape = (len(x), *(self._length(axis, size) for axis, size in enumerate(x.shape[1:-1])), self.filters)
        z = input_gradient(x, self.kernel.value, shape, self.geometry, self._room)  # (batch, *space', filters)
        if self.use_bias:
            z += self.bias.value
        y, of_activation = self.activation.forward(self.as_data(z))
        self.saved = x, of_activation
        return y

    def backward(self, dy):
        dz = self.backward_weights(dy)
        places = self.saved[0].shape[1:-1]
        return self.as_data(convolve(dz, self.kernel.value, None, self.geometry, self._room, places))

    def backward_weights(self, dy):
        x, of_activation = self.saved
        dz = self.channels_last(self.activation.backward(dy, of_activation))  # (batch, *space', filters)
        dw, _ = kernel_gradient(dz, x, self.kernel.shape, self.geometry, self._room, bias=False)
        self.kernel.grad += dw
        if self.use_bias:
            self.bias.accumulate(column_sums, dz.reshape(-1, dz.shape[-1]))
        return dz

    def _cut(self, axis: int) -> int:
        """By how many places y is shorter than what the kernels reach; below 0, by how many it is longer."""
        stride, wide = self.strides[axis], reach(self.kernel_size[axis], self.dilation_rate[axis])
        valid = self.padding == "valid"
        if self.output_padding is None:
            return min(wide - stride, 0) if valid else wide - stride
        return (0 if valid else wide - wide % 2) - self.output_padding[axis]

    def _length(self, axis: int, size: int) -> int:
        return self.geometry.need([size] * self.rank)[axis] - self.geometry.cut[axis]

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return self.join_shape(input_shape[0], self.sizes_after(input_shape, self._length), self.filters)

    @property
    def head(self):
        return None if self.channels_first else self.activation


class Conv1DTranspose(TransposedConvolution):
    """Transposed convolution over steps: see `layers.transposed_convolution.TransposedConvolution`.

    Shapes: x ``(batch, steps, channels)``; y has the same axes.

    >>> Conv1DTranspose(1, 2, strides=2, kernel_initializer="ones")([[[1.0], [2.0]]]).ravel()
    array([1., 1., 2., 2.], dtype=float32)
    """

    rank = 1


class Conv2DTranspose(TransposedConvolution):
    """Transposed convolution over images: see `layers.transposed_convolution.TransposedConvolution`.

    Shapes: x ``(batch, height, width, channels)``; y has the same axes.

    >>> Conv2DTranspose(1, 2, strides=2, kernel_initializer="ones")([[[[1.0], [2.0]]]])[0, :, :, 0]
    array([[1., 1., 2., 2.],
           [1., 1., 2., 2.]], dtype=float32)
    """

    rank = 2


class Conv3DTranspose(TransposedConvolution):
    """Transposed convolution over volumes: see `layers.transposed_convolution.TransposedConvolution`.

    Shapes: x ``(batch, depth, height, width, channels)``; y has the same axes.

    >>> Conv3DTranspose(4, 2, strides=2)(np.ones((1, 2, 3, 4, 1))).shape
    (1, 4, 6, 8, 4)
    """

    rank = 3


Convolution1DTranspose, Convolution2DTranspose = Conv1DTranspose, Conv2DTranspose
Convolution3DTranspose = Conv3DTranspose
registry.add(Conv1DTranspose, "Conv1DTranspose", "Convolution1DTranspose")
registry.add(Conv2DTranspose, "Conv2DTranspose", "Convolution2DTranspose")
registry.add(Conv3DTranspose, "Conv3DTranspose", "Convolution3DTranspose")
