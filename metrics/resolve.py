"""From what `compile` is given to a metric: names, functions, classes, configurations and instances."""

import inspect
from collections.abc import Callable
from typing import Any

from .. import losses
from ..errors import ArgumentError, OptionError
from ..utils.component import snake_case
from .accuracy import (
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
)
from .base import Metric, registry
from .correlation import concordance_correlation, pearson_correlation
from .mean import Mean, MeanMetricWrapper, Sum
from .probabilistic import BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy
from .top_k import sparse_top_k_categorical_accuracy, top_k_categorical_accuracy

Shape = tuple[int | None, ...]

FUNCTIONS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        binary_accuracy,
        categorical_accuracy,
        concordance_correlation,
        pearson_correlation,
        sparse_categorical_accuracy,
        sparse_top_k_categorical_accuracy,
        top_k_categorical_accuracy,
        losses.binary_crossentropy,
        losses.binary_focal_crossentropy,
        losses.categorical_crossentropy,
        losses.categorical_focal_crossentropy,
        losses.categorical_hinge,
        losses.hinge,
        losses.huber,
        losses.kl_divergence,
        losses.log_cosh,
        losses.mean_absolute_error,
        losses.mean_absolute_percentage_error,
        losses.mean_squared_error,
        losses.mean_squared_logarithmic_error,
        losses.poisson,
        losses.sparse_categorical_crossentropy,
        losses.squared_hinge,
    )
}

# The names of which the targets decide what they mean, each for binary, sparse and one-hot ones.
ACCURACIES = {"binary": BinaryAccuracy, "sparse": SparseCategoricalAccuracy, "categorical": CategoricalAccuracy}
CROSSENTROPIES = {
    "binary": BinaryCrossentropy,
    "sparse": SparseCategoricalCrossentropy,
    "categorical": CategoricalCrossentropy,
}
BY_TARGETS: dict[str, dict[str, type[Metric]]] = {
    "accuracy": ACCURACIES,
    "acc": ACCURACIES,
    "crossentropy": CROSSENTROPIES,
    "ce": CROSSENTROPIES,
}


def kind_of_targets(y_shape: Shape, output_shape: Shape) -> str:
    """What labels of this shape are for outputs of that one: binary, sparse or categorical.

    An output of one number a sample (or step) means binary; labels with an axis less than the output, or a last axis
    of 1, mean class numbers; others are one-hot.

    >>> kind_of_targets((None,), (None, 1)), kind_of_targets((None, 1), (None, 3)), kind_of_targets((8, 3), (8, 3))
    ('binary', 'sparse', 'categorical')
    """
    if len(output_shape) < 2 or output_shape[-1] == 1:
        return "binary"
    return "sparse" if len(y_shape) < len(output_shape) or y_shape[-1] == 1 else "categorical"


def function_of(config: str | dict[str, Any]) -> Callable[..., Any]:
    """The function of `lamina.metrics`, or the registered one, of that name; the loss of that configuration."""
    if isinstance(config, dict):
        return losses.registry.get(config)
    found = registry.find(config, FUNCTIONS)
    if isinstance(found, type):
        raise OptionError(f"{config!r} is a metric, not a function", mend="name the function that it is made of")
    return found


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None) -> Metric | None:
    """The metric of a name, config, class, function or instance; None for None.

    >>> deserialize({"class_name": "Precision", "config": {"top_k": 2}})
    Precision(top_k=2)
    """
    target = registry.find(config, custom_objects) if isinstance(config, str) else config
    if isinstance(target, type) and issubclass(target, Metric):
        own = list(inspect.signature(target.__init__).parameters.values())[1:]
        needed = [item.name for item in own if item.default is item.empty and item.kind == item.POSITIONAL_OR_KEYWORD]
        if needed:
            made = f"{target.__name__}({', '.join(f'{name}=...' for name in needed)})"
            raise ArgumentError(f"metric '{target.__name__}' needs {' and '.join(needed)}", mend=f"give {made}")
    found = registry.get(target, custom_objects)
    if isinstance(found, type):
        raise ArgumentError(f"{found.__name__} is no metric", expected="a class from lamina.metrics or of your own")
    if found is None or isinstance(target, Metric | type | dict):
        return found
    name = getattr(target, "name", getattr(target, "__name__", type(target).__name__))
    metric = found if isinstance(found, Metric) else MeanMetricWrapper(found)
    metric.name = snake_case(str(name))
    return metric


def get(identifier: Any) -> Metric | None:
    """The metric meant by a name, class, function, config or instance; None for None.

    Raises OptionError for an unknown name, with the nearest known one; ArgumentError for what can't be read so.

    >>> get("mse").name, get("AUC").name
    ('mean_squared_error', 'auc')
    """
    return deserialize(identifier)


def check(identifier: Any) -> None:
    """Refuse what `resolve` could not make a metric of, before any shape is known.

    Raises what `resolve` raises.

    >>> check("accuracy")
    """
    if not _by_targets(identifier):
        _comparing(identifier)


def resolve(identifier: Any, y_shape: Shape, output_shape: Shape) -> Metric:
    """The metric that `compile` means by this, for labels and outputs of these shapes.

    ``"accuracy"`` (``"acc"``) and ``"crossentropy"`` (``"ce"``) become the binary, sparse or categorical one. A metric
    asked for by name bears that very name in the history, one made of a function the function's name.

    Raises what `get` raises; ArgumentError for None; OptionError for a mean or sum of values, which compares nothing.

    >>> metric = resolve("acc", (None, 1), (None, 10))
    >>> metric.name, type(metric).__name__
    ('acc', 'SparseCategoricalAccuracy')
    """
    by_targets = _by_targets(identifier)
    metric = by_targets[kind_of_targets(y_shape, output_shape)]() if by_targets else _comparing(identifier)
    if isinstance(identifier, str):
        metric.name = identifier
    return metric


def _by_targets(identifier: Any) -> dict[str, type[Metric]]:
    """The three metrics that this name stands for; none if it is no such name."""
    return BY_TARGETS.get(identifier.lower(), {}) if isinstance(identifier, str) else {}


def _comparing(identifier: Any) -> Metric:
    """The metric meant, if it compares labels with predictions."""
    metric = get(identifier)
    if metric is None:
        raise ArgumentError("None is no metric", mend="leave it out of the list of metrics")
    if type(metric).update_state in (Mean.update_state, Sum.update_state):
        raise OptionError(
            f"metric '{metric.name}' takes values, not labels and predictions",
            mend="use it in code of your own, and a metric such as 'mae' here",
        )
    return metric
