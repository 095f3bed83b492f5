"""What a constraint is: a rule that weights are put back under after each update."""

import numpy as np

from ..utils.component import Component, Registry


class Constraint(Component):
    """Puts a weight back under a rule. One of your own writes ``__call__(self, w)``, which returns a new array.

    >>> class AtMostOne(Constraint):
    ...     def __call__(self, w):
    ...         return np.minimum(w, 1)
    >>> AtMostOne()(np.array([0.5, 2.0]))
    array([0.5, 1. ])
    """

    def __call__(self, w: np.ndarray) -> np.ndarray:
        """The array nearest to w, or near it, that keeps the rule; w stays as it was."""
        raise NotImplementedError(f"{type(self).__name__} has no __call__(w)")


registry: Registry[Constraint] = Registry("constraint", Constraint)
