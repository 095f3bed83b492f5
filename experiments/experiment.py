"""An experiment: data, model, compile and fit, declared in one YAML file and run by one call."""

import json
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .. import callbacks, layers, losses, metrics, optimizers
from ..config import VERSION, using_threads
from ..errors import ConfigError, OptionError
from ..models import Model, Sequential
from ..utils.atomic import claimed, naming, write_whole
from ..utils.seeds import set_random_seed
from .baseline import Baseline, baseline_of
from .checks import check, input_layer
from .components import make, name_of, plain
from .data import Split, load_data
from .overrides import override
from .places import At, Problems
from .reader import Items, Place, Table, read_file
from .record import Record
from .writer import write_text

LEARNT = {"vocabulary", "mean", "bin_boundaries"}  # given, they need not be learnt from the data


@dataclass
class Result:
    """What a run gave: the model, its history, the last values on the held-out data (none where no rows are held out),
    what is reached there without a model, the seconds it trained, and where the files lie.

    A run that was gone on with counts the seconds that led to its backup, too.
    """

    model: Model
    history: Any
    validation: dict[str, Any]
    baseline: Baseline | None
    seconds: float
    folder: Path | None


class Experiment:
    """An experiment, read and checked; `run` loads the data, builds the model, trains it and writes the results.

    `settings` are the file's, `source` its name.
    """

    def __init__(self, settings: Any, source: str, folder: Path):
        self.settings, self.source, self.folder = settings, source, folder
        problems = Problems()
        check(settings, Place(source, 1, 1), problems)
        if problems:
            raise ConfigError(f"{source} can't be run:\n  " + "\n  ".join(problems))

    @property
    def name(self) -> str:
        """The name of the experiment: the file's own, or the file's name."""
        return str(self.settings.get("name") or Path(self.source).stem)

    def data(self) -> Split:
        """The data, loaded and scaled."""
        with At(self.settings.keys_at["data"], name_of(self.settings["data"].get("dataset"))[1], (OptionError,)):
            return load_data(self.settings["data"], self.folder)

    def build(self) -> Sequential:
        """The model, compiled, with the seed's weights. An error names the place of the layer or the entry."""
        set_random_seed(self.seed)
        model = Sequential(name=self.name)
        entries: Items = self.settings["model"]
        for entry, place in zip(entries, entries.items_at, strict=True):
            with At(place, name_of(entry)[1]):
                model.add(make(input_layer(entry), layers.registry))
        section = self.settings["compile"]
        with At(self.settings.keys_at["compile"], section):
            model.compile(**{key: _compiled(key, value) for key, value in section.items()})
        return model

    @property
    def seed(self) -> int:
        """The seed of all randomness: the file's, or 0."""
        return self.settings.get("seed", 0)

    def run(
        self, out: str | Path | None = None, verbose: int | str = "auto", backup: str | int | None = None
    ) -> Result:
        """Train as the file says. With `out`, write history.csv, results.json, experiment.yaml, model.lamina there.

        `backup`, "epoch" or a number of steps: how often the state of the run is kept in that folder too, until all is
        written; a run that was killed goes on from there when it is started again. Raises FileError while another run
        writes to that folder.
        """
        model, data = self.build(), self.data()
        if out is None:
            return self._train(model, data, None, verbose, backup)
        with naming(out, "written"):
            Path(out).mkdir(parents=True, exist_ok=True)
        with claimed(Path(out)):
            return self._train(model, data, Path(out), verbose, backup)

    def _train(
        self, model: Sequential, data: Split, out: Path | None, verbose: int | str, backup: str | int | None
    ) -> Result:
        section = self.settings.get("fit") or Table()
        arguments = {key: plain(value) for key, value in section.items() if key != "callbacks"}
        arguments.setdefault("verbose", verbose)
        record, keeper = Record(self.seed), None if backup is None else _keeper(out, backup)
        listeners = [*(make(entry, callbacks.registry) for entry in section.get("callbacks") or ()), record]
        if out is not None:
            listeners.append(callbacks.CSVLogger(out / "history.csv"))
        if keeper is not None:
            listeners.append(keeper)
        if "validation_split" not in arguments and len(data.x_test):
            arguments["validation_data"] = (data.x_test, data.y_test)
        with At(self.settings.keys_at["model"]):
            adapt(model, data.x)
            model.build((None, *np.shape(data.x)[1:]))
        if arguments["verbose"] != 0:
            model.summary()
        with using_threads(self.settings.get("threads")):
            with At(self.settings.keys_at.get("fit", Place(self.source)), section, (OptionError,)):
                history = model.fit(data.x, data.y, callbacks=listeners, **arguments)
            seconds, validation = record.seconds(), {}
            if len(data.x_test):
                validation = model.evaluate(data.x_test, data.y_test, verbose=0, return_dict=True)
        baseline = baseline_of(data, model.loss)
        result = Result(model, history, validation, baseline, seconds, out)
        if out is not None:
            self.write(result, out)
        if keeper is not None:
            keeper.delete()
        return result

    def write(self, result: Result, folder: Path) -> None:
        """Write what was run, and what it gave."""
        facts = {
            "experiment": self.name,
            "seed": self.seed,
            "validation": {name: np.asarray(value).tolist() for name, value in result.validation.items()},
            "baseline": None if result.baseline is None else vars(result.baseline),
            "epochs": len(result.history.epoch),
            "seconds": round(result.seconds, 3),
            "parameters": result.model.count_params(),
            "versions": {"lamina": VERSION, "numpy": np.__version__, "python": platform.python_version()},
        }
        result.model.save(folder / "model.lamina")
        settings = dict(self.settings)
        if "file" in settings["data"]:  # beside the file that was read, not beside the one that is written
            settings["data"] = settings["data"] | {"file": str(self.folder / settings["data"]["file"])}
        write_whole(folder / "results.json", [json.dumps(facts, indent=2).encode(), b"\n"])
        write_whole(folder / "experiment.yaml", [write_text(settings).encode()])


def adapt(model: Sequential, x: Any) -> None:
    """Let the layers that learn from the data before training (a vocabulary, a mean) do so, each on what reaches it."""
    layers_ = model.layers
    waiting = [
        place for place, layer in enumerate(layers_) if hasattr(layer, "adapt") and not LEARNT & set(layer._given)
    ]
    for place, layer in enumerate(layers_[: waiting[-1] + 1] if waiting else ()):
        if place in waiting:
            layer.adapt(x)  # type: ignore[attr-defined]
        x = layer(x, training=False) if place < waiting[-1] else x


def load(file: str | Path, overrides: Sequence[str] = ()) -> Experiment:
    """Read and check the experiment of a YAML file; `overrides` are texts such as ``"fit.epochs=3"``.

    Raises ConfigError that lists every mistake in it, each with line, column and the nearest name that is known.

    >>> file = Path(lamina.__file__).parent / "configs" / "digits_mlp.yaml"
    >>> experiment = load(file, ["fit.epochs=3"])  # experiment.run() trains it
    >>> experiment.name, experiment.settings["fit"]["epochs"]
    ('digits_mlp', 3)
    """
    settings = read_file(file)
    for text in overrides:
        override(settings, text)
    return Experiment(settings, str(file), Path(file).resolve().parent)


def _keeper(out: str | Path | None, backup: str | int) -> callbacks.BackupAndRestore:
    """What keeps the state of a run in its folder."""
    if out is None:
        raise OptionError("run(backup=...)", expected="out, the folder to keep it in", received="None")
    return callbacks.BackupAndRestore(out, backup, delete_checkpoint=False)


def _compiled(key: str, value: Any) -> Any:
    if key in ("metrics", "weighted_metrics"):
        return [item if isinstance(item, str) else make(item, metrics.registry) for item in value or ()]
    registries: dict[str, Any] = {"optimizer": optimizers.registry, "loss": losses.registry}
    registry = registries.get(key)
    return value if registry is None or value is None else make(value, registry)
