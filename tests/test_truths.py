"""Arguments that are True or False: nothing else is taken for them, by any component."""

import importlib
import pkgutil

import numpy as np
import pytest

import lamina
from lamina import callbacks, experiments, layers, losses
from lamina.errors import LaminaError, OptionError
from lamina.utils.component import Component, parameters


def components(parent=Component):
    for child in parent.__subclasses__():
        if child.__module__.startswith("lamina."):
            yield child
        yield from components(child)


for info in pkgutil.walk_packages(lamina.__path__, "lamina."):
    if not {"tests", "benchmarks", "__main__"} & set(info.name.split(".")):
        importlib.import_module(info.name)
TRUTHS = sorted(
    {(kind, name) for kind in components() for name, known in parameters(kind).items() if known.annotation is bool},
    key=lambda pair: (pair[0].__module__, pair[0].__name__, pair[1]),
)


def test_whatever_is_true_or_false_is_annotated_so():
    """By the annotation it is known that nothing else will do."""
    for kind in components():
        for name, known in parameters(kind).items():
            assert not isinstance(known.default, bool) or known.annotation is bool, f"{kind.__name__}({name}=...)"


@pytest.mark.parametrize(("kind", "name"), TRUTHS, ids=lambda part: getattr(part, "__name__", part))
def test_text_is_refused(kind, name):
    with pytest.raises(OptionError, match=rf"^{kind.__name__}\({name}=...\): expected True or False, received 'no'"):
        kind.__new__(kind, **{name: "no"})  # before any constructor runs


@pytest.mark.parametrize(
    ("value", "mend"),
    [
        ("no", "write False (false in a file of YAML)."),
        (" Off", "write False (false in a file of YAML)."),
        ("false", "write False (false in a file of YAML)."),
        ("yes", "write True (true in a file of YAML)."),
        ("True", "write True (true in a file of YAML)."),
        ("nope", None),
        ("", None),
        (2, None),
        (1.0, None),
        (None, None),
        ([], None),
    ],
)
def test_the_mend(value, mend):
    with pytest.raises(OptionError) as error:
        layers.Dense(3, use_bias=value)
    expected = f"Dense(use_bias=...): expected True or False, received {value!r}."
    assert str(error.value) == expected + (f"\nLikely mend: {mend}" if mend else "")


def test_by_place():
    with pytest.raises(OptionError, match=r"Dense\(use_bias=...\)"):
        layers.Dense(3, None, "no")


@pytest.mark.parametrize("value", [False, 0, np.False_, np.int64(0)])
def test_what_is_as_good_as_a_truth_value(value):
    assert not layers.LSTM(3, use_bias=value, return_sequences=1).use_bias
    assert not losses.BinaryCrossentropy(from_logits=value).from_logits
    assert not callbacks.EarlyStopping(restore_best_weights=value).restore_best_weights
    layer = layers.BatchNormalization(center=value, trainable=value)
    assert not layers.BatchNormalization.from_config(layer.get_config()).center


def test_a_file_is_refused_at_its_line(tmp_path):
    file = tmp_path / "exp.yaml"
    file.write_text(
        "data: {dataset: {digits: {}}}\nmodel:\n  - Flatten\n  - Dense: {units: 10, use_bias: no}\n"
        "compile: {optimizer: sgd, loss: mse}\nfit: {epochs: 1}\n"
    )
    with pytest.raises(LaminaError, match=r"exp.yaml:4:\d+: .*use_bias.*expected True or False, received 'no'"):
        experiments.load(file).run()


class TestOwnClasses:
    """A class of the user's own is held to what it says itself, and to no more."""

    def test_arguments_that_are_annotated(self):
        class Block(layers.Dense):
            def __init__(self, units, gated: bool = False, **options):
                super().__init__(units, **options)
                self.gated = gated

        assert Block(3, True, use_bias=False).gated
        for options in ({"gated": "no"}, {"use_bias": "no"}, {"trainable": "no"}):
            with pytest.raises(OptionError, match=rf"Block\({next(iter(options))}=...\): expected True or False"):
                Block(3, **options)

    def test_arguments_that_are_not(self):
        class Block(layers.Dense):
            def __init__(self, units, use_bias="auto", gated=False, either: bool | str = True):
                super().__init__(units, use_bias=use_bias == "auto")
                self.gated, self.either = gated, either

        made = Block(3, "never", gated="softly", either="no")
        assert not made.use_bias and made.gated == "softly" and made.either == "no"

    def test_arguments_handed_on_by_place(self):
        class Sixty(layers.Dense):
            def __init__(self, *places, gated: bool = False, **options):
                super().__init__(60, *places, **options)
                self.gated = gated

        assert Sixty("relu", False, "zeros").use_bias is False


def test_an_attribute_that_is_set():
    layer = layers.Dense(1)
    with pytest.raises(OptionError, match=r"trainable=.*expected True or False, received 'nope'"):
        layer.trainable = "nope"
    layer.trainable = np.bool_(False)
    assert layer.trainable is False
