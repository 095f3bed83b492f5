"""A workload in lamina or in Keras: the same script but for its import."""

from collections.abc import Callable
from importlib import import_module, metadata
from itertools import pairwise

import numpy as np

from .workloads import Workload


class KerasStyle:
    """A workload's model in `library`, compiled; every call gives the seconds that it took by `clock`."""

    def __init__(self, workload: Workload, threads: int, clock: Callable[[], float], library: str):
        self.clock = clock
        self.library = import_module(library)
        if hasattr(self.library.config, "set_threads"):  # lamina; the others read the environment
            self.library.config.set_threads(threads)
        self.workload = workload
        self.x, self.y = workload.data()
        layers, models = self.library.layers, self.library.models
        self.model = models.Sequential([layers.Input(workload.shape), *workload.build(layers)])
        self.model.compile(optimizer="adam", loss=workload.loss, metrics=["accuracy"])

    def count_params(self) -> int:
        """How many numbers the weights hold."""
        return int(self.model.count_params())

    def fit(self, epochs: int) -> float:
        """Train for some epochs."""
        start = self.clock()
        self.model.fit(self.x, self.y, batch_size=self.workload.batch, epochs=epochs, verbose=0)
        return self.clock() - start

    def predict(self, count: int | None = None) -> float:
        """The outputs for the first `count` samples, or for all."""
        x = self.x if count is None else self.x[:count]
        start = self.clock()
        self.model.predict(x, batch_size=self.workload.batch, verbose=0)
        return self.clock() - start

    def products(self) -> dict[str, float]:
        """The seconds that `numpy.matmul` alone needs for a dense model's products: of one sample, and of a step."""
        kernels = [weight for weight in map(np.asarray, self.model.get_weights()) if weight.ndim == 2]
        return {
            "one": _forward(kernels, 1, 50, self.clock),
            "step": _training(kernels, self.workload.batch, 5, self.clock),
        }

    def versions(self) -> dict[str, str]:
        """What runs, and its version."""
        backend = self.library.config.backend()
        names = [self.library.__name__, {"tensorflow": "tensorflow-cpu"}.get(backend, backend)]
        return {name: metadata.version(name) for name in names}


def _timed(calls: list[tuple], repeats: int, clock: Callable[[], float]) -> float:
    """The median of the seconds for all these products."""
    times = []
    for _ in range(repeats):
        start = clock()
        for a, b, out in calls:
            np.matmul(a, b, out=out)
        times.append(clock() - start)
    return float(np.median(times))


def _room(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return a, b, np.empty((a.shape[0], b.shape[1]), np.float32)


def _activities(kernels: list[np.ndarray], batch: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    widths = [kernels[0].shape[0], *(kernel.shape[1] for kernel in kernels)]
    return [rng.standard_normal((batch, width), np.float32) for width in widths]


def _forward(kernels: list[np.ndarray], batch: int, repeats: int, clock: Callable[[], float]) -> float:
    x = _activities(kernels, batch)
    return _timed([_room(a, kernel) for a, kernel in zip(x, kernels, strict=False)], repeats, clock)


def _training(kernels: list[np.ndarray], batch: int, repeats: int, clock: Callable[[], float]) -> float:
    """y = x W;  dW = xᵀ dy;  dx = dy Wᵀ, but for the first layer."""
    x = _activities(kernels, batch)
    calls = [_room(a, kernel) for a, kernel in zip(x, kernels, strict=False)]
    calls += [_room(a.T, dy) for a, dy in pairwise(x)]
    calls += [_room(dy, kernel.T) for dy, kernel in zip(x[2:], kernels[1:], strict=True)]
    return _timed(calls, repeats, clock)
