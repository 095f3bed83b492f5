"""Weights: how a layer makes them, lists them, and lets them be trained or not."""

import weakref
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np

from .. import constraints, initializers, regularizers
from ..errors import ArgumentError, ShapeError, StateError
from ..utils.allowance import take
from ..utils.checks import truth
from ..utils.component import Component
from ..utils.seeds import next_generator
from ..utils.variable import Variable
from .spec import Shape


class _OfTheParent:
    """Stands in the place of an attribute until the parent's constructor sets it."""

    def __get__(self, layer: Any, kind: type) -> Any:
        if layer is None:
            return self
        raise StateError(f"{kind.__name__}.__init__ did not call its parent's", mend="begin it with super().__init__()")


class Weighted(Component):
    """What has a name, weights of its own and perhaps parts that have weights: what `Layer` has of weights."""

    # a `__getattr__` would say the same, and slow down every other attribute
    dtype: str = _OfTheParent()  # type: ignore[assignment]
    named_by_user: bool = _OfTheParent()  # type: ignore[assignment]
    _name: str = _OfTheParent()  # type: ignore[assignment]
    _weights: list[Variable] = _OfTheParent()  # type: ignore[assignment]

    def __init__(self, name: str, trainable: bool, dtype: str):
        self._name, self.dtype = name, dtype
        self._built_shape: Shape | None = None
        self._holders: list[weakref.ref] = []  # models that it was added to
        self._alone = False  # whether no layer was within it when it was built
        self._weights = []
        self._rules: dict[str, dict[str, Any]] = {}
        self._trainable = bool(trainable)

    @property
    def name(self) -> str:
        """The name: the user's, or one that the model made from the class."""
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        for names, weight in self._with_names():
            parts = weight.path.split("/")
            place = len(parts) - 1 - len(names)  # of this one's name
            if place >= 0 and parts[place] == self._name:
                weight.path = "/".join([*parts[:place], name, *parts[place + 1 :]])
        self._name = name

    def stands_in(self, model: "Weighted") -> None:
        """Be told of a model that it was added to."""
        self._holders = [weakref.ref(known) for known in (*self.models(), model)]

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"_holders": []}  # a copy stands nowhere yet

    def models(self) -> list["Weighted"]:
        """The models that it stands in."""
        alive = [model for holder in self._holders if (model := holder()) is not None]
        return [model for model in alive if any(layer is self for layer in model.sublayers())]

    @property
    def where(self) -> str:
        """The layer as messages name it."""
        return f"layer '{self.name}' ({type(self).__name__})"

    @property
    def compute_dtype(self) -> str:
        """The type that it computes in, and that its weights have: `dtype`."""
        return self.dtype

    variable_dtype = compute_dtype

    def sublayers(self) -> list[Any]:
        """The layers that this one is made of: those among its attributes, or in lists and dicts among them."""
        found: dict[int, Any] = {}
        for _, value in self.holding():
            found |= {id(layer): layer for layer in _within(value, Weighted)}
        return list(found.values())

    def holding(self) -> list[tuple[str, Any]]:
        """Its attributes that are or may hold layers; what it was given, or keeps for a pass, is none."""
        held = vars(self).items()
        return [(name, value) for name, value in held if isinstance(value, _HOLDING) and name not in _NO_PARTS]

    def _with_names(self) -> Iterator[tuple[list[str], Variable]]:
        """The variables, each with the names of the layers that lead to it, this one's first."""
        for weight in self._weights:
            yield [self._name], weight
        for layer in self.sublayers():
            for names, weight in layer._with_names():
                yield [self._name, *names], weight

    def set_paths(self, known: set[int]) -> None:
        """Let the path of each variable begin with this one's name, but for those of the ids `known`: it stays."""
        self._take_up()
        self._name_apart()
        for names, weight in self._with_names():
            if id(weight) not in known:
                weight.path = "/".join([*names, weight.name])

    def _take_up(self) -> None:
        """Let a `Variable` that a layer of one's own holds, and that no `add_weight` made, be a weight, too."""
        held = [value for name, value in vars(self).items() if name not in _NO_PARTS]
        for value in held:
            for variable in _within(value, Variable):
                if variable.path == variable.name and not any(variable is weight for weight in self._weights):
                    variable.name = unique_name(variable.name, {weight.name for weight in self._weights})
                    self._weights.append(variable)

    def _name_apart(self) -> None:
        """Let the layers within have names of their own, but for those that a user or a model named."""
        taken: set[str] = set()
        for layer in self.sublayers():
            if layer.name in taken and not layer.named_by_user and not layer.models():
                layer.name = unique_name(layer.name, taken)
            taken.add(layer.name)

    def weight_rules(self, name: str, initializer, regularizer=None, constraint=None) -> None:
        """Keep how a weight begins, is penalised and is held, for `add_weight`, as ``self.<name>_initializer`` etc."""
        rules = {
            "initializer": initializers.get(initializer),
            "regularizer": regularizers.get(regularizer),
            "constraint": constraints.get(constraint),
        }
        self._rules[name] = rules
        vars(self).update({f"{name}_{rule}": value for rule, value in rules.items()})

    def add_weight(
        self,
        name: str | None = None,
        shape: Sequence[int | None] = (),
        initializer: Any = None,
        dtype: str | None = None,
        trainable: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
    ) -> Variable:
        """Make a weight of this layer. It is to be called in `build`, once for each weight, in the order of Keras.

        What is not given comes from the `weight_rules` of that name; without any, weights begin as `glorot_uniform`.
        Those without a name are "weight", "weight_1" and so on.
        """
        taken = {weight.name for weight in self._weights}
        name = unique_name("weight", taken) if name is None else name
        if not isinstance(name, str) or name in taken:
            mend = None if isinstance(name, str) else f"give the shape by name: shape={name!r}"
            raise ArgumentError(
                f"{self.where}: add_weight", expected="a name that is new", received=repr(name), mend=mend
            )
        known = tuple(size for size in shape if size is not None)
        if len(known) < len(shape):
            raise ShapeError(
                f"{self.where}: weight '{name}'",
                expected="lengths that are known",
                received=str(tuple(shape)),
                mend="give the Input a number in the place of the None that this length comes from",
            )
        rules = self._rules.get(name, {})
        initializer = initializers.get(initializer) or rules.get("initializer") or initializers.get("glorot_uniform")
        if take(f"{self.where}: weight '{name}'", known, of_weights=True):  # loaded: its values come from the file
            value = np.zeros(known, dtype or self.dtype)
        else:
            value = initializers.initialize(initializer, known, dtype or self.dtype, next_generator())
        weight = Variable(
            value,
            trainable=trainable,
            name=name,
            regularizer=regularizers.get(regularizer) or rules.get("regularizer"),
            constraint=constraints.get(constraint) or rules.get("constraint"),
        )
        weight.path = f"{self.name}/{name}"
        weight.trainable = trainable and self._trainable
        self._weights.append(weight)
        return weight

    def _stands(self) -> bool:
        return self._built_shape is not None or bool(self._weights)

    @property
    def built(self) -> bool:
        """Whether the weights stand."""
        return self._stands()

    @built.setter
    def built(self, value: bool) -> None:
        """What a layer written for Keras says at the end of its `build`: it is known here without being said."""
        if not truth(self.where, "built", value) and self.built:
            raise StateError(f"{self.where} is built, and stays so", mend="make a new layer, by its config")

    @property
    def own_weights(self) -> list[Variable]:
        """The variables that are its own, in the order in which they were made: not those of the layers within."""
        return self._weights

    @property
    def weights(self) -> list[Variable]:
        """All variables, trained and carried along: its own, then those of the layers within, each once."""
        own = sorted(self._weights, key=lambda weight: weight.carried)  # those that can be trained come first
        found = own + [weight for layer in self.sublayers() for weight in layer.weights]
        return list({id(weight): weight for weight in found}.values())

    variables = weights

    @property
    def trainable_weights(self) -> list[Variable]:
        """The variables that the optimizer may change."""
        return [weight for weight in self.weights if weight.trainable] if self._trainable else []

    trainable_variables = trainable_weights

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The variables that it may not."""
        return [weight for weight in self.weights if not weight.trainable] if self._trainable else self.weights

    non_trainable_variables = non_trainable_weights

    @property
    def trainable(self) -> bool:
        """Whether the optimizer may change the weights; setting it sets it for all layers within."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = truth(self.where, "trainable", value)
        for weight in self._weights:
            weight.trainable = self._trainable and not weight.carried
        for layer in self.sublayers():
            layer.trainable = value

    def freeze_within(self) -> None:
        """Freeze what this one is made of, if it was made frozen."""
        if not self._trainable:
            self.trainable = False

    def get_weights(self) -> list[np.ndarray]:
        """Copies of all variables' values, in Keras's order."""
        return [weight.numpy() for weight in self.weights]

    def set_weights(self, weights: list[Any]) -> None:
        """Set all variables' values, in the order of `get_weights`; nothing changes if one does not fit."""
        values = [np.asarray(value) for value in weights]
        wanted, got = [weight.shape for weight in self.weights], [value.shape for value in values]
        if wanted != got:
            mend = "build the model first: give it an Input, or data" if not self.built else None
            raise ShapeError(
                f"{self.where}: set_weights", expected=f"arrays of shapes {wanted}", received=str(got), mend=mend
            )
        for weight, value in zip(self.weights, values, strict=True):
            weight.assign(value)

    def reset_grad(self) -> None:
        """Let the gradients of all variables begin anew, those of frozen ones and of a step broken off included."""
        for weight in self.weights:
            weight.reset_grad()

    def count_params(self) -> int:
        """How many numbers the variables hold."""
        if not self.built:
            raise StateError(f"{self.where}: count_params before build", mend="give the model an Input, or data")
        return sum(weight.size for weight in self.weights)


def unique_name(name: str, taken: Collection[str]) -> str:
    """The name, or the first of name_1, name_2, ... that is not taken.

    >>> unique_name("dense", {"dense", "dense_1"})
    'dense_2'
    """
    base, number = name, 0
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    return name


def _within(value: Any, kind: type) -> Iterator[Any]:
    if isinstance(value, kind):
        yield value
    elif isinstance(value, list | tuple | dict):
        wanted = (kind, *_CONTAINERS)
        for item in value.values() if isinstance(value, dict) else value:
            if isinstance(item, wanted):  # a vocabulary is long
                yield from _within(item, kind)


_CONTAINERS = (list, tuple, dict)
_HOLDING = (Weighted, *_CONTAINERS)  # what may be or hold a layer
_NO_PARTS = frozenset({"_given", "_saved", "_holders", "_weights", "_rules", "_built_shape"})
