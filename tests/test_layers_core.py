"""The layers that stand in every model: gradients, contract, options, and that no layer goes unchecked."""

import importlib
from pathlib import Path

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, layers
from lamina.errors import ArgumentError, OptionError, ShapeError, StateError
from lamina.layers.base import registry
from lamina.testing import check_layer

rng = np.random.default_rng(1)
X2, X3, X4 = rng.normal(size=(4, 5)), rng.normal(size=(3, 4, 5)), rng.normal(size=(2, 3, 4, 5))

CASES = {
    "dense": (layers.Dense(3), X2),
    "dense one sample": (layers.Dense(3, activation="tanh"), X2[:1]),
    "dense sequence": (layers.Dense(3, activation="sigmoid"), X3),
    "dense images": (layers.Dense(2, activation="softmax"), X4),
    "dense no bias": (layers.Dense(1, use_bias=False, activation="gelu"), X2),
    "activation": (layers.Activation("softplus"), X3),
    "activation softmax": (layers.Activation("softmax"), X2),
    "relu": (layers.ReLU(), X2),
    "relu with options": (layers.ReLU(max_value=1.0, negative_slope=0.2, threshold=0.1), X2),
    "leaky relu": (layers.LeakyReLU(0.1), X3),
    "elu": (layers.ELU(0.7), X2),
    "softmax": (layers.Softmax(), X2),
    "softmax axis": (layers.Softmax(axis=1), X3),
    "prelu": (layers.PReLU(alpha_initializer="random_normal"), X2),
    "prelu shared": (layers.PReLU(alpha_initializer="random_normal", shared_axes=[1, 2]), X4),
    "flatten": (layers.Flatten(), X4),
    "flatten vectors": (layers.Flatten(), X2),
    "flatten channels first": (layers.Flatten("channels_first"), X4),
    "reshape": (layers.Reshape((2, -1)), X3),
    "reshape to one": (layers.Reshape((-1,)), X4),
    "permute": (layers.Permute((2, 3, 1)), X4),
    "repeat": (layers.RepeatVector(3), X2),
    "input": (layers.InputLayer((5,)), X2),
}


@pytest.mark.parametrize("name", CASES)
def test_layer(name):
    check_layer(*CASES[name])


@pytest.mark.parametrize("noise_shape", [None, (None, 1, 5)])
def test_dropout(noise_shape):
    check_layer(layers.Dropout(0.4, noise_shape=noise_shape, seed=3), X3, training=True)
    check_layer(layers.Dropout(0.4, noise_shape=noise_shape), X3, training=False)


EMPTY = {
    "dense": (lambda: layers.Dense(3), (4, 2)),
    "flatten": (layers.Flatten, (4, 2)),
    "reshape": (lambda: layers.Reshape((-1, 2)), (4, 2)),
    "convolution": (lambda: layers.Conv2D(2, 3), (4, 4, 2)),
    "pooling": (layers.MaxPooling2D, (4, 4, 2)),
    "adaptive means": (lambda: layers.AdaptiveAveragePooling2D(3), (4, 4, 2)),
    "adaptive maxima": (lambda: layers.AdaptiveMaxPooling2D(3), (4, 4, 2)),
    "spectral": (lambda: layers.SpectralNormalization(layers.Dense(3)), (4, 2)),
    "stft": (lambda: layers.STFTSpectrogram("angle", 4), (9, 2)),
    "mel": (lambda: layers.MelSpectrogram(4, 2, num_mel_bins=2), (9,)),
    "attention": (layers.Attention, (4, 2)),
    "heads": (lambda: layers.MultiHeadAttention(2, 3), (4, 2)),
    "lstm": (lambda: layers.LSTM(3), (4, 2)),
    "gru": (lambda: layers.GRU(3), (4, 2)),
    "gru reset before": (lambda: layers.GRU(3, reset_after=False), (4, 2)),
    "lstm dropout": (lambda: layers.LSTM(3, dropout=0.5, recurrent_dropout=0.5), (4, 2)),
    "convolutional lstm": (lambda: layers.ConvLSTM1D(3, 2, dropout=0.5, recurrent_dropout=0.5), (2, 4, 2)),
    "cell": (lambda: layers.RNN([layers.SimpleRNNCell(3), layers.GRUCell(2)], return_sequences=True), (4, 2)),
    "both ways": (lambda: layers.Bidirectional(layers.SimpleRNN(3)), (4, 2)),
    "batch normalization": (layers.BatchNormalization, (4, 2)),
    "layer normalization": (layers.LayerNormalization, (4, 2)),
    "group normalization": (lambda: layers.GroupNormalization(1), (4, 2)),
    "rms normalization": (layers.RMSNormalization, (4, 2)),
    "unit normalization": (layers.UnitNormalization, (4, 2)),
}


@pytest.mark.parametrize("name", EMPTY)
def test_an_empty_batch_goes_through_and_changes_nothing(name):
    make, shape = EMPTY[name]
    layer, x = make(), np.zeros((0, *shape), "float32")
    layer.ensure_built(x.shape)
    before = layer.get_weights()
    y = layer(x, training=True)
    assert y.shape == layer.compute_output_shape(x.shape)
    assert layer.backward(y.copy()).shape == x.shape
    assert not any(weight.grad.any() for weight in layer.trainable_weights)
    assert all(np.array_equal(a, b) for a, b in zip(before, layer.get_weights(), strict=True))


def test_an_empty_batch_of_ids():
    layer = layers.Embedding(5, 3)
    y = layer(np.zeros((0, 4), int))
    assert y.shape == (0, 4, 3)
    layer.backward(y)
    assert not layer.embeddings.grad.any()


def test_reshape_finds_the_length_given_as_none():
    """As in Keras."""
    layer = layers.Reshape((2, None))
    assert layer(X4).shape == (2, 2, 30) == layer.compute_output_shape(X4.shape)
    assert layers.Reshape.from_config(layer.get_config())(X4).shape == (2, 2, 30)


def test_no_layer_goes_unchecked():
    """Each class of the registry is checked by some test file: it stands there as `layers.<Name>(`."""
    text = "".join(
        path.read_text() for path in Path(__file__).parent.glob("test_*.py") if "check_layer" in path.read_text()
    )
    classes = set(registry._classes.values()) - {lamina.Sequential}
    missing = sorted(cls.__name__ for cls in classes if f"layers.{cls.__name__}(" not in text)
    assert not missing, f"no check_layer for {missing}"


def test_every_layer_of_the_namespace_is_registered():
    public = {
        name
        for name in layers.__all__
        if isinstance(getattr(layers, name), type) and issubclass(getattr(layers, name), layers.Layer)
    }
    assert public - {"Layer"} <= set(registry._classes)


class TestCheckLayerFails:
    """The harness itself: a layer that is wrong in one way is found, and the entry named."""

    class Right(layers.Layer):
        def build(self, input_shape):
            self.gain = self.add_weight("gain", (input_shape[-1],), "ones")

        def forward(self, x, training=False):
            self.saved = x
            return x * self.gain.value

        def backward(self, dy):
            self.gain.grad += (dy * self.saved).sum(axis=0)
            return dy * self.gain.value

    def test_the_right_one_passes(self):
        check_layer(self.Right(), X2)

    def test_a_wrong_dx(self):
        class Wrong(self.Right):
            def backward(self, dy):
                return super().backward(dy) * 1.0001

        with pytest.raises(AssertionError, match=r"wrong/x\[\d, \d\]: analytic"):
            check_layer(Wrong(), X2)

    def test_a_wrong_entry_of_a_weight(self):
        class Wrong(self.Right):
            def backward(self, dy):
                dx = super().backward(dy)
                self.gain.grad[2] += 1e-3
                return dx

        with pytest.raises(AssertionError, match=r"wrong/gain\[2\]: analytic -?\d"):
            check_layer(Wrong(), X2)

    def test_a_zero_gradient(self):
        class Wrong(self.Right):
            def forward(self, x, training=False):
                self.saved = x
                return x + 0 * self.gain.value

            def backward(self, dy):
                self.gain.grad += 0 * self.saved.sum()
                return dy

        with pytest.raises(AssertionError, match="gradient is zero"):
            check_layer(Wrong(), X2)

    def test_a_gradient_that_does_not_accumulate(self):
        class Wrong(self.Right):
            def backward(self, dy):
                self.gain.grad = (dy * self.saved).sum(axis=0)
                return dy * self.gain.value

        with pytest.raises(AssertionError, match="accumulated"):
            check_layer(Wrong(), X2)

    def test_a_changed_input(self):
        class Wrong(self.Right):
            def forward(self, x, training=False):
                y = super().forward(x.copy())
                x *= 1.0 + 1e-12
                return y

        with pytest.raises(AssertionError, match="changes its input"):
            check_layer(Wrong(), X2)

    def test_a_float64_leak(self):
        class Wrong(self.Right):
            def forward(self, x, training=False):
                return super().forward(x).astype("float64")

        with pytest.raises(AssertionError, match="float64 in a float32 layer"):
            check_layer(Wrong(), X2)

    def test_no_refusal(self):
        class Wrong(layers.Layer):
            def forward(self, x, training=False):
                return 2 * x

            def backward(self, dy):
                return 2 * dy

        with pytest.raises(AssertionError, match="backward without forward did not raise: keep what .* in self.saved"):
            check_layer(Wrong(), X2)

    def test_a_place_of_its_own_for_what_is_kept(self):
        class Wrong(layers.Layer):
            def forward(self, x, training=False):
                self.x = x
                return x**2

            def backward(self, dy):
                return 2 * self.x * dy

        with pytest.raises(AssertionError, match=r"without forward raised AttributeError\(.* in self.saved"):
            check_layer(Wrong(), X2)


class TestContract:
    def test_a_layer_alone(self):
        layer = layers.Dense(2)
        y = layer(np.ones((3, 4), "float32"))
        assert y.shape == (3, 2) and [w.shape for w in layer.weights] == [(4, 2), (2,)]
        layer.forward(np.ones((3, 4), "float32"))
        dx = layer.backward(np.ones((3, 2), "float32"))
        np.testing.assert_allclose(dx, np.ones((3, 2)) @ layer.kernel.value.T, rtol=1e-6)
        assert layer.weights[0].grad.tolist() == [[3, 3]] * 4 and layer.weights[1].grad.tolist() == [3, 3]

    def test_integer_input_is_cast(self):
        assert layers.Dense(2)([[1, 2]]).dtype == np.float32
        assert layers.Dense(2, dtype="float64")([[1, 2]]).dtype == np.float64

    def test_floatx_runs_through(self):
        lamina.config.set_floatx("float64")
        layer = layers.Dense(2)
        assert layer([[1, 2]]).dtype == np.float64 and layer.kernel.dtype == "float64"

    def test_freezing(self):
        layer = layers.Dense(2)
        layer(X2)
        layer.trainable = False
        assert layer.trainable_weights == [] and len(layer.non_trainable_weights) == 2
        layer.trainable = True
        assert len(layer.trainable_weights) == 2
        assert layers.Dense(2, trainable=False)(X2).shape == (4, 2)

    @pytest.mark.parametrize(
        "frozen",
        [
            lambda: layers.TimeDistributed(layers.Dense(2), trainable=False),
            lambda: layers.Bidirectional(layers.LSTM(2), trainable=False),
            lambda: layers.RNN(layers.GRUCell(2), trainable=False),
            lambda: layers.RNN(layers.StackedRNNCells([layers.LSTMCell(2)], trainable=False)),
        ],
        ids=["TimeDistributed", "Bidirectional", "RNN", "StackedRNNCells"],
    )
    def test_what_a_frozen_layer_is_made_of_is_frozen(self, frozen):
        x = np.random.default_rng(0).normal(size=(4, 3, 2))
        model = Sequential([Input((3, 2)), layers.Dense(2), frozen(), layers.Dense(1)])
        before = model.layers[1].get_weights()
        assert len(model.trainable_weights) == 4 and model.layers[1].trainable_weights == []
        model.compile("sgd", "mse")
        model.train_on_batch(x, np.ones((4, *model.output_shape[1:])))
        for old, new in zip(before, model.layers[1].get_weights(), strict=True):
            np.testing.assert_array_equal(old, new)

    def test_positional_arguments_stand_in_keras_order(self):
        layer = layers.Dense(2, "relu", False, "ones", "zeros", "l2", None, "l1", "max_norm", None)
        assert type(layer.activity_regularizer).__name__ == "L1" and type(layer.kernel_constraint).__name__ == "MaxNorm"

    def test_a_layer_within_a_layer(self):
        class Twice(layers.Layer):
            def __init__(self, units, **options):
                super().__init__(**options)
                self.units = units
                self.inner = layers.Dense(units)

            def forward(self, x, training=False):
                return self.inner(x)

            def backward(self, dy):
                return self.inner.backward(dy)

        layer = Twice(5)
        check_layer(layer, X2)
        layer(X2)
        assert [w.path for w in layer.weights] == ["twice/dense/kernel", "twice/dense/bias"]

    def test_config_round_trip_keeps_every_argument(self):
        layer = layers.Dense(3, activation="relu", kernel_regularizer=lamina.regularizers.L2(0.5), name="hid")
        twin = layers.Dense.from_config(layer.get_config())
        assert twin.get_config() == layer.get_config() and twin.name == "hid" and twin.kernel_regularizer.l2 == 0.5


class TestRefusals:
    def test_units(self):
        for units in (0, -3, 2.5, "three", True, None):
            with pytest.raises(OptionError, match=r"Dense\(units=...\): expected a whole number of 1 or more"):
                layers.Dense(units)

    def test_unknown_argument(self):
        with pytest.raises(
            ArgumentError, match=r"Dense has no argument 'activaton'.\nLikely mend: did you mean 'activation'?"
        ):
            layers.Dense(3, activaton="relu")
        with pytest.raises(TypeError):
            layers.ReLU(activation="relu")

    def test_unknown_names(self):
        with pytest.raises(OptionError, match=r"unknown activation 'rleu'.\nLikely mend: did you mean 'relu'?"):
            layers.Dense(3, activation="rleu")
        with pytest.raises(OptionError, match="unknown initializer 'glorot_unifrom'"):
            layers.Dense(3, kernel_initializer="glorot_unifrom")
        with pytest.raises(OptionError, match="unknown regularizer 'l3'"):
            layers.Dense(3, kernel_regularizer="l3")
        with pytest.raises(OptionError, match="unknown constraint 'maxnrom'"):
            layers.Dense(3, kernel_constraint="maxnrom")
        with pytest.raises(
            OptionError, match="unknown float type: expected one of float16, float32, float64, received 'float23'"
        ):
            layers.Dense(3, dtype="float23")

    def test_a_functional_model(self):
        for layer in (layers.Dense(3), layers.Flatten(), layers.LSTM(2), layers.Embedding(3, 2), layers.MaxPooling2D()):
            with pytest.raises(ArgumentError, match=r"<KerasTensor .* holds no numbers(.|\n)*no functional API"):
                layer(Input((3,)))

    def test_wrong_feature_count(self):
        layer = layers.Dense(3, name="hid")
        layer(X2)
        with pytest.raises(ShapeError, match=r"layer 'hid' \(Dense\): expected \(batch, 5\), received \(4, 7\)"):
            layer(np.ones((4, 7)))

    def test_wrong_rank(self):
        with pytest.raises(
            ShapeError, match=r"layer 'dense' \(Dense\): expected \(batch, any\).*, received \(batch,\)"
        ):
            layers.Dense(3)(np.ones(4))
        with pytest.raises(ShapeError, match="Flatten or Reshape"):
            layers.RepeatVector(3)(np.ones((4, 2, 2)))

    def test_backward_before_forward(self):
        with pytest.raises(
            StateError, match=r"layer 'dense' \(Dense\): backward before forward.\nLikely mend: run forward"
        ):
            layers.Dense(3).backward(np.ones((4, 3)))

    def test_strings(self):
        with pytest.raises(ValueError, match=r"layer 'dense' \(Dense\): expected numbers, received an array of <U1"):
            layers.Dense(3)(np.array([["a", "b"]]))

    def test_reshape_of_another_size(self):
        with pytest.raises(ShapeError, match=r"expected samples of 6 numbers, received \(batch, 5\), 5 numbers each"):
            layers.Reshape((2, 3))(X2)
        with pytest.raises(OptionError, match="at most one -1"):
            layers.Reshape((-1, -1))

    def test_permute_and_dropout_arguments(self):
        with pytest.raises(OptionError, match="a permutation of 1, 2"):
            layers.Permute((0, 1))
        with pytest.raises(OptionError, match=r"Dropout\(rate=...\): expected a number from 0 to 1, received 1.5"):
            layers.Dropout(1.5)

    @pytest.mark.parametrize(
        ("make", "error", "said"),
        [
            (lambda: layers.Permute((2, "a")), OptionError, r"Permute\(dims=...\): .*, received \(2, 'a'\)"),
            (lambda: layers.Permute(2), OptionError, r"Permute\(dims=...\): .*, received 2"),
            (lambda: layers.Permute((2.0, 1.0)), OptionError, r"Permute\(dims=...\): .*, received \(2.0, 1.0\)"),
            (lambda: layers.Dropout(0.5, noise_shape=3), OptionError, r"Dropout\(noise_shape=...\): .*, received 3"),
            (lambda: layers.Dropout(0.5, noise_shape="ab"), OptionError, "a list of lengths, or None, received 'ab'"),
            (lambda: layers.AlphaDropout(0.5, noise_shape=(0,)), ShapeError, r"AlphaDropout\(noise_shape=...\): shape"),
            (lambda: layers.PReLU(shared_axes=1.5), OptionError, r"PReLU\(shared_axes=...\): expected a whole number"),
            (lambda: layers.Reshape((None, -1)), OptionError, "at most one -1"),
            (lambda: layers.InputLayer(), ArgumentError, "received neither"),
            (lambda: layers.InputLayer((3,), batch_shape=(2, 3)), ArgumentError, "received shape and batch_shape"),
            (
                lambda: layers.InputLayer(batch_shape=(2, 3), batch_size=2),
                ArgumentError,
                "received batch_shape and batch_size",
            ),
        ],
    )
    def test_arguments_of_the_wrong_kind(self, make, error, said):
        with pytest.raises(error, match=said):
            make()

    @pytest.mark.parametrize("noise_shape", [(None, 1, 1), (None, 1, None), (None, 5), (3,)])
    def test_a_noise_shape_that_does_not_go_with_x(self, noise_shape):
        with pytest.raises(
            ShapeError, match=r"noise_shape: expected 1 or x's length on each axis of \(3, 2\), received"
        ):
            layers.Dropout(0.5, noise_shape=noise_shape)(np.ones((3, 2)), training=True)

    def test_shared_axes_that_x_does_not_have(self):
        with pytest.raises(ShapeError, match=r"an input of rank 6 or more, for shared_axes=\[5\], received \(batch, 5"):
            layers.PReLU(shared_axes=[5])(X2)

    @pytest.mark.parametrize("axis", [2, -3])
    def test_an_axis_that_an_input_spec_names_and_x_has_not(self, axis):
        spec = layers.InputSpec(axes={axis: 5})
        with pytest.raises(ShapeError, match=r"x: expected \(.*5.*\), received \(batch, 4\).\n.*add the batch axis"):
            spec.check((None, 4), "x")
        with pytest.raises(ShapeError, match=r"reshape the input to rank 3"):
            spec.check((None,), "x")

    def test_a_length_that_an_input_spec_leaves_open(self):
        """None among its axes is any length, as in Keras: a layer without weights may be built for one not known."""
        assert layers.InputSpec(min_ndim=2, axes={-1: None}).allows((None, 4))
        model = Sequential([Input((None,)), layers.LayerNormalization(center=False, scale=False)])
        assert model(X2).shape == X2.shape

    def test_set_weights_of_other_shapes_changes_nothing(self):
        layer = layers.Dense(2)
        layer(X2)
        before = layer.get_weights()
        with pytest.raises(ShapeError, match=r"layer 'dense' \(Dense\): set_weights: expected arrays of shapes"):
            layer.set_weights([np.zeros((5, 2)), np.zeros(3)])
        for old, new in zip(before, layer.get_weights(), strict=True):
            np.testing.assert_array_equal(old, new)

    def test_a_contract_not_kept(self):
        class Empty(layers.Layer):
            pass

        with pytest.raises(StateError, match=r"Empty has no forward.\nLikely mend: a layer of your own writes forward"):
            Empty()(X2)

    def test_an_unknown_length_that_a_weight_needs(self):
        with pytest.raises(ShapeError, match=r"weight 'kernel': expected lengths that are known"):
            layers.Dense(2).build((None, None))


class TestDropout:
    def test_share_and_scale(self):
        y = layers.Dropout(0.25, seed=0)(np.ones((200, 200)), training=True)
        assert set(np.unique(y)) == {np.float32(0), np.float32(1 / 0.75)}
        assert abs((y == 0).mean() - 0.25) < 0.01

    def test_nothing_at_inference(self):
        np.testing.assert_array_equal(layers.Dropout(0.5)(X2), X2.astype("float32"))

    def test_same_seed_same_draws(self):
        first, second = (layers.Dropout(0.5, seed=5)(np.ones((9, 9)), training=True) for _ in range(2))
        np.testing.assert_array_equal(first, second)

    def test_all_dropped(self):
        assert not layers.Dropout(1.0)(X2, training=True).any()


def test_a_layer_without_its_output_shape_is_tried_out():
    class Halve(layers.Layer):
        def forward(self, x, training=False):
            return x[:, ::2]

        def backward(self, dy):
            return dy

    assert Halve().compute_output_shape((None, 6, 3)) == (None, 3, 3)


def test_tutorial_import_lines():
    for name in ("layers", "models", "losses", "optimizers", "metrics", "callbacks", "utils", "datasets"):
        assert importlib.import_module(f"lamina.{name}") is getattr(lamina, name)


@pytest.mark.parametrize(
    "layer",
    [
        layers.Flatten(),
        layers.Reshape((4,)),
        layers.Permute((2, 1)),
        layers.RepeatVector(2),
        layers.Identity(),
    ],
    ids=lambda layer: layer.name,
)
@pytest.mark.parametrize("dtype", ["int64", "uint8", "bool"])
def test_layers_that_only_move_numbers_keep_whole_ones(layer, dtype):
    x = np.ones((3, 4) if layer.name == "repeat_vector" else (3, 2, 2), dtype)
    y = layer(x)
    assert y.dtype == dtype and layer(x.astype("float64")).dtype == "float32"
    assert layer.backward(np.ones(y.shape, "float32")).dtype == "float32"


def test_ids_that_float32_can_not_tell_apart_stay_apart():
    ids = np.array([[2**24], [2**24 + 1]])
    lookup = layers.IntegerLookup(vocabulary=ids[:, 0])
    model = Sequential([lamina.Input((1,), dtype="int64"), layers.Reshape((1, 1)), layers.Flatten(), lookup])
    assert model.predict(ids, verbose=0).tolist() == [[1], [2]]


def test_a_penalty_on_whole_numbers_does_not_overflow():
    for layer in (layers.Flatten(activity_regularizer="l2"), layers.ActivityRegularization(l2=0.01)):
        model = Sequential([lamina.Input((2,)), layer, layers.Dense(1, kernel_initializer="zeros")])
        model.compile("sgd", "mse")
        value = model.evaluate(np.full((4, 2), 200, "uint8"), np.zeros((4, 1)), verbose=0)
        np.testing.assert_allclose(value, 0.01 * 2 * 200**2, rtol=1e-6)
