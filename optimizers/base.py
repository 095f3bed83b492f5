"""What an optimizer is: a rule that changes a number by its gradient, and what is done around it."""

import math
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, TypedDict

import numpy as np

from ..errors import ArgumentError, OptionError, StateError
from ..utils.checks import number, positive_int
from ..utils.component import Component, Registry, serialize, snake_case
from ..utils.variable import Variable
from .flat import Flat, by_type
from .schedules.base import LearningRateSchedule
from .schedules.base import registry as schedules


class CommonOptions(TypedDict, total=False):
    """The arguments that every optimizer has besides its own and `weight_decay`."""

    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None
    use_ema: bool
    ema_momentum: float
    ema_overwrite_frequency: int | None
    gradient_accumulation_steps: int | None
    name: str | None


class OptimizerOptions(CommonOptions, total=False):
    """The arguments that an optimizer has besides its own."""

    weight_decay: float | None


class Optimizer(Component):
    """A rule that changes variables by their gradients.

    A rule writes `update(w, g, *slots, *scratch, *scalars)`, which works in place on arrays of any shape: `w` the
    values, `g` the gradients, one array for each of `slots` (name and first value), `scratch` arrays of room, and the
    numbers that `prepare(lr, t)` gives for the step: `lr` the learning rate, `t` the step, from 1.

    Each step, in this order: gradients are gathered over `gradient_accumulation_steps` steps, then clipped to
    `clipvalue` each, to the norm `clipnorm` a variable or to `global_clipnorm` all together; weights shrink by
    lr·`weight_decay`; the rule is applied; with `use_ema` the moving average a = μ·a + (1 - μ)·w, μ = `ema_momentum`,
    is taken, and written into the weights every `ema_overwrite_frequency` steps; constraints are kept.

    Raises OptionError for arguments out of range, and for more than one kind of clipping.
    """

    not_in_config = frozenset({"learning_rate"})  # read off by `get_config` itself
    scratch: ClassVar[int] = 1
    whole_variables: ClassVar[bool] = False  # whether the rule looks at a variable as a whole, not number by number

    def __init__(
        self,
        learning_rate: Any = 0.001,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
    ):
        who = type(self).__name__
        self.name = name or snake_case(who)
        self.iterations = Variable(0, dtype="int64", trainable=False, name="iterations")
        self._schedule: Any = None
        self._rate = Variable(0.0, dtype="float64", trainable=False, name="learning_rate")
        self._set_rate(learning_rate)
        self.weight_decay = None if weight_decay is None else number(who, "weight_decay", weight_decay, 0)
        clips = {"clipnorm": clipnorm, "clipvalue": clipvalue, "global_clipnorm": global_clipnorm}
        given = {key: value for key, value in clips.items() if value is not None}
        if len(given) > 1:
            raise OptionError(
                f"{who}: one kind of clipping", expected=f"one of {', '.join(clips)}", received=str(given)
            )
        self.clipnorm, self.clipvalue, self.global_clipnorm = (
            None if value is None else number(who, key, value, math.ulp(0.0)) for key, value in clips.items()
        )
        self.use_ema = use_ema
        self.ema_momentum = number(who, "ema_momentum", ema_momentum, 0, 1)
        optional = {
            "ema_overwrite_frequency": ema_overwrite_frequency,
            "gradient_accumulation_steps": gradient_accumulation_steps,
        }
        self.ema_overwrite_frequency, self.gradient_accumulation_steps = (
            None if value is None else positive_int(who, key, value) for key, value in optional.items()
        )
        self._flats: list[Flat] = []
        self._layout: list[Variable] = []
        self._kept: dict[int, tuple[Variable, dict[str, np.ndarray]]] = {}  # slots of variables not in the layout now
        self._excluded: tuple[set[int], list[str]] = (set(), [])

    # -- the rule, to be written by each optimizer
    def slots(self) -> dict[str, float]:
        """What the rule keeps for each number, by name, and what it begins as."""
        return {}

    def prepare(self, lr: float, t: int) -> tuple[float, ...]:
        """The numbers that stay the same throughout step t."""
        return (lr,)

    def update(self, w: np.ndarray, g: np.ndarray, *rest: Any) -> None:
        """Change w, and the slots, in place."""
        raise StateError(f"{type(self).__name__} has no update", mend="an optimizer writes update(w, g, ...)")

    # -- the step
    def step(self, variables: Sequence[Variable]) -> None:
        """Change the variables by the gradients gathered in them, and let these begin anew."""
        if len(variables) != len(self._layout) or not self._is_laid_out(variables):
            self.build(variables)
        count = int(self.iterations.value)
        every = self.gradient_accumulation_steps or 1
        for flat in self._flats:
            flat.take_gradients()
            if every > 1:
                flat.slots["accumulated"] += flat.grad
        if (count + 1) % every == 0:
            self._apply(count // every)
        if self.use_ema:
            self._average(count // every)
        for variable in self._layout:
            if variable.constraint is not None:
                variable.assign(variable.constraint(variable.value))
            variable.reset_grad()
        self.iterations.value[...] = count + 1

    def _apply(self, count: int) -> None:
        lr = self._current_rate(count)
        if self.gradient_accumulation_steps:
            for flat in self._flats:
                np.multiply(flat.slots["accumulated"], flat.type(1 / self.gradient_accumulation_steps), out=flat.grad)
                flat.slots["accumulated"].fill(0)
        self._clip()
        if self.weight_decay:
            self._decay(1 - lr * self.weight_decay)
        scalars = self.prepare(lr, count + 1)
        for pieces in self._pieces:
            for piece in pieces:
                self.update(*piece, *scalars)

    def _clip(self) -> None:
        if self.clipvalue is not None:
            for flat in self._flats:
                np.clip(flat.grad, -self.clipvalue, self.clipvalue, out=flat.grad)
        elif self.global_clipnorm is not None:
            scale = self.global_clipnorm / max(self.gradient_norm(), self.global_clipnorm)
            for flat in self._flats:
                flat.grad *= scale
        elif self.clipnorm is not None:
            for variable in self._layout:
                variable.grad *= self.clipnorm / max(float(np.linalg.norm(variable.grad)), self.clipnorm)

    def gradient_norm(self) -> float:
        """The length of all gradients of the last step together."""
        return math.sqrt(sum(float(np.dot(flat.grad, flat.grad)) for flat in self._flats))

    def _decay(self, factor: float) -> None:
        ids, words = self._excluded
        for flat in self._flats:
            if not ids and not words:
                flat.value *= factor
                continue
            for variable in flat.variables:
                if id(variable) not in ids and not any(word in variable.path for word in words):
                    variable.value[...] *= factor

    def _average(self, count: int) -> None:
        keep = self.ema_momentum if int(self.iterations.value) else 0.0
        overwrite = self.ema_overwrite_frequency and (count + 1) % self.ema_overwrite_frequency == 0
        for flat in self._flats:
            average = flat.slots["average"]
            average *= keep
            average += flat.type(1 - keep) * flat.value
            if overwrite:
                flat.value[...] = average

    def finalize_variable_values(self, var_list: Iterable[Variable]) -> None:
        """With `use_ema`, let the variables have their averages: what `fit` does at its end."""
        wanted = {id(variable) for variable in var_list}
        for flat in self._flats if self.use_ema else ():
            for place, variable in enumerate(flat.variables):
                if id(variable) in wanted:
                    variable.assign(flat.of(flat.slots["average"], place))

    # -- the variables
    def build(self, variables: Sequence[Variable]) -> None:
        """Lay the variables out in flat buffers; slots that stand already are kept."""
        self._keep_slots()
        slots = self.slots() | ({"average": 0.0} if self.use_ema else {})
        slots |= {"accumulated": 0.0} if self.gradient_accumulation_steps else {}
        self._layout = list(variables)
        self._flats = [Flat(group, slots) for group in by_type(variables)]
        for flat in self._flats:
            for place, variable in enumerate(flat.variables):
                for name, values in self._kept.pop(id(variable), (variable, {}))[1].items():
                    flat.of(flat.slots[name], place)[...] = values
        self._pieces = [self.pieces(flat) for flat in self._flats]

    def pieces(self, flat: Flat) -> list[tuple[Any, ...]]:
        """The arrays that `update` is called with, one call after another."""
        names = list(self.slots())
        return flat.wholes(names) if self.whole_variables else flat.blocks(names, self.scratch)

    def _keep_slots(self) -> None:
        for flat in self._flats:
            for place, variable in enumerate(flat.variables):
                slots = {name: flat.of(buffer, place).copy() for name, buffer in flat.slots.items()}
                self._kept[id(variable)] = (variable, slots)

    def _is_laid_out(self, variables: Sequence[Variable]) -> bool:
        same = all(mine is other for mine, other in zip(self._layout, variables, strict=True))
        return same and all(flat.in_place() for flat in self._flats)

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None) -> None:
        """One step with the gradients given, for the variables given (or those of the last step)."""
        variables = list(self._layout if trainable_variables is None else trainable_variables)
        if len(grads) != len(variables):
            raise ArgumentError(f"{self.name}: apply", expected=f"{len(variables)} gradients", received=str(len(grads)))
        for variable, grad in zip(variables, grads, strict=True):
            variable.grad = np.asarray(grad)
        self.step(variables)

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> None:
        """One step with pairs of a gradient and its variable."""
        pairs = list(grads_and_vars)
        self.apply([grad for grad, _ in pairs], [variable for _, variable in pairs])

    def exclude_from_weight_decay(self, var_list: Iterable[Variable] = (), var_names: Iterable[str] = ()) -> None:
        """Let these variables, and those whose path holds one of these words, not shrink."""
        self._excluded = ({id(variable) for variable in var_list or ()}, list(var_names or ()))

    @property
    def variables(self) -> list[Variable]:
        """The step, the learning rate, and the slots of each variable in turn."""
        found = [self.iterations, self._rate]
        for flat in self._flats:
            for place, variable in enumerate(flat.variables):
                found += [Variable.of(flat.of(b, place), f"{variable.path}_{name}") for name, b in flat.slots.items()]
        return found

    # -- the learning rate
    @property
    def learning_rate(self) -> Any:
        """The rate: a Variable, so that `float(...)` reads and `assign` sets it; of a schedule, the current value."""
        return self._rate if self._schedule is None else self._current_rate(int(self.iterations.value))

    @learning_rate.setter
    def learning_rate(self, rate: Any) -> None:
        if self._schedule is not None and not isinstance(rate, LearningRateSchedule | dict):
            raise StateError(
                f"{self.name}: the learning rate follows a schedule, and can't be set",
                mend="make the optimizer with a number, or set another schedule",
            )
        self._set_rate(rate)

    def _set_rate(self, rate: Any) -> None:
        if isinstance(rate, dict):
            rate = schedules.get(rate)
        if isinstance(rate, LearningRateSchedule):
            self._schedule = rate
        else:
            rate = float(rate) if isinstance(rate, Variable) else rate
            self._rate.assign(number(type(self).__name__, "learning_rate", rate, 0))

    def _current_rate(self, count: int) -> float:
        return float(self._rate.value) if self._schedule is None else float(self._schedule(count))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer; the learning rate is the one of now, or the schedule."""
        rate = float(self._rate.value) if self._schedule is None else serialize(self._schedule)
        return {"learning_rate": rate} | super().get_config()


registry: Registry[Optimizer] = Registry("optimizer", Optimizer)
