"""Losses of a batch that are the sum of what its samples add: a part of the batch finds its share by itself."""

from .base import Loss
from .crossentropy import BinaryCrossentropy, CategoricalCrossentropy
from .ctc import CTC
from .divergence import KLDivergence
from .focal import BinaryFocalCrossentropy, CategoricalFocalCrossentropy
from .generalized_crossentropy import CategoricalGeneralizedCrossEntropy
from .hinge import CategoricalHinge, Hinge, SquaredHinge
from .regression import (
    Huber,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Poisson,
)
from .similarity import CosineSimilarity
from .sparse_crossentropy import SparseCategoricalCrossentropy

BY_SAMPLE = {
    CTC,
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    CategoricalCrossentropy,
    CategoricalFocalCrossentropy,
    CategoricalGeneralizedCrossEntropy,
    CategoricalHinge,
    CosineSimilarity,
    Hinge,
    Huber,
    KLDivergence,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Poisson,
    SparseCategoricalCrossentropy,
    SquaredHinge,
}


def is_by_sample(loss: Loss, rank: int) -> bool:
    """Whether the loss of unweighted samples, whose outputs have so many axes with the batch's, is such a sum.

    A class of a user's own is taken for one that lets samples meet, even if what it is made from does not.

    >>> is_by_sample(MeanSquaredError(), rank=2), is_by_sample(MeanSquaredError(), rank=1)
    (True, False)
    """
    counts_all = getattr(loss, "ignore_class", None) is None
    return type(loss) in BY_SAMPLE and loss.axis == -1 and counts_all and rank > 1
