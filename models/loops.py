"""The loop over epochs and batches behind `fit`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import config
from ..callbacks import CallbackList
from ..callbacks.progress import VERBOSE
from ..errors import DataError, OptionError
from ..utils.advice import advise
from ..utils.checks import one_of, positive_int, truth, unless_none, whole_number
from .admission import admit_all, ready, weigh
from .entrance import Takes
from .epochs import Epochs
from .evaluation import floats, test_epoch
from .interrupts import heard
from .objective import Objective
from .run import Progress, Run
from .settings import settings_of
from .sources import Arrays, Source, as_source
from .step import Step
from .suspicions import look_at_setup

if TYPE_CHECKING:
    from .model import Model


@dataclass
class TrainingData:
    """The arguments of `fit` that say what to train on."""

    x: Any
    y: Any
    sample_weight: Any
    class_weight: dict[int, float] | str | None
    batch_size: int | None
    shuffle: bool
    steps: int | None

    def __post_init__(self) -> None:
        self.shuffle = truth("fit", "shuffle", self.shuffle)
        self.batch_size = unless_none(positive_int, "fit", "batch_size", self.batch_size)
        self.steps = unless_none(positive_int, "fit", "steps_per_epoch", self.steps)


@dataclass
class Validation:
    """The arguments of `fit` that say what to look at after an epoch, and when."""

    data: Any
    split: float
    steps: int | None
    batch_size: int | None
    freq: Any

    def __post_init__(self) -> None:
        self.batch_size = unless_none(positive_int, "fit", "validation_batch_size", self.batch_size)
        self.steps = unless_none(positive_int, "fit", "validation_steps", self.steps)
        if isinstance(self.freq, list | tuple | set):
            self.freq = [positive_int("fit", "validation_freq", epoch) for epoch in self.freq]
        else:
            self.freq = positive_int("fit", "validation_freq", self.freq)

    def due(self, epoch: int) -> bool:
        """Whether the epoch, counted from 1, is one after which to look."""
        return epoch % self.freq == 0 if isinstance(self.freq, int) else epoch in self.freq

    def source(self, training: Source, takes: Takes) -> tuple[Source, Source | None]:
        """What is trained on, and what is looked at after an epoch."""
        if self.data is not None:
            parts = self.data if isinstance(self.data, tuple | list) else (self.data,)
            if isinstance(self.data, tuple | list) and len(parts) not in (2, 3):
                raise OptionError(
                    "fit(validation_data=...)",
                    expected="(x, y) or (x, y, sample_weight)",
                    received=f"{len(parts)} parts",
                )
            x, y, weight = (*parts, None, None)[:3]
            return training, as_source(x, y, weight, self.batch_size if y is not None else None, takes)
        if self.split:
            if not isinstance(training, Arrays):
                raise OptionError(
                    "fit(validation_split=...)",
                    expected="arrays to split",
                    received="batches that come one by one",
                    mend="pass validation_data",
                )
            return training.split(self.split, self.batch_size or training.batch_size)
        return training, None


@dataclass
class Plan:
    """The arguments of `fit` that say how long to train, and who listens."""

    epochs: int
    initial_epoch: int
    verbose: int | str
    callbacks: Any

    def __post_init__(self) -> None:
        self.epochs = whole_number("fit", "epochs", self.epochs)
        self.initial_epoch = whole_number("fit", "initial_epoch", self.initial_epoch)
        one_of("fit", "verbose", self.verbose, VERBOSE)


def fit(model: "Model", objective: Objective, data: TrainingData, validation: Validation, plan: Plan):
    """Train; see `Model.fit`."""
    run = prepare(model, objective, data, validation, plan)
    class_weight = None if isinstance(run.batches.source, Arrays) else data.class_weight
    try:
        with heard() as run.interrupts, run.passes:
            run.begin()
            while run.progress.epoch < run.epochs and not run.progress.over:
                run.begin_epoch()
                logs = train_epoch(run, class_weight)
                if logs is None:
                    break
                if run.watched is not None and validation.due(run.progress.epoch + 1):
                    results = test_epoch(model, objective, run.passes, run.watched, run.callbacks)
                    logs |= {f"val_{name}": value for name, value in results.items()}
                    logs = dict(sorted(logs.items()))
                run.end_epoch(logs)
            model.optimizer.finalize_variable_values(model.trainable_variables)
        run.end()
    finally:  # an error, or a KeyboardInterrupt, leaves a model that can go on, too
        run.release()
    return model.history


def prepare(model: "Model", objective: Objective, data: TrainingData, validation: Validation, plan: Plan) -> Run:
    """A run of `fit`: its data looked at, all but those that come one by one, and its callbacks together."""
    source = as_source(data.x, data.y, data.sample_weight, data.batch_size, model.takes)
    whole = source
    source, held_out = validation.source(source, model.takes)
    admit_all(model, objective, source, "")
    if held_out is not None:
        admit_all(model, objective, held_out, "validation ")

    limit = config.max_steps_per_epoch()
    batches = Epochs(source, data.steps, limit, model._generator if data.shuffle else None)
    watched = None if held_out is None else Epochs(held_out, validation.steps, limit)
    epochs = min(plan.epochs, config.max_epochs() or plan.epochs)
    callbacks = CallbackList.of(
        plan.callbacks, model, add_history=True, verbose=plan.verbose, epochs=epochs, steps=batches.steps
    )

    def settings() -> dict[str, Any]:
        freq = validation.freq if isinstance(validation.freq, int) else sorted(validation.freq)
        arguments = {"initial_epoch": plan.initial_epoch, "validation_freq": freq, "class_weight": data.class_weight}
        parts = {"data": batches.describe(), "validation": None if watched is None else watched.describe()}
        return settings_of(model, objective) | parts | arguments

    objective.health.begin(callbacks.callbacks, source)
    objective.health.suspicions.told_output = look_at_setup(model, objective, whole, source, held_out, validation.split)
    run = Run(model, objective, batches, watched, callbacks, epochs, Progress(plan.initial_epoch), settings)
    weigh(model, source, objective, data.class_weight)
    return run


def train_epoch(run: Run, class_weight: dict[int, float] | str | None) -> dict[str, Any] | None:
    """What is left of one epoch of training: its running results by name; None if a generator has nothing left."""
    model, objective, callbacks, progress = run.model, run.objective, run.callbacks, run.progress
    step, heard, others = None, callbacks.hears_batches("train"), callbacks.others_hear_batches("train")
    run.passes.begin()
    for batch in run.left():
        admitted = ready(model, objective, run.batches.source, batch, progress.step, progress.epoch, class_weight)
        step = step or Step(model, objective, run.passes)  # once the first batch has built the model
        if heard:
            callbacks.on_train_batch_begin(progress.step)
        if others:
            run.passes.look()
        step.train(admitted, (progress.epoch, progress.step))
        if heard:
            callbacks.on_train_batch_end(progress.step, floats(objective.results()))
        run.end_step(admitted)
        if model.stop_training:
            break
    if progress.step == 0 and progress.total > 0:
        advise(f"the generator is used up: training ends after epoch {progress.epoch} of {run.epochs}")
        return None
    if progress.step == 0:
        raise DataError(
            "no batch to train on", expected="at least one", received="none: the generator is used up or empty"
        )
    objective.health.end_epoch(model, (progress.epoch, progress.step - 1))
    return floats(objective.results())
