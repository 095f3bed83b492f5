"""What a model is compiled with, as plain data and back, and the optimizer's memory beside it."""

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import losses, optimizers
from ..errors import OptionError
from ..utils.component import serialize
from ..utils.variable import Variable

if TYPE_CHECKING:
    from .model import Model


def optimizer_of(identifier: Any, loss: Any) -> Any:
    """The optimizer; where there is none of that name, but a loss, ``compile("mse", "adam")``, that is said."""
    try:
        return optimizers.get(identifier)
    except OptionError:
        if identifier not in losses.registry or not isinstance(loss, str):
            raise
        mend = f"the optimizer comes first: compile({loss!r}, {identifier!r})"
        received = repr(identifier)
        raise OptionError("compile(optimizer=...)", expected="an optimizer", received=received, mend=mend) from None


def compile_config(model: "Model", names: dict[int, str]) -> dict[str, Any] | None:
    """The arguments of `compile`, and of which weights, by the names of their ids, the optimizer remembers anything."""
    objective, optimizer = model._objective, model.optimizer
    if objective is None:
        return None
    return {
        "optimizer": serialize(optimizer),
        "loss": serialize(objective.loss),
        "loss_weights": objective.loss_weight,
        "metrics": [serialize(identifier) for identifier, weighted in objective.asked if not weighted],
        "weighted_metrics": [serialize(identifier) for identifier, weighted in objective.asked if weighted],
        "on_nonfinite": objective.health.mode,
        "met": [names[id(variable)] for variable in optimizer.met],
        "undecayed": [names[id(variable)] for variable in model.weights if optimizer.is_undecayed(variable)],
        "undecayed_names": list(optimizer._undecayed_names),
    }


def compile_from_config(
    model: "Model", config: dict[str, Any], weights: dict[str, Variable], memory: dict[str, np.ndarray]
) -> None:
    """Compile a model as `compile_config` says, its optimizer standing where it stood."""
    arguments = dict(config)
    met, undecayed, words = (arguments.pop(key) for key in ("met", "undecayed", "undecayed_names"))
    model.compile(**arguments)
    optimizer = model.optimizer
    if undecayed or words:
        optimizer.exclude_from_weight_decay([weights[name] for name in undecayed], words)
    optimizer.build([weights[name] for name in met])
    optimizer.set_state(memory)
