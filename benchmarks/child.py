"""What runs in a peer's process: it makes the model, warms it up, then does what it is told, one line at a time.

Started as `python -P -c "...; main(sys.argv)"` by `peers.py`. Orders and answers are lines of JSON.
"""

import gc
import json
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from .peers import OURS

if TYPE_CHECKING:
    from .workloads import Workload

CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}


def engine(name: str, workload: "Workload", threads: int, clock: str = "wall"):
    """The workload in the peer of that name."""
    if name.startswith("torch"):
        from .twins import Torch

        return Torch(workload, threads, CLOCKS[clock], tuned=name != "torch", compiled=name == "torch-compile")
    from .engines import KerasStyle

    return KerasStyle(workload, threads, CLOCKS[clock], "lamina" if name in OURS else "keras")


def memory() -> dict[str, float]:
    """This process's memory in MB: now, and at its peak (not a number where the system doesn't say)."""
    try:
        with open("/proc/self/status") as file:
            fields = dict(line.split(":", 1) for line in file)
    except OSError:
        return {"now": float("nan"), "peak": float("nan")}
    return {key: int(fields[name].split()[0]) / 1024 for key, name in (("now", "VmRSS"), ("peak", "VmHWM"))}


def helpers() -> float:
    """The most that a process forked by lamina held, in MB, with what it shares with this one."""
    import resource

    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def import_library(name: str, clock: str = "wall") -> float:
    """Import what a script of this peer imports; gives the seconds."""
    start = CLOCKS[clock]()
    __import__("lamina" if name in OURS else "torch" if name.startswith("torch") else "keras")
    return CLOCKS[clock]() - start


def latency(model, seconds: float) -> float:
    """The median of the seconds for `predict` of one sample."""
    times = [model.predict(1)]
    while sum(times) < seconds:
        times.append(model.predict(1))
    return sorted(times)[len(times) // 2]


def cycles(name: str, spec: str, threads: int, count: int) -> float:
    """By how many MB this process grows while models are built, trained for two steps and dropped."""
    from .workloads import make

    before, workload = 0.0, replace(make(spec), steps=2)
    for number in range(count + 20):
        engine(name, workload, threads).fit(1)
        gc.collect()
        if number == 19:  # caches are filled by now
            before = memory()["now"]
    return memory()["now"] - before


def serve(name: str, spec: str, threads: int, seconds: float, clock: str) -> None:
    """Warm up, then answer orders until there are no more."""
    answers = sys.stdout
    sys.stdout = sys.stderr  # a library that prints must not be taken for an answer

    def answer(value) -> None:
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    imported = import_library(name, clock)
    baseline = memory()["now"]
    from .workloads import make  # NumPy only now, so that the library's import is timed whole

    model = engine(name, make(spec), threads, clock)
    model.fit(1)
    pace = model.fit(1)
    for count in (None, None, 1, 1):
        model.predict(count)
    epochs = max(1, round(seconds / pace))
    found = {"params": model.count_params(), "epochs": epochs, "versions": model.versions()}
    answer(found | {"import": imported, "baseline": baseline, "steps": model.workload.steps})
    for line in sys.stdin:
        order = json.loads(line)
        if order == "fit":
            answer(model.fit(epochs) / epochs / model.workload.steps)
        elif order == "predict":
            answer(model.predict() / model.workload.steps)
        elif order == "one":
            answer(latency(model, min(seconds, 0.1)))
        elif order == "products":
            answer(model.products())
        elif order == "memory":
            found = memory()
            found["peak"] += helpers() * (threads - 1) if name in OURS else 0
            answer(found)
        else:
            raise ValueError(order)


def main(arguments: list[str]) -> None:
    """Do what the command line says: `serve`, `layers`, `cycles`, `import` or `size`, of a peer."""
    what, name, *rest = arguments
    if what == "layers":
        from .layers import times

        print(json.dumps(times(name, float(rest[0]))))
    elif what == "serve":
        serve(name, rest[0], int(rest[1]), float(rest[2]), rest[3])
    elif what == "cycles":
        print(cycles(name, rest[0], int(rest[1]), int(rest[2])))
    elif what == "import":
        print(import_library(name, *rest))
    else:
        from .footprint import installed

        print(installed(rest))
