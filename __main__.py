"""The command `lamina`: ``lamina train FILE``, ``lamina inspect FILE``."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from .errors import LaminaError, OptionError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives its exit code: 0, or 2 where it was refused, with the reason on standard error."""
    parser = argparse.ArgumentParser(prog="lamina", description="Train what a YAML file declares.")
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
    options = parser.parse_args(arguments)
    try:
        if options.command == "inspect":
            return inspect(options.model)
        return train(options.file, options.overrides, options.out, _frequency(options.backup, options.out))
    except LaminaError as error:
        print(f"lamina: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        again = ", and goes on where it was with the same command" if options.backup else ""
        print(f"lamina: stopped{again}", file=sys.stderr)
        return 130


def _frequency(backup: str | None, out: str | None) -> str | int | None:
    """How often ``--backup`` asks for."""
    if backup is not None and out is None:
        raise OptionError("lamina train --backup", expected="--out FOLDER beside it", received="none")
    return int(backup) if backup is not None and backup.isdecimal() else backup


def train(file: str, overrides: Sequence[str], out: str | None, backup: str | int | None = None) -> int:
    """Run an experiment, and print how it ended and where the results lie."""
    from .callbacks.progress import show
    from .experiments import load

    experiment = load(find(file), overrides)
    folder = Path(out) if out else Path("runs") / f"{experiment.name}-{time.strftime('%Y%m%d-%H%M%S')}"
    result = experiment.run(folder, backup=backup)
    print(f"Trained {len(result.history.epoch)} epochs in {result.seconds:.1f} s.")
    print(f"Validation: {show(result.validation)}")
    if result.baseline is not None:
        print(f"Baseline: {result.baseline}{margin(result)}")
    print(f"Results: {folder}")
    return 0


def inspect(file: str) -> int:
    """Print what a file holds; nothing of it is built."""
    from .models.inspection import inspect

    print(inspect(file))
    return 0


def margin(result) -> str:
    """How much of a baseline's squared error the model leaves out, where both have one."""
    errors = [result.validation.get(name) for name in ("mse", "mean_squared_error")]
    error = next((error for error in errors if error is not None), None)
    if error is None or result.baseline.name != "mean squared error":
        return ""
    return f"; the model's error is {1 - error / result.baseline.value:.0%} smaller"


def find(file: str) -> Path:
    """The file of that path, or the shipped one of that name."""
    path = Path(file)
    shipped = Path(__file__).parent / "configs" / path.name
    return shipped if not path.exists() and shipped.exists() else path


if __name__ == "__main__":
    sys.exit(main())
