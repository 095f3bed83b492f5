"""Losses of direction: whether two vectors point the same way."""

import numpy as np

from ..config import epsilon
from .base import PlainLoss, one_axis, per_sample, registry


class CosineSimilarity(PlainLoss):
    r"""v = -û·p̂ along `axis`, with û = y / \|y\| and p̂ = p / \|p\|;  dp = dv·((û·p̂)·p̂ - û) / \|p\|.

    -1 where both point the same way, 1 where they point opposite ways. A length below ε counts as ε, and does not
    change with p: there dp = -dv·û / ε.

    Shapes: y_true and y_pred ``(batch, ..., features)``.

    Raises OptionError for an `axis` that is no whole number, ShapeError for one that the predictions don't have.

    >>> CosineSimilarity()([[0.0, 2.0]], [[0.0, 3.0]])
    np.float32(-1.0)
    """

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: str | None = None,
    ):
        super().__init__(reduction, name, dtype)
        self.axis = one_axis("CosineSimilarity", axis)

    def values(self, y_true, y_pred):
        u, length = y_true / self._length(y_true), self._length(y_pred)
        q = y_pred / length
        cosine = (u * q).sum(axis=self.axis)
        self.saved = u, q, length, cosine
        return -cosine

    def gradient(self, dv):
        u, q, length, cosine = self.saved
        turning = self.spread(cosine) * (length > epsilon())
        return self.spread(dv) * (turning * q - u) / length

    def _length(self, x: np.ndarray) -> np.ndarray:
        return np.maximum(np.sqrt(np.square(x).sum(axis=self.axis, keepdims=True)), epsilon())


def cosine_similarity(y_true, y_pred, axis: int = -1) -> np.ndarray:
    """The cosine between y and p of each sample, with a minus before it.

    >>> cosine_similarity([[0.0, 2.0]], [[3.0, 3.0]]).round(4)
    array([-0.7071], dtype=float32)
    """
    return per_sample(CosineSimilarity(axis), y_true, y_pred)


registry.add(CosineSimilarity, "cosine_similarity", function=cosine_similarity)
