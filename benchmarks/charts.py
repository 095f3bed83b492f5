"""The charts: peers' time in units of lamina's, and how cost grows."""

from pathlib import Path

import matplotlib
from matplotlib import pyplot
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from .peers import OURS, PEERS

matplotlib.use("Agg")
TITLES = ("Training (fit): time of each, lamina = 1", "Inference (predict): time of each, lamina = 1")
STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.axisbelow": True,
    "axes.edgecolor": "#999999",
    "text.color": "#222222",
    "figure.facecolor": "white",
}


def caption(results: dict) -> str:
    """When and on what, in one line."""
    found = results["machine"]
    return (
        f"{found['date']} · {found['cpu']}, {found['threads']} of {found['cores']} cores · "
        f"medians of {results['rounds']} rounds, {results['clock']} time"
    )


def ratios(results: dict, path: Path) -> Path:
    """Bars: how many times as long as lamina each peer takes. Above the line lamina is faster, below it slower."""
    workloads = results["workloads"]
    names = [name for name in PEERS if any(name in found["about"] for found in workloads.values())]
    others = [name for name in names if name not in OURS]
    with pyplot.rc_context(STYLE):
        figure, axes = pyplot.subplots(2, 1, figsize=(11, 7.2), layout="constrained")
        for axis, kind, title in zip(axes, ("fit", "predict"), TITLES, strict=True):
            bars(axis, {name: found[kind]["ms"] for name, found in workloads.items()}, others)
            axis.set_title(title)
            axis.set_ylabel("← lamina slower    faster →", fontsize=8, color="#666666")
        labels = axes[0].get_legend_handles_labels()
        figure.legend(*labels, loc="outside upper center", ncols=len(others) + 1, frameon=False)
        figure.supxlabel(caption(results), fontsize=8, color="#666666")
        figure.savefig(path, dpi=150)
        pyplot.close(figure)
    return path


def bars(axis, times: dict[str, dict[str, float]], others: list[str]) -> None:
    """A group of bars for each workload, on a logarithmic scale from lamina's time up or down."""
    width = 0.84 / max(1, len(others))
    for number, name in enumerate(others):
        places, heights = [], []
        for group, ms in enumerate(times.values()):
            if name in ms and "lamina" in ms:
                places.append(group - 0.42 + width * (number + 0.5))
                heights.append(ms[name] / ms["lamina"])
        color = PEERS[name].color
        tops = [height - 1 for height in heights]  # a bar stands on lamina's time
        axis.bar(places, tops, width * 0.92, bottom=1, color=color, label=name)
        for place, height in zip(places, heights, strict=True):
            above = height >= 1
            axis.annotate(
                f"{height:.2g}" if height < 10 else f"{height:.0f}", (place, height), (0, 2 if above else -2),
                textcoords="offset points", ha="center", va="bottom" if above else "top", fontsize=6.5, color="#444444",
            )  # fmt: skip
    axis.set_yscale("log", base=2)
    axis.margins(y=0.12)
    axis.axhline(1, color=PEERS["lamina"].color, linewidth=2, label="lamina")
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}×" if value >= 1 else f"1/{1 / value:g}"))
    axis.yaxis.set_minor_locator(NullLocator())
    axis.grid(axis="y", color="#e6e6e6")
    axis.set_xticks(range(len(times)), list(times))
    axis.tick_params(axis="x", length=0)


def growth(results: dict, path: Path) -> Path:
    """Lines: ms a step against each size, both logarithmic; fit above, predict below."""
    found = results["growth"]
    with pyplot.rc_context(STYLE):
        figure, axes = pyplot.subplots(
            2, len(found), figsize=(3.1 * len(found), 6), layout="constrained", squeeze=False, sharex="col"
        )
        for column, (what, entry) in enumerate(found.items()):
            for axis, kind in zip(axes[:, column], ("fit", "predict"), strict=True):
                for name, ms in entry[kind].items():
                    mine = name == "lamina"
                    axis.plot(
                        entry["sizes"], ms, marker="o", markersize=4, color=PEERS[name].color, label=name,
                        linewidth=2.4 if mine else 1.3, zorder=3 if mine else 2,
                    )  # fmt: skip
                axis.set_xscale("log")
                axis.set_yscale("log")
                axis.xaxis.set_minor_locator(NullLocator())
                axis.set_xticks(entry["sizes"], list(map(str, entry["sizes"])))
                axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
                axis.yaxis.set_minor_locator(NullLocator())
                axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
                axis.grid(color="#e6e6e6")
            axes[0, column].set_title(f"{entry['workload']}: {what}")
            axes[1, column].set_xlabel(what)
        axes[0, 0].set_ylabel("fit, ms a step")
        axes[1, 0].set_ylabel("predict, ms a batch")
        figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=7, frameon=False)
        figure.supxlabel(caption(results), fontsize=8, color="#666666")
        figure.savefig(path, dpi=150)
        pyplot.close(figure)
    return path
