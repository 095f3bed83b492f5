"""EinsumDense: a dense layer along any axes, said by an equation."""

import copy
import re
import string
from typing import Any, Unpack

import numpy as np

from .. import activations, initializers
from ..errors import OptionError, ShapeError
from ..ops.contraction import contract
from ..ops.moments import total
from ..utils.checks import positive_int
from .base import Layer, LayerOptions, registry
from .spec import InputSpec, Shape, show_shape

EQUATION = re.compile(r"(\.\.\.)?([a-zA-Z]+)(\.\.\.)?,([a-zA-Z]+)->(\.\.\.)?([a-zA-Z]+)(\.\.\.)?")


class EinsumDense(Layer):
    r"""A dense layer whose sum of products is written as in einsum.

    Forward:   z = einsum(`equation`, x, W) + b,  y = f(z)
    Backward:  dz = dy ⊙ f'(z),  dx = einsum of dz and W with x's letters,  dW = einsum of x and dz with W's letters,
               db = Σ dz over the axes that are not in `bias_axes`

    Shapes: those of the letters. `equation` is ``"abc,cd->abd"``: x's axes, W's axes, y's axes, the batch first; an
    ellipsis, ``"...c,cd->...d"`` or ``"ab...,bc->ac..."``, stands for any further axes of x and y. `output_shape`
    gives the lengths of y's axes but the batch and the ellipsis, None where x says it. `bias_axes` are letters of y
    along which b (`bias`) differs; None for no bias.

    Raises OptionError for an equation that can't be read, ShapeError for lengths that do not fit, or are not known.

    >>> layer = EinsumDense("abc,cd->abd", output_shape=(None, 4), bias_axes="d", kernel_initializer="ones")
    >>> layer(np.ones((2, 3, 5)))[0, 0]
    array([5., 5., 5., 5.], dtype=float32)
    >>> layer.kernel.shape, layer.bias.shape
    ((5, 4), (4,))
    """

    not_in_config = Layer.not_in_config | {"output_shape"}  # as an attribute that is the whole shape of y
    kernel_initializer: Any

    def __init__(
        self,
        equation: str,
        output_shape: Any,
        activation=None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer=None,
        bias_regularizer=None,
        kernel_constraint=None,
        bias_constraint=None,
        **options: Unpack[LayerOptions],
    ):
        super().__init__(**options)
        self.equation = equation
        sizes = output_shape if isinstance(output_shape, list | tuple) else [output_shape]
        self.sizes = [size if size is None else positive_int("EinsumDense", "output_shape", size) for size in sizes]
        self.activation = activations.get(activation)
        self.bias_axes = bias_axes
        self.weight_rules("kernel", kernel_initializer, kernel_regularizer, kernel_constraint)
        self.weight_rules("bias", bias_initializer, bias_regularizer, bias_constraint)
        self.terms = _read(equation, bias_axes)
        _, _, y, ellipsis = self.terms
        count = len(y) if ellipsis == "left" else len(y) - 1
        if len(self.sizes) != count:
            raise OptionError(
                "EinsumDense(output_shape=...)",
                expected=f"{count} lengths for '{y}' in '{equation}', the batch left out",
                received=repr(output_shape),
            )

    def build(self, input_shape):
        self.letters = x, w, y = self._lettered(input_shape)
        sizes = dict(zip(x, input_shape, strict=True)) | dict(
            zip(y, self.compute_output_shape(input_shape), strict=True)
        )
        given_by_y = [[axis for axis, letter in enumerate(w) if (letter in y) == found] for found in (False, True)]
        self.kernel = self.add_weight(
            "kernel",
            tuple(sizes[letter] for letter in w),
            initializer=_with_fans(self.kernel_initializer, *given_by_y),
        )
        self.bias = None
        if self.bias_axes is not None:
            first = min(y.index(letter) for letter in self.bias_axes)
            shape = tuple(sizes[letter] if letter in self.bias_axes else 1 for letter in y[first:])
            self.bias = self.add_weight("bias", shape)
            self.summed = tuple(axis for axis, letter in enumerate(y) if letter not in self.bias_axes)
        self.input_spec = InputSpec(
            ndim=len(input_shape), axes={axis: sizes[c] for axis, c in enumerate(x) if c in w and sizes[c] is not None}
        )

    def forward(self, x, training=False):
        z = contract(x, self.letters[0], self.kernel.value, *self.letters[1:])
        if self.bias is not None:
            z += self.bias.value
        y, of_activation = self.activation.forward(z)
        self.saved = x, of_activation
        return y

    def backward(self, dy):
        x, of_activation = self.saved
        of_x, of_w, of_y = self.letters
        dz = self.activation.backward(dy, of_activation)
        self.kernel.accumulate(contract, x, of_x, dz, of_y, of_w)
        if self.bias is not None:
            self.bias.grad += total(dz, self.summed).reshape(self.bias.shape)
        alone = tuple(axis for axis, letter in enumerate(of_x) if letter not in of_w + of_y)  # summed over in y
        dx = contract(dz, of_y, self.kernel.value, of_w, "".join(c for c in of_x if c in of_w + of_y))
        return np.broadcast_to(np.expand_dims(dx, alone), x.shape).copy() if alone else dx

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        x, _, y = self._lettered(input_shape)
        ellipsis, hidden = self.terms[3], len(y) - len(self.terms[2])
        if ellipsis == "left":
            shape = [*input_shape[:hidden], *self.sizes]
        else:
            shape = [input_shape[0], *self.sizes, *input_shape[len(input_shape) - hidden :]]
        for axis, letter in enumerate(y):
            size = input_shape[x.index(letter)] if letter in x else None
            if None not in (size, shape[axis]) and size != shape[axis]:
                raise ShapeError(
                    self.where,
                    expected=f"a length of {shape[axis]} for '{letter}' of '{self.equation}', as output_shape says",
                    received=show_shape(input_shape),
                    mend="let output_shape be None there",
                )
            shape[axis] = shape[axis] or size
        return tuple(shape)

    def _lettered(self, input_shape: Shape) -> tuple[str, str, str]:
        """The letters of x, W and y, those that the ellipsis stands for included."""
        x, w, y, ellipsis = self.terms
        hidden = len(input_shape) - len(x)
        if hidden < (ellipsis == "left") or (hidden and ellipsis is None):
            least = len(x) + (ellipsis == "left")
            raise ShapeError(
                self.where,
                expected=f"an input of rank {least}{' or more' if ellipsis else ''}, for '{self.equation}'",
                received=show_shape(input_shape),
            )
        more = "".join(c for c in string.ascii_letters if c not in x + w + y)[:hidden]
        return (more + x, w, more + y) if ellipsis == "left" else (x + more, w, y + more)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer."""
        return super().get_config() | {"output_shape": self.sizes}

    @property
    def head(self):
        return self.activation


def _read(equation: Any, bias_axes: str | None) -> tuple[str, str, str, str | None]:
    """The letters of x, W and y, and on which side the ellipsis stands, if there is one."""
    found = EQUATION.fullmatch(equation.replace(" ", "")) if isinstance(equation, str) else None
    if found is None or found[1] != found[5] or found[3] != found[7] or (found[1] and found[3]):
        raise OptionError(
            "EinsumDense(equation=...)",
            expected="'ab,bc->ac', '...b,bc->...c' or 'ab...,bc->ac...'",
            received=repr(equation),
        )
    x, w, y = found[2], found[4], found[6]
    problem = None
    if any(len(set(term)) < len(term) for term in (x, w, y)):
        problem = "each letter once in a term"
    elif set(y) - set(x + w) or set(w) - set(x + y):
        problem = "every letter in two of the terms, or in x's alone"
    elif not found[1] and x[0] != y[0]:
        problem = "the batch as the first letter of x and y"
    if problem:
        raise OptionError("EinsumDense(equation=...)", expected=problem, received=repr(equation))
    if bias_axes is not None and (not bias_axes or set(bias_axes) - set(y)):
        raise OptionError("EinsumDense(bias_axes=...)", expected=f"letters of '{y}'", received=repr(bias_axes))
    return x, w, y, "left" if found[1] else "right" if found[3] else None


def _with_fans(initializer, input_axes: list[int], output_axes: list[int]):
    """The initializer, told which of the kernel's axes count inputs and which outputs, if its scale depends on that."""
    if not isinstance(initializer, initializers.VarianceScaling) or initializer.input_axes is not None:
        return initializer
    told = copy.copy(initializer)
    told.input_axes, told.output_axes = input_axes, output_axes
    return told


registry.add(EinsumDense)
