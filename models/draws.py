"""Draws: where a model's generators stand in the other parts of a split batch."""

import pickle
from typing import TYPE_CHECKING, Any

import numpy as np

from .parts import generators_by_path

if TYPE_CHECKING:
    from .model import Model

JUMP = 0x9E3779B97F4A7C15F39CC0605CEDC835  # steps, those of `PCG64.jumped`, which seeds a generator at each call


class Draws:
    """Where the generators that a pass may draw from stand in each other part: far from where the model draws.

    generators : the model's, all but the one that shuffles
    states     : for each other part, where they stand there, one after another
    """

    def __init__(self, model: "Model", count: int):
        self.generators = [each for each in generators_by_path(model).values() if each is not model._generator]
        self.states: list[list[Any]] = [[] for _ in range(count)]
        self._spare, self._seen = np.random.PCG64(0), b""

    def look(self) -> None:
        """Take up where the model's generators stand now; where they have not moved, the lists remain."""
        here = [generator.bit_generator.state for generator in self.generators]
        seen = pickle.dumps(here)  # some kinds have arrays in it
        if seen != self._seen:
            self._seen, pairs = seen, list(zip(self.generators, here, strict=True))
            self.states = [[self._jumped(*pair, number) for pair in pairs] for number in range(1, len(self.states) + 1)]

    def _jumped(self, generator: np.random.Generator, state: Any, number: int) -> Any:
        """So many jumps ahead."""
        bits: Any = generator.bit_generator
        if type(bits) is not np.random.PCG64:
            return bits.jumped(number).state
        self._spare.state = state
        self._spare.advance(number * JUMP)
        return self._spare.state
