"""BackupAndRestore: a run that can be stopped anywhere, and goes on as if it had not been."""

import os
from pathlib import Path

from ..errors import FileError
from ..utils.advice import advise
from ..utils.atomic import naming, sweep
from ..utils.checks import file_path
from .base import Callback, frequency


class BackupAndRestore(Callback):
    """Keep the state of a run in a file; a run that was killed goes on from there when it is started again.

    The run that went on ends with the same weights, history and decisions of callbacks as one that was never stopped,
    bit for bit. Kept are the weights, the optimizer's state, all random state (that of layers and of the shuffle,
    Python's and NumPy's global generators), the place in the data, running metrics, the states of the callbacks
    (`Callback.get_state`) and the history. The file, ``backup.lamina`` in the folder, is written whole or not at all.

    Arguments: `backup_dir`, the folder; `save_freq`, "epoch" or after how many steps to write; `double_checkpoint`,
    whether the file before the last is kept too, to go on from if the last is damaged; `delete_checkpoint`, whether
    `fit` deletes the file at its end.

    - Data: arrays must be the same ones; a PyDataset that changes between epochs needs a `get_state` and a `set_state`;
      a generator is made anew and run over the batches that were seen, which must come again as they were.
    - ``fit`` must be called as the stopped run did, but `epochs` and `verbose` may differ. How many epochs there are to
      be may decide whether batches are split: with others the last bits may not be those of a run begun with them.

    `fit` raises StateError for a backup of another model, optimizer, data or arguments, naming what differs.

    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> model = lamina.Sequential([lamina.layers.Dense(1)])
    >>> model.compile("adam", "mse")
    >>> x, y = np.ones((8, 2)), np.ones(8)
    >>> keep = BackupAndRestore(folder, delete_checkpoint=False)
    >>> _ = model.fit(x, y, epochs=2, callbacks=[keep], verbose=0)
    >>> model.fit(x, y, epochs=3, callbacks=[keep], verbose=0).epoch
    [0, 1, 2]
    """

    def __init__(
        self,
        backup_dir: str | os.PathLike[str],
        save_freq: str | int = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ):
        name = type(self).__name__
        self.backup_dir = file_path(name, "backup_dir", backup_dir)
        self.save_freq = frequency(name, save_freq)
        self.double_checkpoint, self.delete_checkpoint = double_checkpoint, delete_checkpoint
        self.damaged = False  # the last file, so that it does not take the place of the one before

    @property
    def file(self) -> Path:
        """The file of the state."""
        return Path(self.backup_dir) / "backup.lamina"

    @property
    def earlier_file(self) -> Path:
        """The file of the state before that, with `double_checkpoint`."""
        return Path(self.backup_dir) / "backup.earlier.lamina"

    def get_state(self) -> dict:
        """Nothing: it may come, go and change between the runs."""
        return {}

    def find(self, run):
        """The state that a run of `fit` is to go on from, None if there is none."""
        sweep(self.file)
        state = self._read(run)
        if state is not None and self.params.get("verbose", 0) != 0:
            epoch, step = state["progress"]["epoch"], state["progress"]["step"]
            print(f"Going on after {epoch} epochs{f' and {step} steps' if step else ''}, from {self.backup_dir}")
        return state

    def _read(self, run):
        if self.earlier_file.exists() and self.double_checkpoint:
            try:
                if self.file.exists():
                    return run.read(self.file)
            except FileError as error:
                self.damaged = True
                advise(f"{error}\nThe run goes on from the state before that, {self.earlier_file}")
            return run.read(self.earlier_file)
        return run.read(self.file) if self.file.exists() else None

    def keep(self, run) -> None:
        """Write the state of a run of `fit`, if it is time; a step or an epoch is done."""
        step = run.progress.step
        if step == 0 if self.save_freq == "epoch" else step and run.progress.total % self.save_freq == 0:
            self.save(run)

    def save(self, run) -> None:
        """Write the state of a run of `fit`."""
        with naming(self.backup_dir, "written"):
            Path(self.backup_dir).mkdir(parents=True, exist_ok=True)
            if self.double_checkpoint and self.file.exists() and not self.damaged:
                self.file.replace(self.earlier_file)
        run.save(self.file)
        self.damaged = False

    def finish(self) -> None:
        """Delete the files, if that is asked for; `fit` is over."""
        if self.delete_checkpoint:
            self.delete()

    def delete(self) -> None:
        """Delete the files."""
        sweep(self.file)
        self.file.unlink(missing_ok=True)
        self.earlier_file.unlink(missing_ok=True)
