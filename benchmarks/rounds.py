"""Rounds: every peer in turn, one at a time; medians, and ratios of what ran close together."""

import os
import random
from collections.abc import Callable
from contextlib import ExitStack
from statistics import median
from typing import Any

from .peers import OURS, Peer, Process, Settings

MEASURED = ("fit", "predict", "one")


def measure(workload: str, peers: list[Peer], settings: Settings, rounds: int, say: Callable[[str], None]) -> dict:
    """The seconds of each peer in each round, by kind of work; memory; and what the peers say of themselves."""
    order = random.Random(0)
    with ExitStack() as stack:
        running: dict[str, Process] = {}
        for peer in peers:
            say(f"{workload}: {peer.name} warms up")
            try:
                running[peer.name] = stack.enter_context(Process(peer, workload, settings))
            except RuntimeError as error:
                say(str(error))
        load = [os.getloadavg()[0]]
        memory = {name: process.ask("memory") for name, process in running.items()}
        times: dict[str, dict[str, list[float]]] = {kind: {name: [] for name in running} for kind in MEASURED}
        products: list[dict[str, float]] = []
        for number in range(rounds):
            say(f"{workload}: round {number + 1} of {rounds}")
            for kind in MEASURED:
                for name in order.sample(list(running), len(running)):
                    times[kind][name].append(running[name].ask(kind))
            if workload.startswith("mlp") and "lamina" in running:
                products.append(running["lamina"].ask("products"))
        load.append(os.getloadavg()[0])
    about = {name: process.about for name, process in running.items()}
    counts = {name: found["params"] for name, found in about.items()}
    if len(set(counts.values())) > 1:
        raise RuntimeError(f"{workload}: the models differ in size: {counts}")
    for name, found in memory.items():
        about[name] |= {"baseline_mb": about[name].pop("baseline"), "peak_mb": found["peak"]}
    return {"about": about, "load": load, "seconds": times, "products": products}


def summarize(measured: dict) -> dict[str, Any]:
    """Medians in ms, ratios lamina / peer (the median over the rounds of each round's ratio), and the best peer's."""
    found: dict[str, Any] = {}
    for kind, times in measured["seconds"].items():
        ms = {name: median(values) * 1e3 for name, values in times.items()}
        found[kind] = {"ms": ms}
        others = [name for name in times if name not in OURS]
        if "lamina" in times and others:
            ratios = {name: pairwise(times["lamina"], times[name]) for name in others}
            best = max(ratios, key=ratios.__getitem__)
            found[kind] |= {"ratios": ratios, "best_peer": best, "ratio": ratios[best]}
            if "lamina-compiled" in times:
                found[kind]["compiled"] = max(pairwise(times["lamina-compiled"], times[name]) for name in others)
    memory = {name: about["peak_mb"] for name, about in measured["about"].items()}
    found["memory_mb"] = memory
    if measured["products"]:
        times, products = measured["seconds"], measured["products"]
        bare = [product["one"] for product in products]
        step = [product["step"] for product in products]
        found["products"] = {
            "one_ms": median(bare) * 1e3,
            "above_ms": median(mine - alone for mine, alone in zip(times["one"]["lamina"], bare, strict=True)) * 1e3,
            "step_ms": median(step) * 1e3,
            "share": pairwise(step, times["fit"]["lamina"]),
        }
    return found


def pairwise(first: list[float], second: list[float]) -> float:
    """The median over the rounds of first / second.

    >>> pairwise([2, 9, 4], [4, 3, 8])
    0.5
    """
    return median(a / b for a, b in zip(first, second, strict=True))
