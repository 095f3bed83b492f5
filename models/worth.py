"""Whether it is worth to have the passes of a model done by several processes, or threads."""

import math
from typing import TYPE_CHECKING

from ..layers.calls import within
from ..layers.embedding import Embedding
from ..layers.recurrent import RNN
from ..utils import processes

if TYPE_CHECKING:
    from .model import Model

SMALL = 4  # times as long takes a multiplication in the small products of a recurrence
PASSES = 16  # multiplications that take as long as what is done with each number given, besides them
FEW = 8  # samples that are not worth a part
ENOUGH = 2**19  # numbers given for a batch that make up for what threads cost
STEP = 2**24  # multiplications in a step that make up for what processes cost each time
CALL = 2**30  # multiplications in all steps that make up for forking them


def pays(model: "Model", shape: tuple, parts: int, training: bool, steps: int | None = None) -> bool:
    """Whether to split batches of this shape, so many of which there will be.

    Each sample must go its own way, and there must be enough to do in a step, and for processes in all steps together.
    """
    if len(shape) < 2 or shape[0] < FEW // 2 * parts:
        return False
    inner = within(model)
    if any(layer.couples_batch(training) or layer.activity_regularizer is not None for layer in inner):
        return False
    made, multiplied = work(model, shape)
    if not processes.AVAILABLE:  # threads: not for many small products, which would wait for Python
        return not any(isinstance(layer, RNN) for layer in inner) and made >= ENOUGH and made >= model.count_params()
    each = (made * PASSES + multiplied) * (3 if training else 1)
    return each >= STEP and (steps is None or each * steps >= CALL)


def work(model: "Model", shape: tuple) -> tuple[int, int]:
    """How many numbers the layers give for a batch of this shape, and about how many multiplications that takes."""
    made = multiplied = 0
    for layer in model.layers:
        if not isinstance(layer, Embedding):  # which looks up
            recurs = any(isinstance(inner, RNN) for inner in within(layer))
            multiplied += math.prod(shape[:-1]) * layer.count_params() * (SMALL if recurs else 1)
        after = layer.compute_output_shape(shape)
        after = after[0] if isinstance(after[0], tuple) else after  # beside it the states
        shape = shape[0], *after[1:]  # who writes a layer may leave the batch unknown
        made += math.prod(shape)
    return made, multiplied
