"""CallbackList: several callbacks as one."""

import inspect
from collections.abc import Iterable
from typing import Any

from ..errors import ArgumentError, StateError
from .base import Callback
from .history import History
from .progress import ProgbarLogger


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
        if add_progbar and not any(isinstance(callback, ProgbarLogger) for callback in self.callbacks):
            self.callbacks.append(ProgbarLogger())
        if add_history:
            self._join_history(model)
        self.set_params(params or {})
        self.set_model(model)

    def _join_history(self, model) -> None:
        """Let the model have the `History` among them, or a new one that joins them."""
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

    def others_hear_batches(self, kind: str) -> bool:
        """Whether one besides a bar listens to them: it may change the model in between."""
        return any(call.hears_batches(kind) for call in self.callbacks if not isinstance(call, ProgbarLogger))

    def close_bars(self) -> None:
        """End the bars, however a call ends: what is printed next has a line of its own."""
        for callback in self.callbacks:
            if isinstance(callback, ProgbarLogger):
                callback.close()

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
