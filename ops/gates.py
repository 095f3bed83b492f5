"""Gates of recurrent cells: how their weights are laid out for the loop over time, and their activations there.

In the loop, the gates are the first axis: each gate is one block of memory, so that work on it runs without gaps.
"""

from collections.abc import Sequence

import numpy as np

from ..activations import Activation, Sigmoid, Tanh

GAP = 16  # numbers, a cache line or two


def by_gate(
    weights: np.ndarray,
    units: int,
    order: Sequence[int],
    scales: Sequence[float],
    bias: np.ndarray | None = None,
) -> np.ndarray:
    """Weights ``(rows, gates * units)`` as a new array ``(gates, rows, units)``, its gates taken in that order.

    Each is multiplied by its scale. A bias ``(gates * units,)`` comes as one more row.

    >>> by_gate(np.array([[1.0, 2.0, 3.0, 4.0]]), 2, (1, 0), (1.0, 0.5)).tolist()
    [[[3.0, 4.0]], [[0.5, 1.0]]]
    """
    rows = len(weights)
    blocks = np.empty((len(order), rows + (bias is not None), units), weights.dtype)
    for block, gate, scale in zip(blocks, order, scales, strict=True):
        columns = slice(gate * units, (gate + 1) * units)
        np.multiply(weights[:, columns], scale, out=block[:rows])
        if bias is not None:
            np.multiply(bias[columns], scale, out=block[rows])
    return blocks


def transposed(weights: np.ndarray, units: int, order: Sequence[int]) -> np.ndarray:
    """Weights ``(rows, gates * units)`` transposed, ``(gates * units, rows)``, its gates taken in that order: a view.

    What it shows has gaps between its rows: at distances of a power of two, many numbers have few places in a cache.

    >>> transposed(np.array([[1.0, 2.0, 3.0, 4.0]]), 2, (1, 0)).tolist()
    [[3.0], [4.0], [1.0], [2.0]]
    """
    shown = np.empty((len(weights), weights.shape[1] + GAP), weights.dtype)[:, : weights.shape[1]]
    for place, gate in enumerate(order):
        shown[:, place * units : (place + 1) * units] = weights[:, gate * units : (gate + 1) * units]
    return shown.T


def from_gates(blocks: np.ndarray, order: Sequence[int], out: np.ndarray | None = None) -> np.ndarray:
    """Gradients ``(rows, gates, units)``, gates in that order, as those of ``(rows, gates * units)`` in Keras's order.

    They are written into `out` if that is given, which lies together in memory.

    >>> from_gates(np.array([[[3.0, 4.0], [1.0, 2.0]]]), (1, 0)).tolist()
    [[1.0, 2.0, 3.0, 4.0]]
    """
    if out is None:
        out = np.empty((len(blocks), blocks[0].size), blocks.dtype)
    by_row = out.reshape(blocks.shape)
    for place, gate in enumerate(order):
        by_row[:, gate] = blocks[:, place]
    return out


class SigmoidOfHalf(Activation):
    """The sigmoid for sums that were halved beforehand (by halving the weights): a tanh is one pass over memory.

    Forward:   y = (1 + tanh(x)) / 2, which is sigmoid(2x)
    Backward:  dy ⊙ y ⊙ (1 - y), the gradient with respect to the sum that was not halved
    """

    def forward(self, x):
        np.tanh(x, out=x)
        x *= 0.5
        x += 0.5
        return x, x

    def backward(self, dy, saved):
        slope = 1 - saved
        slope *= saved
        dy *= slope
        return dy


def in_the_loop(activation: Activation) -> tuple[Activation, float]:
    """What stands for an activation in the loop, and what its sums are to be multiplied by beforehand."""
    return (SigmoidOfHalf(), 0.5) if type(activation) is Sigmoid else (activation, 1.0)


def is_usual(activation: Activation, of_gates: Activation | None = None) -> bool:
    """Whether it is tanh, and that of the gates, where there are such, the sigmoid: `cells` has their steps."""
    return type(activation) is Tanh and (of_gates is None or type(of_gates) is Sigmoid)


def pull_back(activation: Activation, dy: np.ndarray, saved) -> np.ndarray:
    """Replace dy by the gradient through the activation, in the same array."""
    dy[...] = activation.backward(dy, saved)
    return dy
