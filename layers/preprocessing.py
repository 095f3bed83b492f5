"""What the layers that turn categories, words or bins into numbers share: there is no gradient through them."""

from typing import ClassVar

from ..utils.checks import one_of
from .base import Layer


class Preprocessing(Layer):
    """The parent of the layers that take what can't be differentiated."""

    not_in_config = Layer.not_in_config | {"sparse"}
    casts_input = False
    takes_text: ClassVar[bool] = False  # whether a model that begins with it may be given strings

    @classmethod
    def refuse_sparse(cls, sparse: bool) -> None:
        """Take only False for the argument `sparse`, which Keras's layers have."""
        one_of(cls.__name__, "sparse", sparse, (False,), "y is an array here")

    def backward(self, dy) -> None:
        """Nothing: categories have no gradient."""
        _ = self.saved
