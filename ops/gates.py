"""Gates of recurrent cells: how their weights are laid out for the loop over time, and their activations there.

In the loop, the gates are the first axis: each gate is one block of memory, so that work on it runs without gaps.
"""

from collections.abc import Sequence

import numpy as np

from ..activations import Activation, Sigmoid, Tanh


def by_gate(weights: np.ndarray, units: int, order: Sequence[int]) -> np.ndarray:
    """Weights ``(rows, gates * units)`` as a new array ``(gates, rows, units)``, its gates taken in that order.

    >>> by_gate(np.array([[1.0, 2.0, 3.0, 4.0]]), 2, (1, 0)).tolist()
    [[[3.0, 4.0]], [[1.0, 2.0]]]
    """
    return np.ascontiguousarray(weights.reshape(len(weights), -1, units).transpose(1, 0, 2)[list(order)])


def from_gates(blocks: np.ndarray, order: Sequence[int], out: np.ndarray | None = None) -> np.ndarray:
    """Gradients ``(rows, gates, units)``, gates in that order, as those of ``(rows, gates * units)`` in Keras's order.

    They are written into `out` if that is given, which lies together in memory.

    >>> from_gates(np.array([[[3.0, 4.0], [1.0, 2.0]]]), (1, 0)).tolist()
    [[1.0, 2.0, 3.0, 4.0]]
    """
    if out is None:
        out = np.empty((len(blocks), blocks[0].size), blocks.dtype)
    out.reshape(blocks.shape)[:, list(order)] = blocks
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
