"""Health: the first value that is not finite ends training, and the message says where it came from."""

import math
from collections.abc import Sequence
from math import inf, isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import vdot

from ..callbacks import TerminateOnNaN
from ..errors import NonFiniteError
from ..optimizers.layout import Flat
from ..optimizers.vectors import length
from ..utils.advice import advise
from ..utils.checks import one_of
from .batches import Batch
from .before import Before
from .culprit import FORWARD, UPDATE, Culprit, bad_weight, search
from .suspicions import Suspicions

if TYPE_CHECKING:
    from ..layers.base import Layer
    from .step import Step

MODES = ("raise", "warn", "off")
SHOWN = 8  # rows named in a message
BEGINNING = "beginning"  # a weight that was not finite before the first step
MENDS = {
    "weight": "lower the learning rate; or, if it is no weight that is trained, set it to finite numbers and scale x",
    BEGINNING: "no update of this run did it: load weights that are finite, or build the model anew",
    "loss": "look at these rows: their targets, and whether the output has grown beyond all measure, in which case "
    "lower the learning rate, or scale x and y",
    "forward": "scale x (a Normalization layer), lower the learning rate, or clip the gradients (clipnorm=1.0)",
    "backward": "clip the gradients (clipnorm=1.0), scale x, or keep the layer away from where its slope is infinite",
    None: "it did not happen again on the same batch: look at layers that draw or remember by themselves",
}


class Health:
    """What looks after the steps of a run: the loss and the norm of the gradients at each, the weights at each epoch.

    Only when one of them is not finite, the step's passes are run again, with the same random draws, to find the layer.
    Nothing is updated before the look; so in mode "raise" weights, moving means and generators stay those of the last
    healthy step. "warn" says the same once a run, and goes on.
    """

    def __init__(self, mode: str):
        self.mode = one_of("compile", "on_nonfinite", mode, MODES)
        self.batch: Batch | None = None  # the last one, where a suspicion needs it
        self.before = Before()
        self.flats: Sequence[Flat] = ()  # the weights of the last step
        self.begin()

    def begin(self, callbacks: Sequence[Any] = (), source: Any = None) -> None:
        """A run begins. A `TerminateOnNaN` among the callbacks makes "raise" a "warn", so that it can stop the run."""
        waits = any(isinstance(callback, TerminateOnNaN) for callback in callbacks)
        self.acts = "warn" if self.mode == "raise" and waits else self.mode
        self.source, self.suspicions = source, Suspicions()
        self.loss = self.squares = math.nan  # of the last healthy step: the loss, and the gradients' norm squared
        self.known: float | None = None  # the squares of this step, where they came with the gradients
        self.told_evaluation = False

    def watch(self, layers: list["Layer"]) -> None:
        """Look up what a step changes besides the weights."""
        self.before.watch(layers if self.mode != "off" else [])

    def update(self, step: "Step", batch: Batch, y_pred: Any, loss: float, place: tuple[int, int] | None) -> None:
        """The update of a step, unless its loss or a gradient is not finite."""
        if self.suspicions.looking:
            self.suspicions.look(step, batch, y_pred)
            self.batch = batch
        take, variables, share = step.model.optimizer.step, step.variables, step.passes.share
        self.known = None if step.penalised else step.passes.squares
        if self.acts == "off":
            take(variables, share)
        elif isfinite(loss) and take(variables, share, self._are_finite):
            self.loss = loss
        else:
            self._report(step, batch, loss, place)
            take(variables, share)

    def _are_finite(self, flats: Sequence[Flat]) -> bool:
        """Whether all gradients are finite, by their norm; a norm too large for the type is looked at closely."""
        squares = self.known
        if squares is None:
            squares = 0.0
            for flat in flats:
                squares += flat.sum_of_squares()
        if squares < inf:
            self.squares, self.flats = squares, flats
            return True
        for flat in flats:
            flat.settle()
        if not all(bool(np.isfinite(flat.grad).all()) for flat in flats):
            return False
        self.squares, self.flats = sum(length(flat.grad) ** 2 for flat in flats), flats
        return True

    def end_epoch(self, model: "Layer", place: tuple[int, int]) -> None:
        """The look at the weights, which sees a last update that no step has come after; and at dead layers."""
        self.suspicions.end_epoch(model, self.batch, place[0])
        self.batch = None
        if self.acts == "off":
            return
        values = [flat.value for flat in self.flats] + [
            weight.value for weight, _ in self.before.carried if weight.value.dtype.kind == "f"
        ]
        self.flats = ()  # a run's end moves the weights: the memory they had is free then
        if not all(vdot(value, value) < inf for value in values):
            culprit = bad_weight(model)
            if culprit is not None:
                self._say(self._error(model, culprit, math.nan, place))

    def end_evaluation_step(self, step: "Step", batch: Batch, loss: float) -> None:
        """Warn, once a run, of a loss that is not finite where nothing is trained."""
        if isfinite(loss) or self.acts == "off" or self.told_evaluation:
            return
        self.told_evaluation = True
        with self.before.held():
            culprit = search(step, batch, training=False)
        advise(f"evaluation: {self._error(step.model, culprit, loss, None)}")

    # -- the report
    def _report(self, step: "Step", batch: Batch, loss: float, place: tuple[int, int] | None) -> None:
        """Raise the error, or warn and leave everything as the step's own passes left it."""
        model = step.model
        with self.before.held():
            self.before.restore()
            culprit = search(step, batch)
        error = self._error(model, culprit, loss, place)
        if self.acts == "raise":
            self.before.restore()
            model.forget()
            for variable in step.variables:
                variable.reset_grad()
        self._say(error)

    def _say(self, error: NonFiniteError) -> None:
        if self.acts == "raise":
            raise error
        self.acts = "off"  # once is enough: all that follows is likely not finite either
        advise(str(error))

    def _error(
        self, model: "Layer", culprit: Culprit | None, loss: float, place: tuple[int, int] | None
    ) -> NonFiniteError:
        """The error, with everything that is known."""
        when = "on this batch" if place is None else f"in epoch {place[0] + 1}, step {place[1] + 1}"
        problem, kind = self._problem(culprit, loss, when)
        lines = [problem]
        rows = culprit.rows if culprit is not None else None
        data_rows = self._rows_of_data(rows)
        if rows is not None:
            lines.append(f"Rows of the batch: {_listed(rows)}" + (f"; of x: {_listed(data_rows)}" if data_rows else ""))
        with np.errstate(over="ignore", invalid="ignore"):
            weight_norms = {w.path: float(np.linalg.norm(w.value)) for w in model.weights if w.trainable}
        norm = math.sqrt(self.squares)
        if isfinite(self.loss):
            lines.append(f"Last healthy step: loss {self.loss:.6g}, gradient norm {norm:.6g}")
        finite = {path: length for path, length in weight_norms.items() if isfinite(length)}
        if finite:
            largest = max(finite, key=finite.__getitem__)
            total = math.hypot(*finite.values())
            lines.append(f"Norm of the weights: {total:.6g}, the largest '{largest}' {finite[largest]:.6g}")
        error = NonFiniteError(".\n".join(lines), mend=MENDS[kind])
        error.layer, error.phase = (None, None) if culprit is None else (culprit.layer, culprit.phase)
        error.rows, error.data_rows = rows or [], data_rows
        error.epoch, error.step = (None, None) if place is None else place
        error.loss, error.gradient_norm, error.weight_norms = self.loss, norm, weight_norms
        return error

    def _problem(self, culprit: Culprit | None, loss: float, when: str) -> tuple[str, str | None]:
        """What is wrong, and the key of its mend."""
        if culprit is None:
            what = f"the loss is {loss}" if not isfinite(loss) else "a gradient is not finite"
            return f"{what} {when}", None
        if culprit.phase == UPDATE:
            problem = f"{culprit.who}, update: {culprit.what} is {culprit.value} before the forward pass {when}"
            return problem, "weight" if isfinite(self.loss) else BEGINNING
        kind = "loss" if culprit.layer is None and culprit.phase == FORWARD else culprit.phase
        return f"{culprit.who}, {culprit.phase} pass: {culprit.what} is {culprit.value} {when}", kind

    def _rows_of_data(self, rows: list[int] | None) -> list[int]:
        """The rows of fit's x that these rows of the batch are, where all samples lie in arrays."""
        drawn = getattr(self.source, "drawn", None)
        return [] if drawn is None or rows is None else [int(drawn[row]) for row in rows if row < len(drawn)]


def _listed(rows: list[int]) -> str:
    more = f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
    return ", ".join(map(str, rows[:SHOWN])) + more
