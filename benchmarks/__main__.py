"""`python -m benchmarks`: lamina beside its peers; `python -m benchmarks --help` lists what else there is."""

import argparse
import os
import signal
import sys
from dataclasses import replace
from statistics import median

from . import report
from .peers import PEERS, USUAL, Peer, Settings
from .rounds import measure, summarize
from .workloads import WORKLOADS

WHAT = ("compare", "table", "draw", "profile", "growth", "layers")


def arguments() -> argparse.Namespace:
    """The command line."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="lamina beside Keras and PyTorch")
    parser.add_argument("what", nargs="?", default="compare", choices=WHAT)
    parser.add_argument("--workloads", default=",".join(WORKLOADS), help="names, by commas; sizes as mlp:width=64")
    parser.add_argument("--peers", default=",".join(USUAL), help="names, by commas: " + ", ".join(PEERS))
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=1.0, help="the least that a turn of fit takes")
    parser.add_argument("--threads", type=int, default=cores, help="for every peer alike")
    parser.add_argument(
        "--clock", choices=("wall", "cpu"), default="wall",
        help="cpu: the processor's seconds, which a busy machine falsifies less; meant for --threads 1",
    )  # fmt: skip
    parser.add_argument("--cycles", type=int, default=200, help="of build and fit, to see the process grow (0: none)")
    parser.add_argument(
        "--python", action="append", default=[], metavar="PEER=PATH",
        help="the interpreter of a peer's own environment; also BENCH_PYTHON='PEER=PATH PEER=PATH'",
    )  # fmt: skip
    parser.add_argument("--name", default="latest", help="of the file in benchmarks/results")
    return parser.parse_args()


def settings(options: argparse.Namespace) -> Settings:
    """What all peers are given alike."""
    places = os.environ.get("BENCH_PYTHON", "").split() + options.python
    return Settings(options.threads, options.seconds, options.clock, dict(place.split("=", 1) for place in places))


def installed(names: str, shared: Settings) -> list[Peer]:
    """The peers of these names that are there."""
    asked = [PEERS[name] for name in names.split(",")]
    found = [peer for peer in asked if shared.installed(peer)]
    for peer in asked:
        if peer not in found:
            say(f"{peer.name} is not installed; left out")
    return found


def draw(name: str) -> None:
    """Draw the chart of results that are saved, if matplotlib is there."""
    try:
        from .charts import ratios
    except ImportError:
        say("matplotlib is not installed: no chart")
        return
    say(f"drawn to {ratios(report.load(name), report.RESULTS / 'ratios.png')}")


def grow(options: argparse.Namespace) -> None:
    """Measure how the cost of a step grows with each size, and draw it."""
    from .growth import measure_growth

    shared = settings(options)
    shared.pin()
    results = {"machine": report.machine(options.threads), "rounds": options.rounds, "clock": options.clock}
    results["growth"] = measure_growth(installed(options.peers, shared), shared, options.rounds, say)
    report.save(results, "growth")
    from .charts import growth

    say(f"drawn to {growth(results, report.RESULTS / 'growth.png')}")


def one_by_one(options: argparse.Namespace) -> None:
    """Measure single layers beside PyTorch's, and print the table."""
    from .layers import measure_layers, table

    results = measure_layers(replace(settings(options), threads=1), options.rounds, say)
    path = report.save(results, "layers")
    path.with_suffix(".txt").write_text(table(results))
    print(table(results), end="")


def compare(options: argparse.Namespace) -> None:
    """Measure all workloads and peers; print the table, write the JSON, draw the chart."""
    shared = settings(options)
    shared.pin()
    peers = installed(options.peers, shared)
    results: dict = {"machine": report.machine(options.threads), "rounds": options.rounds, "clock": options.clock}
    results |= {"versions": {}, "workloads": {}, "cycles": options.cycles}
    for spec in options.workloads.split(","):
        measured = measure(spec, peers, shared, options.rounds, say)
        results["workloads"][spec] = measured | summarize(measured)
        for about in measured["about"].values():
            results["versions"] |= about.pop("versions")
        report.save(results, options.name)
    results["import_s"] = imports(peers, shared)
    results["installed_mb"] = {peer.name: float(shared.ask(peer, "size", *peer.distributions)) for peer in peers}
    if options.cycles and PEERS["lamina"] in peers:
        say(f"{options.cycles} times build and fit")
        count = str(options.cycles)
        results["growth_mb"] = float(shared.ask(PEERS["lamina"], "cycles", "mlp:width=64", str(options.threads), count))
    path = report.save(results, options.name)
    path.with_suffix(".txt").write_text(report.table(results))
    print(report.table(results), end="")
    say(f"written to {path} and {path.stem}.txt")
    draw(options.name)


def imports(peers: list[Peer], shared: Settings, rounds: int = 5) -> dict[str, float]:
    """The median of the seconds to import each, in turn; the first round fills the system's file cache."""
    times: dict[str, list[float]] = {peer.name: [] for peer in peers}
    for number in range(rounds + 1):
        say(f"import: round {number}")
        for peer in peers:
            times[peer.name].append(float(shared.ask(peer, "import", shared.clock)))
    return {name: median(values[1:]) for name, values in times.items()}


def say(text: str) -> None:
    """Tell whoever waits what goes on; the table alone goes to the standard output."""
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Do what the command line asks for."""
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the peers' processes are ended too
    if options.what == "profile":
        from .profiling import profile

        for spec in options.workloads.split(","):
            print(profile(spec, options.threads, options.clock))
    elif options.what == "table":
        print(report.table(report.load(options.name)), end="")
    elif options.what == "draw":
        draw(options.name)
    elif options.what == "growth":
        grow(options)
    elif options.what == "layers":
        one_by_one(options)
    else:
        compare(options)


if __name__ == "__main__":
    main()
