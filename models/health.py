"""Health: the first value that is not finite ends training, and the message says where it came from."""

import math
from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from ..callbacks import TerminateOnNaN
from ..errors import NonFiniteError
from ..optimizers.layout import Flat
from ..utils.checks import one_of
from .advice import advise
from .culprit import FORWARD, UPDATE, Culprit, bad_weight, search
from .sources import Batch
from .suspicions import Suspicions

if TYPE_CHECKING:
    from ..layers.base import Layer
    from .step import Step

MODES = ("raise", "warn", "off")
SHOWN = 8  # rows named in a message
SHUFFLES = "_generator"  # a model's own generator, which no step draws from
MENDS = {
    "weight": "lower the learning rate; the weights were finite one update before",
    "loss": "look at these rows' targets: the loss has no finite value for them",
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
        self.known: Any = None  # the layers that were looked up
        self.generators: list[Any] = []
        self.states: list[dict[str, Any]] = []  # of the generators, before the step
        self.carried: list[tuple[np.ndarray, np.ndarray]] = []  # what layers carry along, and as it was before the step
        self.flats: Sequence[Flat] = ()  # the weights of the last step
        self.begin()

    def begin(self, callbacks: Sequence[Any] = (), source: Any = None) -> None:
        """A run begins. A `TerminateOnNaN` among the callbacks makes "raise" a "warn", so that it can stop the run."""
        waits = any(isinstance(callback, TerminateOnNaN) for callback in callbacks)
        self.acts = "warn" if self.mode == "raise" and waits else self.mode
        self.source, self.suspicions = source, Suspicions()
        self.loss = self.norm = math.nan  # of the last healthy step
        self.squares = 0.0  # the gradients' norm, squared, of this one
        self.told_evaluation = False

    def watch(self, layers: list["Layer"]) -> None:
        """Look up what a step changes besides the weights: generators, and what layers carry along."""
        weights = [weight for layer in layers for weight in layer._weights]
        if (layers, len(weights)) == self.known:  # as an epoch before
            return
        self.known = layers, len(weights)
        attributes = {id(value): value for layer in layers for name, value in vars(layer).items() if name != SHUFFLES}
        self.generators = [v.bit_generator for v in attributes.values() if isinstance(v, np.random.Generator)]
        carried = {id(w): w for w in weights if w.carried and w.value.dtype.kind == "f"}
        self.carried = [(weight.value, weight.numpy()) for weight in carried.values()]
        if self.mode == "off":
            self.generators, self.carried = [], []

    def remember(self) -> None:
        """A step begins: keep what its forward pass will change."""
        if self.generators:
            self.states = [generator.state for generator in self.generators]
        for value, kept in self.carried:
            kept[...] = value

    def restore(self) -> None:
        """Set back what the forward pass has changed."""
        for generator, state in zip(self.generators, self.states, strict=True):
            generator.state = state
        for value, kept in self.carried:
            value[...] = kept

    def update(self, step: "Step", batch: Batch, y_pred: Any, loss: float, place: tuple[int, int] | None) -> None:
        """The update of a step, unless its loss or a gradient is not finite."""
        optimizer, share = step.model.optimizer, step.passes.share
        if self.suspicions.looking:
            self.suspicions.look(step, batch, y_pred, loss)
            self.batch = batch
        if self.acts == "off":
            optimizer.step(step.variables, share)
        elif isfinite(loss) and optimizer.step(step.variables, share, self._are_finite):
            self.loss, self.norm = loss, self.squares
        else:
            self._report(step, batch, loss, place)
            optimizer.step(step.variables, share)

    def _are_finite(self, flats: Sequence[Flat]) -> bool:
        """Whether all gradients are finite, by their norm; a norm too large for the type is looked at closely."""
        squares = 0.0
        for flat in flats:
            squares += float(np.vdot(flat.grad, flat.grad))  # np.vdot, unlike np.dot, does not warn of an overflow
        self.squares, self.flats = squares, flats
        return squares < math.inf or all(bool(np.isfinite(flat.grad).all()) for flat in flats)

    def end_epoch(self, model: "Layer", place: tuple[int, int]) -> None:
        """The look at the weights, which sees a last update that no step has come after; and at dead layers."""
        self.suspicions.end_epoch(model, self.batch, place[0])
        self.batch = None
        if self.acts == "off":
            return
        values = [flat.value for flat in self.flats] + [value for value, _ in self.carried]
        if not all(np.vdot(value, value) < math.inf for value in values):
            culprit = bad_weight(model)
            if culprit is not None:
                self._say(self._error(model, culprit, math.nan, place))

    def end_evaluation_step(self, step: "Step", batch: Batch, loss: float) -> None:
        """Warn, once a run, of a loss that is not finite where nothing is trained."""
        if isfinite(loss) or self.acts == "off" or self.told_evaluation:
            return
        self.told_evaluation = True
        advise(f"evaluation: {self._error(step.model, search(step, batch, training=False), loss, None)}")

    # -- the report
    def _report(self, step: "Step", batch: Batch, loss: float, place: tuple[int, int] | None) -> None:
        """Raise the error, or warn and leave everything as the step's own passes left it."""
        model, states = step.model, [generator.state for generator in self.generators]
        carried = [value.copy() for value, _ in self.carried]
        self.restore()
        try:
            culprit = search(step, batch)
        finally:
            self.restore()
        error = self._error(model, culprit, loss, place)
        if self.acts == "raise":
            model.forget()
            for variable in step.variables:
                variable.reset_grad()
        self._say(error)
        for generator, state in zip(self.generators, states, strict=True):
            generator.state = state
        for (value, _), after in zip(self.carried, carried, strict=True):
            value[...] = after

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
        if culprit is None:
            what = f"the loss is {loss}" if not isfinite(loss) else "a gradient is not finite"
            problem, kind = f"{what} {when}", None
        elif culprit.phase == UPDATE:
            problem = f"{culprit.who}, update: {culprit.what} is {culprit.value} before the forward pass {when}"
            kind = "weight"
        else:
            problem = f"{culprit.who}, {culprit.phase} pass: {culprit.what} is {culprit.value} {when}"
            kind = "loss" if culprit.layer is None and culprit.phase == FORWARD else culprit.phase
        lines = [problem]
        rows = culprit.rows if culprit is not None else None
        data_rows = self._rows_of_data(rows)
        if rows is not None:
            lines.append(f"Rows of the batch: {_listed(rows)}" + (f"; of x: {_listed(data_rows)}" if data_rows else ""))
        with np.errstate(over="ignore", invalid="ignore"):
            weight_norms = {w.path: float(np.linalg.norm(w.value)) for w in model.weights if w.trainable}
        norm = math.sqrt(self.norm) if self.norm >= 0 else math.nan
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

    def _rows_of_data(self, rows: list[int] | None) -> list[int]:
        """The rows of fit's x that these rows of the batch are, where all samples lie in arrays."""
        drawn = getattr(self.source, "drawn", None)
        return [] if drawn is None or rows is None else [int(drawn[row]) for row in rows if row < len(drawn)]


def _listed(rows: list[int]) -> str:
    more = f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
    return ", ".join(map(str, rows[:SHOWN])) + more
