"""What an initializer is, and how a layer asks one for the first value of a weight."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from ..config import floatx, standardize_float
from ..errors import ShapeError
from ..utils.component import Component, Registry
from ..utils.seeds import generator


class Initializer(Component):
    """Makes the first value of a weight. One of your own writes ``__call__(self, shape, dtype=None)``.

    One that draws at random may take `rng` besides: the `numpy.random.Generator` of the layer that asks.

    >>> class Ramp(Initializer):
    ...     def __call__(self, shape, dtype=None):
    ...         return np.arange(np.prod(shape)).reshape(shape)
    >>> initialize(Ramp(), (2, 2), "float32", np.random.default_rng(0))
    array([[0., 1.],
           [2., 3.]], dtype=float32)
    """

    def __call__(
        self, shape: tuple[int, ...], dtype: str | None = None, rng: np.random.Generator | None = None
    ) -> np.ndarray:
        """Give an array of this shape and type (None: `config.floatx()`), drawn from `rng` if it is random."""
        raise NotImplementedError(f"{type(self).__name__} has no __call__(shape, dtype=None)")


class RandomInitializer(Initializer):
    """An initializer that draws: from `seed` if it has one, else from the generator handed in.

    The same whole number as `seed` gives the same values at each call; a `numpy.random.Generator` goes on. With neither
    `seed` nor `rng` the values come from the tree that `set_random_seed` fixes.

    Raises OptionError if `seed` is neither a whole number of 0 or more nor a Generator.
    """

    def __init__(self, seed: int | np.random.Generator | None = None):
        if seed is not None:
            generator(seed)  # refuses what is no seed
        self.seed = seed

    def __call__(self, shape, dtype=None, rng=None):
        if self.seed is not None or rng is None:
            rng = generator(self.seed)
        name = standardize_float(dtype or floatx())
        drawn = np.dtype("float64" if name == "float64" else "float32")  # the types that NumPy draws in
        return self.draw(rng, tuple(shape), drawn).astype(name, copy=False)

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """Draw an array of this shape, of type float32 or float64."""
        raise NotImplementedError(f"{type(self).__name__} has no draw")


def initialize(initializer: Callable, shape: tuple[int, ...], dtype: str, rng: np.random.Generator) -> np.ndarray:
    """The value that an initializer, or a function ``f(shape, dtype)`` or ``f(shape)``, gives for a weight.

    `rng` goes to those that name it among their arguments. Raises ShapeError if the value has another shape.

    >>> initialize(lambda shape: np.full(shape, 0.5), (2,), "float32", np.random.default_rng(0))
    array([0.5, 0.5], dtype=float32)
    """
    taken = _arguments(initializer)
    options: dict[str, Any] = {"dtype": dtype, "rng": rng}
    value = np.asarray(initializer(shape, **{name: options[name] for name in options if name in taken}), dtype)
    if value.shape != tuple(shape):
        raise ShapeError(f"initializer {initializer!r}", expected=f"an array of {shape}", received=str(value.shape))
    return value


def _arguments(function: Callable) -> set[str]:
    """The names of a function's arguments; one that takes any, or doesn't tell, counts as taking `dtype`."""
    try:
        found = inspect.signature(function).parameters
    except ValueError:  # one written in C
        return {"dtype"}
    takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in found.values())
    return {*found, "dtype"} if takes_any else set(found)


registry: Registry[Initializer] = Registry("initializer", Initializer)
