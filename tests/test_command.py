"""The command: its options, its exit codes, and what it says of errors that are not lamina's own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cases_experiments import GOOD

import lamina
from lamina.__main__ import main


class TestCommand:
    def test_an_error_that_is_not_laminas_own(self, write, tmp_path, capsys, monkeypatch):
        def fails(self, epoch, logs=None):
            raise TypeError("odd")

        with monkeypatch.context() as patched:
            patched.setattr(lamina.callbacks.EarlyStopping, "on_epoch_end", fails)
            assert main(["train", str(write(GOOD)), "--out", str(tmp_path / "out")]) == 1
        error = capsys.readouterr().err
        assert error.startswith(f"lamina: {tmp_path / 'exp.yaml'}:13:1: TypeError: ") and error.count("\n") == 1
        assert main(["train", str(write(GOOD.replace("units: 16", "units: 99999999999999")))]) == 1
        assert "exp.yaml:7:5: " in capsys.readouterr().err

    def test_no_rows_held_out(self, write, tmp_path, capsys):
        assert main(["train", str(write(GOOD)), "--set", "data.dataset.iris.test_split=0", "--out", str(tmp_path)]) == 0
        out = capsys.readouterr().out
        assert "Validation: none, for no rows are held out\n" in out and "Baseline" not in out
        assert '"validation": {}' in (tmp_path / "results.json").read_text()

    def test_a_model_worse_than_the_baseline(self, capsys):
        result = lamina.experiments.Result(
            None, None, {"mse": 3.0}, lamina.experiments.baseline.Baseline("mean squared error", 2.0, ""), 0, None
        )
        assert lamina.__main__.margin(result) == "; the model's error is 50% larger"

    def test_a_backup_before_the_file(self, write, tmp_path, capsys):
        assert main(["train", "--backup", str(write(GOOD)), "--set", "fit.epochs=1", "--out", str(tmp_path / "o")]) == 0
        assert (tmp_path / "o" / "results.json").exists()

    def test_version(self, capsys):
        with pytest.raises(SystemExit) as end:
            main(["--version"])
        assert end.value.code == 0 and capsys.readouterr().out == f"lamina {lamina.__version__}\n"

    def test_a_name_stays_in_its_folder(self, write, tmp_path, monkeypatch):
        (tmp_path / "a" / "b").mkdir(parents=True)
        path = write("name: ../../esc\n" + GOOD.replace("epochs: 5", "epochs: 1"))
        monkeypatch.chdir(tmp_path / "a" / "b")
        assert main(["train", str(path)]) == 0
        (folder,) = Path("runs").iterdir()
        assert folder.name.startswith("..-..-esc-2") and (folder / "results.json").exists()


def test_no_command(capsys):
    with pytest.raises(SystemExit) as end:
        main([])
    assert end.value.code == 2 and "arguments are required: command" in capsys.readouterr().err


def test_an_output_of_ascii(write, tmp_path):
    command = [sys.executable, "-m", "lamina", "train", str(write(GOOD)), "--out", str(tmp_path / "größe")]
    variables = os.environ | {"PYTHONIOENCODING": "ascii"}
    ran = subprocess.run(command, capture_output=True, text=True, encoding="ascii", env=variables, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "\n| Layer (type)" in ran.stdout and "gr\\xf6\\xdfe" in ran.stdout.splitlines()[-1]


def test_an_output_that_is_closed(write, tmp_path):
    """As of a program without a console: Python has no `sys.stdout` then."""
    command = f"{sys.executable} -m lamina train {write(GOOD)} --out {tmp_path / 'out'} >&-"
    ran = subprocess.run(["sh", "-c", command], stderr=subprocess.PIPE, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_an_output_that_nobody_reads(write, tmp_path):
    command = [sys.executable, "-m", "lamina", "train", str(write(GOOD)), "--out", str(tmp_path / "out")]
    read, written = os.pipe()
    os.close(read)
    ran = subprocess.run(command, stdout=written, stderr=subprocess.PIPE, text=True, check=False)
    os.close(written)
    assert ran.returncode == 1 and ran.stderr.count("\n") == 1 and "BrokenPipeError" in ran.stderr
