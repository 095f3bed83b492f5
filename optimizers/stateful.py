"""What an optimizer remembers: its count of steps, its learning rate, its slots; to be listed, saved and restored."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from .. import initializers
from ..config import floatx
from ..errors import Absent, ArgumentError, OptionError, ShapeError, StateError, did_you_mean
from ..utils.checks import number
from ..utils.component import Component, serialize, snake_case
from ..utils.registration import get_registered_object
from ..utils.variable import Variable
from .layout import Layout, Slot
from .schedules.base import LearningRateSchedule
from .schedules.base import registry as schedules


class Stateful(Component):
    """The memory's half of `Optimizer`. All of it stands in `variables`: nothing is left out of a saved state."""

    # the first is a number, a schedule or a function, and `get_config` says which; the other is always None
    not_in_config = frozenset({"learning_rate", "loss_scale_factor"})

    lr = Absent("call it learning_rate")
    not_taken = {
        "lr": "call it learning_rate",
        # Keras 3 takes it, and ignores it with a warning
        "decay": "leave it out as Keras 3 does, or give learning_rate=schedules.InverseTimeDecay(rate, 1, decay)",
    }

    def __init__(self, learning_rate: Any, gradient_accumulation_steps: int | None, name: str | None):
        if not isinstance(name, str | None):
            raise ArgumentError(f"{type(self).__name__}(name=...)", expected="a string", received=repr(name))
        self.name = name or snake_case(type(self).__name__)
        self.iterations = Variable(0, dtype="int64", trainable=False, name="iteration")
        self._rate = Variable(0.0, dtype="float64", trainable=False, name="learning_rate")
        self._schedule: Callable[..., Any] | None = None  # a schedule, or a function without arguments
        self._take_rate(learning_rate)
        self._layout = Layout()
        self._added: list[Variable] = []
        self.gradient_accumulation_steps, self._every = gradient_accumulation_steps, gradient_accumulation_steps or 1
        # how many gradients were gathered for the next update
        self._gathered = self.add_variable(dtype="int64", name="gathered") if gradient_accumulation_steps else None

    # -- the learning rate
    def _take_rate(self, rate: Any) -> None:
        rate = schedules.from_dict(rate) if isinstance(rate, dict) else rate
        rate = get_registered_object(rate) or rate if isinstance(rate, str) else rate  # a function's, of a config
        function = callable(rate) and not isinstance(rate, type | LearningRateSchedule)
        if function:
            self._check_function(rate)
        self._schedule = rate if function or isinstance(rate, LearningRateSchedule) else None
        if self._schedule is None:
            self._rate.value[...] = self._as_rate(rate)

    def _check_function(self, function: Callable[..., Any]) -> None:
        try:
            inspect.signature(function).bind()
        except TypeError:
            mend = (
                "to follow the step, subclass optimizers.schedules.LearningRateSchedule and write __call__(self, step)"
            )
            raise OptionError(
                f"{type(self).__name__}(learning_rate=...)",
                expected="a function without arguments",
                received=repr(function),
                mend=mend,
            ) from None

    def _as_rate(self, rate: Any) -> float:
        rate = float(rate) if isinstance(rate, Variable | np.ndarray) and rate.ndim == 0 else rate
        try:
            return number(type(self).__name__, "learning_rate", rate, 0)
        except OptionError as error:
            error.expected = "a number from 0, a LearningRateSchedule, or a function that gives a number"
            raise

    def _rate_now(self) -> float:
        if self._schedule is None:
            return float(self._rate.value)
        if not isinstance(self._schedule, LearningRateSchedule):
            return self._as_rate(self._schedule())
        steps = int(self.iterations.value)
        if self._gathered is not None:  # as in Keras, a schedule counts the steps, not the updates
            steps = steps * self._every + int(self._gathered.value)
        return float(self._schedule(steps))

    @property
    def learning_rate(self) -> Any:
        """The learning rate: a Variable (`float()` reads it, `assign` sets it), or what a schedule or function gives.

        It can be set to a number, a schedule or a function; where one of the last two stands, only to such.
        """
        return self._rate if self._schedule is None else self._rate_now()

    @learning_rate.setter
    def learning_rate(self, rate: Any) -> None:
        if self._schedule is not None and not (isinstance(rate, dict) or callable(rate)):
            kind = "schedule" if isinstance(self._schedule, LearningRateSchedule) else "function"
            raise ArgumentError(
                f"{self.name}: the learning rate follows a {kind}",
                expected=f"another {kind}",
                received=repr(rate),
                mend="make the optimizer with a number, if its learning rate is to be set",
            )
        self._take_rate(rate)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal one, with the rate as it is now, the schedule, or the function's name."""
        rate = float(self._rate) if self._schedule is None else self._schedule
        return {"learning_rate": serialize(rate)} | super().get_config()

    # -- the variables
    def slots(self) -> Sequence[Slot]:
        """What the rule remembers of each variable."""
        return ()

    def own_slots(self) -> Sequence[Slot]:
        """What is remembered of each variable whatever the rule."""
        return ()

    def decay_of(self, variable: Variable) -> str:
        """The argument that says how much the variable shrinks at each update."""
        return "weight_decay"

    def add_variable(
        self,
        shape: tuple[int, ...] = (),
        initializer: Any = "zeros",
        dtype: str | None = None,
        name: str | None = None,
    ) -> Variable:
        """A variable of the optimizer's own, which is saved and restored with the rest of its state.

        Raises OptionError for a name that one has already.
        """
        name = name or f"variable_{len(self._added)}"
        if name in ("iterations", "learning_rate", *(variable.name for variable in self._added)):
            raise OptionError(f"{self.name}: add_variable", expected="a name that is new", received=repr(name))
        variable = Variable(initializers.get(initializer), tuple(shape), dtype or floatx(), trainable=False, name=name)
        variable.path = f"{self.name}/{variable.name}"
        self._added.append(variable)
        return variable

    @property
    def variables(self) -> list[Variable]:
        """The count of steps, the learning rate where it is a number, and all slots, in Keras's order."""
        return list(self._named().values())

    def slot(self, variable: Variable, name: str) -> np.ndarray:
        """What is remembered of a variable, by Keras's name of the slot; writing into it changes it.

        >>> import lamina
        >>> w = lamina.Variable([1.0])
        >>> adam = lamina.optimizers.Adam()
        >>> _ = adam.apply_gradients([([2.0], w)])
        >>> adam.slot(w, "momentum")
        array([0.2], dtype=float32)
        """
        symbols = {slot.name: slot.symbol for slot in (*self.own_slots(), *self.slots())}
        for known, parts in self._layout.memory:
            if known is variable and symbols.get(name) in parts:
                return parts[symbols[name]]
        raise OptionError(f"{self.name} has no slot '{name}' of '{variable.path}'", mend=did_you_mean(name, symbols))

    def _named(self) -> dict[str, Variable]:
        named = {"iterations": self.iterations} | ({"learning_rate": self._rate} if self._schedule is None else {})
        for run in runs([*self.own_slots(), *self.slots()]):
            for index, (variable, parts) in enumerate(self._layout.memory):
                for slot in run:
                    if slot.symbol in parts:
                        name = f"{variable.path.replace('/', '_')}_{slot.name}"
                        named[f"{slot.name}/{index}"] = found = Variable.of(parts[slot.symbol], name)
                        found.path = f"{self.name}/{name}"
        return named | {variable.name: variable for variable in self._added}

    @property
    def met(self) -> list[Variable]:
        """The variables that it has moved, in the order in which it met them: that of their slots."""
        return [variable for variable, _ in self._layout.memory]

    def keep(self, variables: Sequence[Variable]) -> None:
        """Forget what is remembered of all other variables: their layers have left the model."""
        kept = {id(variable) for variable in variables}
        self._layout.memory = [pair for pair in self._layout.memory if id(pair[0]) in kept]

    # -- saved and restored
    def get_state(self) -> dict[str, np.ndarray]:
        """All that a run needs to go on as if it had not stopped, as arrays by name."""
        return {key: variable.numpy() for key, variable in self._named().items()}

    def set_state(self, state: dict[str, Any]) -> None:
        """Restore what `get_state` gave, once `build` or a step has said for which variables.

        Raises StateError where there are other slots than in the state, ShapeError where one differs in shape; nothing
        is changed then.
        """
        named = self._named()
        if set(state) != set(named):
            raise StateError(
                f"{self.name}: set_state",
                expected=", ".join(named),
                received=", ".join(state),
                mend="call build(variables) with the same variables, on an optimizer of the same arguments",
            )
        self._assign(list(named.values()), [state[key] for key in named])

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set all `variables`, in their order; none, if one does not fit, which raises ShapeError."""
        if len(weights) != len(self.variables):
            raise ShapeError(
                f"{self.name}: set_weights", expected=f"{len(self.variables)} arrays", received=str(len(weights))
            )
        self._assign(self.variables, weights)

    # -- as Keras's files list it
    def listed(self, variables: Sequence[Variable]) -> list[np.ndarray]:
        """What Keras would remember of these variables, in its order: the arrays themselves, but for the first.

        That is the count of steps, of which `gradient_accumulation_steps` make an update. A slot that is not there yet
        begins; one that a variable never has is what Keras keeps in its place.
        """
        met = {id(variable): parts for variable, parts in self._layout.memory}
        found = [self.iterations.value * self._every + (0 if self._gathered is None else self._gathered.value)]
        found += [] if self._schedule is not None else [self._rate.value]
        for run in runs([*self.own_slots(), *self.slots()]):
            for variable in variables:
                for slot in (slot for slot in run if slot.of(variable)):
                    shape, known = slot.shape(variable.shape), met.get(id(variable), {}).get(slot.symbol)
                    if shape is None:
                        found.append(np.zeros(slot.place(variable.shape), variable.dtype))
                    else:
                        start = variable.value if slot.start is None else slot.start
                        found.append(np.full(shape, start, variable.dtype) if known is None else known)
        return found + [variable.value for variable in self._added if variable is not self._gathered]

    def take_listed(self, variables: Sequence[Variable], arrays: Sequence[np.ndarray]) -> bool:
        """Go on from what `listed` gave for these variables, once `build` has made the slots.

        Without slots the arrays are of an optimizer that made no step. False, and nothing is changed, where they are
        those of another one.
        """
        own = self.listed(variables)
        few = 1 + (self._schedule is None)
        if len(arrays) not in (few, len(own)) or any(a.shape != o.shape for a, o in zip(arrays, own, strict=False)):
            return False
        for mine, array in zip(own[1:], arrays[1:], strict=False):
            mine[...] = array
        updates, gathered = divmod(int(arrays[0]), self._every)
        self.iterations.assign(updates)
        if self._gathered is not None:
            self._gathered.assign(gathered)
        return True

    def _assign(self, variables: Sequence[Variable], values: Sequence[Any]) -> None:
        for variable, value in zip(variables, values, strict=True):
            if np.shape(value) != variable.shape:
                raise ShapeError(
                    f"{self.name}: '{variable.name}'", expected=str(variable.shape), received=str(np.shape(value))
                )
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)


def runs(slots: Sequence[Slot]) -> Iterator[list[Slot]]:
    """The slots in groups that are listed together: one that is `beside` the slot before it joins its group."""
    run: list[Slot] = []
    for slot in slots:
        if run and not slot.beside:
            yield run
            run = []
        run.append(slot)
    if run:
        yield run
