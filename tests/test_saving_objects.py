"""Objects as plain data, and back: `saving.serialize_keras_object` and its counterpart."""

import json

import numpy as np
import pytest

from lamina import (
    Input,
    Sequential,
    activations,
    initializers,
    layers,
    losses,
    metrics,
    models,
    optimizers,
    regularizers,
    saving,
)
from lamina.errors import ConfigError, OptionError

OBJECTS = [
    layers.Dense(2, activation="relu", kernel_regularizer="l2"),
    layers.Softmax(),
    activations.Softmax(),
    losses.MeanSquaredError(),
    metrics.MeanSquaredError(),
    optimizers.Adam(optimizers.schedules.ExponentialDecay(0.1, 2, 0.9)),
    optimizers.schedules.CosineDecay(0.1, 10),
    initializers.HeNormal(seed=3),
    regularizers.L1L2(0.1, 0.2),
    Sequential([Input((3, 1)), layers.Bidirectional(layers.LSTM(2))]),
]


class Around(layers.Layer):
    """A layer with things within, written as Keras's guide writes one."""

    def __init__(self, inner, things=(), **options):
        super().__init__(**options)
        self.inner, self.things = inner, things

    def build(self, input_shape):
        self.inner.build(input_shape)

    def forward(self, x, training=False):
        return self.inner.forward(x, training)

    def backward(self, dy):
        return self.inner.backward(dy)

    def compute_output_shape(self, input_shape):
        return self.inner.compute_output_shape(input_shape)

    def get_config(self):
        inner = {"inner": saving.serialize_keras_object(self.inner)}
        return {**super().get_config(), **inner, "things": saving.serialize_keras_object(self.things)}

    @classmethod
    def from_config(cls, config):
        inner, things = (saving.deserialize_keras_object(config.pop(name)) for name in ("inner", "things"))
        return cls(inner, things, **config)


@pytest.mark.parametrize("thing", OBJECTS, ids=lambda thing: type(thing).__module__ + "." + type(thing).__name__)
def test_there_and_back(thing):
    described = json.loads(json.dumps(saving.serialize_keras_object(thing)))
    again = saving.deserialize_keras_object(described)
    assert type(again) is type(thing) and again.get_config() == thing.get_config()


def test_other_data_stay_and_lists_and_dicts_are_gone_through():
    thing = {"a": [layers.Dense(2), np.float32(0.5), None], "b": ("x", activations.relu), 3: {"class": 1}}
    again = saving.deserialize_keras_object(saving.serialize_keras_object(thing))
    assert isinstance(again["a"][0], layers.Dense)
    assert (again["a"][1:], again["b"], again["3"]) == ([0.5, None], ["x", "relu"], {"class": 1})


def test_without_a_module_the_name_is_looked_up():
    assert isinstance(saving.deserialize_keras_object({"class_name": "Huber", "config": {"delta": 2.0}}), losses.Huber)
    thing = {"module": "keras.metrics", "class_name": "MeanSquaredError", "config": {}, "registered_name": None}
    assert isinstance(saving.deserialize_keras_object(thing), metrics.MeanSquaredError)


@pytest.mark.parametrize("ending", [".lamina", ".keras"])
def test_a_layer_with_others_within_is_saved(tmp_path, ending):
    with saving.custom_object_scope({"Around": Around}):
        model = Sequential([Input((3,)), Around(layers.Dense(2, activation="tanh"), OBJECTS[3:9])])
        model.save(tmp_path / f"m{ending}")
        again = models.load_model(tmp_path / f"m{ending}")
        x = np.ones((2, 3))
        np.testing.assert_array_equal(model.predict(x, verbose=0), again.predict(x, verbose=0))
        assert list(map(type, again.layers[0].things)) == list(map(type, OBJECTS[3:9]))
        assert isinstance(models.clone_model(model).layers[0].inner, layers.Dense)


class Several(layers.Layer):
    """A layer with others within that says nothing of how it is written."""

    def __init__(self, first, others, start="zeros", **options):
        super().__init__(**options)
        self.first, self.others, self.start = first, others, start
        self.offset = initializers.get(start)((1, 1), "float32")

    def build(self, input_shape):
        for layer in (self.first, *self.others):
            layer.build(input_shape)

    def forward(self, x, training=False):
        for layer in (self.first, *self.others):
            x = layer.forward(x, training)
        return x + self.offset

    def backward(self, dy):
        for layer in reversed((self.first, *self.others)):
            dy = layer.backward(dy)
        return dy


class Plain(Several):
    """One that hands its layers on as they are."""

    def get_config(self):
        return {**super().get_config(), "first": self.first, "others": self.others}


@pytest.mark.parametrize("kind", [Several, Plain])
@pytest.mark.parametrize("ending", [".lamina", ".keras"])
def test_layers_among_the_arguments_are_made_again(tmp_path, kind, ending):
    with saving.custom_object_scope({kind.__name__: kind, "Around": Around}):
        inner = [layers.Dense(3, activation="tanh"), Around(layers.Dense(3))]
        model = Sequential([Input((3,)), kind(layers.Dense(3), inner, initializers.Constant(0.5))])
        model.save(tmp_path / f"m{ending}")
        x = np.ones((2, 3))
        for again in (models.load_model(tmp_path / f"m{ending}"), models.model_from_json(model.to_json())):
            again.set_weights(model.get_weights())
            np.testing.assert_array_equal(model.predict(x, verbose=0), again.predict(x, verbose=0))
        again = models.clone_model(model)
        assert again.layers[0].others[1].inner is not inner[1].inner and again.count_params() == model.count_params()


def test_what_is_no_layer_stays_a_config():
    of_a_start = {"class_name": "Identity", "config": {"gain": 2.0}}  # a layer has that name, too
    assert Several.from_config({"first": None, "others": [], "start": of_a_start}).start == of_a_start


def test_a_layer_within_that_can_not_be_made_is_named():
    wrong = {"class_name": "Dense", "config": {"units": 0}}
    with pytest.raises(OptionError, match=r"Dense\(units=...\): expected a whole number of 1 or more, received 0"):
        Several.from_config({"first": wrong, "others": []})


def test_a_class_of_ones_own_has_to_be_known():
    described = saving.serialize_keras_object(Around(layers.Dense(2)))
    assert isinstance(saving.deserialize_keras_object(described, {"Around": Around}).inner, layers.Dense)
    with pytest.raises(OptionError, match="unknown layer 'Around'"):
        saving.deserialize_keras_object(described)


@pytest.mark.parametrize("config", [{"class_name": 3}, {"class_name": ["a"]}, {"class_name": "Dense", "x": 1}])
def test_what_describes_nothing_is_refused(config):
    with pytest.raises(ConfigError, match="not the config of a layer"):
        saving.deserialize_keras_object(config)


def test_what_can_not_be_written_is_refused():
    with pytest.raises(ConfigError, match="an object can't stand in a configuration"):
        saving.serialize_keras_object([object()])
    with pytest.raises(OptionError, match="safe_mode"):
        saving.deserialize_keras_object(1, safe_mode=False)


@pytest.mark.parametrize("deserialize", [saving.deserialize_keras_object, layers.deserialize])
def test_classes_that_are_passed_are_known_to_the_layers_within_too(deserialize):
    given = {"Several": Several, "Around": Around}
    described = saving.serialize_keras_object(Several(Around(layers.Dense(3)), [Around(layers.Dense(2))]))
    again = deserialize(described, given)
    assert isinstance(again.first, Around) and isinstance(again.others[0].inner, layers.Dense)
    assert saving.get_registered_object("Around") is None
