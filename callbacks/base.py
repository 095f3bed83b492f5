"""Callback: what listens while a model trains."""

from pathlib import PurePath
from typing import Any

import numpy as np

from ..errors import OptionError, StateError
from ..utils.advice import advise
from ..utils.checks import one_of, positive_int
from ..utils.component import Component, parameters
from ..utils.state import is_plain, recall

BATCH_HOOKS: dict[str, tuple[str, ...]] = {
    "train": ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")
}
BATCH_HOOKS |= {kind: (f"on_{kind}_batch_begin", f"on_{kind}_batch_end") for kind in ("test", "predict")}


def verbosity(who: str, verbose: Any) -> int:
    """The `verbose` of a callback that says what it does, if it is 0, 1 or 2; False and True are 0 and 1."""
    return int(one_of(who, "verbose", verbose, (0, 1, 2)))


def frequency(who: str, save_freq: Any) -> str | int:
    """The `save_freq` of a callback that writes files, if it is "epoch" or a number of steps."""
    if isinstance(save_freq, str) and save_freq == "epoch":
        return save_freq
    try:
        return positive_int(who, "save_freq", save_freq)
    except OptionError as error:
        error.expected = '"epoch", or a number of steps, 1 or more'
        raise


class Callback(Component):
    """Something that listens while a model trains, and may act: stop it (``self.model.stop_training = True``), say.

    Write the hooks that you need; `logs` holds the loss and metrics by name. `self.model` is the model, `self.params`
    the run's ``epochs``, ``steps`` and ``verbose``. Epochs and batches are counted from 0.

    >>> class Shout(Callback):
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         print(epoch, sorted(logs))
    >>> Shout().on_epoch_end(0, {"loss": 0.5})
    0 ['loss']
    """

    model: Any = None
    params: dict[str, Any] = {}

    def set_model(self, model) -> None:
        """Be told which model is trained."""
        self.model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Be told of the run: epochs, steps, verbose."""
        self.params = params

    def get_state(self) -> dict[str, Any]:
        """What it remembers of the run: all that `BackupAndRestore` keeps of it.

        These are its attributes that are plain data (numbers, text, lists, dicts, arrays, generators), but for the
        arguments of its constructor that it never changed, or that are text. One that remembers anything else writes
        this and `set_state`; until then a warning names what is left out.
        """
        given = {name: self._given.get(name, known.default) for name, known in parameters(type(self)).items()}
        large = [value for value in given.values() if isinstance(value, np.ndarray | list | dict)]
        kept = {}
        for name, value in vars(self).items():
            same = name in given and (value is given[name] or isinstance(value, str))
            if name in ("model", "params", "_given") or same or any(value is argument for argument in large):
                continue
            if is_plain(value):
                kept[name] = value
            elif not callable(value) and not isinstance(value, PurePath):
                left_out = f"{type(self).__name__}.{name}, a {type(value).__name__}, is not kept in the backup"
                advise(f"{left_out}: write get_state() and set_state(state) that say what is")
        return kept

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from what `get_state` gave; called once the run has begun, after `on_train_begin`.

        Raises StateError for text in the place of an argument: a backup names no file and no value to watch.
        """
        known = parameters(type(self))
        text = [name for name, value in state.items() if name in known and isinstance(value, str)]
        if text:
            raise StateError(f"the state of a {type(self).__name__}", expected="no arguments", received=", ".join(text))
        recall(self, state)

    def hears_batches(self, kind: str) -> bool:
        """Whether it listens to the batches of ``"train"``, ``"test"`` or ``"predict"``: results are made only then."""
        hooks = ((getattr(self, hook), getattr(Callback, hook)) for hook in BATCH_HOOKS[kind])
        return any(getattr(hook, "__func__", hook) is not plain for hook, plain in hooks)

    def on_train_begin(self, logs: Any = None) -> None:
        """`fit` begins."""

    def on_train_end(self, logs: Any = None) -> None:
        """`fit` ends; `logs` are the last epoch's."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """An epoch of training begins."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """An epoch of training, and the look at the validation data after it, are done."""

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """A step of training begins."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """A step of training is done; `logs` are the epoch's so far."""
        self.on_batch_end(batch, logs)

    def on_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Another name of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        """Another name of `on_train_batch_end`."""

    def on_test_begin(self, logs: Any = None) -> None:
        """`evaluate`, or the look at validation data, begins."""

    def on_test_end(self, logs: Any = None) -> None:
        """`evaluate`, or the look at validation data, ends."""

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        """A batch is about to be evaluated."""

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """A batch was evaluated."""

    def on_predict_begin(self, logs: Any = None) -> None:
        """`predict` begins."""

    def on_predict_end(self, logs: Any = None) -> None:
        """`predict` ends."""

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        """A batch is about to be predicted."""

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """A batch was predicted; `logs` hold its ``outputs``."""
