"""History: the values of each epoch."""

from typing import Any

from .base import Callback


class History(Callback):
    """Keeps the loss and metrics of each epoch: `history`, a dict of lists by name, and `epoch`, the epochs' numbers.

    Every `fit` adds one and returns it; it is the model's `history` too.
    """

    def __init__(self) -> None:
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []

    def on_train_begin(self, logs=None) -> None:
        self.history, self.epoch = {}, []

    def on_epoch_end(self, epoch, logs=None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
