"""The table that `Model.summary` prints."""

import contextlib
from collections.abc import Sequence
from typing import Any

from ..errors import OptionError, StateError, did_you_mean
from ..layers.base import Layer
from ..layers.spec import show_shape
from ..utils.checks import number

IN_ASCII = str.maketrans("┌┬┐─╞╪╡═└┴┘│", "+++-+++=+++|")


def summarize(
    model: Any,
    line_length: int | None = None,
    positions: Sequence[float] | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Sequence[str] | None = None,
) -> str:
    """The model's layers as a table, with the counts of numbers below it."""
    titles = ["Layer (type)", "Output shape", "Parameters"] + (["Trained"] if show_trainable else [])
    rows = _rows(_between(model, layer_range), expand_nested, show_trainable)
    return "\n".join([f'Model: "{model.name}"', *_table(titles, rows, line_length, positions), *_totals(model)])


def writable(text: str, encoding: str | None) -> str:
    """A table for an output of this encoding: drawn in ASCII where that has no lines.

    >>> writable("│ dense │", "ascii")
    '| dense |'
    """
    encoding = encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(IN_ASCII).encode(encoding, "replace").decode(encoding)
    return text


def _between(model: Any, layer_range: Sequence[str] | None) -> list[Layer]:
    """The layers from the first name to the last, both included."""
    if layer_range is None:
        return model.layers
    names = [layer.name for layer in model.layers]
    if len(layer_range) != 2:
        raise OptionError("summary(layer_range=...)", expected="two names", received=repr(layer_range))
    for name in layer_range:
        if name not in names:
            raise OptionError(f"summary: no layer '{name}'", mend=did_you_mean(name, names))
    first, last = (names.index(name) for name in layer_range)
    return model.layers[first : last + 1]


def _rows(layers: list[Layer], expand_nested: bool, show_trainable: bool, indent: str = "") -> list[list[str]]:
    rows = []
    for layer in layers:
        shape, count = "?", "? (not built)"
        if layer.built:
            count = f"{layer.count_params():,}"
        with contextlib.suppress(StateError):  # where its input's shape is not known yet
            shape = show_shape(layer.output_shape)
        row = [f"{indent}{layer.name} ({type(layer).__name__})", shape, count]
        rows.append(
            row + ([("yes" if layer.trainable_weights else "no") if layer.weights else "-"] if show_trainable else [])
        )
        if expand_nested:
            rows += _rows([inner for inner in layer.sublayers() if inner.built], True, show_trainable, indent + "  ")
    return rows


def _table(
    titles: list[str], rows: list[list[str]], line_length: int | None, positions: Sequence[float] | None
) -> list[str]:
    widths = [max(len(row[column]) for row in [titles, *rows]) for column in range(len(titles))]
    if positions:
        width = (line_length or 80) if positions[-1] <= 1 else 1
        ends = [1, *(int(width * number("summary", "positions", end, 0)) for end in positions)]
        columns = zip(widths, ends, ends[1:], strict=False)  # Keras may have a column more, of connections
        widths = [max(held, end - start - 3) for held, start, end in columns] + widths[len(ends) - 1 :]
    elif line_length is not None:
        widths[0] = max(widths[0], line_length - sum(widths[1:]) - 3 * len(widths) - 1)

    def line(left: str, middle: str, right: str, dash: str) -> str:
        return left + middle.join(dash * (width + 2) for width in widths) + right

    def show(row: list[str]) -> str:
        cells = [
            cell.rjust(w) if title == "Parameters" else cell.ljust(w)
            for cell, w, title in zip(row, widths, titles, strict=True)
        ]
        return "│ " + " │ ".join(cells) + " │"

    return [
        line("┌", "┬", "┐", "─"),
        show(titles),
        line("╞", "╪", "╡", "═"),
        *map(show, rows),
        line("└", "┴", "┘", "─"),
    ]


def _totals(model: Any) -> list[str]:
    if not model.built:
        return ["Not built yet: give it an Input, or data."]
    trained = sum(weight.size for weight in model.trainable_weights)
    carried = sum(weight.size for weight in model.non_trainable_weights)
    size = sum(weight.value.nbytes for weight in model.weights)
    return [
        f"Parameters: {trained + carried:,} ({_bytes(size)})",
        f"  trained: {trained:,}",
        f"  not trained: {carried:,}",
    ]


def _bytes(count: float) -> str:
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} GB"
