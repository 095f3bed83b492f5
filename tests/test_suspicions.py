"""What runs, but can't be what was meant, is said once; and what is as it should be is not."""

import warnings

import numpy as np
import pytest

import lamina
from lamina import Input, Model, Sequential, layers, losses
from lamina.errors import LaminaWarning

rng = np.random.default_rng(0)
X = rng.normal(size=(48, 4)).astype("float32")
Y = (X[:, 0] > 0).astype("int64")


def model(*inner, loss="binary_crossentropy", optimizer="sgd"):
    lamina.utils.set_random_seed(1)
    made = Sequential([Input((4,)), *inner])
    made.compile(optimizer, loss)
    return made


def yes_or_no(*inner, **options):
    return model(*inner, layers.Dense(1, activation="sigmoid"), **options)


def dead_relu(units=8, **options):
    return layers.Dense(units, activation="relu", bias_initializer=lamina.initializers.Constant(-100), **options)


def said(call) -> list[str]:
    """The warnings of a call, which must all stand at a line of this file."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    assert all(warning.category is LaminaWarning and warning.filename == __file__ for warning in caught)
    return [str(warning.message) for warning in caught]


def fitted(made, x=X, y=Y, epochs=3, **options):
    return said(lambda: made.fit(x, y, batch_size=8, epochs=epochs, verbose=0, **options))


class TestSilence:
    @pytest.mark.parametrize("activation", ["relu", "tanh", "gelu", "leaky_relu"])
    @pytest.mark.parametrize("batch_size", [8, 48])
    def test_a_healthy_model(self, activation, batch_size):
        made = yes_or_no(layers.Dense(8, activation=activation), layers.Dropout(0.2), layers.BatchNormalization())
        assert not said(
            lambda: made.fit(X, Y, batch_size=batch_size, epochs=4, verbose=0, validation_data=(X, Y), shuffle=False)
        )

    def test_weights_that_begin_as_zeros(self):
        assert not fitted(yes_or_no(layers.Dense(4), layers.Dense(4, kernel_initializer="zeros")))

    def test_one_step_an_epoch_from_zeros(self):
        made = model(layers.Dense(4), layers.Dense(1, kernel_initializer="zeros"), loss="mse")
        assert not said(lambda: made.fit(X, Y, batch_size=48, epochs=5, verbose=0))

    @pytest.mark.parametrize(
        "loss", ["mse", losses.BinaryCrossentropy(from_logits=True), "hinge", "log_cosh", "poisson"]
    )
    def test_a_linear_output_with_a_loss_that_takes_any_value(self, loss):
        activation = "softplus" if loss == "poisson" else None
        assert not fitted(model(layers.Dense(1, activation=activation), loss=loss), y=Y)

    def test_margins_that_all_samples_keep(self):
        """Nothing is left to be learnt; the loss is not 0, for a penalty joins it."""
        made = model(layers.Dense(1, kernel_regularizer=lamina.regularizers.L2(1e-3)), loss="hinge")
        assert not fitted(made, 40 * (2 * Y - 1)[:, None] * np.ones((1, 4)), 2 * Y - 1, epochs=20)

    @pytest.mark.parametrize(
        ("units", "activation", "loss"),
        [(1, "sigmoid", "binary_crossentropy"), (2, "softmax", "sparse_categorical_crossentropy")],
    )
    def test_probabilities_that_are_0_and_1(self, units, activation, loss):
        """The loss is not 0, for it is clipped."""
        made = model(layers.Dense(units, activation=activation), loss=loss, optimizer=lamina.optimizers.SGD(10.0))
        assert not fitted(made, 400 * (2 * Y - 1)[:, None] * np.ones((1, 4)), Y, epochs=5)

    def test_small_batches_in_which_no_unit_is_active(self):
        """Of four samples one is active, as where a small network learns XOR sample by sample."""
        made = yes_or_no(layers.Dense(1, "relu", kernel_initializer="ones"))
        x = np.repeat([[1.0, 0, 0, 0], [-1, 0, 0, 0], [-2, 0, 0, 0], [-3, 0, 0, 0]], [1, 1, 1, 1], axis=0)
        assert not said(lambda: made.fit(x[::-1], [0, 1, 0, 1], batch_size=1, epochs=30, shuffle=False, verbose=0))

    def test_frozen_layers_get_no_gradient(self):
        made = yes_or_no(layers.Dense(8), layers.Dense(8))
        made.layers[1].trainable = False
        assert not fitted(made)

    def test_regression_on_data_in_order_without_a_split(self):
        assert not fitted(model(layers.Dense(1), loss="mse"), y=np.arange(48.0), shuffle=False)

    def test_few_samples_in_order(self):
        assert not fitted(model(layers.Dense(1), loss="mse"), X[:6], np.arange(6.0), validation_split=0.5)

    def test_few_validation_samples_of_one_class(self):
        few = Y == 1
        assert not fitted(yes_or_no(), validation_data=(X[few][:9], Y[few][:9]))

    def test_data_of_one_class_alone(self):
        assert not fitted(yes_or_no(), y=np.ones(48), validation_data=(X, np.ones(48)))


class TestGradients:
    def test_a_layer_behind_a_dead_one(self):
        found = fitted(yes_or_no(layers.Dense(8), dead_relu(), layers.Dense(3)))
        assert len(found) == 2
        assert found[0].startswith("no gradient reaches layers 'dense' and 'dense_1': all were 0 in 3 steps")
        assert "Likely mend: " in found[0]

    def test_an_output_that_can_not_change(self):
        made = model(layers.Dense(3), layers.Dense(1, activation="softmax"), loss="mse")
        assert "no gradient reaches layers 'dense' and 'dense_1'" in fitted(made)[1]

    def test_a_layer_that_drops_dx(self):
        class Forgets(layers.Layer):
            def forward(self, x, training=False):
                return x

            def backward(self, dy):
                return np.zeros_like(dy)

        found = fitted(yes_or_no(Sequential([layers.Dense(3)], name="inner"), Forgets()))
        assert len(found) == 1 and "layer 'inner/dense'" in found[0]

    def test_a_layer_that_is_never_run(self):
        class Mine(Model):
            def __init__(self):
                super().__init__()
                self.used, self.left_out = layers.Dense(1, name="used"), layers.Dense(1, name="left_out")
                self.left_out.build((None, 4))

            def forward(self, x, training=False):
                return self.used(x)

            def backward(self, dy):
                return self.used.backward(dy)

        made = Mine()
        made.compile("sgd", "mse")
        found = fitted(made)
        assert len(found) == 1 and "no gradient reaches layer 'left_out'" in found[0]

    def test_over_epochs_of_one_step(self):
        made = yes_or_no(dead_relu())
        found = said(lambda: made.fit(X, Y, batch_size=48, epochs=5, verbose=0))
        assert len(found) == 2 and "3 steps" in found[0] and "whole of epoch 3" in found[1]


class TestDeadRectifiers:
    @pytest.mark.parametrize(
        "inner",
        [
            [dead_relu(name="gone")],
            [layers.Dense(8, bias_initializer=lamina.initializers.Constant(-100)), layers.ReLU(name="gone")],
            [
                layers.Dense(8, bias_initializer=lamina.initializers.Constant(-100)),
                layers.Activation("relu6", name="gone"),
            ],
            [dead_relu(kernel_regularizer="l2", name="gone")],
        ],
    )
    def test_one_that_gives_zeros_a_whole_epoch(self, inner):
        found = fitted(yes_or_no(*inner))
        assert sum("layer 'gone' with ReLU gave nothing but 0 in the whole of epoch 1" in text for text in found) == 1
        assert len(found) == 2

    def test_one_that_dies_later(self):
        made = yes_or_no(layers.Dense(8, activation="relu"))

        class Kill(lamina.callbacks.Callback):
            def on_epoch_begin(self, epoch, logs=None):
                if epoch == 2:
                    self.model.layers[0].bias.assign(np.full(8, -100.0))

        found = fitted(made, epochs=5, callbacks=[Kill()])
        assert [text for text in found if "in the whole of epoch 3" in text] and len(found) == 2

    def test_one_that_comes_back_to_life_is_not_dead(self):
        made = yes_or_no(dead_relu())

        class Revive(lamina.callbacks.Callback):
            def on_train_batch_begin(self, batch, logs=None):
                if batch == 2:
                    self.model.layers[0].bias.assign(np.zeros(8))

        assert not fitted(made, callbacks=[Revive()])

    def test_nothing_is_left_behind_in_the_layers(self):
        made = yes_or_no(dead_relu())
        fitted(made)
        assert "forward" not in vars(made.layers[0])


class TestProbabilities:
    @pytest.mark.parametrize(
        ("loss", "units", "mend"),
        [
            ("binary_crossentropy", 1, r"a sigmoid, or use BinaryCrossentropy(from_logits=True)"),
            ("binary_focal_crossentropy", 1, r"a sigmoid, or use BinaryFocalCrossentropy(from_logits=True)"),
            ("sparse_categorical_crossentropy", 2, "a softmax, or use SparseCategoricalCrossentropy(from_logits=True)"),
        ],
    )
    def test_a_linear_output(self, loss, units, mend):
        found = fitted(model(layers.Dense(units), loss=loss))
        assert len([text for text in found if "is linear" in text and mend in text]) == 1
        assert not [text for text in found if "outside [0, 1]" in text]

    @pytest.mark.parametrize("loss", ["categorical_crossentropy", "kl_divergence", "categorical_focal_crossentropy"])
    def test_an_output_outside(self, loss):
        made = model(layers.Dense(2), layers.Rescaling(3.0), loss=loss)
        found = fitted(made, y=np.eye(2)[Y])
        assert (
            len([text for text in found if "the output lies in [" in text and "end the model in a softmax" in text])
            == 1
        )

    def test_targets_outside(self):
        found = fitted(yes_or_no(), y=2 * Y - 1)
        assert len(found) == 1 and "takes targets between 0 and 1, but y lies in [-1, 1]" in found[0]

    def test_targets_outside_and_a_linear_output(self):
        found = fitted(model(layers.Dense(1)), y=2 * Y - 1)
        assert any("is linear" in text for text in found) and any("y lies in" in text for text in found)


class TestData:
    def test_validation_data_of_one_class(self):
        found = fitted(yes_or_no(), validation_data=(X[Y == 1], Y[Y == 1]))
        assert len(found) == 1 and f"all {Y.sum()} samples of the validation data are of one class, 1" in found[0]

    @pytest.mark.parametrize(
        ("loss", "units", "activation", "targets"),
        [
            ("sparse_categorical_crossentropy", 3, "softmax", lambda y: y),
            ("categorical_crossentropy", 3, "softmax", lambda y: np.eye(3)[y]),
            ("mse", 1, None, lambda y: y + 0.5),
        ],
    )
    def test_sorted_targets_with_a_split(self, loss, units, activation, targets):
        made = model(layers.Dense(units, activation=activation), loss=loss)
        y = np.sort(rng.integers(0, 3, 48))
        found = fitted(made, y=targets(y), validation_split=0.25)
        assert len(found) == 1 and found[0].startswith("y is sorted, and validation_split=0.25 holds back its end")
        falling = fitted(made, y=targets(y[::-1]), validation_split=0.25)
        assert falling and "y is sorted" in falling[0]
        assert not fitted(made, y=targets(rng.permutation(y)), validation_split=0.25)

    def test_the_one_class_that_a_split_of_sorted_targets_leaves(self):
        found = fitted(yes_or_no(), y=np.sort(Y), validation_split=0.2)
        assert len(found) == 1 and "hold class 1 alone" in found[0]


class TestTheLastActivation:
    def test_a_softmax_over_one_unit(self):
        messages = fitted(model(layers.Dense(1, activation="softmax")), epochs=1)
        assert messages[0].startswith("the output, 'dense', is a softmax over one unit: it is always 1")

    @pytest.mark.parametrize("last", [[layers.Dense(2, activation="softmax")], [layers.Dense(2), layers.Softmax()]])
    def test_logits_that_are_none(self, last):
        made = model(*last, loss=losses.SparseCategoricalCrossentropy(from_logits=True))
        (message,) = fitted(made)
        assert "has from_logits=True, but the output" in message and "ends in a softmax already" in message

    def test_a_shape_that_the_first_batch_says(self):
        made = Sequential([layers.Dense(1, activation="sigmoid")])
        made.compile("sgd", "binary_crossentropy")
        assert said(lambda: made.fit(iter([(X, Y)] * 3), steps_per_epoch=3, verbose=0)) == []


class TestLastLayer:
    """An output that can't be what the loss, or y, asks for."""

    def test_a_relu_for_probabilities(self):
        head = layers.Dense(3, activation="relu", bias_initializer="ones")  # a row of zeros would be no distribution
        made = model(head, loss="sparse_categorical_crossentropy")
        found = fitted(made)
        assert any("takes probabilities, but the output, 'dense', ends in a ReLU" in one for one in found)
        assert any("Likely mend: end the model in a softmax" in one for one in found)

    def test_a_relu_that_ends_at_1(self):
        made = model(layers.Dense(1, kernel_initializer="ones"), layers.ReLU(max_value=1.0))
        assert not any("takes probabilities" in one for one in fitted(made))

    @pytest.mark.parametrize("loss", ["sparse_categorical_crossentropy", "categorical_crossentropy"])
    def test_a_sigmoid_for_one_class_among_several(self, loss):
        y = Y if loss.startswith("sparse") else np.eye(3)[Y]
        (found,) = fitted(model(layers.Dense(3, activation="sigmoid"), loss=loss), y=y)
        assert f"'{loss}' takes the probabilities of classes that exclude one another" in found
        assert "end the model in a softmax, or use binary_crossentropy" in found

    def test_several_classes_at_once(self):
        assert not fitted(model(layers.Dense(3, activation="sigmoid")), y=np.eye(3)[Y])

    @pytest.mark.parametrize(
        ("activation", "y"), [("sigmoid", 100 * X[:, 0]), ("tanh", Y + 3.0), ("softmax", 5 * np.eye(3)[Y])]
    )
    def test_targets_out_of_reach(self, activation, y):
        made = model(layers.Dense(3 if y.ndim > 1 else 1, activation=activation), loss="mse")
        (found,) = fitted(made, y=y)
        assert (
            f"ends in a {activation}, and lies in [" in found and "leave the last activation out, or scale y" in found
        )
        assert f"but y lies in [{y.min():.4g}, {y.max():.4g}]" in found

    @pytest.mark.parametrize(
        ("activation", "y"), [("sigmoid", Y), ("tanh", 2 * Y - 1), ("tanh", X[:, 0] / 9), ("linear", 100 * X[:, 0])]
    )
    def test_targets_within_reach(self, activation, y):
        assert not fitted(model(layers.Dense(1, activation=activation), loss="mae"), y=y)

    def test_the_accuracy_of_a_regression(self):
        made = model(layers.Dense(1))
        made.compile("sgd", "mse", metrics=["accuracy"])
        (found,) = fitted(made, y=X[:, 0])
        assert f"metric 'accuracy' compares classes, but y holds none (it begins with {X[0, 0]:.4g})" in found
        made.compile("sgd", "mse", metrics=["accuracy"])
        assert not fitted(made, y=Y)  # classes, all the same
        made.compile("sgd", "mse", metrics=["mae"])
        assert not fitted(made, y=X[:, 0])
