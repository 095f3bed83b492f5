"""Optimizer: what every optimizer is, a rule that moves weights by their gradients, and what is done around it."""

import inspect
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, ClassVar

import numpy as np

from ..errors import ArgumentError, OptionError, ShapeError, StateError
from ..utils.advice import advise
from ..utils.checks import number, one_of, unless_none, whole_number
from ..utils.component import Registry
from ..utils.rows import merge
from ..utils.subnormals import without_subnormals
from ..utils.variable import Variable
from .arguments import positive
from .by_rows import ByRows
from .clipping import CLIPS, global_norm
from .layout import Flat, Layout, Maker, Share, Slot
from .stateful import Stateful
from .vectors import average

SHARED = 4  # pieces that are worth a second process
Acceptance = Callable[[Sequence[Flat]], bool]


class Optimizer(ByRows, Stateful):
    """A rule that moves variables by their gradients. Write `update_step`, and `slots` if it remembers anything.

    ``update_step(g, w, rate, room, **slots)`` changes the values w in place. g is the gradient, which may be
    overwritten; `room` an array to work in; the slots come by their symbols; all have the shape of w. `rate` is what
    ``factors(rate, t)`` made of the learning rate for the t-th update. An `elementwise` rule is handed stretches of the
    flat buffers, across variables; any other rule one variable at a time, in its shape.

    `learning_rate` (lr in the formulas) is a number, a schedule of `optimizers.schedules`, or a function without
    arguments that gives the number, and is called at each step.

    One step, for the variables w with gradients g, in this order:

    1. With `gradient_accumulation_steps` k, gradients are gathered; only every k-th step takes 2 to 4, with their mean.
    2. Clipping: each number of g to ±`clipvalue`, or each variable's g to the length `clipnorm`, or all g together to
       the length `global_clipnorm`.
    3. Decay: w ← w - rate·`weight_decay`·w, but for what `exclude_from_weight_decay` names.
    4. The rule.
    5. With `use_ema`, a moving average of each weight: a ← μ·a + (1 - μ)·w, μ = `ema_momentum`, which begins as the w
       after the first update. Every `ema_overwrite_frequency` updates, w ← a; in the end `finalize_variable_values`.
    6. Constraints.

    Raises OptionError or ArgumentError for arguments out of range or of the wrong type, and for two kinds of clipping.

    >>> class Signs(Optimizer):
    ...     elementwise = True
    ...     def update_step(self, g, w, rate, room):
    ...         np.sign(g, out=g)
    ...         g *= rate
    ...         w -= g
    >>> w = Variable(np.array([1.0, 2.0]))
    >>> _ = Signs(0.5).apply_gradients([([3.0, -4.0], w)])
    >>> w.value
    array([0.5, 2.5])
    """

    elementwise: ClassVar[bool] = False  # whether the rule treats each number apart from all others

    def __init_subclass__(cls, **kwargs: Any):
        super().__init_subclass__(**kwargs)
        taken = inspect.signature(cls.update_step).parameters
        if len(taken) < 5 and all(known.kind == known.POSITIONAL_OR_KEYWORD for known in taken.values()):  # Keras's
            received = ", ".join(taken)
            raise ArgumentError(f"{cls.__name__}.update_step", expected="self, g, w, rate, room", received=received)

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
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
    ):
        where = type(self).__name__
        one_of(where, "loss_scale_factor", loss_scale_factor, (None,), "leave it out: no gradient here is a float16")
        steps = unless_none(whole_number, where, "gradient_accumulation_steps", gradient_accumulation_steps, 2)
        super().__init__(learning_rate, steps, name)
        self.weight_decay = unless_none(number, where, "weight_decay", weight_decay, 0)
        self.clipnorm = unless_none(positive, where, "clipnorm", clipnorm)
        self.clipvalue = unless_none(positive, where, "clipvalue", clipvalue)
        self.global_clipnorm = unless_none(positive, where, "global_clipnorm", global_clipnorm)
        self._clips = [(name, limit) for name in CLIPS if (limit := getattr(self, name)) is not None]
        if len(self._clips) > 1:
            received = " and ".join(name for name, _ in self._clips)
            raise OptionError(f"{where}: clipping", expected=f"one of {', '.join(CLIPS)}", received=received)

        self.use_ema = bool(use_ema)
        self.ema_momentum = number(where, "ema_momentum", ema_momentum, 0, 1)
        self.ema_overwrite_frequency = unless_none(
            whole_number, where, "ema_overwrite_frequency", ema_overwrite_frequency, 1
        )
        if ema_overwrite_frequency is not None and not use_ema:
            raise OptionError(f"{where}: ema_overwrite_frequency without an average", mend="add use_ema=True")

        self._empty: Maker = np.empty
        self._undecayed: list[Variable] = []
        self._undecayed_names: list[str] = []

    # -- to be written by each rule
    def update_step(self, g: np.ndarray, w: np.ndarray, rate: Any, room: np.ndarray, *args: Any, **slots: Any) -> None:
        """Change the values w, and the slots, in place, by the gradient g."""
        raise StateError(
            f"{type(self).__name__} has no update_step",
            mend="an optimizer of your own writes update_step(g, w, rate, room)",
        )

    def factors(self, rate: float, t: int) -> Any:
        """What is the same for all numbers in the t-th update, t = 1, 2, ...: `update_step` gets it as its `rate`."""
        return rate

    # -- the step
    def step(self, variables: Sequence[Variable], share: Share | None = None, accept: Acceptance | None = None) -> bool:
        """Move the variables by the gradients gathered in them, and let these begin anew.

        `share`, where given, may have other processes do part of the work: see `Share`.

        `accept`, where given, looks at the gradients first; with its no nothing is done. Gives whether a step was made.
        """
        layout = self._laid_out(variables)
        layout.settle(by_rows=True)
        if accept is not None and not accept(layout.flats):
            return False
        t = int(self.iterations.value) + 1
        due = self._gather(layout)
        if due:
            for kind, limit in self._clips:
                CLIPS[kind](layout.flats, limit)
            self._update(layout, self._rate_now(), t, share)
        if self.use_ema:
            self._average(layout, t)
        for variable in layout.variables:
            if variable.constraint is not None:
                variable.assign(variable.constraint(variable.value))
            variable.reset_grad()
        if due:
            self.iterations.value[...] = t
        if self._gathered is not None:
            self._gathered.value[...] = 0 if due else self._gathered.value + 1
        return True

    def _gather(self, layout: Layout) -> bool:
        """Whether an update is due; if it is, the gradients are the mean of those gathered for it."""
        if self._gathered is None:
            return True
        due = int(self._gathered.value) + 1 == self._every
        for flat in layout.flats:
            gathered = flat.slots["gathered"]
            gathered += flat.grad
            if due:
                np.divide(gathered, self._every, out=flat.grad)
                gathered.fill(0)
        return due

    def _update(self, layout: Layout, rate: float, t: int, share: Share | None) -> None:
        factors = self.factors(rate, t)
        for index, flat in enumerate(layout.flats):
            decay = rate * (getattr(self, flat.decay) or 0.0) if flat.decay else 0.0
            request = index, factors, decay, bool(flat.rows)
            work = partial(self.sweep, *request)
            if share is None or not self.elementwise:
                work(slice(None))
            else:
                share(len(flat.pieces), SHARED, work, "sweep", *request)

    def sweep(self, index: int, factors: Any, decay: float, by_rows: bool, span: slice) -> None:
        """Update a span of the pieces of one of the flat buffers, by rows if its gradient came so."""
        flat = self._layout.flats[index]
        pieces, rows, first = flat.pieces[span], None, 0
        if by_rows:  # then they are of a table
            first, count = pieces[0].start, sum(len(piece.w) for piece in pieces)
            rows = merge([table.within(first, count) for table in flat.rows])
        for g, w, slots, start in pieces:
            space = flat.room[: g.size].reshape(g.shape)
            if decay:
                np.multiply(w, decay, out=space)
                w -= space
            if rows is not None:
                self.update_rows(*rows.within(start - first, len(w)), w, factors, space, **slots)
            else:
                self.update_step(g, w, factors, space, **slots)

    def _average(self, layout: Layout, t: int) -> None:
        overwrite = self.ema_overwrite_frequency is not None and t % self.ema_overwrite_frequency == 0
        for flat in layout.flats:  # the gradient was used: its buffer is room to work in
            average(flat.slots["average"], flat.value, self.ema_momentum if t > 1 else 0.0, room=flat.grad)
            if overwrite:
                flat.value[...] = flat.slots["average"]

    def gradient_norm(self, variables: Sequence[Variable] | None = None) -> float:
        """The length of all gradients gathered for the next step; of the last step's variables if none are given."""
        layout = self._laid_out(self._layout.variables if variables is None else variables)
        layout.settle()
        return global_norm(layout.flats)

    @without_subnormals
    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None) -> None:
        """One step with these gradients, one for each of the variables; these are by default the last step's.

        A variable whose gradient is None is left out, with a warning. Raises StateError without any variables,
        ArgumentError if there are not as many gradients, or none at all, ShapeError if one does not fit.
        """
        if trainable_variables is None and not self._layout.variables:
            raise StateError(f"{self.name}: apply without variables", mend="pass them, or call build(variables) first")
        variables = list(self._layout.variables if trainable_variables is None else trainable_variables)
        if len(grads) != len(variables):
            raise ArgumentError(f"{self.name}: apply", expected=f"{len(variables)} gradients", received=str(len(grads)))
        without = [variable.path for variable, grad in zip(variables, grads, strict=True) if grad is None]
        if len(without) == len(variables):
            raise ArgumentError(f"{self.name}: apply", expected="a gradient for some variable", received="none")
        if without:
            advise(f"{self.name}: no gradient, and so no update, for {', '.join(without)}")
        pairs = [(np.asarray(g), v) for g, v in zip(grads, variables, strict=True) if g is not None]
        for grad, variable in pairs:
            if grad.shape != variable.shape:
                raise ShapeError(
                    f"{self.name}: gradient of '{variable.path}'",
                    expected=str(variable.shape),
                    received=str(grad.shape),
                )
        for grad, variable in pairs:
            variable.grad = grad
        self.step([variable for _, variable in pairs])

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> Variable:
        """One step with pairs (gradient, variable); gives the count of updates. Raises what `apply` does."""
        pairs = list(grads_and_vars)
        self.apply([grad for grad, _ in pairs], [variable for _, variable in pairs])
        return self.iterations

    # -- the variables
    def own_slots(self):
        found = [Slot("average", "average", start=None)] if self.use_ema else []
        return found + ([Slot("gathered", "gradient_accumulator")] if self._gathered is not None else [])

    def build(self, variables: Sequence[Variable]) -> None:
        """Move the variables into flat buffers, and make the slots; a step does it by itself."""
        self._lay_out(list(variables))

    def _laid_out(self, variables: Sequence[Variable]) -> Layout:
        if not self._layout.holds(variables):
            self._lay_out(variables)
        return self._layout

    def _lay_out(self, variables: Sequence[Variable]) -> None:
        decays = [None if self.is_undecayed(variable) else self.decay_of(variable) for variable in variables]
        rule = self.slots(), self.elementwise, self.by_rows
        self._layout = Layout(variables, self.own_slots(), *rule, decays, self._layout, self._empty)

    @property
    def flats(self) -> list[Flat]:
        """The flat buffers of the last step's variables."""
        return self._layout.flats

    def move(self, variables: Sequence[Variable], empty: Maker) -> None:
        """Have these variables, and what is remembered of them, in buffers that `empty` makes, from now on."""
        if self._empty != empty or not self._layout.holds(variables):
            self._empty = empty
            self._lay_out(variables)

    def is_undecayed(self, variable: Variable) -> bool:
        """Whether `exclude_from_weight_decay` named the variable."""
        named = any(name in variable.path for name in self._undecayed_names)
        return named or any(variable is one for one in self._undecayed)

    def exclude_from_weight_decay(
        self, var_list: Iterable[Variable] | None = None, var_names: str | Iterable[str] | None = None
    ) -> None:
        """Let these variables, and those whose path (``dense/bias``) holds one of these words, not shrink."""
        self._undecayed += var_list or ()
        self._undecayed_names += [var_names] if isinstance(var_names, str) else var_names or ()
        self._lay_out(self._layout.variables)

    def finalize_variable_values(self, var_list: Iterable[Variable]) -> None:
        """With `use_ema`, set the variables to their averages: what `fit` does at its end."""
        wanted = {id(variable) for variable in var_list}
        for variable, slots in self._layout.memory if self.use_ema else ():
            if id(variable) in wanted:
                variable.assign(slots["average"])


registry: Registry[Optimizer] = Registry("optimizer", Optimizer, any_case=True)
