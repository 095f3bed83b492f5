"""What scripts for Keras write beside the usual way: each spelling means here what it means there."""

import numpy as np
import pytest

import lamina
from lamina import Input, Sequential, activations, layers, optimizers
from lamina.errors import ArgumentError, ConfigError, DataError, OptionError, ShapeError, StateError

X = np.random.default_rng(0).normal(size=(4, 6)).astype("float32")


# -- a layer as the activation of another
@pytest.mark.parametrize(
    ("layer", "same"),
    [
        (layers.LeakyReLU(negative_slope=0.1), activations.LeakyReLU(0.1)),
        (layers.ReLU(6.0), activations.ReLU(max_value=6.0)),
        (layers.ELU(0.5), activations.ELU(0.5)),
        (layers.Softmax(), activations.Softmax()),
        (layers.Activation("tanh"), activations.Tanh()),
        (layers.Activation(layers.LeakyReLU(0.4)), activations.LeakyReLU(0.4)),
    ],
    ids=lambda one: repr(one),
)
def test_a_layer_stands_for_its_activation(layer, same, tmp_path):
    lamina.utils.set_random_seed(1)
    model = Sequential([Input((6,)), layers.Dense(4, activation=layer)])
    lamina.utils.set_random_seed(1)
    twin = Sequential([Input((6,)), layers.Dense(4, activation=same)])
    assert activations.serialize(model.layers[0].activation) == activations.serialize(same)
    np.testing.assert_array_equal(model.predict(X, verbose=0), twin.predict(X, verbose=0))
    for one in (model, twin):
        one.compile("sgd", "mse")
        one.fit(X, 1 / (1 + np.exp(-X[:, :4])), verbose=0)
    np.testing.assert_array_equal(model.layers[0].kernel, twin.layers[0].kernel)
    model.save(tmp_path / "model.lamina")
    again = lamina.models.load_model(tmp_path / "model.lamina")
    np.testing.assert_array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))


@pytest.mark.parametrize(
    "make",
    [
        lambda activation: layers.Conv1D(2, 3, activation=activation),
        lambda activation: layers.SeparableConv1D(2, 3, activation=activation),
        lambda activation: layers.DepthwiseConv1D(3, activation=activation),
        lambda activation: layers.Conv1DTranspose(2, 3, activation=activation),
        lambda activation: layers.EinsumDense("abc,cd->abd", (None, 2), activation=activation),
        lambda activation: layers.SimpleRNN(2, activation=activation),
        lambda activation: layers.LSTM(2, recurrent_activation=activation),
        lambda activation: layers.GRU(2, activation=activation),
        layers.Activation,
    ],
)
def test_wherever_an_activation_is_an_argument(make):
    x = X[:, :, None]
    lamina.utils.set_random_seed(1)
    y = make(layers.LeakyReLU(0.1))(x)
    lamina.utils.set_random_seed(1)
    np.testing.assert_array_equal(y, make(activations.LeakyReLU(0.1))(x))


class Shifted(layers.ReLU):
    def forward(self, x, training=False):
        return super().forward(x - 1, training)


@pytest.mark.parametrize(
    "layer", [layers.PReLU(), layers.Dropout(0.5), Shifted(), layers.ReLU(activity_regularizer="l2")]
)
def test_a_layer_that_is_more_than_an_activation_is_refused(layer):
    with pytest.raises(ArgumentError, match=r"needs its gradient[^$]*add it as a layer of its own"):
        layers.Dense(4, activation=layer)


# -- older names of arguments
def test_leaky_relu_by_its_older_argument():
    layer = layers.LeakyReLU(alpha=0.1)
    assert layer([[-1.0, 2.0]]).tolist() == [[np.float32(-0.1), 2.0]]
    again = layers.LeakyReLU.from_config(layer.get_config())
    assert again.negative_slope == 0.1 and again.get_config() == layer.get_config()


def test_input_layer_by_its_older_argument():
    assert layers.InputLayer(input_shape=[3]).batch_shape == (None, 3)
    assert Sequential([layers.InputLayer(input_shape=(3,)), layers.Dense(1)]).input_shape == (None, 3)


def test_an_input_of_arrays():
    assert Input((3,), sparse=None, ragged=False, optional=False).shape == (None, 3)
    assert Input((3,), 4, "int32", False).shape == (4, 3)  # in Keras's order
    for name in ("sparse", "ragged", "optional"):
        with pytest.raises(OptionError, match=rf"Input\({name}=...\): expected .*False, received True"):
            Input((3,), **{name: True})


# -- what is read off
def test_inputs_and_outputs_as_shapes():
    model = Sequential([Input((6, 1)), layers.Conv1D(2, 3), layers.Flatten()])
    assert [(layer.name, layer.input.shape, layer.output.shape) for layer in model.layers] == [
        ("conv1d", (None, 6, 1), (None, 4, 2)),
        ("flatten", (None, 4, 2), (None, 8)),
    ]
    assert [one.shape for one in (*model.inputs, *model.outputs)] == [(None, 6, 1), (None, 8)]
    assert model.input.shape == (None, 6, 1) and model.output.dtype == "float32"
    with pytest.raises(StateError, match="layer 'dense' .Dense. has no shape yet"):
        _ = layers.Dense(3).output


def test_activations_have_their_functions_names():
    model = Sequential([layers.Dense(2, activation=name) for name in ("relu", "leaky_relu", "swish", None)])
    assert [layer.activation.__name__ for layer in model.layers] == ["relu", "leaky_relu", "silu", "linear"]

    class Cube(activations.Activation):
        pass

    assert (Cube().__name__, Cube.__name__) == ("Cube", "Cube")


def test_the_learning_rate_as_a_number():
    optimizer = optimizers.Adam()
    optimizer.learning_rate = np.array(0.12345)
    assert optimizer.get_config()["learning_rate"] == 0.12345
    assert round(optimizer.learning_rate, 3) == 0.123 and round(optimizer.learning_rate) == 0
    assert f"{optimizer.learning_rate:.4f}" == "0.1235" and f"{optimizer.learning_rate}" == repr(
        optimizer.learning_rate
    )
    with pytest.raises(OptionError, match="expected a number from 0"):
        optimizer.learning_rate = np.array([0.1, 0.2])


# -- other namespaces
def test_namespaces_of_older_scripts():
    script = """
from keras import backend as K
from keras.preprocessing import sequence, timeseries_dataset_from_array
from keras.preprocessing.sequence import pad_sequences
import keras
K.clear_session()
K.set_floatx("float64")
floats = keras.config.floatx(), K.floatx(), K.epsilon(), K.image_data_format(), K.backend()
padded = pad_sequences([[1], [2, 3]]).tolist(), keras.preprocessing.sequence.pad_sequences is sequence.pad_sequences
batches = list(timeseries_dataset_from_array([1, 2, 3], None, 2))
"""
    found: dict = {}
    exec(script.replace("keras", "lamina"), found)
    assert found["floats"] == ("float64", "float64", 1e-7, "channels_last", "numpy")
    assert found["padded"] == ([[0, 1], [2, 3]], True)
    assert found["batches"][0].tolist() == [[1, 2], [2, 3]]


# -- hints to other backends: taken where they are true of lamina, else refused
@pytest.mark.parametrize(
    ("make", "name", "true", "false"),
    [
        (lambda **o: layers.LSTM(3, **o), "use_cudnn", ("auto", False), True),
        (lambda **o: layers.GRU(3, **o), "use_cudnn", ("auto", False), True),
        (lambda **o: layers.LSTM(3, **o), "implementation", (1, 2), 0),
        (lambda **o: layers.GRU(3, dropout=0.5, **o), "implementation", (2,), 1),
        (layers.BatchNormalization, "synchronized", (False,), True),
        (lambda **o: layers.MultiHeadAttention(2, 3, **o), "flash_attention", (None, False), True),
        (layers.TextVectorization, "sparse", (False,), True),
        (layers.TextVectorization, "ragged", (False,), True),
        (optimizers.Adam, "loss_scale_factor", (None,), 2.0),
        (optimizers.AdamW, "loss_scale_factor", (None,), 2.0),
        (optimizers.SGD, "loss_scale_factor", (None,), 2.0),
    ],
)
def test_hints(make, name, true, false):
    config = make().get_config()
    assert name not in config
    assert all(make(**{name: value}).get_config() == config for value in true)
    with pytest.raises(OptionError, match=rf"\({name}=...\): expected [^$]*Likely mend"):
        make(**{name: false})


def test_decay_is_a_schedule_now():
    with pytest.raises(ArgumentError, match=r"Adam has no argument 'decay'[^$]*InverseTimeDecay\(rate, 1, decay\)"):
        optimizers.Adam(0.1, decay=1e-6)

    class Shrinking(optimizers.SGD):
        def __init__(self, decay=0.1, **options):
            super().__init__(**options)
            self.decay = decay

    assert Shrinking(decay=0.5).get_config()["decay"] == 0.5


# -- weights of a layer of one's own
class Affine(layers.Layer):
    def build(self, input_shape):
        self.gain = self.add_weight(shape=(input_shape[-1],), initializer="ones", trainable=True)
        self.offset = self.add_weight(shape=(input_shape[-1],), initializer="zeros", trainable=True)

    def forward(self, x, training=False):
        self.saved = x
        return x * self.gain.value + self.offset.value

    def backward(self, dy):
        self.gain.grad += (dy * self.saved).sum(axis=0)
        self.offset.grad += dy.sum(axis=0)
        return dy * self.gain.value


def test_weights_need_no_names():
    layer = Affine()
    np.testing.assert_array_equal(layer(X), X)
    assert [weight.path for weight in layer.weights] == ["affine/weight", "affine/weight_1"]


def test_a_shape_where_the_name_should_stand():
    class First(layers.Layer):
        def build(self, input_shape):
            self.add_weight((2, 3))

    with pytest.raises(ArgumentError, match=r"Likely mend: give the shape by name: shape=\(2, 3\)"):
        First().build((None, 2))


# -- words in any case
@pytest.mark.parametrize(
    ("make", "name", "value"),
    [
        (lambda: layers.Conv1D(2, 3, padding="CAUSAL"), "padding", "causal"),
        (lambda: layers.Conv2D(2, 3, padding="SAME", data_format="Channels_First"), "data_format", "channels_first"),
        (lambda: layers.Conv2DTranspose(2, 3, padding="SAME"), "padding", "same"),
        (lambda: layers.DepthwiseConv2D(3, padding="Same"), "padding", "same"),
        (lambda: layers.SeparableConv2D(2, 3, padding="SAME"), "padding", "same"),
        (lambda: layers.MaxPooling2D(2, padding="SAME"), "padding", "same"),
        (lambda: layers.UpSampling2D(2, interpolation="Bilinear"), "interpolation", "bilinear"),
        (lambda: layers.Flatten(data_format="CHANNELS_LAST"), "data_format", "channels_last"),
    ],
)
def test_words_that_keras_reads_in_any_case(make, name, value):
    layer = make()
    assert getattr(layer, name) == layer.get_config()[name] == value


def test_optimizers_in_any_case():
    assert type(optimizers.get("ADAM")) is optimizers.Adam
    assert type(optimizers.get("AdaMax")) is optimizers.Adamax
    assert type(optimizers.get({"class_name": "RMSPROP", "config": {"rho": 0.5}})) is optimizers.RMSprop
    with pytest.raises(OptionError, match="did you mean 'Adam'"):
        optimizers.get("ADAMM")


# -- layers of one's own, as they are written for Keras
def test_an_initializer_of_none_is_the_usual_one():
    """The tutorial on imbalanced data gives its last layer ``bias_initializer=None`` where no bias is known."""
    lamina.utils.set_random_seed(1)
    layer = layers.Dense(3, bias_initializer=None, kernel_initializer=None)
    layer(X)
    assert 0 < np.abs(layer.bias).max() <= (6 / (3 + 3)) ** 0.5  # glorot_uniform's, of (3,)
    assert layers.Dense.from_config(layer.get_config()).get_config() == layer.get_config()
    assert np.ptp(layer.kernel) > 0 and layers.LSTM(2, bias_initializer=None)(X[:, :, None]).shape == (4, 2)


class Linear(layers.Layer):
    def __init__(self, units, width):
        super().__init__()
        self.w = self.add_weight(shape=(width, units), initializer="random_normal", trainable=True)
        self.b = self.add_weight(shape=(units,), initializer="zeros", trainable=True)

    def build(self, input_shape):
        super().build(input_shape)
        self.built = True

    def forward(self, x, training=False):
        self.saved = x
        return x @ self.w + self.b

    def backward(self, dy):
        self.w.grad += self.saved.T @ dy
        self.b.grad += dy.sum(axis=0)
        return dy @ self.w.value.T


def test_weights_without_names_and_built_by_itself():
    layer = Linear(3, 6)
    model = Sequential([Input((6,)), layer, layers.Dense(1)])
    model.compile("sgd", "mse")
    before = layer.get_weights()
    model.fit(X, X[:, 0], verbose=0)
    assert [weight.path for weight in layer.weights] == ["linear/weight", "linear/weight_1"]
    assert all(np.abs(old - new).max() > 0 for old, new in zip(before, layer.get_weights(), strict=True))
    with pytest.raises(StateError, match="is built, and stays so"):
        layer.built = False
    with pytest.raises(ArgumentError, match="expected a name that is new, received 'weight'"):
        layer.add_weight("weight", (2,))


# -- what other Keras take: refused with what to write here
@pytest.mark.parametrize(
    ("make", "name", "mend"),
    [
        (lambda **o: optimizers.Adam(**o), "lr", "call it learning_rate"),
        (lambda **o: optimizers.SGD(**o), "lr", "call it learning_rate"),
        (lambda **o: layers.LSTM(3, **o), "batch_input_shape", r"Input\(batch_shape=...\)"),
        (lambda **o: layers.Dense(3, **o), "weights", "set_weights"),
        (lambda **o: layers.Dense(3, **o), "lora_rank", "leave it out"),
        (lambda **o: layers.BatchNormalization(**o), "renorm", "leave it out"),
        (lambda **o: layers.BatchNormalization(**o), "batch_input_shape", r"Input\(batch_shape=...\)"),
    ],
)
def test_arguments_of_other_keras(make, name, mend):
    with pytest.raises(ArgumentError, match=rf"has no argument '{name}'[^$]*Likely mend: [^$]*{mend}"):
        make(**{name: 1})


def test_the_functional_api_is_refused_by_its_name():
    inputs, model = Input((3,)), Sequential([Input((3,)), layers.Dense(2)])
    for build in (
        lambda: layers.Dense(2)(inputs),
        lambda: layers.Embedding(3, 2)(inputs),
        lambda: model(inputs),
        lambda: lamina.Model(inputs, inputs),
        lambda: lamina.Model(inputs=model.inputs, outputs=model.layers[0].output),
    ):
        with pytest.raises(ArgumentError, match=r"there is no functional API: put the layers into a Sequential"):
            build()


# -- what comes back
def test_names_come_in_the_order_of_keras(tmp_path):
    """Those of logs, histories and dicts are sorted, as in a plot of the history; lists are in the order of compile."""
    model, y = Sequential([Input((6,)), layers.Dense(1)]), X[:, 0]
    model.compile("sgd", "mse", metrics=["mse", "mae"])
    log, seen = lamina.callbacks.CSVLogger(tmp_path / "log.csv"), []
    hear = lamina.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(list(logs)))
    slower = lamina.callbacks.LearningRateScheduler(lambda epoch: 0.1)
    history = model.fit(X, y, validation_data=(X, y), verbose=0, callbacks=[hear, slower, log])
    names = ["loss", "mae", "mse"]
    assert list(history.history) == [*names, "val_loss", "val_mae", "val_mse", "learning_rate"] and seen == [names]
    assert (tmp_path / "log.csv").read_text().split("\n")[0] == (
        "epoch,learning_rate,loss,mae,mse,val_loss,val_mae,val_mse"
    )
    found = model.evaluate(X, y, verbose=0, return_dict=True)
    assert list(found) == list(model.test_on_batch(X, y, return_dict=True)) == names
    assert model.metrics_names == ["loss", "mse", "mae"] == list(model.get_metrics_result())
    assert model.evaluate(X, y, verbose=0) == [found["loss"], found["mse"], found["mae"]]
    assert list(model.train_on_batch(X, y, return_dict=True)) == names


@pytest.mark.parametrize("call", ["evaluate", "train_on_batch", "test_on_batch"])
def test_a_word_does_not_ask_for_a_dict(call):
    model = Sequential([Input((6,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    before = model.get_weights()
    with pytest.raises(OptionError, match=rf"{call}\(return_dict=...\): expected True or False, received 'no'"):
        getattr(model, call)(X, X[:, 0], return_dict="no")
    np.testing.assert_array_equal(before[0], model.get_weights()[0])


# -- other calls
def test_the_size_of_the_batch_in_a_shape():
    inner = Sequential([Input(batch_shape=(2, 6)), layers.Dense(3)])
    outer = Sequential([inner, layers.Dense(1)])
    assert (inner.input_shape, inner.output_shape) == ((2, 6), (2, 3))
    assert (outer.input_shape, outer.output_shape, outer.outputs[0].shape) == ((2, 6), (2, 1), (2, 1))
    outer.compile("sgd", "mse")
    outer.fit(X, X[:, 0], batch_size=2, verbose=0)
    assert lamina.models.clone_model(outer).input_shape == (2, 6)
    assert Sequential([Input((6,)), layers.Dense(1)]).input_shape == (None, 6)


def test_columns_of_a_summary():
    def widths(*arguments, **named):
        text: list[str] = []
        model.summary(*arguments, print_fn=text.append, **named)
        return [len(cell) + 1 for cell in text[0].split("\n")[1][:-1].split("┬")]

    model = Sequential([Input((6,)), layers.Dense(3)])
    assert widths(100, [0.5, 0.75, 1.0]) == [50, 25, 25]
    assert widths(positions=[0.5, 0.75, 1.0, 1.0]) == [40, 20, 20] == widths(None, [40, 60, 80])
    assert widths(positions=[0.1, 0.5, 1.0])[0] == widths()[0]  # what a column holds is not cut
    assert widths(None, [30]) == [30, *widths()[1:]]


def test_a_file_is_a_zip(tmp_path):
    model = Sequential([Input((6,)), layers.Dense(1)])
    model.save(tmp_path / "model.lamina", zipped=True)
    lamina.models.save_model(model, tmp_path / "other.lamina", True, None)
    assert (tmp_path / "model.lamina").read_bytes()[:2] == (tmp_path / "other.lamina").read_bytes()[:2] == b"PK"
    with pytest.raises(OptionError, match=r"save\(zipped=...\): expected one of None, True, received False"):
        model.save(tmp_path / "model.lamina", zipped=False)


@pytest.mark.parametrize(
    ("name", "said"), [("m.lamina", "lamina"), ("m.keras", "keras"), ("m.h5", "h5"), ("m.hdf5", "h5")]
)
def test_a_save_format_is_what_the_ending_says(name, said, tmp_path):
    model = Sequential([Input((6,)), layers.Dense(1)])
    model.save(tmp_path / name, save_format=said)
    lamina.models.save_model(model, tmp_path / name, save_format=said)
    for other in {"lamina", "keras", "h5", "tf"} - {said}:
        with pytest.raises(
            OptionError, match=rf"save_format=...\): expected one of None, '{said}', received '{other}'"
        ):
            model.save(tmp_path / name, save_format=other)


def test_other_arguments_of_files_are_refused_by_name(tmp_path):
    model = Sequential([Input((6,)), layers.Dense(1)])
    with pytest.raises(ArgumentError, match="save has no argument 'include_optimizer'"):
        model.save(tmp_path / "m.lamina", include_optimizer=False)
    with pytest.raises(ArgumentError, match=r"load_weights has no argument 'by_name'[^$]*skip_mismatch"):
        model.load_weights(tmp_path / "w.weights.lamina", by_name=True)


def test_mixed_precision_is_refused_with_a_mend():
    with pytest.raises(OptionError, match=r"unknown float type: [^$]*received 'mixed_float16'[^$]*take float32"):
        layers.Dense(2, dtype="mixed_float16")


def test_a_length_that_no_input_says_has_a_mend():
    with pytest.raises(ShapeError, match=r"weight 'kernel': [^$]*give the Input a number in the place of the None"):
        Sequential([Input((None, 4)), layers.Flatten(), layers.Dense(2)])


def test_layers_without_a_list():
    with pytest.raises(ArgumentError, match=r"^Sequential: expected a list of layers[^$]*put \[ \] around them"):
        Sequential(layers.Dense(2), layers.Dense(1))


@pytest.mark.parametrize("config", [[1], None, {1: 2}, {"name": "model", "layers": None}])
def test_what_is_no_config(config):
    with pytest.raises(ConfigError, match=r"Sequential.from_config: expected .*, received "):
        Sequential.from_config(config)
    for cls in (layers.Dense, optimizers.Adam, activations.ReLU) if config != {"name": "model", "layers": None} else ():
        with pytest.raises(ConfigError, match=rf"{cls.__name__}.from_config: expected a dict of arguments, received "):
            cls.from_config(config)


def test_what_is_no_shape():
    with pytest.raises(ArgumentError, match=r"Reshape\(target_shape=...\): expected a shape, received None"):
        layers.Reshape(None)
    for make in (layers.Reshape, Input, lambda size: layers.Dense(1, input_shape=size)):
        with pytest.raises(ShapeError, match="expected whole numbers of 1 or more, or None, received"):
            make(2.5)


def test_hooks_by_their_other_names():
    heard: list = []
    model = Sequential([Input((6,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    for hook in ("batch_begin", "batch_end", "test_begin", "test_batch_end", "predict_batch_begin", "predict_end"):

        def hear(*arguments, name=f"on_{hook}"):
            heard.append(name)

        hears = lamina.callbacks.LambdaCallback(**{f"on_{hook}": hear})
        model.fit(X, X[:, 0], verbose=0, callbacks=hears, validation_split=0.5)
        model.predict(X, verbose=0, callbacks=hears)
        assert set(heard) == {f"on_{hook}"}
        heard.clear()


def test_what_is_no_data_and_no_callback():
    model = Sequential([Input((6,)), layers.Dense(1)])
    model.compile("sgd", "mse")

    def batches():
        yield X, X[:, 0]

    with pytest.raises(DataError, match=r"x is no array[^$]*Likely mend: call it"):
        model.fit(batches)
    for call in (lambda x: model.fit(x, X[:, 0]), model.predict):
        with pytest.raises(ArgumentError, match=r"x is a dict: expected an array: the model has one input"):
            call({"input_layer": X})
    with pytest.raises(ArgumentError, match=r"make an instance: EarlyStopping\(\)"):
        model.fit(X, X[:, 0], callbacks=lamina.callbacks.EarlyStopping)
    with pytest.raises(ArgumentError, match=r"no argument 'epochs'[^$]*params="):
        lamina.callbacks.CallbackList([], model=model, epochs=3)


def test_what_is_no_keras_ops():
    found: dict = {}
    with pytest.raises(AttributeError, match=r"no attribute 'mean': it is no keras.ops: [^$]*NumPy's functions"):
        exec("from lamina import ops\nops.mean([1.0])", found)
    assert not hasattr(found["ops"], "mean") and lamina.ops.columns


def test_a_mask_is_asked_of_a_layer():
    """As the guide on masking does, with x alone."""
    ids = np.array([[7, 2, 0], [5, 0, 0]])
    assert layers.Embedding(9, 2, mask_zero=True).compute_mask(ids).tolist() == (ids != 0).tolist()
    assert layers.Masking().compute_mask(np.float32(ids)[:, :, None]).tolist() == (ids != 0).tolist()
    assert layers.Dense(2).compute_mask(X) is None and layers.LSTM(2).compute_mask(X[:, :, None]) is None


def test_an_optimizer_as_it_is_written_for_keras():
    with pytest.raises(ArgumentError, match=r"Mine.update_step: expected self, g, w, rate, room, received self"):

        class Mine(optimizers.Optimizer):
            def update_step(self, gradient, variable, learning_rate):
                variable.assign_sub(learning_rate * gradient)


@pytest.mark.parametrize("third", [["acc"], ["acc", "mae"], "acc"])
def test_metrics_in_the_place_of_older_keras(third):
    with pytest.raises(OptionError, match=r"compile\(loss_weights=...\)[^$]*Likely mend: give metrics by name"):
        Sequential([layers.Dense(1)]).compile("rmsprop", "binary_crossentropy", third)
