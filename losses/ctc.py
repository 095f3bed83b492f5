"""CTC: labels in their order, of which nobody knows at which step each stands."""

from typing import Any

import numpy as np

from ..errors import DataError, ShapeError
from ..utils.shapes import show_shape
from .base import per_sample, registry
from .class_numbers import ClassNumbers
from .probabilities import refuse_one_class

BLANK = 0  # the class that stands between labels, and the filling behind the last of them


class CTC(ClassNumbers):
    """Connectionist temporal classification: v = -log P(labels), the sum over all ways to spread them over the steps.

    A way names a class for each step; without repetitions, then without the blank 0, it reads as the labels. With
    p = softmax(y_pred), P = Σ over ways Π over t of p[t, class at t]. In the labels with blanks around each,
    s = (0, l₁, 0, l₂, ..., 0),

    α[t, i] = p[t, sᵢ]·(α[t-1, i] + α[t-1, i-1] + α[t-1, i-2] where sᵢ is a label other than sᵢ₋₂),
    β[t, i] = Σ of the same three j = i, i+1, i+2 of β[t+1, j]·p[t+1, sⱼ],  P = Σ over i of α[t, i]·β[t, i] for any t,

    both in logarithms; dz[t, k] = dv·(p[t, k] - Σ over sᵢ = k of α[t, i]·β[t, i] / P) for z = y_pred.

    Shapes: y_true ``(batch, labels)``, whole numbers from 1, zeros behind the last one; y_pred ``(batch, steps,
    classes)``, with no softmax before it; v ``(batch,)``.

    Raises ShapeError for other shapes; DataError, with its row, for a label that is no class, for a zero between
    labels, and for labels that do not fit in the steps: one each, and one more between two that are equal.

    Source: Graves, Fernández, Gomez & Schmidhuber, *Connectionist Temporal Classification: Labelling Unsegmented
    Sequence Data with Recurrent Neural Networks* (2006).

    >>> CTC()([[1, 2]], np.zeros((1, 3, 3))).round(4)  # 5 of the 27 ways: 112, 122, 012, 102, 120
    np.float64(1.6864)
    """

    def align(self, y_true, y_pred, by_step=False):
        self.check_shapes(y_true.shape, y_pred.shape, "y_true")
        return self._labels(y_true, y_pred.shape, "y_true"), y_pred

    def check_targets(self, y_true, output_shape, what: str = "y"):
        self.check_shapes((None, *np.shape(y_true)[1:]), tuple(output_shape), what)
        self._labels(np.asarray(y_true), tuple(output_shape), what)

    def check_shapes(self, target, output, what):
        if len(output) != 3 or len(target) != 2 or target[0] not in (None, output[0]):
            raise ShapeError(
                f"loss '{self.name}': {what} does not fit the output",
                expected=f"{what} (batch, labels) and an output (batch, steps, classes)",
                received=f"{show_shape(target)} and {show_shape(output)}",
            )
        refuse_one_class(self.name, self.axis, output)

    def _labels(self, y_true: np.ndarray, output: tuple, what: str) -> np.ndarray:
        """The labels as whole numbers; those that can't be are refused."""
        _, steps, classes = output
        labels = self._whole(y_true, classes, what)
        if classes is not None:
            self._refuse_strangers(labels, classes, what)
        is_label = labels != BLANK
        gaps = (is_label[:, 1:] & ~is_label[:, :-1]).any(axis=1)
        if gaps.any():
            row = int(np.argmax(gaps))
            raise DataError(
                f"loss '{self.name}': {what}[{row}] has zeros between labels",
                expected="labels from 1, and zeros behind the last of them alone",
                received=str(labels[row].tolist()),
                mend="count labels from 1: 0 is the blank",
            )
        needed = is_label.sum(axis=1) + (is_label[:, 1:] & (labels[:, 1:] == labels[:, :-1])).sum(axis=1)
        if steps is not None and needed.size and needed.max() > steps:
            row = int(np.argmax(needed))
            raise DataError(
                f"loss '{self.name}': {what}[{row}] does not fit in the output's steps",
                expected=f"{needed[row]} steps or more: one a label, and one between two that are equal",
                received=f"{steps}",
                mend="leave out what is too long, or let the model give more steps",
            )
        return labels

    def values(self, y_true, y_pred):
        p = y_pred - y_pred.max(axis=-1, keepdims=True)
        p -= np.log(np.exp(p).sum(axis=-1, keepdims=True))  # log p
        s = np.full((len(y_true), 2 * y_true.shape[1] + 1), BLANK)
        s[:, 1::2] = y_true
        here = np.take_along_axis(p, s[:, None, :], axis=2).transpose(1, 0, 2)  # (steps, batch, places in s)
        jumps = np.full(s.shape, -np.inf, p.dtype)  # log 1 where i can follow i - 2, else log 0
        jumps[:, 2:][(s[:, 2:] != BLANK) & (s[:, 2:] != s[:, :-2])] = 0

        forward = np.full((len(here), len(s), s.shape[1] + 2), -np.inf, p.dtype)  # log α; before it two places of none
        forward[0, :, 2:4] = here[0, :, :2]
        for before, after, now in zip(forward, forward[1:], here[1:], strict=False):
            after[:, 2:] = _any_of(before[:, 2:], before[:, 1:-1], before[:, :-2] + jumps) + now
        last = np.arange(len(s)), 2 + 2 * (y_true != BLANK).sum(axis=1)  # the blank behind the last label
        v = -np.logaddexp(forward[-1][last], forward[-1][last[0], last[1] - 1])
        self.saved = p, s, here, jumps, forward, last
        return v

    def gradient(self, dv):
        p, s, here, jumps, forward, (rows, last) = self.saved
        steps, batch, places = here.shape
        back = np.full((batch, places + 2), -np.inf, p.dtype)  # log β; behind it two places of none
        back[rows, last - 2] = 0
        back[rows[last > 2], last[last > 2] - 3] = 0
        ahead = np.concatenate([jumps[:, 2:], np.full((batch, 2), -np.inf, p.dtype)], axis=1)
        shares = np.empty((batch, steps, places), p.dtype)  # of each place at each step
        for t in reversed(range(steps)):
            shares[:, t] = forward[t, :, 2:] + back[:, :-2]
            back[:, :-2] += here[t]
            back[:, :-2] = _any_of(back[:, :-2], back[:, 1:-1], back[:, 2:] + ahead)
        shares = np.exp(shares - shares.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)  # by P; what is rounded alike at all places goes
        dz = np.exp(p)
        dz[..., BLANK] -= shares[..., ::2].sum(axis=-1)
        for i in range(1, places, 2):  # of a sample, each place has one class
            dz[rows, :, s[:, i]] -= shares[..., i]
        return dz * dv[:, None, None]


def _any_of(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> Any:
    """log(exp(a) + exp(b) + exp(c))."""
    return np.logaddexp(np.logaddexp(a, b), c)


def ctc(y_true, y_pred) -> np.ndarray:
    """-log P of each sample's labels.

    >>> ctc([[1], [0]], np.zeros((2, 1, 2))).round(4)
    array([0.6931, 0.6931])
    """
    return per_sample(CTC(), y_true, y_pred)


registry.add(CTC, "ctc", function=ctc)
