"""What each of the compiled kernels brings: `python -m benchmarks.compiled`, where Numba is installed. One thread."""

import time
from collections.abc import Callable
from functools import partial
from statistics import median

import numpy as np

from lamina import config
from lamina.ops import cells, compiled
from lamina.optimizers import Adam
from lamina.utils.subnormals import without_subnormals
from lamina.utils.variable import Variable

BATCH, UNITS, WEIGHTS = 64, 64, 669_706  # a step of the workloads lstm and gru; all weights of mlp


def steps() -> dict[str, tuple[Callable, Callable]]:
    """By name: a step of a recurrent cell by NumPy, and compiled."""
    rng = np.random.default_rng(0)
    one, three, four = (BATCH, UNITS), (3, BATCH, UNITS), (4, BATCH, UNITS)
    shapes = {
        "lstm_step": (four, four, one, one, one, one, four),
        "lstm_step_backward": (one, one, four, one, one, one, four, four),
        "gru_step": (three, three, (UNITS,), one, one, one, three),
        "gru_step_backward": (one, three, one, one, four, three),
        "rnn_step": (one, one, one),
        "rnn_step_backward": (one, one, one, one),
    }
    found = {}
    for name, wanted in shapes.items():
        arrays = [0.01 * rng.standard_normal(shape, np.float32) for shape in wanted]
        found[name] = tuple(partial(getattr(kernels, name), *arrays) for kernels in (cells, compiled))
    return found


def adam() -> tuple[Callable, Callable]:
    """A step of Adam, by NumPy and compiled."""
    rng = np.random.default_rng(0)
    variable, optimizer = Variable(rng.standard_normal(WEIGHTS, np.float32)), Adam()
    g = rng.standard_normal(WEIGHTS, np.float32)

    def step(value: bool) -> None:
        config.set_compiled(value)
        variable.reset_grad()
        variable.accumulate(np.positive, g)
        optimizer.step([variable])

    return partial(step, False), partial(step, True)


@without_subnormals  # as in a step of training
def main() -> None:
    """Print microseconds of each, in turn, medians."""
    for name, pair in {f"Adam, {WEIGHTS:,} numbers": adam(), **steps()}.items():
        times: list[list[float]] = [[], []]
        for _ in range(300):
            for taken, call in zip(times, pair, strict=True):
                start = time.perf_counter()
                call()
                taken.append(time.perf_counter() - start)
        plain, fused = (median(each) * 1e6 for each in times)
        print(f"{name:<24} NumPy {plain:8.1f} µs   compiled {fused:8.1f} µs   {fused / plain:.2f}")


if __name__ == "__main__":
    main()
