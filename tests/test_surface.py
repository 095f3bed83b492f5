"""The public surface against Keras's: names, parameters and defaults, as `references/record_surface.py` recorded them."""

import importlib
import inspect
import json
from pathlib import Path
from typing import Any

import pytest

import lamina
from lamina.utils.component import Component, parameters

RECORDED = json.loads((Path(__file__).parent / "references" / "surface.json").read_text())
COMPLETE = (
    "activations",
    "initializers",
    "regularizers",
    "constraints",
    "losses",
    "optimizers",
    "optimizers.schedules",
    "metrics",
)
ABSENT = {  # what has no meaning here, or comes with a later piece of work
    "optimizers": {"LossScaleOptimizer", "MultiOptimizer", "OptimizerMap", "ScheduleFreeAdamW"},
}
WITHOUT = {  # parameters of other backends, of quantization, and those that Keras calls by another name for each kind
    "loss_scale_factor", "lora_rank", "lora_alpha", "quantization_config", "gptq_unpacked_column_size", "flash_attention",
    "sparse", "ragged", "tensor", "input_tensor", "optional", "autocast", "renorm", "renorm_clipping", "renorm_momentum",
    "synchronized", "use_cudnn", "run_eagerly", "steps_per_execution", "jit_compile", "auto_scale_loss",
    "preferred_backend", "format", "untar", "extract", "archive_format", "module_objects", "input_tensors", "call_function", "recursive",
}  # fmt: skip


def arguments(target):
    if inspect.isclass(target) and issubclass(target, Component):
        return parameters(target)
    found = inspect.signature(target.__init__ if inspect.isclass(target) else target).parameters
    return {name: parameter for name, parameter in found.items() if name != "self"}


def targets():
    for space, names in RECORDED.items():
        if space == "keras_version":
            continue
        module = (
            getattr(lamina, space) if space in ("Model", "Sequential") else importlib.import_module(f"lamina.{space}")
        )
        for name, expected in names.items():
            if hasattr(module, name) and name != "serialize":
                yield pytest.param(getattr(module, name), expected, id=f"{space}.{name}")


@pytest.mark.parametrize(("target", "expected"), list(targets()))
def test_parameters_and_defaults_are_keras_s(target, expected):
    mine = arguments(target)
    expected = {name: default for name, default in expected.items() if name not in WITHOUT}
    missing = set(expected) - set(mine)
    assert not missing, f"without {sorted(missing)}"
    for name, default in expected.items():
        found = mine[name].default
        found = "required" if found is inspect.Parameter.empty else json.loads(json.dumps(found, default=repr))
        if isinstance(default, list) and set(map(str, default)) == {str(found)}:  # one number for all axes
            found = default
        if name == "name" and found is None and default is not None:  # made from the class
            found = target(**{n: 1 for n, p in mine.items() if p.default is inspect.Parameter.empty}).name
        assert found == default, f"{name}={found!r}, Keras has {default!r}"


@pytest.mark.parametrize("space", COMPLETE)
def test_every_name_is_there(space):
    module = importlib.import_module(f"lamina.{space}")
    missing = {name for name in RECORDED[space] if not hasattr(module, name)} - ABSENT.get(space, set())
    assert not missing, sorted(missing)
    assert {name for name in RECORDED[space] if hasattr(module, name)} <= {
        *module.__all__,
        "get",
        "serialize",
        "deserialize",
    }


def test_order_of_positional_arguments():
    """The parameters that Keras has stand in its order, so that positional calls mean the same."""
    for space in ("layers", "losses", "metrics"):
        for name, expected in RECORDED[space].items():
            target = getattr(getattr(lamina, space), name, None)
            if target is None or not inspect.isclass(target):
                continue
            signature = inspect.signature(target.__init__)
            if name in ("Conv3DTranspose", "Convolution3DTranspose"):
                continue  # Keras has output_padding elsewhere there than in one and two dimensions
            mine = [p for p in signature.parameters if p in expected]
            theirs = [p for p in expected if p in mine]
            assert mine == theirs, f"{space}.{name}: {mine}, Keras has {theirs}"


def functions():
    """The public functions and methods, each with its name."""
    for space in lamina.__all__:
        module = getattr(lamina, space)
        for name in getattr(module, "__all__", ()):
            target = getattr(module, name)
            if inspect.isfunction(target):
                yield f"{space}.{name}", target
            for cls in target.__mro__ if inspect.isclass(target) else ():
                if cls.__module__.startswith("lamina"):
                    methods = [(n, m) for n, m in vars(cls).items() if n == "__init__" or not n.startswith("_")]
                    yield from ((f"{cls.__name__}.{n}", m) for n, m in methods if inspect.isfunction(m))


def test_editors_take_no_argument_for_text_only():
    """Of a parameter without an annotation an editor takes the type of its default for the only one allowed."""
    wrong = {
        f"{name}({parameter.name}=)"
        for name, function in functions()
        for parameter in inspect.signature(function).parameters.values()
        if parameter.annotation is parameter.empty and isinstance(parameter.default, str)
    }
    assert not wrong, sorted(wrong)


def test_help_names_each_argument():
    shown = inspect.signature(lamina.layers.Dense).parameters
    assert list(shown) == list(parameters(lamina.layers.Dense)) and {"name", "dtype", "trainable"} < set(shown)
    assert shown["name"].kind == inspect.Parameter.KEYWORD_ONLY and shown["name"].default is None

    class Own(lamina.layers.Layer):
        def __init__(self, units=3, **kwargs):
            super().__init__(**kwargs)

    assert [*inspect.signature(Own).parameters][:2] == ["units", "activity_regularizer"]
    assert list(inspect.signature(Own()).parameters) == ["x", "training", "mask"]


def test_editors_let_a_hook_read_its_logs():
    """What a hook of the user's own leaves without a type has that of `Callback`: of a bare ``logs=None`` it is None."""
    hooks = {name: hook for name, hook in vars(lamina.callbacks.Callback).items() if name.startswith("on_")}
    assert all(inspect.signature(hook).parameters["logs"].annotation is Any for hook in hooks.values())


SPACES = [getattr(lamina, name) for name in lamina.__all__ if hasattr(getattr(lamina, name), "__path__")]


@pytest.mark.parametrize("module", [lamina, *SPACES, lamina.optimizers.schedules], ids=lambda module: module.__name__)
def test_completion_offers_the_public_names(module):
    assert dir(module) == sorted(module.__all__)
    assert all(hasattr(module, name) for name in dir(module))


WITHOUT_EXAMPLE = {  # parents, types of arguments, and what `save_model` shows
    "CallbackList", "LayerOptions", "OptimizerOptions", "ProgbarLogger", "RandomInitializer", "Slot", "TerminateOnNaN",
    "load_model", "save_weights",
}  # fmt: skip
TAUGHT = (
    "layers",
    "losses",
    "metrics",
    "optimizers",
    "callbacks",
    "initializers",
    "regularizers",
    "constraints",
    "models",
)


@pytest.mark.parametrize("space", TAUGHT)
def test_each_docstring_has_an_example(space):
    """What `help` and ``?`` show of a class or function ends with lines to try; `test_house.py` runs them."""
    module = getattr(lamina, space)
    public = {name: getattr(module, name) for name in module.__all__}
    shown = {name: inspect.getdoc(it) for name, it in public.items() if inspect.isclass(it) or inspect.isfunction(it)}
    bare = {name for name, text in shown.items() if ">>>" not in text}
    assert bare <= WITHOUT_EXAMPLE, sorted(bare - WITHOUT_EXAMPLE)
