"""The workloads in PyTorch, written as its users write them, and the loop that trains them."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from .workloads import Workload


def _mlp(width: int, depth: int, entry: int = 784, classes: int = 10) -> nn.Module:
    widths = [entry] + [width] * depth
    hidden = [part for pair in pairwise(widths) for part in (nn.Linear(*pair), nn.ReLU())]
    return nn.Sequential(*hidden, nn.Linear(width, classes))


def _tiny(width: int, depth: int) -> nn.Module:
    return _mlp(width, depth, entry=4, classes=3)


def _cnn(size: int) -> nn.Module:
    left = ((size - 2) // 2 - 2) // 2
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64 * left**2, 64), nn.ReLU(), nn.Linear(64, 10),
    )  # fmt: skip


def _cnn_same(size: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64 * (size // 4) ** 2, 128), nn.ReLU(), nn.Linear(128, 10),
    )  # fmt: skip


def _wide(size: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(16, 64, 3, padding=1), nn.ReLU(),
        nn.Conv2d(64, 64, 3, stride=2, padding=1), nn.ReLU(),
        nn.Flatten(), nn.Linear(64 * (size // 2) ** 2, 10),
    )  # fmt: skip


class _EachStep(nn.Module):
    """A recurrent layer, and a linear one at each of its steps."""

    def __init__(self, kind: type, units: int):
        super().__init__()
        self.recurrent = kind(32, units, batch_first=True)
        self.head = nn.Linear(units, 10)

    def forward(self, x):
        return self.head(self.recurrent(x)[0])


class _Reviews(nn.Module):
    """Words, an LSTM over them, and a yes or no."""

    def __init__(self, units: int):
        super().__init__()
        self.words = nn.Embedding(20000, 128)
        self.recurrent = nn.LSTM(128, units, batch_first=True)
        self.head = nn.Linear(units, 1)

    def forward(self, x):
        return self.head(self.recurrent(self.words(x))[0][:, -1])[:, 0]


TWINS = {
    "tiny": _tiny,
    "mlp": _mlp,
    "cnn": _cnn,
    "cnn_same": _cnn_same,
    "wide": _wide,
    "lstm": lambda units: _EachStep(nn.LSTM, units),
    "gru": lambda units: _EachStep(nn.GRU, units),
    "rnn": lambda units: _EachStep(nn.RNN, units),
    "imdb": _Reviews,
}


class Torch:
    """A workload's twin; every call gives the seconds that it took by `clock`.

    `tuned`: the fused Adam, and channels last; `compiled`: `torch.compile` besides.
    """

    def __init__(self, workload: Workload, threads: int, clock: Callable[[], float], tuned=False, compiled=False):
        torch.set_num_threads(threads)
        self.clock = clock
        self.workload = workload
        x, y = workload.data()
        if len(workload.shape) == 3:
            x = np.ascontiguousarray(x.transpose(0, 3, 1, 2))
        self.x = torch.from_numpy(x)
        self.y = torch.from_numpy(y).to(torch.float32 if workload.classes == 1 else torch.int64)
        model = TWINS[workload.name](**workload.options)
        if tuned and len(workload.shape) == 3:
            model = model.to(memory_format=torch.channels_last)
            self.x = self.x.contiguous(memory_format=torch.channels_last)
        self.parts = list(model.parameters())
        self.names = [name for name, _ in model.named_parameters()]
        self.model = torch.compile(model) if compiled else model
        self.optimizer = torch.optim.Adam(self.parts, fused=True if tuned else None)

    def count_params(self) -> int:
        """How many numbers the weights hold; PyTorch's LSTM and RNN have a second bias, left out here."""
        left_out = "none" if self.workload.name == "gru" else "bias_hh"
        return sum(part.numel() for name, part in zip(self.names, self.parts, strict=True) if left_out not in name)

    def _loss(self, z, y):
        if self.workload.classes == 1:
            return functional.binary_cross_entropy_with_logits(z, y), (z > 0) == (y > 0.5)
        if self.workload.each_step:
            z, y = z.flatten(0, 1), y.flatten()
        return functional.cross_entropy(z, y), z.argmax(1) == y

    def fit(self, epochs: int) -> float:
        """Train for some epochs; gives the seconds."""
        start = self.clock()
        self.model.train()
        for _ in range(epochs):
            total, right = torch.zeros(()), torch.zeros((), dtype=torch.int64)
            for rows in torch.randperm(len(self.x)).split(self.workload.batch):
                x, y = self.x[rows], self.y[rows]
                self.optimizer.zero_grad()
                loss, hits = self._loss(self.model(x), y)
                loss.backward()
                self.optimizer.step()
                total += loss.detach()
                right += hits.sum()
            self.last = (total.item() / self.workload.steps, right.item() / self.y.numel())
        return self.clock() - start

    def predict(self, count: int | None = None) -> float:
        """The probabilities of the first `count` samples (None: of all), as one array; gives the seconds."""
        x = self.x if count is None else self.x[:count]
        start = self.clock()
        self.model.eval()
        with torch.inference_mode():
            activation = torch.sigmoid if self.workload.classes == 1 else lambda z: functional.softmax(z, -1)
            torch.cat([activation(self.model(part)) for part in x.split(self.workload.batch)]).numpy()
        return self.clock() - start

    def versions(self) -> dict[str, str]:
        """What runs, and its version."""
        return {"torch": torch.__version__.partition("+")[0]}
