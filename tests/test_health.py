"""What is not finite stops training, and the message says where it came from; weights stay healthy."""

import warnings

import numpy as np
import pytest

import lamina
from lamina import Input, Model, Sequential, layers, losses, optimizers
from lamina.callbacks import TerminateOnNaN
from lamina.errors import DataError, LaminaWarning, NonFiniteError, OptionError
from lamina.layers.base import Layer

# NumPy says first, in its own words, that a product is not finite
pytestmark = pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")

X = np.random.default_rng(0).normal(size=(48, 4)).astype("float32")
X[:, 0] = np.arange(48)  # each row knows its number
Y = X[:, 1:2].copy()
BAD = 37


class Trip(Layer):
    """Gives y = x, but for a value that is not finite in the row where x[:, 0] is about BAD, forward or backward."""

    def __init__(self, phase, value=np.nan, after=0, **options):
        super().__init__(**options)
        self.phase, self.value, self.after, self.calls = phase, value, after, 0

    def forward(self, x, training=False):
        self.calls += training
        self.saved = x
        if self.phase == "forward" and training and self.calls > self.after:
            x = x.copy()
            x[abs(x[:, 0] - BAD) < 0.4, -1] = self.value
        return x

    def backward(self, dy):
        if self.phase == "backward":
            dy[abs(self.saved[:, 0] - BAD) < 0.4, -1] = self.value
        return dy


class Fixed(Layer):
    """Weights that can be made not finite at will."""

    def build(self, input_shape):
        self.scale = self.add_weight("scale", (1,), "ones")

    def forward(self, x, training=False):
        self.saved = x
        return x * self.scale.value

    def backward(self, dy):
        self.scale.grad += (dy * self.saved).sum()
        return dy * self.scale.value


def fitted(model, epochs=2, on_nonfinite="raise", optimizer=None, loss="mse", y=Y, **options):
    model.compile(optimizer or optimizers.SGD(1e-7), loss, on_nonfinite=on_nonfinite)
    return model.fit(X, y, batch_size=8, epochs=epochs, verbose=0, **options)


def identity(units=4):
    return layers.Dense(units, kernel_initializer="identity")


def chain(*middle):
    lamina.utils.set_random_seed(1)
    return Sequential([Input((4,)), *middle, layers.Dense(1)])


class TestCulprit:
    @pytest.mark.parametrize("phase", ["forward", "backward"])
    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
    def test_layer_phase_rows_and_place(self, phase, value):
        model = chain(layers.Identity(), identity(), Trip(phase, value))
        with pytest.raises(
            NonFiniteError, match=f"layer 'trip' .Trip., {phase} pass: d?[xy] is .* in epoch 1, step 5"
        ) as e:
            fitted(model, shuffle=False)
        assert (e.value.layer, e.value.phase, e.value.epoch, e.value.step) == ("trip", phase, 0, 4)
        assert list(e.value.rows) == [BAD % 8] and list(e.value.data_rows) == [BAD]
        assert f"Rows of the batch: {BAD % 8}; of x: {BAD}." in str(e.value)
        assert isinstance(e.value, FloatingPointError) and isinstance(e.value, ArithmeticError)

    def test_rows_of_the_data_where_they_are_shuffled(self):
        with pytest.raises(NonFiniteError) as e:
            fitted(chain(Trip("forward")))
        assert list(e.value.data_rows) == [BAD]

    def test_the_path_of_a_layer_within_others(self):
        inner = Sequential([layers.ReLU(), Sequential([Trip("forward")], name="deep")], name="inner")
        with pytest.raises(NonFiniteError, match="layer 'inner/deep/trip'"):
            fitted(chain(inner))

    def test_rows_within_a_layer_that_folds_its_axes(self):
        model = Sequential([Input((3, 4)), layers.TimeDistributed(Trip("forward"), name="each"), layers.Flatten()])
        model.add(layers.Dense(1))
        x = np.repeat(X[:, None], 3, axis=1)
        model.compile("sgd", "mse")
        with pytest.raises(NonFiniteError, match="layer 'each/trip'") as e:
            model.fit(x, Y, batch_size=48, shuffle=False, verbose=0)
        assert list(e.value.rows) == [BAD]

    def test_a_model_of_ones_own(self):
        class Mine(Model):
            def __init__(self):
                super().__init__()
                self.first, self.last = identity(), layers.Dense(1)
                self.trip = Trip("backward")

            def forward(self, x, training=False):
                return self.last(self.trip(self.first(x), training))

            def backward(self, dy):
                return self.first.backward(self.trip.backward(self.last.backward(dy)))

        with pytest.raises(NonFiniteError, match="layer 'trip'"):
            fitted(Mine())

    def test_what_a_model_does_between_its_layers(self):
        class Logs(Model):
            def __init__(self):
                super().__init__(name="logs")
                self.last = layers.Dense(1)

            def forward(self, x, training=False):
                with np.errstate(invalid="ignore"):
                    return self.last(np.log(x[:, :1] - 1.5))

            def backward(self, dy):
                return self.last.backward(dy)

        with pytest.raises(NonFiniteError, match=r"layer 'logs' .*the x handed to layer 'last'|'dense'") as e:
            fitted(Logs(), shuffle=False)
        assert list(e.value.rows) == [0, 1]

    def test_the_loss(self):
        class Odd(losses.Loss):
            def values(self, y_true, y_pred):
                v = (y_pred - y_true).mean(axis=-1)
                v[y_true[:, 0] == Y[BAD, 0]] = np.inf
                return v

            def gradient(self, dv):
                return np.repeat(dv[:, None], 1, axis=1)

        with pytest.raises(NonFiniteError, match="loss 'odd', forward pass: the loss is inf in epoch 1, step 5") as e:
            fitted(chain(), loss=Odd(), shuffle=False)
        assert e.value.layer is None and list(e.value.rows) == [BAD % 8]

    def test_the_gradient_of_the_loss(self):
        class Steep(losses.Loss):
            def values(self, y_true, y_pred):
                self.saved = y_true
                return np.zeros(len(y_true))

            def gradient(self, dv):
                return np.where(self.saved == Y[BAD, 0], np.nan, 0 * self.saved)

        with pytest.raises(NonFiniteError, match="loss 'steep', backward pass") as e:
            fitted(chain(), loss=Steep(), shuffle=False)
        assert list(e.value.rows) == [BAD % 8]

    def test_a_gradient_of_a_weight_alone(self):
        class Slips(Fixed):
            def backward(self, dy):
                self.scale.grad += np.inf
                return dy

        with pytest.raises(NonFiniteError, match="'slips' .*backward pass: the gradient of 'scale' is inf") as e:
            fitted(chain(Slips()))
        assert list(e.value.rows) == []

    def test_a_penalty(self):
        class Endless(lamina.regularizers.Regularizer):
            def __call__(self, w):
                return 0.0

            def gradient(self, w):
                return np.full_like(w, np.nan)

        with pytest.raises(NonFiniteError, match="'dense' .*the gradient of 'kernel' with its penalty"):
            fitted(chain(layers.Dense(2, kernel_regularizer=Endless())))

    def test_a_weight(self):
        model = chain(Fixed())
        model.layers[0].scale.assign([np.nan])
        with pytest.raises(NonFiniteError, match="'fixed' .*update: the weight 'scale' is nan before the forward pass"):
            fitted(model)

    def test_a_weight_after_the_last_update(self):
        class Throw(optimizers.SGD):
            def update_step(self, g, w, rate, room, **slots):
                w[...] = np.inf

        with pytest.raises(NonFiniteError, match="'fixed' .*the weight 'scale' is inf") as e:
            model = Sequential([Input((4,)), Fixed()])
            model.compile(Throw(), "mse")
            model.fit(X, X, batch_size=48, verbose=0)
        assert e.value.phase == "update"

    def test_a_culprit_that_does_not_come_again(self):
        class Once(Trip):
            def forward(self, x, training=False):
                y = super().forward(x, training)
                self.phase = "none" if training and not np.isfinite(y).all() else self.phase
                return y

        with pytest.raises(NonFiniteError, match="the loss is nan in epoch 1, step 5") as e:
            fitted(chain(Once("forward")), shuffle=False)
        assert e.value.layer is None and "did not happen again" in str(e.value)

    def test_a_single_batch(self):
        model = chain(Trip("forward"))
        model.compile("sgd", "mse")
        with pytest.raises(NonFiniteError, match="on this batch") as e:
            model.train_on_batch(X, Y)
        assert e.value.epoch is None and list(e.value.rows) == [BAD]


class TestData:
    """Data that come batch by batch: what is not finite in them is refused with its place in the run."""

    def batches(self, bad):
        for number in range(9):
            x = X[:8].copy()
            x[5, 2] = np.nan if number == bad else 0
            yield x, Y[:8]

    def test_the_batch_of_a_generator(self):
        model = chain()
        model.compile("sgd", "mse")
        with pytest.raises(DataError, match=r"^x\[5, 2\] is not finite in epoch 2, step 3: expected"):
            model.fit(self.batches(6), steps_per_epoch=4, epochs=2, verbose=0)
        with pytest.raises(DataError, match=r"^x\[5, 2\] is not finite in batch 7 of evaluate: "):
            model.evaluate(self.batches(6), verbose=0)
        with pytest.raises(DataError, match=r"^x\[5, 2\] is not finite in batch 7 of predict: "):
            model.predict(self.batches(6), verbose=0)


class TestState:
    @pytest.mark.parametrize("phase", ["forward", "backward"])
    def test_everything_stays_at_the_last_healthy_step(self, phase):
        def model():
            lamina.utils.set_random_seed(2)
            norm = layers.BatchNormalization()
            return chain(
                identity(), Trip("none"), layers.Dense(4), layers.Dropout(0.5), norm, layers.GaussianNoise(0.1)
            )

        healthy, tripped = model(), model()
        tripped.layers[1].phase = phase
        fitted(healthy, epochs=1, shuffle=False, steps_per_epoch=4)
        with pytest.raises(NonFiniteError):
            fitted(tripped, shuffle=False)
        for first, second in zip(healthy.get_weights(), tripped.get_weights(), strict=True):
            np.testing.assert_array_equal(first, second)
        tripped.layers[1].phase = "none"  # and it can go on, with the same draws
        for each in (healthy, tripped):
            each.fit(X[:8], Y[:8], batch_size=8, verbose=0, shuffle=False)
        for first, second in zip(healthy.get_weights(), tripped.get_weights(), strict=True):
            np.testing.assert_array_equal(first, second)

    def test_the_last_healthy_loss_and_norms(self):
        model, twin = chain(Trip("forward")), chain(Trip("none"))
        with pytest.raises(NonFiniteError) as e:
            fitted(model, shuffle=False)
        twin.compile(optimizers.SGD(1e-7), "mse")
        for start in range(0, 32, 8):
            loss = twin.train_on_batch(X[start : start + 8], Y[start : start + 8])
        assert e.value.loss == pytest.approx(loss, rel=1e-6)
        kernel = twin.weights[0].numpy()
        assert e.value.weight_norms[model.weights[0].path] == pytest.approx(np.linalg.norm(kernel), rel=1e-6)
        x, y = X[24:32], Y[24:32]
        before = kernel  # the gradient of the last healthy step, by hand, from the weights of that step
        for _ in range(3):  # w_before = w + rate * g(w_before): a fixed point, for the rate is small
            error = 2 * (x @ before + twin.weights[1].value - y) / 8
            before = kernel + 1e-7 * x.T @ error
        norm = np.hypot(np.linalg.norm(x.T @ error), error.sum())
        assert e.value.gradient_norm == pytest.approx(norm, rel=1e-3)
        assert f"loss {e.value.loss:.6g}, gradient norm {e.value.gradient_norm:.6g}" in str(e.value)

    def test_the_last_healthy_norm_where_its_square_is_too_large_for_the_type(self):
        model = chain(Trip("none"))
        model.compile(optimizers.SGD(0.0), "mse")
        model.train_on_batch(X[40:], np.full((8, 1), 1e18, "float32"))
        model.layers[0].phase = "forward"
        with pytest.raises(NonFiniteError) as e:
            model.train_on_batch(X[32:40], Y[32:40])
        assert 1e19 < e.value.gradient_norm < 1e21

    def test_a_weight_that_was_not_finite_when_training_began(self):
        model = chain(Fixed())
        model.layers[0].scale.assign([np.nan])
        with pytest.raises(NonFiniteError, match="no update of this run did it"):
            fitted(model)

    def test_a_moving_mean_that_was_not_finite_when_training_began(self):
        """An epoch ends before it is seen, and no update did it: what is said must hold of it, too."""
        model = chain(layers.BatchNormalization())
        model.layers[0].moving_mean.assign(np.full(4, np.inf))
        with pytest.raises(NonFiniteError, match="the weight 'moving_mean' is inf") as e:
            fitted(model)
        assert "or, if it is no weight that is trained, set it to finite numbers and scale x" in str(e.value)

    def test_no_wrapper_is_left_behind(self):
        model = chain(Trip("forward"))
        with pytest.raises(NonFiniteError):
            fitted(model)
        assert not any({"forward", "backward", "backward_weights"} & set(vars(layer)) for layer in model.layers)

    def test_a_large_but_finite_gradient_goes_on(self):
        model = chain()
        with np.errstate(over="ignore"):
            fitted(model, optimizer=optimizers.SGD(1e-38), y=np.full((48, 1), 1e19, "float32"), epochs=1, loss="mae")
            model.compile(optimizers.SGD(0.0), "mse")
            model.fit(X, np.full((48, 1), 1e18, "float32"), verbose=0)
        assert np.isfinite(model.get_weights()[0]).all()


def _after(inner, states):
    """The states of the recurrent layers after x came once more, from these states on."""
    for layer, of_layer in zip(inner[3].layers, states, strict=True):
        layer.states = of_layer
    inner[3].forward(inner[1].forward(X[:8]))
    return [layer.states for layer in inner[3].layers]


class TestModes:
    def test_warn_says_it_once_and_goes_on_as_off_does(self):
        warned, off = (chain(identity(), Trip("backward"), layers.Dropout(0.5, seed=1)) for _ in range(2))
        with pytest.warns(LaminaWarning, match="layer 'trip'") as caught:
            first = fitted(warned, on_nonfinite="warn", shuffle=False).history["loss"]
        assert [w.filename for w in caught if w.category is LaminaWarning] == [__file__]
        with warnings.catch_warnings():
            warnings.simplefilter("error", LaminaWarning)
            second = fitted(off, on_nonfinite="off", shuffle=False).history["loss"]
        np.testing.assert_array_equal(first, second)
        for one, other in zip(warned.get_weights(), off.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)

    @pytest.mark.parametrize("mode", ["raise", "warn", "off"])
    def test_what_layers_remember_is_not_moved_by_the_search(self, mode):
        """A stateful layer, and one that counts: as after the healthy steps in "raise", as in "off" in "warn"."""

        class Counting(Layer):
            def build(self, input_shape):
                self.count = self.add_weight("count", (), "zeros", dtype="int64", trainable=False)

            def forward(self, x, training=False):
                self.count.assign_add(1)
                return x

            def backward(self, dy):
                return dy

        lamina.utils.set_random_seed(1)
        model = Sequential(
            [
                Input(batch_shape=(8, 4)),
                Trip("none"),
                layers.Reshape((2, 2)),
                Counting(),
                layers.Bidirectional(layers.LSTM(2, stateful=True)),
                layers.Dense(1),
            ]
        )
        model.compile(optimizers.SGD(0.0), "mse", on_nonfinite=mode)
        model.train_on_batch(X[:8], Y[:8])
        healthy = [each.states for each in model.layers[3].layers]
        y = np.full((8, 1), 3e38, "float32")  # whose square is not finite
        if mode == "raise":
            with pytest.raises(NonFiniteError):
                model.train_on_batch(X[:8], y)
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", LaminaWarning)
                model.train_on_batch(X[:8], y)
            healthy = _after(model.layers, healthy)
        assert int(model.layers[2].count.value) == (1 if mode == "raise" else 2)
        for layer, states in zip(model.layers[3].layers, healthy, strict=True):
            for one, other in zip(layer.states, states, strict=True):
                np.testing.assert_array_equal(one, other)

    def test_a_callback_that_stops_at_nan_is_let_do_so(self, capsys):
        model = chain(Trip("forward"))
        with pytest.warns(LaminaWarning, match="layer 'trip'"):
            history = fitted(model, epochs=3, callbacks=[TerminateOnNaN()], shuffle=False)
        assert len(history.history["loss"]) == 1 and "training stops" in capsys.readouterr().out

    def test_an_unknown_mode(self):
        with pytest.raises(OptionError, match="compile.*on_nonfinite.*raise.*warn.*off"):
            chain().compile("sgd", "mse", on_nonfinite="ignore")


class TestSplitBatches:
    @pytest.mark.parametrize("phase", ["forward", "backward"])
    def test_a_batch_that_threads_share(self, phase, monkeypatch):
        """The culprit is found in the part of the replica that took the row, with that replica's draws."""
        monkeypatch.setattr(lamina.models.passes, "pays", lambda *_: True)
        monkeypatch.setenv("LAMINA_THREADS", "2")
        split = []
        run = lamina.models.ways.Split.train
        monkeypatch.setattr(lamina.models.ways.Split, "train", lambda *given: split.append(1) or run(*given))
        model = chain(identity(), layers.GaussianNoise(0.01), Trip(phase))
        model.compile(optimizers.SGD(1e-7), "mse")
        with pytest.raises(NonFiniteError, match=f"layer 'trip' .*{phase} pass") as e:
            model.fit(X, Y, batch_size=48, shuffle=False, verbose=0)
        assert list(e.value.rows) == [BAD] and split


class TestEvaluation:
    def tripped(self, **options):
        class Always(Trip):
            def forward(self, x, training=False):
                return super().forward(x, True)

        model = chain(layers.Dropout(0.5, seed=1), Always("forward"))
        model.compile("sgd", "mse", **options)
        return model

    def test_evaluate_warns_and_gives_what_came_out(self):
        model = self.tripped()
        for _ in range(2):  # once each time that it is called
            with pytest.warns(LaminaWarning, match="evaluation: layer 'always' .*forward pass: y is nan") as caught:
                assert np.isnan(model.evaluate(X, Y, batch_size=48, verbose=0))
            told = [warning for warning in caught if warning.category is LaminaWarning]
            assert (
                len(told) == 1 and told[0].filename == __file__ and f"Rows of the batch: {BAD}." in str(told[0].message)
            )

    def test_validation_data_warn_once_a_fit(self):
        model = self.tripped()
        healthy = X[:, 0] != BAD
        with pytest.warns(LaminaWarning, match="evaluation: layer 'always'") as caught:
            history = model.fit(X[healthy], Y[healthy], validation_data=(X, Y), epochs=3, verbose=0).history
        assert len([warning for warning in caught if warning.category is LaminaWarning]) == 1
        assert np.isnan(history["val_loss"]).all() and np.isfinite(history["loss"]).all()

    def test_what_layers_remember_is_not_moved_by_the_search(self):
        def states(on_nonfinite):
            lamina.utils.set_random_seed(1)
            model = Sequential([Input(batch_shape=(8, 2, 2)), layers.LSTM(2, stateful=True), layers.Dense(1)])
            model.compile("sgd", "mse", on_nonfinite=on_nonfinite)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", LaminaWarning)
                model.test_on_batch(X[:8].reshape(8, 2, 2), np.full((8, 1), 3e38, "float32"))
            return model.layers[0].states

        for one, other in zip(states("warn"), states("off"), strict=True):
            np.testing.assert_array_equal(one, other)

    def test_off_says_nothing(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error", LaminaWarning)
            assert np.isnan(self.tripped(on_nonfinite="off").evaluate(X, Y, verbose=0))
