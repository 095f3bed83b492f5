"""A variable: an array that is trained or carried along, and its gradient."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..config import floatx
from ..errors import ArgumentError, ShapeError
from .rows import Rows, add_rows, sum_rows


class Variable(np.lib.mixins.NDArrayOperatorsMixin):
    """An array with a name, and the gradient gathered for it in the current step.

    value : the numbers, shape `shape`; of type `dtype` (None: an array's own, `config.floatx()` of Python's floats)
    grad  : d loss / d value, of the same shape; zero before the first contribution of a step
    rows  : the same as tables whose sum it is, if so far only few rows have gathered any; reading `grad` ends that

    >>> w = Variable(np.ones(3), name="w")
    >>> w.grad += 2.0
    >>> w.grad
    array([2., 2., 2.])
    >>> w.reset_grad(); w.grad
    array([0., 0., 0.])
    """

    def __init__(
        self,
        initializer,
        shape: tuple[int, ...] | None = None,
        dtype: str | None = None,
        trainable: bool = True,
        name: str | None = None,
        regularizer=None,
        constraint=None,
    ):
        if dtype is None and (callable(initializer) or _plain_float(initializer)):
            dtype = floatx()
        value = np.array(initializer(shape, dtype) if callable(initializer) else initializer, dtype=dtype, order="C")
        if value.dtype.kind not in "biufc":
            raise ArgumentError(
                "Variable",
                expected="numbers, or a function f(shape, dtype)",
                received=repr(initializer),
                mend=f"initializers.get({initializer!r}) finds the function" if isinstance(initializer, str) else None,
            )
        self._value = value
        self._grad: np.ndarray | None = None
        self._fresh = True  # no gradient was gathered yet in this step
        self.rows: list[Rows] = []
        self.by_rows = False  # whether gradients come by `add_rows`, mostly for few rows
        self.trainable = trainable
        self.carried = not trainable  # never trained, whatever the layer's `trainable` says: a moving mean, say
        self.name = self.path = name or "variable"
        self.regularizer, self.constraint = regularizer, constraint

    @classmethod
    def of(cls, array: np.ndarray, name: str) -> "Variable":
        """A variable that is this very array, not a copy of it."""
        variable = cls(array, trainable=False, name=name)
        variable._value = array
        return variable

    # -- the value
    @property
    def value(self) -> np.ndarray:
        """The array itself: what is written into it changes the variable."""
        return self._value

    @value.setter
    def value(self, value) -> None:
        self.assign(value)

    def assign(self, value) -> "Variable":
        """Set all numbers; the shape must be the variable's."""
        value = np.asarray(value)
        if value.shape != self._value.shape:
            raise ShapeError(f"variable '{self.path}'", expected=str(self.shape), received=str(value.shape))
        self._value[...] = value
        return self

    def assign_add(self, value) -> "Variable":
        """Add to the numbers."""
        return self.assign(self._value + value)

    def assign_sub(self, value) -> "Variable":
        """Subtract from the numbers."""
        return self.assign(self._value - value)

    def numpy(self) -> np.ndarray:
        """A copy of the numbers."""
        return self._value.copy()

    # -- the gradient
    @property
    def grad(self) -> np.ndarray:
        """The gradient of this step, to be read or added to."""
        if self._grad is None:
            self._grad = np.zeros_like(self._value)
        elif self._fresh or self.rows:
            self._grad.fill(0)
        self._fresh = False
        if self.rows:
            for table in self.rows:
                self._grad[table.ids] += table.values
            self.rows = []
        return self._grad

    @grad.setter
    def grad(self, grad) -> None:
        if grad is not self._grad:
            self.grad[...] = grad
        self._fresh = False  # it may have been read before `reset_grad`, and come back now

    def accumulate(self, function: Callable[..., Any], *args, **kwargs) -> None:
        """Add ``function(*args)`` to the gradient; at the first visit of a step it is written there directly.

        `function` takes `out`, as NumPy's do: ``kernel.accumulate(np.matmul, x.T, dz)``.
        """
        if self._fresh:
            if self._grad is None:
                self._grad = np.empty_like(self._value)
            function(*args, out=self._grad, **kwargs)
            self._fresh = False
        else:
            self.grad += function(*args, **kwargs)

    def add_rows(self, ids: np.ndarray, rows: np.ndarray) -> None:
        """Add these rows ``(n, width)`` to the rows of the gradient that the ids ``(n,)`` say."""
        if (self._fresh or self.rows) and 2 * len(ids) <= len(self._value):
            self.gather_rows([sum_rows(ids, rows)])
        else:
            add_rows(self.grad, ids, rows)

    def gather_rows(self, tables: list[Rows]) -> None:
        """Add tables to the gradient, to which only such have been added so far."""
        self.rows, self._fresh = self.rows + tables, False

    def take(self, other: "Variable") -> None:
        """Add the gradient gathered in another variable, which begins anew."""
        if other._fresh:
            return
        if other.rows and (self._fresh or self.rows):
            self.gather_rows(other.rows)
        elif self._fresh and self._grad is not None:
            self._grad[...], self._fresh = other.grad, False
        else:
            self.grad += other.grad
        other.reset_grad()

    def reset_grad(self) -> None:
        """Begin a new step: the gradient counts as zero from here on."""
        self._fresh = True
        if self.rows:
            self.rows = []

    def adopt(self, value: np.ndarray, grad: np.ndarray | None = None) -> None:
        """Move value and gradient into the buffers given (slices of an optimizer's flat ones)."""
        value[...] = self._value
        self._value = value
        if grad is not None:
            if not self._fresh and not self.rows:
                grad[...] = self.grad
            self._grad = grad

    def gather_in(self, grad: np.ndarray) -> None:
        """Gather the gradients of the steps to come there, and forget that of this one."""
        self._grad = grad
        self.reset_grad()

    # -- as an array
    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value."""
        return self._value.shape

    @property
    def ndim(self) -> int:
        """The rank of the value."""
        return self._value.ndim

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return self._value.size

    @property
    def dtype(self) -> str:
        """The type of the numbers, by name."""
        return self._value.dtype.name

    def __array__(self, dtype=None, copy=None):
        return np.array(self._value, dtype=dtype, copy=copy)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        arrays = [item._value if isinstance(item, Variable) else item for item in inputs]
        targets = kwargs.get("out", ())
        if targets:
            kwargs["out"] = tuple(item._value if isinstance(item, Variable) else item for item in targets)
        result = getattr(ufunc, method)(*arrays, **kwargs)
        return targets[0] if len(targets) == 1 else result  # `w += 1` leaves w the variable that it is

    def __getitem__(self, index):
        return self._value[index]

    def __len__(self) -> int:
        return len(self._value)

    def __float__(self) -> float:
        return float(self._value)

    def __int__(self) -> int:
        return int(self._value)

    def __round__(self, ndigits: int | None = None) -> Any:
        return np.round(self._value, ndigits or 0)

    def __format__(self, spec: str) -> str:
        return format(self._value[()], spec) if spec else str(self)  # of one number, as f"{rate:.4f}"

    def __repr__(self) -> str:
        value = "" if self.shape else f", value {self._value}"
        return f"<Variable {self.path}, shape {self.shape}, {self.dtype}{value}>"


def _plain_float(value: Any) -> bool:
    """Whether these are Python's floats, alone or in lists: they have no type of their own."""
    return not hasattr(value, "dtype") and np.asarray(value).dtype.kind == "f"
