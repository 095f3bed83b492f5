"""Losses of overlap, for masks of images: how much of the truth was found, and how much of what was found is true."""

from collections.abc import Sequence

import numpy as np

from ..config import epsilon
from ..utils.checks import number
from .base import PlainLoss, one_axis, per_sample, registry


class Overlap(PlainLoss):
    """The parent of losses v = 1 - c·H / B, with B = h·H + t·Y + g·P + ε and the sums H = Σ y·p, Y = Σ y, P = Σ p.

    dp = dv·c·(H·(h·y + g) - B·y) / B².  Sums run over `axis` (one, several, or None: over all samples as well).

    Shapes: y_true and y_pred ``(batch, ...)``; values those axes that are not in `axis`.

    Raises OptionError for an `axis` that is no whole number nor a list of them, ShapeError for one that the predictions
    don't have, and for weights where `axis` is None, as there is one value for all samples.
    """

    parts: tuple[float, float, float, float]  # c, h, t, g

    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        axis: int | Sequence[int] | None = None,
        dtype: str | None = None,
    ):
        super().__init__(reduction, name, dtype)
        named = list(axis) if isinstance(axis, list | tuple) else [] if axis is None else [axis]
        self.axis, self._axes = axis, tuple(one_axis(type(self).__name__, one) for one in named)

    def values(self, y_true, y_pred):
        c, h, t, g = self.parts
        hit = self._sum(y_true * y_pred)
        base = h * hit + t * self._sum(y_true) + g * self._sum(y_pred) + epsilon()
        self.saved = y_true, hit, base
        return np.squeeze(1 - c * hit / base, axis=self._axes or None)

    def gradient(self, dv):
        y, hit, base = self.saved
        c, h, _, g = self.parts
        dp = hit * (h * y + g) - base * y
        dp *= dv.reshape(hit.shape) * c / base**2
        return dp

    def _sum(self, x: np.ndarray) -> np.ndarray:
        return x.sum(axis=self._axes or None, keepdims=True)


class Dice(Overlap):
    """v = 1 - 2·Σ y·p / (Σ y + Σ p + ε);  dp = dv·2·(Σ y·p - (Σ y + Σ p + ε)·y) / (Σ y + Σ p + ε)².

    Sums run over `axis`: for images ``(batch, height, width, channels)``, axis=(1, 2, 3) gives one value for each. The
    default None gives one for all of them.

    Raises OptionError for an `axis` that is no whole number nor a list of them, ShapeError for one that the predictions
    don't have, and for weights where `axis` is None.

    Source: Milletari, Navab & Ahmadi, *V-Net* (2016).

    >>> Dice()([[1.0, 0.0]], [[1.0, 1.0]]).round(5)
    np.float32(0.33333)
    """

    parts = 2, 0, 1, 1


class Tversky(Overlap):
    """v = 1 - H / B, with H = Σ y·p and B = H + α·Σ y·(1 - p) + β·Σ (1 - y)·p + ε.

    dp = dv·(H·((1 - α - β)·y + β) - B·y) / B².  α is the price of what was missed, β that of what is too much; sums run
    over `axis`, as in `Dice`.

    Raises OptionError and ShapeError as `Dice`, and OptionError for an α or β that is no number.

    Source: Salehi, Erdogmus & Gholipour, *Tversky loss function for image segmentation* (2017).

    >>> Tversky(alpha=0.25, beta=0.75)([[1.0, 0.0]], [[1.0, 1.0]]).round(5)
    np.float32(0.42857)
    """

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        axis: int | Sequence[int] | None = None,
        dtype: str | None = None,
    ):
        super().__init__(reduction, name, axis, dtype)
        self.alpha, self.beta = number("Tversky", "alpha", alpha), number("Tversky", "beta", beta)
        self.parts = 1, 1 - self.alpha - self.beta, self.alpha, self.beta


def dice(y_true, y_pred, axis: int | Sequence[int] | None = None) -> np.ndarray:
    """1 - 2·Σ y·p / (Σ y + Σ p).

    >>> dice([[1.0, 0.0]], [[1.0, 1.0]]).round(4)
    np.float32(0.3333)
    """
    return per_sample(Dice(axis=axis), y_true, y_pred)


def tversky(
    y_true, y_pred, alpha: float = 0.5, beta: float = 0.5, axis: int | Sequence[int] | None = None
) -> np.ndarray:
    """1 - H / (H + α·Σ y·(1 - p) + β·Σ (1 - y)·p), with H = Σ y·p.

    >>> tversky([[1.0, 0.0]], [[1.0, 1.0]], alpha=0.25, beta=0.75).round(4)
    np.float32(0.4286)
    """
    return per_sample(Tversky(alpha, beta, axis=axis), y_true, y_pred)


registry.add(Dice, "dice", function=dice)
registry.add(Tversky, "tversky", function=tversky)
