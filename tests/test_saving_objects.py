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
