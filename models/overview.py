"""The half of `Model` that tells what is in it."""

import json
import sys
from collections.abc import Sequence
from typing import Any

from ..errors import Absent, ArgumentError, OptionError, did_you_mean
from ..layers.base import Layer
from .storable import Storable
from .summary import summarize, writable

CALLS = "fit", "evaluate", "predict"


class Overview(Storable):
    """A layer of layers that shows them."""

    fit_generator, evaluate_generator, predict_generator = (Absent(f"{call} takes a generator") for call in CALLS)
    predict_proba = Absent("predict gives the probabilities")
    predict_classes = Absent(
        "predict(x).argmax(axis=-1) is the class; after a sigmoid over one unit it is (predict(x) > 0.5).astype(int)"
    )

    @property
    def layers(self) -> list[Layer]:
        """The layers within."""
        return self.sublayers()

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """The layer of a name, or at a place."""
        if (name is None) == (index is None):
            raise ArgumentError("get_layer", expected="a name, or an index", received="both" if name else "neither")
        if index is not None:
            if not -len(self.layers) <= index < len(self.layers):
                raise OptionError("get_layer", expected=f"an index below {len(self.layers)}", received=repr(index))
            return self.layers[index]
        for layer in self.layers:
            if layer.name == name:
                return layer
        by_place = isinstance(name, int)
        mend = f"get_layer(index={name})" if by_place else did_you_mean(name, [layer.name for layer in self.layers])
        raise OptionError(f"{self.where} has no layer {name!r}", mend=mend)

    def summary(
        self,
        line_length: int | None = None,
        positions: Sequence[float] | None = None,
        print_fn=None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: list[str] | tuple[str, str] | None = None,
    ) -> None:
        """Print a table of the layers, their outputs' shapes and their counts of numbers.

        Arguments: `line_length`, the table's width; `positions`, where each column ends, in characters or, up to 1, as
        a share of the width (80 if not given), no column narrower than what it holds; `print_fn`, what takes the text
        in place of `print`; `expand_nested`, whether layers within layers get lines; `show_trainable`, a column for it;
        `layer_range`, the names of the first and the last layer to show.
        """
        text = summarize(self, line_length, positions, expand_nested, show_trainable, layer_range)
        if print_fn is None:
            print(writable(text, getattr(sys.stdout, "encoding", None)))
        else:
            print_fn(text)

    def to_json(self, **options: Any) -> str:
        """The model's config as JSON; `options` are those of `json.dumps`. Weights are not in it."""
        return json.dumps({"class_name": type(self).__name__, "config": self.get_config()}, **options)
