"""Layers of one's own, written as for Keras: what they hold is found wherever it stands."""

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, layers
from lamina.errors import ArgumentError, DataError, StateError

X = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")


class Held(layers.Layer):
    """A Dense layer that stands where `put` says, and a factor."""

    def __init__(self, place="attribute", **options):
        super().__init__(**options)
        self.place = place
        dense = layers.Dense(3, kernel_initializer="identity")
        held = {"private": dense, "dict": {"a": {"b": dense}}, "private list": [dense], "tuple": ([dense],)}[place]
        setattr(self, "_part" if "private" in place else "part", held)

    @property
    def dense(self):
        held = self._part if "private" in self.place else self.part
        while not isinstance(held, layers.Layer):
            held = next(iter(held.values() if isinstance(held, dict) else held))
        return held

    def forward(self, x, training=False):
        self.saved = True
        return self.dense(x, training)

    def backward(self, dy):
        _ = self.saved
        return self.dense.backward(dy)


@pytest.mark.parametrize("place", ["private", "private list", "dict", "tuple"])
@pytest.mark.parametrize("ending", ["lamina", "keras"])
def test_layers_are_found_wherever_they_stand(place, ending, tmp_path):
    model = Sequential([Input((3,)), Held(place)])
    layer = model.layers[0]
    assert layer.sublayers() == [layer.dense]
    assert [weight.path for weight in model.trainable_weights] == [
        "sequential/held/dense/kernel",
        "sequential/held/dense/bias",
    ]
    model.compile("sgd", "mse")
    model.fit(X, -X, epochs=2, verbose=0)
    assert not np.array_equal(layer.dense.kernel, np.eye(3))
    model.save(tmp_path / f"m.{ending}")
    again = lamina.models.load_model(tmp_path / f"m.{ending}", {"Held": Held})
    np.testing.assert_array_equal(again.layers[0].dense.kernel, layer.dense.kernel)
    model.layers[0].trainable = False
    assert not model.trainable_weights


def test_the_arguments_that_it_was_made_with_are_no_parts():
    class Wrapping(layers.Layer):
        def __init__(self, layer, **options):
            super().__init__(**options)
            self.inner = type(layer).from_config(layer.get_config())

    wrapping = Wrapping(layers.Dense(2))
    assert wrapping.sublayers() == [wrapping.inner]


class Scaled(layers.Layer):
    def build(self, input_shape):
        self.gain = lamina.Variable(np.ones(input_shape[-1], "float32"), name="gain")
        self._steps = lamina.Variable(0.0, trainable=False, name="steps")

    def forward(self, x, training=False):
        self.saved = x
        self._steps.assign_add(1)
        return x * self.gain.value

    def backward(self, dy):
        self.gain.grad += (self.saved * dy).sum(0)
        return dy * self.gain.value


@pytest.mark.parametrize("ending", ["lamina", "keras"])
def test_a_variable_that_it_holds_is_a_weight(ending, tmp_path):
    model = Sequential([Input((3,)), Scaled()])
    layer = model.layers[0]
    assert layer.weights == [layer.gain, layer._steps] and model.trainable_weights == [layer.gain]
    assert [weight.path for weight in model.weights] == ["sequential/scaled/gain", "sequential/scaled/steps"]
    model.compile("sgd", "mse")
    model.fit(X, -X, epochs=2, verbose=0)
    assert (layer.gain.value < 1).all() and layer._steps.value > 0
    model.save(tmp_path / f"m.{ending}")
    again = lamina.models.load_model(tmp_path / f"m.{ending}", {"Scaled": Scaled})
    np.testing.assert_array_equal(again.layers[0].gain, layer.gain)


def test_a_variable_of_another_layer_stays_its_own():
    class Tied(Scaled):
        def build(self, input_shape):
            super().build(input_shape)
            self.shared = dense.kernel

    dense = layers.Dense(3)
    dense(X)
    tied = Tied()
    tied(X)
    assert [weight.name for weight in tied.weights] == ["gain", "steps"] and dense.kernel.path == "dense/kernel"


def test_a_parent_that_was_not_called_is_named():
    class Forgetful(layers.Layer):
        def __init__(self, units):
            self.units = units

        def forward(self, x, training=False):
            return x

    for use in (lambda layer: layer(X), lambda layer: Sequential([layer]), lambda layer: layer.weights):
        with pytest.raises(StateError, match=r"Forgetful.__init__ did not call[^$]*super\(\).__init__"):
            use(Forgetful(2))


def test_what_layers_for_keras_read():
    layer = layers.Dense(2, dtype="float64")
    assert layer.compute_dtype == layer.variable_dtype == "float64"


class Stack(lamina.Model):
    def __init__(self, first=None, **options):
        super().__init__(**options)
        self.parts = [first or layers.Dense(3), layers.Dense(3), layers.Dense(3, name="mine")]
        self.last = layers.Dense(3)

    def forward(self, x, training=False):
        for layer in self.parts:
            x = layer(x, training)
        return self.last(x, training)


def test_layers_within_have_names_of_their_own():
    model = Stack()
    model(X)
    assert [layer.name for layer in model.layers] == ["dense", "dense_1", "mine", "dense_2"]
    assert model.weights[2].path == "stack/dense_1/kernel" and model.get_layer("dense_2") is model.last
    standing = Sequential([Input((3,)), layers.Dense(3)]).layers[0]
    other = Stack(standing)
    assert other(X).shape == X.shape and standing.name == "dense"


# -- slips in what it writes
def test_a_forward_without_training_is_refused_where_it_is_written():
    message = r"Half.forward: expected \(self, x, training=False\), received \(self, x\)\.[^$]*training=False"
    with pytest.raises(ArgumentError, match=message):

        class Half(layers.Layer):
            def forward(self, x):
                return x / 2

    with pytest.raises(ArgumentError, match=r"Named.forward: [^$]*received \(self, x, \*, training=False\)"):

        class Named(lamina.Model):
            def forward(self, x, *, training=False):
                return x


@pytest.mark.parametrize(("y", "mend"), [(None, "let it return y"), ([[1.0]], "np.asarray")])
def test_a_forward_that_gives_no_array(y, mend):
    class Gives(layers.Layer):
        def forward(self, x, training=False):
            return y

    with pytest.raises(
        DataError, match=rf"layer 'gives' \(Gives\): what forward gives: expected an array, [^$]*{mend}"
    ):
        Sequential([Input((3,)), Gives(), layers.Dense(1)])


def test_a_backward_that_gives_nothing():
    class Forgets(layers.Layer):
        def forward(self, x, training=False):
            return x

        def backward(self, dy):
            dy * 2

    model = Sequential([Input((3,)), layers.Dense(3), Forgets(), layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(
        StateError, match=r"layer 'forgets' \(Forgets\): what backward gives: expected dx, received None"
    ):
        model.fit(X, X[:, 0], verbose=0)
