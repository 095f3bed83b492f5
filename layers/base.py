"""Layer: what every layer is. `forward` and `backward` make one; `build` adds its weights."""

import copy
from typing import Any, ClassVar, TypedDict

import numpy as np

from .. import activations, config, regularizers
from ..errors import ArgumentError, DataError, StateError
from ..utils.allowance import take
from ..utils.component import Registry, snake_case
from .spec import InputSpec, KerasTensor, Shape, as_shape, shape_given
from .states import Carrying, passing

_CONTRACT = "a layer of your own writes forward(self, x, training=False) and backward(self, dy)"


class _Nothing:
    """What `saved` holds before the first forward pass."""


class CommonOptions(TypedDict, total=False):
    """The arguments that every layer has besides its own and `activity_regularizer`."""

    trainable: bool
    dtype: str | None
    name: str | None
    input_shape: Any
    input_dim: int | None


class LayerOptions(CommonOptions, total=False):
    """The arguments that a layer has besides its own."""

    activity_regularizer: Any


class Layer(Carrying):
    """A function with weights: `forward` computes it, `backward` its gradients.

    A layer of your own writes ``forward(x, training=False) -> y`` and ``backward(dy) -> dx``; with weights also
    ``build(input_shape)``, which calls `add_weight`; with a shape of its own `compute_output_shape`.

    - `self.saved` holds what `backward` needs: references, nothing computed only for it; True where it needs nothing.
      `backward` reads it in any case, ``_ = self.saved``, for that refuses to run before `forward`.
    - `forward` never writes into x. `backward` may write into dy; the dx it returns belongs to the caller.
    - `backward` adds to the gradient of each weight: ``w.grad += ...``, or faster ``w.accumulate(np.matmul, x.T, dy)``.

    Arguments: `activity_regularizer`, a penalty on y; `trainable`, whether the optimizer may change its weights;
    `dtype`, the float type it computes in (None: `config.floatx()`); `name`; `input_shape`, the shape of one sample,
    and `input_dim`, the same for vectors, for the first layer of a model.

    >>> class Square(Layer):
    ...     def forward(self, x, training=False):
    ...         self.saved = x
    ...         return x**2
    ...     def backward(self, dy):
    ...         return 2 * self.saved * dy
    >>> layer = Square()
    >>> layer([[1.0, 3.0]]), layer.backward(1)
    (array([[1., 9.]], dtype=float32), array([[2., 6.]], dtype=float32))
    """

    not_in_config = frozenset({"input_shape", "input_dim"})  # in a model's config an InputLayer carries the shape
    not_called = {
        "call": ("forward", _CONTRACT),
        "__call__": ("forward", _CONTRACT),
        "get_initial_state": (None, "leave it out: a sequence begins with zeros, or with layer(x, initial_state=...)"),
    }
    not_taken = {
        "batch_input_shape": "begin the model with Input(batch_shape=...)",
        "weights": "build the layer, and call set_weights",
        "lora_rank": "leave it out: the weights themselves are trained",
    }
    supports_masking: ClassVar[bool] = False  # whether a mask on the input still holds for the output
    uses_mask: ClassVar[bool] = False  # whether `forward` takes a `mask`
    makes_mask: ClassVar[bool] = False  # whether `compute_mask` finds a mask where none came
    casts_input: bool = True  # whether the input becomes the layer's float type (ids and text do not)
    keeps_whole: ClassVar[bool] = False  # whether whole numbers stay such: they are moved, not reckoned with
    warned_of_mask: bool = False
    input_spec: InputSpec | None = None

    def __init__(
        self,
        *,
        activity_regularizer=None,
        trainable: bool = True,
        dtype: str | None = None,
        name: str | None = None,
        input_shape: Any = None,
        input_dim: int | None = None,
    ):
        dtype = config.standardize_float(dtype or config.floatx())
        super().__init__(name or snake_case(type(self).__name__), trainable, dtype)
        self.activity_regularizer = regularizers.get(activity_regularizer)
        if name is not None and not isinstance(name, str):
            raise ArgumentError(f"{type(self).__name__}(name=...)", expected="a string", received=repr(name))
        self.named_by_user = name is not None
        self._saved: Any = _Nothing
        self.activity: np.ndarray | None = None  # the y that the activity regularizer looks at
        input_shape = input_shape if input_dim is None else (input_dim,)
        self.declared_shape: Shape | None = None if input_shape is None else (None, *as_shape(self.where, input_shape))

    # -- to be written by each layer
    def build(self, input_shape: Shape) -> None:
        """Make the weights for inputs of this shape, whose batch axis is None."""

    def forward(self, x, training: bool = False):
        """Give y, and keep in `self.saved` what `backward` needs."""
        raise StateError(f"{type(self).__name__} has no forward", mend=_CONTRACT)

    def backward(self, dy):
        """Add to the gradients of the weights, and give dx."""
        raise StateError(f"{type(self).__name__} has no backward", mend=_CONTRACT)

    def backward_weights(self, dy) -> Any:
        """What `backward` does for the weights: asked of the first layer that learns, whose dx nobody needs."""
        self.backward(dy)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of y for an x of this shape: found by a trial run, where a layer does not say it."""
        self.ensure_built(input_shape)
        trial = copy.deepcopy(self)  # so that what this one saved stays
        ran = [shape_given(self.where, trial.forward(trial.zeros(input_shape, size))) for size in (2, 3)]
        return tuple(a if a == b else None for a, b in zip(*ran, strict=True))

    def compute_mask(self, x, mask=None):
        """The mask of y, for the mask of x: the same where `supports_masking`, else none."""
        return mask if self.supports_masking else None

    # -- to be used by everyone
    def __call__(self, x, training: bool = False, mask=None):
        """Build the layer if need be, check x, and run `forward`."""
        if mask is not None and not self.uses_mask:
            mend = "leave it out; a class says `uses_mask = True` where its forward takes one"
            raise ArgumentError(f"{self.where}: mask", expected="none", received=f"a {type(mask).__name__}", mend=mend)
        x, more = self.admit(x), (mask,) if self.uses_mask else ()
        with passing(training):
            y = self.forward(x, training, *more)
        self.activity = y if self.activity_regularizer is not None and isinstance(y, np.ndarray) else None
        return y

    def admit(self, x) -> np.ndarray:
        """x as the layer computes with it; the layer is built for it if need be, and x checked."""
        x = self.as_input(x)
        self.ensure_built(x.shape)
        if self.input_spec is not None:
            self.input_spec.check(x.shape, self.where)
        return x

    def as_input(self, x) -> np.ndarray:
        """x as an array of the type that the layer computes in."""
        try:
            x = np.asarray(x)
        except ValueError:
            given = f"a {type(x).__name__} of rows that differ"
            raise DataError(self.where, expected="rows of equal shape", received=given) from None
        if x.dtype.kind not in "fiub" and self.casts_input:
            raise DataError(self.where, expected="numbers", received=f"an array of {x.dtype}")
        return self.cast(x)

    def cast(self, x: np.ndarray) -> np.ndarray:
        """x in the type that the layer computes in, where that is another."""
        if not self.casts_input or x.dtype == self.dtype:
            return x
        moved = self.keeps_whole and self.activity_regularizer is None and x.dtype.kind in "iub"
        return x if moved else x.astype(self.dtype)

    def ensure_built(self, input_shape) -> None:
        """Check the shape, and build the layer for it unless that is done."""
        if not self.built:
            shape = (None, *input_shape[1:])
            if self.input_spec is not None:
                self.input_spec.check(shape, self.where)
            known = {id(weight) for weight in self.weights}
            self.build(shape)
            self._built_shape, within = shape, self.sublayers()
            self._alone = not within
            if not all(layer.built for layer in within):  # a trial run builds those that build() left out
                self.forward(self.zeros(shape))
                self.forget()
                self.reset_states()
            self.set_paths(known)
            self.freeze_within()

    def zeros(self, shape: Shape, unknown: int = 2) -> np.ndarray:
        """An x to try the layer out on, with so many entries where the length is not known."""
        take(f"{self.where}: an input", shape)
        return np.zeros([size or unknown for size in shape], self.dtype)

    @property
    def head(self) -> activations.Activation | None:
        """The activation that is the last thing `forward` does, if there is one."""
        return None

    @property
    def saved(self) -> Any:
        """What `forward` kept for `backward`."""
        if self._saved is _Nothing:
            raise StateError(f"{self.where}: backward before forward", mend="run forward on a batch first")
        return self._saved

    @saved.setter
    def saved(self, value: Any) -> None:
        self._saved = value

    def forget(self, activity: bool = True) -> None:
        """Drop what `forward` kept, here and in the layers within; with `activity` False not what penalties look at."""
        self._saved = _Nothing
        self.activity = None if activity else self.activity
        if not self._alone:  # at inference a model asks each layer at each step
            for layer in self.sublayers():
                layer.forget(activity)

    # -- shape, penalties and config
    @property
    def input_shape(self) -> Shape:
        """The shape that the layer was built for."""
        if self._built_shape is None:
            raise StateError(f"{self.where} has no shape yet", mend="give the model an Input, or data")
        return self._built_shape

    @property
    def output_shape(self) -> Shape:
        """The shape of y for the shape that the layer was built for."""
        return self.compute_output_shape(self.input_shape)

    @property
    def input(self) -> KerasTensor:
        """The x that it was built for: its shape, no numbers."""
        return KerasTensor(self.input_shape, self.dtype)

    @property
    def output(self) -> KerasTensor:
        """The y of that x: its shape, no numbers."""
        return KerasTensor(self.output_shape, self.dtype)

    @property
    def losses(self) -> list[float]:
        """The penalties: of the regularized weights, and of the last forward pass's activities."""
        found = [w.regularizer(w.value) for w in self._weights if w.regularizer is not None and w.trainable]
        if self.activity_regularizer is not None and self.activity is not None:
            found.append(self.activity_regularizer(self.activity) / len(self.activity))
        return found + [penalty for layer in self.sublayers() for penalty in layer.losses]


registry: Registry[Layer] = Registry("layer", Layer)
