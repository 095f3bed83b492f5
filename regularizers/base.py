"""What a regularizer is: a penalty on an array, and the penalty's gradient."""

import numpy as np

from ..errors import ArgumentError
from ..utils.component import Component, Registry


class Regularizer(Component):
    """A penalty R(w) that joins the loss. One of your own writes `__call__` and `gradient`.

    >>> class Sum(Regularizer):
    ...     def __call__(self, w):
    ...         return float(w.sum())
    ...     def gradient(self, w):
    ...         return np.ones_like(w)
    >>> Sum()(np.ones(3))
    3.0
    """

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "__call__" in vars(cls) and not {"gradient", "add_gradient"} & vars(cls).keys():
            # the gradient of another penalty is none of this one's
            cls.gradient, cls.add_gradient = Regularizer.gradient, Regularizer.add_gradient  # type: ignore[method-assign]

    def __call__(self, w: np.ndarray) -> float:
        """The penalty R(w)."""
        raise NotImplementedError(f"{type(self).__name__} has no __call__(w)")

    def gradient(self, w: np.ndarray) -> np.ndarray:
        """The gradient d R(w) / d w."""
        raise ArgumentError(
            f"regularizer {type(self).__name__} has no gradient, so it can't be trained with",
            expected="a method gradient(w) beside __call__(w)",
            mend="write def gradient(self, w), which returns d penalty / d w as an array of w's shape",
        )

    def add_gradient(self, w: np.ndarray, grad: np.ndarray) -> None:
        """Add the gradient into `grad`."""
        grad += self.gradient(w)


registry: Registry[Regularizer] = Registry("regularizer", Regularizer)
