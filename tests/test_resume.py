"""A run that is stopped anywhere, and started again, ends as one that was never stopped: bit for bit."""

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from resumed_runs import CASES, Kill, Killed, fresh, start, stopping

from lamina import callbacks
from lamina.models import worth

SCRIPT = str(Path(__file__).parent / "resumed_runs.py")


@pytest.fixture(autouse=True)
def hasty_disk(monkeypatch):
    """Files are not waited for: no test in this process pulls the plug."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)


@pytest.fixture(autouse=True)
def few_steps_are_worth_a_fork(monkeypatch):
    """So that the short runs here are split over processes, too."""
    monkeypatch.setattr(worth, "CALL", 1)


def check_killed(case, save_freq, folder, places):
    """Run a case killed at each of some places, and soon again; it ends as if it never had been."""
    whole = start(case, fresh(folder, "whole"))
    counter = Kill(0)
    start(case, fresh(folder, "counted"), [counter])
    chosen = np.random.default_rng(counter.seen).permutation(np.arange(1, counter.seen + 1))[:places]
    for at in chosen.tolist():
        at_once = fresh(folder, f"killed-{at}")
        keep = callbacks.BackupAndRestore(at_once / "backup", save_freq)
        for more in ([Kill(at), keep], [Kill(2 + at % 5), keep], [keep]):
            try:
                found = start(case, at_once, more)
            except Killed:
                continue
            break
        for name, facts in whole.items():
            assert found[name] == facts, f"killed at {at}: other {name}"


@pytest.mark.parametrize("save_freq", ["epoch", 3])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_killed_at_some_places(case, save_freq, tmp_path):
    check_killed(case, save_freq, tmp_path, 3)


@pytest.mark.parametrize("save_freq", ["epoch", 7])
def test_killed_after_a_callback_ended_the_run(save_freq, tmp_path):
    """The state of the seventh step, which ends the run, and of the end of its epoch: no step comes after it."""
    check_killed(stopping, save_freq, tmp_path, None)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_the_state_is_whole(case, tmp_path):
    """A run goes on as it would have under its own seed, whatever the seed of the script that goes on with it."""
    whole = start(case, fresh(tmp_path, "whole"))
    folder = fresh(tmp_path, "killed")
    keep = callbacks.BackupAndRestore(folder / "backup", 1)
    with pytest.raises(Killed):
        start(case, folder, [Kill(3), keep])
    assert start(case, folder, [keep], seed=2) == whole


@pytest.mark.slow
@pytest.mark.parametrize("save_freq", ["epoch", 1, 3])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_killed_at_every_place(case, save_freq, tmp_path):
    check_killed(case, save_freq, tmp_path, None)


EXPERIMENT = """\
seed: 3
data:
  dataset: {iris: {test_split: 0.2}}
  standardize: true
model:
  - Input: {shape: [4]}
  - Dense: {units: 8, activation: relu}
  - Dropout: {rate: 0.2}
  - Dense: {units: 3, activation: softmax}
compile:
  optimizer: adam
  loss: sparse_categorical_crossentropy
  metrics: [accuracy]
fit:
  epochs: 4
  callbacks:
    - EarlyStopping: {monitor: val_loss, patience: 2, restore_best_weights: true}
    - ReduceLROnPlateau: {monitor: loss, patience: 1, min_delta: 0.1}
"""


def begin(case, folder, save_freq, *kill):
    """Start the script in a process of its own."""
    given = [sys.executable, SCRIPT, case, str(folder), str(save_freq), *map(str, kill)]
    return subprocess.Popen(given, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def ended(process):
    """Whether it came to its end, and was not killed; it may end in no other way."""
    _, said = process.communicate()
    assert process.returncode in (0, -signal.SIGKILL), said.decode()
    return process.returncode == 0


def results(case, folder):
    """What a case left behind."""
    backups = [path.name for path in folder.rglob("*") if "backup." in path.name]
    assert not backups, backups
    if case != "train":
        return json.loads((folder / "outcome.json").read_text())
    facts = json.loads((folder / "results.json").read_text())
    del facts["seconds"]
    return facts, (folder / "history.csv").read_text(), (folder / "model.lamina").read_bytes()


def killed_again_and_again(case, save_freq, folder, kills):
    """Start a case until it ends, killed in these ways one after another; gives how many of them killed it."""
    count = 0
    for kill in kills:
        if ended(begin(case, folder, save_freq, *kill)):
            break
        count += 1
    else:
        assert ended(begin(case, folder, save_freq))
    return count


def kills_of(draws):
    """Kills at random steps, and within a write: before the file has its name, and after."""
    while True:
        yield ("step", draws.integers(1, 7)) if draws.random() < 0.6 else ("write", draws.integers(1, 8))


def uninterrupted(case, folder):
    folder = fresh(folder, f"{case}-whole")
    (folder / "run.yaml").write_text(EXPERIMENT)
    assert ended(begin(case, folder, "epoch"))
    return results(case, folder)


def test_sigkill(tmp_path):
    """One run, killed for good four times: at a step, before a backup has its name, after it, at a step."""
    whole = uninterrupted("plain", tmp_path)
    folder = fresh(tmp_path, "killed")
    kills = [("step", 4), ("write", 1), ("write", 4), ("step", 2)]
    assert killed_again_and_again("plain", 2, folder, kills) == 4
    assert results("plain", folder) == whole


@pytest.mark.slow
def test_sigkill_at_fifty_places(tmp_path):
    draws, count, rounds = np.random.default_rng(0), 0, 0
    kills = kills_of(draws)
    cases = ["plain", "train", "generator", "stateful", "dataset"]
    whole = {case: uninterrupted(case, tmp_path) for case in cases}
    while count < 50:
        case, save_freq = cases[rounds % len(cases)], ("epoch", 1, 3)[rounds % 3]
        folder = fresh(tmp_path, f"killed-{rounds}")
        (folder / "run.yaml").write_text(EXPERIMENT)
        count += killed_again_and_again(case, save_freq, folder, itertools.islice(kills, 6))
        assert results(case, folder) == whole[case], f"{case} in {folder}"
        rounds += 1


@pytest.mark.slow
def test_sigkill_from_outside_at_any_time(tmp_path):
    """Killed wherever it happens to be, until it gets through."""
    draws = np.random.default_rng(1)
    for case in ("plain", "train"):
        began = time.perf_counter()
        whole = uninterrupted(case, tmp_path)
        seconds = time.perf_counter() - began
        folder = fresh(tmp_path, f"{case}-killed")
        (folder / "run.yaml").write_text(EXPERIMENT)
        for _ in range(8):
            process = begin(case, folder, 1)
            time.sleep(seconds * draws.uniform(0.3, 1))
            process.kill()
            if ended(process):
                break
        else:
            assert ended(begin(case, folder, 1))
        assert results(case, folder) == whole
