"""The arguments that every optimizer has besides its own, and the checks of an optimizer's arguments."""

from typing import Any, TypedDict

from ..errors import OptionError
from ..utils.checks import number


class CommonOptions(TypedDict, total=False):
    """The arguments that every optimizer has. `loss_scale_factor`, for float16, can only be None."""

    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None
    use_ema: bool
    ema_momentum: float
    ema_overwrite_frequency: int | None
    loss_scale_factor: float | None
    gradient_accumulation_steps: int | None
    name: str | None


class OptimizerOptions(CommonOptions, total=False):
    """The arguments that every optimizer has but AdamW, which brings a `weight_decay` of its own."""

    weight_decay: float | None


def positive(where: str, name: str, value: Any) -> float:
    """The value as a float above 0.

    >>> positive("Adam", "epsilon", 1e-7)
    1e-07
    """
    try:
        found = number(where, name, value, 0)
    except OptionError:
        found = 0.0
    if found == 0:
        raise OptionError(f"{where}({name}=...)", expected="a number above 0", received=repr(value))
    return found


def decay_rate(where: str, name: str, value: Any) -> float:
    """The value as a float from 0 to below 1: how much of a moving average is kept.

    >>> decay_rate("Adam", "beta_1", 0.9)
    0.9
    """
    return number(where, name, value, 0, 1, open_high=True)
