"""What a loss is: a value for each sample, the gradient of these, and how they become one number."""

from typing import Any

import numpy as np

from .. import config
from ..activations.base import JoinedGradient
from ..errors import OptionError, ShapeError, StateError
from ..utils.checks import one_of
from ..utils.component import Component, Registry, snake_case
from ..utils.shapes import align_weights, same_shape, show_shape

MEANS = ("sum_over_batch_size", "mean")
REDUCTIONS = (*MEANS, "sum", "mean_with_sample_weight", "none", None)
TWO_METHODS = "a loss writes values(y_true, y_pred) and gradient(dv)"


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

    where Σ w sums the weights as they were given: those of ``(batch, 1)`` once a sample, however many steps they weigh.
    A mask counts as a weight of 0, and for the means the others' as N / (how many are not masked), so that the mean is
    taken over these alone.

    `dtype`: the float type that the loss is computed in (None: the predictions', but none narrower than `floatx`).

    Shapes: y_true and y_pred ``(batch, ...)``, equal but for a last axis of 1 that one of them may lack; v mostly
    y_pred's without its last axis; sample_weight and mask the first axes of v.

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

    not_called = {"call": ("values", TWO_METHODS), "__call__": ("values", TWO_METHODS)}
    joins: str | None = None  # the activation that `backward(joined=True)` takes the gradient through as well
    paired = True  # y_true has y_pred's shape; a loss of your own may say False, and take any shapes as they are
    axis: Any = -1  # along which the numbers of one value lie; of some losses several, or None: all

    def __init__(
        self, name: str | None = None, reduction: str | None = "sum_over_batch_size", dtype: str | None = None
    ):
        self.name = name or snake_case(type(self).__name__)
        self.reduction = one_of(type(self).__name__, "reduction", reduction, REDUCTIONS)
        self.dtype = None if dtype is None else config.standardize_float(dtype)
        self.saved: Any = None
        self._reduced: tuple | None = None  # how the last `forward` weighed its values

    # -- to be written by each loss
    def values(self, y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
        """The loss of each sample ``(batch, ...)``."""
        raise StateError(f"{type(self).__name__} has no values", mend=TWO_METHODS)

    def gradient(self, dv: np.ndarray) -> np.ndarray:
        """d y_pred, from the gradient of each sample's loss."""
        raise StateError(f"{type(self).__name__} has no gradient", mend=TWO_METHODS)

    # -- what some losses add
    def joined_gradient(self, dv: np.ndarray) -> np.ndarray:
        """d z, where y_pred is the activation `joins` of z."""
        raise StateError(f"loss '{self.name}' joins no activation", mend="call backward() without joined=True")

    def kept(self, y_true: np.ndarray) -> np.ndarray | None:
        """Which values count, as a mask that the loss itself makes; None: all."""
        return None

    # -- to be used by everyone
    def __call__(self, y_true, y_pred, sample_weight=None) -> Any:
        """The loss of arrays, lists or numbers."""
        y_pred = as_floats(y_pred)
        value = self.forward(y_true, y_pred, sample_weight)
        return value if isinstance(value, np.ndarray) else self._computed_in(y_pred.dtype).type(value)

    def forward(self, y_true, y_pred, sample_weight=None, mask=None, rows: int | None = None) -> Any:
        """The loss as one float (an array with reduction "none"); of a part of a batch of so many `rows`, its share."""
        given = as_floats(y_pred)
        y_pred = given.astype(self._computed_in(given.dtype), copy=False)
        by_step = mask is not None or (sample_weight is not None and np.shape(sample_weight)[1:2] > (1,))
        y_true, y_pred = self.align(np.asarray(y_true), y_pred, by_step)
        v = np.asarray(self.values(y_true, y_pred), y_pred.dtype)
        kept, weights = self.kept(y_true), None
        if sample_weight is not None or mask is not None or kept is not None:
            weights = self._weights(v, sample_weight, mask, kept)
            v = v * weights
        scale = self._scale(v.size if rows is None else v.size // len(v) * rows, weights)
        self._reduced = given, y_pred.shape, v.shape, v.dtype, scale, weights
        return v if self.reduction in ("none", None) else float(np.add.reduce(v, axis=None)) * scale

    def backward(self, joined: bool = False) -> np.ndarray:
        """d loss / d y_pred; `joined`, d loss / d z of the softmax or sigmoid of z that y_pred is."""
        if self._reduced is None:
            raise StateError(f"loss '{self.name}': backward before forward", mend="run forward on a batch first")
        given, shape, v_shape, dtype, scale, weights = self._reduced
        dv = np.empty(v_shape, dtype)
        dv.fill(scale)
        if weights is not None:
            dv *= weights
        dp = self.joined_gradient(dv) if joined else self.gradient(dv)
        if dp.shape != shape:
            raise ShapeError(
                f"{type(self).__name__}.gradient of loss '{self.name}'",
                expected=f"y_pred's shape {shape}",
                received=str(dp.shape),
                mend="give each number of y_pred its own gradient; dv has the shape of the values",
            )
        dp = dp.reshape(given.shape).astype(given.dtype, copy=False)
        return dp.view(JoinedGradient) if joined else dp

    def check_targets(self, y_true: np.ndarray, output_shape: tuple, what: str = "y") -> None:
        """Check all targets against the model's output shape (batch axis None) before training begins."""
        self.check_axis(tuple(output_shape))
        if self.paired:
            self.check_shapes((None, *np.shape(y_true)[1:]), tuple(output_shape), what)

    # -- shapes
    def align(self, y_true: np.ndarray, y_pred: np.ndarray, by_step: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """y_true and y_pred in one shape and float type; what does not fit is refused.

        Of ``(batch,)`` and ``(batch, 1)`` both become the latter. Of more axes, the last one of 1 is dropped, as Keras
        does; but `by_step`, where a mask or weights weigh ``(batch, steps)``, it stays: each step has its value.
        """
        self.check_axis(y_pred.shape)
        if not self.paired:
            return y_true, y_pred
        if y_true.shape != y_pred.shape:
            self.check_shapes(y_true.shape, y_pred.shape, "y_true")
            shape = max(y_true.shape, y_pred.shape, key=len)
            shape = shape if len(shape) == 2 or by_step else shape[:-1]
            y_true, y_pred = y_true.reshape(shape), y_pred.reshape(shape)
            self.check_axis(shape)
        return y_true.astype(y_pred.dtype, copy=False), y_pred

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
        fewer, other_steps = len(output) - len(target), target[1:2] != output[1:2]
        if fewer > 1 or (fewer == 1 and other_steps and len(output) > 2):
            flatten = "add Flatten before the last Dense"
            if len(output) > 3:
                return f"the output has axes to spare: {flatten}"
            return f"the output has a row for each step: leave return_sequences at False, or {flatten}"
        return "let the last layer have as many units as y has columns, or reshape y"

    def check_axis(self, output: tuple) -> None:
        """Refuse predictions that have no such axis as `axis`."""
        if self.axis == -1 and output:
            return
        for axis in (self.axis,) if isinstance(self.axis, int) else self.axis or ():
            if not -len(output) <= axis < len(output):
                raise ShapeError(
                    f"loss '{self.name}' along axis {axis}",
                    expected=f"an output of rank {axis + 1 if axis >= 0 else -axis} or more",
                    received=show_shape(output),
                )

    def spread(self, dv: np.ndarray) -> np.ndarray:
        """dv with an axis of 1 in the place of `axis`, so that it meets y_pred."""
        return dv[..., None] if self.axis == -1 else np.expand_dims(dv, self.axis)

    def _computed_in(self, dtype: np.dtype) -> np.dtype:
        """The float type for predictions of that type: squares overflow in float16, and 1 - ε is 1 there."""
        if self.dtype is not None:
            return np.dtype(self.dtype)
        return dtype if dtype.itemsize > 2 else np.promote_types(dtype, config.floatx())

    # -- weights
    def _weights(self, v: np.ndarray, sample_weight, mask, kept: np.ndarray | None) -> np.ndarray:
        """What each value counts, of a shape that broadcasts to v's."""
        where = f"loss '{self.name}'"
        if not v.ndim:
            raise ShapeError(
                f"{where} gives one value for all samples, which neither weights nor a mask can weigh",
                mend="give y and y_pred a row for each sample; a loss of overlap wants axis=(1, 2, ...) as well",
            )
        weights: Any = 1
        if sample_weight is not None:
            weights = align_weights(where, np.asarray(sample_weight, v.dtype), v.shape)
        if mask is not None:
            mask = self._align_mask(np.asarray(mask, bool), v.shape)
            kept = mask if kept is None else mask & kept
        if kept is not None:
            share = kept.size / (np.count_nonzero(kept) + config.epsilon()) if self.reduction in MEANS else 1
            weights = weights * kept.astype(v.dtype) * v.dtype.type(share)
        return weights

    def _align_mask(self, mask: np.ndarray, shape: tuple) -> np.ndarray:
        if mask.shape != shape[: mask.ndim]:
            raise ShapeError(
                f"loss '{self.name}': the mask does not fit its values",
                expected=f"the first axes of {shape}",
                received=str(mask.shape),
                mend="a mask (batch, steps) wants an output and a y of (batch, steps, features)",
            )
        return mask.reshape(mask.shape + (1,) * (len(shape) - mask.ndim))

    def _scale(self, size: int, weights: np.ndarray | None) -> float:
        """What the sum of so many weighted values is multiplied by."""
        if self.reduction in ("sum", "none", None):
            return 1.0
        weighed = self.reduction == "mean_with_sample_weight" and weights is not None
        count = float(weights.sum()) if weighed else size  # type: ignore[union-attr]
        return 1 / count if count else 0.0


class PlainLoss(Loss):
    """A loss without options of its own: its arguments stand in the order of Keras's."""

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = None, dtype: str | None = None
    ):
        super().__init__(name, reduction, dtype)


def as_floats(y_pred: Any) -> np.ndarray:
    """Predictions as an array of floats; one of floats is given back as it is."""
    if isinstance(y_pred, np.ndarray) and y_pred.dtype.kind == "f":
        return y_pred
    return np.asarray(y_pred).astype(config.floatx())


def one_axis(where: str, axis: Any) -> int:
    """The axis as an int; several are refused."""
    if isinstance(axis, bool) or not isinstance(axis, int | np.integer):
        raise OptionError(f"{where}(axis=...)", expected="a whole number", received=repr(axis))
    return int(axis)


def per_sample(loss: Loss, y_true, y_pred) -> np.ndarray:
    """The loss of each sample, not reduced: what the functions of this namespace give."""
    return loss.values(*loss.align(np.asarray(y_true), as_floats(y_pred)))


registry: Registry[Loss] = Registry("loss", Loss)
