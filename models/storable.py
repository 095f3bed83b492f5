"""What a model can do with files; `saving` does it."""

import copy
from typing import Any

from ..layers.base import Layer
from ..layers.calls import within
from ..utils.checks import refusing_unknown
from . import archive, saving
from .parts import own_classes


class Storable(Layer):
    """The files' half of `Model`."""

    @refusing_unknown
    def save(
        self,
        filepath: saving.PathLike,
        overwrite: bool = True,
        zipped: bool | None = None,
        *,
        save_format: str | None = None,
    ) -> None:
        """Write the model into a file, ``m.lamina`` or ``m.keras``: see `models.save_model` and `load_model`."""
        saving.save_model(self, filepath, overwrite, zipped, save_format=save_format)  # type: ignore[arg-type]

    @refusing_unknown
    def save_weights(self, filepath: saving.PathLike, overwrite: bool = True) -> None:
        """Write the weights alone into a file, ``m.weights.lamina`` or ``m.weights.h5``. See `models.save_weights`."""
        saving.save_weights(self, filepath, overwrite)  # type: ignore[arg-type]

    @refusing_unknown
    def load_weights(self, filepath: saving.PathLike, skip_mismatch: bool = False) -> None:
        """Set the weights to those of a file. See `models.load_weights`."""
        saving.load_weights(self, filepath, skip_mismatch)  # type: ignore[arg-type]

    def __reduce__(self):
        """Pickled for another process: the bytes of its file, and the classes that the file names."""
        model: Any = self
        compiled = [model.optimizer, model._objective.loss, *model.metrics_asked] if model.compiled else []
        classes = own_classes("pickle", [*within(model), *compiled])
        return _from_bytes, (b"".join(archive.pack(*saving.contents_of(model))), classes)

    def __deepcopy__(self, memo: dict[int, Any]):
        """A copy of the objects themselves, whatever they hold."""
        other = memo[id(self)] = type(self).__new__(type(self))
        vars(other).update(copy.deepcopy(vars(self), memo))
        for layer in other.sublayers():
            layer.stands_in(other)
        return other


def _from_bytes(data: bytes, classes: dict[str, Any]) -> Any:
    return saving.model_of(archive.unpack(data), "the pickled model", classes)
