"""History: the values of each epoch."""

from typing import Any

from .base import Callback
from .progress import show


class History(Callback):
    """Keeps the loss and metrics of each epoch: `history`, a dict of lists by name, and `epoch`, the epochs' numbers.

    Every `fit` adds one and returns it; it is the model's `history` too.

    >>> history = History()
    >>> history.on_epoch_end(0, {"loss": 0.5}); history.on_epoch_end(1, {"loss": 0.25})
    >>> history.history, history.epoch
    ({'loss': [0.5, 0.25]}, [0, 1])
    >>> history
    <History of 2 epochs, the last: loss: 0.2500>
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

    def __repr__(self) -> str:
        if not self.epoch:
            return "<History of no epochs>"
        last = {name: values[-1] for name, values in self.history.items()}
        return f"<History of {len(self.epoch)} epoch{'s'[: len(self.epoch) > 1]}, the last: {show(last)}>"
