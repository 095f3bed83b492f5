"""What a run of an experiment remembers besides the model's own state: its seed, and how long it has trained."""

import time

from ..callbacks import Callback
from ..errors import StateError


class Record(Callback):
    """Keeps the seed and the seconds in the backup of a run, so that another seed's run is not gone on with.

    `set_state` raises StateError for that.

    >>> record = Record(3)
    >>> record.set_state({"seed": 3, "seconds": 60.0})
    >>> record.seconds() >= 60
    True
    """

    def __init__(self, seed: int):
        self.seed, self.before, self.began = seed, 0.0, time.perf_counter()

    def seconds(self) -> float:
        """How long the run has trained, what came before it was stopped included."""
        return self.before + time.perf_counter() - self.began

    def on_train_begin(self, logs=None) -> None:
        self.began = time.perf_counter()

    def get_state(self) -> dict:
        return {"seed": self.seed, "seconds": self.seconds()}

    def set_state(self, state: dict) -> None:
        if state["seed"] != self.seed:
            raise StateError(
                "the backup is of a run of another seed",
                expected=f"{state['seed']}, as in the run that was stopped",
                received=str(self.seed),
                mend=f"run it with seed {state['seed']}, or delete the backup to begin anew",
            )
        self.before = state["seconds"]
