"""States: what a layer carries from call to call besides its weights."""

import inspect
from contextvars import ContextVar
from typing import Any

import numpy as np

from ..activations.axes import AlongAxis
from ..errors import ArgumentError, StateError
from ..utils.component import arguments_of, parameters
from ..utils.registration import known_names
from ..utils.state import recall
from .weighted import Weighted

# of the pass that is under way, where there is one: whether it trains, and whether anybody will go back through it
_pass: ContextVar[tuple[bool | None, bool]] = ContextVar("pass", default=(None, True))


class passing:
    """A pass: for the layers called within it, which are told less.

    training : whether it trains; None says nothing
    keep     : whether anybody will go back through it; within one that keeps nothing, nobody will
    """

    def __init__(self, training: bool | None, keep: bool = True):
        self.training, self.keep = training, keep

    def __enter__(self) -> None:
        trains, keeps = _pass.get()
        self._before = _pass.set((trains if self.training is None else bool(self.training), keeps and self.keep))

    def __exit__(self, *error: object) -> None:
        _pass.reset(self._before)


def keeps() -> bool:
    """Whether a layer keeps what `backward` needs: it does, but where a model predicts.

    >>> keeps()
    True
    >>> with passing(False, keep=False), passing(False):
    ...     keeps()
    False
    """
    return _pass.get()[1]


def trains(training: bool | None) -> bool:
    """Whether a layer for images draws: as it is told, else as the pass around it; called alone it does, as in Keras.

    >>> trains(None), trains(False)
    (True, False)
    >>> with passing(False):
    ...     trains(None), trains(True)
    (False, True)
    """
    said = _pass.get()[0] if training is None else training
    return said is None or bool(said)


class Carrying(Weighted):
    """What has states, and perhaps parts that have such: what `Layer` has of them."""

    def __init_subclass__(cls, **kwargs: Any):
        super().__init_subclass__(**kwargs)
        forward = vars(cls).get("forward")
        if inspect.isfunction(forward) and _is_ones_own(cls):
            signature = inspect.signature(forward)
            try:
                signature.bind(None, None, None)
            except TypeError:
                raise ArgumentError(
                    f"{cls.__name__}.forward",
                    expected="(self, x, training=False)",
                    received=str(signature),
                    mend="let it take training=False, which says whether the pass trains",
                ) from None

    @classmethod
    def from_config(cls, config: dict[str, Any]):
        """Make one from what `get_config` returned; for a class of your own, the layers among its arguments first."""
        given = arguments_of(cls, config)
        made = {name: _made(value) for name, value in given.items()} if _is_ones_own(cls) else given
        return super().from_config(made)

    def reset_states(self) -> None:
        """Let the stateful layers within, and this one if it is such, begin with zeros again."""
        for layer in self.sublayers():
            layer.reset_states()

    def couples_batch(self, training: bool) -> bool:
        """Whether y of a sample depends on other samples or earlier calls, so that no batch may be split over threads.

        Lamina's own layers say what they do; of any other it is taken to be so, unless it says no.
        """
        if _is_ones_own(type(self)):
            return True
        held = vars(self).values()
        if any(isinstance(value, AlongAxis) and value.may_take_samples for value in held):
            return True
        drawn = (value.bit_generator for value in held if isinstance(value, np.random.Generator))
        return not all(hasattr(bits, "jumped") for bits in drawn)  # without jumps parts can't draw for themselves

    def get_state(self) -> dict[str, Any]:
        """What it carries from call to call besides its weights: generators; a layer of your own adds what it has."""
        return {name: value for name, value in vars(self).items() if isinstance(value, np.random.Generator)}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from what `get_state` gave. Raises StateError for anything else that the layer has or has not."""
        known = self.get_state()
        if not set(state) <= set(known):
            raise StateError(f"{self.where}: set_state", expected=", ".join(known), received=", ".join(state))
        recall(self, state)


def _is_ones_own(cls: type) -> bool:
    return cls.__module__.partition(".")[0] != __name__.partition(".")[0]


def _made(value: Any) -> Any:
    """The value, with the layers that configs in it describe in their places; what else they may describe stays."""
    from .base import registry  # which imports this module

    if isinstance(value, list):
        return [_made(item) for item in value]
    if not isinstance(value, dict):
        return value
    cls: Any = (registry._classes | known_names()).get(str(value.get("class_name")))
    config = value.get("config")
    is_layer = isinstance(cls, type) and issubclass(cls, registry.base) and isinstance(config, dict)
    if is_layer and set(config or ()) <= set(parameters(cls)):
        return registry.from_dict(value)
    return {key: _made(item) for key, item in value.items()}
