"""What each of the compiled kernels brings: `python -m benchmarks.compiled`, where Numba is installed.

One thread, by the processor's seconds. Layers are those of `layers`, where more than the kernels takes time. Whether a
call finds its large arrays in memory that an earlier one freed is chance, and weighs as much as a kernel: with
``MALLOC_TRIM_THRESHOLD_=1000000000 MALLOC_MMAP_THRESHOLD_=1000000000`` in the environment each does, under glibc.
"""

import time
from collections.abc import Callable
from functools import partial
from statistics import median

import numpy as np

from lamina import config
from lamina.ops import cells, compiled
from lamina.optimizers import Adam
from lamina.utils.subnormals import without_subnormals
from lamina.utils.threads import blas_threads
from lamina.utils.variable import Variable

from . import layers

BATCH, UNITS, WEIGHTS = 64, 64, 669_706  # a step of the workloads lstm and gru; all weights of mlp
LAYERS = (  # of `layers.CASES`
    "gelu",
    "silu",
    "sigmoid",
    "LeakyReLU",
    "LayerNormalization",
    "GroupNormalization(8)",
    "BatchNormalization",
    "MaxPooling2D(2)",
    "MaxPooling2D(3, 2)",
)


def steps() -> dict[str, tuple[Callable, Callable]]:
    """By name: a step of a recurrent cell by NumPy, and compiled."""
    rng = np.random.default_rng(0)
    one, three, four, spare = (BATCH, UNITS), (3, BATCH, UNITS), (4, BATCH, UNITS), (8, BATCH, UNITS)
    by_row = (BATCH, 4, UNITS)
    shapes = {
        "lstm_step": (four, four, one, one, one, one, spare),
        "lstm_step_backward": (one, one, four, one, one, one, by_row, spare),
        "gru_step": (three, three, (UNITS,), one, one, one, spare),
        "gru_step_backward": (one, three, one, one, by_row, spare),
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


def of_layers() -> dict[str, tuple[Callable, Callable]]:
    """By name: a step of a layer, and a pass at inference, by NumPy and compiled."""
    rng, found = np.random.default_rng(0), {}

    def run(value: bool, work: Callable) -> None:
        config.set_compiled(value)
        work()

    for name in LAYERS:
        make, _, shape = layers.CASES[name]
        step, inference = layers.passes(make, rng.standard_normal(shape, np.float32))
        found[name] = partial(run, False, step), partial(run, True, step)
        found[f"{name}, inference"] = partial(run, False, inference), partial(run, True, inference)
    return found


@blas_threads(1)
@without_subnormals  # as in a step of training
def main() -> None:
    """Print microseconds of each, in turn, medians."""
    for name, pair in {f"Adam, {WEIGHTS:,} numbers": adam(), **steps(), **of_layers()}.items():
        times: list[list[float]] = [[], []]
        for _ in range(100):
            for taken, call in zip(times, pair, strict=True):
                start = time.thread_time()
                call()
                taken.append(time.thread_time() - start)
        plain, fused = (median(each) * 1e6 for each in times)
        print(f"{name:<33} NumPy {plain:8.1f} µs   compiled {fused:8.1f} µs   {fused / plain:.2f}")


if __name__ == "__main__":
    main()
