"""Where lamina's time goes: the parts of `fit`, layer by layer, forward and backward."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from statistics import median
from typing import Any

from .workloads import make


class Clock:
    """The seconds of each call, by part; what a part calls is counted there, not here. Threads may call at once."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.times: dict[str, list[float]] = defaultdict(list)
        self.running = threading.local()  # a list of the parts that run in this thread: what their own parts took
        self.watched: set[tuple[type, str]] = set()

    def watch(self, owner: object, method: str, name: Callable[[Any], str]) -> None:
        """Time a method of an object's class; `name` says which part an object of it is."""
        kind = type(owner)
        if (kind, method) in self.watched:
            return
        self.watched.add((kind, method))
        plain: Callable = getattr(kind, method)

        def timed(this, *args, **kwargs):
            within = self.running.__dict__.setdefault("within", [])
            within.append(0.0)
            start = self.clock()
            try:
                return plain(this, *args, **kwargs)
            finally:
                took = self.clock() - start
                self.times[name(this)].append(took - within.pop())
                if within:
                    within[-1] += took

        setattr(kind, method, timed)


def profile(spec: str, threads: int, clock: str) -> str:
    """Tables of ms a step for each part of a workload's `fit` and `predict`, the largest first.

    Medians over the steps, so that a moment in which the machine was busy elsewhere does not count. Where the
    batch is split over threads, what they do at the same time adds up.
    """
    from .engines import KerasStyle

    seconds = {"wall": time.perf_counter, "cpu": time.thread_time}[clock]
    engine = KerasStyle(make(spec), threads, seconds, "lamina")
    engine.fit(1)
    engine.predict()
    watch, model, steps = Clock(seconds), engine.model, engine.workload.steps
    objective = model._objective
    for layer in model.layers:
        watch.watch(layer, "forward", lambda this: f"{this.name} forward")
        watch.watch(layer, "backward", lambda this: f"{this.name} backward")
        watch.watch(layer, "backward_weights", lambda this: f"{this.name} backward to its weights")
    watch.watch(objective.loss, "forward", lambda _: "loss forward")
    watch.watch(objective.loss, "backward", lambda _: "loss backward")
    watch.watch(objective, "update", lambda _: "metrics")
    watch.watch(model.optimizer, "step", lambda _: "optimizer")
    lines = []
    for what in ("fit", "predict"):
        watch.times.clear()
        took = [getattr(engine, what)(*arguments) for arguments in [(1,) if what == "fit" else ()] * 3]
        lines += [f"{spec}: {what}, ms a step", *_rows(watch, 3 * steps, sum(took))]
    return "\n".join(lines) + "\n"


def _rows(clock: Clock, steps: int, took: float) -> list[str]:
    parts = {part: median(times) * len(times) / steps for part, times in clock.times.items()}
    known = sum(sum(times) for times in clock.times.values())
    parts["the loop and the rest"] = (took - known) / steps
    total = sum(parts.values())
    ranked = sorted(parts.items(), key=lambda item: -item[1])
    rows = [f"  {part:<32}{seconds * 1e3:>9.3f}{seconds / total:>8.1%}" for part, seconds in ranked]
    return [*rows, f"  {'together':<32}{total * 1e3:>9.3f}"]
