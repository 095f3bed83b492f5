"""ModelCheckpoint: the model in a file, after each epoch or so many steps, or only the best one."""

import os
from pathlib import Path

from ..errors import OptionError, did_you_mean
from ..utils.atomic import naming
from ..utils.checks import file_path, number, unless_none
from ..utils.endings import check_ending
from .base import frequency, verbosity
from .monitor import Monitor


class ModelCheckpoint(Monitor):
    """Save the model while it trains. Each file appears when it is whole; the one before it stands until then.

    Arguments
    - `filepath`: the file, which ends in ``.lamina``, or in ``.keras`` or ``.h5`` for one that Keras reads; with
      `save_weights_only` in ``.weights.lamina`` or ``.weights.h5``. Values may stand in it, as in
      ``"runs/{epoch:02d}-{val_loss:.2f}.lamina"``: the epoch and batch, from 1, and those of the logs.
    - `save_best_only`: only if the value `monitor` is better than ever before; `mode`, "min" or "max", says whether
      smaller or larger is better, "auto" tells it from the name. `initial_value_threshold`: the value to beat first.
      As long as the logs never held that value there is no best one, and every model is saved, with a warning.
    - `save_freq`: "epoch", or a number of steps, counted over all epochs; with these, `monitor` is of the epoch so far.
    - `verbose`: 1 to say when a file is written.

    Raises OptionError for arguments out of range, another ending, or a value in `filepath` that the logs do not have;
    FileError where a file can't be written: the run ends there, and the model can go on.

    >>> ModelCheckpoint("best-{epoch}.lamina", save_best_only=True).file(2, 0, {})
    'best-3.lamina'
    """

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
    ):
        name = type(self).__name__
        super().__init__(monitor, mode if save_best_only or mode != "auto" else "min", 0)
        self.mode = mode
        path = file_path(name, "filepath", filepath)
        self.filepath = check_ending(f"{name}(filepath=...)", path, save_weights_only)
        self.verbose = verbosity(name, verbose)
        self.save_best_only, self.save_weights_only = save_best_only, save_weights_only
        self.save_freq = frequency(name, save_freq)
        self.initial_value_threshold = unless_none(number, name, "initial_value_threshold", initial_value_threshold)
        self.best = self.initial_value_threshold
        self.epoch, self.steps, self.compared = 0, 0, False

    def hears_batches(self, kind: str) -> bool:
        return kind == "train" and self.save_freq != "epoch"

    def on_epoch_begin(self, epoch, logs=None) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None) -> None:
        self.steps += 1
        if self.save_freq != "epoch" and self.steps % int(self.save_freq) == 0:
            self.save(self.epoch, batch, logs or {})

    def on_epoch_end(self, epoch, logs=None) -> None:
        if self.save_freq == "epoch":
            self.save(epoch, 0, logs or {})

    def save(self, epoch: int, batch: int, logs: dict) -> None:
        """Write the file, if the value is one to be kept."""
        value = self.value(logs) if self.save_best_only else None
        self.compared = self.compared or value is not None
        # a run that never looks at validation data must not end without a file
        if self.save_best_only and (self.compared if value is None else not self.improves(value, self.best)):
            return
        file = self.file(epoch, batch, logs)
        with naming(file, "written"):
            Path(file).parent.mkdir(parents=True, exist_ok=True)
        (self.model.save_weights if self.save_weights_only else self.model.save)(file)
        if value is not None:
            self.best = float(value)  # now that the file is there
        if self.verbose > 0:
            best = "" if value is None else f", {self.monitor} {value:g} is the best so far"
            print(f"Epoch {epoch + 1}: saved {file}{best}")

    def file(self, epoch: int, batch: int, logs: dict) -> str:
        """The name of the file, with the values in it."""
        values = {"epoch": epoch + 1, "batch": batch + 1} | logs
        try:
            return self.filepath.format(**values)
        except (LookupError, ValueError, TypeError, AttributeError) as error:
            wrong = error.args[0] if isinstance(error, KeyError) else str(error)
            raise OptionError(
                f"ModelCheckpoint(filepath={self.filepath!r})",
                expected="values of the logs in it",
                received=str(wrong),
                mend=did_you_mean(wrong, values),
            ) from error
