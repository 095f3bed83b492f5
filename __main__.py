"""The command `lamina`: ``lamina train FILE``, ``lamina inspect FILE``."""

import argparse
import io
import os
import re
import sys
import time
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

from .config import VERSION
from .errors import LaminaError, OptionError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives its exit code, with the reason on standard error: 0, 2 where it was refused, 1 where
    something else failed."""
    parser = argparse.ArgumentParser(prog="lamina", description="Train what a YAML file declares.")
    parser.add_argument("--version", action="version", version=f"lamina {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True)
    trainer = commands.add_parser("train", help="train the model of an experiment file")
    trainer.add_argument("file", help="the YAML file, or the name of a shipped one such as digits_mlp.yaml")
    change = "change a value of the file: --set fit.epochs=3 --set model[1].Dense.units=64"
    trainer.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", dest="overrides", help=change)
    trainer.add_argument("--out", help="the folder for the results (runs/NAME-DATE if not given)")
    keep = "keep the state of the run in --out, after each epoch or so many steps: the same command goes on from there"
    trainer.add_argument("--backup", nargs="?", const="epoch", metavar="STEPS", help=keep)
    inspector = commands.add_parser("inspect", help="print what a file holds: version, layers, shapes, checksums")
    inspector.add_argument("model", help="a file that model.save or a checkpoint wrote, such as m.lamina")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a name that the output can't show is no reason to end
    options = parser.parse_args(_told_apart(sys.argv[1:] if arguments is None else arguments))
    try:
        if options.command == "inspect":
            inspect(options.model)
        else:
            train(options.file, options.overrides, options.out, _frequency(options.backup, options.out))
        print(end="", flush=True)  # what can't be written is found out here, not when Python ends
        return 0
    except LaminaError as error:
        print(f"lamina: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        again = ", and goes on where it was with the same command" if options.backup else ""
        print(f"lamina: stopped{again}", file=sys.stderr)
        return 130
    except Exception as error:
        where = "".join(f"{note}: " for note in getattr(error, "__notes__", ()))
        print(f"lamina: {where}{type(error).__name__}: {error}", file=sys.stderr)
        _give_up_output()
        return 1


def _told_apart(arguments: Sequence[str]) -> list[str]:
    """The arguments, ``--backup`` with its value where a file follows it: argparse would take that for the value."""
    return [
        "--backup=epoch" if word == "--backup" and re.search(r"\.ya?ml$", after) else word
        for word, after in zip_longest(arguments, arguments[1:], fillvalue="")
    ]


def _give_up_output() -> None:
    """Where nothing can be written to the output any more (``| head``), let Python not try it again at its end."""
    try:
        print(end="", flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _frequency(backup: str | None, out: str | None) -> str | int | None:
    """How often ``--backup`` asks for."""
    if backup is not None and out is None:
        raise OptionError("lamina train --backup", expected="--out FOLDER beside it", received="none")
    return int(backup) if backup is not None and backup.isdecimal() else backup


def train(file: str, overrides: Sequence[str], out: str | None, backup: str | int | None = None) -> None:
    """Run an experiment, and print how it ended and where the results lie."""
    from .callbacks.progress import show
    from .experiments import load

    experiment = load(find(file), overrides)
    name = re.sub(r"[/\\\0]", "-", experiment.name)  # it may say where, and a folder of results lies in `runs`
    folder = Path(out) if out else Path("runs") / f"{name}-{time.strftime('%Y%m%d-%H%M%S')}"
    result = experiment.run(folder, backup=backup)
    print(f"Trained {len(result.history.epoch)} epochs in {result.seconds:.1f} s.")
    print(f"Validation: {show(result.validation) or 'none, for no rows are held out'}")
    if result.baseline is not None:
        print(f"Baseline: {result.baseline}{margin(result)}")
    print(f"Results: {folder}")


def inspect(file: str) -> None:
    """Print what a file holds; nothing of it is built."""
    from .models.inspection import inspect

    print(inspect(file))


def margin(result) -> str:
    """How the model's squared error compares with that of a baseline, where both have one."""
    errors = [result.validation.get(name) for name in ("mse", "mean_squared_error")]
    error = next((error for error in errors if error is not None), None)
    if error is None or result.baseline.name != "mean squared error":
        return ""
    share = error / result.baseline.value - 1 if result.baseline.value else 0
    return f"; the model's error is {abs(share):.0%} {'larger' if share > 0 else 'smaller'}"


def find(file: str) -> Path:
    """The file of that path, or the shipped one of that name."""
    path = Path(file)
    shipped = Path(__file__).parent / "configs" / path.name
    return shipped if not path.exists() and shipped.exists() else path


if __name__ == "__main__":
    sys.exit(main())
