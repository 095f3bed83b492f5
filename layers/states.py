"""States: what a layer carries from call to call besides its weights."""

from typing import Any

import numpy as np

from ..errors import StateError
from ..utils.state import recall
from .weighted import Weighted


class Carrying(Weighted):
    """What has states, and perhaps parts that have such: what `Layer` has of them."""

    def reset_states(self) -> None:
        """Let the stateful layers within, and this one if it is such, begin with zeros again."""
        for layer in self.sublayers():
            layer.reset_states()

    def get_state(self) -> dict[str, Any]:
        """What it carries from call to call besides its weights: generators; a layer of your own adds what it has."""
        return {name: value for name, value in vars(self).items() if isinstance(value, np.random.Generator)}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from what `get_state` gave. Raises StateError for anything else that the layer has or has not."""
        known = self.get_state()
        if not set(state) <= set(known):
            raise StateError(f"{self.where}: set_state", expected=", ".join(known), received=", ".join(state))
        recall(self, state)
