"""What is refused at the entrance of a model, and what the message says."""

import re

import numpy as np
import pytest

from lamina import Input, Sequential, activations, layers, losses
from lamina.errors import ArgumentError, DataError, OptionError, ShapeError, StateError

X = np.random.default_rng(0).normal(size=(6, 4)).astype("float32")
Y = np.array([0, 1, 2, 0, 1, 2])


def model(loss="sparse_categorical_crossentropy", units=3, metrics=None):
    made = Sequential([Input((4,)), layers.Dense(units, activation="softmax")])
    made.compile("sgd", loss, metrics=metrics)
    return made


def refused(kind, call, *patterns):
    with pytest.raises(kind) as error:
        call()
    for pattern in patterns:
        assert re.search(pattern, str(error.value)), f"{pattern!r} not in:\n{error.value}"


CALLS = {
    "wrong feature count": (
        ShapeError,
        lambda: model().fit(X[:, :3], Y, verbose=0),
        [r"expected \(batch, 4\), received \(6, 3\)", r"Shapes so far: \(batch, 3\) -> ", "Likely mend"],
    ),
    "wrong rank": (
        ShapeError,
        lambda: model().predict(X[0], verbose=0),
        [r"expected \(batch, 4\), received", r"x\[None\]"],
    ),
    "a function in place of its generator": (
        DataError,
        lambda: model().fit(lambda: iter([(X, Y)]), steps_per_epoch=1),
        ["x is no array: expected an array of samples, received .* function", "call it"],
    ),
    "batches of dicts": (
        DataError,
        lambda: model().fit(iter([{"pixels": X, "y": Y}]), steps_per_epoch=1),
        [r"x is no array.* type dict\.\nLikely mend: pass the array itself: x\['pixels'\]"],
    ),
    "y of another length": (
        ShapeError,
        lambda: model().fit(X, Y[:5], verbose=0),
        [r"x and y differ in length: expected 6 rows in y", "received 5", "pass the y that belongs"],
    ),
    "weights of another length": (
        ShapeError,
        lambda: model().fit(X, Y, sample_weight=np.ones(5)),
        ["x and sample_weight differ"],
    ),
    "shapes that would broadcast": (
        ShapeError,
        lambda: model("mse").fit(X, Y[:, None], verbose=0),
        [r"mean_squared_error", r"\(6, 3\)|\(batch, 3\)", r"\(batch, 1\)"],
    ),
    "labels outside the classes": (
        DataError,
        lambda: model().fit(X, [0, 1, 7, 0, 1, 2], verbose=0),
        [r"y\[2\]|row 2", r"\b7\b", r"0 to 2|0\.\.2|0 <="],
    ),
    "labels that are no whole numbers": (DataError, lambda: model().fit(X, Y + 0.5, verbose=0), [r"0\.5"]),
    "one-hot for the sparse loss": (
        ShapeError,
        lambda: model().fit(X, np.eye(3)[Y], verbose=0),
        ["categorical_crossentropy"],
    ),
    "whole labels for the categorical loss": (
        ShapeError,
        lambda: model("categorical_crossentropy").fit(X, Y, verbose=0),
        ["sparse_categorical_crossentropy|to_categorical"],
    ),
    "NaN in x": (
        DataError,
        lambda: model().fit(np.where(np.arange(24).reshape(6, 4) == 9, np.nan, X), Y, verbose=0),
        [r"x\[2, 1\] is not finite: expected finite numbers of float32, received nan", "Likely mend"],
    ),
    "infinity in y": (
        DataError,
        lambda: model("mse", 1).fit(X, [0, 1, 2, np.inf, 0, 0], verbose=0),
        [r"y\[3\] is not finite", "received inf"],
    ),
    "too large for float32": (DataError, lambda: model().predict(X.astype("float64") * 1e300), ["is too large"]),
    "NaN in validation data": (
        DataError,
        lambda: model().fit(X, Y, validation_data=(X * np.nan, Y), verbose=0),
        [r"validation x\[0, 0\] is not finite"],
    ),
    "NaN from a generator": (
        DataError,
        lambda: model().fit(iter([(X * np.nan, Y)]), verbose=0),
        [r"x\[0, 0\] is not finite"],
    ),
    "labels from a generator": (DataError, lambda: model().fit(iter([(X, Y + 1)]), verbose=0), [r"\b3\b"]),
    "empty data": (
        DataError,
        lambda: model().fit(X[:0], Y[:0], verbose=0),
        ["x is empty: expected at least one sample"],
    ),
    "empty generator": (DataError, lambda: model().fit(iter([]), verbose=0), ["no batch to train on"]),
    "strings": (
        DataError,
        lambda: model().fit(np.array([["a", "b", "c", "d"]] * 6), Y, verbose=0),
        ["x holds no numbers", "array of <U1", "turn words"],
    ),
    "strings as labels": (
        DataError,
        lambda: model().fit(X, np.array(["a", "b", "c"] * 2), verbose=0),
        ["y holds no numbers", r"number the classes: classes, y = numpy.unique\(y, return_inverse=True\)"],
    ),
    "strings as labels, in a column of objects": (
        DataError,
        lambda: model().fit(X, np.array(["a", "b", "c"] * 2, dtype=object), validation_data=(X, Y), verbose=0),
        [r"y\[0\] is no number", "received 'a'", "number the classes"],
    ),
    "a gap in a column of objects": (
        DataError,
        lambda: model().fit(np.array([[1, 2, 3, 4]] * 5 + [[1, None, 3, 4]], dtype=object), Y, verbose=0),
        [r"x\[5, 1\] is no number", "received None", "drop or fill what is missing"],
    ),
    "a string among numbers": (
        DataError,
        lambda: model().fit(np.array([[1, 2, 3, 4]] * 5 + [[1, "x", 3, 4]], dtype=object), Y, verbose=0),
        [r"x\[5, 1\] is no number", "received 'x'"],
    ),
    "rows of different lengths": (
        DataError,
        lambda: model().fit([[1, 2], [3]], [0, 1], verbose=0),
        ["can't be read as one array", "pad_sequences"],
    ),
    "no y": (DataError, lambda: model().fit(X, verbose=0), ["y is missing"]),
    "no x": (ArgumentError, lambda: model().fit(), ["x is missing"]),
    "y beside a generator": (ArgumentError, lambda: model().fit(iter([(X, Y)]), Y), ["y can't be given beside a"]),
    "fit before compile": (
        StateError,
        lambda: Sequential([Input((4,)), layers.Dense(3)]).fit(X, Y),
        [r"layer 'sequential' \(Sequential\): fit before compile", r"call model.compile\("],
    ),
    "fit without a loss": (StateError, lambda: model(None).fit(X, Y), ["without a loss"]),
    "unknown loss": (OptionError, lambda: model("msee"), ["unknown loss 'msee'", "did you mean 'mse'"]),
    "unknown metric": (
        OptionError,
        lambda: model(metrics=["acuracy"]),
        ["unknown metric 'acuracy'", "did you mean 'accuracy'"],
    ),
    "unknown optimizer": (
        OptionError,
        lambda: Sequential([layers.Dense(3)]).compile("adma", "mse"),
        ["unknown optimizer 'adma'", "'(A|a)dam'"],
    ),
    "an unknown optimizer's config": (
        OptionError,
        lambda: Sequential([layers.Dense(3)]).compile({"class_name": "Adma"}, "mse"),
        ["unknown optimizer 'Adma'"],
    ),
    "a loss in the optimizer's place": (
        OptionError,
        lambda: Sequential([layers.Dense(3)]).compile("mean_squared_error", "adam"),
        ["expected an optimizer, received 'mean_squared_error'", "compile.'adam', 'mean_squared_error'."],
    ),
    "a loss that is not reduced": (
        OptionError,
        lambda: model({"class_name": "MeanSquaredError", "config": {"reduction": "none"}}),
        ["a loss that gives one number"],
    ),
    "a loss weight of an unknown output": (
        OptionError,
        lambda: Sequential([layers.Dense(3, name="out")]).compile("sgd", "mse", loss_weights={"uot": 2.0}),
        ["loss_weights.* names no output 'uot'", "did you mean 'out'"],
    ),
    "no loss weight": (
        OptionError,
        lambda: Sequential([layers.Dense(3, name="out")]).compile("sgd", "mse", loss_weights={}),
        [r"loss_weights.*: expected \{'out': ...\}, received \{\}"],
    ),
    "unknown output": (OptionError, lambda: model({"dens": "mse"}), ["names no output 'dens'", "did you mean 'dense'"]),
    "unknown argument of fit": (TypeError, lambda: model().fit(X, Y, epoch=3), ["epoch"]),
    "a validation split out of range": (
        OptionError,
        lambda: model().fit(X, Y, validation_split=1.5),
        ["a number between 0 and 1"],
    ),
    "a validation split of a generator": (
        OptionError,
        lambda: model().fit(iter([(X, Y)]), validation_split=0.5),
        ["pass validation_data"],
    ),
    "validation data of one part": (
        OptionError,
        lambda: model().fit(X, Y, validation_data=(X,)),
        [r"\(x, y\) or \(x, y, sample_weight\)"],
    ),
    "a batch size of zero": (OptionError, lambda: model().fit(X, Y, batch_size=-1), [r"fit\(batch_size=...\)"]),
    "a callback class": (
        ArgumentError,
        lambda: model().fit(X, Y, callbacks=[int]),
        ["instances of Callback", "make an instance"],
    ),
    "a batch of four parts": (DataError, lambda: model().fit(iter([(X, Y, Y, Y)]), verbose=0), ["x, \\(x, y\\)"]),
}


@pytest.mark.parametrize("name", CALLS)
def test_refused(name):
    kind, call, patterns = CALLS[name]
    refused(kind, call, *patterns)


def test_nothing_is_trained_before_the_refusal():
    made = model()
    before = made.get_weights()
    with pytest.raises(DataError):
        made.fit(X, [0, 1, 2, 0, 1, 9], batch_size=2, verbose=0)
    for old, new in zip(before, made.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_class_weight_for_no_class_warns():
    with pytest.warns(UserWarning, match=r"class_weight names classes that do not occur in y: \[5\]"):
        model().fit(X, Y, class_weight={0: 1.0, 5: 100.0}, verbose=0)


def test_class_weight_that_is_no_dict():
    refused(DataError, lambda: model().fit(X, Y, class_weight=[1, 2], verbose=0), r"a dict, \{class: weight\}")
    weights = np.ones(3)
    refused(DataError, lambda: model().fit(X, Y, class_weight=weights), r"mend: dict\(enumerate\(class_weight\)\)")


def test_the_end_of_a_generator_warns():
    with pytest.warns(UserWarning, match="ran out of data"):
        model().fit(iter([(X, Y)]), steps_per_epoch=3, verbose=0)


class TestKerasMethods:
    """What Keras would call and nothing here does is refused where it is written, not passed over."""

    def test_call_of_a_layer(self):
        with pytest.raises(ArgumentError, match=r"MCDropout writes call, which is not called here.\n.*writes forward"):

            class MCDropout(layers.Dropout):
                def call(self, inputs, training=None):
                    return super().forward(inputs, training=True)

    def test_the_first_states_of_a_cell(self):
        with pytest.raises(ArgumentError, match=r"Warm writes get_initial_state, .*\n.*layer\(x, initial_state=...\)"):

            class Warm(layers.GRUCell):
                def get_initial_state(self, batch_size=None):
                    return [np.ones((batch_size, self.units))]

    def test_call_of_a_loss(self):
        with pytest.raises(ArgumentError, match=r"Larger writes call, .*\n.*values\(y_true, y_pred\)"):

            class Larger(losses.MeanSquaredError):
                def call(self, y_true, y_pred):
                    return 100 * super().values(y_true, y_pred)

    @pytest.mark.parametrize("name", ["train_step", "test_step", "compute_loss", "call"])
    def test_a_step_of_ones_own(self, name):
        with pytest.raises(ArgumentError, match=f"Own writes {name}, which is not called here"):
            type("Own", (Sequential,), {name: lambda self, data: None, "__module__": __name__})

    def test_both_may_stand_beside_each_other(self):
        class Doubled(layers.Dense):
            def call(self, x):
                return 2 * super().forward(x)

            def forward(self, x, training=False):
                return 2 * super().forward(x, training)

        assert Doubled(1, kernel_initializer="ones")([[1.0, 2.0]]).tolist() == [[6.0]]


MENDS = {
    "return_sequences left out": (
        lambda: Sequential([Input((12, 3)), layers.LSTM(4, name="first"), layers.LSTM(4)]),
        "give layer 'first' return_sequences=True",
    ),
    "the same in a wrapper": (
        lambda: Sequential([Input((12, 3)), layers.Bidirectional(layers.GRU(4), name="both"), layers.GRU(4)]),
        "give layer 'both' return_sequences=True",
    ),
    "a convolution after a Flatten": (
        lambda: Sequential([Input((8, 8, 1)), layers.Flatten(), layers.Conv2D(4, 3)]),
        "take layer 'flatten' out, or put it after",
    ),
    "a convolution after a Dense": (
        lambda: Sequential([Input((8,)), layers.Dense(4), layers.Conv1D(4, 3)]),
        "put a Reshape layer before it",
    ),
    "no axis of channels": (
        lambda: Sequential([Input((28, 28)), layers.Conv2D(4, 3)]),
        r"shape=\(28, 28, 1\), and x too",
    ),
    "channels first, in the Input": (
        lambda: Sequential([Input((3, 32, 32)), layers.Conv2D(4, 5)]),
        r"channels last: shape=\(32, 32, 3\) for the Input",
    ),
    "channels first, in the data": (
        lambda: Sequential([Input((8, 8, 1)), layers.Flatten()]).predict(np.zeros((2, 1, 8, 8)), verbose=0),
        r"np\.moveaxis\(x, 1, -1\)",
    ),
    "the count of samples in the shape of the Input": (
        lambda: Sequential([Input((60, 28, 3)), layers.LSTM(4)]),
        r"give the Input shape=\(28, 3\), without the count of samples, if 60 is that",
    ),
    "the same before a convolution": (
        lambda: Sequential([Input((60, 28, 28, 1)), layers.Conv2D(4, 3)]),
        r"give the Input shape=\(28, 28, 1\), without the count of samples",
    ),
    "a batch of another size than the Input's": (
        lambda: Sequential([Input(batch_shape=(4, 4)), layers.Dense(1)]).predict(X, batch_size=4, verbose=0),
        r"expected \(4, 4\), received \(2, 4\)[^$]*let batch_size be 4, and divide the count of samples",
    ),
    "a last batch of another size for a stateful layer": (
        lambda: Sequential([layers.LSTM(2, stateful=True)]).predict(X[:, :, None], batch_size=4, verbose=0),
        "let batch_size divide the count of samples",
    ),
    "one picture without its batch": (
        lambda: Sequential([Input((8, 8, 1)), layers.Flatten()]).predict(np.zeros((8, 8, 1)), verbose=0),
        r"received \(8, 8, 1\)[^$]*x\[None\]",
    ),
    "the batch in the shape of the Input": (
        lambda: Sequential([Input((None, 4)), layers.Dense(1)]).predict(X, verbose=0),
        r"declare the Input with shape=\(4,\)",
    ),
    "another count of features than declared": (
        lambda: Sequential([Input((5,)), layers.Dense(1)]).predict(X, verbose=0),
        r"declare the Input with shape=\(4,\)",
    ),
    "a layer called on an Input": (lambda: layers.Dense(3)(Input((4,))), "put the layers into a Sequential"),
    "validation data of another shape": (
        lambda: model().fit(X, Y, validation_data=(X[:, :3], Y), verbose=0),
        r"^validation x: layer 'input_layer'",
    ),
}


@pytest.mark.parametrize("name", MENDS)
def test_the_mend_is_the_one_that_helps(name):
    call, pattern = MENDS[name]
    with pytest.raises((ShapeError, ArgumentError), match=pattern):
        call()


def test_a_picture_of_one_channel_may_leave_it_out():
    assert Sequential([Input((8, 8, 1)), layers.Flatten()]).predict(np.zeros((2, 8, 8)), verbose=0).shape == (2, 64)


@pytest.mark.parametrize(
    ("call", "argument", "meant"),
    [
        ("compile", "optimiser", "optimizer"),
        ("compile", "metric", "metrics"),
        ("fit", "nb_epoch", "epochs"),
        ("fit", "val_split", "validation_split"),
        ("evaluate", "batchsize", "batch_size"),
        ("predict", "verbos", "verbose"),
    ],
)
def test_an_argument_that_a_model_does_not_have(call, argument, meant):
    with pytest.raises(
        ArgumentError, match=f"^{call} has no argument '{argument}'.\nLikely mend: did you mean '{meant}'"
    ):
        getattr(model(), call)(**{"x": X} if call != "compile" else {}, **{argument: 1})


@pytest.mark.parametrize("axis", [(1, 1), (2, -1)])
@pytest.mark.parametrize(
    "kind",
    [
        layers.LayerNormalization,
        layers.RMSNormalization,
        layers.UnitNormalization,
        layers.Normalization,
        layers.Softmax,
        lambda axis: layers.Activation(activations.LogSoftmax(axis)),
    ],
)
def test_an_axis_that_is_named_twice(kind, axis):
    refused(ShapeError, lambda: kind(axis=axis)(np.ones((2, 3, 4))), r"expected axes that differ, .*received axis=")


@pytest.mark.parametrize("layer", [layers.Dense(2, name="d"), Sequential([layers.Dense(2, name="d")])], ids=repr)
def test_rows_that_differ_for_a_layer(layer):
    refused(DataError, lambda: layer([[1, 2], [3]]), r"^(layer 'd' \(Dense\)|x).*: expected rows of equal shape")


@pytest.mark.parametrize("sizes", [2.5, "ab", [[1]], {}], ids=repr)
def test_an_output_shape_that_is_none(sizes):
    for make in (
        lambda: layers.EinsumDense("ab,bc->ac", sizes),
        lambda: layers.MultiHeadAttention(1, 2, output_shape=sizes),
    ):
        refused(OptionError, make, r"output_shape=\.\.\.\): expected")


NO_NUMBERS = [None, "a", [], [[1.0], [1.0, 2.0]], np.nan, {}]


@pytest.mark.parametrize("value", NO_NUMBERS, ids=repr)
@pytest.mark.parametrize("make", [layers.Masking, layers.Rescaling, lambda value: layers.Rescaling(1.0, value)])
def test_what_is_no_number(make, value):
    refused(OptionError, lambda: make(value), r"(mask_value|scale|offset)=\.\.\.\): expected a number, or a list of")


@pytest.mark.parametrize(
    "make",
    [
        lambda: layers.Masking([0.0, 0.0]),
        lambda: layers.Rescaling([1.0, 2.0]),
        lambda: layers.Rescaling(1.0, np.ones((5, 1, 1, 1))),
        lambda: layers.Normalization(mean=[1.0, 2.0], variance=[1.0, 1.0]),
    ],
)
def test_numbers_that_do_not_go_with_x(make):
    pattern = r"layer '\w+' \(\w+\): .*: expected a number, or what can be broadcast to .*, received an array of shape"
    refused(ShapeError, lambda: make()(np.ones((2, 3, 4))), pattern)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: layers.Conv2D(32), "Conv2D: missing a required argument: 'kernel_size'"),
        (lambda: layers.LSTM(activation="tanh"), "LSTM: missing a required argument: 'units'"),
        (lambda: layers.Dense(3, units=3), "Dense: multiple values for argument 'units'"),
        (lambda: layers.Flatten(None, 1), "Flatten: too many positional arguments"),
        (
            lambda: layers.LayerNormalization(rms_scaling=True),
            "(?s)no argument 'rms_scaling'.*RMSNormalization does it",
        ),
    ],
)
def test_arguments_that_do_not_go_together_name_the_layer(make, said):
    with pytest.raises(ArgumentError, match=f"^{said}" if said[0] != "(" else said):
        make()


def test_a_class_of_ones_own_may_give_what_its_parent_asks_for():
    class Three(layers.Dense):
        def __init__(self, *given, **options):
            super().__init__(3, *given, **options)

    assert Three("relu", name="three").units == 3
