"""The results: as a table, and as JSON with the date, the machine and the versions."""

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .peers import OURS

RESULTS = Path(__file__).parent / "results"
KINDS = {"fit": "fit, ms a step", "predict": "predict, ms a batch", "one": "predict of one sample, ms"}
GOALS = {  # lamina / the best of all peers
    "fit": {"tiny": 0.35, "mlp": 0.9, "cnn": 0.8, "cnn_same": 0.8, "wide": 0.8}
    | {"lstm": 0.95, "gru": 0.8, "rnn": 0.8, "imdb": 0.95},
    "predict": {"tiny": 1.0, "mlp": 1.0, "cnn": 1.5, "cnn_same": 1.5, "wide": 1.5}
    | {"lstm": 1.0, "gru": 1.0, "rnn": 1.0, "imdb": 1.0},
}


def machine(threads: int) -> dict[str, Any]:
    """What it was measured on, and when."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": cpu_name(),
        "cores": os.cpu_count(),
        "threads": threads,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def cpu_name() -> str:
    """The processor's name, as the system gives it."""
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def table(results: dict) -> str:
    """All results as text."""
    workloads = results["workloads"]
    peers = list(dict.fromkeys(name for found in workloads.values() for name in found["about"]))
    lines = [headline(results), ""]
    for kind, title in (
        ("fit", "fit, ms a step"),
        ("predict", "predict, ms a batch"),
        ("one", "predict of one sample, ms"),
    ):
        lines += [_row(title, [*peers, "ratio", "compiled", "goal", "best peer"])]
        for name, found in workloads.items():
            entry = found[kind]
            cells = [_number(entry["ms"].get(peer)) for peer in peers]
            compared = entry.get("ratio"), entry.get("compiled"), GOALS.get(kind, {}).get(name)
            cells += [*map(_number, compared), entry.get("best_peer", "")]
            lines.append(_row(name, cells))
        lines.append("")
    lines += [_row("peak memory, MB", [*peers, "ratio"])]
    for name, found in workloads.items():
        memory = found["memory_mb"]
        others = [value for peer, value in memory.items() if peer not in OURS]
        ratio = memory["lamina"] / min(others) if others and "lamina" in memory else None
        lines.append(_row(name, [*(_number(memory.get(peer), 0) for peer in peers), _number(ratio)]))
    for key, title, digits in (("import_s", "import, s", 2), ("installed_mb", "installed, MB", 0)):
        if results.get(key):
            lines.append(_row(title, [_number(results[key].get(peer), digits) for peer in peers]))
    lines += ["", *_remarks(results)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def headline(results: dict) -> str:
    """When, where and with what."""
    found = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in sorted(results["versions"].items()))
    loads = [load for workload in results["workloads"].values() for load in workload["load"]]
    return (
        f"{found['date']}; {found['cpu']}, {found['cores']} cores, {found['threads']} threads; "
        f"Python {found['python']}, {versions};\n"
        f"medians of {results['rounds']} rounds, {results['clock']} time; "
        f"load average {min(loads):.1f} to {max(loads):.1f}"
    )


def _remarks(results: dict) -> list[str]:
    lines = []
    products = results["workloads"].get("mlp", {}).get("products")
    if products:
        lines.append(
            f"mlp: numpy.matmul alone needs {products['step_ms']:.2f} ms a step, "
            f"{products['share']:.0%} of fit (goal: 70%)"
        )
        lines.append(
            f"mlp: predict of one sample takes {products['above_ms']:.3f} ms more than its products alone, "
            f"{products['one_ms']:.3f} ms (goal: at most 0.1 more)"
        )
    if results.get("growth_mb") is not None:
        grown, cycles = results["growth_mb"], results["cycles"]
        lines.append(
            f"{cycles} times build and fit: the process grows by {grown:.2f} MB (goal: below {cycles / 100:g})"
        )
    return lines


def _number(value: float | None, digits: int | None = None) -> str:
    if value is None:
        return "-"
    digits = digits if digits is not None else 3 if value < 1 else 2 if value < 10 else 1
    return f"{value:.{digits}f}"


def _row(title: str, cells: list[str]) -> str:
    return f"{title:<26}" + "".join(f"{cell:>18}" for cell in cells)


def load(name: str) -> dict:
    """The results of `results/NAME.json`."""
    return json.loads((RESULTS / f"{name}.json").read_text())


def save(results: dict, name: str) -> Path:
    """Write the results to `results/NAME.json`."""
    path = RESULTS / f"{name}.json"
    RESULTS.mkdir(exist_ok=True)
    path.write_text(json.dumps(_rounded(results), indent=1) + "\n")
    return path


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: _rounded(entry) for key, entry in value.items()}
    return [_rounded(entry) for entry in value] if isinstance(value, list) else value
