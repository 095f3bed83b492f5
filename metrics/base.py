"""What a metric is: a number gathered over the batches of an epoch."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from .. import initializers
from ..config import floatx, standardize_float
from ..errors import StateError
from ..utils.allowance import take
from ..utils.component import Component, Registry, snake_case
from ..utils.variable import Variable

# Counts and sums are kept in double precision, whatever the type of the predictions: a float32 stops counting at 2**24.
STATE = "float64"


class Metric(Component):
    """A number gathered over batches. Write `update_state` and `result`; nothing else is needed.

    The state lies in variables made by `add_weight`; `reset_state` sets them to zero, and so those of the metrics
    that are held as attributes.

    dtype : the float type that predictions are computed in and arrays are returned in; `floatx` by default
    name  : the key in the logs and the history; the class's name in lower case by default

    >>> class Largest(Metric):
    ...     def __init__(self, name="largest", **kwargs):
    ...         super().__init__(name=name, **kwargs)
    ...         self.top = self.add_weight(name="top", initializer="zeros")
    ...
    ...     def update_state(self, y_true, y_pred, sample_weight=None):
    ...         self.top.assign(np.maximum(self.top, np.max(y_pred)))
    ...
    ...     def result(self):
    ...         return float(self.top)
    >>> largest = Largest()
    >>> largest.update_state([0.0], [0.5])
    >>> largest([0.0], [0.25])
    0.5
    """

    def __init__(self, dtype: str | None = None, name: str | None = None):
        self.dtype = standardize_float(floatx() if dtype is None else dtype)
        self.name = name or snake_case(type(self).__name__)
        self._variables: list[Variable] = []

    def add_weight(
        self,
        shape: int | tuple[int, ...] = (),
        initializer: Any = None,
        dtype: str | None = None,
        name: str | None = None,
    ) -> Variable:
        """A variable of the state; of zeros and of the metric's type if nothing else is said."""
        shape = (shape,) if isinstance(shape, int) else tuple(shape)
        take(f"metric '{self.name}'", shape)
        make = initializers.get("zeros" if initializer is None else initializer)
        variable = Variable(make, shape, dtype or self.dtype, trainable=False, name=name)
        self._variables.append(variable)
        return variable

    def add_variable(
        self, shape: int | tuple[int, ...], initializer: Any, dtype: str | None = None, name: str | None = None
    ) -> Variable:
        """Keras's other name of `add_weight`."""
        return self.add_weight(shape, initializer, dtype, name)

    def _parts(self) -> Iterator["Metric"]:
        """The metrics that this one holds, alone or in lists."""
        for value in vars(self).values():
            for item in value if isinstance(value, list | tuple) else (value,):
                if isinstance(item, Metric):
                    yield item

    @property
    def variables(self) -> list[Variable]:
        """All variables of the state, those of the metrics held as attributes included."""
        return self._variables + [variable for part in self._parts() for variable in part.variables]

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Take in a batch: `(y_true, y_pred, sample_weight=None)`; of a mean or sum, `(values, sample_weight=None)`."""
        raise NotImplementedError(f"{type(self).__name__} has no update_state")

    def result(self) -> Any:
        """The number for all that was taken in since the last reset."""
        raise NotImplementedError(f"{type(self).__name__} has no result")

    def reset_state(self) -> None:
        """Forget all batches."""
        for variable in self.variables:
            variable.value[...] = 0

    def get_state(self) -> dict[str, np.ndarray]:
        """All that was gathered, as arrays by number and name; copies."""
        return {f"{index}/{variable.name}": variable.numpy() for index, variable in enumerate(self.variables)}

    def set_state(self, state: dict[str, np.ndarray]) -> None:
        """Go on from what `get_state` gave.

        Raises StateError if the metric has other variables than the state, ShapeError if one differs in shape.
        """
        self._make_room(state)
        kept = self.get_state()
        if set(kept) != set(state):
            raise StateError(
                f"metric '{self.name}': set_state", expected=", ".join(kept) or "nothing", received=", ".join(state)
            )
        for variable, key in zip(self.variables, kept, strict=True):
            variable.assign(state[key])

    def _make_room(self, state: dict[str, np.ndarray]) -> None:
        """Make the variables of a state, where it takes data to tell how many numbers they hold."""

    def __call__(self, *args, **kwargs) -> Any:
        """Take in a batch and give the result so far."""
        self.update_state(*args, **kwargs)
        return self.result()

    # -- shared by the metrics of this folder
    def _floats(self, y_pred) -> np.ndarray:
        """The predictions as an array of the metric's type; whole numbers (class ids) stay what they are."""
        y_pred = np.asarray(y_pred)
        return y_pred.astype(self.dtype, copy=False) if y_pred.dtype.kind == "f" else y_pred

    def _rounded(self, values: np.ndarray) -> float | np.ndarray:
        """A result as a Python float, or as an array of the metric's type."""
        return float(values) if np.ndim(values) == 0 else values.astype(self.dtype)


def quotient(x, y) -> np.ndarray:
    """x / y, and 0 where y is 0.

    >>> quotient([1.0, 1.0], [2.0, 0.0])
    array([0.5, 0. ])
    """
    x, y = np.broadcast_arrays(np.asarray(x, np.float64), y)
    return np.divide(x, y, out=np.zeros(x.shape), where=y != 0)


registry: Registry[Metric] = Registry("metric", Metric)
