"""Sequential and the surface of Model that needs no training: layers, shapes, weights, config, summary."""

import copy
import json

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, layers, models
from lamina.errors import ArgumentError, OptionError, ShapeError, StateError
from lamina.testing import check_layer, numerical_gradient


def small():
    return Sequential([Input((4,)), layers.Dense(3, activation="tanh"), layers.Dense(2)])


class TestShapes:
    def test_from_an_input(self):
        model = small()
        assert model.built and model.input_shape == (None, 4) and model.output_shape == (None, 2)

    def test_from_input_shape(self):
        model = models.Sequential()
        model.add(layers.Dense(64, activation="relu", input_shape=(10,)))
        model.add(layers.Dense(1))
        assert model.output_shape == (None, 1) and [layer.name for layer in model.layers] == ["dense", "dense_1"]
        assert Sequential([layers.Dense(1, input_dim=7)]).input_shape == (None, 7)

    def test_from_the_first_data(self):
        model = Sequential([layers.Dense(3)])
        assert not model.built
        assert model(np.ones((2, 5))).shape == (2, 3) and model.input_shape == (None, 5)

    def test_from_the_first_data_where_the_layers_were_built_elsewhere(self):
        model = Sequential(small().layers[:1])
        assert models.clone_model(model).count_params() == 15  # its first layer knows the shape
        assert model(np.ones((2, 4))).shape == (2, 3) and model.input_shape == (None, 4)

    def test_a_refused_layer_leaves_nothing_behind(self):
        model = Sequential()
        with pytest.raises(ShapeError):
            model.add(layers.Conv2D(2, 5, input_shape=(3, 3, 1)))
        model.add(layers.Dense(2, input_shape=(4,)))
        assert model.input_shape == (None, 4) and len(model.layers) == 1

    def test_from_build(self):
        model = Sequential([layers.Flatten(), layers.Dense(3)])
        model.build((None, 2, 5))
        assert model.weights[0].shape == (10, 3)

    def test_lengths_that_vary(self):
        model = Sequential([Input((None, 4)), layers.Dense(3)])
        assert model(np.ones((2, 5, 4))).shape == (2, 5, 3) and model(np.ones((2, 7, 4))).shape == (2, 7, 3)

    def test_a_fixed_batch(self):
        model = Sequential([Input((4,), batch_size=2), layers.Dense(3)])
        assert model(np.ones((2, 4))).shape == (2, 3)
        with pytest.raises(ShapeError, match=r"\(2, 4\)"):
            model(np.ones((3, 4)))

    def test_the_chain_of_shapes_is_told(self):
        model = Sequential([Input((28, 28)), layers.Flatten(), layers.Dense(64)])
        with pytest.raises(ShapeError) as refused:
            model.add(layers.Permute((2, 1)))
        assert "Shapes so far: (batch, 28, 28) -> flatten (batch, 784) -> dense (batch, 64) -> permute." in str(
            refused.value
        )
        assert len(model.layers) == 2, "the layer that does not fit is not kept"
        with pytest.raises(ShapeError) as refused:
            model(np.ones((5, 27, 28)))
        assert "expected (batch, 28, 28), received (5, 27, 28)" in str(refused.value)


class TestLayers:
    def test_names_are_unique(self):
        with pytest.raises(OptionError, match="two layers of the name 'a'"):
            Sequential([layers.Dense(1, name="a"), layers.Dense(1, name="a")])
        layer = layers.Dense(1)
        with pytest.raises(OptionError, match="stands in .* already"):
            Sequential([layer, layer])

    @pytest.mark.parametrize("around", [lambda layer: Sequential([layer]), layers.TimeDistributed])
    def test_a_layer_stands_once_however_deep(self, around):
        """It has room for what one pass saves: its gradients would be those of its last call, twice."""
        layer = layers.Dense(3, "tanh")
        with pytest.raises(OptionError, match=r"'dense' \(Dense\) stands in .* already"):
            Sequential([Input((5, 3)), layer, around(layer)])
        deep = Sequential()
        model = Sequential([layer, deep])
        deep.add(layer)
        with pytest.raises(OptionError, match="stands in .* already"):
            model(np.ones((2, 5, 3)))

    def test_a_layer_of_ones_own_may_look_at_another(self):
        """The weights of an autoencoder's two halves may be the same."""

        class Transposed(layers.Layer):
            def __init__(self, dense, **options):
                super().__init__(**options)
                self.dense = dense

            def forward(self, x, training=False):
                self.saved = x
                return x @ self.dense.kernel.value.T

            def backward(self, dy):
                self.dense.kernel.accumulate(np.matmul, dy.T, self.saved)
                return dy @ self.dense.kernel.value

        dense, x = layers.Dense(2, "tanh", dtype="float64"), np.linspace(-1, 1, 12).reshape(4, 3)
        model = Sequential([Input((3,)), dense, Transposed(dense, dtype="float64")])
        model.forward(x)
        model.backward(np.ones((4, 3)))
        wanted = numerical_gradient(lambda: model.forward(x).sum(), dense.kernel.value)
        np.testing.assert_allclose(dense.kernel.grad, wanted, rtol=1e-6)

    def test_recurrent_layers_may_share_a_cell(self):
        cell, x = layers.GRUCell(3), np.linspace(-1, 1, 30).reshape(2, 5, 3)
        model = Sequential([Input((5, 3)), layers.RNN(cell, return_sequences=True), layers.RNN([cell, cell])])
        check_layer(model, x)

    def test_two_models_name_their_layers_alike(self):
        assert (
            [layer.name for layer in small().layers] == [layer.name for layer in small().layers] == ["dense", "dense_1"]
        )

    def test_the_paths_of_weights_are_those_of_keras(self):
        model = Sequential(
            [
                Input((5, 3)),
                layers.Bidirectional(layers.LSTM(2, return_sequences=True)),
                layers.TimeDistributed(layers.Dense(2)),
                layers.RNN([layers.GRUCell(2), layers.SimpleRNNCell(3)], return_sequences=True),
                layers.GRU(2, name="mine"),
                Sequential([layers.Dense(2), layers.Dense(2, name="last")], name="inner"),
                layers.Dense(1),
            ],
            name="net",
        )
        cells = ["kernel", "recurrent_kernel", "bias"]
        assert [weight.path for weight in model.weights] == [
            *(f"net/bidirectional/forward_lstm/lstm_cell/{name}" for name in cells),
            *(f"net/bidirectional/backward_lstm/lstm_cell/{name}" for name in cells),
            *(f"net/time_distributed/dense/{name}" for name in ("kernel", "bias")),
            *(f"net/rnn/stacked_rnn_cells/gru_cell/{name}" for name in cells),
            *(f"net/rnn/stacked_rnn_cells/simple_rnn_cell/{name}" for name in cells),
            *(f"net/mine/gru_cell/{name}" for name in cells),
            *(f"net/inner/dense/{name}" for name in ("kernel", "bias")),
            *(f"net/inner/last/{name}" for name in ("kernel", "bias")),
            *(f"net/dense/{name}" for name in ("kernel", "bias")),
        ]
        attention = layers.MultiHeadAttention(1, 2)
        attention(np.ones((1, 2, 3)))
        assert attention.weights[0].path == "multi_head_attention/query/kernel"

    def test_a_path_stays_in_another_model_but_for_the_layers_own_name(self):
        """As in Keras, where a path is made when a layer is built; names, unlike Keras's, are made unique by the model."""
        first = Sequential([Input((3,)), layers.Dense(2), layers.LayerNormalization()], name="first")
        second = Sequential([Input((3,)), first.layers[0]], name="second")
        assert second.weights[0].path == "first/dense/kernel"
        lstm = layers.LSTM(2)
        lstm(np.ones((1, 2, 3)))
        assert lstm.weights[0].path == "lstm/lstm_cell/kernel"
        Sequential([layers.LSTM(2, return_sequences=True), lstm])
        assert lstm.weights[0].path == "lstm_1/lstm_cell/kernel"

    def test_cells_of_a_stack_have_names_of_their_own(self):
        layer = layers.RNN([layers.LSTMCell(2) for _ in range(3)])
        assert [cell.name for cell in layer.cell.cells] == ["lstm_cell", "lstm_cell_1", "lstm_cell_2"]
        layer(np.ones((1, 2, 3)))
        assert len({weight.path for weight in layer.weights}) == 9

    def test_its_repr_is_what_it_has_now(self):
        model = Sequential(name="net")
        assert repr(model) == "<Sequential net: no layers>"
        model.add(layers.Input((3,)))
        model.add(layers.Dense(2))
        model.add(layers.Dense(1))
        assert repr(model) == "<Sequential net: dense (Dense), dense_1 (Dense)>"
        assert repr(Sequential.from_config(model.get_config())) == repr(model)

    def test_pop(self):
        model = small()
        assert model.pop().units == 2 and model.output_shape == (None, 3)
        model.add(layers.Dense(5))
        assert model.output_shape == (None, 5)
        model.pop(), model.pop()
        with pytest.raises(StateError, match="without layers"):
            model.pop()

    def test_get_layer(self):
        model = small()
        assert model.get_layer("dense_1") is model.get_layer(index=1) is model.layers[1]
        with pytest.raises(OptionError, match="has no layer 'dense_2'.\nLikely mend: did you mean 'dense"):
            model.get_layer("dense_2")
        with pytest.raises(OptionError, match="an index below 2"):
            model.get_layer(index=5)
        with pytest.raises(ArgumentError, match="a name, or an index"):
            model.get_layer()

    def test_what_is_no_layer(self):
        with pytest.raises(ArgumentError, match="an instance, not the class"):
            Sequential([layers.Dense])
        with pytest.raises(ArgumentError, match="expected a layer, received 'dense'"):
            Sequential(["dense"])
        with pytest.raises(ArgumentError, match="a list of layers"):
            Sequential(layers.Dense(3))
        with pytest.raises(OptionError, match="the Input as the first entry"):
            Sequential([layers.Dense(3), Input((4,))])

    def test_without_a_shape(self):
        with pytest.raises(StateError, match="give it an Input"):
            _ = Sequential([layers.Dense(3)]).input_shape
        with pytest.raises(StateError, match="count_params before build"):
            Sequential([layers.Dense(3)]).count_params()


class TestWeights:
    def test_get_and_set(self):
        model, other = small(), small()
        other.set_weights(model.get_weights())
        x = np.ones((3, 4))
        np.testing.assert_array_equal(model(x), other(x))
        assert model.count_params() == 4 * 3 + 3 + 3 * 2 + 2
        with pytest.raises(ShapeError, match="expected arrays of shapes"):
            model.set_weights(model.get_weights()[:-1])
        with pytest.raises(ShapeError, match="build the model first"):
            Sequential([layers.Dense(3)]).set_weights(model.get_weights())

    def test_same_seed_same_weights(self):
        found = []
        for _ in range(2):
            lamina.utils.set_random_seed(5)
            found.append(small().get_weights())
        for first, second in zip(*found, strict=True):
            np.testing.assert_array_equal(first, second)

    def test_freezing(self):
        model = small()
        model.layers[0].trainable = False
        assert [weight.path for weight in model.trainable_weights] == [
            "sequential/dense_1/kernel",
            "sequential/dense_1/bias",
        ]
        model.trainable = False
        assert model.trainable_weights == [] and len(model.non_trainable_weights) == 4
        assert Sequential([Input((2,)), layers.Dense(1)], trainable=False).trainable_weights == []


class TestAsLayer:
    def test_a_model_is_a_layer(self):
        check_layer(
            Sequential([layers.Dense(3, activation="tanh"), layers.Dense(2)]),
            np.random.default_rng(0).normal(size=(4, 5)),
        )

    def test_models_nest(self):
        inner = Sequential([Input((4,)), layers.Dense(3)], name="inner")
        model = Sequential([inner, layers.Dense(2)])
        assert model.output_shape == (None, 2) and len(model.weights) == 4
        with pytest.raises(ShapeError) as refused:
            model(np.ones((2, 5)))
        assert "inner" in str(refused.value)

    def test_activities_are_penalised(self):
        model = Sequential([Input((2,)), layers.Dense(2, kernel_initializer="ones", activity_regularizer="l2")])
        model(np.ones((3, 2)))
        assert model.losses == [pytest.approx(0.01 * 4 * 2)]

    @pytest.mark.parametrize(
        "inner",
        [
            lambda: Sequential([Input((3, 2)), layers.Dense(2, activity_regularizer="l2"), layers.Dense(2)]),
            lambda: layers.Bidirectional(layers.LSTM(2, activity_regularizer="l2")),
            lambda: layers.MultiHeadAttention(1, 2, activity_regularizer="l2"),
        ],
        ids=["a model", "Bidirectional", "MultiHeadAttention"],
    )
    def test_activities_within_are_penalised_in_evaluate_too(self, inner):
        x = np.random.default_rng(0).normal(size=(4, 3, 2)).astype("float32")
        model = Sequential([Input((3, 2)), inner()])
        model.compile("sgd", "mse")
        y = model(x)
        penalty = sum(model.losses)
        assert penalty > 0
        assert model.evaluate(x, y, verbose=0) == pytest.approx(penalty, rel=1e-4)
        assert model.test_on_batch(x, y) == pytest.approx(penalty, rel=1e-4)


class TestConfig:
    def test_round_trip(self):
        model = Sequential(
            [
                layers.Flatten(),
                layers.Dense(3, activation="relu", kernel_regularizer="l2"),
                layers.Dropout(0.2, seed=1),
            ],
            name="m",
        )
        model.build((None, 2, 2))
        twin = Sequential.from_config(model.get_config())
        assert twin.get_config() == model.get_config() and twin.built and twin.name == "m"
        again = models.model_from_json(model.to_json())
        assert again.get_config() == model.get_config()
        assert json.loads(model.to_json())["class_name"] == "Sequential"

    def test_of_nested_models(self):
        model = Sequential([Sequential([Input((4,)), layers.Dense(3)]), layers.Dense(2)])
        assert models.clone_model(model).get_config() == model.get_config()

    def test_a_class_of_ones_own(self):
        @lamina.register
        class Plus(layers.Layer):
            def __init__(self, amount=1.0, **options):
                super().__init__(**options)
                self.amount = amount

            def forward(self, x, training=False):
                self.saved = True
                return x + self.amount

            def backward(self, dy):
                return dy if self.saved else None

        model = Sequential([Input((2,)), Plus(2.0)])
        assert models.clone_model(model)(np.zeros((1, 2))).tolist() == [[2.0, 2.0]]

    def test_a_clone_needs_no_registered_classes(self):
        class Times(layers.Layer):
            def __init__(self, k, **options):
                super().__init__(**options)
                self.k = k

            def forward(self, x, training=False):
                return x * self.k

            def backward(self, dy):
                return dy * self.k

        class Cube(lamina.activations.Activation):
            def forward(self, x):
                return x**3, x

            def backward(self, dy, saved):
                return 3 * dy * saved**2

        class Part(Sequential):
            pass

        eye = layers.Dense(2, Cube(), kernel_initializer="identity")
        model = Sequential([Input((3, 2)), layers.TimeDistributed(Times(2.0)), Part([Times(1.0), eye])])
        clone = models.clone_model(model)
        assert clone(np.ones((1, 3, 2))).tolist() == [[[8.0, 8.0]] * 3]
        assert isinstance(clone.layers[1], Part) and type(clone.layers[0].layer) is Times
        assert clone.get_config() == model.get_config()
        with pytest.raises(OptionError, match="unknown layer 'Times'"):
            Sequential.from_config(model.get_config())

    def test_a_clone_of_two_classes_of_one_name(self):
        class Dense(layers.Dense):
            pass

        model = Sequential([Input((2,)), Dense(2), layers.Dense(3)])
        with pytest.raises(OptionError, match=r"two classes in the model are called 'Dense'[^$]*register"):
            models.clone_model(model)

    def test_a_clone_by_a_function(self):
        model = Sequential([Input((4,)), layers.Dense(3, "relu", name="hidden"), layers.Dropout(0.5)], name="first")
        seen = []

        def other(layer):
            seen.append(layer)
            if isinstance(layer, layers.Dropout):
                return layers.Dropout(0.1, name=layer.name)
            return type(layer).from_config(layer.get_config() | {"units": 5})

        clone = models.clone_model(model, clone_function=other)
        assert seen == model.layers and clone.name == "first" and clone.output_shape == (None, 5)
        assert [layer.name for layer in clone.layers] == ["hidden", "dropout"] and clone.layers[1].rate == 0.1
        unshaped = Sequential([layers.Dense(3)])
        assert not models.clone_model(unshaped, clone_function=other).built
        unshaped.trainable = False
        unshaped(np.ones((1, 2)))
        clone = models.clone_model(unshaped, clone_function=other)
        assert clone.layers[0].kernel.shape == (2, 5) and not clone.trainable_weights
        same = models.clone_model(model, clone_function=lambda layer: layer)  # weights are shared, as in Keras
        assert same.layers[0] is model.layers[0]
        with pytest.raises(ArgumentError, match="expected a Sequential"):
            models.clone_model(models.Model(), clone_function=other)

    def test_a_clone_of_a_class_that_makes_its_layers(self):
        class Made(Sequential):
            def __init__(self, units):
                super().__init__([Input((3,)), layers.Dense(units)])

        clone = models.clone_model(Made(2))
        assert type(clone) is Sequential and clone.output_shape == (None, 2)

    def test_not_a_config(self):
        with pytest.raises(ValueError, match="expected JSON"):
            models.model_from_json("{")
        unnamed = {"class_name": "Dense", "config": {}}
        huge = {"class_name": "Dense", "config": {"units": 2 * 10**12, "input_dim": 9}}
        for config in ({}, {"layers": 0}, {"layers": [unnamed]}, {"layers": [huge]}):
            with pytest.raises(ValueError, match=r"(model_from_json|Sequential.from_config): expected .*, received "):
                models.model_from_json(json.dumps({"class_name": "Sequential", "config": config}))
        with pytest.raises(ValueError, match="expected JSON"):
            models.model_from_json("[" * 100_000)
        with pytest.raises(ValueError, match="unknown layer 'Dens'.\nLikely mend: did you mean 'Dense'"):
            layers.deserialize({"class_name": "Dens", "config": {}})
        with pytest.raises(ValueError, match="not the config of a layer"):
            layers.deserialize({"units": 3})


class TestSummary:
    def test_table(self, capsys):
        small().summary()
        assert capsys.readouterr().out == (
            'Model: "sequential"\n'
            "┌─────────────────┬──────────────┬────────────┐\n"
            "│ Layer (type)    │ Output shape │ Parameters │\n"
            "╞═════════════════╪══════════════╪════════════╡\n"
            "│ dense (Dense)   │ (batch, 3)   │         15 │\n"
            "│ dense_1 (Dense) │ (batch, 2)   │          8 │\n"
            "└─────────────────┴──────────────┴────────────┘\n"
            "Parameters: 23 (92 B)\n"
            "  trained: 23\n"
            "  not trained: 0\n"
        )

    def test_options(self):
        lines = []
        model = Sequential([Input((4,)), Sequential([Input((4,)), layers.Dense(3)], name="inner"), layers.Dense(2)])
        model.layers[1].trainable = False
        model.summary(line_length=80, print_fn=lines.append, expand_nested=True, show_trainable=True)
        text = lines[0].splitlines()
        assert all(len(line) == 80 for line in text[1:5]) and "  dense (Dense)" in lines[0] and "│ no " in lines[0]
        lines.clear()
        model.summary(print_fn=lines.append, layer_range=["inner", "inner"])
        assert "inner" in lines[0] and "dense" not in lines[0]
        with pytest.raises(OptionError, match="summary: no layer 'innre'.\nLikely mend: did you mean 'inner'"):
            model.summary(layer_range=["innre", "inner"])

    def test_before_build(self, capsys):
        Sequential([layers.Dense(3)]).summary()
        assert "not built" in capsys.readouterr().out


def test_a_last_axis_of_one_is_added_or_left_out_as_the_input_has_it():
    x = np.arange(12.0).reshape(3, 4)
    with_axis = Sequential([Input((4, 1)), layers.LSTM(2, seed=0), layers.Dense(1)])
    np.testing.assert_array_equal(with_axis.predict(x, verbose=0), with_axis.predict(x[..., None], verbose=0))
    without = Sequential([Input((4,)), layers.Dense(1)])
    np.testing.assert_array_equal(without.predict(x[..., None], verbose=0), without.predict(x, verbose=0))
    column = Sequential([Input((1,)), layers.Dense(1)])
    column.compile("sgd", "mse")
    y = np.arange(3.0)
    assert column.evaluate(x[:, 0], y, verbose=0) == column.evaluate(x[:, :1], y, verbose=0)
    assert column(x[:, 0]).shape == (3, 1)
    column.fit(((x[:, 0], y) for _ in range(2)), verbose=0)
    with pytest.raises(ShapeError, match="expected \\(batch, 1\\), received \\(3, 4\\)"):
        column.predict(x, verbose=0)
    with pytest.raises(ShapeError, match="expected \\(batch, 4\\), received \\(12,\\)"):
        without.predict(x.ravel(), verbose=0)


class TestSharedLayers:
    """A layer that stands in a model keeps its name when another model takes it, too."""

    def two(self):
        return Sequential([Input((3,)), layers.Dense(3), layers.Dense(3)])

    def names(self, model):
        return [layer.name for layer in model.layers]

    def test_the_new_one_makes_way(self, tmp_path):
        base = self.two()
        other = Sequential([Input((3,)), layers.Dense(3), base.layers[0], layers.Dense(1)])
        assert self.names(base) == ["dense", "dense_1"] and self.names(other) == ["dense_1", "dense", "dense_2"]
        assert [weight.path.split("/")[-2] for weight in other.weights][::2] == self.names(other)
        for model in (base, other):
            model.save(tmp_path / "model.lamina")
            assert self.names(models.load_model(tmp_path / "model.lamina")) == self.names(model)

    def test_one_that_a_user_or_a_file_named(self):
        loaded = models.clone_model(self.two())
        assert self.names(Sequential([Input((3,)), layers.Dense(3), *loaded.layers])) == ["dense_2", "dense", "dense_1"]
        assert self.names(loaded) == ["dense", "dense_1"]

    def test_of_two_models_each_stays_loadable(self):
        first, second = self.two(), self.two()
        both = Sequential([Input((3,)), *first.layers, *second.layers])
        for model in (first, second, both):
            assert len(set(self.names(model))) == len(model.layers)
            Sequential.from_config(model.get_config())
        assert self.names(first) == ["dense", "dense_1"]

    def test_a_copy_of_a_model_keeps_its_names_too(self):
        copied = copy.deepcopy(self.two())
        Sequential([Input((3,)), layers.Dense(3), copied.layers[0]])
        assert self.names(copied) == ["dense", "dense_1"]

    def test_a_layer_that_was_popped_is_free(self):
        base = self.two()
        layer = base.pop()
        assert layer.models() == [] and self.names(Sequential([layers.Dense(2, name="dense_1"), layer]))[0] == "dense_1"


def test_a_model_may_be_nested_deep(tmp_path):
    """Each level once asked the one within it twice."""
    model = layers.Dense(2)
    for _ in range(40):
        model = Sequential([model])
    model.compile("sgd", "mse")
    model.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0)
    model.save(tmp_path / "m.lamina")
    assert models.load_model(tmp_path / "m.lamina").count_params() == model.count_params() == 8
