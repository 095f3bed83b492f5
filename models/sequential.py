"""Sequential: layers one after another."""

from typing import Any

from ..errors import ArgumentError, ConfigError, LaminaError, OptionError, ShapeError, StateError
from ..layers.base import Layer, registry
from ..layers.chain import backward_chain, backward_to_weights, forward_chain, head_of
from ..layers.input import InputLayer, KerasTensor
from ..layers.spec import Shape, show_shape
from ..layers.weighted import unique_name
from ..utils.component import arguments_of, serialize, snake_case
from ..utils.shapes import same_shape
from .entrance import alone
from .mends import mend_for
from .model import Model
from .parts import stands_once, twice_within


class Sequential(Model):
    """Layers one after another: y = fₙ(… f₂(f₁(x)));  dx = backward of each, the last first.

    The shape of the data comes from an `Input` as the first entry, from `input_shape=` of the first layer, from
    `build`, or from the first data. Layers get unique names: dense, dense_1, ...

    Raises ArgumentError for an entry that is no layer, OptionError for two layers of the same name, ShapeError, with
    the chain of shapes so far, for a layer that can't take what the one before it gives.

    >>> from lamina import layers
    >>> model = Sequential([layers.Input((4,)), layers.Dense(3, activation="relu"), layers.Dense(1)])
    >>> model.output_shape, model.count_params()
    ((None, 1), 19)
    """

    supports_masking = True
    uses_mask = True
    casts_input = False  # the first layer does

    def __new__(cls, *args, **kwargs):
        if cls is Sequential and len(args) > 1 and all(isinstance(arg, Layer) for arg in args):
            raise ArgumentError(
                "Sequential", expected="a list of layers", received=repr(args), mend="put [ ] around them"
            )
        return super().__new__(cls, *args, **kwargs)

    def __init__(self, layers: list | tuple | None = None, trainable: bool = True, name: str | None = None):
        super().__init__(trainable=trainable, name=name)
        self._layers: list[Layer] = []
        self._known: dict[Shape, Shape] = {}  # shapes of samples that fit, and of the outputs for them
        self._mask: Any = None  # the mask of the last y
        if layers is not None and not isinstance(layers, list | tuple):
            raise ArgumentError("Sequential(layers=...)", expected="a list of layers", received=repr(layers))
        for layer in layers or ():
            self.add(layer)

    # -- the layers
    def add(self, layer: Layer | KerasTensor, rebuild: bool = True) -> None:
        """Put a layer at the end, and build it if the shape of its input is known (and `rebuild` is true)."""
        if isinstance(layer, KerasTensor) and layer.layer is not None:
            layer = layer.layer
        if not isinstance(layer, Layer):
            hint = (
                "add Dense(3), an instance, not the class"
                if isinstance(layer, type)
                else "did you mean a layer from lamina.layers?"
            )
            raise ArgumentError(f"{self.where}: add", expected="a layer", received=repr(layer), mend=hint)
        if isinstance(layer, InputLayer) and self._layers:
            raise OptionError(
                f"{self.where}: add",
                expected="the Input as the first entry",
                received=f"it as entry {len(self._layers) + 1}",
            )
        before = list(self._layers)
        self._name_uniquely(layer)
        if not self._layers and not isinstance(layer, InputLayer) and layer.declared_shape is not None:
            self.add(InputLayer(batch_shape=layer.declared_shape))
        self._layers.append(layer)
        layer.stands_in(self)
        if not self._trainable:
            layer.trainable = False
        self._known.clear()
        if rebuild and self._entry_shape is not None:
            try:
                self._trace(self._entry_shape)
            except LaminaError:
                self._layers = before
                raise

    def pop(self, rebuild: bool = True) -> Layer:
        """Take the last layer off, and give it."""
        if not self.layers:
            raise StateError(f"{self.where}: pop from a model without layers")
        self._known.clear()
        layer = self._layers.pop()
        if not self.layers:
            self._built_shape = None
        return layer

    @property
    def layers(self) -> list[Layer]:
        """The layers, the `InputLayer` left out."""
        return [layer for layer in self._layers if not isinstance(layer, InputLayer)]

    def sublayers(self) -> list[Layer]:
        return list(self._layers)

    def __repr__(self) -> str:
        layers = ", ".join(f"{layer.name} ({type(layer).__name__})" for layer in self.layers)
        return f"<{type(self).__name__} {self.name}: {layers or 'no layers'}>"

    def _name_uniquely(self, layer: Layer) -> None:
        """Give a new name to one of two layers that have the same: to one that no user and no other model knows."""
        stands_once(self, layer if any(layer is other for other in self._layers) else None)
        of_that_name = [other for other in self._layers if other.name == layer.name]
        free = [one for one in (layer, *of_that_name) if not one.named_by_user]
        if of_that_name and not free:
            raise OptionError(
                f"two layers of the name '{layer.name}'", expected="unique names", received=f"{layer.where} twice"
            )
        if of_that_name:
            renamed = next((one for one in free if all(model is self for model in one.models())), free[0])
            holders = self, *renamed.models()
            taken = {one.name for model in holders for one in model.sublayers()}
            renamed.name = unique_name(snake_case(type(renamed).__name__), taken)

    # -- the passes
    def __call__(self, x, training: bool | None = None, mask=None):
        """y for x. Where nothing is said of `training`, the layers that draw images do so, as in Keras; no other."""
        return super().__call__(x, training, mask)  # type: ignore[arg-type]

    def forward(self, x, training: bool = False, mask=None):
        y, self._mask = self.run(x, training, mask)
        return y

    def backward(self, dy):
        return backward_chain(self._layers, dy)

    def backward_weights(self, dy):
        self.to_weights()(dy)

    def to_weights(self):
        return backward_to_weights(self._layers)

    def run(self, x, training: bool = False, mask=None, keep: bool = True):
        """y and its mask; with `keep` False nothing is left for `backward`."""
        if self._key(x.shape) not in self._known:
            self._admit_shape(x.shape)
        return forward_chain(self._layers, x, training, mask, keep)

    def compute_mask(self, x, mask=None):
        return self._mask

    @property
    def makes_mask(self) -> bool:  # type: ignore[override]
        """Whether a layer within makes a mask."""
        return any(layer.makes_mask for layer in self._layers)

    def as_input(self, x):
        """x as the first layer takes it; a last axis of one that x or the Input lacks is added, or left out."""
        x = alone(x, self.takes.rank) if isinstance(x, list | tuple) else x
        for layer in self._layers:
            if not isinstance(layer, InputLayer):
                x = layer.as_input(x)
                break
        else:
            x = super().as_input(x)
        shape = self._entry_shape
        if shape is None or x.ndim == len(shape):
            return x
        if x.ndim + 1 == len(shape) and shape[-1] == 1 and same_shape(x.shape[1:], shape[1:-1]):
            return x[..., None]
        return x[..., 0] if x.ndim == len(shape) + 1 and x.shape[-1] == 1 else x

    @property
    def head(self):
        """The activation that ends the model, if its last layer says one and nothing looks at the activities."""
        last = self._layers[-1] if self._layers else None
        return None if last is None or last.activity_regularizer is not None else head_of(last)

    # -- shapes
    def build(self, input_shape: Shape | None = None) -> None:
        """Build all layers for inputs of this shape, the batch axis (None) included."""
        shape = input_shape if input_shape is not None else self._entry_shape
        if shape is None:
            raise StateError(f"{self.where}: build", expected="a shape", received="None", mend="build((None, 784))")
        if not self.layers:
            raise StateError(f"{self.where} has no layers", mend="add some before it is built or called")
        self._trace((None, *shape[1:]))
        self._built_shape = (None, *shape[1:])

    def _stands(self) -> bool:
        return bool(self.layers) and all(layer.built for layer in self._layers)

    @property
    def _entry_shape(self) -> Shape | None:
        """The shape that is known before there are data."""
        first = self._layers[0] if self._layers else None
        if isinstance(first, InputLayer):
            return (None, *first.batch_shape[1:])
        inner = first._entry_shape if isinstance(first, Sequential) else None
        return self._built_shape if inner is None else inner

    @property
    def shape_to_build(self):
        first = self.layers[0] if self.layers else None
        return self._built_shape if first is None or self._entry_shape is not None else first._built_shape

    def _admit_shape(self, shape: Shape) -> Shape:
        key = self._key(shape)
        if key not in self._known:
            self.ensure_built(shape)
            if self._entry_shape is None:  # all layers were built elsewhere
                self._built_shape = (None, *shape[1:])
            self._known[key] = (None, *self._trace(tuple(shape))[1:])
        return self._known[key]

    def _key(self, shape: Shape) -> Shape:
        """What of a shape decides whether it fits: all but the batch, unless the Input fixes that."""
        entry = self._layers[0] if self._layers else None
        return tuple(shape if isinstance(entry, InputLayer) and entry.batch_shape[0] is not None else shape[1:])

    def _trace(self, shape: Shape) -> Shape:
        """Build each layer for what the one before it gives; a refusal gets the shapes so far."""
        stands_once(self, twice_within(self))
        chain, known = show_shape((None, *shape[1:])), {id(weight) for weight in self.weights}
        for before, layer in zip([None, *self._layers], self._layers, strict=False):
            try:
                layer.ensure_built(shape)
                if layer.input_spec is not None:
                    layer.input_spec.check(shape, layer.where)
                shape = layer.compute_output_shape(shape)
            except LaminaError as error:
                if isinstance(error, ShapeError) and error.chain is None:
                    error.mend = mend_for(layer, before, shape) or error.mend
                error.chain = f"{chain} -> {layer.name}" + (f": {error.chain}" if error.chain else "")
                raise
            if not isinstance(shape, tuple) or (shape and isinstance(shape[0], tuple | list)):
                raise ShapeError(
                    f"{layer.where} gives several outputs, but a Sequential hands on one",
                    expected="one output",
                    received=str(shape),
                    mend="leave return_state at False",
                )
            if not isinstance(layer, InputLayer):
                chain += f" -> {layer.name} {show_shape((None, *shape[1:]))}"
        self.set_paths(known)
        return shape

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return self._trace(tuple(input_shape))

    @property
    def input_shape(self) -> Shape:
        """The shape of x, batch axis included: None, or the size that the Input fixes."""
        if self._entry_shape is None:
            raise StateError(f"{self.where} has no shape yet", mend="give it an Input, or call it on data")
        entry = self._layers[0]
        if isinstance(entry, InputLayer):
            return entry.batch_shape
        return entry.input_shape if isinstance(entry, Sequential) else self._entry_shape

    @property
    def inputs(self) -> list[KerasTensor]:
        """The one x, as a shape."""
        return [self.input]

    @property
    def outputs(self) -> list[KerasTensor]:
        """The one y, as a shape."""
        return [self.output]

    # -- config
    def get_config(self) -> dict[str, Any]:
        """The layers' configs in order; and the shape that it was built for, where no Input says it."""
        settings = {
            "name": self.name,
            "trainable": self.trainable,
            "layers": [serialize(layer) for layer in self._layers],
        }
        shape = self.shape_to_build
        if shape is not None and self.built:
            settings["build_input_shape"] = list(shape)
        return settings

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> "Sequential":
        """The model that a config describes, with new weights."""
        if not isinstance(arguments_of(cls, config).get("layers"), list | tuple):
            raise ConfigError(f"{cls.__name__}.from_config", expected="{'layers': [...], ...}", received=repr(config))
        model = cls(name=config.get("name"))
        for described in config["layers"]:
            model.add(registry.from_dict(described, custom_objects), rebuild=False)
        if model._entry_shape is not None:
            model._trace(model._entry_shape)  # once: a file may name very many layers
        if config.get("build_input_shape") is not None:
            model.build(tuple(config["build_input_shape"]))
        if not config.get("trainable", True):
            model.trainable = False
        return model
