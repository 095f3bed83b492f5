"""What Keras 1 and 2 called otherwise, and Keras 3 has no longer: each is refused with its name of today."""

import numpy as np
import pytest

import lamina
from lamina import layers
from lamina.errors import ArgumentError, OptionError
from lamina.models import Sequential

ARGUMENTS = {
    (layers.Dense, "init"): "kernel_initializer",
    (layers.Dense, "output_dim"): "units",
    (layers.Dense, "W_regularizer"): "kernel_regularizer",
    (layers.Dense, "b_constraint"): "bias_constraint",
    (layers.Embedding, "init"): "embeddings_initializer",
    (layers.LSTM, "inner_activation"): "recurrent_activation",
    (layers.LSTM, "inner_init"): "recurrent_initializer",
    (layers.LSTM, "dropout_U"): "recurrent_dropout",
    (layers.Conv1D, "filter_length"): "kernel_size",
    (layers.Conv2D, "nb_filter"): "filters",
    (layers.Conv2D, "border_mode"): "padding",
    (layers.Conv2D, "subsample"): "strides",
    (layers.Conv2D, "dim_ordering"): "data_format",
    (layers.MaxPooling1D, "pool_length"): "pool_size",
    (layers.Dropout, "p"): "rate",
}


@pytest.mark.parametrize(("layer", "old"), ARGUMENTS, ids=str)
def test_an_argument_of_keras_1(layer, old):
    with pytest.raises(ArgumentError, match=f"has no argument '{old}'.\n.*'{ARGUMENTS[layer, old]}'"):
        layer(**{old: 3})


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"loss": "log_loss"}, "binary_crossentropy"),
        ({"loss": "crossentropy"}, "categorical_crossentropy"),
        ({"metrics": ["f1"]}, "f1_score"),
        ({"metrics": ["r2"]}, "r2_score"),
    ],
)
def test_a_name_of_others(given, meant):
    with pytest.raises(OptionError, match=f"did you mean '{meant}'"):
        Sequential([layers.Dense(1)]).compile(**{"loss": "mse", **given})


@pytest.mark.parametrize(
    ("name", "mend"),
    [
        ("fit_generator", "fit takes a generator"),
        ("evaluate_generator", "evaluate takes a generator"),
        ("predict_generator", "predict takes a generator"),
        ("predict_classes", r"predict\(x\).argmax\(axis=-1\).*\(predict\(x\) > 0.5\)"),
        ("predict_proba", "predict gives"),
    ],
)
def test_a_method_of_a_model(name, mend):
    model = Sequential([layers.Dense(1)])
    with pytest.raises(AttributeError, match=f"^'Sequential' object has no attribute '{name}': {mend}"):
        getattr(model, name)(np.zeros((1, 2)))
    assert not hasattr(model, name)


def test_the_rate_by_its_old_name():
    optimizer = lamina.optimizers.Adam()
    with pytest.raises(AttributeError, match="'Adam' object has no attribute 'lr': call it learning_rate"):
        _ = optimizer.lr
    with pytest.raises(AttributeError, match="'Adam' object has no attribute 'lr': call it learning_rate"):
        optimizer.lr = 0.1  # which would have moved nothing
    assert float(optimizer.learning_rate) == pytest.approx(0.001)

    class Descent(lamina.optimizers.Optimizer):
        def __init__(self, lr):
            super().__init__(learning_rate=lr)
            self.lr = lr  # of one's own

    assert Descent(0.5).lr == 0.5


@pytest.mark.parametrize(
    ("call", "old", "mend"),
    [
        ("fit", "workers", "give it to the PyDataset"),
        ("fit", "nb_epoch", "did you mean 'epochs'"),
        ("fit", "show_accuracy", r"give compile metrics=\['accuracy'\]"),
        ("predict", "use_multiprocessing", "give it to the PyDataset"),
        ("compile", "lr", "give it to the optimizer, as its learning_rate"),
        ("compile", "sample_weight_mode", "leave it out"),
    ],
)
def test_an_argument_of_a_models_method(call, old, mend):
    with pytest.raises(ArgumentError, match=f"^{call} has no argument '{old}'.\nLikely mend: {mend}"):
        getattr(Sequential([layers.Dense(1)]), call)(**{old: 1})


def test_a_place_where_a_name_is_asked_for():
    with pytest.raises(OptionError, match=r"has no layer 0.\nLikely mend: get_layer\(index=0\)"):
        Sequential([layers.Dense(1)]).get_layer(0)
