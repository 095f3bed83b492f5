"""An experiment: data, model, compile and fit, declared in one YAML file and run by one call."""

import inspect
import json
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .. import callbacks, layers, losses, metrics, optimizers
from ..config import VERSION, using_threads
from ..errors import ConfigError, LaminaError, OptionError
from ..models import Model, Sequential
from ..utils.atomic import naming, write_whole
from ..utils.seeds import set_random_seed
from .baseline import Baseline, baseline_of
from .components import Problems, check_component, make, name_of, plain
from .data import Split, check_data, load_data
from .overrides import override
from .reader import Items, Place, Table, read_file

SECTIONS = ("name", "seed", "threads", "data", "model", "compile", "fit")
LEARNT = {"vocabulary", "mean", "bin_boundaries"}  # given, they need not be learnt from the data
NOT_IN_FILES = {"self", "x", "y", "sample_weight", "validation_data"}  # arguments of `fit` that hold arrays


@dataclass
class Result:
    """What a run gave: the model, its history, the last values on the held-out data, what is reached there without a
    model, and where the files lie."""

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
        return load_data(self.settings["data"], self.folder)

    def build(self) -> Sequential:
        """The model, compiled, with the seed's weights. An error names the place of the layer or the entry."""
        set_random_seed(self.seed)
        model = Sequential(name=self.name)
        entries: Items = self.settings["model"]
        for entry, place in zip(entries, entries.items_at, strict=True):
            with _At(place):
                model.add(_layer(entry))
        section = self.settings["compile"]
        with _At(section.place):
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
        written; a run that was killed goes on from there when it is started again.
        """
        model, data = self.build(), self.data()
        section = self.settings.get("fit") or Table()
        arguments = {key: plain(value) for key, value in section.items() if key != "callbacks"}
        arguments.setdefault("verbose", verbose)
        listeners = [make(entry, callbacks.registry) for entry in section.get("callbacks") or ()]
        if out is not None:
            with naming(out, "written"):
                Path(out).mkdir(parents=True, exist_ok=True)
            listeners.append(callbacks.CSVLogger(Path(out) / "history.csv"))
        keeper = None
        if backup is not None:
            if out is None:
                raise OptionError("run(backup=...)", expected="out, the folder to keep it in", received="None")
            keeper = callbacks.BackupAndRestore(out, backup, delete_checkpoint=False)
            listeners.append(keeper)
        if "validation_split" not in arguments and len(data.x_test):
            arguments["validation_data"] = (data.x_test, data.y_test)
        adapt(model, data.x)
        model.build((None, *np.shape(data.x)[1:]))
        if arguments["verbose"] != 0:
            model.summary()
        began = time.perf_counter()
        with using_threads(self.settings.get("threads")):
            history = model.fit(data.x, data.y, callbacks=listeners, **arguments)
            seconds = time.perf_counter() - began
            x, y = (data.x_test, data.y_test) if len(data.x_test) else (data.x, data.y)
            validation = model.evaluate(x, y, verbose=0, return_dict=True)
        result = Result(model, history, validation, baseline_of(data), seconds, None if out is None else Path(out))
        if out is not None:
            self.write(result, Path(out))
        if keeper is not None:
            keeper.delete()
        return result

    def write(self, result: Result, folder: Path) -> None:
        """Write what was run, and what it gave."""
        import yaml

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
        settings = yaml.safe_dump(_bare(self.settings), sort_keys=False)
        write_whole(folder / "results.json", [json.dumps(facts, indent=2).encode(), b"\n"])
        write_whole(folder / "experiment.yaml", [settings.encode()])


def adapt(model: Sequential, x: Any) -> None:
    """Let the layers that learn from the data before training (a vocabulary, a mean) do so, each on what reaches it."""
    layers_ = model.layers
    waiting = [
        place for place, layer in enumerate(layers_) if hasattr(layer, "adapt") and not LEARNT & set(layer._given)
    ]
    for place, layer in enumerate(layers_[: waiting[-1] + 1] if waiting else ()):
        if place in waiting:
            layer.adapt(x)  # type: ignore[attr-defined]
        x = layer(x) if place < waiting[-1] else x


class _At:
    """Names the place in the file for what is refused within."""

    def __init__(self, place: Place):
        self.place = place

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind, error, trace) -> None:
        if isinstance(error, LaminaError) and not isinstance(error, ConfigError):
            raise ConfigError(f"{self.place}: {error}") from error


def load(file: str | Path, overrides: Sequence[str] = ()) -> Experiment:
    """Read and check the experiment of a YAML file; `overrides` are texts such as ``"fit.epochs=3"``.

    Raises ConfigError that lists every mistake in it, each with line, column and the nearest name that is known.
    """
    settings = read_file(file)
    for text in overrides:
        override(settings, text)
    return Experiment(settings, str(file), Path(file).resolve().parent)


def check(settings: Any, place: Place, problems: Problems) -> None:
    """Note all that is wrong with the settings of an experiment."""
    if not isinstance(settings, Table):
        problems.say(place, f"expected a mapping with {', '.join(SECTIONS)}")
        return
    problems.check_keys(settings, SECTIONS, "an experiment")
    for key in ("data", "model", "compile"):
        if key not in settings:
            problems.say(place, f"the section '{key}' is missing")
    for key, least in (("seed", 0), ("threads", 1)):
        value = settings.get(key, least)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            problems.say(settings.keys_at[key], f"{key} must be a whole number of {least} or more, received {value!r}")
    if "data" in settings:
        check_data(settings["data"], settings.keys_at["data"], problems)
    if "model" in settings:
        _check_list(settings["model"], settings.keys_at["model"], "model", layers.registry, problems)
    if "compile" in settings:
        _check_compile(settings["compile"], settings.keys_at["compile"], problems)
    if settings.get("fit") is not None:
        _check_fit(settings["fit"], settings.keys_at["fit"], problems)


def _check_list(entries: Any, place: Place, what: str, registry, problems: Problems) -> None:
    if not isinstance(entries, Items) or not entries:
        problems.say(place, f"{what} must be a list", f"write each {registry.kind} as `- Name: {{argument: value}}`")
        return
    for entry, at in zip(entries, entries.items_at, strict=True):
        check_component(_input(entry), at, registry, problems)


def _check_compile(section: Any, place: Place, problems: Problems) -> None:
    if not isinstance(section, Table):
        problems.say(place, "compile must be a mapping", "write `compile: {optimizer: adam, loss: mse}`")
        return
    known = [name for name in _arguments(Model.compile) if name != "self"]
    problems.check_keys(section, known, "compile")
    for key, registry in (("optimizer", optimizers.registry), ("loss", losses.registry)):
        if key in section:
            check_component(section[key], section.keys_at[key], registry, problems)
    for key in ("metrics", "weighted_metrics"):
        entries = section.get(key) or Items()
        if not isinstance(entries, Items):
            problems.say(section.keys_at[key], f"{key} must be a list", f"write [{entries}]")
            continue
        for entry, at in zip(entries, entries.items_at if entries else (), strict=True):
            if isinstance(entry, str):
                try:
                    metrics.check(entry)
                except LaminaError as error:
                    problems.say(at, error.problem, error.mend)
            else:
                check_component(entry, at, metrics.registry, problems)


def _check_fit(section: Any, place: Place, problems: Problems) -> None:
    if not isinstance(section, Table):
        problems.say(place, "fit must be a mapping", "write `fit: {epochs: 10}`")
        return
    problems.check_keys(section, [name for name in _arguments(Model.fit) if name not in NOT_IN_FILES], "fit")
    if section.get("callbacks") is not None:
        _check_list(section["callbacks"], section.keys_at["callbacks"], "callbacks", callbacks.registry, problems)


def _arguments(function) -> list[str]:
    return list(inspect.signature(function).parameters)


def _input(entry: Any) -> Any:
    """``Input`` is the file's word for an `InputLayer`, as in a script."""
    name, arguments = name_of(entry)
    if name != "Input":
        return entry
    table = Table({"InputLayer": arguments})
    table.place = getattr(entry, "place", Place("Input"))
    table.keys_at = {"InputLayer": table.place}
    return table


def _layer(entry: Any) -> Any:
    return make(_input(entry), layers.registry)


def _compiled(key: str, value: Any) -> Any:
    if key in ("metrics", "weighted_metrics"):
        return [item if isinstance(item, str) else make(item, metrics.registry) for item in value or ()]
    registries: dict[str, Any] = {"optimizer": optimizers.registry, "loss": losses.registry}
    registry = registries.get(key)
    return value if registry is None or value is None else make(value, registry)


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _bare(item) for key, item in value.items()}
    return [_bare(item) for item in value] if isinstance(value, list) else value
