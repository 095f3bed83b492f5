"""Initializers whose spread depends on how many inputs and outputs a weight joins, so that signals keep their size."""

import math
from collections.abc import Sequence

import numpy as np

from ..errors import OptionError, ShapeError
from ..utils.checks import number, one_of
from .base import RandomInitializer, registry
from .distributions import standard_normal, truncated_normal, uniform

Axes = Sequence[int] | None
Seed = int | np.random.Generator | None

TRUNCATED_STDDEV = 0.87962566103423978  # of standard normal numbers that are held within -2 and 2
MODES = ("fan_in", "fan_out", "fan_avg")
DISTRIBUTIONS = ("truncated_normal", "untruncated_normal", "uniform")


def fans(shape: tuple[int, ...], input_axes: Axes = None, output_axes: Axes = None) -> tuple[int, int]:
    """How many inputs and how many outputs each number of a weight has a share in: fan-in and fan-out.

    A matrix ``(inputs, outputs)`` has just these; a kernel ``(..., channels in, channels out)`` of a convolution both
    times its receptive field, the product of the sizes before; a vector its length, twice; a single number 1. With
    `input_axes` and `output_axes` they are the products of those sizes.

    >>> fans((3, 5)), fans((2, 2, 3, 5)), fans((7,)), fans((2, 3, 5), input_axes=[0], output_axes=[1, 2])
    ((3, 5), (12, 20), (7, 7), (2, 15))
    """
    if input_axes is not None and output_axes is not None:
        if not all(-len(shape) <= axis < len(shape) for axis in (*input_axes, *output_axes)):
            raise ShapeError(
                "the fans of a weight",
                expected=f"input_axes={input_axes} and output_axes={output_axes} among its axes",
                received=str(shape),
            )
        return math.prod(shape[axis] for axis in input_axes), math.prod(shape[axis] for axis in output_axes)
    if len(shape) < 2:
        size = math.prod(shape)
        return size, size
    field = math.prod(shape[:-2])
    return field * shape[-2], field * shape[-1]


class VarianceScaling(RandomInitializer):
    """Numbers of mean 0 and variance `scale` / fan.

    `mode` says which fan: ``"fan_in"``, ``"fan_out"``, or the mean of both, ``"fan_avg"`` (see `fans`, which
    `input_axes` and `output_axes` go to). `distribution` says how the numbers spread: ``"uniform"``, up to
    ±√(3·scale/fan); ``"untruncated_normal"``; or ``"truncated_normal"``, within two standard deviations of a normal
    distribution so wide that what is left has this variance (``"normal"`` means the same).

    Raises OptionError if `scale` is no number above 0, `mode` or `distribution` are unknown, or one of `input_axes`
    and `output_axes` comes without the other; ShapeError if the weight has no such axes.

    Sources: Glorot & Bengio, *Understanding the Difficulty of Training Deep Feedforward Neural Networks* (2010); He,
    Zhang, Ren & Sun, *Delving Deep into Rectifiers* (2015); LeCun, Bottou, Orr & Müller, *Efficient BackProp* (1998).

    >>> w = VarianceScaling(scale=2.0, mode="fan_in", seed=0)((200, 500))
    >>> round(float(w.var() * 200), 1)
    2.0
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: Seed = None,
        input_axes: Axes = None,
        output_axes: Axes = None,
    ):
        where = type(self).__name__
        self.scale = number(where, "scale", scale, 0)
        if self.scale == 0:
            raise OptionError(f"{where}(scale=...)", expected="a number above 0", received=repr(scale))
        self.mode = one_of(where, "mode", mode, MODES)
        distribution = distribution.lower() if isinstance(distribution, str) else distribution
        distribution = "truncated_normal" if distribution == "normal" else distribution
        self.distribution = one_of(where, "distribution", distribution, DISTRIBUTIONS)
        if (input_axes is None) != (output_axes is None):
            raise OptionError(
                f"{where}(input_axes=..., output_axes=...)",
                expected="both or neither",
                received=f"{input_axes} and {output_axes}",
            )
        self.input_axes = _checked_axes(where, "input_axes", input_axes)
        self.output_axes = _checked_axes(where, "output_axes", output_axes)
        super().__init__(seed)

    def draw(self, rng, shape, dtype):
        fan_in, fan_out = fans(shape, self.input_axes, self.output_axes)
        fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        stddev = math.sqrt(self.scale / max(1, fan))
        if self.distribution == "uniform":
            limit = math.sqrt(3) * stddev
            return uniform(rng, shape, dtype, -limit, limit)
        if self.distribution == "untruncated_normal":
            z = standard_normal(rng, shape, dtype)
        else:
            z = truncated_normal(rng, shape, dtype)
            stddev /= TRUNCATED_STDDEV
        z *= stddev
        return z


def _checked_axes(where: str, name: str, axes: Axes) -> list[int] | None:
    if axes is None:
        return None
    if not isinstance(axes, list | tuple) or not all(isinstance(axis, int | np.integer) for axis in axes):
        raise OptionError(f"{where}({name}=...)", expected="a list of whole numbers, or None", received=repr(axes))
    return [int(axis) for axis in axes]


class GlorotUniform(VarianceScaling):
    """Even numbers up to ±√(6 / (fan-in + fan-out)); also known as Xavier's.

    >>> w = GlorotUniform(seed=0)((400, 200))
    >>> round(float(w.min() * 10), 2), round(float(w.max() * 10), 2)
    (-1.0, 1.0)
    """

    def __init__(self, seed: Seed = None, input_axes: Axes = None, output_axes: Axes = None):
        super().__init__(1.0, "fan_avg", "uniform", seed, input_axes, output_axes)


class GlorotNormal(VarianceScaling):
    """Truncated normal numbers of variance 2 / (fan-in + fan-out); also known as Xavier's.

    >>> w = GlorotNormal(seed=0)((400, 200))
    >>> round(float(w.std() / (2 / 600) ** 0.5), 2)
    1.0
    """

    def __init__(self, seed: Seed = None, input_axes: Axes = None, output_axes: Axes = None):
        super().__init__(1.0, "fan_avg", "truncated_normal", seed, input_axes, output_axes)


class LecunUniform(VarianceScaling):
    """Even numbers up to ±√(3 / fan-in).

    >>> w = LecunUniform(seed=0)((400, 200))
    >>> round(float(w.max() / (3 / 400) ** 0.5), 2)
    1.0
    """

    def __init__(self, seed: Seed = None, input_axes: Axes = None, output_axes: Axes = None):
        super().__init__(1.0, "fan_in", "uniform", seed, input_axes, output_axes)


class LecunNormal(VarianceScaling):
    """Truncated normal numbers of variance 1 / fan-in; what SELU wants.

    >>> w = LecunNormal(seed=0)((400, 200))
    >>> round(float(w.std() / (1 / 400) ** 0.5), 2)
    1.0
    """

    def __init__(self, seed: Seed = None, input_axes: Axes = None, output_axes: Axes = None):
        super().__init__(1.0, "fan_in", "truncated_normal", seed, input_axes, output_axes)


class HeUniform(VarianceScaling):
    """Even numbers up to ±√(6 / fan-in).

    >>> w = HeUniform(seed=0)((400, 200))
    >>> round(float(w.max() / (6 / 400) ** 0.5), 2)
    1.0
    """

    def __init__(self, seed: Seed = None, input_axes: Axes = None, output_axes: Axes = None):
        super().__init__(2.0, "fan_in", "uniform", seed, input_axes, output_axes)


class HeNormal(VarianceScaling):
    """Truncated normal numbers of variance 2 / fan-in; what rectifiers want.

    >>> w = HeNormal(seed=0)((400, 200))
    >>> round(float(w.std() / (2 / 400) ** 0.5), 2)
    1.0
    """

    def __init__(self, seed: Seed = None, input_axes: Axes = None, output_axes: Axes = None):
        super().__init__(2.0, "fan_in", "truncated_normal", seed, input_axes, output_axes)


registry.add(VarianceScaling, "variance_scaling")
registry.add(GlorotUniform, "glorot_uniform")
registry.add(GlorotNormal, "glorot_normal")
registry.add(LecunUniform, "lecun_uniform")
registry.add(LecunNormal, "lecun_normal")
registry.add(HeUniform, "he_uniform")
registry.add(HeNormal, "he_normal")
