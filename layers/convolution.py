"""Convolution: the same small kernel looks at every place."""

from typing import Any, Unpack

from .. import activations
from ..errors import OptionError, ShapeError
from ..ops.convolution import convolve, input_gradient, kernel_gradient
from ..utils.checks import positive_int
from .base import CommonOptions, registry
from .spec import Shape, show_shape
from .windowed import Windowed


class Convolution(Windowed):
    r"""The parent of Conv1D, Conv2D and Conv3D.

    Forward:   z[b, i, f] = Σ over j, c of x[b, i·stride + j·dilation, c]·W[j, c, f] + b[f],  y = f(z)
    Backward:  dz = dy ⊙ f'(z),  dW[j, c, f] = Σ over b, i of x[b, i·stride + j·dilation, c]·dz[b, i, f],
               db = Σ dz,  dx[b, i·stride + j·dilation, c] += Σ over f of dz[b, i, f]·W[j, c, f]

    i runs over the places of y, j over those of the kernel. Windows as the rows of a matrix make it a product.

    Shapes: x ``(batch, *space, channels)``; y ``(batch, *space', filters)``; W (`kernel`)
    ``(*kernel_size, channels / groups, filters)``; b (`bias`) ``(filters,)``. "valid" padding keeps whole
    windows, "same" gives ⌈size / stride⌉ places, the odd zero after; "causal" (one axis) puts all zeros before.
    `groups` splits channels and filters into parts that do not see each other.

    Arguments: `filters`, how many channels y has; `kernel_size`, `strides` and `dilation_rate`, one number, or one for
    each axis; `padding` and `groups` as above; `data_format`, "channels_last" or "channels_first", which has the
    channels after the batch. The rest as for `Dense`.

    Raises OptionError for counts that are no whole numbers of 1 or more, for filters that groups do not divide, and for
    strides and dilation both above 1; ShapeError for channels that groups do not divide, and a space in which no
    window fits.

    Source: LeCun et al., *Gradient-Based Learning Applied to Document Recognition* (1998).
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        groups: int = 1,
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
        who = type(self).__name__
        self.filters, self.groups = positive_int(who, "filters", filters), positive_int(who, "groups", groups)
        if self.filters % self.groups:
            raise OptionError(f"{who}(filters=...)", expected=f"a multiple of groups={groups}", received=repr(filters))
        self.window_rules(kernel_size, strides, padding, dilation_rate, self.groups)
        self.activation, self.use_bias = activations.get(activation), use_bias
        self.weight_rules("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        self.weight_rules("bias", bias_initializer, bias_regularizer, bias_constraint)

    def build(self, input_shape):
        channels = self.take_channels(input_shape)
        if channels % self.groups:
            raise ShapeError(
                f"{self.where}: channels",
                expected=f"a multiple of groups={self.groups}",
                received=show_shape(input_shape),
            )
        self.compute_output_shape(input_shape)
        self.kernel = self.add_weight("kernel", (*self.kernel_size, channels // self.groups, self.filters))
        if self.use_bias:
            self.bias = self.add_weight("bias", (self.filters,))

    def forward(self, x, training=False):
        x, z = self._sums(x)
        y, of_activation = self.activation.forward(z)
        self.saved = x, of_activation
        return y

    def backward(self, dy):
        dz = self.backward_weights(dy)
        shape = self.saved[0].shape
        return self.as_data(input_gradient(dz, self.kernel.value, shape, self.geometry, self._room))

    def backward_weights(self, dy):
        x, of_activation = self.saved
        dz = self.channels_last(self.activation.backward(dy, of_activation))  # (batch, *space', filters)
        dw, db = kernel_gradient(x, dz, self.kernel.shape, self.geometry, self._room, self.use_bias)
        self.kernel.grad += dw
        if self.use_bias:
            self.bias.grad += db
        return dz

    def sums(self, x):
        """z alone. It is saved in the place of what the activation keeps: a plain ReLU asks that for signs alone."""
        self.saved = _, z = self._sums(x)
        return z

    def _sums(self, x):
        x = self.channels_last(x)
        b = self.bias.value if self.use_bias else None
        z = convolve(x, self.kernel.value, b, self.geometry, self._room)  # (batch, *space', filters)
        return x, self.as_data(z)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return self.join_shape(input_shape[0], self.sizes_after(input_shape, self.geometry.count), self.filters)

    @property
    def head(self):
        return None if self.channels_first else self.activation


class Conv1D(Convolution):
    """Convolution over steps: see `layers.convolution.Convolution` for formulas and arguments.

    Shapes: x ``(batch, steps, channels)``; y ``(batch, steps', filters)``.

    >>> Conv1D(2, 3, kernel_initializer="ones")(np.ones((1, 3, 1)))[0].ravel()[:2]
    array([3., 3.], dtype=float32)
    """

    rank = 1
    paddings = ("valid", "same", "causal")


class Conv2D(Convolution):
    """Convolution over images: see `layers.convolution.Convolution` for formulas and arguments.

    Shapes: x ``(batch, height, width, channels)``; y ``(batch, height', width', filters)``.

    >>> Conv2D(2, 3, kernel_initializer="ones")(np.ones((1, 3, 3, 1)))[0].ravel()[:2]
    array([9., 9.], dtype=float32)
    """

    rank = 2


class Conv3D(Convolution):
    """Convolution over volumes: see `layers.convolution.Convolution` for formulas and arguments.

    Shapes: x ``(batch, depth, height, width, channels)``; y ``(batch, depth', height', width', filters)``.

    >>> Conv3D(2, 3, kernel_initializer="ones")(np.ones((1, 3, 3, 3, 1)))[0].ravel()[:2]
    array([27., 27.], dtype=float32)
    """

    rank = 3


Convolution1D, Convolution2D, Convolution3D = Conv1D, Conv2D, Conv3D
registry.add(Conv1D, "Convolution1D")
registry.add(Conv2D, "Convolution2D")
registry.add(Conv3D, "Convolution3D")
