"""Callbacks that watch one value: what they share, and those that act on it."""

import math
import re
from typing import Any

import numpy as np

from ..errors import OptionError, did_you_mean
from ..utils.advice import advise
from ..utils.checks import number, one_of, text, unless_none, whole_number
from .base import Callback, verbosity

BETTER_WHEN_LARGER = re.compile(
    r"acc|auc|precision|recall|score|iou|correlation|cosine_similarity|positives|sensitivity|specificity"
)
BETTER_WHEN_SMALLER = re.compile(
    r"loss|error|entropy|false_|hinge|poisson|divergence|^(val_)?(mse|mae|mape|msle|rmse|kld|bce|ce)$"
)


class Monitor(Callback):
    """The parent of callbacks that watch one value of the logs.

    `mode`: "min" or "max", whether smaller or larger is better; "auto" tells it from the name, or from what kind of
    metric has that name, and refuses one that does not say.
    """

    def __init__(self, monitor: str, mode: str, min_delta: float):
        who = type(self).__name__
        self.monitor = text(who, "monitor", monitor)
        self.mode = one_of(who, "mode", mode, ("auto", "min", "max"))
        self.min_delta = abs(number(who, "min_delta", min_delta))
        self.sign = {"min": -1, "max": 1}.get(mode) or _direction(monitor)
        self.missed = False

    def set_model(self, model) -> None:
        super().set_model(model)
        if self.sign == 0 and model is not None:
            kinds = [
                _kind(metric) for metric in model.metrics_asked if _name(metric) == self.monitor.removeprefix("val_")
            ]
            self.sign = _direction(kinds[0]) if kinds else 0
            if self.sign == 0:
                raise OptionError(
                    f"{type(self).__name__}(monitor='{self.monitor}')",
                    expected="a name that says whether smaller or larger is better",
                    received=repr(self.monitor),
                    mend="say it: mode='min' or mode='max'",
                )

    def value(self, logs: dict[str, Any] | None) -> float | None:
        """The value watched; None, with a warning once, if the logs have none of that name."""
        found = (logs or {}).get(self.monitor)
        if found is None and not self.missed:
            self.missed = True
            names = list(logs or {})
            mend = did_you_mean(self.monitor, names)
            if self.monitor.startswith("val_") and not any(name.startswith("val_") for name in names):
                mend = f"give fit validation_data or validation_split, or watch '{self.monitor.removeprefix('val_')}'"
            advise(f"{type(self).__name__} watches '{self.monitor}', which the logs of this epoch do not hold: {mend}")
        if isinstance(found, np.ndarray) and found.size == 1:  # of a metric that has a value for each class, of one
            found = found.item()
        if found is not None and not (np.ndim(found) == 0 and np.asarray(found).dtype.kind in "biuf"):
            raise OptionError(
                f"{type(self).__name__}(monitor='{self.monitor}')",
                expected="a value that is one number",
                received=f"an array of shape {np.shape(found)}" if np.ndim(found) else repr(found),
                mend='watch another, or let the metric give one number for all classes (average="macro")',
            )
        return found

    def improves(self, value: float, on: float | None) -> bool:
        """Whether a value is better than another by more than `min_delta`; NaN never is."""
        if on is None or math.isnan(value):
            return not math.isnan(value)
        # with Keras's rounding, for values that are better by just `min_delta`: an accuracy of 0.91 after 0.9
        return self.sign * (value - self.sign * self.min_delta) > self.sign * on


def _direction(name: str) -> int:
    """1 where larger is better, -1 where smaller is; 0 where the name does not say."""
    if BETTER_WHEN_SMALLER.search(name):
        return -1
    return 1 if BETTER_WHEN_LARGER.search(name) else 0


def _name(metric: Any) -> str:
    """The name of what `compile` was given as a metric."""
    return str(getattr(metric, "name", None) or getattr(metric, "__name__", metric))


def _kind(metric: Any) -> str:
    """The class of a metric, and the function that it is the mean of, in lower case."""
    function = getattr(metric, "fn", metric)
    return f"{type(metric).__name__} {getattr(function, '__name__', '')}".lower()


class EarlyStopping(Monitor):
    """Stop when a value has not improved for `patience` epochs.

    Arguments: `monitor`, the value's name; `min_delta`, what counts as an improvement; `patience`; `verbose`, 1 to say
    so; `mode`; `baseline`, a value that must be beaten for the wait to begin anew; `restore_best_weights`, whether the
    model ends with the weights of its best epoch; `start_from_epoch`, how many epochs to let pass first.

    >>> model = lamina.Sequential([lamina.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> stop = EarlyStopping("loss", min_delta=1e9, patience=2)  # an improvement that never comes
    >>> model.fit(np.ones((4, 2)), np.ones(4), epochs=100, callbacks=[stop], verbose=0).epoch
    [0, 1, 2]
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ):
        super().__init__(monitor, mode, min_delta)
        who = type(self).__name__
        self.patience = whole_number(who, "patience", patience)
        self.start_from_epoch = whole_number(who, "start_from_epoch", start_from_epoch)
        self.baseline = unless_none(number, who, "baseline", baseline)
        self.verbose, self.restore_best_weights = verbosity(who, verbose), restore_best_weights
        self.on_train_begin()

    def on_train_begin(self, logs=None) -> None:
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self.best: float | None = None
        self.best_weights: list | None = None

    def on_epoch_end(self, epoch, logs=None) -> None:
        current = self.value(logs)
        if current is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self.best_weights, self.best_epoch = self.model.get_weights(), epoch
        self.wait += 1
        if self.improves(current, self.best):
            self.best, self.best_epoch = current, epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            if self.baseline is None or self.improves(current, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs=None) -> None:
        if self.stopped_epoch > 0 and self.verbose > 0:
            print(f"Epoch {self.stopped_epoch + 1}: stopped, {self.monitor} did not improve for {self.patience} epochs")
        if self.restore_best_weights and self.best_weights is not None:
            if self.verbose > 0:
                print(f"Weights are those of the best epoch, {self.best_epoch + 1}")
            self.model.set_weights(self.best_weights)


class ReduceLROnPlateau(Monitor):
    """Lower the learning rate when a value has not improved for `patience` epochs: lr = max(lr·`factor`, `min_lr`).

    Arguments: `monitor`; `factor`, below 1; `patience`; `verbose`, 1 to say so; `mode`; `min_delta`; `cooldown`, epochs
    to wait after a change; `min_lr`. The rate of each epoch stands in the history as ``learning_rate``.

    >>> model = lamina.Sequential([lamina.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> lower = ReduceLROnPlateau("loss", factor=0.5, patience=1, min_delta=1e9)  # no improvement counts
    >>> history = model.fit(np.ones((4, 2)), np.ones(4), epochs=3, callbacks=[lower], verbose=0)
    >>> history.history["learning_rate"]
    [0.01, 0.01, 0.005]
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ):
        super().__init__(monitor, mode, min_delta)
        who = type(self).__name__
        self.factor = number(who, "factor", factor, 0, 1, open_high=True)
        self.patience, self.cooldown = whole_number(who, "patience", patience), whole_number(who, "cooldown", cooldown)
        self.min_lr, self.verbose = number(who, "min_lr", min_lr, 0), verbosity(who, verbose)
        self.on_train_begin()

    def on_train_begin(self, logs=None) -> None:
        self.best: float | None = None
        self.wait = self.resting = 0

    def on_epoch_end(self, epoch, logs=None) -> None:
        rate = float(self.model.optimizer.learning_rate)
        if logs is not None:
            logs["learning_rate"] = rate
        current = self.value(logs)
        if current is None:
            return
        if self.resting > 0:
            self.resting -= 1
            self.wait = 0
        if self.improves(current, self.best):
            self.best, self.wait = current, 0
        elif self.resting == 0:
            self.wait += 1
            if self.wait >= self.patience and rate > self.min_lr:
                self.model.optimizer.learning_rate = max(rate * self.factor, self.min_lr)
                if self.verbose > 0:
                    print(f"Epoch {epoch + 1}: learning rate is now {float(self.model.optimizer.learning_rate):g}")
                self.resting, self.wait = self.cooldown, 0
