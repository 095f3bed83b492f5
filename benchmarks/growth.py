"""How the cost of a step grows with each size of a model, all others kept."""

from collections.abc import Callable

from .peers import Peer, Settings
from .rounds import measure, summarize

GROWTH = {  # what grows: the workload, its option, the sizes
    "batch": ("mlp", "batch", (1, 8, 32, 128, 512)),
    "width": ("mlp", "width", (16, 64, 256, 1024)),
    "depth": ("mlp", "depth", (1, 2, 4, 8)),
    "image size": ("cnn", "size", (14, 28, 42, 56)),
    "sequence length": ("lstm", "steps", (10, 25, 50, 100)),
}


def measure_growth(peers: list[Peer], settings: Settings, rounds: int, say: Callable[[str], None]) -> dict[str, dict]:
    """For each size that grows: its values, and each peer's ms a step of fit and a batch of predict."""
    found: dict[str, dict] = {}
    for what, (workload, option, sizes) in GROWTH.items():
        times: dict[str, dict[str, list]] = {kind: {peer.name: [] for peer in peers} for kind in ("fit", "predict")}
        for size in sizes:
            medians = summarize(measure(f"{workload}:{option}={size}", peers, settings, rounds, say))
            for kind, of_peers in times.items():
                for name, values in of_peers.items():
                    values.append(medians[kind]["ms"].get(name, float("nan")))
        found[what] = {"workload": workload, "sizes": list(sizes), **times}
    return found
