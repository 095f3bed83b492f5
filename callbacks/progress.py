"""How training shows: a bar an epoch where somebody watches, one plain line an epoch where not."""

import sys
import time
from importlib import import_module
from typing import Any

import numpy as np

from .. import config
from .base import Callback

VERBOSE = ("auto", 0, 1, 2)  # what `verbose` of a run may be; False and True are 0 and 1
SHORT = "{desc}: {percentage:3.0f}% {bar:10} {n_fmt}/{total_fmt} [{elapsed}]{postfix}"  # leaves room for the values
REFRESH = 0.1  # seconds between two looks at the values of a bar


class ProgbarLogger(Callback):
    """Shows the epochs as they pass: the bar of tqdm on a terminal and in a notebook, a plain line elsewhere.

    The run's `verbose`: 1, or "auto" while interactive logging is on, for the bar; 2 for the plain lines.
    """

    def __init__(self) -> None:
        self.bar: Any = None
        self.training = False

    @property
    def shows_bars(self) -> bool:
        """Whether there are bars: they are asked for, and there is a terminal or a notebook to see them."""
        verbose = self.params.get("verbose", "auto")
        wanted = config.is_interactive_logging_enabled() if verbose == "auto" else verbose == 1
        return wanted and (_in_notebook() or _on_terminal())

    def get_state(self):
        """Nothing: it may come and go between the runs."""
        return {}

    def hears_batches(self, kind: str) -> bool:
        return self.shows_bars

    def on_train_begin(self, logs=None) -> None:
        self.training = True

    def on_train_end(self, logs=None) -> None:
        self.training = False
        self.close()

    def on_epoch_begin(self, epoch, logs=None) -> None:
        self.started = time.perf_counter()
        self.title = f"Epoch {epoch + 1}/{self.params.get('epochs')}"
        self._open(self.title)

    def on_train_batch_end(self, batch, logs=None) -> None:
        self._advance(logs, batch + 1)

    def on_epoch_end(self, epoch, logs=None) -> None:
        if self.bar is not None:
            self.bar.set_postfix_str(show(logs), refresh=True)
            self.close()
        else:
            print(f"{self.title} - {time.perf_counter() - self.started:.2f}s - {show(logs)}", flush=True)

    def on_test_begin(self, logs=None) -> None:
        if not self.training:
            self._open("Evaluate")

    def on_test_batch_end(self, batch, logs=None) -> None:
        if not self.training:
            self._advance(logs, batch + 1)

    def on_test_end(self, logs=None) -> None:
        if self.training:
            return
        if self.bar is not None:
            self.bar.set_postfix_str(show(logs), refresh=True)
            self.close()
        else:
            print(f"Evaluate - {show(logs)}", flush=True)

    def on_predict_begin(self, logs=None) -> None:
        self._open("Predict")

    def on_predict_batch_end(self, batch, logs=None) -> None:
        self._advance(None, batch + 1)

    def on_predict_end(self, logs=None) -> None:
        self.close()

    def _open(self, title: str) -> None:
        if self.shows_bars:
            from tqdm import tqdm

            self.shown_at = 0.0
            steps = self.params.get("steps")
            short = None if steps is None else SHORT
            file: Any = _Output() if _in_notebook() else sys.stdout
            self.bar = tqdm(total=steps, desc=title, unit="step", file=file, dynamic_ncols=True, bar_format=short)

    def _advance(self, logs, done: int) -> None:
        if self.bar is not None:
            now = time.perf_counter()
            if logs and now - self.shown_at > REFRESH:
                self.bar.set_postfix_str(show(logs), refresh=False)
                self.shown_at = now
            self.bar.update(done - self.bar.n)  # more than 1 where a run goes on within an epoch

    def close(self) -> None:
        """Close the bar, if there is one: it ends, or the run was broken off."""
        if self.bar is not None:
            self.bar.close()
            self.bar = None


def show(logs: dict[str, Any] | None) -> str:
    """Values by name, as a line shows them.

    >>> show({"loss": 0.123456, "accuracy": 0.5})
    'loss: 0.1235 - accuracy: 0.5000'
    """
    return " - ".join(f"{name}: {_number(value)}" for name, value in (logs or {}).items())


def _number(value: Any) -> str:
    if np.ndim(value):
        return str(np.round(value, 4))
    small = value != 0 and abs(value) < 1e-3
    return f"{value:.3e}" if small else f"{value:.4f}"


def _on_terminal() -> bool:
    asked = getattr(sys.stdout, "isatty", None)  # None as output, or one of the user's own that only takes text
    return asked is not None and asked()


def _in_notebook() -> bool:
    shell = sys.modules.get("IPython")
    instance = shell.get_ipython() if shell is not None and hasattr(shell, "get_ipython") else None
    return any(kind.__name__ == "ZMQInteractiveShell" for kind in type(instance).__mro__)  # Colab has one of its own


class _Output:
    """The file that a bar in a notebook is written to: an output of the cell, replaced by each line that comes.

    So a notebook that is saved holds how each bar ended, which a widget's does not; and no extension is needed.
    """

    encoding = "utf-8"  # tqdm draws blocks, not #

    def __init__(self) -> None:
        self.shown = import_module("IPython.display").display({"text/plain": ""}, raw=True, display_id=True)

    def write(self, text: str) -> None:
        if line := text.strip():
            self.shown.update({"text/plain": line}, raw=True)

    def flush(self) -> None:
        """What is written shows."""
