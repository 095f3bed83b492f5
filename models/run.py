"""A run of `fit`: how far it has come, and its whole state, to be kept in a file and gone on from."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..callbacks import BackupAndRestore, CallbackList
from ..errors import LaminaError, StateError
from ..layers.calls import within
from ..utils import seeds
from ..utils.advice import advise
from ..utils.component import serialize
from ..utils.state import pack, unpack
from . import archive
from .batches import Batch
from .epochs import Epochs
from .interrupts import Interrupts
from .objective import Objective
from .passes import Passes
from .settings import difference, versions

if TYPE_CHECKING:
    from .model import Model

FORMAT = 1  # of a state
MISFITS = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)  # what comes of data of another shape
MENDS = {
    "threads": "call lamina.config.set_threads({})",
    "compiled": "call lamina.config.set_compiled({})",
    "format": "go on with the lamina that began the run",
}


@dataclass
class Progress:
    """How far a run has come: `step` steps of the epoch `epoch`, both from 0, and `total` steps in all.

    `over` : whether a callback ended the run; `logs` : the values of the last epoch that is done.
    """

    epoch: int
    step: int = 0
    total: int = 0
    over: bool = False
    logs: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises TypeError for what a file may hold, but no run has."""
        if not all(type(count) is int for count in (self.epoch, self.step, self.total)) or type(self.logs) is not dict:
            raise TypeError("progress")


class Run:
    """One run of `fit`: the model, what it trains on, who listens, and how far it has come.

    `settings` is what has to be the same when the run is gone on with. What `get_state` gives is the whole state
    between two steps: `set_state` in another process, and the run ends as it would have here.
    """

    def __init__(
        self,
        model: "Model",
        objective: Objective,
        batches: Epochs,
        watched: Epochs | None,
        callbacks: CallbackList,
        epochs: int,
        progress: Progress,
        settings: Callable[[], dict[str, Any]],
    ):
        self.model, self.objective, self.batches, self.watched = model, objective, batches, watched
        self.callbacks, self.epochs, self.progress = callbacks, epochs, progress
        steps = None if batches.steps is None else batches.steps * (epochs - progress.epoch)
        loss = objective.loss if objective.loss_weight == 1 else None
        self.passes = Passes(model, trains=True, loss=loss, steps=steps)
        self.interrupts = Interrupts()
        self.shapes: list[list[int]] | None = None  # of x and y of the first batch: what the model was built for
        self.keepers = [callback for callback in callbacks.callbacks if isinstance(callback, BackupAndRestore)]
        self.settings: Any = None
        if self.keepers:
            self.settings = pack(serialize(settings() | {"callbacks": list(callbacks.get_state())}))[0]
            for part in self._epochs():
                part.source.remember()

    def _epochs(self) -> list[Epochs]:
        return [self.batches] if self.watched is None else [self.batches, self.watched]

    # -- its course
    def begin(self) -> None:
        """Begin: anew, or where a run that was stopped had come to."""
        found = (keeper.find(self) for keeper in self.keepers)
        state = next((state for state in found if state is not None), None)
        self.model.stop_training = False
        self.callbacks.on_train_begin()
        if state is not None:
            if state["progress"]["step"]:  # callbacks open what they need for the epoch; what they change is set below
                self.callbacks.on_epoch_begin(state["progress"]["epoch"])
            self.set_state(state)

    def begin_epoch(self) -> None:
        """Begin the next epoch, unless the run goes on in the middle of it."""
        if self.progress.step == 0:
            self.objective.reset(self.batches.source.lasting)
            self.callbacks.on_epoch_begin(self.progress.epoch)
            self.model.reset_grad()  # a layer that is trained from now on may have gathered gradients while frozen

    def left(self) -> Iterator[Batch]:
        """The batches that are left of this epoch."""
        ended = self.progress.step and self.model.stop_training  # within the epoch, before the run was stopped
        return iter(()) if ended else self.batches.epoch(self.progress.step)

    def end_step(self, batch: Batch) -> None:
        """Count a step, which all callbacks have heard of."""
        self.progress.step += 1
        self.progress.total += 1
        if self.keepers:
            self.shapes = self.shapes or [list(np.shape(batch.x)), list(np.shape(batch.y))]
            self._keep()
        if self.interrupts.waits:
            self.interrupts.deliver()

    def end_epoch(self, logs: dict[str, Any]) -> None:
        """Count an epoch."""
        self.callbacks.on_epoch_end(self.progress.epoch, logs)
        self.progress.epoch, self.progress.step, self.progress.logs = self.progress.epoch + 1, 0, logs
        self.progress.over = self.model.stop_training
        self._keep()

    def end(self) -> None:
        """The run is over."""
        self.callbacks.on_train_end(self.progress.logs)
        for keeper in self.keepers:
            keeper.finish()

    def release(self) -> None:
        """Let go of what the run held, its end come or not: the model can go on either way."""
        self.objective.settle()
        self.model.forget()
        self.model.reset_grad()
        self.callbacks.close_bars()

    def _keep(self) -> None:
        for keeper in self.keepers:
            keeper.keep(self)

    # -- its state
    def get_state(self) -> dict[str, Any]:
        """All that changes in a run, as a tree of plain data and arrays; some are the run's own, not copies."""
        model, weights = self.model, self.model.weights
        number = {id(weight): index for index, weight in enumerate(weights)}
        model.optimizer.keep(weights)
        return {
            "progress": asdict(self.progress),
            "shapes": self.shapes,
            "weights": {f"{index}/{weight.path}": weight.value for index, weight in enumerate(weights)},
            "trained": [weight.trainable for weight in weights],
            "trainable": [layer._trainable for layer in within(model)],
            "met": [number[id(weight)] for weight in model.optimizer.met],
            "optimizer": model.optimizer.get_state(),
            "layers": [layer.get_state() for layer in within(model)],
            "metrics": [metric.get_state() for metric in model.metrics],
            "stop_training": bool(model.stop_training),
            "epochs": [epochs.get_state() for epochs in self._epochs()],
            "callbacks": self.callbacks.get_state(),
            "seeds": seeds.get_state(),
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Go to where the run was that gave this state. Raises StateError for one that does not fit."""
        try:
            self._set_state(state)
        except LaminaError:
            raise
        except MISFITS as error:
            said = f"{type(error).__name__}: {error}"
            raise StateError("the state kept does not fit this run", received=said) from error

    def _set_state(self, state: dict[str, Any]) -> None:
        model = self.model
        self.progress, self.shapes = Progress(**state["progress"]), state["shapes"]
        x_shape, y_shape = (tuple(shape) for shape in state["shapes"])
        self.objective.resolve(y_shape, model._admit_shape(x_shape))

        model.set_weights(list(state["weights"].values()))
        for layer, trainable in zip(within(model), state["trainable"], strict=True):
            layer._trainable = trainable
        for weight, trained in zip(model.weights, state["trained"], strict=True):
            weight.trainable = trained
        model.optimizer.build([model.weights[index] for index in state["met"]])
        model.optimizer.set_state(state["optimizer"])
        for layer, of_layer in zip(within(model), state["layers"], strict=True):
            layer.set_state(of_layer)  # of the model itself, too: the generator of the shuffles
        for metric, of_metric in zip(model.metrics, state["metrics"], strict=True):
            metric.set_state(of_metric)
        for epochs, of_epochs in zip(self._epochs(), state["epochs"], strict=True):
            epochs.set_state(of_epochs)
        self.callbacks.set_state(state["callbacks"])
        model.stop_training = state["stop_training"]
        seeds.set_state(state["seeds"])  # last: the data that were run over may have drawn from them

    # -- its file
    def save(self, path: Path) -> None:
        """Write the state into a file, whole or not at all."""
        document, arrays = pack(self.get_state(), "run")
        training = {"format": FORMAT, "versions": versions(), "settings": self.settings, "state": document}
        archive.write(path, {"training": training}, {"training": arrays})

    def read(self, path: Path) -> dict[str, Any]:
        """The state in a file. Raises StateError, naming what differs, if it is that of a run of other settings."""
        found = archive.read(path, ["training"], ["training"])
        try:
            kept = found.documents["training"]
            form, settings, written_by = kept["format"], kept["settings"], kept["versions"]
            state: Any = unpack(kept["state"], found.arrays["training"]) if form == FORMAT else None
            if state is not None:
                Progress(**state["progress"])
        except (LaminaError, *MISFITS) as error:
            raise StateError(
                f"{path} is no backup of a run", mend="give BackupAndRestore a folder of its own"
            ) from error
        other = ("format", form, FORMAT) if state is None else difference(settings, self.settings)
        if other is not None:
            place, then, now = other
            mend = MENDS.get(place, "fit as that run did").format(then)
            raise StateError(
                f"the backup {path} is of another run: {place}",
                expected=f"{_short(then)}, as in the run that was stopped",
                received=_short(now),
                mend=f"{mend}, or delete the file to begin anew",
            )
        other = difference(written_by, versions())
        if other is not None:
            place, then, now = other
            advise(f"the run was stopped under {place} {then} and goes on under {now}: the last bits may differ")
        return state


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) < 200 else f"{text[:200]}..."
