"""Small callbacks: a schedule by epoch, a file of values, a stop at NaN, functions as hooks."""

import csv
import inspect
import io
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..errors import ArgumentError, DataError, OptionError
from ..utils.atomic import naming
from ..utils.checks import file_path, text
from .base import Callback, verbosity


class LearningRateScheduler(Callback):
    """Set the learning rate at the beginning of each epoch to ``schedule(epoch, rate)``, or ``schedule(epoch)``.

    The rate of each epoch stands in the history as ``learning_rate``.

    >>> model = lamina.Sequential([lamina.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> halve = LearningRateScheduler(lambda epoch, rate: rate / 2 if epoch else rate)
    >>> history = model.fit(np.ones((4, 2)), np.ones(4), epochs=3, callbacks=[halve], verbose=0)
    >>> history.history["learning_rate"]
    [0.01, 0.005, 0.0025]
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0):
        who = type(self).__name__
        if not callable(schedule):
            raise ArgumentError(
                f"{who}(schedule=...)", expected="a function of epoch and rate", received=repr(schedule)
            )
        self.schedule, self.verbose = schedule, verbosity(who, verbose)
        count = len(inspect.signature(schedule).parameters)
        self.takes_rate = count > 1

    def on_epoch_begin(self, epoch, logs=None) -> None:
        optimizer = self.model.optimizer
        rate = float(optimizer.learning_rate)
        new = self.schedule(epoch, rate) if self.takes_rate else self.schedule(epoch)
        if not isinstance(new, int | float | np.number):
            raise ArgumentError("LearningRateScheduler", expected="a number from the schedule", received=repr(new))
        optimizer.learning_rate = float(new)
        if self.verbose > 0:
            print(f"Epoch {epoch + 1}: learning rate is now {float(new):g}")

    def on_epoch_end(self, epoch, logs=None) -> None:
        if logs is not None:
            logs["learning_rate"] = float(self.model.optimizer.learning_rate)


class CSVLogger(Callback):
    """Write the values of each epoch as a line of a file, as soon as the epoch is done; "NA" where there is none.

    Arguments: `filename`; `separator`; `append`, whether to go on with a file that stands, under its own headline.

    Raises FileError where the file can't be written: the run ends there, and the model can go on.

    >>> import tempfile
    >>> from pathlib import Path
    >>> file = Path(tempfile.mkdtemp()) / "log.csv"
    >>> model = lamina.Sequential([lamina.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> _ = model.fit(np.ones((4, 2)), np.ones(4), epochs=2, callbacks=[CSVLogger(file)], verbose=0)
    >>> file.read_text().splitlines()[0]
    'epoch,loss,val_loss'
    """

    def __init__(self, filename, separator: str = ",", append: bool = False):
        who = type(self).__name__
        self.filename, self.separator = file_path(who, "filename", filename), text(who, "separator", separator)
        if len(separator) != 1 or separator in '\r\n"':
            raise OptionError(f"{who}(separator=...)", expected="one character", received=repr(separator))
        self.append = append
        self.names: list[str] | None = None
        self.start, self.lines = 0, ""

    def on_train_begin(self, logs=None) -> None:
        path = Path(self.filename)
        self.names, self.start, self.lines = None, 0, ""
        with naming(path, "written"):
            if self.append and path.exists() and path.stat().st_size:
                with path.open(newline="", encoding="utf-8") as file:
                    self.names = next(csv.reader(file, delimiter=self.separator))
                self.start = path.stat().st_size
            else:
                path.write_text("")

    def on_epoch_end(self, epoch, logs=None) -> None:
        row = {"epoch": epoch} | {name: _cell(value) for name, value in (logs or {}).items()}
        text = io.StringIO(newline="")
        new = self.names is None
        self.names = self.names or _columns(["epoch", *sorted(logs or {})])
        writer = csv.DictWriter(text, self.names, restval="NA", extrasaction="ignore", delimiter=self.separator)
        if new:
            writer.writeheader()
        writer.writerow(row)
        with naming(self.filename, "written"), Path(self.filename).open("a", newline="", encoding="utf-8") as file:
            file.write(text.getvalue())
        self.lines += text.getvalue()

    def get_state(self):
        """Its lines, and the length of the file before them."""
        return {"names": self.names, "start": self.start, "lines": self.lines}

    def set_state(self, state) -> None:
        """Let the file end with the lines kept: those of epochs that are going to be trained anew are cut off."""
        super().set_state(state)
        path = Path(self.filename)
        with naming(path, "written"), path.open("r+b" if path.exists() else "w+b") as file:
            file.truncate(min(self.start, path.stat().st_size))
            file.seek(0, io.SEEK_END)
            file.write(self.lines.encode())


def _columns(names: list[str]) -> list[str]:
    """The names of the first row; where it has none of validation those, too, as in Keras: they may come later."""
    looked_at = any(name.startswith("val_") for name in names)
    later = () if looked_at else (f"val_{name}" for name in names if name not in ("epoch", "learning_rate"))
    return [*names, *later]


def _cell(value):
    return " ".join(map(str, np.ravel(value))) if np.ndim(value) else value


class TerminateOnNaN(Callback):
    """Stop training at the first loss that is NaN or infinite; with `raise_error`, by a DataError."""

    def __init__(self, raise_error: bool = False):
        self.raise_error = raise_error

    def on_train_batch_end(self, batch, logs=None) -> None:
        loss = (logs or {}).get("loss")
        if loss is not None and not math.isfinite(loss):
            if self.raise_error:
                raise DataError(
                    f"batch {batch}", expected="a finite loss", received=str(loss), mend="lower the learning rate"
                )
            print(f"Batch {batch}: the loss is {loss}; training stops")
            self.model.stop_training = True


class LambdaCallback(Callback):
    """Functions as hooks: ``LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs["loss"]))``.

    >>> model = lamina.Sequential([lamina.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> say = LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, sorted(logs)))
    >>> _ = model.fit(np.ones((4, 2)), np.ones(4), epochs=2, callbacks=[say], verbose=0)
    0 ['loss']
    1 ['loss']
    """

    def __init__(
        self,
        on_epoch_begin=None,
        on_epoch_end=None,
        on_train_begin=None,
        on_train_end=None,
        on_train_batch_begin=None,
        on_train_batch_end=None,
        *,
        on_batch_begin=None,
        on_batch_end=None,
        on_test_begin=None,
        on_test_end=None,
        on_test_batch_begin=None,
        on_test_batch_end=None,
        on_predict_begin=None,
        on_predict_end=None,
        on_predict_batch_begin=None,
        on_predict_batch_end=None,
    ):
        given = {name: value for name, value in locals().items() if name.startswith("on_") and value is not None}
        for name, function in given.items():
            if not callable(function):
                raise ArgumentError(f"LambdaCallback({name}=...)", expected="a function", received=repr(function))
            setattr(self, name, function)

    def get_state(self):
        """Nothing: what its functions remember is theirs."""
        return {}
