"""Callback: what listens while a model trains; and the list that calls them."""

import inspect
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any

import numpy as np

from ..errors import ArgumentError, OptionError, StateError
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

    def on_train_begin(self, logs=None) -> None:
        """`fit` begins."""

    def on_train_end(self, logs=None) -> None:
        """`fit` ends; `logs` are the last epoch's."""

    def on_epoch_begin(self, epoch: int, logs=None) -> None:
        """An epoch of training begins."""

    def on_epoch_end(self, epoch: int, logs=None) -> None:
        """An epoch of training, and the look at the validation data after it, are done."""

    def on_train_batch_begin(self, batch: int, logs=None) -> None:
        """A step of training begins."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs=None) -> None:
        """A step of training is done; `logs` are the epoch's so far."""
        self.on_batch_end(batch, logs)

    def on_batch_begin(self, batch: int, logs=None) -> None:
        """Another name of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs=None) -> None:
        """Another name of `on_train_batch_end`."""

    def on_test_begin(self, logs=None) -> None:
        """`evaluate`, or the look at validation data, begins."""

    def on_test_end(self, logs=None) -> None:
        """`evaluate`, or the look at validation data, ends."""

    def on_test_batch_begin(self, batch: int, logs=None) -> None:
        """A batch is about to be evaluated."""

    def on_test_batch_end(self, batch: int, logs=None) -> None:
        """A batch was evaluated."""

    def on_predict_begin(self, logs=None) -> None:
        """`predict` begins."""

    def on_predict_end(self, logs=None) -> None:
        """`predict` ends."""

    def on_predict_batch_begin(self, batch: int, logs=None) -> None:
        """A batch is about to be predicted."""

    def on_predict_batch_end(self, batch: int, logs=None) -> None:
        """A batch was predicted; `logs` hold its ``outputs``."""


class CallbackList(Callback):
    """Several callbacks as one: each hook calls theirs in order.

    Arguments: `callbacks`, one or several; `add_history` and `add_progbar`, whether a `History` and a `ProgbarLogger`
    join them where there is none; `model` and `params`, what they are told.
    """

    not_taken = dict.fromkeys(("epochs", "steps", "verbose"), "give it in params={...}")

    def __init__(
        self,
        callbacks: Callback | Iterable[Callback] | None = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model=None,
        params: dict[str, Any] | None = None,
    ):
        if callbacks is None:
            callbacks = []
        self.callbacks = [callbacks] if isinstance(callbacks, Callback | type) else list(callbacks)
        for callback in self.callbacks:
            if not isinstance(callback, Callback):
                hint = (
                    "make an instance: EarlyStopping()" if isinstance(callback, type) else "subclass callbacks.Callback"
                )
                raise ArgumentError("callbacks", expected="instances of Callback", received=repr(callback), mend=hint)
        if add_progbar:
            from .progress import ProgbarLogger

            if not any(isinstance(callback, ProgbarLogger) for callback in self.callbacks):
                self.callbacks.append(ProgbarLogger())
        if add_history:
            self._join_history(model)
        self.set_params(params or {})
        self.set_model(model)

    def _join_history(self, model) -> None:
        """Let the model have the `History` among them, or a new one that joins them."""
        from .history import History

        history = next((callback for callback in self.callbacks if isinstance(callback, History)), None)
        if history is None:
            history = History()
            self.callbacks.append(history)
        model.history = history

    @classmethod
    def of(
        cls, callbacks, model, verbose: int | str, epochs: int, steps: int | None, add_history=False
    ) -> "CallbackList":
        """The callbacks of one run; to a list that stands already no bar is added."""
        params = {"verbose": verbose, "epochs": epochs, "steps": steps}
        if isinstance(callbacks, CallbackList):
            if add_history:
                callbacks._join_history(model)
            callbacks.set_params(params)
            callbacks.set_model(model)
            return callbacks
        return cls(callbacks, add_history=add_history, add_progbar=verbose != 0, model=model, params=params)

    def append(self, callback: Callback) -> None:
        """Add one at the end."""
        self.callbacks.append(callback)

    def hears_batches(self, kind: str) -> bool:
        return any(callback.hears_batches(kind) for callback in self.callbacks)

    def _by_place(self) -> dict[str, Callback]:
        """The callbacks by their class and their place among those of that class."""
        found: dict[str, Callback] = {}
        for callback in self.callbacks:
            kind = type(callback).__name__
            found[f"{kind}/{sum(name.startswith(f'{kind}/') for name in found)}"] = callback
        return found

    def get_state(self) -> dict[str, Any]:
        """The states of those that remember anything, by class and place."""
        return {name: state for name, callback in self._by_place().items() if (state := callback.get_state())}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from what `get_state` gave. Raises StateError where there are other callbacks now; nothing changes."""
        callbacks, now = self._by_place(), self.get_state()
        missing, added = sorted(set(state) - set(callbacks)), sorted(set(now) - set(state))
        if missing or added:
            raise StateError(
                "the run had other callbacks",
                expected=", ".join(name.split("/")[0] for name in state) or "none that remembers anything",
                received=", ".join(name.split("/")[0] for name in now) or "none that remembers anything",
            )
        for name, of_one in state.items():
            callbacks[name].set_state(of_one)


def _for_all(hook: str):
    count = len(inspect.signature(getattr(Callback, hook)).parameters) - 1

    def call(self, *given) -> None:
        arguments = (*given, *[{}] * (count - len(given)))  # a hook always gets its logs, empty where there are none
        for callback in self.callbacks:
            getattr(callback, hook)(*arguments)

    call.__name__, call.__doc__ = hook, getattr(Callback, hook).__doc__
    return call


for _hook in [name for name in vars(Callback) if name.startswith(("on_", "set_"))]:
    if _hook in vars(CallbackList):
        continue
    setattr(CallbackList, _hook, _for_all(_hook))
