"""Dense: every output sees every input."""

from typing import Any, Unpack

from .. import activations
from ..ops.moments import column_sums
from ..ops.room import Room
from ..ops.tiles import multiply
from ..utils.checks import positive_int
from .base import CommonOptions, Layer, registry
from .spec import InputSpec, Shape


class Dense(Layer):
    r"""A fully connected layer.

    Forward:   z = x·W + b,  y = f(z)
    Backward:  dz = dy ⊙ f'(z),  dW = xᵀ·dz,  db = Σ dz over the batch,  dx = dz·Wᵀ

    Shapes: x ``(batch, features)`` or ``(batch, ..., features)``; y the same with `units` last;
    W (`kernel`) ``(features, units)``; b (`bias`) ``(units,)``.

    Arguments: `units`, how many numbers y has; `activation`, f, by name or as an instance (None: y = z); `use_bias`,
    whether there is a b. How a weight begins is its `_initializer` (see `lamina.initializers`), the penalty on it its
    `_regularizer`, and what is held after each step its `_constraint`; each by name, as an instance or a function. The
    rest as for `Layer`.

    Raises OptionError if `units` is no whole number of 1 or more, ShapeError if x has another count of features than
    the layer was built for.

    Source: Goodfellow, Bengio & Courville, *Deep Learning* (2016), section 6.5.

    >>> layer = Dense(2, kernel_initializer="ones")
    >>> layer([[1.0, 2.0, 3.0]])
    array([[6., 6.]], dtype=float32)
    >>> layer.backward(np.ones((1, 2), "float32"))
    array([[2., 2., 2.]], dtype=float32)
    >>> layer.kernel.grad.tolist()
    [[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]
    """

    supports_masking = True

    def __init__(
        self,
        units: int,
        activation=None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer=None,
        bias_regularizer=None,
        activity_regularizer=None,
        kernel_constraint=None,
        bias_constraint=None,
        **options: Unpack[CommonOptions],
    ):
        super().__init__(activity_regularizer=activity_regularizer, **options)
        self.units = positive_int("Dense", "units", units)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.weight_rules("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        self.weight_rules("bias", bias_initializer, bias_regularizer, bias_constraint)
        self.input_spec = InputSpec(min_ndim=2)
        self._room = Room()

    def build(self, input_shape):
        features = input_shape[-1]
        self.kernel = self.add_weight("kernel", (features, self.units))
        if self.use_bias:
            self.bias = self.add_weight("bias", (self.units,))
        self.input_spec = InputSpec(min_ndim=2, axes={-1: features})

    def forward(self, x, training=False):
        flat = x.ndim == 2  # as mostly; then nothing has to be reshaped
        rows = x if flat else x.reshape(-1, x.shape[-1])  # (batch·..., features)
        z = multiply(rows, self.kernel.value, room=self._room)  # (batch·..., units)
        if self.use_bias:
            z += self.bias.value
        z = z if flat else z.reshape(*x.shape[:-1], self.units)
        y, of_activation = self.activation.forward(z)
        self.saved = x.shape, rows, of_activation
        return y

    def backward(self, dy):
        dz = self.backward_weights(dy)
        return multiply(dz, self.kernel.value.T, room=self._room).reshape(self.saved[0])

    def backward_weights(self, dy):
        _, rows, of_activation = self.saved
        dz = self.activation.backward(dy, of_activation).reshape(-1, self.units)  # (batch·..., units)
        self.kernel.accumulate(multiply, rows.T, dz)
        if self.use_bias:
            self.bias.accumulate(column_sums, dz)
        return dz

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.units)

    @property
    def head(self):
        return self.activation


registry.add(Dense)
