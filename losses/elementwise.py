"""Losses that look at one pair of numbers at a time, and losses that a function of the user's own computes."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import ArgumentError, ConfigError, ShapeError, StateError
from .base import Loss, PlainLoss, registry


class Elementwise(PlainLoss):
    """The mean along `axis` of a function of each pair of numbers: v = Σ f(y, p) / n;  dp = dv·f'(y, p) / n.

    `element` gives f, `slope` f', its derivative by p, as a fresh array.

    >>> class Cubed(Elementwise):
    ...     def element(self, y, p):
    ...         return np.abs(p - y) ** 3
    ...     def slope(self, y, p):
    ...         return 3 * (p - y) * np.abs(p - y)
    >>> loss = Cubed()
    >>> loss([[0.0, 0.0]], [[1.0, -2.0]]), loss.backward()
    (np.float32(4.5), array([[ 1.5, -6. ]], dtype=float32))
    """

    def element(self, y: np.ndarray, p: np.ndarray) -> np.ndarray:
        """f(y, p) of each pair."""
        raise StateError(f"{type(self).__name__} has no element", mend="write element(y, p) and slope(y, p)")

    def slope(self, y: np.ndarray, p: np.ndarray) -> np.ndarray:
        """df / dp of each pair."""
        raise StateError(f"{type(self).__name__} has no slope", mend="write element(y, p) and slope(y, p)")

    def values(self, y_true, y_pred):
        self.saved = y_true, y_pred
        return self.element(y_true, y_pred).sum(axis=self.axis) / y_pred.shape[self.axis]

    def gradient(self, dv):
        y, p = self.saved
        dp = self.slope(y, p)
        dp *= self.spread(dv / p.shape[self.axis])
        return dp


class LossFunction(Loss):
    """A function of the user's own as a loss: ``f(y_true, y_pred)`` gives the pair (values, d values / d y_pred).

    Forward:   v, g = f(y, p)
    Backward:  dp = dv·g

    Shapes: values ``(batch, ...)``, any of the first axes of y_pred; the gradient y_pred's.

    Raises ArgumentError if the function gives values alone (without a gradient it can't be trained on), ShapeError if
    the two are of other shapes.

    >>> def squared(y_true, y_pred):
    ...     return ((y_pred - y_true) ** 2).sum(axis=-1), 2 * (y_pred - y_true)
    >>> loss = LossFunction(squared)
    >>> loss([[0.0]], [[3.0]]), loss.backward()
    (np.float32(9.0), array([[6.]], dtype=float32))
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(name or getattr(fn, "__name__", None), reduction, dtype)
        self.fn = fn

    @classmethod
    def from_config(cls, config):
        fn = config.get("fn")
        fn = registry.find(fn) if isinstance(fn, str) else fn
        if isinstance(fn, type) or not callable(fn):
            raise ConfigError(f"{cls.__name__}: fn", expected="a function that is registered", received=repr(fn))
        return super().from_config(config | {"fn": fn})

    def values(self, y_true, y_pred):
        pair = self.fn(y_true, y_pred)
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise ArgumentError(
                f"loss function '{self.name}' gives no gradient",
                expected="the pair (values, d values / d y_pred)",
                received=f"a {type(pair).__name__}",
                mend="return both, or subclass losses.Loss with values and gradient",
            )
        v, self.saved = (np.asarray(part, y_pred.dtype) for part in pair)
        if self.saved.shape != y_pred.shape or v.shape != y_pred.shape[: v.ndim]:
            raise ShapeError(
                f"loss function '{self.name}'",
                expected=f"values of the first axes, and a gradient of the shape, of y_pred {y_pred.shape}",
                received=f"{v.shape} and {self.saved.shape}",
            )
        return v

    def gradient(self, dv):
        return self.saved * dv.reshape(dv.shape + (1,) * (self.saved.ndim - dv.ndim))


registry.add(LossFunction, shown=False)  # by its name a file finds it; who writes one writes the function
