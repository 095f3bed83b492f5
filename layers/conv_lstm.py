"""ConvLSTM: an LSTM for sequences of images, whose products are convolutions."""

from typing import Any, Unpack

from ..errors import ShapeError
from ..utils.checks import positive_int
from .base import CommonOptions, registry
from .convolution_steps import ConvolutionSteps
from .lstm import LSTMCell
from .recurrent import OfCell, OfCellOptions
from .spec import InputSpec, Shape, show_shape
from .windowed import Windowed


class ConvLSTMCell(Windowed, LSTMCell):
    """One step of a `ConvLSTM1D`, `ConvLSTM2D` or `ConvLSTM3D`: the equations of an `LSTMCell`, · a convolution ∗.

    Shapes: x ``(batch, *space, channels)``; h, c and y ``(batch, *space', filters)``.
    """

    in_sequence = ConvolutionSteps

    def __init__(
        self,
        rank: int,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer=None,
        recurrent_regularizer=None,
        bias_regularizer=None,
        kernel_constraint=None,
        recurrent_constraint=None,
        bias_constraint=None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed=None,
        **options: Unpack[CommonOptions],
    ):
        filters = positive_int(type(self).__name__, "filters", filters)
        of_lstm = {
            "activation": activation,
            "recurrent_activation": recurrent_activation,
            "use_bias": use_bias,
            "kernel_initializer": kernel_initializer,
            "recurrent_initializer": recurrent_initializer,
            "bias_initializer": bias_initializer,
            "unit_forget_bias": unit_forget_bias,
            "kernel_regularizer": kernel_regularizer,
            "recurrent_regularizer": recurrent_regularizer,
            "bias_regularizer": bias_regularizer,
            "kernel_constraint": kernel_constraint,
            "recurrent_constraint": recurrent_constraint,
            "bias_constraint": bias_constraint,
            "dropout": dropout,
            "recurrent_dropout": recurrent_dropout,
            "seed": seed,
        }
        self.rank = rank
        super().__init__(data_format, units=filters, **of_lstm, **options)
        self.filters = filters
        self.window_rules(kernel_size, strides, padding, dilation_rate)
        self.window = self.kernel_size
        self.of_state: Shape = ()  # the shape of h in one sample: `build` finds it

    def build(self, input_shape):
        channels, (space, _) = self.take_channels(input_shape), self.split_shape(input_shape)
        if None in space:  # the states have a shape of their own
            raise ShapeError(
                f"{self.where}: space",
                expected="sizes that are known",
                received=show_shape(input_shape),
                mend="say them in the model's Input, or run it on data",
            )
        self.of_state = self.compute_output_shape(input_shape)[1:]
        super().build((None, channels))
        self.input_spec = InputSpec(ndim=self.rank + 2, axes=dict(enumerate(input_shape[1:], 1)))

    @property
    def state_size(self):
        """The shape of h and that of c in one sample."""
        return [self.of_state] * self.state_count

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return self.join_shape(input_shape[0], self.sizes_after(input_shape, self.geometry.count), self.filters)


class ConvLSTM(OfCell):
    """The parent of ConvLSTM1D, ConvLSTM2D and ConvLSTM3D, an `RNN` over sequences of images.

    Forward:   i = s(x∗Wᵢ + h∗Rᵢ + bᵢ),  f = s(x∗W_f + h∗R_f + b_f),  o = s(x∗Wₒ + h∗Rₒ + bₒ),
               g = a(x∗W_c + h∗R_c + b_c),  c' = f ⊙ c + i ⊙ g,  u = a(c'),  y = h' = o ⊙ u
    Backward:  do = dh' ⊙ u,  dc' += a'(c') ⊙ dh' ⊙ o,  df = dc' ⊙ c,  di = dc' ⊙ g,  dg = dc' ⊙ i,  dc = dc' ⊙ f;
               with dz the gradients of the sums, through s and a, the last step first:  dh, dx, dW, dR and db are those
               of the convolutions of h and of x for dz, summed over the steps

    ∗ is the convolution of a `Conv2D` (see `layers.convolution.Convolution`). That of x has the `strides`, `padding`
    and `dilation_rate` that are given; that of h has neither strides nor dilation, and keeps h's size.

    Shapes: x ``(batch, steps, *space, channels)``; y ``(batch, *space', filters)``, with `return_sequences`
    ``(batch, steps, *space', filters)``; h and c ``(batch, *space', filters)``; W (`kernel`) ``(*kernel_size, channels,
    4 * filters)``, R (`recurrent_kernel`) ``(*kernel_size, filters, 4 * filters)``, b (`bias`) ``(4 * filters,)``: the
    gates in the order i, f, c, o. With `data_format` "channels_first" the channels come before the space.

    Arguments: a is `activation`, s `recurrent_activation`; those of the convolution as for `Conv2D`, the others as for
    `LSTM`. `dropout` is drawn once for all steps of a sequence, for each gate by itself.

    Raises OptionError for options that can't be, ShapeError for a space in which no window fits, or whose sizes are
    not known, and for an input, mask or states that do not fit.

    Source: Shi et al., *Convolutional LSTM Network: A Machine Learning Approach for Precipitation Nowcasting* (2015),
    without their weights from c to the gates.
    """

    rank: int

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer=None,
        recurrent_regularizer=None,
        bias_regularizer=None,
        activity_regularizer=None,
        kernel_constraint=None,
        recurrent_constraint=None,
        bias_constraint=None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed=None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        *,
        unroll: bool = False,
        **options: Unpack[OfCellOptions],
    ):
        super().__init__(ConvLSTMCell, locals() | {"rank": self.rank}, **options)
        self.input_spec = InputSpec(ndim=self.rank + 3)

    def build(self, input_shape):
        super().build(input_shape)
        self.input_spec = InputSpec(ndim=self.rank + 3, axes=dict(enumerate(input_shape[2:], 2)))

    def compute_output_shape(self, input_shape: Shape) -> Any:
        batch, steps, *of_step = input_shape
        state = self.cell.compute_output_shape((batch, *of_step))
        y = (batch, steps, *state[1:]) if self.return_sequences else state
        return (y, state, state) if self.return_state else y


class ConvLSTM1D(ConvLSTM):
    """An LSTM for sequences of rows: see `layers.conv_lstm.ConvLSTM` for formulas and arguments.

    Shapes: x ``(batch, steps, length, channels)``; y ``(batch, length', filters)``.

    >>> ConvLSTM1D(4, 3)(np.ones((2, 5, 8, 1))).shape
    (2, 6, 4)
    """

    rank = 1


class ConvLSTM2D(ConvLSTM):
    """An LSTM for sequences of images: see `layers.conv_lstm.ConvLSTM` for formulas and arguments.

    Shapes: x ``(batch, steps, height, width, channels)``; y ``(batch, height', width', filters)``.

    >>> ConvLSTM2D(4, 3, padding="same", return_sequences=True)(np.ones((2, 5, 8, 8, 1))).shape
    (2, 5, 8, 8, 4)
    """

    rank = 2


class ConvLSTM3D(ConvLSTM):
    """An LSTM for sequences of volumes: see `layers.conv_lstm.ConvLSTM` for formulas and arguments.

    Shapes: x ``(batch, steps, depth, height, width, channels)``; y ``(batch, depth', height', width', filters)``.

    >>> ConvLSTM3D(4, 2)(np.ones((2, 5, 4, 4, 4, 1))).shape
    (2, 3, 3, 3, 4)
    """

    rank = 3


for cls in (ConvLSTM1D, ConvLSTM2D, ConvLSTM3D):
    registry.add(cls)
