"""What an activation is: a function of an array, and the gradient through it."""

from typing import Any

import numpy as np

from ..config import floatx
from ..utils.component import Component, Registry


class JoinedGradient(np.ndarray):
    """A gradient that a loss took straight through the activation that ends the model: d loss / d z, not d loss / d y.

    The cross-entropies hand one over where a softmax or sigmoid comes last (``p - y``: stable and cheap), a chain where
    a gate (`is_gate`) comes before a MaxPooling. These activations pass it on as it is. The array carries the fact, so
    that no layer has to know.
    """


class Activation(Component):
    """A function y = f(x) and the gradient through it. Write `forward` and `backward`; nothing else is needed.

    Each sample's y is made of its own x alone, for a batch may go through in parts; what mixes samples is a Layer.

    Shapes: any; y, dy and dx have x's.

    >>> class Square(Activation):
    ...     def forward(self, x):
    ...         return x * x, x
    ...     def backward(self, dy, saved):
    ...         return 2 * dy * saved
    >>> Square()([1.0, -3.0])
    array([1., 9.], dtype=float32)
    """

    @property
    def __name__(self) -> str:
        """The name of the library's function that it is, as ``"leaky_relu"``; of any other class its own."""
        cls: type = type(self)
        return next((function.__name__ for function in registry.functions(cls)), cls.__name__)

    @property
    def is_gate(self) -> bool:
        """Whether each dy passes or becomes 0, as y alone says, which is what `forward` saves."""
        return False

    def forward(self, x: np.ndarray) -> tuple[np.ndarray, Any]:
        """Give y and what `backward` needs. May write y into x: a layer hands over its own fresh array."""
        raise NotImplementedError(f"{type(self).__name__} has no forward")

    def backward(self, dy: np.ndarray, saved: Any) -> np.ndarray:
        """Give dx. May write it into dy."""
        raise NotImplementedError(f"{type(self).__name__} has no backward")

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """The shape of y for an x of this shape."""
        return input_shape

    def __call__(self, x) -> np.ndarray:
        """f(x) of anything like an array, which stays as it was; an array keeps its float type."""
        array = np.asarray(x)
        is_float = hasattr(x, "dtype") and array.dtype.kind == "f"
        y = self.forward(np.array(array, array.dtype if is_float else floatx(), ndmin=1))[0]
        return y if array.ndim else y.reshape(())


registry: Registry[Activation] = Registry("activation", Activation)
