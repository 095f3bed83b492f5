"""The benchmark: its workloads build here, and a turn of it works. No time is asserted."""

import importlib
import sys
from pathlib import Path

import pytest

import lamina
from lamina import layers, models


@pytest.fixture(scope="module", autouse=True)
def checkout():
    """`benchmarks` is no part of the package: it is found in the checkout, as `python -m benchmarks` finds it."""
    sys.path.append(str(Path(lamina.__file__).parent))
    yield
    sys.path.pop()


def module(name):
    return importlib.import_module(f"benchmarks.{name}")


SIZES = {
    "tiny": 131,
    "mlp": 669_706,
    "cnn": 121_930,
    "cnn_same": 554_346,
    "wide": 210_058,
    "lstm": 25_482,
    "gru": 19_466,
    "rnn": 6_858,
    "imdb": 2_691_713,
}


@pytest.mark.parametrize("name", SIZES)
def test_each_workload_builds_and_fits_its_data(name):
    workload = module("workloads").make(name)
    model = models.Sequential([layers.Input(workload.shape), *workload.build(layers)])
    assert model.count_params() == SIZES[name]
    model.compile("adam", workload.loss, metrics=["accuracy"])
    small = module("workloads").Workload(**vars(workload) | {"batch": 2, "steps": 1})
    assert set(model.fit(*small.data(), batch_size=2, verbose=0).history) == {"loss", "accuracy"}


def test_all_workloads_have_goals_and_a_known_size():
    report = module("report")
    assert set(SIZES) == set(module("workloads").WORKLOADS) == set(report.GOALS["fit"]) == set(report.GOALS["predict"])


def test_single_layers_are_timed_and_those_that_trail_come_first():
    single = module("layers")
    ours = single.times("lamina", seconds=0)
    assert list(ours) == list(single.CASES) and all(len(pair) == 2 for pair in ours.values())
    ratios = {name: [number, 1.0] for number, name in enumerate(ours)}
    lines = single.table({"ms": {"lamina": ours, "torch": ours}, "ratios": ratios}).splitlines()
    assert [line[:26].strip() for line in lines[1:]] == list(ours)[::-1]


def test_each_kernel_has_arguments_that_both_of_its_twins_take():
    compiled = module("compiled")
    for plain, fused in (compiled.adam(), *compiled.steps().values(), *compiled.of_layers().values()):
        plain()
        fused()


def test_sizes_can_be_given():
    workload = module("workloads").make("mlp:width=8,depth=3,batch=4")
    assert workload.batch == 4
    assert [layer.units for layer in workload.build(layers)] == [8, 8, 8, 10]


def test_a_turn_gives_a_table(tmp_path, monkeypatch):
    peers, rounds, report = module("peers"), module("rounds"), module("report")
    settings = peers.Settings(threads=1, seconds=0.01, clock="wall", pythons={})
    measured = rounds.measure("mlp:width=4,batch=2", [peers.PEERS["lamina"]], settings, 2, lambda text: None)
    assert {kind: len(times["lamina"]) for kind, times in measured["seconds"].items()} == {
        "fit": 2,
        "predict": 2,
        "one": 2,
    }
    about = measured["about"]["lamina"]
    assert about["params"] == 784 * 4 + 4 + 4 * 4 + 4 + 4 * 10 + 10
    assert about["peak_mb"] >= about["baseline_mb"] > 0
    results = {"machine": report.machine(1), "rounds": 2, "clock": "wall", "versions": about["versions"]}
    results["workloads"] = {"mlp": measured | rounds.summarize(measured)}
    monkeypatch.setattr(report, "RESULTS", tmp_path)
    report.save(results, "small")
    assert f"lamina {lamina.__version__}" in report.table(report.load("small"))


def test_a_peer_that_breaks_says_how():
    peers = module("peers")
    settings = peers.Settings(threads=1, seconds=0.01, clock="wall", pythons={})
    with pytest.raises(RuntimeError, match=r"lamina ended:(?s:.*)KeyError: 'none'"):
        peers.Process(peers.PEERS["lamina"], "none", settings)


def test_ratios_are_taken_round_by_round_and_against_the_strongest_peer():
    times = {"lamina": [1.0, 2.0, 3.0], "torch": [2.0, 4.0, 6.0], "keras-jax": [1.0, 4.0, 3.0]}
    seconds = dict.fromkeys(("fit", "predict", "one"), times)
    about = {name: {"peak_mb": 1.0} for name in times}
    found = module("rounds").summarize({"seconds": seconds, "about": about, "products": []})["fit"]
    assert found["ratios"] == {"torch": 0.5, "keras-jax": 1.0}
    assert (found["best_peer"], found["ratio"]) == ("keras-jax", 1.0)
