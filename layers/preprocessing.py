"""What the layers that turn categories, words or bins into numbers share: there is no gradient through them."""

from typing import ClassVar

from .base import Layer


class Preprocessing(Layer):
    """The parent of the layers that take what can't be differentiated."""

    casts_input = False
    takes_text: ClassVar[bool] = False  # whether a model that begins with it may be given strings

    def backward(self, dy) -> None:
        """Nothing: categories have no gradient."""
        _ = self.saved
