"""What a loss is: a value for each sample, the gradient of these, and how they become one number."""

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import config
from ..activations.base import JoinedGradient
from ..errors import ArgumentError, ShapeError, StateError
from ..utils.checks import one_of
from ..utils.component import Component, Registry, snake_case
from ..utils.shapes import align_weights, same_shape, show_shape

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None)


class Loss(Component):
    r"""How wrong predictions are. A loss of your own writes `values` and `gradient`; nothing else is needed.

    ``values(y_true, y_pred)`` gives the loss v of each sample, and keeps in `self.saved` what `gradient` needs;
    ``gradient(dv)`` gives d y_pred from the gradient of each sample's v.

    `forward` weighs and reduces them; `backward` gives d loss / d y_pred. With weights w (1 where there are none) and N
    values, `reduction` is
    - "sum_over_batch_size", "mean":  L = Σ w·v / N,        dv = w / N
    - "sum":                          L = Σ w·v,            dv = w
    - "mean_with_sample_weight":      L = Σ w·v / Σ w,      dv = w / Σ w
    - "none", None:                   L = w·v, an array,    dv = w

    A mask counts as a weight of 0, and the others' as N / (how many are not masked): a mean is taken over these alone.

    `dtype`: the float type that the loss is computed in (None: the predictions').

    Raises ShapeError for shapes that NumPy would broadcast; StateError for `backward` before `forward`.

    >>> class Squared(Loss):
    ...     def values(self, y_true, y_pred):
    ...         self.saved = y_pred - y_true
    ...         return (self.saved**2).sum(axis=-1)
    ...     def gradient(self, dv):
    ...         return 2 * self.saved * dv[..., None]
    >>> loss = Squared()
    >>> loss([[0.0], [0.0]], [[1.0], [3.0]])
    np.float32(5.0)
    >>> loss.backward()
    array([[1.],
           [3.]], dtype=float32)
    """

    joins: str | None = None  # the activation that `backward(joined=True)` takes the gradient through as well

    def __init__(
        self, name: str | None = None, reduction: str | None = "sum_over_batch_size", dtype: str | None = None
    ):
        self.name = name or snake_case(type(self).__name__)
        self.reduction = one_of(type(self).__name__, "reduction", reduction, REDUCTIONS)
        self.dtype = None if dtype is None else config.standardize_float(dtype)
        self.saved: Any = None
        self._dv: np.ndarray | None = None

    # -- to be written by each loss
    def values(self, y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
        """The loss of each sample ``(batch, ...)``."""
        raise StateError(
            f"{type(self).__name__} has no values", mend="a loss writes values(y_true, y_pred) and gradient(dv)"
        )

    def gradient(self, dv: np.ndarray) -> np.ndarray:
        """d y_pred, from the gradient of each sample's loss."""
        raise StateError(
            f"{type(self).__name__} has no gradient", mend="a loss writes values(y_true, y_pred) and gradient(dv)"
        )

    def joined_gradient(self, dv: np.ndarray) -> np.ndarray:
        """d z, where y_pred is the activation `joins` of z."""
        raise StateError(f"{type(self).__name__} joins no activation")

    # -- to be used by everyone
    def __call__(self, y_true, y_pred, sample_weight=None) -> Any:
        """The loss of arrays, lists or numbers."""
        y_pred = as_floats(y_pred)
        value = self.forward(np.asarray(y_true), y_pred, None if sample_weight is None else np.asarray(sample_weight))
        return value if isinstance(value, np.ndarray) else y_pred.dtype.type(value)

    def forward(self, y_true, y_pred, sample_weight=None, mask=None) -> Any:
        """The loss as one float (an array with reduction "none")."""
        self._type = y_pred.dtype
        if self.dtype is not None and y_pred.dtype != self.dtype:
            y_pred = y_pred.astype(self.dtype)
        v = self.values(self.align(np.asarray(y_true), y_pred), y_pred)
        if sample_weight is None and mask is None:
            weights: Any = None
            weighted = v
        else:
            weights = self._weights(v, sample_weight, mask)
            weighted = v * weights
        if self.reduction in ("none", None):
            self._dv = np.ones_like(v) if weights is None else weights
            return weighted
        if self.reduction == "sum" or v.ndim == 0:
            count: float = 1.0
        elif self.reduction == "mean_with_sample_weight" and weights is not None:
            count = float(weights.sum())
        else:
            count = v.size
        scale = 1 / count if count else 0.0
        self._dv = np.full(v.shape, scale, v.dtype) if weights is None else weights * v.dtype.type(scale)
        return float(weighted.sum()) * scale

    def backward(self, joined: bool = False) -> np.ndarray:
        """d loss / d y_pred; `joined`, d loss / d z of the softmax or sigmoid z that y_pred came from."""
        if self._dv is None:
            raise StateError(f"loss '{self.name}': backward before forward", mend="run forward on a batch first")
        if joined:
            return self.joined_gradient(self._dv).astype(self._type, copy=False).view(JoinedGradient)
        return self.gradient(self._dv).astype(self._type, copy=False)

    def align(self, y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
        """y_true in the shape and the type of y_pred; what does not fit is refused."""
        if y_true.shape != y_pred.shape:
            self.check_shapes(y_true.shape, y_pred.shape, "y_true")
            y_true = y_true.reshape(y_pred.shape)
        return y_true.astype(y_pred.dtype, copy=False)

    def check_shapes(self, target: tuple, output: tuple, what: str) -> None:
        """Refuse targets that do not match the predictions one by one; a last axis of 1 may be missing on one side."""
        pairs = [(target, output), ((*target, 1), output), (target, (*output, 1))]
        if not any(same_shape(a, b) for a, b in pairs):
            raise ShapeError(
                f"loss '{self.name}': {what} does not fit the output",
                expected=f"{what} of shape {show_shape(output)}, the output's",
                received=show_shape(target),
                mend=self.shape_mend(target, output),
            )

    def shape_mend(self, target: tuple, output: tuple) -> str:
        """What is likely wrong with targets of another shape."""
        if len(output) > len(target) + 1:
            return "the output has axes to spare: add Flatten before the last Dense"
        return "let the last layer have as many units as y has columns, or reshape y"

    def check_targets(self, y_true: np.ndarray, output_shape: tuple, what: str = "y") -> None:
        """Check all targets against the model's output shape (batch axis None) before training begins."""
        self.check_shapes((None, *y_true.shape[1:]), tuple(output_shape), what)

    def _weights(self, v: np.ndarray, sample_weight, mask) -> np.ndarray:
        """The weight of each value, from those of samples (or steps) and the mask."""
        weights = np.ones((), v.dtype)
        if sample_weight is not None:
            weights = align_weights(f"loss '{self.name}'", np.asarray(sample_weight, v.dtype), v.shape)
        if mask is not None:
            mask = np.asarray(mask, v.dtype)
            if self.reduction in ("mean", "sum_over_batch_size"):
                mask = mask * v.dtype.type(mask.size / (mask.sum() + config.epsilon()))
            weights = weights * align_weights(f"loss '{self.name}', mask", mask, v.shape)
        return np.broadcast_to(weights, v.shape)


class Elementwise(Loss):
    """The mean over the last axis of a function of each pair of numbers: v = Σ f(y, p) / n;  dp = dv·f'(y, p) / n.

    `element` gives f, `slope` f', its derivative by p.
    """

    axis: Any = -1

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = None, dtype: str | None = None
    ):
        super().__init__(name, reduction, dtype)

    def element(self, y: np.ndarray, p: np.ndarray) -> np.ndarray:
        """f(y, p) of each pair."""
        raise StateError(f"{type(self).__name__} has no element")

    def slope(self, y: np.ndarray, p: np.ndarray) -> np.ndarray:
        """df / dp of each pair."""
        raise StateError(f"{type(self).__name__} has no slope")

    def values(self, y_true, y_pred):
        self.saved = y_true, y_pred
        return self.element(y_true, y_pred).mean(axis=self.axis)

    def gradient(self, dv):
        y, p = self.saved
        return self.slope(y, p) * np.expand_dims(dv / dv.dtype.type(p.shape[self.axis]), self.axis)


class LossFunction(Loss):
    """A function of the user's own as a loss: ``f(y_true, y_pred)`` gives the pair (values, d values / d y_pred).

    Shapes: values ``(batch, ...)``; the gradient y_pred's.

    Raises ArgumentError if the function gives values alone: without a gradient it can't be trained on.
    """

    def __init__(self, fn: Callable[..., Any], name: str | None = None, reduction: str | None = "sum_over_batch_size"):
        super().__init__(name or getattr(fn, "__name__", "loss"), reduction)
        self.fn = fn

    def values(self, y_true, y_pred):
        pair = self.fn(y_true, y_pred)
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise ArgumentError(
                f"loss function '{self.name}' gives no gradient",
                expected="the pair (values, d values / d y_pred)",
                received=f"a {type(pair).__name__}",
                mend="return both, or subclass losses.Loss with values and gradient",
            )
        self.saved = np.asarray(pair[1], y_pred.dtype)
        return np.asarray(pair[0], y_pred.dtype)

    def gradient(self, dv):
        return self.saved * dv.reshape(*dv.shape, *[1] * (self.saved.ndim - dv.ndim))


def as_floats(y_pred: Any) -> np.ndarray:
    """Predictions as an array of floats."""
    given = y_pred
    y_pred = np.asarray(y_pred)
    return y_pred if isinstance(given, np.ndarray) and y_pred.dtype.kind == "f" else y_pred.astype(config.floatx())


def per_sample(loss: Loss, y_true, y_pred) -> np.ndarray:
    """The loss of each sample, not reduced: what the functions of this namespace give."""
    y_pred = as_floats(y_pred)
    return loss.values(loss.align(np.asarray(y_true), y_pred), y_pred)


registry: Registry[Loss] = Registry("loss", Loss)
