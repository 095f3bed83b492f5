"""Single layers, forward and backward and at inference, in lamina and in PyTorch: what the workloads do not show.

One thread each, one after the other, by the processor's seconds. A layer's time is the best of many; of PyTorch's two
layouts of images the faster one counts.
"""

import json
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

from . import report
from .peers import PEERS, Settings

IMAGE, STEPS = (64, 28, 28, 32), (64, 50, 128)
Case = tuple[Callable[[Any], Any], Callable[[Any], Any], tuple[int, ...]]
CASES: dict[str, Case] = {  # from `lamina.layers`, from `torch.nn`, and the shape of x
    "Dense(256, relu)": (
        lambda layers: layers.Dense(256, activation="relu"),
        lambda nn: nn.Sequential(nn.Linear(256, 256), nn.ReLU()),
        (128, 256),
    ),
    "Dense(64), each step": (lambda layers: layers.Dense(64), lambda nn: nn.Linear(128, 64), STEPS),
    "Embedding(10000, 64)": (lambda layers: layers.Embedding(10000, 64), lambda nn: nn.Embedding(10000, 64), (64, 100)),
    "Conv1D(64, 5)": (lambda layers: layers.Conv1D(64, 5), lambda nn: nn.Conv1d(128, 64, 5), STEPS),
    "Conv2D(64, 1)": (lambda layers: layers.Conv2D(64, 1), lambda nn: nn.Conv2d(32, 64, 1), IMAGE),
    "Conv2D(64, 3)": (
        lambda layers: layers.Conv2D(64, 3, padding="same"),
        lambda nn: nn.Conv2d(32, 64, 3, padding=1),
        IMAGE,
    ),
    "Conv2D(64, 5)": (
        lambda layers: layers.Conv2D(64, 5, padding="same"),
        lambda nn: nn.Conv2d(32, 64, 5, padding=2),
        IMAGE,
    ),
    "Conv2D(64, 3, groups=4)": (
        lambda layers: layers.Conv2D(64, 3, groups=4, padding="same"),
        lambda nn: nn.Conv2d(32, 64, 3, groups=4, padding=1),
        IMAGE,
    ),
    "DepthwiseConv2D(3)": (
        lambda layers: layers.DepthwiseConv2D(3, padding="same"),
        lambda nn: nn.Conv2d(32, 32, 3, groups=32, padding=1),
        IMAGE,
    ),
    "Conv2DTranspose(32, 3, 2)": (
        lambda layers: layers.Conv2DTranspose(32, 3, strides=2, padding="same"),
        lambda nn: nn.ConvTranspose2d(64, 32, 3, stride=2, padding=1, output_padding=1),
        (64, 14, 14, 64),
    ),
    "Conv3D(16, 3)": (lambda layers: layers.Conv3D(16, 3), lambda nn: nn.Conv3d(8, 16, 3), (8, 16, 16, 16, 8)),
    "MaxPooling2D(2)": (lambda layers: layers.MaxPooling2D(), lambda nn: nn.MaxPool2d(2), IMAGE),
    "MaxPooling2D(3, 2)": (lambda layers: layers.MaxPooling2D(3, 2), lambda nn: nn.MaxPool2d(3, 2), IMAGE),
    "AveragePooling2D(2)": (lambda layers: layers.AveragePooling2D(2), lambda nn: nn.AvgPool2d(2), IMAGE),
    "GlobalAveragePooling2D": (
        lambda layers: layers.GlobalAveragePooling2D(),
        lambda nn: nn.AdaptiveAvgPool2d(1),
        IMAGE,
    ),
    "UpSampling2D(2)": (lambda layers: layers.UpSampling2D(2), lambda nn: nn.Upsample(scale_factor=2), IMAGE),
    "UpSampling2D, bilinear": (
        lambda layers: layers.UpSampling2D(2, interpolation="bilinear"),
        lambda nn: nn.Upsample(scale_factor=2, mode="bilinear"),
        IMAGE,
    ),
    "BatchNormalization": (lambda layers: layers.BatchNormalization(), lambda nn: nn.BatchNorm2d(32), IMAGE),
    "LayerNormalization": (lambda layers: layers.LayerNormalization(), lambda nn: nn.LayerNorm(128), STEPS),
    "GroupNormalization(8)": (lambda layers: layers.GroupNormalization(8), lambda nn: nn.GroupNorm(8, 32), IMAGE),
    "Dropout(0.25)": (lambda layers: layers.Dropout(0.25), lambda nn: nn.Dropout(0.25), IMAGE),
    "LeakyReLU": (lambda layers: layers.LeakyReLU(0.3), lambda nn: nn.LeakyReLU(0.3), IMAGE),
    "sigmoid": (lambda layers: layers.Activation("sigmoid"), lambda nn: nn.Sigmoid(), IMAGE),
    "tanh": (lambda layers: layers.Activation("tanh"), lambda nn: nn.Tanh(), IMAGE),
    "silu": (lambda layers: layers.Activation("silu"), lambda nn: nn.SiLU(), IMAGE),
    "gelu": (lambda layers: layers.Activation("gelu"), lambda nn: nn.GELU(), STEPS),
    "Softmax": (lambda layers: layers.Softmax(), lambda nn: nn.Softmax(-1), (64, 8, 50, 50)),
    "SimpleRNN(128)": (
        lambda layers: layers.SimpleRNN(128, return_sequences=True),
        lambda nn: nn.RNN(128, 128, batch_first=True),
        STEPS,
    ),
    "GRU(128)": (
        lambda layers: layers.GRU(128, return_sequences=True),
        lambda nn: nn.GRU(128, 128, batch_first=True),
        STEPS,
    ),
    "LSTM(128)": (
        lambda layers: layers.LSTM(128, return_sequences=True),
        lambda nn: nn.LSTM(128, 128, batch_first=True),
        STEPS,
    ),
}


def measure_layers(settings: Settings, rounds: int, say: Callable[[str], None]) -> dict[str, Any]:
    """For each layer the ms of a step and of a pass at inference, in both, and the ratios: medians over the rounds."""
    found: list[dict[str, dict[str, list[float]]]] = []
    for number in range(rounds):
        say(f"layers: round {number + 1} of {rounds}")
        found.append({who: json.loads(settings.ask(PEERS[who], "layers", "0.2")) for who in ("lamina", "torch")})
    middle = {
        who: {name: [median(one[who][name][kind] for one in found) * 1e3 for kind in (0, 1)] for name in CASES}
        for who in ("lamina", "torch")
    }
    ratios = {
        name: [median(one["lamina"][name][kind] / one["torch"][name][kind] for one in found) for kind in (0, 1)]
        for name in CASES
    }
    return {"machine": report.machine(1), "rounds": rounds, "ms": middle, "ratios": ratios}


def table(results: dict[str, Any]) -> str:
    """The results, the layers that trail most first."""
    lines = [f"{'ms, one thread':26}{'lamina':>9}{'torch':>9}{'ratio':>8}{'inference':>12}{'torch':>9}{'ratio':>8}"]
    for name, (step, inference) in sorted(results["ratios"].items(), key=lambda item: -item[1][0]):
        (ours, ours_at_rest), (theirs, theirs_at_rest) = (results["ms"][who][name] for who in ("lamina", "torch"))
        lines.append(
            f"{name:26}{ours:9.3f}{theirs:9.3f}{step:8.2f}{ours_at_rest:12.3f}{theirs_at_rest:9.3f}{inference:8.2f}"
        )
    return "\n".join(lines) + "\n"


def times(who: str, seconds: float) -> dict[str, list[float]]:
    """Of all layers in this library: the seconds of a step, and of a pass at inference."""
    rng, found = np.random.default_rng(0), {}
    for name, (ours, theirs, shape) in CASES.items():
        x = rng.standard_normal(shape, np.float32) if "Embedding" not in name else rng.integers(0, 10000, shape)
        ways = [passes(ours, x)] if who == "lamina" else _torch(theirs, x, spatial=len(shape) > 3 and "max" not in name)
        found[name] = [min(best) for best in zip(*([_best(one, seconds) for one in way] for way in ways), strict=True)]
    return found


def _best(work: Callable[[], Any], seconds: float) -> float:
    work()  # it may have something to prepare
    least, begin = float("inf"), time.thread_time()
    while least == float("inf") or time.thread_time() < begin + seconds:
        start = time.thread_time()
        work()
        least = min(least, time.thread_time() - start)
    return least


def passes(make: Callable[[Any], Any], x: np.ndarray) -> tuple[Callable, Callable]:
    """A step of a layer of lamina's, forward and backward, and a pass at inference."""
    from lamina import layers

    layer = make(layers)
    dy = np.ones_like(layer(x))

    def step():
        layer.forward(x, training=True)
        for weight in layer.weights:
            weight.reset_grad()
        layer.backward(dy.copy())  # which it may write over

    return step, lambda: layer.forward(x, training=False)


def _torch(make: Callable[[Any], Any], x: np.ndarray, spatial: bool) -> list[tuple[Callable, Callable]]:
    import torch

    torch.set_num_threads(1)
    forms = [torch.contiguous_format, *([torch.channels_last] if spatial and x.ndim == 4 else [])]
    return [_in_form(make(torch.nn).to(memory_format=form), x, form if spatial else None) for form in forms]


def _in_form(module: Any, x: np.ndarray, form: Any) -> tuple[Callable, Callable]:
    """A step and a pass at inference; PyTorch's channels come after the batch, whatever their place in memory."""
    import torch

    first = np.moveaxis(x, -1, 1) if form is not None or isinstance(module, torch.nn.Conv1d) else x
    inputs = torch.from_numpy(np.ascontiguousarray(first))
    if form is not None:
        inputs = inputs.contiguous(memory_format=form)
    if inputs.dtype.is_floating_point:
        inputs.requires_grad_(True)

    def run():
        y = module(inputs)
        return y[0] if isinstance(y, tuple) else y

    dy = torch.ones_like(run())

    def step():
        module.zero_grad()
        inputs.grad = None
        run().backward(dy)

    def infer():
        module.eval()
        with torch.inference_mode():
            run()

    return step, infer
