"""What the convolutions share: the windows that a kernel looks at."""

from typing import Any

from ..errors import OptionError
from ..ops.room import Room
from ..ops.windows import Geometry
from ..utils.checks import whole_numbers, word
from .spatial import Spatial


class Windowed(Spatial):
    """The parent of the convolutions, whose kernel looks at windows of the space.

    Raises OptionError for sizes that are no whole numbers of 1 or more, for a padding that the layer does not have, and
    for strides and dilation both above 1.
    """

    paddings: tuple[str, ...] = ("valid", "same")

    def window_rules(self, kernel_size: Any, strides: Any, padding: str, dilation_rate: Any, groups: int = 1) -> None:
        """Keep how windows lie, as attributes of the arguments' names and as `geometry`; refuse what can't be."""
        who = type(self).__name__
        self.kernel_size = whole_numbers(who, "kernel_size", kernel_size, self.rank)
        self.strides = whole_numbers(who, "strides", strides, self.rank)
        self.dilation_rate = whole_numbers(who, "dilation_rate", dilation_rate, self.rank)
        self.padding = word(who, "padding", padding, self.paddings)
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:  # as in Keras
            raise OptionError(
                f"{who}(strides={self.strides}, dilation_rate={self.dilation_rate})",
                expected="one of them 1",
                received="both above 1",
            )
        self.geometry = Geometry(self.kernel_size, self.strides, self.dilation_rate, self.padding, groups)
        self._room = Room()
